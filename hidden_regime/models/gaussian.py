"""Hidden Markov model with Gaussian emissions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import ParameterError
from hidden_regime.kernels.results import Floats
from hidden_regime.models.base import HiddenMarkovModel
from hidden_regime.models.parameters import Parameters
from hidden_regime.models.training import Task

_LIMITS: dict[str, tuple[Any, float, float, str]] = {
    "n_states": (int, 1, math.inf, "an integer of at least 1"),
    "n_iter": (int, 1, math.inf, "an integer of at least 1"),
    "tol": ((int, float), -math.inf, math.inf, "a number of nats"),
    "min_covar": ((int, float), 0.0, 1.0, "a share of the data's variance, from 0 to 1"),
    "stay_duration": ((int, float), 1.0, math.inf, "a number of bars of at least 1"),
    "stay_weight": ((int, float), 0.0, math.inf, "a number of bars of at least 0"),
    "random_state": (int, 0, math.inf, "an integer of at least 0"),
}
_STARTS = ("volatility", "kmeans", "random")


class GaussianHMM(HiddenMarkovModel):
    """Gaussian hidden Markov model, fitted by expectation-maximisation.

    log p(x_t | state k) = log N(x_t; mean_k, covar_k). The likelihood never falls from one iteration to the next, and a
    variance can't collapse: it is floored at a share of the data's own, so decimal and percent returns give the same
    states.

    Parameters
    ----------
    n_states : int
        Number of hidden states.
    covariance_type : "diag" or "full"
        Whether features may be correlated within a state.
    n_iter : int
        Largest number of iterations.
    tol : float
        Stop when the objective (log-likelihood plus log-prior) gains less, in nats.
    init : sequence of str
        Starts, of "volatility" (equal groups by volatility around each bar), "kmeans" and "random"; the best one wins.
    min_covar : float
        Floor of each feature's variance (given the features before it), as a share of its variance in the data.
    stay_duration, stay_weight : float
        Prior on persistence: each state is expected to last `stay_duration` bars, worth `stay_weight` bars of evidence.
        Weight 0, the default, is maximum likelihood.
    startprob_init, transmat_init, means_init, covars_init : array, optional
        A start of your own, given whole; it is tried before the others.
    random_state : int
        Seed of the k-means and random starts.

    Attributes
    ----------
    startprob_ : (n_states,)
    transmat_ : (n_states, n_states)
    means_ : (n_states, n_features)
    covars_ : (n_states, n_features) for "diag", (n_states, n_features, n_features) for "full"
    log_likelihood_ : float
    converged_ : bool
    n_iter_ : int
    history_ : (n_iter_ + 1,)
        Objective at each iteration; never falls.
    restarts_ : tuple of Restart
        Start, likelihood and iterations of every start, and which was chosen.

    References
    ----------
    Rabiner (1989), "A tutorial on hidden Markov models", Proceedings of the IEEE 77(2).

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = np.concatenate([rng.normal(0, 1, 200), rng.normal(0, 4, 200)])[:, None]
    >>> model = GaussianHMM(n_states=2).fit(X)
    >>> model.predict_online(X)[[100, 300]].tolist()
    [0, 1]
    """

    def __init__(
        self,
        n_states: int = 3,
        *,
        covariance_type: str = "diag",
        n_iter: int = 500,
        tol: float = 1e-4,
        init: Sequence[str] = ("volatility", "kmeans"),
        min_covar: float = 1e-3,
        stay_duration: float = 1.0,
        stay_weight: float = 0.0,
        startprob_init: npt.ArrayLike | None = None,
        transmat_init: npt.ArrayLike | None = None,
        means_init: npt.ArrayLike | None = None,
        covars_init: npt.ArrayLike | None = None,
        random_state: int = 0,
    ) -> None:
        self.n_states = n_states
        self.covariance_type = covariance_type
        self.n_iter = n_iter
        self.tol = tol
        self.init = init
        self.min_covar = min_covar
        self.stay_duration = stay_duration
        self.stay_weight = stay_weight
        self.startprob_init = startprob_init
        self.transmat_init = transmat_init
        self.means_init = means_init
        self.covars_init = covars_init
        self.random_state = random_state

    def _check(self, n_samples: int) -> None:
        for name, (kind, low, high, expected) in _LIMITS.items():
            value = getattr(self, name)
            plain: Any = value.item() if isinstance(value, np.generic) else value
            if isinstance(plain, bool) or not isinstance(plain, kind) or not low <= plain <= high:
                raise ParameterError(name, value, expected)
        if self.covariance_type not in ("diag", "full"):
            raise ParameterError("covariance_type", self.covariance_type, "'diag' or 'full'")
        if isinstance(self.init, str) or any(name not in _STARTS for name in self.init):
            raise ParameterError("init", self.init, f"a sequence of names of {_STARTS}")
        if self.n_states > n_samples:
            raise ParameterError("n_states", self.n_states, f"at most the number of rows, {n_samples}", "Ask for fewer states.")

    def _own_start(self, n_features: int) -> Parameters | None:
        given = (self.startprob_init, self.transmat_init, self.means_init, self.covars_init)
        if all(value is None for value in given):
            return None
        if any(value is None for value in given):
            raise ParameterError(
                "startprob_init", None, "all four of startprob_init, transmat_init, means_init, covars_init, or none"
            )
        k, d = self.n_states, n_features
        arrays = [np.asarray(value, dtype=np.float64) for value in given]
        if arrays[3].shape == (k, d):
            arrays[3] = np.stack([np.diag(row) for row in arrays[3]])
        names = ("startprob_init", "transmat_init", "means_init", "covars_init")
        for name, array, shape in zip(names, arrays, ((k,), (k, k), (k, d), (k, d, d)), strict=True):
            if array.shape != shape:
                raise ParameterError(name, f"an array of shape {array.shape}", f"the shape {shape}")
        for name, array in zip(names[:2], arrays[:2], strict=True):
            if (array < 0).any() or not np.allclose(array.sum(axis=-1), 1.0):
                raise ParameterError(name, array.tolist(), "probabilities that sum to 1")
        return Parameters(*arrays)

    def _task(self, x: Floats) -> Task:
        self._check(len(x))
        own = self._own_start(x.shape[1])
        if own is None and not self.init:
            raise ParameterError("init", self.init, "at least one start, or the four *_init arrays")
        return Task(
            observations=x, n_states=int(self.n_states), covariance_type=self.covariance_type, n_iter=int(self.n_iter),
            tol=float(self.tol), min_covar=float(self.min_covar), starts=tuple(self.init), seed=int(self.random_state),
            stay_duration=float(self.stay_duration), stay_weight=float(self.stay_weight), custom=own)  # fmt: skip

    @property
    def _full(self) -> bool:
        return self.covariance_type == "full"

    def _publish(self, p: Parameters) -> None:
        self.means_ = p.means
        self.covars_ = p.covars if self._full else np.einsum("kii->ki", p.covars).copy()

    @property
    def n_parameters_(self) -> int:
        """Number of free parameters."""
        k, d = self.n_states, self.n_features_in_
        return (k - 1) + k * (k - 1) + k * d + k * (d * (d + 1) // 2 if self._full else d)
