"""Markets without regimes: what a detector makes of them, and whether it says that there are none."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.kinds import WITHOUT
from benchmarks.truths.measures import YEAR
from benchmarks.truths.series import FROM
from hidden_regime import RegimeDetector

SMALL = 20
"""Bars of a regime below which its volatility isn't told."""


class Seen(NamedTuple):
    """What was seen in a market without regimes: shares of bars, label changes a year, volatility a year in Bear and Bull."""

    bear: float
    bull: float
    flips: float
    confidence: float
    noted: float
    said_no: float
    bear_sd: float
    bull_sd: float


def said_no(states: pd.DataFrame, detector: RegimeDetector) -> bool:
    """Whether a detector that has seen enough has found no regimes, at any bar; on a market with some the answer should be no."""
    return detector.course.doubt.has_none


def look(kind: str, seed: int) -> Seen:
    """Run the defaults, of three regimes, on a kind of `kinds.WITHOUT`."""
    frame = WITHOUT[kind](seed).frame
    detector = RegimeDetector(3)
    states = detector.run(frame)
    part = states.iloc[FROM:]
    regime = part["regime"].to_numpy(object)
    returns = np.diff(np.log(frame["close"].to_numpy()))[FROM - 1 :]
    sd = [_sd(returns[regime == name]) for name in ("Bear", "Bull")]
    return Seen(float(np.mean(regime == "Bear")), float(np.mean(regime == "Bull")),
                float(np.sum(regime[1:] != regime[:-1]) * YEAR / len(regime)), float(part["confidence"].mean()),
                float(np.mean(part["notes"] != "")), float(said_no(states, detector)), *sd)  # fmt: skip


def _sd(returns: np.ndarray) -> float:
    return float(returns.std() * np.sqrt(YEAR)) if len(returns) >= SMALL else np.nan
