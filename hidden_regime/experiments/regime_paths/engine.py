"""A strategy over paths of a regime model, each run in the engine as a trial that is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from hidden_regime.data.market import MarketData
from hidden_regime.exceptions import NoDataError, StrategyError
from hidden_regime.experiments.checks import number, whole
from hidden_regime.experiments.optimization import DIED, KEPT, store_folder
from hidden_regime.experiments.reads import check_given, reads_of, subscribed_in, watch
from hidden_regime.experiments.regime_paths.fitting import fit_paths
from hidden_regime.experiments.regime_paths.markets import path_market
from hidden_regime.experiments.regime_paths.model import PathModel
from hidden_regime.experiments.regime_paths.refitting import refit
from hidden_regime.experiments.regime_paths.result import EnginePaths
from hidden_regime.experiments.result import Result
from hidden_regime.experiments.run import result_of_run
from hidden_regime.experiments.trials.digests import digest_of
from hidden_regime.experiments.trials.kept_tapes import KeptTapes
from hidden_regime.experiments.trials.outcome import FAILED, Outcome, failed
from hidden_regime.experiments.trials.running import kept_outcome, run_setup, run_trial, store_of
from hidden_regime.experiments.trials.setup import Setup, make_setup
from hidden_regime.experiments.trials.source import Data, open_source
from hidden_regime.experiments.workers import Workers
from hidden_regime.simulator.run_state import run_state_of

DAYS = 365.25
"""Of a year of the calendar."""
REFIT = 5000
"""Days on which the model is checked: does it find itself again?"""
Progress = Callable[[int, int], None]


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
    """Run a strategy over many paths that the market might have taken.

    Paths are drawn from a hidden Markov model of the assets that the strategy subscribes to over the real prices, and of what it
    is measured against (see `fit_paths` and `draw`). Before each path come the real bars, so that windows are full then.

    Parameters
    ----------
    strategy, data, parameters, start, end, cash
        As of `run_strategy`. The strategy has to trade daily bars.
    years : float, optional
        Only the last so many years of the strategy's days.
    n_paths : int
    n_states : int
        Of the model that paths are drawn from.
    seed : int
        Path i depends on the seed and i alone.
    workers : int, optional
        Processes; default: as many as there are processors.
    backend : str
        "loky", "dask" or "ray".
    store : str or Path, optional
        Folder in which paths are kept, so that a call that was killed goes on where it was; None keeps none.
    progress : callable, optional
        Told of the paths so far, and how many there will be.

    Returns
    -------
    EnginePaths
        Equal for any number of workers.

    Raises
    ------
    StrategyError
        The strategy fails over the real prices before it trades, or asks for bars of hours or minutes, or for data of its own.
    NoDataError
        An asset without bars from the first day to the last, or too few days for a model.
    ParameterError
        Whatever `run_strategy` raises.

    Examples
    --------
    >>> from datetime import date
    >>> from hidden_regime.experiments import engine_paths
    >>> days = {"start": date(2017, 1, 3), "end": date(2018, 12, 31)}
    >>> found = engine_paths("basic_regime_switching", "sp500", **days, n_paths=2, workers=1, store=None)
    >>> found.equity.shape, found.statuses
    ((2, 502), ('complete', 'complete'))
    """
    n_paths, n_states = (whole(n, v, "a whole number above 0") for n, v in (("n_paths", n_paths), ("n_states", n_states)))
    seed = whole("seed", seed, "a whole number of at least 0", low=0)
    crew = Workers(workers, backend)
    asked = make_setup(strategy, data, parameters=parameters, start=start, end=end, cash=cash, store=store_folder(store, None))
    watched = watch(asked)
    _refuse(asked, watched.subscribed)
    first, last = watched.first, watched.last
    market = open_source(asked.data, asked.stamp, asked.data_key)
    if years is not None:
        number("years", years, "a number above 0", above=0.0)
        last = _last_day(market, watched.subscribed, last)
        first = max(first, last - timedelta(days=round(DAYS * years) - 1))
    setup = asked.window(first, last)
    original, subscribed, benchmark = _over_real_prices(setup, parameters or {})
    _refuse(asked, subscribed)
    model, left_out = _fit(market, subscribed, benchmark, first, _last_day(market, subscribed, last), n_states)
    told = replace(setup, data=None, stamp="", data_key=model.digest)
    outcomes: list[Outcome] = []
    for outcome in crew.map(partial(run_path, told, model, seed), range(n_paths), _lost):
        outcomes.append(outcome)
        if progress is not None:
            progress(len(outcomes), n_paths)
    question = digest_of("regime paths", told.trial_key({}), seed, n_paths)
    return _gathered(model, outcomes, original, _facts(model, seed), (*_notes(model, original), *left_out), question)


def run_path(setup: Setup, model: PathModel, seed: int, path: int) -> Outcome:
    """One path's outcome: what the store has of it, or else a run over bars that are made here."""
    own = replace(setup, data_key=digest_of("regime path", _version(), model.digest, seed, path))
    found = kept_outcome(own, {})
    return run_trial(replace(own, data=path_market(model, path, seed=seed)), {}, keep_tapes=False) if found is None else found


@cache
def _version() -> str:
    """Of what paths are made by: this folder's sources, and the generator's."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return digest_of(np.__version__, [source.read_text(encoding="utf-8") for source in sources])


def _lost(path: int) -> Outcome:
    return failed(f"{DIED} on path {path}: it may need more memory than there is.")


def _refuse(setup: Setup, subscribed: Mapping[str, str]) -> None:
    """Raise for what there are no paths of."""
    for ticker, kind in subscribed.items():
        if kind != "daily":
            what = "data of its own" if kind == "custom" else f"{kind} bars"
            raise StrategyError(
                f"{setup.strategy.name} subscribes to {what} ({ticker}): regime paths are daily bars. Expected Resolution.DAILY; "
                "kind 'bootstrap' draws the returns of a strategy of any kind."
            )
    if not subscribed:
        raise StrategyError(
            f"{setup.strategy.name} subscribes to nothing: expected at least one asset that paths could be drawn of."
        )


def _last_day(market: MarketData, tickers: Mapping[str, str], last: date) -> date:
    """The last day until `last` on which one of some assets has a bar."""
    days = [day for ticker in tickers for day in market.load(ticker).dates if day <= last]
    return max(days, default=last)


def _over_real_prices(setup: Setup, given: Mapping[str, object]) -> tuple[Result, dict[str, str], str]:
    """The run over real prices, what it subscribed to, and what it is measured against."""
    tapes = KeptTapes(store_of(setup.store, "tapes"))
    run = run_setup(setup, {}, tapes=tapes)
    reads = reads_of(run, setup.base)
    core = run_state_of(run.algorithm)
    check_given({str(name): setup.base[str(name)] for name in given}, reads, core.parameters_unusable)
    benchmark = "" if core.benchmark_function is not None else core.benchmark_ticker or run.market.benchmark
    return result_of_run(run, setup, reads, tapes.hits), subscribed_in(run), benchmark.upper()


def _fit(market: MarketData, subscribed: Mapping[str, str], benchmark: str, first: date, last: date,
         n_states: int) -> tuple[PathModel, tuple[str, ...]]:  # fmt: skip
    """The model, with the benchmark where it has bars throughout, and a note where it hasn't."""
    lead = [ticker.upper() for ticker in subscribed]
    if not benchmark or benchmark in lead:
        return fit_paths(market, lead, start=first, end=last, n_states=n_states, lead=lead, benchmark=benchmark), ()
    try:
        found = [*lead, benchmark]
        return fit_paths(market, found, start=first, end=last, n_states=n_states, lead=lead, benchmark=benchmark), ()
    except NoDataError:
        alone = fit_paths(market, lead, start=first, end=last, n_states=n_states, lead=lead)
        return alone, (f"{benchmark}, which the strategy is measured against, has no bars on all days and isn't drawn.",)


def _facts(model: PathModel, seed: int) -> dict[str, Any]:
    """What is told of a model, as plain values."""
    again = refit(model, REFIT, seed)
    return {
        "n_states": len(model.names), "names": list(model.names), "assets": list(model.tickers), "lead": list(model.lead),
        "n_days": len(model.pool), "means": model.means.tolist(), "stay": model.stay.tolist(),
        "refit": {"n_days": REFIT, "means": again.mean_differences.tolist(), "stay": again.stay_differences.tolist()},
        "clipped": again.clipped, "method": "density" if model.has_density else "days",
    }  # fmt: skip


def _notes(model: PathModel, original: Result) -> tuple[str, ...]:
    until = f"{model.pool[0]} to {model.pool[-1]}"
    how = (
        "Each day's return and range are drawn from its regime's normal density, which has thinner tails than real days."
        if model.has_density else
        "Each day is a whole day of the past, all assets together, drawn by its probability of having been in that regime: no "
        "day is worse than the worst that has been."
    )  # fmt: skip
    notes = [
        f"The regimes were fitted on all days from {until}, the tested ones among them: paths are other courses of the same "
        "market, and no forecast.",
        how,
        "Within a regime days are independent: what lasts longer than regimes do isn't in the paths.",
        "Prices are adjusted throughout: on a path there are neither splits nor dividends.",
    ]
    if original.error:
        notes.append(f"Over the real prices the strategy ended early: {original.error}")
    return tuple(notes)


def _gathered(model: PathModel, outcomes: Sequence[Outcome], original: Result, told: dict[str, Any],
              notes: tuple[str, ...], question: str) -> EnginePaths:  # fmt: skip
    """All outcomes by the days of the paths."""
    days = model.days
    equity = np.full((len(outcomes), len(days)), np.nan)
    benchmark = equity.copy()
    n_orders = np.zeros(len(outcomes), np.int64)
    for path, outcome in enumerate(outcomes):
        if outcome.status == FAILED:
            continue
        places = np.searchsorted(days, outcome.days)
        for rows, values in ((equity, outcome.equity), (benchmark, outcome.benchmark)):
            if len(values) and (rows is equity or model.benchmark):
                rows[path, places] = values
                rows[path, places[-1] + 1 :] = values[-1]  # of a strategy that quit before the end
        n_orders[path] = int(outcome.texts.get("Total Orders", "0").replace(",", ""))
    statuses = tuple(outcome.status for outcome in outcomes)
    errors = tuple(outcome.error for outcome in outcomes)
    return EnginePaths(days, equity, benchmark, n_orders, statuses, errors, original, told, notes, question)
