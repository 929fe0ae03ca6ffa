"""A trial as a study tells of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hidden_regime.experiments.constraint import Constraint
from hidden_regime.experiments.objective import STATISTICS, Objective, fractions, path_of
from hidden_regime.experiments.search.base import Told
from hidden_regime.experiments.trials.outcome import COMPLETE, Outcome


@dataclass(frozen=True)
class Trial:
    """One set of parameters and what it came to.

    Attributes
    ----------
    number : int
        From 0, in the order in which the sets were proposed.
    parameters : dict of str to str
    status : str
        "complete", "no orders" (no figure says anything then) or "failed".
    values : tuple of float or None
        Of the objectives; None unless it is complete and has them all.
    violations : tuple of float
        Of the constraints, in the statistic's units: above 0 where one isn't met.
    statistics : dict of str to str
        LEAN's, as LEAN writes them.
    error : str
    """

    number: int
    parameters: dict[str, str]
    status: str
    values: tuple[float, ...] | None
    violations: tuple[float, ...]
    statistics: dict[str, str]
    error: str = ""

    @property
    def told(self) -> Told:
        """What a search is told of it."""
        return Told(self.parameters, self.values, self.violations)

    @property
    def is_feasible(self) -> bool:
        """Whether it may be the best: it has its values and meets every constraint."""
        return self.told.counts

    def to_dict(self) -> dict[str, Any]:
        """As what JSON can hold; of a constraint whose statistic isn't there the violation is null."""
        return {
            "number": self.number, "parameters": self.parameters, "status": self.status,
            "values": None if self.values is None else list(self.values),
            "violations": [None if math.isinf(v) else v for v in self.violations], "feasible": self.is_feasible,
            "statistics": self.statistics, "error": self.error,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Trial:
        """What `to_dict` told."""
        values = None if told["values"] is None else tuple(map(float, told["values"]))
        violations = tuple(math.inf if v is None else float(v) for v in told["violations"])
        parameters, statistics = dict(told["parameters"]), dict(told["statistics"])
        return cls(int(told["number"]), parameters, str(told["status"]), values, violations, statistics, str(told["error"]))


def trial_of(number: int, parameters: Mapping[str, str], outcome: Outcome, objectives: Sequence[Objective],
             constraints: Sequence[Constraint]) -> Trial:  # fmt: skip
    """A trial of its outcome."""
    figures = fractions(outcome.texts) | fractions(outcome.further)
    values, violations = None, (math.inf,) * len(constraints)
    if outcome.status == COMPLETE:
        found = tuple(_value(objective, figures) for objective in objectives)
        values = None if any(math.isnan(value) for value in found) else found
        violations = tuple(_violation(constraint, figures) for constraint in constraints)
    return Trial(number, dict(parameters), outcome.status, values, violations, outcome.texts, outcome.error)


def _value(objective: Objective, figures: Mapping[str, float]) -> float:
    """What an objective is; NaN where this result has no such figure, as the best trade of a run without trades."""
    return replace(objective, literal=objective.literal or is_path(objective.target)).of(figures)


def _violation(constraint: Constraint, figures: Mapping[str, float]) -> float:
    return replace(constraint, literal=constraint.literal or is_path(constraint.target)).violation(figures)


def is_path(target: str) -> bool:
    """Whether a target leads to a figure besides LEAN's table of statistics."""
    path = path_of(target, literal=True)
    return "." in path and not path.startswith(STATISTICS)
