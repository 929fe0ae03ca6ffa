"""What the layer costs inside LEAN: the headline run's bars, replayed from memory with bar objects as slow as LEAN's."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from time import perf_counter

from hidden_regime import RegimeDetector
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.cache import CachingTrainer, FolderStore, MemoryStore
from hidden_regime.models.training import train
from hidden_regime.quantconnect.tracking import Tracked, Tracker
from hidden_regime.research.benchmarks.market import make_frames
from hidden_regime.signals.signal import check_allocations

ASSETS, DAYS, LOOKBACK, STATES = 6, 1000, 252, 3
FIELD = 0.35e-6
"""Seconds that LEAN takes to read a field of a bar, measured in the real engine."""

PARTS = ("read", "train", "identity", "filter", "signal")
LEAN_WALL, SHARES = 3.2, {"daily": 0.12, "monthly": 0.05}
"""Seconds that LEAN takes for the headline run by itself, and the share of them that the layer may add."""
HISTORIES = 0.08
"""Seconds in which the assets' histories are to be taken in."""


def _spin(count: int) -> None:
    for _ in range(count):
        pass


def _calibrate() -> int:
    """Turns of an empty loop that take as long as reading a field."""
    best = min(_timed(partial(_spin, 200_000)) for _ in range(7)) / 200_000
    call = min(_timed(lambda: [_spin(0) for _ in range(20_000)]) for _ in range(7)) / 20_000
    return max(math.ceil((FIELD - call) / best), 0)


def _timed(function: object) -> float:
    begin = perf_counter()
    function()  # type: ignore[operator]
    return perf_counter() - begin


class StandIn:
    """A bar whose every field takes as long to read as one of LEAN's."""

    turns = 0

    def __init__(self, values: Sequence[object], begin: datetime) -> None:
        self._values, self._begin = values, begin


def _field(place: int) -> property:
    def read(self: StandIn) -> object:
        _spin(self.turns)
        return self._values[place]

    return property(read)


for _place, _name in enumerate(("end_time", "open", "high", "low", "close", "volume")):
    setattr(StandIn, _name, _field(_place))
StandIn.time = property(lambda self: (_spin(self.turns), self._begin)[1])  # type: ignore[attr-defined]
StandIn.is_fill_forward = property(lambda self: (_spin(self.turns), False)[1])  # type: ignore[attr-defined]


def _replay(bars: dict[str, list[StandIn]], retrain: object, trainer: object) -> tuple[float, dict[str, float], float]:
    """Seconds of the layer, of its parts, and of the histories that fill the windows before."""
    tracker = Tracker()
    tracker.trainer, tracker.elsewhere = trainer, isinstance(trainer, CachingTrainer)  # type: ignore[assignment]
    for ticker in bars:
        detector = RegimeDetector(STATES, lookback=LOOKBACK, retrain=retrain, challenge_every=21)  # type: ignore[arg-type]
        tracker.add(Tracked(ticker, ticker, detector, check_allocations(None, STATES), 0.0))
    tracked = list(tracker.assets.values())
    before = 0.0
    for t in range(LOOKBACK + 1 + DAYS):
        if t == LOOKBACK + 1:  # the window is full, as history has filled it in an algorithm
            before = tracker.seconds
            tracker.profiler.enable()
        for asset in tracked:
            tracker.feed(asset, bars[asset.ticker][t])
        if t > LOOKBACK:
            for asset in tracked:
                tracker.signal(asset.ticker)
    stats = tracker.profiler.get_stats()
    split = {name: stats[name]["total_time"] for name in PARTS if name in stats}
    return tracker.seconds - before + split["signal"], split, before


def main(quick: bool = False) -> None:
    """Print the layer's seconds and where they go."""
    StandIn.turns = _calibrate()
    bar = StandIn([1.0] * 6, datetime(2020, 1, 1))
    field = min(_timed(lambda: [bar.close for _ in range(10_000)]) for _ in range(5)) / 1e4
    goals = ", ".join(f"{name} {share:.0%}" for name, share in SHARES.items())
    print(f"{os.cpu_count()} cores, one used; {ASSETS} assets, {DAYS} days, {STATES} states, window {LOOKBACK}; a field takes "
          f"{field * 1e6:.2f} us; goals of LEAN's {LEAN_WALL:g} s: {goals}")  # fmt: skip
    frames = make_frames(ASSETS, DAYS + LOOKBACK + 1)
    bars = {name: [StandIn(bar, bar.end_time) for bar in frame_to_bars(frame)] for name, frame in frames.items()}
    for some in bars.values():
        for earlier, later in zip(some, some[1:], strict=False):
            later._begin = earlier._values[0]  # type: ignore[assignment]
    print(f"{'':28}{'layer s':>9}{'of LEAN':>9}{'us/bar':>8}   " + "".join(f"{n:>10}" for n in PARTS))
    with tempfile.TemporaryDirectory() as folder:
        for name, retrain, cached in (
            ("each bar, warm", "daily", False), ("each 5 bars", 5, False), ("monthly", "monthly", False),
            ("never", "never", False),
            ("each bar, cached", "daily", True), ("monthly, cached", "monthly", True),
        ):  # fmt: skip
            found = []
            for _ in range(2 if quick else 5):
                store = FolderStore(f"{folder}/{retrain}")
                trainer = CachingTrainer(train, MemoryStore(10), store) if cached else train
                found.append(_replay(bars, retrain, trainer))
            seconds, split, histories = min(found[1:], key=lambda one: one[0])
            parts = "".join(f"{split.get(n, 0.0):>10.3f}" for n in PARTS)
            goal = SHARES.get(str(retrain))
            mark = "" if cached or goal is None or seconds <= goal * LEAN_WALL else "  MISSED"
            print(
                f"{name:28}{seconds:>9.3f}{seconds / LEAN_WALL:>9.1%}{seconds / ASSETS / DAYS * 1e6:>8.0f}   {parts}{mark}",
                flush=True,
            )
            if retrain == "daily" and not cached:
                print(f"  histories of {ASSETS} assets taken in: {histories:.3f} s (goal {HISTORIES:g} s)")
