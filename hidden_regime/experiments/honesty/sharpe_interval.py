"""Between what a Sharpe ratio may lie, by blocks of days drawn again."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hidden_regime.experiments.checks import finite, whole
from hidden_regime.experiments.honesty.moments import return_moments
from hidden_regime.experiments.honesty.resampling import block_length, stationary_draws
from hidden_regime.experiments.honesty.studentised import away, bunches, contributions, critical, errors


class SharpeInterval(NamedTuple):
    """A Sharpe ratio of one period with its standard error and its interval of 95%.

    Attributes
    ----------
    sharpe, se, low, high : float
    block : float
        Mean length of the blocks in days.
    n_resamples : int
    """

    sharpe: float
    se: float
    low: float
    high: float
    block: float
    n_resamples: int


def sharpe_interval(
    returns: npt.ArrayLike, *, block: float | None = None, n_resamples: int = 2000, seed: int = 0
) -> SharpeInterval:
    """Interval of a Sharpe ratio, by the studentised stationary bootstrap; see `sharpe_difference_bootstrap`.

    Parameters
    ----------
    returns : (n_obs,)
        Of trading days.
    block : float, optional
        Mean length of the blocks in days, at least 1; default: what `block_length` asks for.
    n_resamples : int
        At least 99.
    seed : int

    Examples
    --------
    >>> import numpy as np
    >>> found = sharpe_interval(np.random.default_rng(0).normal(0.0005, 0.01, 1000))
    >>> f"{found.sharpe:.3f} in {found.low:.3f} to {found.high:.3f}"
    '0.002 in -0.061 to 0.065'
    """
    x = finite(returns, "returns", 1, "returns of trading days, in one dimension")
    count = whole("n_resamples", n_resamples, "a whole number of at least 99", low=99)
    whole("seed", seed, "a whole number of at least 0", low=0)
    return_moments(x)  # says what is wrong with returns that have no ratio
    length = block_length(x) if block is None else float(block)
    draws = stationary_draws(len(x), length, count, seed)
    kept = 1.0 - 1.0 / length
    ratio, z = contributions(x[None])
    se = float(errors(z, kept)[0])
    found = []
    for places in bunches(draws, count, len(x)):
        again, z = contributions(x[places])
        with np.errstate(divide="ignore", invalid="ignore"):
            found.append(np.abs(again - ratio) / errors(z, kept))
    half = se * critical(away(np.concatenate(found)))
    return SharpeInterval(float(ratio[0]), se, float(ratio[0]) - half, float(ratio[0]) + half, length, count)
