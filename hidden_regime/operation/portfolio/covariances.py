"""How strategies move together: shrunk, and by the regime that the market is in."""

from __future__ import annotations

import numpy as np

from hidden_regime.exceptions import ParameterError
from hidden_regime.kernels.results import Floats

SHRUNK, REGIME = "ledoit-wolf", "regime"
KINDS = (SHRUNK, REGIME)
PRIOR_DAYS = 60.0
"""Days of all regimes that a regime's own days are mixed with: a regime of few days is told mostly by all of them."""


def check_kind(kind: str) -> None:
    """Raise unless it is one."""
    if kind not in KINDS:
        raise ParameterError("covariance", kind, f"one of {', '.join(KINDS)}")


def by_regime(returns: Floats, probabilities: Floats, now: Floats, pooled: Floats, *, prior_days: float = PRIOR_DAYS) -> Floats:
    """Covariance for a market that is in each regime with a probability.

    Each regime's mean and covariance weigh every day by the probability of that regime as it was known at the day's close, and
    are mixed with those of all days, which count as `prior_days`. The answer is that of the mixture: regimes' covariances, and
    what their means differ by.

    Parameters
    ----------
    returns : (n_days, n)
    probabilities : (n_days, n_states)
        Filtered: of the days until each. Rows of NaN, where nothing was known, are left out.
    now : (n_states,)
        Filtered, at the last close.
    pooled : (n, n)
        Covariance of all days.
    prior_days : float

    Returns
    -------
    (n, n) array

    Examples
    --------
    >>> import numpy as np
    >>> calm, wild = np.random.default_rng(0).normal(0.0, 0.01, (2, 500, 2))
    >>> returns, known = np.vstack([calm, 3.0 * wild]), np.repeat(np.eye(2), 500, axis=0)
    >>> [round(float(by_regime(returns, known, now, np.cov(returns.T))[0, 0] ** 0.5), 3) for now in np.eye(2)]
    [0.012, 0.031]
    """
    mean = returns.mean(axis=0)
    good = np.isfinite(probabilities).all(axis=1)
    x, weights = returns[good], probabilities[good]
    means, covariances = [], []
    for weight in weights.T:
        days = weight.sum()
        own = weight @ x / days if days > 0.0 else mean
        away = x - own
        scatter = (away * weight[:, None]).T @ away  # days times covariance
        means.append((days * own + prior_days * mean) / (days + prior_days) if days + prior_days > 0.0 else mean)
        covariances.append((scatter + prior_days * pooled) / (days + prior_days) if days + prior_days > 0.0 else pooled)
    share = now / now.sum()
    centre = share @ np.array(means)
    between = np.array([np.outer(one - centre, one - centre) for one in means])
    return np.asarray(np.tensordot(share, np.array(covariances) + between, axes=1), dtype=np.float64)
