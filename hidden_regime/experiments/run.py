"""One run of a strategy, as a value."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from hidden_regime.exceptions import RegimeWarning
from hidden_regime.experiments.reads import Read, check_given, reads_of
from hidden_regime.experiments.result import Result
from hidden_regime.experiments.trials.kept_tapes import KeptTapes
from hidden_regime.experiments.trials.running import first_line, run_setup, store_of
from hidden_regime.experiments.trials.setup import Setup, make_setup
from hidden_regime.experiments.trials.source import Data
from hidden_regime.quantconnect.tracking import trackers_of
from hidden_regime.regimes.table import states_to_frame
from hidden_regime.research import backtest
from hidden_regime.research.tables import ORDER_COLUMNS
from hidden_regime.simulator import result as lean_result
from hidden_regime.simulator.framework.composite import members_of
from hidden_regime.simulator.loop.engine import Run
from hidden_regime.simulator.run_state import run_state_of

if TYPE_CHECKING:
    import pandas as pd

DIRECTIONS = ("Long", "Short")
"""Of trades, by LEAN's numbers."""
TRADE_COLUMNS = ("symbol", "direction", "quantity", "entry_time", "entry_price", "exit_time", "exit_price", "profit_loss", "fees")


def run_strategy(
    strategy: str | Path,
    data: Data = None,
    *,
    parameters: Mapping[str, object] | None = None,
    start: date | None = None,
    end: date | None = None,
    cash: float | None = None,
    details: bool = True,
    store: str | Path | None = None,
) -> Result:
    """Run a strategy once in the embedded engine.

    Parameters
    ----------
    strategy : str or Path
        A shipped template, a .py file written for LEAN, or its project's folder, whose config.json has its say.
    data : str, Path or market, optional
        A packaged set, a LEAN data folder, files of prices, or a market; default: the packaged stocks.
    parameters : mapping of str to str or number, optional
        What `get_parameter` answers.
    start, end : date, optional
        Instead of the strategy's own.
    cash : float, optional
        Dollars to start with, instead of the strategy's own.
    details : bool
        Orders, trades and regimes too: a sweep needs the statistics and the equity alone.
    store : str or Path, optional
        Folder in which regimes are kept from run to run: a later run with the same bars and detectors finds them there.

    Returns
    -------
    Result
        Frozen and picklable. What the strategy's own code raises is in `error`.

    Raises
    ------
    ParameterError
        A parameter that the strategy never reads, or whose text `get_parameter` would silently answer with its default.
    StrategyError
        Another thread runs a strategy: in one process they take turns.
    RegimeError
        No such strategy or data, or dates that can't be.

    Examples
    --------
    >>> from datetime import date
    >>> from hidden_regime.experiments import run_strategy
    >>> result = run_strategy("basic_regime_switching", parameters={"retrain": "quarterly"}, end=date(2004, 12, 31))
    >>> result.statistics["Total Orders"] > 5, result.error
    (True, '')
    """
    given = dict(parameters or {}) if isinstance(parameters, Mapping) or parameters is None else parameters
    folder = None if store is None else Path(store)
    setup = make_setup(strategy, data, parameters=given, start=start, end=end, cash=cash)
    tapes = KeptTapes(store_of(folder, "tapes"))
    run = run_setup(setup, {}, tapes=tapes)
    reads = reads_of(run, setup.base)
    asked = {str(name): setup.base[str(name)] for name in given}
    if run.error is None or any(name in reads for name in asked):
        check_given(asked, reads, run_state_of(run.algorithm).parameters_unusable)
    for ticker, why in backtest.unknown_regimes(run)[0].items():
        warnings.warn(RegimeWarning(f"hidden_regime: no regime of {ticker} is known: {why}"), stacklevel=2)
    return result_of_run(run, setup, reads, tapes.hits, details=details)


def result_of_run(run: Run, setup: Setup, reads: dict[str, Read], replayed: int = 0, *, details: bool = True) -> Result:
    """A finished run as a value.

    Parameters
    ----------
    run : Run
    setup : Setup
        What it was run with.
    reads : dict of str to Read
    replayed : int
        Assets whose regimes an earlier run had found.
    details : bool
        Orders, trades and regimes too.
    """
    import pandas as pd

    framework = run_state_of(run.algorithm).framework
    trackers = trackers_of(run.algorithm, *members_of(framework.alpha), *members_of(framework.risk))
    orders = backtest.orders_of(run) if details else pd.DataFrame(columns=ORDER_COLUMNS)
    regimes = {}
    for asset in (asset for tracker in trackers for asset in tracker.assets.values()) if details else ():
        found = [state for state in asset.states if state.time >= run.algorithm.start_date]
        if found and asset.ticker not in regimes:
            index = backtest.labels_of(asset, pd.DatetimeIndex([state.time for state in found], name="time"))
            index += pd.Timedelta(int(asset.is_pair and _is_east(run)), "D")
            regimes[asset.ticker] = states_to_frame(found, index, int(asset.detector.n_states))
    return Result(
        setup.name, dict(setup.base), reads, lean_result.statistics(run), backtest.equity_of(run), orders, _trades(run, details),
        regimes, sum(tracker.trainings for tracker in trackers), replayed, "" if run.error is None else first_line(run),
        {"name": run.market.name, "origin": run.market.origin, "benchmark": _benchmark(run)}, setup.trial_key({}),
    )  # fmt: skip


def _is_east(run: Run) -> bool:
    """Whether a strategy's days begin before those of UTC are over, so that their regimes are known a day of its own later."""
    start = run.algorithm.start_date
    return bool(run_state_of(run.algorithm).clock.own.from_utc(start) > start)


def _benchmark(run: Run) -> str:
    """Ticker of what the strategy is measured against; empty where that is a function of its own."""
    core = run_state_of(run.algorithm)
    return "" if core.benchmark_function is not None else str(core.benchmark_ticker or run.market.benchmark)


def _trades(run: Run, details: bool) -> pd.DataFrame:
    import pandas as pd

    rows = [
        (trade.symbol.value, DIRECTIONS[int(trade.direction)], float(trade.quantity), trade.entry_time, float(trade.entry_price),
         trade.exit_time, float(trade.exit_price), float(trade.profit_loss), float(trade.total_fees))
        for trade in run_state_of(run.algorithm).trades.closed
    ] if details else []  # fmt: skip
    return pd.DataFrame(rows, columns=list(TRADE_COLUMNS))
