"""Rows by what they lack, whitened by each state: what every density of a Mahalanobis distance needs.

Every row is worked out from itself alone and in one order of operations, so its bits don't depend on the rows beside it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hidden_regime.kernels.results import Floats, Integers

if TYPE_CHECKING:
    from hidden_regime.models.parameters import Parameters

LEAST = -1e300
"""Least log-density: of a row so far from every state that its distance overflows, the filter can still go on."""


class Pattern(NamedTuple):
    """Rows that lack the same features, whitened by each state.

    `rows` (n,), `seen` and `lost` the places of the features, `away` (n, n_states, n_seen) the distance from each state's
    mean, `distance` (n, n_states) the squared Mahalanobis distance, `constants` (n_states,) minus half the log-determinants.
    """

    rows: Integers
    seen: Integers
    lost: Integers
    away: Floats
    distance: Floats
    constants: Floats


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
        out.append(Pattern(rows, seen, lost, away, distance, constants))
    return out
