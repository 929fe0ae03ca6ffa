"""What is to be solved: a space, what to look for in it, and what to keep to."""

from __future__ import annotations

from dataclasses import dataclass

from hidden_regime.experiments.constraint import Constraint
from hidden_regime.experiments.objective import Objective
from hidden_regime.experiments.space.space import Space


@dataclass(frozen=True)
class Problem:
    """What a file says of a search.

    Parameters
    ----------
    space : Space
    objectives : tuple of Objective
        Empty where the file names none; several are looked for together.
    constraints : tuple of Constraint
    method : str, optional
        "grid" or "euler", where a config of LEAN's optimiser names one of these.
    segments : int, optional
        LEAN's default-segment-amount.
    notes : tuple of str
        What a user should know: targets that LEAN never finds, values that it doesn't read.
    """

    space: Space
    objectives: tuple[Objective, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    method: str | None = None
    segments: int | None = None
    notes: tuple[str, ...] = ()
