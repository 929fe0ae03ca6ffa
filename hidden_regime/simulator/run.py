"""Run a strategy file unchanged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from hidden_regime.data.market import MarketData
from hidden_regime.exceptions import StrategyError
from hidden_regime.simulator import imports
from hidden_regime.simulator.loader import find_algorithm, loaded, made
from hidden_regime.simulator.loop.engine import Engine, Run


def run_file(
    path: str | Path,
    market: MarketData,
    *,
    parameters: Mapping[str, str] | None = None,
    start: date | None = None,
    end: date | None = None,
    cash: float | None = None,
    store: str | Path | None = None,
    on_day: Callable[[date], None] | None = None,
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
    on_day : callable
        Told of each session's date.
    """
    path = Path(path)
    if imports.real_one_exists():
        raise StrategyError(
            "LEAN's own AlgorithmImports can be imported here, so the embedded engine steps aside: run the strategy in LEAN, "
            "or in an environment without it."
        )
    with imports.offered(str(getattr(market, "path", ""))), loaded(path) as module:
        algorithm = [made(cls, path) for cls in find_algorithm(module, path)][-1]
        engine = Engine(algorithm, market, parameters=parameters, start=start, end=end, cash=cash, store=store, on_day=on_day)
        return engine.run()
