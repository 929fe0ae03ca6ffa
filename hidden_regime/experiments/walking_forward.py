"""Walk-forward: search in one stretch of time, trade what was found in the next, and judge the stretches that were traded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import NoDataError, ParameterError
from hidden_regime.experiments.constraint import Constraint
from hidden_regime.experiments.objective import Objective
from hidden_regime.experiments.optimization import (
    KEPT,
    as_constraints,
    as_objectives,
    make_spec,
    run_all,
    run_study,
    store_folder,
)
from hidden_regime.experiments.reads import watch
from hidden_regime.experiments.studies.journal import opened
from hidden_regime.experiments.studies.spec import Spec, targets_beyond
from hidden_regime.experiments.studies.study import Study
from hidden_regime.experiments.studies.trial import Trial, trial_of
from hidden_regime.experiments.trials.digests import digest_of
from hidden_regime.experiments.trials.outcome import Outcome
from hidden_regime.experiments.trials.own_figures import OwnFigures
from hidden_regime.experiments.trials.running import run_trial
from hidden_regime.experiments.trials.setup import make_setup
from hidden_regime.experiments.trials.source import Data, open_source
from hidden_regime.experiments.walk_forward_result import WalkForward, WindowResult, finished
from hidden_regime.experiments.windows import Window, anchored_windows, random_windows, rolling_windows
from hidden_regime.experiments.workers import Workers

if TYPE_CHECKING:
    pass

MODES = ("rolling", "anchored", "random")


Progress = Callable[[int, int, WindowResult | None, int, int | None], None]


def walk_forward(
    strategy: str | Path,
    space: Any,
    *,
    is_months: int = 12,
    oos_months: int = 6,
    mode: str = "rolling",
    runs: int = 10,
    train: float = 0.6,
    n_assets: int | None = None,
    all_oos: bool = False,
    n_trials: int = 50,
    data: Data = None,
    start: date | None = None,
    end: date | None = None,
    cash: float | None = None,
    parameters: Mapping[str, object] | None = None,
    method: str = "tpe",
    objective: str | Objective = "Sharpe Ratio",
    direction: str = "max",
    constraints: Sequence[str | Constraint] = (),
    seed: int = 0,
    batch: int = 8,
    segments: int | None = None,
    workers: int | None = None,
    backend: str = "loky",
    out: str | Path | None = None,
    store: str | Path | None = KEPT,
    progress: Progress | None = None,
    figures: Sequence[OwnFigures] = (),
) -> WalkForward:
    """Search for parameters in each window, trade the winner in the days after it, and judge the days that were traded.

    Each run warms up on the bars before its first day, begins with cash and is flat. The stitched curve of the out-of-sample
    runs is what counts: no parameter was chosen with a bar of it.

    Parameters
    ----------
    strategy, space
        As of `optimize`.
    is_months, oos_months : int
        Calendar months of search, and of trading after it. Windows move on by `oos_months`.
    mode : "rolling", "anchored" or "random"
        Anchored searches all begin on the first day. Random draws `runs` splits, a share `train` of each for the search.
    runs : int
        Of random.
    train : float
        Of random.
    n_assets : int, optional
        Of random: so many of the assets, drawn for each run.
    all_oos : bool
        Run every feasible set of a window out of sample too: what the choice of the winner was worth there is known then.
    n_trials : int
        Of each window.
    data, start, end, cash, parameters, method, objective, direction, constraints, seed, batch, segments
        As of `optimize`.
    workers, backend, out, store
        As of `optimize`. `start` and `end` are those of all windows together; default: the strategy's own.
    progress : callable, optional
        Told the number of the window, how many there are, its result (None while it is searched), trials so far, and of how many.
    figures : sequence of OwnFigures
        As of `optimize`.

    Returns
    -------
    WalkForward

    Raises
    ------
    ParameterError
        A window that is longer than the data, and as `optimize`.
    StudyError
        The folder holds another study, or is in use.
    """
    goals, limits = as_objectives(objective, direction), as_constraints(constraints)
    folder = None if out is None else Path(out)
    setup = make_setup(
        strategy, data, parameters=parameters, start=start, end=end, cash=cash, further=targets_beyond(goals, limits),
        store=store_folder(store, folder), figures=figures)  # fmt: skip
    spec = make_spec(setup, space, watch(setup), method, n_trials, goals, limits, seed, batch, segments, fixed=parameters or {})
    return walk(
        spec, Plan(mode, is_months, oos_months, runs, train, n_assets, all_oos), Workers(workers, backend), folder, progress
    )


@dataclass(frozen=True)
class Plan:
    """Which windows a walk-forward has; see `walk_forward` for what each is."""

    mode: str = "rolling"
    is_months: int = 12
    oos_months: int = 6
    runs: int = 10
    train: float = 0.6
    n_assets: int | None = None
    all_oos: bool = False

    def windows(self, spec: Spec) -> list[Window]:
        """The windows over the days that a strategy runs over."""
        first, last = _days(spec)
        if self.mode == "rolling":
            return list(rolling_windows(first, last, self.is_months, self.oos_months))
        if self.mode == "anchored":
            return list(anchored_windows(first, last, self.is_months, self.oos_months))
        if self.mode != "random":
            raise ParameterError("mode", self.mode, f"one of {', '.join(MODES)}")
        assets = [name.strip() for name in spec.setup.base.get("assets", "").split(",") if name.strip()]
        if self.n_assets is not None and not assets:
            raise ParameterError("n_assets", self.n_assets, "a strategy that takes its assets as the parameter assets")
        drawn = None if self.n_assets is None else assets
        return list(random_windows(first, last, self.runs, self.train, spec.seed, assets=drawn, n_assets=self.n_assets))

    def question(self, spec: Spec) -> dict[str, Any]:
        """What is asked, as what JSON can hold."""
        first, last = _days(spec)
        if self.mode == "random":
            own: dict[str, Any] = {"runs": self.runs, "train": self.train, "n_assets": self.n_assets}
        else:
            own = {"is_months": self.is_months, "oos_months": self.oos_months}
        days = {"first": first.isoformat(), "last": last.isoformat()}
        return {**spec.to_dict(), "mode": self.mode, **own, "n_trials": spec.n_trials, "all_oos": self.all_oos, **days}

    def id_of(self, spec: Spec) -> str:
        """Of the walk-forward, equal for equal questions."""
        return digest_of(self.question(spec))[:16]


def _days(spec: Spec) -> tuple[date, date]:
    """First and last day of all windows: those asked for, else the strategy's own, else those that the data say or have."""
    setup, first, last = spec.setup, spec.watched.first, spec.watched.last
    market = open_source(setup.data, setup.stamp, setup.data_key)
    try:
        dates = market.load(market.benchmark).dates
    except NoDataError:
        return setup.start or first, setup.end or last
    if first < dates[0]:  # LEAN's own start, where a strategy sets none, is in 1998
        first = date.fromisoformat(setup.base.get("start", dates[0].isoformat()))
    return setup.start or first, setup.end or min(last, dates[-1])


def walk(spec: Spec, plan: Plan, workers: Workers, folder: Path | None = None, progress: Progress | None = None) -> WalkForward:
    """Go through the windows of a plan; see `walk_forward`."""
    if len(spec.objectives) > 1:
        raise ParameterError("objective", [goal.target for goal in spec.objectives], "one: a window has one winner")
    windows, question = plan.windows(spec), plan.question(spec)
    results: list[WindowResult] = []
    with nullcontext() if folder is None else opened(folder, question):
        for window in windows:
            number = window.number

            def told(done: int, total: int | None, trial: Trial, number: int = number) -> None:
                if progress is not None:
                    progress(number, len(windows), None, done, total)

            study = run_study(_within(spec, window, window.is_start, window.is_end), workers, progress=told, measure_luck=False)
            results.append(_traded(spec, window, study, workers if plan.all_oos else None))
            if progress is not None:
                progress(number, len(windows), results[-1], len(study.trials), len(study.trials))
        found = finished(question, plan.id_of(spec), results, spec.setup.base)
        if folder is not None:
            found.save(folder)
    return found


def _within(spec: Spec, window: Window, first: date, last: date) -> Spec:
    return replace(spec, setup=spec.setup.window(first, last, window.assets))


def _traded(spec: Spec, window: Window, study: Study, workers: Workers | None) -> WindowResult:
    """The winner's run out of sample; with workers those of all others too."""
    values = [trial.values[0] for trial in study.ranked if trial.values is not None]
    median = float(np.median(values)) if values else None
    nothing = np.empty(0, "datetime64[D]"), np.empty(0)
    best = study.best
    if best is None:
        return WindowResult(window, None, len(study.trials), 0, median, None, None, *nothing)
    own = _within(spec, window, window.oos_start, window.oos_end)
    outcome = run_trial(own.setup, best.parameters)
    oos = trial_of(0, best.parameters, outcome, spec.objectives, spec.constraints)
    days, returns = returns_from_cash(outcome, _capital(outcome))
    middle = None
    if workers is not None:
        others = [trial.parameters for trial in study.ranked]
        found = run_all(own.setup, workers, others)
        told = [trial_of(0, one, other, spec.objectives, spec.constraints) for one, other in zip(others, found, strict=True)]
        known = [trial.values[0] for trial in told if trial.values is not None]
        middle = float(np.median(known)) if known else None
    marks = outcome.benchmark
    held = np.concatenate([[0.0], marks[1:] / marks[:-1] - 1.0]) if len(marks) else marks
    return WindowResult(window, best, len(study.trials), len(values), median, oos, middle, days, returns, held)


def _capital(outcome: Outcome) -> float | None:
    """What the account began with."""
    text = outcome.texts.get("Start Equity", "")
    try:
        return float(text.replace("$", "").replace(",", ""))
    except ValueError:
        return None


def returns_from_cash(outcome: Outcome, capital: float | None) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.float64]]:
    """Returns of all trading days, the first one's too: it begins with cash."""
    if not len(outcome.equity):
        return np.empty(0, "datetime64[D]"), np.empty(0)
    before = np.concatenate([[capital or outcome.equity[0]], outcome.equity[:-1]])
    return outcome.days, outcome.equity / before - 1.0
