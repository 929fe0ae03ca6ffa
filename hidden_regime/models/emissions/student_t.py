"""The multivariate Student-t density: a Gaussian whose precision has a gamma-distributed factor u (Liu and Rubin 1995)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.models.emissions.base import Shape
from hidden_regime.models.emissions.elliptical import Elliptical
from hidden_regime.models.emissions.patterns import Pattern, patterns

if TYPE_CHECKING:
    from hidden_regime.models.parameters import Evidence, Parameters

DEGREES = Shape("degrees", "degrees of freedom", above=2.0, fewest=2.1, most=200.0)
"""Degrees of freedom stay between a variance that just exists and what no sample can tell from a Gaussian."""

FIRST = 8.0
"""Degrees of freedom at the start."""


def _known(p: Parameters) -> Floats:
    assert p.degrees is not None
    return p.degrees


class StudentT(Elliptical):
    """Student-t with `degrees` of freedom; `covars` are its scale matrices."""

    shapes = (DEGREES,)
    filters_in_kernel = True

    def begin(self, start: Parameters, fixed: float | None) -> Parameters:
        """The start itself where its degrees are estimated on, else a Student-t of its covariances."""
        if start.density is self and fixed is None:
            return start
        nu = FIRST if fixed is None else fixed
        spread = start.covars * start.tails[:, None, None]
        return start.but(covars=spread * (nu - 2.0) / nu, degrees=np.full(len(start.means), nu), emission="")

    def of_distance(self, pattern: Pattern, p: Parameters) -> Floats:
        """Log-density of the rows of a pattern."""
        from scipy.special import gammaln

        nu, d = _known(p), len(pattern.seen)
        constants = pattern.constants + gammaln(0.5 * (nu + d)) - gammaln(0.5 * nu) - 0.5 * d * np.log(nu * math.pi)
        return np.asarray(constants - 0.5 * (nu + d) * np.log1p(pattern.distance / nu))

    def precision(self, pattern: Pattern, p: Parameters) -> Floats:
        """What is to be expected of u: little of a wild row."""
        nu = _known(p)
        return np.asarray((nu + len(pattern.seen)) / (nu + pattern.distance))

    def tails(self, p: Parameters) -> Floats:
        """degrees / (degrees - 2): a Student-t is wider than its scale."""
        nu = _known(p)
        return np.asarray(nu / (nu - 2.0))

    def cdf(self, z: Floats, p: Parameters) -> Floats:
        """Student's distribution."""
        from scipy.special import stdtr

        return np.asarray(stdtr(_known(p), z))

    def ppf(self, q: float, p: Parameters) -> Floats:
        """Its inverse."""
        from scipy.special import stdtrit

        return np.asarray(stdtrit(_known(p), q))

    def shocks(self, p: Parameters, states: Integers, rng: np.random.Generator) -> Floats:
        """A Gaussian's, each divided by the root of a gamma-distributed number."""
        shocks, nu = super().shocks(p, states, rng), _known(p)[states]
        return np.asarray(shocks / np.sqrt(rng.chisquare(nu) / nu)[..., None])

    def maximise(
        self, x: Floats, gamma: Floats, p: Parameters, kind: str, floor: Floats, prior: Evidence, *, fixed: bool
    ) -> Parameters:
        """Moments with rows weighted by u, then the degrees."""
        p = super().maximise(x, gamma, p, kind, floor, prior, fixed=fixed)
        # The degrees see the likelihood itself, not the expectation over u: the same ascent in far fewer steps (Liu and Rubin's
        # ECME).
        return p if fixed else p.but(degrees=_degrees(x, gamma, p))


def with_tails(p: Parameters, degrees: float) -> Parameters:
    """A Gaussian's means and covariances, as those of a Student-t in every state: a wild day tells less between them."""
    return p.but(covars=p.covars * ((degrees - 2.0) / degrees), degrees=np.full(len(p.means), degrees))


def without_tails(p: Parameters, degrees: float) -> Parameters:
    """The Gaussian that `with_tails` had."""
    return p.but(covars=p.covars * (degrees / (degrees - 2.0)), degrees=None)


def _degrees(x: Floats, gamma: Floats, p: Parameters) -> Floats:
    """Degrees of freedom of largest likelihood of each state, given the probabilities of the states and all else."""
    from scipy.optimize import brentq
    from scipy.special import digamma, gammaln

    parts = [(len(q.seen), q.distance, gamma[q.rows]) for q in patterns(x, p)]
    out = _known(p).copy()
    for k in np.flatnonzero(gamma.sum(axis=0) > 1e-12):

        def slope(nu: float, k: int = int(k)) -> float:
            total = 0.0
            for d, distance, g in parts:
                u = (nu + d) / (nu + distance[:, k])
                rows = digamma(0.5 * (nu + d)) - digamma(0.5 * nu) + 1.0 - u + np.log(u) + math.log(nu / (nu + d))
                total += float((g[:, k] * rows).sum())
            return total

        def likelihood(nu: float, k: int = int(k)) -> float:
            total = 0.0
            for d, distance, g in parts:
                constant = gammaln(0.5 * (nu + d)) - gammaln(0.5 * nu) - 0.5 * d * math.log(nu)
                total += float((g[:, k] * (constant - 0.5 * (nu + d) * np.log1p(distance[:, k] / nu))).sum())
            return total

        candidates = [float(out[k]), DEGREES.fewest, DEGREES.most]
        if slope(DEGREES.fewest) > 0.0 > slope(DEGREES.most):
            candidates.append(float(brentq(slope, DEGREES.fewest, DEGREES.most, xtol=1e-8)))
        out[k] = max(candidates, key=likelihood)
    return out
