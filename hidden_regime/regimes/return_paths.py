"""Paths that returns may take: regimes that change, and a scale that follows what it meets."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hidden_regime import kernels
from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.regimes.moving_scale import LEVERAGE, LEVERAGE_SQUARES, MovingScale
from hidden_regime.regimes.skewed_t import SkewedT

FARTHEST = 4.0
"""Shocks beyond count as these where they move the scale: the mean of an exponential of a Student-t doesn't exist."""
RANKS = (np.arange(4000) + 0.5) / 4000
"""Those of the shocks over which what a bar tells is averaged."""


class ReturnPaths(NamedTuple):
    """What `return_paths` draws, (n_paths, n_steps) each.

    Attributes
    ----------
    returns : log returns
    states : by their places
    deviations : standard deviation of the return given all before it
    log_ranges : half the logarithm of the bar's own variance; None where the scale has no ranges
    """

    returns: Floats
    states: Integers
    deviations: Floats
    log_ranges: Floats | None


def return_paths(
    scale: MovingScale,
    means: Floats,
    own: Floats,
    first: Floats,
    transmat: Floats,
    share: float,
    n_steps: int,
    n_paths: int,
    rng: np.random.Generator,
    *,
    shocks: Floats | None = None,
) -> ReturnPaths:
    """Draw the next bars together.

    In each path a state follows the chain, a shock z is drawn from the scale's shape, the return is mean_k + sqrt(V) z with
    V = (1 - share) own_k + share g, and the scale answers, g <- keep g + (1 - keep) V x. What x is follows the rule that the
    scale keeps::

        x ~ exp(slope |z| - LEVERAGE z + noise n)     n standard normal; with ranges
        x ~ z^2 (1 - LEVERAGE_SQUARES sign(z))        with squared returns

    each over its mean, so that the scale's mean is the one that `forecast_returns` has. With ranges a bar's own variance is
    V exp(offset + slope |z| + noise n), with the same n.

    Parameters
    ----------
    scale : MovingScale
        Its level is g at the first bar.
    means : (n_states,)
    own : (n_states,)
        Variances of the states under the model.
    first : (n_states,)
        Probabilities of the states at the first bar.
    transmat : (n_states, n_states)
    share : float
        How much of a variance follows the scale.
    n_steps, n_paths : int
    rng : numpy.random.Generator
    shocks : (n_paths, n_steps), optional
        Shocks that were drawn elsewhere, of the scale's shape. Assets move together where theirs do, as in
        `scale.shape.quantile(ranks)` with the ranks of a copula.
    """
    z = scale.shape.sample((n_paths, n_steps), rng) if shocks is None else shocks
    states = kernels.sample_states(first, transmat, rng.random((n_paths, n_steps)))
    base = own[states]
    if not share:
        return ReturnPaths(means[states] + np.sqrt(base) * z, states, np.sqrt(base), None)
    near = np.clip(z, -FARTHEST, FARTHEST)
    noise = scale.noise * rng.standard_normal(z.shape) if scale.has_range else np.zeros(z.shape)
    told = _told(scale, near) * np.exp(noise) / _usual(scale)
    variances, g = np.empty_like(base), np.full(n_paths, scale.level)
    for h in range(n_steps):
        variances[:, h] = (1.0 - share) * base[:, h] + share * g
        g = scale.keep * g + (1.0 - scale.keep) * variances[:, h] * told[:, h]
    log_ranges = None
    if scale.has_range:
        log_ranges = 0.5 * (np.log(variances) + scale.offset + scale.slope * np.abs(near) + noise)
    deviations = np.sqrt(variances)
    return ReturnPaths(means[states] + deviations * z, states, deviations, log_ranges)


def _told(scale: MovingScale, near: Floats) -> Floats:
    """What bars of some shocks tell of their variance, but for the noise, as factors of any mean."""
    if scale.has_range:
        return np.asarray(np.exp(scale.slope * np.abs(near) - LEVERAGE * near))
    return np.asarray(near**2 * (1.0 - LEVERAGE_SQUARES * np.sign(near)))


def _usual(scale: MovingScale) -> float:
    """Mean of that with the noise. Not of the paths drawn: the few that one may ask for would hide what they told."""
    shape: SkewedT = scale.shape
    near = np.clip(shape.quantile(RANKS), -FARTHEST, FARTHEST)
    return float(_told(scale, near).mean() * np.exp(0.5 * scale.noise**2))
