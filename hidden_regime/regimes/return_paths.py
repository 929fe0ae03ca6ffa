"""Paths that returns may take: regimes that change, and a scale that follows what it meets."""

from __future__ import annotations

import numpy as np

from hidden_regime.kernels.results import Floats
from hidden_regime.regimes.moving_scale import LEVERAGE, LEVERAGE_SQUARES, MovingScale

FARTHEST = 4.0
"""Shocks beyond count as these where they move the scale: the mean of an exponential of a Student-t doesn't exist."""


def return_paths(
    scale: MovingScale,
    means: Floats,
    own: Floats,
    first: Floats,
    variances: Floats,
    transmat: Floats,
    share: float,
    n_steps: int,
    n_paths: int,
    rng: np.random.Generator,
) -> Floats:
    """Draw returns of the next bars together, (n_paths, n_steps).

    In each path a state follows the chain, a shock z is drawn from the scale's shape, the return is mean_k + sqrt(V) z, and the
    scale answers, g <- keep g + (1 - keep) V x. What x is follows the rule that the scale keeps::

        x ~ exp(slope |z| - LEVERAGE z + noise n)     n standard normal; with ranges
        x ~ z^2 (1 - LEVERAGE_SQUARES sign(z))        with squared returns

    each over its mean among the paths, so that the scale's mean is the one that `forecast_returns` has.

    Parameters
    ----------
    scale : MovingScale
    means : (n_states,)
    own : (n_states,)
        Variances of the states under the model.
    first : (n_states,)
        Probabilities of the states at the first bar.
    variances : (n_states,)
        Variances at the first bar.
    transmat : (n_states, n_states)
    share : float
        How much of a variance follows the scale.
    n_steps, n_paths : int
    rng : numpy.random.Generator
    """
    shocks = scale.shape.quantile(rng.random((n_paths, n_steps)))
    chain, begin = np.cumsum(transmat, axis=1), np.cumsum(first)
    state = np.minimum((rng.random(n_paths)[:, None] > begin).sum(axis=1), len(first) - 1)
    variance = variances[state]
    g = np.full(n_paths, scale.level)
    out = np.empty((n_paths, n_steps))
    for h in range(n_steps):
        z = shocks[:, h]
        out[:, h] = means[state] + np.sqrt(variance) * z
        if share:
            g = scale.keep * g + (1.0 - scale.keep) * variance * _told(scale, z, rng)
        state = np.minimum((rng.random(n_paths)[:, None] > chain[state]).sum(axis=1), len(first) - 1)
        variance = (1.0 - share) * own[state] + (share * g if share else 0.0)
    return out


def _told(scale: MovingScale, z: Floats, rng: np.random.Generator) -> Floats:
    """What each path's bar tells of its variance, as a factor of mean 1."""
    if scale.has_range:
        near = np.clip(z, -FARTHEST, FARTHEST)
        x = np.exp(scale.slope * np.abs(near) - LEVERAGE * near + scale.noise * rng.standard_normal(len(z)))
    else:
        x = z**2 * (1.0 - LEVERAGE_SQUARES * np.sign(z))
    return np.asarray(x / x.mean())
