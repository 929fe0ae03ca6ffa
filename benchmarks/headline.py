"""The goals: the headline backtest, hundreds of assets retrained on every bar, memory, and what an asset costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import timeit
from pathlib import Path
from time import perf_counter

import pandas as pd

from hidden_regime import RegimeDetector
from hidden_regime.data import TableMarket
from hidden_regime.many.run import precompute
from hidden_regime.quantconnect.performance import PerformanceProfiler
from hidden_regime.research.benchmarks.market import make_frames
from hidden_regime.simulator import run_file

ASSETS, DAYS, LOOKBACK, STATES = 6, 1000, 252, 3
STRATEGY = """from AlgorithmImports import *
from hidden_regime.quantconnect import HiddenRegimeAlgorithmOptimized

class Headline(HiddenRegimeAlgorithmOptimized):
    def initialize(self):
        self.set_start_date({start:%Y, %-m, %-d})
        self.set_end_date({end:%Y, %-m, %-d})
        self.set_cash(1_000_000)
        {cache}
        self.enable_batch_updates(use_parallel=False)
        self.symbols = [self.add_equity(ticker, Resolution.DAILY).symbol for ticker in {tickers}]
        for symbol in self.symbols:
            self.initialize_regime_detection(symbol, {states}, {lookback}, {retrain!r}, challenge_every=21)
        self.wanted, self.plan = False, {{}}

    def on_regime_change(self, *facts):
        self.wanted = True

    def on_data(self, data):
        if self.wanted:
            self.wanted = False
            self.plan[self.time] = [self.get_regime_allocation(s) / {assets} for s in self.symbols]
            self.set_holdings([PortfolioTarget(s, w) for s, w in zip(self.symbols, self.plan[self.time])])
"""
WITHOUT = """from datetime import datetime
from AlgorithmImports import *

class Headline(QCAlgorithm):
    def initialize(self):
        self.set_start_date({start:%Y, %-m, %-d})
        self.set_end_date({end:%Y, %-m, %-d})
        self.set_cash(1_000_000)
        self.symbols = [self.add_equity(ticker, Resolution.DAILY).symbol for ticker in {tickers}]
        self.plan = {{datetime.fromisoformat(time): weights for time, weights in {plan}.items()}}

    def on_data(self, data):
        weights = self.plan.get(self.time)
        if weights:
            self.set_holdings([PortfolioTarget(s, w) for s, w in zip(self.symbols, weights)])
"""
"""The same orders, from a plan instead of regimes."""
MANY = """
import json, sys
from time import perf_counter
from hidden_regime import RegimeDetector
from hidden_regime.many.run import run_many
from hidden_regime.research.benchmarks.market import make_frames
from hidden_regime.research.benchmarks.memory import peak_megabytes
assets, days, retrain = json.loads(sys.argv[1])
frames = make_frames(assets, days + 253)
run_many(make_frames(2, 90), RegimeDetector(3, lookback=60), max_workers=1)
begin = perf_counter()
found = run_many(frames, RegimeDetector(3, retrain=retrain, challenge_every=21), max_workers=1)
seconds = perf_counter() - begin
print(json.dumps([seconds, len(found.errors), peak_megabytes()]))
"""


def _sessions(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The same bars on real sessions of the exchange, for the engine keeps its calendar."""
    import exchange_calendars

    bars = len(next(iter(frames.values())))
    index = exchange_calendars.get_calendar("XNYS", start="2010-01-01", end="2019-12-31").sessions[:bars]
    return {name: frame.set_index(pd.DatetimeIndex(index, name="date")) for name, frame in frames.items()}


def main(quick: bool = False) -> None:
    """Print seconds against goals."""
    repeats = 2 if quick else 5
    print(f"{os.cpu_count()} cores, one used; best seconds of {repeats} runs after a first one")
    frames = _sessions(make_frames(ASSETS, DAYS + LOOKBACK + 1))
    _headline(frames, repeats)
    _profiler()
    _many((100,) if quick else (1, 6, 60, 250, 500), 100 if quick else 1000)


def _headline(frames: dict[str, pd.DataFrame], repeats: int) -> None:
    market = TableMarket(frames)
    dates = next(iter(frames.values())).index
    print(f"HEADLINE BACKTEST in the embedded engine: {ASSETS} assets, {DAYS} days, {STATES} states, window {LOOKBACK}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "headline.py"
        baseline = {}
        for name, retrain, cache, goal in (
            ("retrained on every bar", "daily", False, 1.5), ("every 5 bars", 5, False, None), ("monthly", "monthly", False, 1.1),
            ("monthly, cached: second run", "monthly", True, None), ("every bar, cached: second run", "daily", True, None),
            ("never", "never", False, None),
        ):  # fmt: skip
            store = f"self.enable_caching(max_cache_size=10, store={folder + '/' + retrain!r})" if cache else ""
            path.write_text(STRATEGY.format(
                start=dates[LOOKBACK + 1], end=dates[-1], cache=store, tickers=list(frames), states=STATES, lookback=LOOKBACK,
                retrain=retrain, assets=ASSETS), encoding="utf-8")  # fmt: skip
            seconds, inside = [], []
            for _ in range(repeats + 1):
                begin = perf_counter()
                done = run_file(path, market)
                seconds.append(perf_counter() - begin)
                inside.append(done.algorithm._hr.seconds)
            if done.error is not None:
                raise done.error
            orders = [(o.time, o.symbol.value, o.quantity, o.price) for o in done.algorithm._sim.book.orders.values()]
            same = ""
            if cache:
                same = f"; orders {'equal' if orders == baseline[retrain] else 'DIFFERENT'}"
                stats = done.algorithm.get_cache_stats()
                same += f", {stats['trainings']} trainings, {stats['hit_rate']:.0%} hits"
            baseline[retrain] = orders
            plan = {str(time): weights for time, weights in done.algorithm.plan.items()}
            path.write_text(
                WITHOUT.format(start=dates[LOOKBACK + 1], end=dates[-1], tickers=list(frames), plan=plan), encoding="utf-8"
            )
            bare = min(_timed(path, market) for _ in range(repeats + 1))
            wall, layer = min(seconds[1:]), min(inside[1:])
            bars = ASSETS * (DAYS + LOOKBACK + 1)
            aim = "" if goal is None else f" (goal {goal:g})"
            print(f"  {name:32}{wall:7.2f} s, {wall / bare:4.2f}x without regimes{aim:11} in the layer {layer:.2f} s, "
                  f"{layer / bars * 1e6:.0f} us an asset and bar; {len(orders)} orders{same}", flush=True)  # fmt: skip
        begin = perf_counter()
        detector = RegimeDetector(STATES, lookback=LOOKBACK, retrain="daily", challenge_every=21)
        made = precompute(frames, detector, store=f"{folder}/p", start=dates[LOOKBACK + 1])
        print(f"  precompute, every bar, into a folder: {perf_counter() - begin:.2f} s, {made.statistics['trainings']} trainings")


def _timed(path: Path, market: TableMarket) -> float:
    begin = perf_counter()
    done = run_file(path, market)
    seconds = perf_counter() - begin
    if done.error is not None:
        raise done.error
    return seconds


def _profiler() -> None:
    profiler = PerformanceProfiler()

    def block() -> None:
        with profiler.time_block("work"):
            pass

    @profiler.time_operation("work")
    def decorated() -> None: ...

    def bare() -> None: ...

    def cost(function: object) -> float:
        return min(timeit.repeat(function, number=20_000, repeat=7)) / 20_000  # type: ignore[arg-type]

    empty = cost(bare)
    on = [cost(f) - empty for f in (block, decorated)]
    profiler.disable()
    off = [cost(f) - empty for f in (block, decorated)]
    share = lambda seconds: f"{seconds * 1e9:.0f} ns = {seconds / 2e-4:.2%} of 0.2 ms"
    print(
        f"PROFILER: block on {share(on[0])}, off {share(off[0])}; decorator on {share(on[1])}, off {share(off[1])} (goal on: 1%)"
    )


def _many(counts: tuple[int, ...], days: int) -> None:
    print(f"DETECTORS ALONE, {days} days after the first window, one core, each in a process of its own")
    for retrain in ("daily", "monthly"):
        for assets in counts:
            given = json.dumps([assets, days, retrain])
            done = subprocess.run([sys.executable, "-c", MANY, given], capture_output=True, text=True, check=True)
            seconds, errors, megabytes = json.loads(done.stdout.splitlines()[-1])
            goal = " (goals 30 s, 300 MB)" if (assets, days, retrain) == (500, 1000, "daily") else ""
            print(f"  {retrain:8}{assets:4} assets: {seconds:7.2f} s, {seconds / assets / days * 1e6:5.0f} us an asset and day, "
                  f"most memory {megabytes:.0f} MB{goal}{f', {errors} ERRORS' if errors else ''}", flush=True)  # fmt: skip
