"""A strategy run over many paths that its market's regimes might have brought."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import NoDataError, StudyError
from hidden_regime.experiments.checks import number, whole
from hidden_regime.experiments.optimization import KEPT, store_folder
from hidden_regime.experiments.reads import reads_of
from hidden_regime.experiments.regime_paths.market import DrawnMarket, History, history_of
from hidden_regime.experiments.regime_paths.model import PathModel, fit_paths
from hidden_regime.experiments.regime_paths.refit import refit
from hidden_regime.experiments.result import Result
from hidden_regime.experiments.run import as_result
from hidden_regime.experiments.search.base import check_seed
from hidden_regime.experiments.trials.digests import digest_of
from hidden_regime.experiments.trials.outcome import FAILED, Outcome, failed
from hidden_regime.experiments.trials.running import run_setup, run_trial, tapes_of
from hidden_regime.experiments.trials.setup import Setup, make_setup
from hidden_regime.experiments.trials.source import Data, open_source
from hidden_regime.experiments.workers import Workers
from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.simulator.enums import Resolution
from hidden_regime.simulator.loop.engine import Run
from hidden_regime.simulator.run_state import run_state_of

FORMAT = 1
"""Version of how paths are drawn; part of every key."""
DIED = "its process died twice"
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class EnginePaths:
    """What a strategy came to on each path.

    Attributes
    ----------
    days : (n_days,) of datetime64[D]
        Trading days.
    equity : (n_paths, n_days)
        Value of the account at the close of each; NaN on a path on which it failed.
    benchmark : (n_paths, n_days)
        What it is measured against.
    n_orders : (n_paths,)
    statuses, errors : tuple of str
        Of each path: "complete", "no orders" or "failed", and why.
    original : Result
        The strategy over the same days of real prices.
    model : dict
        What paths were drawn from.
    notes : tuple of str
    id : str
        Digest of the question.
    """

    days: npt.NDArray[np.datetime64]
    equity: Floats
    benchmark: Floats
    n_orders: Integers
    statuses: tuple[str, ...]
    errors: tuple[str, ...]
    original: Result
    model: dict[str, Any]
    notes: tuple[str, ...]
    id: str


@dataclass(frozen=True, eq=False)
class _Plan:
    """What paths are made of, the same for all."""

    setup: Setup
    tickers: tuple[str, ...]
    days: tuple[date, ...]
    n_states: int
    seed: int
    key: str


@dataclass(frozen=True, eq=False)
class _Job:
    plan: _Plan
    number: int


_MADE: dict[str, tuple[History, PathModel]] = {}
"""What this process has made of its latest plan."""


def engine_paths(
    strategy: str | Path,
    data: Data = None,
    *,
    parameters: Mapping[str, object] | None = None,
    start: date | None = None,
    end: date | None = None,
    cash: float | None = None,
    years: float | None = None,
    n_paths: int = 200,
    n_states: int = 3,
    seed: int = 0,
    workers: int | None = None,
    backend: str = "loky",
    store: str | Path | None = KEPT,
    progress: Progress | None = None,
) -> EnginePaths:
    """Run a strategy over paths that are drawn from the regimes of the assets that it trades.

    Up to the first day that the strategy trades all paths have the real bars, which it warms up and learns regimes on. From then
    on each has its own, on the same days: `hidden_regime.experiments.regime_paths.drawing` says how they are drawn.

    Parameters
    ----------
    strategy, data, parameters, start, end, cash
        As of `run_strategy`.
    years : float, optional
        Only the last years of the strategy's days.
    n_paths, n_states, seed : int
        Path i depends on the seed and on i alone.
    workers, backend, store
        As of `optimize`: a path that was run once is never run again, so that a killed run goes on.
    progress : callable, optional
        Told how many of how many paths are done.

    Raises
    ------
    StudyError
        The strategy asks for bars within the day, chooses its assets by universes, or fails over the real prices; or its assets
        have too few days in common.
    RegimeError
        Whatever `run_strategy` raises.

    Examples
    --------
    >>> from datetime import date
    >>> found = engine_paths("multi_asset_rotation", end=date(2003, 12, 31), years=0.5, n_paths=2, workers=1, store=None)
    >>> found.equity.shape == (2, len(found.days)), found.statuses
    (True, ('complete', 'complete'))
    """
    count = whole("n_paths", n_paths, "a whole number of paths of at least 1")
    whole("n_states", n_states, "a whole number of at least 1")
    check_seed(seed)
    pool = Workers(workers, backend)
    setup = make_setup(strategy, data, parameters=parameters, start=start, end=end, cash=cash,
                       store=None if store is None else store_folder(store, None))  # fmt: skip
    run = run_setup(setup, {}, tapes=tapes_of(setup.store))
    if years is not None:
        setup = _last_years(setup, run, number("years", years, "a number of years above 0", above=0.0))
        run = run_setup(setup, {}, tapes=tapes_of(setup.store))
    original = as_result(run, setup, reads_of(run, setup.base))
    if original.error:
        raise StudyError(f"{setup.name} fails over the real prices: {original.error} Mend that first.")
    days = tuple(day.date() for day in original.equity.index)
    plan = _plan_of(setup, run, days, n_states, seed)
    _, model = _made(plan)
    outcomes = []
    for outcome in pool.map(_run_path, [_Job(plan, i) for i in range(count)], _lost):
        outcomes.append(outcome)
        if progress is not None:
            progress(len(outcomes), count)
    told = model.to_dict() | {"refit": refit(model, seed=seed).to_dict()}
    return _assembled(original, outcomes, told, digest_of(plan.key, count)[:32], _notes(plan, model))


def _last_years(setup: Setup, run: Run, years: float) -> Setup:
    core = run_state_of(run.algorithm)
    first, last = core.start.date(), core.end.date()
    begin = date.fromordinal(max(first.toordinal(), last.toordinal() - round(365.25 * years) + 1))
    return setup.window(begin, last)


def _plan_of(setup: Setup, run: Run, days: tuple[date, ...], n_states: int, seed: int) -> _Plan:
    """Assets that a run over the real prices asked for, with the benchmark."""
    core, market = run_state_of(run.algorithm), run.market
    if core.universes.universes:
        raise StudyError(f"{setup.name} chooses its assets by universes: expected assets by name, whose days can be drawn.")
    own = {symbol.value: one.resolution for symbol, one in core.subscriptions.items() if one.custom is None}
    finer = sorted(ticker for ticker, resolution in own.items() if resolution != Resolution.DAILY)
    if finer:
        raise StudyError(f"{setup.name} asks for bars within the day of {', '.join(finer)}: only daily ones can be drawn.")
    found = []
    for ticker in dict.fromkeys([*own, core.benchmark_ticker or market.benchmark]):
        try:
            market.load(ticker)
        except NoDataError:
            continue
        found.append(ticker.upper())
    if not found or not days:
        raise StudyError(f"{setup.name} asks for no asset that has daily bars, or has no trading day: there is nothing to draw.")
    tickers = tuple(sorted(found))
    key = digest_of(
        "regime-paths", FORMAT, setup.data_key or setup.source_key, list(tickers), [str(day) for day in days], n_states, seed
    )
    return _Plan(setup, tickers, days, n_states, seed, key)


def _made(plan: _Plan) -> tuple[History, PathModel]:
    """Real bars and the model, made once in each process."""
    if plan.key not in _MADE:
        setup = plan.setup
        market = open_source(setup.data, setup.stamp, setup.data_key)
        _MADE.clear()
        model = fit_paths(market, plan.tickers, last=plan.days[-1], n_states=plan.n_states)
        _MADE[plan.key] = history_of(market, plan.tickers, plan.days), model
    return _MADE[plan.key]


def _run_path(job: _Job) -> Outcome:
    plan = job.plan
    history, model = _made(plan)
    market = DrawnMarket(history, model, plan.seed, job.number)
    key = digest_of(plan.key, job.number) if plan.setup.data_key else ""
    return run_trial(replace(plan.setup, data=market, stamp="", data_key=key), {}, with_tapes=False)


def _lost(job: _Job) -> Outcome:
    return failed(DIED)


def _assembled(original: Result, outcomes: Sequence[Outcome], told: dict[str, Any], identity: str,
               notes: tuple[str, ...]) -> EnginePaths:  # fmt: skip
    days = original.equity.index.to_numpy().astype("datetime64[D]")
    equity = np.full((len(outcomes), len(days)), np.nan)
    benchmark = np.full_like(equity, np.nan)
    orders = np.zeros(len(outcomes), np.int64)
    statuses, errors = [], []
    for i, outcome in enumerate(outcomes):
        status, error = outcome.status, outcome.error
        if status != FAILED and not np.array_equal(outcome.days, days):
            status, error = FAILED, f"it ran over {len(outcome.days)} of {len(days)} days"
        if status != FAILED:
            equity[i] = outcome.equity
            orders[i] = int(outcome.texts.get("Total Orders", "0").replace(",", ""))
            if len(outcome.benchmark):
                benchmark[i] = outcome.benchmark
        statuses.append(status)
        errors.append(error)
    return EnginePaths(days, equity, benchmark, orders, tuple(statuses), tuple(errors), original, told, notes, identity)


def _notes(plan: _Plan, model: PathModel) -> tuple[str, ...]:
    how = (
        "each day's return and range are drawn from its state's density"
        if model.is_parametric
        else "each day is a whole day of history, of all assets together, drawn by the probability that it was of the state"
    )
    return (
        f"{model.n_states} regimes of {', '.join(model.tickers)} were fitted to {len(model.days):,} days, {model.days[0]} to "
        f"{model.days[-1]}, and paths begin on {plan.days[0]} after real bars; {how}",
        "within a regime days follow each other by chance: clusters of volatility are as long as the regimes make them, and no "
        "path holds a day that is unlike all of history",
        "prices are adjusted: there are no splits and dividends on the paths",
    )
