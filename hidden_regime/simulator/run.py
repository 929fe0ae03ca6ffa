"""Run a strategy file unchanged."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from hidden_regime.data.market import MarketData
from hidden_regime.exceptions import ParameterError, StrategyError
from hidden_regime.files.paths import given_path
from hidden_regime.simulator import imports
from hidden_regime.simulator.algorithm import QCAlgorithm
from hidden_regime.simulator.loader import find_algorithm, loaded, made
from hidden_regime.simulator.loop.engine import Engine, Run
from hidden_regime.simulator.loop.live import LiveEngine
from hidden_regime.simulator.loop.pace import Pace
from hidden_regime.simulator.turn import alone


def run_file(
    path: str | Path,
    market: MarketData,
    *,
    parameters: Mapping[str, str] | None = None,
    start: date | None = None,
    end: date | None = None,
    cash: float | None = None,
    store: str | Path | None = None,
    prepare: Callable[[QCAlgorithm], None] | None = None,
    on_day: Callable[[date], None] | None = None,
    live: bool = False,
    pace: Pace | None = None,
) -> Run:
    """Run a strategy file, written for LEAN, over a market.

    Parameters
    ----------
    path : str or Path
        A .py file with one class that derives from QCAlgorithm.
    market : MarketData
    parameters : mapping of str to str
        What the strategy's `get_parameter` answers.
    start, end, cash
        Instead of the strategy's own.
    store : str or Path, optional
        Folder of the object store; by default one that goes with the run.
    prepare : callable
        Given the algorithm before its `initialize`.
    on_day : callable
        Told of each session's date.
    live : bool
        Feed as LEAN live does: bars raw in every normalization mode, splits and dividends in the morning, history adjusted by
        what was known by then. What else live trading is (orders at a broker, ticks, late bars) is LEAN's.
    pace : Pace, optional
        What the run waits for, which then is live; the market may grow meanwhile.

    Raises
    ------
    RegimeError
        An argument, the data or the file can't be used, or another thread runs a strategy. What the strategy's own code raises
        is in the result.
    """
    if imports.real_one_exists():
        raise StrategyError(
            "LEAN's own AlgorithmImports can be imported here, so the embedded engine steps aside: run the strategy in LEAN, "
            "or in an environment without it."
        )
    if not isinstance(path, (str, Path)):
        raise ParameterError("path", path, "the path of a .py file")
    path = given_path("path", path)
    if not callable(getattr(market, "load", None)):
        raise ParameterError("market", market, "a market", "Make one: LeanFolder(path), TableMarket(frames), open_market(name).")
    for name, day in (("start", start), ("end", end)):
        if day is not None and not isinstance(day, date):
            raise ParameterError(name, day, "a date")
    if cash is not None and not (isinstance(cash, (int, float)) and math.isfinite(cash) and cash > 0):
        raise ParameterError("cash", cash, "a number above zero")
    if parameters is not None and not isinstance(parameters, Mapping):
        raise ParameterError("parameters", parameters, "a mapping of names to texts")
    with alone(), imports.offered(str(getattr(market, "path", ""))), loaded(path) as module:
        algorithm = [made(cls, path) for cls in find_algorithm(module, path)][-1]
        if prepare is not None:
            prepare(algorithm)
        options: dict[str, Any] = {
            "parameters": parameters, "start": start, "end": end, "cash": cash, "store": store, "on_day": on_day,
        }  # fmt: skip
        if pace is not None:
            return LiveEngine(algorithm, market, pace=pace, **options).run()
        return Engine(algorithm, market, live=live, **options).run()
