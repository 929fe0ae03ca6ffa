"""Whether values are distributed as they were: Kolmogorov and Smirnov's distance, and the population stability index."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hidden_regime.kernels.results import Floats, Integers

BINS = 10
HALF = 0.5
"""Added to each count of the index, which has no value where one is zero."""


def ks_distance(past: Floats, live: Floats) -> float:
    """The largest distance between two empirical distribution functions.

    Parameters
    ----------
    past, live : (n,), (m,)

    Examples
    --------
    >>> ks_distance(np.arange(10.0), np.arange(10.0) + 5.0)
    0.5
    """
    both = np.concatenate([past, live])
    at = np.unique(both)
    left = np.searchsorted(np.sort(past), at, side="right") / len(past)
    right = np.searchsorted(np.sort(live), at, side="right") / len(live)
    return float(np.abs(left - right).max())


def ks_distances(ranks: Integers, past: npt.NDArray[np.int64], live: npt.NDArray[np.int64]) -> Floats:
    """The distance of each pair of draws, (n_draws,), of values that are known by their rank in the past."""
    a, b = _counts(ranks[past], ranks.max() + 1), _counts(ranks[live], ranks.max() + 1)
    gap = np.cumsum(a, axis=1) / past.shape[1] - np.cumsum(b, axis=1) / live.shape[1]
    return np.asarray(np.abs(gap).max(axis=1), dtype=np.float64)


def edges_of(past: Floats, n_bins: int = BINS) -> Floats:
    """Inner edges of bins that hold equal shares of the past; fewer where values are equal."""
    return np.unique(np.quantile(past, np.arange(1, n_bins) / n_bins))


def stability_index(past: Floats | Integers, live: Floats | Integers) -> Floats:
    """The population stability index of counts by bin, along the last axis.

    The sum over bins of (q - p) ln(q / p) with p and q the shares of past and live, half a value added to each bin.

    Parameters
    ----------
    past, live : (..., n_bins)

    Examples
    --------
    >>> float(stability_index(np.array([50, 50]), np.array([50, 50])))
    0.0
    >>> round(float(stability_index(np.array([50, 50]), np.array([80, 20]))), 2)
    0.41
    """
    n = past.shape[-1]
    p = (past + HALF) / (past.sum(axis=-1, keepdims=True) + HALF * n)
    q = (live + HALF) / (live.sum(axis=-1, keepdims=True) + HALF * n)
    return np.asarray(((q - p) * np.log(q / p)).sum(axis=-1), dtype=np.float64)


def stability_indices(codes: Integers, n_bins: int, past: npt.NDArray[np.int64], live: npt.NDArray[np.int64]) -> Floats:
    """The index of each pair of draws, (n_draws,), of values that are known by their bin."""
    return stability_index(_counts(codes[past], n_bins), _counts(codes[live], n_bins))


def counts_of(codes: Integers, n_bins: int) -> Integers:
    """How many values each bin holds."""
    return np.bincount(codes, minlength=n_bins).astype(np.int64)


def _counts(codes: npt.NDArray[np.int64], n_bins: int) -> Integers:
    """How many values of each row each bin holds, (n_rows, n_bins)."""
    n = len(codes)
    flat = codes + np.arange(n)[:, None] * n_bins
    return np.bincount(flat.ravel(), minlength=n * n_bins).reshape(n, n_bins).astype(np.int64)
