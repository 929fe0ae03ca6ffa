"""The Gaussian density, which the compiled kernels know."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from hidden_regime.kernels.results import Floats
from hidden_regime.models.emissions.elliptical import Elliptical
from hidden_regime.models.emissions.patterns import Pattern

if TYPE_CHECKING:
    from hidden_regime.models.parameters import Parameters


class Gaussian(Elliptical):
    """log N(x; mean, covar) = -(d log(2 pi) + log det covar + distance) / 2."""

    fits_kernel = True
    filters_in_kernel = True

    def begin(self, start: Parameters, fixed: float | None) -> Parameters:
        """The start itself, or a Gaussian of its covariances."""
        if start.density is self:
            return start
        return start.but(covars=start.covars * start.tails[:, None, None], degrees=None, emission="")

    def of_distance(self, pattern: Pattern, p: Parameters) -> Floats:
        """Log-density of the rows of a pattern."""
        return np.asarray(pattern.constants - 0.5 * len(pattern.seen) * math.log(2 * math.pi) - 0.5 * pattern.distance)

    def precision(self, pattern: Pattern, p: Parameters) -> Floats:
        """One: every row of a state tells as much of its mean."""
        return np.ones(pattern.distance.shape)

    def tails(self, p: Parameters) -> Floats:
        """One: covars are covariances."""
        return np.ones(len(p.means))

    def cdf(self, z: Floats, p: Parameters) -> Floats:
        """The normal distribution."""
        from scipy.special import ndtr

        return np.asarray(ndtr(z))

    def ppf(self, q: float, p: Parameters) -> Floats:
        """Its inverse."""
        from scipy.special import ndtri

        return np.full(len(p.means), ndtri(q))
