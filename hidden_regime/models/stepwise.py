"""A forecast whose states have other moments at each step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hidden_regime.kernels.results import Floats
from hidden_regime.models.forecast import Forecast


@dataclass(frozen=True, repr=False)
class StepwiseForecast(Forecast):
    """Predictive densities of the next observations, where the states' moments depend on how far ahead it is.

    Of an autoregression the first step is exact. Later ones have the exact mean and variance, of each state and in all; the
    density within a state, a mixture over the ways to it, is taken as the Gaussian of its moments, so quantiles and log-densities
    from the second step on are approximations.

    Attributes
    ----------
    probabilities : (n_steps, n_states)
        P(state_T+h | x_1..T).
    means : (n_steps, n_states, n_features)
    covars : (n_steps, n_states, n_features, n_features)
    """

    @property
    def _steps(self) -> list[Forecast]:
        return [Forecast(p[None], m, c) for p, m, c in zip(self.probabilities, self.means, self.covars, strict=True)]

    @property
    def mean(self) -> Floats:
        """Mean of each step, (n_steps, n_features)."""
        return np.concatenate([step.mean for step in self._steps])

    @property
    def variance(self) -> Floats:
        """Variance of each feature at each step, (n_steps, n_features): within states plus between them."""
        return np.concatenate([step.variance for step in self._steps])

    def log_density(self, x: Floats) -> Floats:
        """Log of the predictive density of each step at x, (n_steps,); x (n_steps, n_features)."""
        rows = np.asarray(x, dtype=np.float64)
        return np.concatenate([step.log_density(row[None]) for step, row in zip(self._steps, rows, strict=True)])

    def quantile(self, q: float, feature: int = 0) -> Floats:
        """Quantile of a feature at each step, (n_steps,), as `Forecast.quantile` finds it."""
        return np.concatenate([step.quantile(q, feature) for step in self._steps])
