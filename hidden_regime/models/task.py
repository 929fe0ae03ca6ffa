"""What a training is given and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from hidden_regime.exceptions import ConstantDataError, TrainingError, WindowTooShortError
from hidden_regime.kernels.results import Floats
from hidden_regime.models.emissions import Emission, emission_named
from hidden_regime.models.parameters import Evidence, Parameters


@dataclass(frozen=True)
class Task:
    """Everything that a training depends on.

    Parameters
    ----------
    observations : (n_samples, n_features)
        The window; rows with NaN are missing.
    n_states : int
    covariance_type : str
        One of `kernels.COVARIANCES`.
    n_iter, tol
        Limits of EM, in M-steps and nats.
    min_covar : float
        Least variance of a feature, as a share of its variance in the window.
    starts : tuple of str
        Of "volatility", "kmeans" and "random" (may repeat).
    seed : int
        Seeds the k-means and random starts.
    margin : float
        Nats by which a later start must beat the first (the warm one, if there is one).
    stay_duration, stay_weight : float
        Prior for every state to last `stay_duration` bars, worth `stay_weight` transitions out of each.
    ranked_by : int
        Feature whose size says how volatile it was around an observation, for the start by rank.
    is_volatility : bool
        That feature measures volatility itself, so its value counts and not its deviation.
    warm : Parameters, optional
        Model to go on from.
    memory : Evidence, optional
        What observations before the window said.
    custom : Parameters, optional
        A start of the user's own, before all others.
    emission : str
        Name of the observations' density, one of `EMISSIONS`.
    degrees : float, optional
        Degrees of freedom of every Student-t; None estimates them.
    lengths : tuple of int
        Lengths of the sequences that lie one after the other in the observations; empty for a single one.
    weights : (n_samples,), optional
        Power to which each observation's density is raised.
    mask : (n_states, n_states), optional
        0 where a transition is impossible, 1 elsewhere.
    startprob_counts, transmat_counts : array, optional
        Pseudo-counts of the first state and of transitions, besides those of `stay_weight`.
    """

    observations: Floats
    n_states: int
    covariance_type: str = "full"
    n_iter: int = 200
    tol: float = 1e-4
    min_covar: float = 1e-3
    starts: tuple[str, ...] = ("volatility",)
    seed: int = 0
    margin: float = 0.0
    stay_duration: float = 1.0
    stay_weight: float = 0.0
    ranked_by: int = 0
    is_volatility: bool = False
    warm: Parameters | None = None
    memory: Evidence | None = None
    custom: Parameters | None = None
    emission: str = "gaussian"
    degrees: float | None = None
    lengths: tuple[int, ...] = ()
    weights: Floats | None = None
    mask: Floats | None = None
    startprob_counts: Floats | None = None
    transmat_counts: Floats | None = None

    def but(self, **changes: Any) -> Task:
        """The same with some changes, as `dataclasses.replace` in a fifth of the time: a detector makes one at each training."""
        other = object.__new__(Task)
        other.__dict__.update(self.__dict__, **changes)
        return other

    @property
    def density(self) -> Emission:
        """What is known of the observations' density."""
        return emission_named(self.emission)

    @property
    def is_plain(self) -> bool:
        """Whether nothing but the observations, a model to go on from and a memory tells it from the default."""
        return (
            self.density.fits_kernel and self.custom is None and self.mask is None and self.weights is None
            and self.startprob_counts is None and self.transmat_counts is None and len(self.lengths) < 2
        )  # fmt: skip

    @property
    def is_general(self) -> bool:
        """Whether the fast kernels can't do it."""
        absent = np.isnan(self.observations)
        partly = bool((absent.any(axis=1) & ~absent.all(axis=1)).any())
        return not self.density.fits_kernel or len(self.lengths) > 1 or partly


class Restart(NamedTuple):
    """How one start ended."""

    start: str
    log_likelihood: float
    objective: float
    n_iter: int
    converged: bool
    chosen: bool


class Trained(NamedTuple):
    """A fitted model and how the fit went; `history` is the objective at each iteration and never falls."""

    parameters: Parameters
    log_likelihood: float
    objective: float
    n_iter: int
    converged: bool
    history: Floats
    restarts: tuple[Restart, ...] = ()

    def but(self, **changes: Any) -> Trained:
        """The same with some changes."""
        return self._replace(**changes)


def check(task: Task) -> None:
    """Raise the typed error of a window that can't be trained."""
    x = task.observations
    complete = x[~np.isnan(x).any(axis=1)]
    if len(complete) < max(task.n_states, 2):
        raise WindowTooShortError(
            f"{len(complete)} complete observations of {len(x)} can't train n_states = {task.n_states} states: "
            f"expected at least {max(task.n_states, 2)}. Give more bars or ask for fewer states."
        )
    if not np.isfinite(complete).all():
        raise TrainingError("observations hold an infinite value: expected finite numbers, or NaN where one is missing.")
    # Rounding leaves some spread in a column of equal numbers, so zero is meant relative to their size.
    flat = np.flatnonzero(complete.std(axis=0) <= 1e-12 * np.abs(complete).max(axis=0))
    if len(flat):
        raise ConstantDataError(
            f"feature {int(flat[0])} is constant ({complete[0, flat[0]]:g}) over all {len(complete)} observations: regimes "
            "can only be told apart by something that varies. Check the data.",
            int(flat[0]),
        )
    if task.n_states > 1 and len(np.unique(complete[:, 0])) < task.n_states and len(np.unique(complete, axis=0)) < task.n_states:
        raise TrainingError(
            f"{len(complete)} observations take fewer distinct values than n_states = {task.n_states}: ask for fewer states."
        )
    needed = n_parameters(task.n_states, x.shape[1], task.covariance_type)
    if complete.size < needed:
        raise WindowTooShortError(
            f"{len(complete)} complete observations of {x.shape[1]} features can't determine {needed} parameters: give more bars "
            f"or ask for fewer states than n_states = {task.n_states}."
        )


def n_parameters(n_states: int, n_features: int, covariance_type: str) -> int:
    """Free parameters of a hidden Markov model with Gaussian emissions."""
    k, d = n_states, n_features
    spread = {"diag": k * d, "full": k * d * (d + 1) // 2, "spherical": k, "tied": d * (d + 1) // 2}[covariance_type]
    return (k - 1) + k * (k - 1) + k * d + spread
