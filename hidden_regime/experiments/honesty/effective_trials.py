"""How many independent trials many alike are worth."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.checks import finite


@dataclass(frozen=True)
class EffectiveTrials:
    """Effective numbers of trials by two rules, which can be far apart: a deflated Sharpe ratio belongs beside the one it used.

    Attributes
    ----------
    n_trials : int
        Trials whose returns vary.
    n_flat : int
        Trials whose returns are all the same, such as those without a trade; they have no correlation and are left out.
    mean_correlation : float
        Over all pairs; NaN of a single trial.
    by_correlation : float
        rho + (1 - rho) N with the mean correlation, from 1 to N.
    by_eigenvalues : float
        Participation ratio of the eigenvalues of the correlation matrix, (sum)^2 / sum of squares, from 1 to N.
    """

    n_trials: int
    n_flat: int
    mean_correlation: float
    by_correlation: float
    by_eigenvalues: float


def effective_trials(returns: npt.ArrayLike) -> EffectiveTrials:
    """Effective number of independent trials, of the correlations of their returns.

    Parameters
    ----------
    returns : (n_days, n_trials)
        Returns of trading days, a column for each trial.

    Returns
    -------
    EffectiveTrials
        A negative mean correlation counts as none: N trials are never more than N.

    Raises
    ------
    ParameterError
        Fewer than two days, a number that isn't finite, or no trial whose returns vary.

    References
    ----------
    Bailey and López de Prado (2014), The deflated Sharpe ratio, Journal of Portfolio Management 40(5), for the rule of the mean
    correlation. The participation ratio is the usual count of the eigenvalues that matter.

    Examples
    --------
    Ten trials in two groups of the same five:

    >>> import numpy as np
    >>> two = np.random.default_rng(0).normal(0, 0.01, (1000, 2))
    >>> found = effective_trials(np.repeat(two, 5, axis=1))
    >>> round(found.by_correlation, 1), round(found.by_eigenvalues, 1)
    (6.1, 2.0)
    """
    x = finite(returns, "returns", 2, "a matrix of returns: a row for each trading day, a column for each trial")
    if len(x) < 2 or x.shape[1] < 1:
        raise ParameterError("returns", returns, "at least two days (rows) of at least one trial (columns)")
    moving = x[:, x.min(axis=0) != x.max(axis=0)]
    n, flat = moving.shape[1], x.shape[1] - moving.shape[1]
    if n == 0:
        raise ParameterError("returns", returns, "at least one trial whose returns vary")
    if n == 1:
        return EffectiveTrials(1, flat, math.nan, 1.0, 1.0)
    c = np.corrcoef(moving, rowvar=False)
    rho = float((c.sum() - n) / (n * (n - 1)))
    shared = min(max(rho, 0.0), 1.0)
    # The eigenvalues sum to N, their squares to the squares of the matrix: no need to know them.
    return EffectiveTrials(n, flat, rho, shared + (1.0 - shared) * n, float(n**2 / (c**2).sum()))
