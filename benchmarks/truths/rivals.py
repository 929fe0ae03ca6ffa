"""What else labels bars: hmmlearn as most tutorials use it, and a label that never changes."""

from __future__ import annotations

import logging
import warnings

import numpy as np
import pandas as pd

from benchmarks.truths.series import Labels

BEFORE = 252
"""Bars that scale the features, and the least that a model is fitted to."""


def features(frame: pd.DataFrame, ranges: bool = True) -> np.ndarray:
    """Log return and, where there are ranges, log range of each bar."""
    close = np.log(frame["close"].to_numpy())
    returns = np.diff(close, prepend=close[0])
    if not ranges or "high" not in frame:
        return returns[:, None]
    wide = np.log(frame["high"] / frame["low"]).to_numpy()
    body = np.log(frame["close"] / frame["open"]).to_numpy()
    variance = np.maximum(0.5 * wide**2 - (2 * np.log(2) - 1) * body**2, 1e-12)
    return np.column_stack([returns, 0.5 * np.log(variance)])


def hmmlearn_labels(x: np.ndarray, days: pd.DatetimeIndex, n_states: int, begin: int, lookback: int) -> tuple[Labels, float]:
    """Gaussian states of hmmlearn, refitted each month from bar `begin` on, the most volatile return called the worst.

    Returns
    -------
    Labels
        Before `begin` there are none.
    float
        Share of refits that alone changed the last label.
    """
    from hmmlearn.hmm import GaussianHMM

    logging.getLogger("hmmlearn").setLevel(logging.CRITICAL)
    out, sure, moved = np.full(len(x), -1), np.full(len(x), np.nan), []
    model, place = None, np.zeros(0)
    center, scale = x[:BEFORE].mean(axis=0), x[:BEFORE].std(axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of numbers that it divides by zero
        for t in range(begin, len(x)):
            window = (x[max(t - lookback + 1, 1) : t + 1] - center) / scale
            if model is None or days[t].month != days[t - 1].month:
                before = None if model is None else place[model.predict_proba(window)[-1].argmax()]
                model = GaussianHMM(n_states, "diag", n_iter=100, random_state=0, implementation="scaling").fit(window)
                place = np.argsort(np.argsort(-model.covars_[:, 0, 0]))
                if before is not None:
                    moved.append(before != place[model.predict_proba(window)[-1].argmax()])
            now = model.predict_proba(window)[-1]
            out[t], sure[t] = place[now.argmax()], now.max()
    return Labels(out, sure), float(np.mean(moved)) if moved else 0.0


def always_bull(n: int, n_states: int) -> Labels:
    """The best regime, whatever happens."""
    return Labels(np.full(n, n_states - 1), np.full(n, np.nan))
