"""Figures of LEAN's result that a search goes by, found as LEAN's optimiser finds them: by a path, in any case of letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hidden_regime.experiments.constraint import UNMET, Constraint
from hidden_regime.experiments.objective import Objective, number_in, path_of
from hidden_regime.experiments.trials.running import further_figures


def text_at(content: Mapping[str, Any], one: Objective | Constraint) -> str | None:
    """What a result has where an objective or a constraint points; None where it has nothing."""
    path = path_of(one.target, literal=one.literal)
    return further_figures(content, (path,)).get(path)


def value_at(content: Mapping[str, Any], one: Objective | Constraint) -> float | None:
    """The same as a number, percents as fractions; None where it is none.

    Examples
    --------
    >>> value_at({"statistics": {"Drawdown": "19.300%"}}, Objective("Drawdown", "min"))
    0.193
    >>> value_at({"statistics": {"Drawdown": "19.300%"}}, Objective("Drawdown", "min", literal=True))  # as LEAN looks for it
    """
    text = text_at(content, one)
    return None if text is None else number_in(text)


def violations_of(content: Mapping[str, Any], constraints: Sequence[Constraint]) -> tuple[float, ...]:
    """How far a result is beyond each constraint; above 0 where it isn't met."""
    return tuple(_violation(value_at(content, one), one) for one in constraints)


def _violation(value: float | None, one: Constraint) -> float:
    path = path_of(one.target, literal=one.literal)
    return UNMET if value is None else replace(one, target=path, literal=True).violation({path: value})
