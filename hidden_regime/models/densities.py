"""Densities of the emissions for any row, also one of which some features are missing.

Every row is worked out from itself alone and in one order of operations, so its bits don't depend on the rows beside it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.special import gammaln

from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.models.parameters import Parameters

LEAST = -1e300
"""Least log-density: of a row so far from every state that its distance overflows, the filter can still go on."""


class Pattern(NamedTuple):
    """Rows that lack the same features, whitened by each state.

    `rows` (n,), `seen` and `lost` the places of the features, `away` (n, n_states, n_seen) the distance from each state's
    mean, `distance` (n, n_states) the squared Mahalanobis distance, `log_density` (n, n_states).
    """

    rows: Integers
    seen: Integers
    lost: Integers
    away: Floats
    distance: Floats
    log_density: Floats


def patterns(x: Floats, p: Parameters) -> list[Pattern]:
    """The rows of x by what they lack; rows that lack everything are left out.

    Raises
    ------
    LinAlgError
        A covariance isn't positive definite.
    """
    out = []
    absent = np.isnan(x)
    n_states = len(p.means)
    for lack in np.unique(absent, axis=0):
        seen, lost = np.flatnonzero(~lack), np.flatnonzero(lack)
        if not len(seen):
            continue
        rows = np.flatnonzero((absent == lack).all(axis=1))
        away = x[rows][:, None, seen] - p.means[None][:, :, seen]
        distance, constants = np.zeros((len(rows), n_states)), np.empty(n_states)
        for k in range(n_states):
            factor = np.linalg.cholesky(p.covars[k][np.ix_(seen, seen)])
            inverse = np.linalg.inv(factor)
            # Not numpy's logarithm: of a view, numpy 1.26 takes one of two, by where in memory the result happens to lie.
            constants[k] = -sum(math.log(factor[i, i]) for i in range(len(seen)))
            with np.errstate(over="ignore", invalid="ignore"):
                for i in range(len(seen)):
                    white = inverse[i, 0] * away[:, k, 0]
                    for j in range(1, i + 1):
                        white = white + inverse[i, j] * away[:, k, j]
                    distance[:, k] += white * white
        if not np.isfinite(distance).all():
            distance = np.where(distance < -LEAST, distance, -LEAST)  # NaN is a difference of two that overflowed
        d = len(seen)
        if p.degrees is None:
            log_density = constants - 0.5 * d * math.log(2 * math.pi) - 0.5 * distance
        else:
            nu = p.degrees
            constants = constants + gammaln(0.5 * (nu + d)) - gammaln(0.5 * nu) - 0.5 * d * np.log(nu * math.pi)
            log_density = constants - 0.5 * (nu + d) * np.log1p(distance / nu)
        out.append(Pattern(rows, seen, lost, away, distance, log_density))
    return out


def log_densities(x: Floats, p: Parameters) -> Floats:
    """log p(x_t | state k), (n_samples, n_states); 0 where nothing was observed."""
    out = np.zeros((len(x), len(p.means)))
    for pattern in patterns(x, p):
        out[pattern.rows] = pattern.log_density
    return out
