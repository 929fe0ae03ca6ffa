"""What a density of a state's observations has to know, so that everything else needs to know nothing of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from hidden_regime.kernels.results import Floats, Integers

if TYPE_CHECKING:
    from hidden_regime.models.parameters import Evidence, Parameters


class Shape(NamedTuple):
    """A number (n_states,) that a density has besides means and covars, such as degrees of freedom.

    Attributes
    ----------
    name : str
        Of its field in `Parameters`.
    title : str
        What tables call it.
    above : float
        Every value is larger.
    fewest, most : float
        Between these it is estimated.
    """

    name: str
    title: str
    above: float
    fewest: float
    most: float


class Emission(Protocol):
    """A density of a state's observations, with a mean and a matrix `covars` that says how wide it is.

    What the compiled kernels don't know of it is done by `models.em_python`, and from its log-densities.
    """

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """What it has besides means and covars."""
        ...

    @property
    def fits_kernel(self) -> bool:
        """Whether the compiled kernels can train it."""
        ...

    @property
    def filters_in_kernel(self) -> bool:
        """Whether they can filter and smooth by it."""
        ...

    def begin(self, start: Parameters, fixed: float | None) -> Parameters:
        """A start of this density that has the means and covariances of another's.

        Parameters
        ----------
        start : Parameters
        fixed : float, optional
            Value of its shape in every state; None estimates it.
        """
        ...

    def log_density(self, x: Floats, p: Parameters) -> Floats:
        """log p(x_t | state k), (n_samples, n_states); NaN is missing, and 0 the answer where nothing was observed."""
        ...

    def tails(self, p: Parameters) -> Floats:
        """What each state's covars are to be multiplied by for its covariances, (n_states,)."""
        ...

    def cdf(self, z: Floats, p: Parameters) -> Floats:
        """P(Z <= z) of one feature in each state (..., n_states), z in roots of its place in covars from the mean."""
        ...

    def ppf(self, q: float, p: Parameters) -> Floats:
        """The z (n_states,) whose `cdf` is q."""
        ...

    def shocks(self, p: Parameters, states: Integers, rng: np.random.Generator) -> Floats:
        """Draws around the mean of each of some states, (..., n_features)."""
        ...

    def maximise(
        self, x: Floats, gamma: Floats, p: Parameters, kind: str, floor: Floats, prior: Evidence, *, fixed: bool
    ) -> Parameters:
        """The M-step: parameters whose expected log-likelihood plus `log_prior` is not below that of p.

        Parameters
        ----------
        x : (n_samples, n_features)
        gamma : (n_samples, n_states)
            Probabilities of the states, times the rows' weights.
        p : Parameters
            The step before; its chain is kept.
        kind : str
            Covariance type.
        floor : (n_features,)
            Least variance.
        prior : Evidence
            Observations of each state besides those of x.
        fixed : bool
            Whether the shapes stay as they are.
        """
        ...

    def log_prior(self, p: Parameters, prior: Evidence) -> Floats:
        """What the objective gains from what is known of each state besides the window, (n_states,)."""
        ...
