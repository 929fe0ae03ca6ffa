"""A bar's whole step: what one detector and many take for it, beside the reference's step and the arithmetic within it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from time import perf_counter

import numpy as np
import pandas as pd

from benchmarks.headline import MANY
from hidden_regime import RegimeDetector, kernels, load_dataset
from hidden_regime.bars.bar import Bar
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.detection.rules import width
from hidden_regime.detection.step import step_openly
from hidden_regime.research.benchmarks.market import make_frames

BEFORE, BARS = 300, 1000
YEARS = 25


def main(quick: bool = False) -> None:
    """Print microseconds a bar, and seconds of whole histories, against their goals."""
    repeats = 2 if quick else 5
    print(f"{os.cpu_count()} cores, one used; best of {repeats}; three states, a window of 252, bars of the packaged S&P 500")
    print(f"{'':34}{'us a bar':>10}{'goal':>6}{'reference':>11}{'ratio':>7}")
    bars = list(frame_to_bars(load_dataset("sp500").iloc[: BEFORE + BARS]))
    for name, retrain, goal in (("update, trained on every bar", "daily", 30), ("update, never trained again", "never", 8)):
        ours = min(_one_by_one(bars, retrain, RegimeDetector.update) for _ in range(repeats))
        theirs = _one_by_one(bars[: BEFORE + BARS // 4], retrain, _openly)
        print(f"{name:34}{ours * 1e6:>10.1f}{goal:>6}{theirs * 1e6:>11.1f}{theirs / ours:>6.1f}x", flush=True)
    _arithmetic(repeats)
    frame = _years(YEARS)
    for retrain, goal in (("daily", 0.15), ("monthly", None)):
        seconds = min(_timed(partial(RegimeDetector(retrain=retrain).run, frame)) for _ in range(repeats))
        said = "" if goal is None else f" (goal {goal:g} s)"
        print(f"run, {YEARS} years of daily bars ({len(frame)}), {retrain}: {seconds:.3f} s{said}, "
              f"{seconds / len(frame) * 1e6:.1f} us a bar", flush=True)  # fmt: skip
    for assets, days, retrain in ((60, 250, "daily"),) if quick else ((500, 1000, "daily"), (5000, 250, "monthly")):
        found = [_many(assets, days, retrain) for _ in range(1 if assets == 5000 else min(repeats, 3))]
        seconds, errors, megabytes = min(found)
        each = seconds / assets / days * 1e6
        wrong = f", {errors} ERRORS" if errors else ""
        print(f"run_many, {assets} assets x {days} days, {retrain}: {seconds:.2f} s, {each:.1f} us an asset and day, most memory "
              f"{megabytes:.0f} MB{wrong}", flush=True)  # fmt: skip
    _memory()


def _timed(work: Callable[[], object]) -> float:
    begin = perf_counter()
    work()
    return perf_counter() - begin


def _openly(detector: RegimeDetector, bar: Bar) -> object:
    """The reference's step."""
    state = step_openly([detector.course], [detector.offer(bar)])[0]
    detector.mend()
    return state


def _one_by_one(bars: list[Bar], retrain: str, take: Callable[[RegimeDetector, Bar], object]) -> float:
    """Seconds a bar after the first window."""
    detector = RegimeDetector(retrain=retrain)
    for bar in bars[:BEFORE]:
        take(detector, bar)
    begin = perf_counter()
    for bar in bars[BEFORE:]:
        take(detector, bar)
    return (perf_counter() - begin) / (len(bars) - BEFORE)


def _arithmetic(repeats: int) -> None:
    """What the kernels take of it: C++ between the reading of a bar and the telling of its regime."""
    if not kernels.can_follow():
        print("the C++ kernels aren't in use: every step is the reference's")
        return
    frame = load_dataset("sp500").iloc[: BEFORE + BARS]
    best = np.full(3, np.inf)
    for _ in range(repeats):
        detector, spent = RegimeDetector(retrain="daily"), np.zeros(3)
        detector.run(frame.iloc[:BEFORE])
        times, rows = RegimeDetector().history(frame) or ((), np.empty((0, 2)))
        slate = detector.course_as_is.slate
        assert slate is not None
        told = np.empty((len(rows), width("told", slate.rules.shape)))
        progress = np.array([[BEFORE, 0]])
        periods = np.array([detector.course_as_is.options.schedule.period(time) for time in times], np.float64)
        kernels.follow([slate.numbers], [rows], [periods], [told], slate.rules.numbers, progress, True, spent)
        best = np.minimum(best, spent / max(int(progress[0, 0]) - BEFORE, 1))
    fit, identity, rest = best * 1e6
    print(f"  of it in the kernels, on every bar: {best.sum() * 1e6:.1f} us: fits {fit:.1f}, smoothing, identity and names "
          f"{identity:.1f}, filter and regime {rest:.1f}")  # fmt: skip


def _years(years: int) -> pd.DataFrame:
    """Daily bars of a simulated stock."""
    return next(iter(make_frames(1, 252 * years).values()))


def _many(assets: int, days: int, retrain: str) -> tuple[float, int, float]:
    done = subprocess.run(
        [sys.executable, "-c", MANY, json.dumps([assets, days, retrain])], capture_output=True, text=True, check=True
    )
    seconds, errors, megabytes = json.loads(done.stdout.splitlines()[-1])
    return seconds, errors, megabytes


HELD = """
import json
from hidden_regime import RegimeDetector
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.research.benchmarks.market import make_frames
from hidden_regime.research.benchmarks.memory import peak_megabytes
bars = list(frame_to_bars(next(iter(make_frames(1, 320).values()))))
RegimeDetector(retrain="daily").run(next(iter(make_frames(1, 300).values())))
before = peak_megabytes()
detectors = [RegimeDetector(retrain="daily") for _ in range(500)]
for detector in detectors:
    for bar in bars:
        detector.update(bar)
print(peak_megabytes() - before)
"""


def _memory() -> None:
    done = subprocess.run([sys.executable, "-c", HELD], capture_output=True, text=True, check=True)
    print(f"500 detectors hold {float(done.stdout):.0f} MB after 320 bars (goal 60 MB)")
