"""What a hidden Markov model expects: probabilities of states and the predictive density some steps ahead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hidden_regime.exceptions import ParameterError
from hidden_regime.kernels.results import Floats


@dataclass(frozen=True)
class Forecast:
    """Predictive densities of the next observations: a mixture of the states' Gaussians (or Student-t's) for each step.

    Attributes
    ----------
    probabilities : (n_steps, n_states)
        P(state_T+h | x_1..T).
    means : (n_states, n_features)
        Mean of each state.
    covars : (n_states, n_features, n_features)
        Covariance of each state; of a Student-t its scale matrix.
    degrees : (n_states,), optional
        Degrees of freedom of a Student-t.
    """

    probabilities: Floats
    means: Floats
    covars: Floats
    degrees: Floats | None = None

    def __repr__(self) -> str:
        steps, k = self.probabilities.shape
        mean, sd = (np.array2string(part[0], precision=4) for part in (self.mean, np.sqrt(self.variance)))
        return f"<Forecast of {steps} steps from {k} states: the next one has mean {mean}, standard deviation {sd}>"

    @property
    def mean(self) -> Floats:
        """Mean of each step, (n_steps, n_features)."""
        mean: Floats = self.probabilities @ self.means
        return mean

    @property
    def variance(self) -> Floats:
        """Variance of each feature at each step, (n_steps, n_features): within states plus between them."""
        within = np.einsum("kii->ki", self.covars)
        if self.degrees is not None:
            within = within * (self.degrees / (self.degrees - 2.0))[:, None]
        within = within + self.means**2
        variance: Floats = self.probabilities @ within - self.mean**2
        return variance

    def log_density(self, x: Floats) -> Floats:
        """Log of the predictive density of each step at x, (n_steps,); x (n_steps, n_features)."""
        from hidden_regime.models.densities import log_densities
        from hidden_regime.models.parameters import Parameters

        k = len(self.means)
        chain = np.full(k, 1.0 / k), np.full((k, k), 1.0 / k)
        logs = log_densities(np.asarray(x, dtype=np.float64), Parameters(*chain, self.means, self.covars, self.degrees))
        top = logs.max(axis=1)
        return np.asarray(top + np.log((self.probabilities * np.exp(logs - top[:, None])).sum(axis=1)))

    def quantile(self, q: float, feature: int = 0) -> Floats:
        """Quantile of a feature at each step, (n_steps,): value at risk is the one of a small q.

        Found by bisection of the mixture's distribution function, to 1e-12 of its spread.

        Parameters
        ----------
        q : float
            Between 0 and 1, both excluded.
        feature : int
        """
        from scipy.special import ndtr, ndtri, stdtr, stdtrit

        nu = self.degrees

        if not 0.0 < q < 1.0:
            raise ParameterError("q", q, "a probability above 0 and below 1")
        mean, sd = self.means[:, feature], np.sqrt(self.covars[:, feature, feature])
        ends = mean + sd * (ndtri(q) if nu is None else stdtrit(nu, q))
        low = np.full(len(self.probabilities), ends.min())
        high = np.full(len(self.probabilities), ends.max())
        for _ in range(60):
            middle = 0.5 * (low + high)
            away = (middle[:, None] - mean) / sd
            below = (self.probabilities * (ndtr(away) if nu is None else stdtr(nu, away))).sum(axis=1) < q
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.asarray(0.5 * (low + high))
