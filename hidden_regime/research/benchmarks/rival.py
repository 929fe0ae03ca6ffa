"""What a user would otherwise write: hmmlearn for each asset in a loop, retrained by the same schedule from the same start."""

from __future__ import annotations

import importlib.util
import logging
import warnings
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.bars.features import DEFAULT_FEATURES
from hidden_regime.bars.observer import Observer
from hidden_regime.models.initialisation import from_ranking, volatility_ranking

if TYPE_CHECKING:
    import pandas as pd

MOST_FITS, MOST_BARS = 24, 48
"""Trainings and bars that are measured; their means count for all."""


def is_installed() -> bool:
    """Whether hmmlearn is there."""
    return importlib.util.find_spec("hmmlearn") is not None


def observations(frame: pd.DataFrame) -> np.ndarray[Any, Any]:
    """What the detector sees of a frame: log return and log range."""
    from hidden_regime.bars.frames import frame_to_bars

    observer = Observer(DEFAULT_FEATURES)
    rows = [observer.values(bar) for bar in frame_to_bars(frame)]
    return np.array([row for row in rows if row is not None])


def seconds(frames: Mapping[str, pd.DataFrame], ends: Mapping[str, Sequence[int]], lookback: int,
            n_states: int) -> dict[str, float]:  # fmt: skip
    """Estimated seconds of the loop, from fits and bars chosen evenly from all.

    Parameters
    ----------
    frames : mapping of str to DataFrame
    ends : mapping of str to sequence of int
        For each asset one past the last observation of each training's window.
    lookback, n_states : int

    Returns
    -------
    dict
        seconds (estimated for all), fits, seconds_a_fit, bars, seconds_a_bar.
    """
    from hmmlearn.hmm import GaussianHMM

    logging.getLogger("hmmlearn").setLevel(logging.CRITICAL)
    trainings = [(name, end) for name, some in ends.items() for end in some]
    bars = sum(len(frame) - 1 - some[0] for frame, some in zip(frames.values(), ends.values(), strict=True) if len(some))
    chosen = [trainings[i] for i in np.unique(np.linspace(0, len(trainings) - 1, min(MOST_FITS, len(trainings))).astype(int))]
    x = {name: observations(frames[name]) for name in {name for name, _ in chosen}}
    fitting = 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, end in chosen:
            window = x[name][end - lookback : end]
            scaled = (window - window.mean(axis=0)) / window.std(axis=0)
            start = from_ranking(scaled, volatility_ranking(scaled, 1, is_volatility=True), n_states)
            model = GaussianHMM(n_states, "diag", n_iter=100, tol=1e-3, init_params="", implementation="scaling")
            model.startprob_, model.transmat_, model.means_ = start.startprob, start.transmat, start.means
            model.covars_ = np.diagonal(start.covars, axis1=1, axis2=2)
            begin = perf_counter()
            model.fit(scaled)
            fitting += perf_counter() - begin
        begin = perf_counter()
        for _ in range(MOST_BARS):
            model.predict_proba(scaled)  # the last row is the filtered one: what such loops do at each bar
        a_bar = (perf_counter() - begin) / MOST_BARS
    a_fit = fitting / len(chosen)
    return {"seconds": a_fit * len(trainings) + a_bar * bars, "fits": len(trainings), "seconds_a_fit": a_fit, "bars": bars,
            "seconds_a_bar": a_bar}  # fmt: skip
