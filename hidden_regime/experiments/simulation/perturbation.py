"""What became of a set of parameters when they were moved a little."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hidden_regime.experiments.objective import Objective
from hidden_regime.experiments.simulation.moves import Neighbours
from hidden_regime.experiments.trials.outcome import COMPLETE

PREFIX = "param_"


@dataclass(frozen=True)
class Moved:
    """One parameter, in all sets in which it was moved, alone or with others.

    Attributes
    ----------
    name, value : str
        The parameter and the winner's value of it.
    how : str
        "a step" of the declared space, or "10%".
    down, up : str or None
        What it was moved to; None where the declared space ends.
    down_value, up_value : float or None
        The objective when it alone was moved; None where that set has none.
    n, kept : int
        Sets in which it was moved, and those of them that keep at least half of the winner's objective.
    without : int
        Sets among them without a value: failed or idle.
    worst, median : float or None
        Of the objective in those sets that have one.
    """

    name: str
    value: str
    how: str
    down: str | None
    up: str | None
    down_value: float | None
    up_value: float | None
    n: int
    kept: int
    without: int
    worst: float | None
    median: float | None


@dataclass(frozen=True)
class Perturbation:
    """A winner and the sets around it.

    Attributes
    ----------
    target, direction : str
        Of the objective.
    winner : dict of str to str
        Its parameters that were moved.
    value : float or None
        Its objective.
    n, kept, without : int
        Sets around it; those that keep at least half of its objective, and those that have none, being failed or idle.
    share : float or None
        kept / n; None where the winner's objective isn't above 0: half of it says nothing.
    worst, median : float or None
        Of the objective, over the sets that have one.
    parameters : tuple of Moved
    sets : tuple of dict of str to str
        What was moved in each.
    """

    target: str
    direction: str
    winner: dict[str, str]
    value: float | None
    n: int
    kept: int
    without: int
    share: float | None
    worst: float | None
    median: float | None
    parameters: tuple[Moved, ...]
    sets: tuple[dict[str, str], ...]

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Perturbation:
        """What JSON holds of it."""
        parts = {"parameters": tuple(Moved(**one) for one in told["parameters"]), "sets": tuple(map(dict, told["sets"]))}
        return cls(**{**told, **parts})


def keeps(objective: Objective, winner: float | None, value: float | None) -> bool:
    """Whether a value is at least half as good as the winner's: half of what is maximised, twice of what is minimised."""
    if winner is None or value is None or winner <= 0.0:
        return False
    return value >= 0.5 * winner if objective.direction == "max" else value <= 2.0 * winner


def perturbation_of(objective: Objective, winner: float | None, neighbours: Sequence[Neighbours],
                    sets: Sequence[Mapping[str, str]], values: Sequence[float | None]) -> Perturbation:  # fmt: skip
    """The summary of sets, each of what was moved in it, and of their objectives."""
    good = [keeps(objective, winner, value) for value in values]
    moved = []
    for one in neighbours:
        own = [i for i, some in enumerate(sets) if one.name in some]
        alone = {sets[i][one.name]: values[i] for i in own if len(sets[i]) == 1}
        found = [values[i] for i in own]
        worst, median = _worst_and_median(objective, found)
        moved.append(Moved(
            one.name, one.value, one.how, one.down, one.up, alone.get(one.down or ""), alone.get(one.up or ""), len(own),
            sum(good[i] for i in own), sum(value is None for value in found), worst, median))  # fmt: skip
    worst, median = _worst_and_median(objective, values)
    share = sum(good) / len(sets) if sets and winner is not None and winner > 0.0 else None
    return Perturbation(
        objective.target, objective.direction, {one.name: one.value for one in neighbours}, winner, len(sets), sum(good),
        sum(value is None for value in values), share, worst, median, tuple(moved), tuple(map(dict, sets)))  # fmt: skip


def _worst_and_median(objective: Objective, values: Sequence[float | None]) -> tuple[float | None, float | None]:
    have = [value for value in values if value is not None]
    if not have:
        return None, None
    return (min(have) if objective.direction == "max" else max(have)), float(np.median(have))


def from_table(found: Perturbation, table: Any) -> Perturbation:
    """The same from the table of paths, which has to say what the summary says."""
    objective = Objective(found.target, found.direction, literal=True)
    neighbours = [Neighbours(one.name, one.value, one.down, one.up, one.how) for one in found.parameters]
    objectives = [float(value) for value in table["objective"]]
    values = [value if np.isfinite(value) and status == COMPLETE else None
              for value, status in zip(objectives, table["status"], strict=True)]  # fmt: skip
    return perturbation_of(objective, found.value, neighbours, found.sets, values)


def columns_of(found: Perturbation) -> dict[str, list[str]]:
    """All values of the moved parameters, a column each: texts, of which a table as CSV would lose zeros at the end."""
    return {PREFIX + name: [some.get(name, own) for some in found.sets] for name, own in found.winner.items()}
