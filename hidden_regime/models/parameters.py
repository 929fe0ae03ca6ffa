"""The numbers that make a fitted model, and the ways to turn and compare them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from hidden_regime import kernels
from hidden_regime.kernels.results import Floats
from hidden_regime.models.emissions import EMISSIONS, Emission

BLEND = 1e-3
"""Uniform mass blended into a warm start's chain."""


def blended(chain: Floats, share: float = BLEND) -> Floats:
    """Probabilities along the last axis with a little uniform mass: zeros are absorbing, EM would keep them for ever."""
    return np.asarray((1 - share) * chain + share / chain.shape[-1])


class Parameters(NamedTuple):
    """A hidden Markov model with Gaussian emissions, Student-t ones where there are degrees of freedom, or those of a name.

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
    emission : str
        Name of the density in `EMISSIONS`; empty where the degrees, or their absence, tell it.
    """

    startprob: Floats
    transmat: Floats
    means: Floats
    covars: Floats
    degrees: Floats | None = None
    emission: str = ""

    @property
    def density(self) -> Emission:
        """What is known of the density of these parameters."""
        return EMISSIONS[self.emission or ("gaussian" if self.degrees is None else "student_t")]

    @property
    def shapes(self) -> dict[str, Floats]:
        """What there is besides chain, means and covars, by what tables call it; each (n_states,)."""
        return {shape.title: getattr(self, shape.name) for shape in self.density.shapes}

    @property
    def tails(self) -> Floats:
        """What each state's covars are to be multiplied by for its covariances, (n_states,)."""
        return self.density.tails(self)

    @property
    def kernel_tails(self) -> Floats | None:
        """What the kernels take for a Student-t, (n_states, 2); None for a Gaussian."""
        return None if self.degrees is None else kernels.tails(self.degrees, self.means.shape[1])

    @property
    def deviations(self) -> Floats:
        """Standard deviation of each feature in each state, (n_states, n_features); a Student-t's is larger than its scale."""
        return np.asarray(np.sqrt(np.diagonal(self.covars, axis1=1, axis2=2) * self.tails[:, None]))

    def log_density(self, x: Floats) -> Floats:
        """log p(x_t | state k), (n_samples, n_states); 0 where nothing was observed."""
        return self.density.log_density(x, self)

    def arrays(self) -> dict[str, Floats | None]:
        """The numbers by name, None for those that the density doesn't have."""
        return {name: value for name, value in self._asdict().items() if name != "emission"}

    def content(self) -> dict[str, Any]:
        """All of it by name, as files hold it: the name of the density only where the numbers don't tell it."""
        return self.arrays() | ({"emission": self.emission} if self.emission else {})

    def but(self, **changes: Any) -> Parameters:
        """The same with some changes."""
        return self._replace(**changes)

    def reordered(self, order: Sequence[int]) -> Parameters:
        """The same model with state order[i] in place i."""
        i = np.asarray(order)
        degrees = None if self.degrees is None else self.degrees[i]
        return self._replace(startprob=self.startprob[i], transmat=self.transmat[np.ix_(i, i)], means=self.means[i],
                             covars=self.covars[i], degrees=degrees)  # fmt: skip

    def blended(self, share: float = BLEND) -> Parameters:
        """With a little uniform mass in the chain."""
        return self._replace(startprob=blended(self.startprob, share), transmat=blended(self.transmat, share))

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

    def content(self) -> dict[str, Any]:
        """All of it by name, as files hold it."""
        return self._asdict()

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
