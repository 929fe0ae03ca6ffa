"""What a hidden Markov model expects: probabilities of states and the predictive density some steps ahead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hidden_regime.exceptions import ParameterError
from hidden_regime.kernels.results import Floats
from hidden_regime.models.parameters import Parameters


@dataclass(frozen=True)
class Forecast:
    """Predictive densities of the next observations: a mixture of the states' for each step.

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
    emission : str
        Name of the density where the degrees don't tell it.
    """

    probabilities: Floats
    means: Floats
    covars: Floats
    degrees: Floats | None = None
    emission: str = ""

    def __repr__(self) -> str:
        steps, k = self.probabilities.shape
        mean, sd = (np.array2string(part[0], precision=4) for part in (self.mean, np.sqrt(self.variance)))
        return f"<Forecast of {steps} steps from {k} states: the next one has mean {mean}, standard deviation {sd}>"

    @property
    def _states(self) -> Parameters:
        """The states' densities, with a chain that says nothing."""
        k = len(self.means)
        return Parameters(np.full(k, 1.0 / k), np.full((k, k), 1.0 / k), self.means, self.covars, self.degrees, self.emission)

    @property
    def mean(self) -> Floats:
        """Mean of each step, (n_steps, n_features)."""
        mean: Floats = self.probabilities @ self.means
        return mean

    @property
    def variance(self) -> Floats:
        """Variance of each feature at each step, (n_steps, n_features): within states plus between them."""
        within = np.einsum("kii->ki", self.covars) * self._states.tails[:, None] + self.means**2
        variance: Floats = self.probabilities @ within - self.mean**2
        return variance

    def log_density(self, x: Floats) -> Floats:
        """Log of the predictive density of each step at x, (n_steps,); x (n_steps, n_features)."""
        logs = self._states.log_density(np.asarray(x, dtype=np.float64))
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
        if not 0.0 < q < 1.0:
            raise ParameterError("q", q, "a probability above 0 and below 1")
        mean, sd = self.means[:, feature], np.sqrt(self.covars[:, feature, feature])
        states = self._states
        ends = mean + sd * states.density.ppf(q, states)
        low = np.full(len(self.probabilities), ends.min())
        high = np.full(len(self.probabilities), ends.max())
        for _ in range(60):
            middle = 0.5 * (low + high)
            away = (middle[:, None] - mean) / sd
            below = (self.probabilities * states.density.cdf(away, states)).sum(axis=1) < q
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.asarray(0.5 * (low + high))
