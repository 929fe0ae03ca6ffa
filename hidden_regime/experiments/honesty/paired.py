"""Whether two strategies over the same days have different Sharpe ratios."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.checks import finite
from hidden_regime.experiments.honesty.moments import return_moments
from hidden_regime.experiments.honesty.normal import cdf


class SharpeDifference(NamedTuple):
    """Memmel's test of two Sharpe ratios, of one period each.

    Attributes
    ----------
    difference : float
        The first's less the second's.
    se : float
        Standard error of the difference.
    z : float
    p : float
        Two-sided.
    correlation : float
        Of the returns: the more alike, the smaller the error.
    """

    difference: float
    se: float
    z: float
    p: float
    correlation: float


def sharpe_difference(first: npt.ArrayLike, second: npt.ArrayLike) -> SharpeDifference:
    """Test two Sharpe ratios for a difference.

    z = (SR1 - SR2) / sqrt((2 - 2 rho + (SR1^2 + SR2^2 - 2 SR1 SR2 rho^2) / 2) / n_obs)

    Parameters
    ----------
    first, second : (n_obs,)
        Returns of the same trading days, in the same order.

    Returns
    -------
    SharpeDifference
        A strategy against itself: difference 0, p 1. The test takes independent normal returns; where they cluster, a
        bootstrap of blocks says more.

    References
    ----------
    Jobson and Korkie (1981), Performance hypothesis testing with the Sharpe and Treynor measures. Memmel (2003), Performance
    hypothesis testing with the Sharpe ratio, Finance Letters 1.

    Examples
    --------
    >>> import numpy as np
    >>> first = np.random.default_rng(0).normal(0.0005, 0.01, 1000)
    >>> second = 0.5 * first + np.random.default_rng(1).normal(0.0, 0.005, 1000)
    >>> round(sharpe_difference(first, second).p, 3)
    0.104
    >>> sharpe_difference(first, first).p
    1.0
    """
    x = finite(first, "first", 1, "returns of trading days, in one dimension")
    y = finite(second, "second", 1, "returns of trading days, in one dimension")
    if len(x) != len(y):
        raise ParameterError("second", second, f"{len(x)} returns, as first has", "Take the days that both have.")
    one, other = return_moments(x), return_moments(y)
    rho = float(np.clip(np.corrcoef(x, y)[0, 1], -1.0, 1.0))
    difference = one.sharpe - other.sharpe
    products = one.sharpe**2 + other.sharpe**2 - 2.0 * one.sharpe * other.sharpe * rho**2
    se = math.sqrt(max(2.0 - 2.0 * rho + products / 2.0, 0.0) / len(x))
    # Of series that are one another's multiples both are rounding, and their quotient anything.
    same = se == 0.0 or math.isclose(one.sharpe, other.sharpe, rel_tol=1e-12, abs_tol=1e-15)
    z = 0.0 if same else difference / se
    return SharpeDifference(difference, se, z, 2.0 * cdf(-abs(z)), rho)
