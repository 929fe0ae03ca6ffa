"""How long the embedded engine takes, how many bars a second that is, and where the time goes."""

from __future__ import annotations

import cProfile
import os
import pstats
import resource
import statistics
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from time import process_time

import exchange_calendars
import numpy as np
import pandas as pd

from hidden_regime.data import LeanFolder, TableMarket
from hidden_regime.simulator import run_file
from hidden_regime.simulator.loop.engine import Run

CASES = Path(__file__).parent.parent / "tests" / "cases"
MONTHLY = """
from AlgorithmImports import *

class Monthly(QCAlgorithm):
    def initialize(self):
        self.set_start_date({start})
        self.set_end_date({end})
        self.set_cash(10_000_000)
        self.set_maximum_orders(10**6)
        self.settings.minimum_order_margin_portfolio_percentage = 0
        self.symbols = [self.add_equity(f"A{{i:03d}}", Resolution.DAILY).symbol for i in range({assets})]
        self.month = None

    def on_data(self, data):
        if self.time.month != self.month:
            self.month = self.time.month
            self.set_holdings([PortfolioTarget(s, 0.9 / {assets}) for s in self.symbols])
"""


def main(quick: bool = False) -> None:
    """Print processor seconds of two strategies without regimes, with data that a run before has read already."""
    repeats = 3 if quick else 7
    print(f"{os.cpu_count()} cores, one used; processor seconds, median of {repeats} after a first run")
    market = LeanFolder(CASES / "data", synthetic=True)
    strategy = CASES / "algorithms" / "r20_regime_shape.py"
    _report("r20: 15 years, 5 assets, hourly benchmark", lambda: run_file(strategy, market), 5, repeats, goal=0.3)
    sizes = ((100, 250),) if quick else ((500, 250), (500, 500), (500, 1000))
    with tempfile.TemporaryDirectory() as folder:
        for assets, days in sizes:
            path = Path(folder) / "monthly.py"
            table, dates = _table(assets, days)
            path.write_text(
                MONTHLY.format(assets=assets, start=f"{dates[0]:%Y, %-m, %-d}", end=f"{dates[-1]:%Y, %-m, %-d}"), encoding="utf-8"
            )
            goal = 3.0 if (assets, days) == (500, 1000) else None
            name = f"set_holdings each month: {days} days, {assets} assets"
            _report(name, lambda path=path, table=table: run_file(path, table), assets, min(repeats, 3), goal=goal)  # type: ignore[misc]


def _table(assets: int, days: int) -> tuple[TableMarket, pd.DatetimeIndex]:
    sessions = exchange_calendars.get_calendar("XNYS", start="2014-01-01", end="2019-12-31").sessions[:days]
    index = pd.DatetimeIndex(sessions, name="date")
    steps = np.random.default_rng(0).normal(0.0003, 0.01, (days, assets))
    closes = 50.0 * np.exp(np.cumsum(steps, axis=0))
    frames = {}
    for i in range(assets):
        close = closes[:, i]
        columns = {"open": close * 0.999, "high": close * 1.01, "low": close * 0.99, "close": close, "volume": 1e6}
        frames[f"A{i:03d}"] = pd.DataFrame(columns, index=index)
    return TableMarket(frames), index


def _report(name: str, run: Callable[[], Run], assets: int, repeats: int, *, goal: float | None = None) -> None:
    seconds = []
    for _ in range(repeats + 1):
        begin = process_time()
        done = run()
        seconds.append(process_time() - begin)
        steps, core = done.steps, done.algorithm._sim
        orders, sessions = len(core.book.orders), len(core.calendar.between(core.start.date(), core.end.date()))
        del done, core
    median = statistics.median(seconds[1:])
    print(f"\n{name}")
    print(f"  first {seconds[0]:.2f} s, then {median:.2f} s{f' (goal {goal:g})' if goal else ''}: {steps} steps, {orders} orders")
    print(f"  {sessions * assets / median:,.0f} daily bars a second; most memory so far {_megabytes():.0f} MB")
    print(f"  where it goes, under a profiler: {_where(run)}")


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def _where(run: Callable[[], Run]) -> str:
    """Shares of the time by the engine's rooms."""
    profile = cProfile.Profile()
    profile.runcall(run)
    rooms: Counter[str] = Counter()
    for (file, _, _), (_, _, own, _, callers) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        if file == "~":
            # What is built in counts for those who call it.
            for (caller, _, _), (_, _, part, _) in callers.items():
                rooms[_room(caller)] += part
        else:
            rooms[_room(file)] += own
    total = sum(rooms.values())
    return ", ".join(f"{room} {part / total:.0%}" for room, part in rooms.most_common(9))


def _room(file: str) -> str:
    parts = Path(file).parts
    if "simulator" in parts:
        inside = parts[parts.index("simulator") + 1 :]
        return inside[0].removesuffix(".py")
    if "algorithms" in parts or parts[-1:] == ("monthly.py",):
        return "the strategy"
    return "numpy" if "numpy" in parts else "other"
