"""Sharpe ratios in units of their own standard errors, of many resamples at once."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from hidden_regime.kernels.results import Floats

LEVEL = 0.05
"""One minus the probability of an interval."""
AT_ONCE = 100_000
"""Days of resamples that are worked on together: they stay in the processor's cache."""


def contributions(x: Floats) -> tuple[Floats, Floats]:
    """Sharpe ratio of each row, and what each day contributes to its error; NaN where a row never moves.

    u_t - SR (u_t^2 - 1) / 2, u being the standardised returns: how the ratio moves with the mean and the variance.

    Parameters
    ----------
    x : (n, n_obs)

    Returns
    -------
    (n,), (n, n_obs)
    """
    mean = x.mean(axis=1, keepdims=True)
    u = x - mean
    deviation = np.sqrt(np.einsum("ij,ij->i", u, u) / (x.shape[1] - 1))[:, None]
    deviation[deviation <= 1e-14 * np.abs(mean)] = math.nan  # what rounding leaves of equal returns is no deviation
    deviation[deviation == 0.0] = math.nan
    ratio = mean / deviation
    u /= deviation
    z = u * u
    z -= 1.0
    z *= -0.5 * ratio
    z += u
    return ratio[:, 0], z


def errors(z: Floats, kept: float) -> Floats:
    """Standard error of the mean of each row, whose autocovariance of lag j weighs kept^j: what blocks keep of it.

    Parameters
    ----------
    z : (n, n_obs)
        Changed in place.
    kept : float
        1 - 1 / block.
    """
    from scipy.signal import lfilter

    n = z.shape[1]
    z -= z.mean(axis=1, keepdims=True)
    # The sum over the past of z, each day weighing less by `kept`, times z: all autocovariances at once. Never below 0.
    past = lfilter([1.0], [1.0, -kept], z, axis=1)
    variance = (2.0 * np.einsum("ij,ij->i", z, past) - np.einsum("ij,ij->i", z, z)) / n
    return np.asarray(np.sqrt(np.maximum(variance, 0.0) / n))


def bunches(draws: Iterator[npt.NDArray[np.int64]], count: int, n_obs: int) -> Iterator[npt.NDArray[np.int64]]:
    """So many draws, some of them at a time: (n, n_obs) each."""
    step = max(AT_ONCE // n_obs, 1)
    for begin in range(0, count, step):
        yield np.stack([next(draws) for _ in range(min(step, count - begin))])


def away(found: Floats) -> Floats:
    """Sorted; what has no number is as far away as can be."""
    return np.sort(np.where(np.isnan(found), math.inf, found))


def critical(sorted_: Floats) -> float:
    """What the found one has to be above: p, which counts it among the resamples, is at most `LEVEL` exactly then.

    Examples
    --------
    >>> critical(np.arange(1.0, 100.0))
    95.0
    """
    count = len(sorted_)
    return float(sorted_[count - max(math.floor(LEVEL * (count + 1) + 1e-9), 1)])
