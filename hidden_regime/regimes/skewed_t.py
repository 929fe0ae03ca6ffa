"""Hansen's skewed Student-t: tails as thick as one likes, and a longer one on one side."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from hidden_regime.kernels.results import Floats


class SkewedT(NamedTuple):
    """A Student-t of mean 0 and variance 1 whose two halves have different widths (Hansen 1994).

    With n degrees of freedom and skew l, c = gamma((n + 1) / 2) / (sqrt(pi (n - 2)) gamma(n / 2)),
    a = 4 l c (n - 2) / (n - 1) and b = sqrt(1 + 3 l^2 - a^2)::

        f(z) = b c (1 + ((b z + a) / (1 - l))^2 / (n - 2))^(-(n + 1) / 2)    where z < -a / b
        f(z) = b c (1 + ((b z + a) / (1 + l))^2 / (n - 2))^(-(n + 1) / 2)    elsewhere

    Attributes
    ----------
    degrees : float or array
        Degrees of freedom, above 2.
    skew : float or array
        From -1 to 1, both excluded; below 0 the longer tail is that of falls.

    References
    ----------
    Hansen (1994), "Autoregressive conditional density estimation", International Economic Review 35(3).

    Examples
    --------
    >>> even, longer = SkewedT(5.0, 0.0), SkewedT(5.0, -0.2)
    >>> [float(shape.quantile(0.01).round(3)) for shape in (even, longer)]
    [-2.606, -2.942]
    """

    degrees: float | Floats
    skew: float | Floats

    def _parts(self) -> tuple[Floats, Floats, Floats]:
        """a, b and the logarithm of c."""
        from scipy.special import gammaln

        n, skew = np.asarray(self.degrees, dtype=np.float64), np.asarray(self.skew, dtype=np.float64)
        log_c = gammaln(0.5 * (n + 1.0)) - gammaln(0.5 * n) - 0.5 * np.log(math.pi * (n - 2.0))
        a = 4.0 * skew * np.exp(log_c) * (n - 2.0) / (n - 1.0)
        return a, np.sqrt(1.0 + 3.0 * skew**2 - a**2), log_c

    def log_density(self, z: Floats) -> Floats:
        """log f(z), of the shape that z and the parameters have together."""
        a, b, log_c = self._parts()
        y = b * z + a
        y = y / np.where(y < 0.0, 1.0 - self.skew, 1.0 + self.skew)
        return np.asarray(np.log(b) + log_c - 0.5 * (self.degrees + 1.0) * np.log1p(y * y / (self.degrees - 2.0)))

    def cdf(self, z: Floats) -> Floats:
        """P(Z <= z)."""
        from scipy.special import stdtr

        a, b, _ = self._parts()
        y = (b * z + a) * np.sqrt(self.degrees / (self.degrees - 2.0))
        less, more = 1.0 - self.skew, 1.0 + self.skew
        return np.asarray(np.where(y < 0.0, less * stdtr(self.degrees, y / less), 1.0 - more * stdtr(self.degrees, -y / more)))

    def quantile(self, q: float | Floats) -> Floats:
        """The z whose `cdf` is q."""
        from scipy.special import stdtrit

        a, b, _ = self._parts()
        less, more = 1.0 - self.skew, 1.0 + self.skew
        left = np.asarray(q) < 0.5 * less
        tail = np.where(left, q / less, (1.0 - np.asarray(q)) / more)
        y = stdtrit(self.degrees, np.minimum(tail, 0.5)) * np.where(left, less, -more)
        return np.asarray((y * np.sqrt((self.degrees - 2.0) / self.degrees) - a) / b)

    def sample(self, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
        """Draws of an array's shape, an order of magnitude faster than quantiles of uniform numbers: a side, then how far."""
        a, b, _ = self._parts()
        far = np.abs(rng.standard_t(self.degrees, shape)) * np.sqrt((self.degrees - 2.0) / self.degrees)
        falls = rng.random(shape) < 0.5 * (1.0 - self.skew)
        return np.asarray((np.where(falls, -(1.0 - self.skew) * far, (1.0 + self.skew) * far) - a) / b)


DEGREES = np.array([3.5, 4.5, 6.0, 8.0, 11.0, 16.0, 30.0])
SKEWS = np.linspace(-0.35, 0.35, 15)
USUAL_DEGREES, DEGREES_SPREAD = 6.0, 0.4
"""What is expected of the degrees before any shock was seen, and the standard deviation of their logarithm."""
SKEW_SPREAD = 0.15
"""Standard deviation of the skew before any was seen: neither side is expected to be the longer."""


def estimate_shape(shocks: Floats) -> SkewedT:
    """Posterior mean of skew and log degrees given standardised shocks, over a grid: no search, so no start and no failure.

    A year of days says something of both and not enough; the priors, normal around 0 and the logarithm of `USUAL_DEGREES`,
    say the rest.

    Parameters
    ----------
    shocks : (n_samples,)
        Of variance 1 or about; NaN is missing. Without any it is the priors that answer.
    """
    seen = shocks[~np.isnan(shocks)]
    grid = SkewedT(DEGREES[None, :, None], SKEWS[:, None, None])
    logs = grid.log_density(np.ascontiguousarray(seen)).sum(axis=-1)
    logs -= 0.5 * (SKEWS[:, None] / SKEW_SPREAD) ** 2
    logs -= 0.5 * (np.log(DEGREES / USUAL_DEGREES) / DEGREES_SPREAD) ** 2
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    return SkewedT(float(np.exp((weights.sum(axis=0) * np.log(DEGREES)).sum())), float((weights.sum(axis=1) * SKEWS).sum()))
