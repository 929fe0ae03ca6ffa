"""What the models fitted by expectation-maximisation share: their options, with all limits in one table, and the fit."""

from __future__ import annotations

import math
import secrets
import warnings
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import ConvergenceWarning, NoEvidenceWarning, ParameterError
from hidden_regime.kernels import COVARIANCES
from hidden_regime.kernels.results import Floats
from hidden_regime.models.base import HiddenMarkovModel, publish
from hidden_regime.models.covariances import shaped
from hidden_regime.models.emissions import emission_named
from hidden_regime.models.inputs import check_lengths, check_observations, lengths_from, names_of
from hidden_regime.models.ordering import OrderBy, check_order, order_of
from hidden_regime.models.parameters import Evidence, Parameters
from hidden_regime.models.soundness import fault
from hidden_regime.models.training import Task, Trained, n_parameters, train, transition_counts
from hidden_regime.models.unseen import with_average_rows

Limits = dict[str, tuple[Any, float, float, str]]

LIMITS: Limits = {
    "n_states": (int, 1, 1000, "an integer from 1 to 1000"),
    "n_iter": (int, 1, 10**6, "an integer from 1 to 1000000"),
    "n_init": (int, 0, 10**6, "an integer from 0 to 1000000"),
    "tol": ((int, float), -math.inf, math.inf, "a number of nats"),
    "margin": ((int, float), 0.0, math.inf, "a number of nats of at least 0"),
    "min_covar": ((int, float), 0.0, 1.0, "a share of the data's variance, from 0 to 1"),
    "stay_duration": ((int, float), 1.0, math.inf, "a number of bars of at least 1"),
    "stay_weight": ((int, float), 0.0, math.inf, "a number of bars of at least 0"),
    "prior_weight": ((int, float), 0.0, math.inf, "a number of bars of at least 0"),
    "half_life": ((int, float), 1e-3, math.inf, "a number of bars above 0, or None"),
    "max_features": ((int, float), 1.0, math.inf, "a number of at least 1"),
    "grid_size": ((int, float), 1e-3, 1.0, "a step from 0.001 to 1"),
    "penalty": ((int, float), 0.0, 700.0, "a cost from 0 to 700"),
    "ridge": ((int, float), 0.0, 1e15, "a weight of at least 0"),
    "order": (int, 1, 1000, "a number of lags from 1 to 1000"),
    "degrees": ((int, float), 2.0 + 1e-9, 1e6, "degrees of freedom above 2, or None to estimate them"),
    "random_state": (int, 0, math.inf, "an integer of at least 0, or None for another one at each fit"),
}
"""Every number among the options: its types, its least and greatest value, and how to say that."""

OPTIONAL = ("half_life", "degrees", "random_state")
STARTS = ("volatility", "kmeans", "random")


def check_limits(model: HiddenMarkovModel, names: Sequence[str], n_samples: int, limits: Limits = LIMITS) -> None:
    """Raise `ParameterError` for the first of these options that is outside its limits, or for more states than rows."""
    for name in names:
        kind, low, high, expected = limits[name]
        value = getattr(model, name)
        if value is None and name in OPTIONAL:
            continue
        plain: Any = value.item() if isinstance(value, np.generic) else value
        if isinstance(plain, bool) or not isinstance(plain, kind) or not low <= plain <= high:
            raise ParameterError(name, value, expected)
    if model.n_states > n_samples:
        raise ParameterError("n_states", model.n_states, f"at most n_samples = {n_samples}", "Ask for fewer states.")


def seed_of(random_state: int | None) -> int:
    """The seed, or one that nobody chose."""
    return secrets.randbits(63) if random_state is None else int(random_state)


class EMModel(HiddenMarkovModel):
    """A hidden Markov model that expectation-maximisation fits. The options are `GaussianHMM`'s."""

    def __init__(
        self,
        n_states: int = 3,
        *,
        covariance_type: str = "diag",
        n_iter: int = 500,
        tol: float = 1e-4,
        init: Sequence[str] = ("volatility", "kmeans"),
        n_init: int = 0,
        warm_start: bool = False,
        margin: float = 0.0,
        min_covar: float = 1e-3,
        stay_duration: float = 1.0,
        stay_weight: float = 0.0,
        startprob_prior: npt.ArrayLike = 1.0,
        transmat_prior: npt.ArrayLike = 1.0,
        transmat_mask: npt.ArrayLike | str | None = None,
        means_prior: npt.ArrayLike | None = None,
        covars_prior: npt.ArrayLike | None = None,
        prior_weight: float = 0.0,
        half_life: float | None = None,
        startprob_init: npt.ArrayLike | None = None,
        transmat_init: npt.ArrayLike | None = None,
        means_init: npt.ArrayLike | None = None,
        covars_init: npt.ArrayLike | None = None,
        random_state: int | None = 0,
        order_by: OrderBy = None,
    ) -> None:
        self.n_states = n_states
        self.covariance_type = covariance_type
        self.n_iter = n_iter
        self.tol = tol
        self.init = init
        self.n_init = n_init
        self.warm_start = warm_start
        self.margin = margin
        self.min_covar = min_covar
        self.stay_duration = stay_duration
        self.stay_weight = stay_weight
        self.startprob_prior = startprob_prior
        self.transmat_prior = transmat_prior
        self.transmat_mask = transmat_mask
        self.means_prior = means_prior
        self.covars_prior = covars_prior
        self.prior_weight = prior_weight
        self.half_life = half_life
        self.startprob_init = startprob_init
        self.transmat_init = transmat_init
        self.means_init = means_init
        self.covars_init = covars_init
        self.random_state = random_state
        self.order_by = order_by

    def fit(
        self,
        X: npt.ArrayLike,
        y: object = None,
        *,
        lengths: Sequence[int] | None = None,
        sample_weight: npt.ArrayLike | None = None,
    ) -> Self:
        """Find the parameters of largest likelihood from each start, and keep the best.

        Parameters
        ----------
        X : (n_samples, n_features)
            Observations in order of time; NaN is a feature that is missing.
        y : ignored
            Where it has a value for each row; numbers that add up to the rows are lengths, as other libraries write them here.
        lengths : sequence of int, optional
            Lengths of the sequences that lie one after the other in X.
        sample_weight : (n_samples,), optional
            Power to which each observation's density is raised; with `half_life` both count.

        Raises
        ------
        ParameterError, DataError, TrainingError
        """
        x = check_observations(X)
        lengths = lengths_from(y, lengths, len(x))
        names = names_of(X) or ()
        check_order(self.order_by, names)
        task = self._task(x, check_lengths(lengths, len(x)), sample_weight)
        result = train([task])[0]
        if not isinstance(result, Trained):
            raise result
        self._know_features(X, x.shape[1])
        counts = transition_counts(task)
        parameters, unseen = with_average_rows(result.parameters, x, check_lengths(lengths, len(x)), counts, task.mask)
        if self.order_by is not None:
            order = order_of(parameters, self.order_by, names)
            parameters, unseen = parameters.reordered(order), sorted(order.index(k) for k in unseen)
        if unseen:
            warnings.warn(
                NoEvidenceWarning(
                    f"no bar was seen after one of state {', '.join(map(str, unseen))}: its row of transmat_ is the average row. "
                    "Give more bars, or a prior (stay_weight, transmat_prior)."
                ),
                stacklevel=2,
            )
        return self._adopt(result.but(parameters=parameters))

    def _adopt(self, result: Trained) -> Self:
        import pandas as pd

        self._set(result.parameters)
        self.log_likelihood_, self.n_iter_ = result.log_likelihood, result.n_iter
        self.converged_, self.history_ = result.converged, result.history
        self.restarts_ = pd.DataFrame(list(result.restarts))
        if not result.converged:
            warnings.warn(
                ConvergenceWarning(
                    f"EM stopped after n_iter = {result.n_iter} iterations before it gained less than tol. Raise n_iter."
                ),
                stacklevel=3,
            )
        return self

    @classmethod
    def from_parameters(
        cls, startprob: npt.ArrayLike, transmat: npt.ArrayLike, means: npt.ArrayLike, covars: npt.ArrayLike, **options: Any
    ) -> Self:
        """A model of known parameters, which answers everything that a fitted one does.

        Parameters
        ----------
        startprob : (n_states,)
        transmat : (n_states, n_states)
        means : (n_states, n_features)
        covars : array
            In the shape of `covars_`, or (n_states, n_features, n_features).
        **options
            Further options of the model, such as `covariance_type`; of a `StudentTHMM` the `degrees` are needed, and covars are
            covariances.

        Raises
        ------
        ParameterError
            Shapes that don't fit, no probabilities, or no covariances.

        Examples
        --------
        >>> from hidden_regime import GaussianHMM
        >>> model = GaussianHMM.from_parameters([0.5, 0.5], [[0.9, 0.1], [0.1, 0.9]], [[0.0], [3.0]], [[1.0], [1.0]])
        >>> model.predict_online([[0.1], [3.2], [2.9]]).tolist()
        [0, 1, 1]
        """
        rows = np.asarray(means, dtype=np.float64)
        if rows.ndim != 2:
            raise ParameterError("means", f"an array of shape {rows.shape}", "the shape (n_states, n_features)")
        k, d = rows.shape
        return cls(k, **options)._know({"startprob": startprob, "transmat": transmat, "means": rows, "covars": covars}, k, d)

    def _know(self, values: dict[str, Any], k: int, d: int) -> Self:
        import pandas as pd

        self._check(2**31)
        p = self._of_covariances(given_parameters(values, k, d, self.covariance_type))
        if wrong := fault(p, k, d, emission=self.emission):
            raise ParameterError("covars", np.shape(values["covars"]), f"parameters of a model ({wrong})")
        vars(self).pop("feature_names_in_", None)
        self.n_features_in_ = d
        self._set(p)
        self.log_likelihood_, self.n_iter_, self.converged_, self.history_ = math.nan, 0, True, np.full(1, math.nan)
        self.restarts_ = pd.DataFrame()
        return self

    def _of_covariances(self, p: Parameters) -> Parameters:
        """Known means and covariances as parameters of the model's density."""
        return emission_named(self.emission).begin(p, None)

    def _set(self, p: Parameters) -> None:
        self._settle()
        self._parameters = p
        publish(self, startprob_=p.startprob, transmat_=p.transmat, means_=p.means, covars_=self._shaped(p.covars))

    def _restore(self, extra: dict[str, Any], p: Parameters) -> None:
        self._set(p)

    def _shaped(self, covars: Floats) -> Floats:
        """Covariances in the shape of the covariance type."""
        return shaped(covars, self.covariance_type)

    def _check(self, n_samples: int) -> None:
        check_limits(self, [name for name in LIMITS if hasattr(self, name)], n_samples)
        if self.covariance_type not in COVARIANCES:
            raise ParameterError("covariance_type", self.covariance_type, f"one of {COVARIANCES}")
        if isinstance(self.init, str) or any(name not in STARTS for name in self.init):
            raise ParameterError("init", self.init, f"a sequence of names of {STARTS}")
        if self.order_by is not None and self.transmat_mask is not None:
            raise ParameterError("order_by", self.order_by, "None beside a transmat_mask, which gives each state its place")

    def _task(self, x: Floats, lengths: tuple[int, ...], sample_weight: npt.ArrayLike | None) -> Task:
        self._check(len(x))
        own = self._own_start(x.shape[1])
        warm = getattr(self, "_parameters", None) if self.warm_start else None
        starts = (*self.init, *["random"] * self.n_init)
        if own is None and warm is None and not starts:
            raise ParameterError("init", self.init, "at least one start, or the four *_init arrays")
        if warm is not None and warm.means.shape != (self.n_states, x.shape[1]):
            raise ParameterError("warm_start", True, f"a model of {self.n_states} states and {x.shape[1]} features to go on from")
        k = int(self.n_states)
        degrees = getattr(self, "degrees", None)
        return Task(
            observations=x, n_states=k, covariance_type=self.covariance_type, n_iter=int(self.n_iter), tol=float(self.tol),
            min_covar=float(self.min_covar), starts=starts, seed=seed_of(self.random_state), margin=float(self.margin),
            stay_duration=float(self.stay_duration), stay_weight=float(self.stay_weight), warm=warm, custom=own,
            memory=self._pseudo_observations(x), emission=self.emission, degrees=None if degrees is None else float(degrees),
            lengths=lengths, weights=self._weights(len(x), lengths, sample_weight), mask=self._mask(),
            startprob_counts=self._counts("startprob_prior", (k,)),
            transmat_counts=self._counts("transmat_prior", (k, k)))  # fmt: skip

    def _weights(self, n: int, lengths: tuple[int, ...], given: npt.ArrayLike | None) -> Floats | None:
        if given is None and self.half_life is None:
            return None
        weights = np.ones(n)
        if self.half_life is not None:
            age = np.concatenate([np.arange(length)[::-1] for length in lengths])
            weights = 0.5 ** (age / float(self.half_life))
        if given is not None:
            own = np.asarray(given, dtype=np.float64)
            if own.shape != (n,) or not np.isfinite(own).all() or (own < 0).any() or not own.any():
                raise ParameterError(
                    "sample_weight", f"an array of shape {own.shape}", f"{n} weights of at least 0, not all of them zero"
                )
            weights = weights * own
        return weights

    def _mask(self) -> Floats | None:
        if self.transmat_mask is None:
            return None
        k = int(self.n_states)
        if isinstance(self.transmat_mask, str):
            if self.transmat_mask != "left-to-right":
                raise ParameterError("transmat_mask", self.transmat_mask, "'left-to-right' or an array of what is possible")
            return np.triu(np.ones((k, k)))
        mask = np.asarray(self.transmat_mask)
        if mask.shape != (k, k) or not np.isin(mask, (0, 1)).all() or not mask.any(axis=1).all():
            raise ParameterError(
                "transmat_mask", mask.tolist(), f"a ({k}, {k}) array of 0 and 1 with some transition possible from every state"
            )
        return mask.astype(np.float64)

    def _counts(self, name: str, shape: tuple[int, ...]) -> Floats | None:
        value = np.asarray(getattr(self, name), dtype=np.float64)
        if value.shape not in ((), shape) or not np.isfinite(value).all() or (value < 1.0).any():
            raise ParameterError(
                name, getattr(self, name), f"Dirichlet parameters of at least 1, a number or an array of shape {shape}"
            )
        return None if (value == 1.0).all() else np.broadcast_to(value, shape) - 1.0

    def _pseudo_observations(self, x: Floats) -> Evidence | None:
        if self.prior_weight == 0:
            if self.means_prior is not None or self.covars_prior is not None:
                raise ParameterError("prior_weight", self.prior_weight, "a weight above 0 for means_prior and covars_prior")
            return None
        k, d = int(self.n_states), x.shape[1]
        mean = np.nanmean(x, axis=0) if self.means_prior is None else np.asarray(self.means_prior, dtype=np.float64)
        spread = np.diag(np.nanvar(x, axis=0)) if self.covars_prior is None else np.asarray(self.covars_prior, dtype=np.float64)
        if mean.shape not in ((), (d,), (k, d)):
            raise ParameterError("means_prior", f"an array of shape {mean.shape}", f"the shape ({d},) or ({k}, {d})")
        if spread.shape in ((), (d,)):
            spread = np.diag(np.broadcast_to(spread, (d,)))
        if spread.shape not in ((d, d), (k, d, d)) or (np.linalg.eigvalsh(spread) < 0).any():
            raise ParameterError(
                "covars_prior",
                f"an array of shape {spread.shape}",
                f"variances ({d},) or covariances ({d}, {d}) or ({k}, {d}, {d})",
            )
        return Evidence(
            np.full(k, float(self.prior_weight)), np.broadcast_to(mean, (k, d)).copy(), np.broadcast_to(spread, (k, d, d)).copy()
        )

    def _own_start(self, n_features: int) -> Parameters | None:
        names = ("startprob_init", "transmat_init", "means_init", "covars_init")
        given = [getattr(self, name) for name in names]
        if all(value is None for value in given):
            return None
        if any(value is None for value in given):
            raise ParameterError("startprob_init", None, f"all four of {', '.join(names)}, or none")
        return given_parameters(dict(zip(names, given, strict=True)), int(self.n_states), n_features, self.covariance_type)

    @property
    def n_parameters_(self) -> int:
        """Number of free parameters; a transition that a mask rules out is none."""
        self._expect_settled()
        mask = self._mask()
        ruled_out = 0 if mask is None else int((mask == 0).sum())
        return n_parameters(int(self.n_states), self.n_features_in_, self.covariance_type) - ruled_out


def numbers(name: str, value: npt.ArrayLike) -> Floats:
    """Copy of what somebody gave for an array of numbers; `ParameterError` where it is none."""
    try:
        return np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ParameterError(name, value, "an array of numbers") from None


def given_parameters(values: dict[str, Any], k: int, d: int, kind: str) -> Parameters:
    """Parameters that somebody gave: start, transitions, means and covariances by their names, in this order."""
    names = list(values)
    try:
        arrays = [np.asarray(value, dtype=np.float64) for value in values.values()]
    except (TypeError, ValueError):
        raise ParameterError(names[0], values, "arrays of numbers") from None
    shape_given = arrays[3].shape
    if kind == "tied" and shape_given == (d, d):
        arrays[3] = np.tile(arrays[3], (k, 1, 1))
    elif kind == "spherical" and shape_given == (k,):
        arrays[3] = arrays[3][:, None, None] * np.eye(d)
    elif shape_given == (k, d):
        arrays[3] = np.stack([np.diag(row) for row in arrays[3]])
    for name, array, shape in zip(names, arrays, ((k,), (k, k), (k, d), (k, d, d)), strict=True):
        if array.shape != shape:
            raise ParameterError(name, f"an array of shape {array.shape}", f"the shape {shape}")
    for name, array in zip(names[:2], arrays[:2], strict=True):
        if (array < 0).any() or not np.allclose(array.sum(axis=-1), 1.0):
            raise ParameterError(name, array.tolist(), "probabilities that sum to 1")
    startprob, transmat, means, covars = arrays
    return Parameters(startprob, transmat, means, covars)
