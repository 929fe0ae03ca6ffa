"""A study of trials that another engine ran, judged as one of the embedded engine's is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from hidden_regime.experiments.constraint import Constraint
from hidden_regime.experiments.objective import Objective, number_in
from hidden_regime.experiments.portfolio_paths import table_name
from hidden_regime.experiments.space import Space
from hidden_regime.experiments.studies.study import Study, make_study
from hidden_regime.experiments.studies.trial import trial_of
from hidden_regime.experiments.trials.digests import digest_of
from hidden_regime.experiments.trials.outcome import COMPLETE, IDLE, Outcome, failed

Goal = TypeVar("Goal", Objective, Constraint)


@dataclass(frozen=True, eq=False)
class TrialElsewhere:
    """One trial of an optimisation that ran in LEAN or in the cloud.

    Attributes
    ----------
    parameters : dict of str to str
    texts : dict of str to str
        LEAN's statistics by name, as LEAN writes them or as fractions.
    days : (n_days,) of datetime64[D]
    equity : (n_days,)
        At the close of each.
    error : str
        Why it failed; empty if it didn't.
    """

    parameters: Mapping[str, str]
    texts: Mapping[str, str]
    days: npt.NDArray[np.datetime64]
    equity: npt.NDArray[np.float64]
    error: str = ""

    @classmethod
    def without_curve(cls, parameters: Mapping[str, str], texts: Mapping[str, str], error: str) -> TrialElsewhere:
        """One that left no curve."""
        return cls(parameters, texts, np.empty(0, "datetime64[D]"), np.empty(0), error)

    @property
    def outcome(self) -> Outcome:
        """As a trial of a study."""
        if self.error:
            return failed(self.error)
        status = IDLE if number_in(self.texts.get("Total Orders", "")) == 0.0 else COMPLETE
        return Outcome(status, dict(self.texts), self.days, self.equity)


def study_elsewhere(
    name: str,
    space: Space,
    objective: Objective,
    constraints: Sequence[Constraint],
    trials: Sequence[TrialElsewhere],
    *,
    method: str,
    where: str,
    held: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
    period: tuple[date, date] | None = None,
) -> Study:
    """A study of trials.

    Parameters
    ----------
    name : str
        Of the strategy.
    space : Space
        What was varied.
    objective : Objective
    constraints : sequence of Constraint
        Their targets may be paths, of which the names in LEAN's table are told.
    trials : sequence of TrialElsewhere
        In the order in which they are to be told.
    method : str
        How sets were chosen: "grid" or "euler".
    where : str
        Who ran them and where, with an id: it is part of what the study is known by.
    held : mapping of str to str, optional
        Parameters that all trials had.
    notes : sequence of str
        What is worth knowing of it.
    period : tuple of date, optional
        First and last day, where no trial has a curve that tells them.

    Returns
    -------
    Study
    """
    objective, constraints = _named(objective), [_named(one) for one in constraints]
    curves = {number: trial.outcome for number, trial in enumerate(trials)}
    told = [trial_of(number, one.parameters, curves[number], [objective], constraints) for number, one in enumerate(trials)]
    covered = [one.days for one in trials if len(one.days)]
    first, last = (min(days[0] for days in covered), max(days[-1] for days in covered)) if covered else period or ("", "")
    spec = {
        "strategy": name, "method": method, "space": space.to_dict()["parameters"],
        "objectives": [{"target": objective.target, "direction": objective.direction, "value": objective.value}],
        "constraints": [str(one) for one in constraints], "seed": 0, "batch": 0, "segments": None,
        "parameters": dict(held or {}), "start": None, "end": None, "cash": None, "first": str(first), "last": str(last),
        "reads": sorted({*space.names, *(held or {})}), "digests": {"strategy": "", "data": ""}, "where": where,
    }  # fmt: skip
    complete = {number: outcome for number, outcome in curves.items() if outcome.status == COMPLETE}
    return make_study(spec, digest_of(spec)[:16], told, complete, "all", [f"Run by {where}.", *notes], held)


def _named(goal: Goal) -> Goal:
    """With the name in LEAN's table instead of the path to it; a config's literal target that was found there is a name now."""
    name = table_name(goal.target)
    return replace(goal, target=name, literal=goal.literal and name == goal.target)
