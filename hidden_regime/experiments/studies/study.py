"""A finished study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hidden_regime.display import facts
from hidden_regime.experiments.search.base import best_of
from hidden_regime.experiments.studies.luck import Luck, luck_of
from hidden_regime.experiments.studies.trial import Trial
from hidden_regime.experiments.trials.outcome import COMPLETE, FAILED, IDLE, Outcome
from hidden_regime.regimes.statistics import days_per_year

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

SCHEMA = "hidden-regime/optimization/1"


@dataclass(frozen=True, eq=False)
class Study:
    """Trials of one strategy, in the order in which they were proposed.

    Attributes
    ----------
    spec : dict
        What was asked, as what JSON can hold.
    trials : tuple of Trial
    days : (n_days,) of datetime64[D]
        Trading days that all complete trials share, but the first.
    returns : (n_days, n_complete)
        Returns of those days; column i is of trial `columns[i]`. Equal sets have one column.
    columns : tuple of int
    luck : Luck
    ended : str
        "all": there was nothing more to try; or "target": a trial was as good as was asked for.
    notes : tuple of str
    id : str
        Digest of what was asked.
    config : dict of str to str
        Parameters that all trials had.
    """

    spec: dict[str, Any]
    trials: tuple[Trial, ...]
    days: npt.NDArray[np.datetime64]
    returns: npt.NDArray[np.float64]
    columns: tuple[int, ...]
    luck: Luck
    ended: str
    notes: tuple[str, ...] = ()
    id: str = ""
    config: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def directions(self) -> tuple[str, ...]:
        """Of the objectives."""
        return tuple(one["direction"] for one in self.spec["objectives"])

    @property
    def best(self) -> Trial | None:
        """The feasible trial whose first objective is best, the earliest of equals; None where none is feasible."""
        place = best_of([trial.told for trial in self.trials], self.directions[0])
        return None if place is None else self.trials[place]

    @property
    def best_parameters(self) -> dict[str, str] | None:
        """What the best trial varied."""
        return None if self.best is None else dict(self.best.parameters)

    @property
    def front(self) -> tuple[Trial, ...]:
        """Feasible trials that no other one beats in one objective without being worse in another."""
        return pareto([trial for trial in self.trials if trial.is_feasible], self.directions)

    @property
    def ranked(self) -> list[Trial]:
        """Feasible trials, the best first; each set once."""
        seen: dict[tuple[tuple[str, str], ...], Trial] = {}
        for trial in self.trials:
            if trial.is_feasible:
                seen.setdefault(tuple(sorted(trial.parameters.items())), trial)
        sign = -1.0 if self.directions[0] == "max" else 1.0
        return sorted(seen.values(), key=lambda trial: (sign * (trial.values or (0.0,))[0], trial.number))

    def count(self, status: str) -> int:
        """How many trials have a status."""
        return sum(trial.status == status for trial in self.trials)

    def table(self) -> pd.DataFrame:
        """A row a trial: parameters, objectives, status, and LEAN's statistics as numbers."""
        import pandas as pd

        from hidden_regime.experiments.objective import fractions

        targets = [one["target"] for one in self.spec["objectives"]]
        rows = []
        for trial in self.trials:
            row: dict[str, Any] = {f"param_{name}": value for name, value in trial.parameters.items()}
            row |= {"status": trial.status, "feasible": trial.is_feasible, "error": trial.error}
            row |= {f"objective_{name}": value for name, value in zip(targets, trial.values or (), strict=False)}
            rows.append(row | fractions(trial.statistics))
        return pd.DataFrame(rows, index=pd.RangeIndex(len(rows), name="trial"))

    def plot(self) -> go.Figure:
        """Objective of each trial in order, and the best so far."""
        from hidden_regime.experiments.pages.figures import history

        return history(self)

    def to_html(self) -> str:
        """The page, which opens without a network."""
        from hidden_regime.experiments.pages.study_page import study_page

        return study_page(self)

    def save(self, folder: str | Path) -> list[Path]:
        """Write the study's files into a folder: study.json, trials, returns, config.json, report.html."""
        from hidden_regime.experiments.studies.folder import write_study

        return write_study(self, Path(folder))

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        best = self.best
        told: dict[str, Any] = {} if best is None else dict(best.parameters)
        shown = told | {
            name: value for name, value in self.luck.to_dict().items() if name in ("psr", "dsr", "dsr_effective", "pbo")
        }
        return facts(f"{self.spec['strategy']}: {len(self.trials)} trials, best {None if best is None else best.values}", shown)

    def __repr__(self) -> str:
        best = self.best
        found = "none feasible" if best is None else f"best {best.values} with {best.parameters}"
        return f"Study({self.spec['strategy']!r}, {len(self.trials)} trials by {self.spec['method']}, {found})"


def pareto(trials: Sequence[Trial], directions: Sequence[str]) -> tuple[Trial, ...]:
    """Trials that no other one dominates, in their order; of equal ones the first."""
    signs = [1.0 if direction == "max" else -1.0 for direction in directions]
    values = np.array([[s * v for s, v in zip(signs, trial.values or (), strict=True)] for trial in trials]).reshape(
        len(trials), len(signs)
    )
    out: list[Trial] = []
    for i, trial in enumerate(trials):
        as_good = (values >= values[i]).all(axis=1)
        better = as_good & (values > values[i]).any(axis=1)
        equal = as_good & ~better
        if not better.any() and not equal[:i].any():
            out.append(trial)
    return tuple(out)


def make_study(spec: dict[str, Any], identity: str, trials: Sequence[Trial], curves: Mapping[int, Outcome], ended: str,
               notes: Sequence[str] = (), config: Mapping[str, Any] | None = None, *,
               measure_luck: bool = True) -> Study:  # fmt: skip
    """A study of its trials and the curves of those that are complete, by number."""
    columns: dict[tuple[tuple[str, str], ...], int] = {}
    for trial in trials:
        if trial.status == COMPLETE and trial.number in curves and len(curves[trial.number].equity) > 1:
            columns.setdefault(tuple(sorted(trial.parameters.items())), trial.number)
    days, returns = _shared(list(columns.values()), curves)
    directions = [one["direction"] for one in spec["objectives"]]
    place = best_of([trial.told for trial in trials], directions[0])
    values = [trial.values[0] for trial in trials if trial.is_feasible and trial.values is not None]
    n_tries = len({tuple(sorted(trial.parameters.items())) for trial in trials})
    best, value = None, None
    if place is not None and trials[place].values is not None:
        value = trials[place].values[0]  # type: ignore[index]
        own = columns.get(tuple(sorted(trials[place].parameters.items())))
        best = returns[:, list(columns.values()).index(own)] if own is not None else None
    sign = 1.0 if directions[0] == "max" else -1.0
    if not measure_luck:
        best = None
    told = [sign * v for v in values], None if value is None else sign * value
    luck = luck_of(best, returns, n_tries, *told, days_a_year=days_per_year(days))
    said = list(notes)
    for status, what in ((FAILED, "failed"), (IDLE, "sent no order and count as infeasible")):
        count = sum(trial.status == status for trial in trials)
        if count:
            said.append(f"{count} of {len(trials)} trials {what}")
    numbers = tuple(columns.values())
    return Study(spec, tuple(trials), days, returns, numbers, luck, ended, tuple(said), identity, dict(config or {}))


def _shared(numbers: Sequence[int], curves: Mapping[int, Outcome]) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.float64]]:
    """Returns over the days that all curves have."""
    if not numbers:
        return np.empty(0, "datetime64[D]"), np.empty((0, 0))
    days = curves[numbers[0]].days
    for number in numbers[1:]:
        if not np.array_equal(days, curves[number].days):
            days = np.intersect1d(days, curves[number].days)
    columns = []
    for number in numbers:
        outcome = curves[number]
        equity = outcome.equity if len(outcome.days) == len(days) else outcome.equity[np.isin(outcome.days, days)]
        columns.append(equity[1:] / equity[:-1] - 1.0)
    return days[1:], np.column_stack(columns)
