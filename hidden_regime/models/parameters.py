"""The numbers that make a fitted model, and the ways to turn and compare them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from hidden_regime.kernels.results import Floats


class Parameters(NamedTuple):
    """A hidden Markov model with Gaussian emissions, or Student-t ones where there are degrees of freedom.

    Attributes
    ----------
    startprob : (n_states,)
        Probability of each state at the first observation.
    transmat : (n_states, n_states)
        Row i: probabilities of the next state after state i.
    means : (n_states, n_features)
    covars : (n_states, n_features, n_features)
        Covariances; of a Student-t its scale matrices.
    degrees : (n_states,), optional
        Degrees of freedom of a Student-t.
    """

    startprob: Floats
    transmat: Floats
    means: Floats
    covars: Floats
    degrees: Floats | None = None

    @property
    def deviations(self) -> Floats:
        """Standard deviation of each feature in each state, (n_states, n_features); a Student-t's is larger than its scale."""
        variance = np.diagonal(self.covars, axis1=1, axis2=2)
        if self.degrees is not None:
            variance = variance * (self.degrees / (self.degrees - 2.0))[:, None]
        return np.asarray(np.sqrt(variance))

    def reordered(self, order: Sequence[int]) -> Parameters:
        """The same model with state order[i] in place i."""
        i = np.asarray(order)
        degrees = None if self.degrees is None else self.degrees[i]
        return Parameters(self.startprob[i], self.transmat[np.ix_(i, i)], self.means[i], self.covars[i], degrees)

    def blended(self, share: float) -> Parameters:
        """With a little uniform mass in the chain: zeros there are absorbing, EM would keep them for ever."""
        n = len(self.startprob)
        return self._replace(startprob=(1 - share) * self.startprob + share / n, transmat=(1 - share) * self.transmat + share / n)

    def masked(self, mask: Floats | None) -> Parameters:
        """Without the transitions where `mask` is 0: EM keeps them at zero."""
        if mask is None:
            return self
        kept = self.transmat * mask
        return self._replace(transmat=kept / kept.sum(axis=1, keepdims=True))


class Evidence(NamedTuple):
    """What earlier observations say of each state: moments that a fit adds to those of its window.

    `weight` (n_states,) in observations, `means` (n_states, n_features) and `covars` (n_states, n_features,
    n_features). Transitions are not among it: counted from probabilities they would say that regimes change too often.
    """

    weight: Floats
    means: Floats
    covars: Floats

    @classmethod
    def nothing(cls, n_states: int, n_features: int) -> Evidence:
        """No observation at all."""
        return cls(
            np.zeros(n_states),
            np.zeros((n_states, n_features)),
            np.zeros((n_states, n_features, n_features)),
        )

    def reordered(self, order: Sequence[int]) -> Evidence:
        """The same evidence with state order[i] in place i."""
        i = np.asarray(order)
        return Evidence(self.weight[i], self.means[i], self.covars[i])

    def decayed(self, share: float) -> Evidence:
        """Worth `share` as many observations; moments stay."""
        return self._replace(weight=self.weight * share)

    def plus(self, observations: Floats, smoothed: Floats) -> Evidence:
        """With some more observations, known by their smoothed probabilities.

        Parameters
        ----------
        observations : (..., n_samples, n_features)
            A row with NaN is missing.
        smoothed : (..., n_samples, n_states)
        """
        # Row by row, and not by BLAS or einsum, whose last bits depend on where in memory the arrays happen to lie.
        absent = np.isnan(observations).any(axis=-1, keepdims=True)
        g, x = (np.where(absent, 0.0, a) for a in (smoothed, observations)) if absent.any() else (smoothed, observations)
        weight = self.weight + g.sum(axis=-2)
        divisor = np.where(weight > 0.0, weight, 1.0)[..., None]
        means = (self.weight[..., None] * self.means + (g[..., None] * x[..., None, :]).sum(axis=-3)) / divisor
        before = self.means - means
        spread = self.weight[..., None, None] * (self.covars + before[..., None] * before[..., None, :])
        away = x[..., None, :] - means[..., None, :, :]
        spread = spread + ((g[..., None] * away)[..., None] * away[..., None, :]).sum(axis=-4)
        return Evidence(weight, means, spread / divisor[..., None])
