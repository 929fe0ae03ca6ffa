"""The t-test that everybody knows, of what it can test."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.honesty.paired_bootstrap import paired

LABEL = "takes independent normal returns, and tests means, not Sharpe ratios"
"""What belongs beside its p."""


class MeanDifference(NamedTuple):
    """A paired t-test of mean returns.

    Attributes
    ----------
    difference : float
        Mean of the first's returns less the second's, of one period.
    t, p : float
        p is two-sided.
    n_obs : int
    """

    difference: float
    t: float
    p: float
    n_obs: int


def paired_t_test(first: npt.ArrayLike, second: npt.ArrayLike) -> MeanDifference:
    """Test the means of two strategies' returns for a difference, day by day, by scipy.

    It takes independent normal returns. Where neighbouring days depend on each other it finds differences that aren't there;
    and of two strategies with equal Sharpe ratios the one with more leverage has the larger mean. It is shown because it is
    asked for; `sharpe_difference_bootstrap` decides.

    Parameters
    ----------
    first, second : (n_obs,)
        Returns of the same trading days, in the same order, at least two.

    Returns
    -------
    MeanDifference
        A strategy against itself: t 0, p 1.

    Examples
    --------
    >>> import numpy as np
    >>> first = np.random.default_rng(0).normal(0.0005, 0.01, 1000)
    >>> round(paired_t_test(first, first + np.random.default_rng(1).normal(0.0, 0.005, 1000)).p, 3)
    0.082
    """
    from scipy.stats import ttest_rel

    x, y = paired(first, second)
    if len(x) < 2:
        raise ParameterError("first", first, "at least two returns", "Run over a longer range.")
    away = x - y
    difference = float(away.mean())
    if np.ptp(away) <= 1e-14 * float(np.abs(x).max(initial=0.0)):  # each day the same: there is no deviation to measure by
        t = math.copysign(math.inf, difference) if difference else 0.0
        return MeanDifference(difference, t, 0.0 if difference else 1.0, len(x))
    found = ttest_rel(x, y)
    return MeanDifference(difference, float(found.statistic), float(found.pvalue), len(x))
