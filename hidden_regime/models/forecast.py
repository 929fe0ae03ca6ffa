"""What a hidden Markov model expects: probabilities of states and the predictive density some steps ahead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hidden_regime.exceptions import ParameterError
from hidden_regime.kernels.results import Floats


@dataclass(frozen=True)
class Forecast:
    """Predictive densities of the next observations: a mixture of Gaussians for each step.

    Attributes
    ----------
    probabilities : (n_steps, n_states)
        P(state_T+h | x_1..T).
    means : (n_states, n_features)
        Mean of each state.
    covars : (n_states, n_features, n_features)
        Covariance of each state.
    """

    probabilities: Floats
    means: Floats
    covars: Floats

    @property
    def mean(self) -> Floats:
        """Mean of each step, (n_steps, n_features)."""
        mean: Floats = self.probabilities @ self.means
        return mean

    @property
    def variance(self) -> Floats:
        """Variance of each feature at each step, (n_steps, n_features): within states plus between them."""
        within = np.einsum("kii->ki", self.covars) + self.means**2
        variance: Floats = self.probabilities @ within - self.mean**2
        return variance

    def quantile(self, q: float, feature: int = 0) -> Floats:
        """Quantile of a feature at each step, (n_steps,): value at risk is the one of a small q.

        Found by bisection of the mixture's distribution function, to 1e-12 of its spread.

        Parameters
        ----------
        q : float
            Between 0 and 1, both excluded.
        feature : int
        """
        from scipy.special import ndtr, ndtri

        if not 0.0 < q < 1.0:
            raise ParameterError("q", q, "a probability above 0 and below 1")
        mean, sd = self.means[:, feature], np.sqrt(self.covars[:, feature, feature])
        ends = mean + sd * ndtri(q)
        low = np.full(len(self.probabilities), ends.min())
        high = np.full(len(self.probabilities), ends.max())
        for _ in range(60):
            middle = 0.5 * (low + high)
            below = (self.probabilities * ndtr((middle[:, None] - mean) / sd)).sum(axis=1) < q
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.asarray(0.5 * (low + high))
