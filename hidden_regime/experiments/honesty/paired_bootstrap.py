"""Whether two strategies over the same days have different Sharpe ratios, by blocks of days drawn again."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.checks import finite, whole
from hidden_regime.experiments.honesty.moments import return_moments
from hidden_regime.experiments.honesty.resampling import block_length, stationary_draws
from hidden_regime.experiments.honesty.studentised import away, bunches, contributions, critical, errors
from hidden_regime.kernels.results import Floats


class BootstrapDifference(NamedTuple):
    """A difference of two Sharpe ratios, of one period each, and what luck alone makes of it.

    Attributes
    ----------
    difference : float
        The first's less the second's.
    se : float
        Standard error of the difference, with what neighbouring days have in common.
    low, high : float
        Interval of 95%, symmetric: half its width is what luck alone stays below in 95 of 100 pairs of equal Sharpe ratios.
    p : float
        Two-sided; at most 0.05 exactly where 0 is outside of the interval.
    block : float
        Mean length of the blocks in days.
    n_resamples : int
    """

    difference: float
    se: float
    low: float
    high: float
    p: float
    block: float
    n_resamples: int

    @property
    def luck(self) -> float:
        """What the difference of equal Sharpe ratios stays below, in absolute value, in 95 of 100 pairs like this one."""
        return (self.high - self.low) / 2.0


def sharpe_difference_bootstrap(
    first: npt.ArrayLike, second: npt.ArrayLike, *, block: float | None = None, n_resamples: int = 2000, seed: int = 0
) -> BootstrapDifference:
    """Test two Sharpe ratios for a difference, by the studentised stationary bootstrap of their common days.

    t = d / se, against t* = |d* - d| / se* of resamples of both series at the same days:
    p = (1 + #{t* >= |t|}) / (n_resamples + 1)

    se is that of z_t = u_t - v_t - (SR1 (u_t^2 - 1) - SR2 (v_t^2 - 1)) / 2, u and v being the standardised returns: what each
    day contributes to the difference. Its autocovariance of lag j weighs (1 - 1 / block)^j, which is how much of it the blocks
    keep. Each resample is divided by its own error, so that what blocks lose of a dependence is lost on both sides: on pairs
    with autocorrelated days this rejects nearer to 5 of 100 than d* - d as it is (`python -m benchmarks paired`).

    Parameters
    ----------
    first, second : (n_obs,)
        Returns of the same trading days, in the same order.
    block : float, optional
        Mean length of the blocks in days, at least 1; default: the longest that `block_length` asks for of the first, the
        second, and their difference.
    n_resamples : int
        At least 99.
    seed : int

    Returns
    -------
    BootstrapDifference
        A strategy against itself, at any leverage: difference 0, p exactly 1. A resample in which one of the two never moves
        has no Sharpe ratio and counts as larger than what was found.

    References
    ----------
    Ledoit and Wolf (2008), Robust performance hypothesis testing with the Sharpe ratio, Journal of Empirical Finance 15.
    Politis and Romano (1994), The stationary bootstrap, Journal of the American Statistical Association 89.

    Examples
    --------
    >>> import numpy as np
    >>> first = np.random.default_rng(0).normal(0.0005, 0.01, 1000)
    >>> second = 0.5 * first + np.random.default_rng(1).normal(0.0, 0.005, 1000)
    >>> found = sharpe_difference_bootstrap(first, second)
    >>> f"{found.difference:.3f} +- {found.se:.3f}, p {found.p:.2f}"
    '0.040 +- 0.025, p 0.11'
    """
    x, y = paired(first, second)
    count = whole("n_resamples", n_resamples, "a whole number of at least 99", low=99)
    whole("seed", seed, "a whole number of at least 0", low=0)
    length = block_length(x, y, x - y) if block is None else float(block)
    draws = stationary_draws(len(x), length, count, seed)
    one, other = return_moments(x).sharpe, return_moments(y).sharpe
    if math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-15):  # one another's multiples: what is left is rounding
        return BootstrapDifference(0.0, 0.0, 0.0, 0.0, 1.0, length, count)
    kept = 1.0 - 1.0 / length
    difference, se = (float(found[0]) for found in _difference(x[None], y[None], kept))
    parts = []
    for places in bunches(draws, count, len(x)):
        again, error = _difference(x[places], y[places], kept)
        with np.errstate(divide="ignore", invalid="ignore"):
            parts.append(np.abs(again - difference) / error)
    found = away(np.concatenate(parts))
    t = abs(difference) / se if se > 0.0 else math.inf
    p = (1 + count - int(np.searchsorted(found, t))) / (count + 1)
    half = se * critical(found)
    return BootstrapDifference(difference, se, difference - half, difference + half, p, length, count)


def paired(first: npt.ArrayLike, second: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Returns of the same days, or an error that says what came instead."""
    x = finite(first, "first", 1, "returns of trading days, in one dimension")
    y = finite(second, "second", 1, "returns of trading days, in one dimension")
    if len(x) != len(y):
        raise ParameterError("second", second, f"{len(x)} returns, as first has", "Take the days that both have.")
    return x, y


def _difference(x: Floats, y: Floats, kept: float) -> tuple[Floats, Floats]:
    """Differences of Sharpe ratios and their standard errors, of (n, n_obs) returns; NaN where a row never moves."""
    one, z = contributions(x)
    other, w = contributions(y)
    z -= w
    return one - other, errors(z, kept)
