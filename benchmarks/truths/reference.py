"""The reference market: four assets that one chain drives, with what it was made of known, see `tests/cases/README.md`."""

from __future__ import annotations

import copy
import csv
from collections.abc import Sequence
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from benchmarks.truths import oracle
from benchmarks.truths.measures import Score
from benchmarks.truths.rivals import always_bull, features, hmmlearn_labels
from benchmarks.truths.series import LADDERS, Labels, Series, scored
from benchmarks.truths.variants import DEFAULTS, EVERYTHING, VARIANTS
from hidden_regime import RegimeDetector
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.data import LeanFolder
from hidden_regime.exceptions import TrainingError
from hidden_regime.models.training import train

DATA = Path(__file__).parents[2] / "tests" / "cases" / "data"
FIRST, LAST, QUICK_LAST = 1100, 3100, 1350
WINDOWS = {"252": 252, "504": 504, "1008": 1008, "all history": EVERYTHING}

ORACLES = ("oracle on returns, Gaussian", "oracle on returns, Student-t", "oracle on return and range")
RIVALS = tuple(f"hmmlearn, {window}, {what}" for window in WINDOWS for what in ("returns", "with range"))
ROWS = (*ORACLES, *VARIANTS, *RIVALS, "always Bull")
QUICK_ROWS = (*ORACLES, DEFAULTS, "memory 0", *RIVALS[:2], "always Bull")

GOALS = {"memory 0": (0.72, 0.89), DEFAULTS: (0.83, 0.93), "all history": (0.88, 0.96)}
"""Least share of right labels, and of bars rightly called Bear or not, over the four assets and all 2,000 bars."""


def meets_goal(row: str, scores: Sequence[Score]) -> bool:
    """Whether a row that has a goal meets it, on the average of the assets."""
    right, bear = (float(np.mean([getattr(score, field) for score in scores])) for field in ("right", "bear"))
    return right >= GOALS[row][0] and bear >= GOALS[row][1]


def truth() -> np.ndarray:
    """True regime of each session, counted from the worst; the file counts from the best."""
    with (DATA / "truth.csv").open() as file:
        return 2 - np.array([int(row["state"]) for row in csv.DictReader(file)])


def series_of(ticker: str, last: int = LAST) -> Series:
    """An asset up to a bar."""
    frame = LeanFolder(DATA, synthetic=True).load(ticker).frame().iloc[:last]
    return Series(frame, truth()[: len(frame)], 3, FIRST, {})


def measure(ticker: str, row: str, last: int = LAST) -> Score:
    """One row of the table for one asset."""
    series = series_of(ticker, last)
    begin = process_time()
    if row in ORACLES:
        return scored(series, oracle_labels(series, ticker, row))
    if row in VARIANTS:
        return ours(series, VARIANTS[row])
    if row == "always Bull":
        return scored(series, always_bull(len(series.truth), 3))
    _, window, what = row.split(", ")
    x = features(series.frame, what == "with range")
    found, moved = hmmlearn_labels(x, series.frame.index, 3, FIRST, WINDOWS[window])
    return scored(series, found, moved=moved, seconds=process_time() - begin)


def oracle_labels(series: Series, ticker: str, row: str) -> Labels:
    """What a filter says that knows the market."""
    x, asset = features(series.frame), oracle.ASSETS[ticker]
    if row == ORACLES[0]:
        variance = (asset.beta * oracle.MARKET_SD) ** 2 + (asset.noise * oracle.WILDER) ** 2
        densities = oracle.gaussian_densities(x[:, :1], oracle.means_of(asset)[:, None], variance[:, None, None])
    elif row == ORACLES[1]:
        densities = oracle.student_densities(x[:, 0], asset)
    else:
        densities = oracle.gaussian_densities(x, *oracle.own_moments(*_whole(ticker)))
    probabilities = oracle.filtered(densities)
    return Labels(probabilities.argmax(axis=1), probabilities.max(axis=1))


def _whole(ticker: str) -> tuple[np.ndarray, np.ndarray]:
    """Observations of all sessions and their regimes: an oracle's moments are those of everything."""
    whole = series_of(ticker, EVERYTHING)
    return features(whole.frame)[1:], whole.truth[1:]


def ours(series: Series, options: dict[str, Any]) -> Score:
    """The detector, bar by bar; each training is asked what it alone changed."""
    places = {name: k for k, name in enumerate(LADDERS[3])}
    detector, moved, seconds = RegimeDetector(3, **options), [], 0.0
    n = len(series.frame)
    found = Labels(np.full(n, -1), np.full(n, np.nan))
    for t, bar in enumerate(frame_to_bars(series.frame)):
        begin = process_time()
        task = detector.push(bar)
        seconds += process_time() - begin
        is_asked = task is not None and detector.model is not None and t >= series.begin
        before = copy.deepcopy(detector).adopt(TrainingError("not adopted")) if is_asked else None
        begin = process_time()
        state = detector.adopt(None if task is None else train([task])[0])
        seconds += process_time() - begin
        if state is None:
            continue
        found.labels[t], found.confidence[t] = places[state.regime], state.confidence
        if before is not None:
            moved.append(before.regime != state.regime)
    return scored(series, found, moved=float(np.mean(moved)) if moved else 0.0, seconds=seconds)
