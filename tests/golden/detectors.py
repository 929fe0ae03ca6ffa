"""Every field of every state of some detectors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from hidden_regime import Bar, MarketDetector, RegimeDetector, RegimeState, load_dataset
from hidden_regime.bars.frames import frame_to_bars
from tests.golden.markets import drawn, halted, hidden_for_years

Frames = Callable[[], Any]


def sp500(n: int) -> Frames:
    """The first bars of the packaged index."""
    return lambda: load_dataset("sp500").iloc[:n]


DETECTORS: dict[str, tuple[Mapping[str, Any], Frames]] = {
    "default": ({}, sp500(3000)),
    "default_drawn": ({}, lambda: drawn("SYN_GROWTH", 1000)),
    "two_states": ({"n_states": 2}, sp500(1500)),
    "four_states": ({"n_states": 4}, sp500(3000)),
    "five_states": ({"n_states": 5, "retrain": "quarterly"}, lambda: load_dataset("msft").iloc[:1000]),
    "weekly": ({"retrain": "weekly"}, sp500(1500)),
    "without_memory": ({"memory": 0.0}, sp500(1500)),
    "student_t": ({"n_states": 2, "emission": "student_t"}, sp500(700)),
    "hidden_for_years": ({"n_states": 2}, lambda: hidden_for_years().market.load("HIDDEN").frame()),
    "halted": ({"n_states": 2, "lookback": 60, "retrain": "weekly"}, halted),
    "adaptive": ({"n_states": 2, "retrain": "adaptive", "stagger": "AAPL", "min_bars": 120}, lambda: load_dataset("aapl").iloc[:800]),
    "challengers": (
        {"covariance_type": "full", "challengers": ("kmeans", "random", "volatility"), "challenge_every": 40, "margin": 0.5,
         "features": ("log_return", "log_range", "volume_zscore"), "hysteresis": 0.0, "min_duration": 4, "retrain": 21},
        lambda: load_dataset("ibm").iloc[:800]),
    "market": ({"n_states": 2, "lookback": 120}, lambda: {name: load_dataset(name).iloc[:500] for name in ("aapl", "ibm", "msft")}),
}  # fmt: skip
"""Options and prices by name; a mapping of prices is a market's."""


def fields_of(state: RegimeState) -> dict[str, object]:
    """All that a state says, in columns."""
    return {
        "time": f"{state.time:%Y-%m-%d}",
        "regime": state.regime,
        "state": state.state,
        "confidence": state.confidence,
        **{f"prob_{k}": p for k, p in enumerate(state.probabilities)},
        "names": "|".join(state.names),
        "duration": state.duration,
        "expected_duration": state.expected_duration,
        "log_likelihood": state.log_likelihood,
        "trained_at": f"{state.trained_at:%Y-%m-%d}",
        "changed": int(state.changed),
        "error": state.error,
        "notes": state.notes,
    }


def states_of(options: Mapping[str, Any], prices: Any) -> list[RegimeState]:
    """What a detector says bar by bar, from its first training on."""
    detector: RegimeDetector
    bars: Iterable[Any]
    if isinstance(prices, pd.DataFrame):
        detector, bars = RegimeDetector(**options), frame_to_bars(prices)
    else:
        detector, bars = MarketDetector(**options), _moments(prices)
    return [state for bar in bars if (state := detector.update(bar)) is not None]


def _moments(frames: Mapping[str, pd.DataFrame]) -> list[dict[str, Bar]]:
    of_time: dict[Any, dict[str, Bar]] = {}
    for ticker, frame in frames.items():
        for bar in frame_to_bars(frame):
            of_time.setdefault(bar.end_time, {})[ticker] = bar
    return [of_time[time] for time in sorted(of_time)]


def rows(name: str) -> list[dict[str, object]]:
    """The states of a detector by its name."""
    options, prices = DETECTORS[name]
    return [fields_of(state) for state in states_of(options, prices())]
