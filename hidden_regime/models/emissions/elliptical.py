"""What the densities of a Mahalanobis distance share.

Their M-step is one of weighted moments: a row counts by how much it tells (one for a Gaussian, less for a wild row of a
Student-t), and a missing feature is a second thing to expect.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.models.covariances import constrain, outer_sums
from hidden_regime.models.emissions.base import Shape
from hidden_regime.models.emissions.patterns import Pattern, patterns

if TYPE_CHECKING:
    from hidden_regime.models.parameters import Evidence, Parameters


class Elliptical:
    """A density of the Mahalanobis distance from a state's mean; a class of it says of which shape."""

    shapes: tuple[Shape, ...] = ()
    fits_kernel = False
    filters_in_kernel = False

    def of_distance(self, pattern: Pattern, p: Parameters) -> Floats:
        """Log-density (n, n_states) of the rows of a pattern."""
        raise NotImplementedError

    def precision(self, pattern: Pattern, p: Parameters) -> Floats:
        """How much each row of a pattern tells of each state's moments, (n, n_states)."""
        raise NotImplementedError

    def log_density(self, x: Floats, p: Parameters) -> Floats:
        """log p(x_t | state k), (n_samples, n_states)."""
        out = np.zeros((len(x), len(p.means)))
        for pattern in patterns(x, p):
            out[pattern.rows] = self.of_distance(pattern, p)
        return out

    def shocks(self, p: Parameters, states: Integers, rng: np.random.Generator) -> Floats:
        """Standard normal draws through the roots of the states' covars."""
        factors = np.linalg.cholesky(p.covars)
        noise = rng.standard_normal((*states.shape, p.means.shape[1]))
        return np.asarray(np.einsum("ntij,ntj->nti", factors[states], noise))

    def maximise(
        self, x: Floats, gamma: Floats, p: Parameters, kind: str, floor: Floats, prior: Evidence, *, fixed: bool
    ) -> Parameters:
        """Moments of the rows, weighted by `precision`."""
        n_states, d = p.means.shape
        weight, scaled = np.zeros(n_states), prior.weight.copy()
        total = prior.weight[:, None] * prior.means
        filled: list[tuple[Floats, Floats, Floats]] = []
        spread = np.zeros((n_states, d, d))
        for pattern in patterns(x, p):
            g = gamma[pattern.rows]
            u = self.precision(pattern, p)
            full = np.empty((len(g), n_states, d))
            full[:, :, pattern.seen] = x[pattern.rows][:, None, pattern.seen]
            for k in range(n_states):
                if len(pattern.lost):
                    c = p.covars[k]
                    slope = np.linalg.solve(c[np.ix_(pattern.seen, pattern.seen)], c[np.ix_(pattern.seen, pattern.lost)])
                    for place, i in enumerate(pattern.lost):
                        full[:, k, i] = p.means[k, i]
                        for j in range(len(pattern.seen)):
                            full[:, k, i] += pattern.away[:, k, j] * slope[j, place]
                    rest = c[np.ix_(pattern.lost, pattern.lost)] - (
                        c[np.ix_(pattern.lost, pattern.seen)][:, :, None] * slope[None]
                    ).sum(axis=1)
                    spread[k][np.ix_(pattern.lost, pattern.lost)] += g[:, k].sum() * rest
            weight += g.sum(axis=0)
            scaled += (g * u).sum(axis=0)
            total += ((g * u)[:, :, None] * full).sum(axis=0)
            filled.append((g * u, full, g))
        found = weight + prior.weight > 1e-12
        means = np.where(found[:, None], total / np.where(found, scaled, 1.0)[:, None], p.means)
        for share, full, _ in filled:
            away = full - means
            spread += outer_sums(share, away)
        before = prior.means - means
        spread += prior.weight[:, None, None] * (prior.covars + before[:, :, None] * before[:, None, :])
        count = np.where(found, weight + prior.weight, 1.0)
        covars = np.where(found[:, None, None], spread / count[:, None, None], p.covars)
        covars = constrain(covars, np.where(found, count, 0.0), kind, floor)
        if kind != "tied":
            covars = np.where(found[:, None, None], covars, p.covars)
        return p.but(means=means, covars=covars)

    def log_prior(self, p: Parameters, prior: Evidence) -> Floats:
        """Expected Gaussian log-density of the observations that the prior stands for, (n_states,)."""
        out = np.zeros(len(p.means))
        for k in np.flatnonzero(prior.weight > 0):
            away = prior.means[k] - p.means[k]
            spread = prior.covars[k] + np.outer(away, away)
            logdet = np.linalg.slogdet(2 * math.pi * p.covars[k])[1]
            out[k] = -0.5 * prior.weight[k] * (logdet + np.trace(np.linalg.solve(p.covars[k], spread)))
        return out
