"""A series whose regimes are known, and what a detector says of it."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from benchmarks.kinds import WITH_REGIMES, Made
from benchmarks.truths.measures import Score, score
from benchmarks.truths.variants import KIND_OPTIONS
from hidden_regime import RegimeDetector

FROM = 600
"""First bar that is scored: two years, so that no alternative is scored before its window says something."""

LONGER = {"hourly, flat day": 1000, "hourly, U-shaped day": 1000}
"""Where it is a later one, for more bars make a regime."""

LADDERS = {2: ("Bear", "Bull"), 3: ("Bear", "Sideways", "Bull")}


class Series(NamedTuple):
    """Bars, the true regime of each, counted from the worst, and the bar from which labels are scored."""

    frame: pd.DataFrame
    truth: np.ndarray
    n_states: int
    begin: int
    options: dict[str, Any]


class Labels(NamedTuple):
    """Regime called at each bar, counted from the worst (-1: none), and how sure that was (NaN: nobody says)."""

    labels: np.ndarray
    confidence: np.ndarray


def series_of(kind: str, seed: int) -> Series:
    """A series of a kind of `kinds.WITH_REGIMES`."""
    made = WITH_REGIMES[kind](seed)
    return Series(made.frame, truth_of(made), made.n_states, LONGER.get(kind, FROM), KIND_OPTIONS.get(kind, {}))


def truth_of(made: Made) -> np.ndarray:
    """The regimes of a market that has them."""
    if made.truth is None:
        raise ValueError("made: expected a market with regimes, this one has none")
    return made.truth


def labels_of(names: pd.Series, confidence: pd.Series, n_states: int) -> Labels:
    """Columns of a detector's frame as labels."""
    places = {name: k for k, name in enumerate(LADDERS[n_states])}
    return Labels(np.array([places.get(name, -1) for name in names], np.int64), confidence.to_numpy(np.float64))


def scored(series: Series, found: Labels, **further: float) -> Score:
    """Score of the labels from the series' first scored bar on."""
    part = slice(series.begin, len(series.truth))
    return score(found.labels[part], found.confidence[part], series.truth[part], series.n_states, **further)


def detect(series: Series, options: dict[str, Any], said_no: Callable[[pd.DataFrame, RegimeDetector], bool]) -> Score:
    """Run a detector, bar by bar as a trader sees it, and score the last bar's labels."""
    detector = RegimeDetector(series.n_states, **series.options | options)
    begin = process_time()
    states = detector.run(series.frame)
    seconds = process_time() - begin
    found = labels_of(states["regime"], states["confidence"], series.n_states)
    return scored(series, found, seconds=seconds, said_no=float(said_no(states, detector)))
