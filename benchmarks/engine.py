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

MINUTES = 390
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
        self.symbols = [self.add_equity(f"A{{i:03d}}", Resolution.{resolution}).symbol for i in range({assets})]
        self.month = None

    def on_data(self, data):
        if self.time.month != self.month:
            self.month = self.time.month
            self.set_holdings([PortfolioTarget(s, 0.9 / {assets}) for s in self.symbols])
"""


def main(quick: bool = False) -> None:
    """Print processor seconds of strategies without regimes, with data that a run before has read already."""
    repeats = 3 if quick else 7
    print(f"{os.cpu_count()} cores, one used; processor seconds, median of {repeats} after a first run")
    market = LeanFolder(CASES / "data", synthetic=True)
    strategy = CASES / "algorithms" / "r20_regime_shape.py"
    _report("r20: 15 years, 5 assets, hourly benchmark", lambda: run_file(strategy, market), 5, repeats, goal=0.25)
    sizes = ((100, 250, None),) if quick else ((500, 250, None), (500, 500, None), (500, 1000, 2.5))
    with tempfile.TemporaryDirectory() as folder:
        for assets, days, goal in sizes:
            table, path = monthly(Path(folder), assets, days)
            name = f"set_holdings each month: {days} days, {assets} assets"
            _report(name, lambda path=path, table=table: run_file(path, table), assets, min(repeats, 3), goal=goal)  # type: ignore[misc]
        assets, days, goal = (5, 25, None) if quick else (20, 252, 6.0)
        table, path = monthly(Path(folder), assets, days, minutes=True)
        name = f"set_holdings each month: {days} days of minute bars, {assets} assets"
        _report(name, lambda: run_file(path, table), assets * MINUTES, min(repeats, 3), goal=goal)


def monthly(folder: Path, assets: int, days: int, *, minutes: bool = False) -> tuple[TableMarket, Path]:
    """Generated prices, and a strategy in a folder that rebalances them at the start of each month."""
    sessions = exchange_calendars.get_calendar("XNYS", start="2014-01-01", end="2019-12-31").sessions[:days]
    times, scale = sessions, 1.0
    if minutes:
        within = pd.timedelta_range("9h30min", periods=MINUTES, freq="min")
        times, scale = pd.DatetimeIndex((sessions.to_numpy()[:, None] + within.to_numpy()).ravel()), 1.0 / MINUTES
    path = folder / "monthly.py"
    text = MONTHLY.format(
        assets=assets, resolution="MINUTE" if minutes else "DAILY", start=f"{sessions[0]:%Y, %-m, %-d}",
        end=f"{sessions[-1]:%Y, %-m, %-d}",
    )  # fmt: skip
    path.write_text(text, encoding="utf-8")
    return _table(pd.DatetimeIndex(times, name="date"), assets, scale), path


def _table(index: pd.DatetimeIndex, assets: int, scale: float) -> TableMarket:
    """Random walks, whose bars last so many days."""
    steps = np.random.default_rng(0).normal(0.0003 * scale, 0.01 * np.sqrt(scale), (len(index), assets))
    closes = 50.0 * np.exp(np.cumsum(steps, axis=0))
    frames = {}
    for i in range(assets):
        close = closes[:, i]
        columns = {"open": close * 0.999, "high": close * 1.01, "low": close * 0.99, "close": close, "volume": 1e6}
        frames[f"A{i:03d}"] = pd.DataFrame(columns, index=index)
    return TableMarket(frames)


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
    print(f"  {sessions * assets / median:,.0f} bars a second; most memory so far {_megabytes():.0f} MB")
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
