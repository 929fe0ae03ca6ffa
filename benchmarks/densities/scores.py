"""How good a density was: its lead over another, and whether its value at risk was exceeded as often as it said."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import xlogy
from scipy.stats import chi2

LAGS = 20


def hac_t(lead: np.ndarray, lags: int = LAGS) -> float:
    """t-statistic of a mean whose terms may be correlated (Newey and West 1987).

    The variance of the mean is (c_0 + 2 sum_l (1 - l / (lags + 1)) c_l) / n, c_l the autocovariances.
    """
    n, away = len(lead), lead - lead.mean()
    variance = float(away @ away) / n
    for lag in range(1, min(lags, n - 1) + 1):
        variance += 2.0 * (1.0 - lag / (lags + 1.0)) * float(away[lag:] @ away[:-lag]) / n
    return float(lead.mean() / math.sqrt(variance / n)) if variance > 0.0 else math.nan


def kupiec(hits: np.ndarray, q: float) -> float:
    """p-value of as many hits where each bar has one with probability q (Kupiec 1995)."""
    return float(chi2.sf(_too_many(hits, q), 1))


def _too_many(hits: np.ndarray, q: float) -> float:
    n, count = len(hits), int(hits.sum())
    return 2.0 * (_log(count, n - count, count / n) - _log(count, n - count, q))


def _log(hits: int, others: int, q: float) -> float:
    """Log-likelihood of hits of probability q."""
    return float(xlogy(hits, q) + xlogy(others, 1.0 - q))


def christoffersen(hits: np.ndarray, q: float) -> tuple[float, float]:
    """p-values of hits that don't come in clusters, and of that and the right number together (Christoffersen 1998)."""
    before, after = hits[:-1].astype(bool), hits[1:].astype(bool)
    counts = {(a, b): int(((before == a) & (after == b)).sum()) for a in (False, True) for b in (False, True)}
    apart = 0.0
    for a in (False, True):
        n = counts[a, False] + counts[a, True]
        apart += _log(counts[a, True], counts[a, False], counts[a, True] / n) if n else 0.0
    one = _log(int(after.sum()), int((~after).sum()), float(after.mean()))
    dependent = 2.0 * (apart - one)
    return float(chi2.sf(dependent, 1)), float(chi2.sf(dependent + _too_many(hits, q), 2))
