"""What all models share: options with limits, the data they take, and what a fitted hidden Markov model answers."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np
import numpy.typing as npt

from hidden_regime import kernels
from hidden_regime.exceptions import ParameterError, not_fitted
from hidden_regime.guards import option_defaults
from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.models.forecast import Forecast
from hidden_regime.models.inputs import (
    check_counts,
    check_lengths,
    check_names,
    check_observations,
    check_state,
    lengths_from,
    names_of,
    sequence_jobs,
)
from hidden_regime.models.ordering import check_permutation
from hidden_regime.models.parameters import Parameters
from hidden_regime.models.soundness import are_numbers

if TYPE_CHECKING:
    from hidden_regime.models.standard_errors import StandardErrors

Rows = TypeVar("Rows", Floats, Integers)


class Options:
    """Constructor arguments as scikit-learn wants them: stored as they are, read and set by name."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Options by name."""
        return {name: getattr(self, name) for name in option_defaults(type(self))}

    def set_params(self, **options: Any) -> Self:
        """Change options by name."""
        known = list(option_defaults(type(self)))
        for name, value in options.items():
            if name not in known:
                raise ParameterError(name, value, f"one of the options {known}")
            setattr(self, name, value)
        return self

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn's tools want to know; asked by them alone, so scikit-learn is there."""
        from sklearn.base import BaseEstimator

        tags = BaseEstimator().__sklearn_tags__()
        tags.input_tags.allow_nan = True  # a missing observation
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_parameters")

    def __repr__(self) -> str:
        usual = option_defaults(type(self))
        changed = [f"{n}={getattr(self, n)!r}" for n in usual if repr(getattr(self, n)) != repr(usual[n])]
        return f"{type(self).__name__}({', '.join(changed)})"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from hidden_regime.display import facts, table

        if not hasattr(self, "_parameters"):
            return facts(f"{type(self).__name__}, not fitted", self.get_params())
        p: Parameters = self._parameters
        transmat = np.asarray(self.transmat_)  # type: ignore[attr-defined]
        features = list(getattr(self, "feature_names_in_", range(p.means.shape[1])))
        columns = ["state", *(f"mean {f}" for f in features), *(f"sd {f}" for f in features), *p.shapes,
                   *(f"to {k}" for k in range(len(transmat)))]  # fmt: skip
        shapes = list(p.shapes.values())
        rows = [
            (str(k), *p.means[k], *p.deviations[k], *(values[k] for values in shapes), *transmat[k]) for k in range(len(transmat))
        ]
        return table(repr(self), columns, rows)


class Fitted:
    """A fitted attribute: it comes from `fit` or `from_parameters`, and setting it alone would be honoured by half."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, model: Any, owner: type) -> Any:
        if model is None:
            return self
        try:
            return vars(model)[self.name]
        except KeyError:
            raise not_fitted(f"this {owner.__name__} is not fitted, so it has no {self.name}: call fit(X) first.") from None

    def __set__(self, model: Any, value: Any) -> None:
        raise ParameterError(
            self.name, value, "nothing: it is what was fitted",
            f"Make a model of known parameters: {type(model).__name__}.from_parameters(startprob, transmat, means, covars)."
            if hasattr(model, "from_parameters") else "Call fit(X).",
        )  # fmt: skip


def publish(model: Options, **values: Floats) -> None:
    """Give a model its fitted arrays: to read and not to write, because nothing would follow from it."""
    for name, value in values.items():
        shown = np.asarray(value).view()
        shown.flags.writeable = False
        vars(model)[name] = shown


def fitted(owner: type, *names: str) -> None:
    """Make attributes of a class ones that only fitting sets."""
    for name in names:
        setattr(owner, name, Fitted(name))


SETTLED = (
    "n_states", "covariance_type", "degrees", "penalty", "standardise", "order", "switching_ar", "switching_variance",
    "grid_size", "mode_loss",
)  # fmt: skip
"""Options that say what the fitted parameters mean: they can't change without another fit."""


class HiddenMarkovModel(Options):
    """A hidden Markov model: `fit` finds it, everything else asks it.

    Words tell causal from hindsight: `filter_proba` and `predict_online` know the past only; `predict` and
    `predict_proba` know the whole series, so no trading decision may read them. `lengths` splits X into sequences that
    have nothing to do with each other.
    """

    n_states: int
    n_features_in_: int
    feature_names_in_: npt.NDArray[np.object_]
    startprob_: Floats
    transmat_: Floats
    log_likelihood_: float
    n_iter_: int
    converged_: bool
    history_: Floats
    emission = "gaussian"
    """Name of the density of its observations, in `hidden_regime.models.emissions.EMISSIONS`."""

    _parameters: Parameters
    _settled: dict[str, Any]
    _estimator_type = "clusterer"

    @abstractmethod
    def fit(self, X: npt.ArrayLike, y: object = None, *, lengths: Sequence[int] | None = None) -> Self:
        """Find the parameters."""

    @property
    @abstractmethod
    def n_parameters_(self) -> int:
        """Number of free parameters."""

    @property
    def parameters_(self) -> Parameters:
        """The fitted numbers as they are in use: covariances in full, whatever the covariance type."""
        if not hasattr(self, "_parameters"):
            raise not_fitted(f"this {type(self).__name__} is not fitted: call fit(X) first.")
        return self._parameters

    def _rows(self, X: npt.ArrayLike) -> Floats:
        if not hasattr(self, "_parameters"):
            raise not_fitted(f"this {type(self).__name__} is not fitted: call fit(X) first.")
        self._expect_settled()
        check_names(X, getattr(self, "feature_names_in_", None))
        return check_observations(X, self.n_features_in_, type(self).__name__)

    def _settle(self) -> None:
        """Keep the options that the parameters belong to."""
        known = option_defaults(type(self))
        self._settled = {name: getattr(self, name) for name in SETTLED if name in known}

    def _expect_settled(self) -> None:
        """Raise where an option was changed after the fit, so that the parameters are another model's."""
        for name, before in self._settled.items():
            if getattr(self, name) != before:
                raise ParameterError(
                    name, getattr(self, name), f"what the model was fitted with, {before!r}", "Call fit(X) again, or set it back."
                )

    def _know_features(self, X: npt.ArrayLike, n_features: int) -> None:
        """Keep how many features were fitted, and their names where X has names."""
        self.n_features_in_ = n_features
        names = names_of(X)
        if names is not None:
            self.feature_names_in_ = np.array(names, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def _states(self, x: Floats) -> tuple[Floats, Floats, Floats]:
        """Log-densities (n_samples, n_states), startprob and transmat that say which state it is."""
        p = self._parameters
        return p.log_density(x), p.startprob, p.transmat

    def _infer(self, X: npt.ArrayLike, lengths: Sequence[int] | None) -> tuple[Floats, Integers, Floats, Floats]:
        x = self._rows(X)
        logs, startprob, transmat = self._states(x)
        jobs = sequence_jobs(check_lengths(lengths, len(x)))
        n = len(jobs)
        return logs[None], jobs, np.tile(startprob, (n, 1)), np.tile(transmat, (n, 1, 1))

    def _extra(self) -> dict[str, Any]:
        """What a fitted model is besides its parameters, to be saved."""
        return {}

    def _extra_shapes(self, extra: dict[str, Any], n_features: int) -> dict[str, tuple[int, ...]]:
        """Shapes that the arrays of `_extra` have to have, whatever a file holds for them."""
        return {}

    def _extra_in(self, order: Sequence[int]) -> dict[str, Any]:
        """The same with the states in another order."""
        return self._extra()

    def _extra_fault(self, extra: dict[str, Any], k: int, d: int) -> str:
        """What keeps a saved `_extra` from being one of k states and d features; nothing if it is one."""
        shapes = self._extra_shapes(extra, d)
        if extra.keys() != shapes.keys() or not all(are_numbers(extra[name], shape) for name, shape in shapes.items()):
            return f"extra: expected {sorted(shapes)} that fit the model"
        return ""

    def relabel(self, order: Sequence[int]) -> Self:
        """Put the states of a fitted model in another order; what it says of them follows.

        Parameters
        ----------
        order : sequence of int
            Each state once: element i is the state, by its place of now, that comes in place i.

        Examples
        --------
        >>> import numpy as np
        >>> from hidden_regime import GaussianHMM
        >>> x = np.random.default_rng(0).normal(0, np.repeat([1.0, 4.0], 100))[:, None]
        >>> model = GaussianHMM(2, order_by="volatility").fit(x)
        >>> before = model.predict(x)
        >>> bool((model.relabel([1, 0]).predict(x) == 1 - before).all())
        True
        """
        if not hasattr(self, "_parameters"):
            raise not_fitted(f"this {type(self).__name__} is not fitted: call fit(X) first.")
        places = check_permutation(order, len(self._parameters.means))
        self._restore(self._extra_in(places), self._parameters.reordered(places))
        return self

    @abstractmethod
    def _restore(self, extra: dict[str, Any], p: Parameters) -> None:
        """Take up the fitted state that `_extra` and the parameters describe."""

    def filter_proba(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None) -> Floats:
        """P(state_t | x_1..t), (n_samples, n_states): causal, row t knows nothing after t."""
        logs, jobs, startprob, transmat = self._infer(X, lengths)
        return _joined(kernels.filter_densities(logs, jobs, startprob, transmat).filtered, jobs)

    def predict_online(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None) -> Integers:
        """Most probable state after each observation, (n_samples,): causal."""
        states: Integers = np.argmax(self.filter_proba(X, lengths), axis=1)
        return states

    def predict_proba(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None) -> Floats:
        """P(state_t | x_1..T), (n_samples, n_states): hindsight."""
        logs, jobs, startprob, transmat = self._infer(X, lengths)
        return _joined(kernels.smooth_densities(logs, jobs, startprob, transmat)[0].smoothed, jobs)

    def predict(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None) -> Integers:
        """Most probable path of states (Viterbi), (n_samples,): hindsight."""
        logs, jobs, startprob, transmat = self._infer(X, lengths)
        with np.errstate(divide="ignore"):
            decoded = kernels.decode_densities(logs, jobs, np.log(startprob), np.log(transmat))
        return _joined(decoded.states, jobs)

    def fit_predict(self, X: npt.ArrayLike, y: object = None, *, lengths: Sequence[int] | None = None) -> Integers:
        """Fit, then `predict` the same observations: hindsight."""
        self.fit(X, y, lengths=lengths)
        return self.predict(X, lengths_from(y, lengths, len(self._rows(X))))

    def score_samples(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None) -> Floats:
        """log p(x_t | x_1..t-1) of each observation, (n_samples,), in nats: causal. They add up to `score`."""
        x = self._rows(X)
        jobs = sequence_jobs(check_lengths(lengths, len(x)))
        n = len(jobs)
        p = self._parameters
        logs = p.log_density(x)[None]
        chain = np.tile(p.startprob, (n, 1)), np.tile(p.transmat, (n, 1, 1))
        return _joined(kernels.filter_densities(logs, jobs, *chain).log_likelihood, jobs)

    def score(self, X: npt.ArrayLike, y: object = None, lengths: Sequence[int] | None = None) -> float:
        """Log-likelihood of the observations, in nats.

        A `y` of a value for each row says nothing; numbers that add up to the rows are lengths, as other libraries write them
        in its place.
        """
        return float(self.score_samples(X, lengths_from(y, lengths, len(self._rows(X)))).sum())

    def forecast(self, X: npt.ArrayLike, steps: int = 1) -> Forecast:
        """Predictive densities of the `steps` observations after X: causal.

        Returns
        -------
        Forecast
            Probabilities of the states, mean, variance and quantiles of each step.
        """
        check_counts(steps=steps)
        x = self._rows(X)
        p = self._parameters
        probabilities = [self._now(x) @ p.transmat]
        for _ in range(steps - 1):
            probabilities.append(probabilities[-1] @ p.transmat)
        return Forecast(np.array(probabilities), p.means, p.covars, p.degrees, p.emission)

    def _now(self, x: Floats) -> Floats:
        """Filtered probabilities after the last of some rows, under the densities."""
        p = self._parameters
        job = np.array([[0, 0, len(x)]])
        found = kernels.filter_densities(p.log_density(x)[None], job, p.startprob[None], p.transmat[None])
        return np.asarray(found.filtered[0, -1])

    def simulate(
        self, X: npt.ArrayLike, steps: int, n_paths: int = 1, random_state: int | np.random.Generator | None = None
    ) -> tuple[Floats, Integers]:
        """Draw what may follow X: scenarios from the state of now, as far as X tells it.

        Parameters
        ----------
        X : (n_samples, n_features)
            Observations up to now.
        steps : int
            Observations of each path.
        n_paths : int
        random_state : int or Generator, optional
            None, the default, draws others at each call.

        Returns
        -------
        X : (n_paths, steps, n_features)
        states : (n_paths, steps)
        """
        from hidden_regime.models.chain import sample_paths

        check_counts(steps=steps, n_paths=n_paths)
        now = self._now(self._rows(X))
        p = self._parameters
        return sample_paths(p.but(startprob=now @ p.transmat), n_paths, steps, np.random.default_rng(random_state))

    def stationary_distribution(self) -> Floats:
        """Share of time that the chain spends in each state in the long run, (n_states,): pi = pi transmat.

        Where a state can't be left and another can't be reached from it, the one that the chain ends in from `startprob_`.
        """
        if not hasattr(self, "_parameters"):
            raise not_fitted(f"this {type(self).__name__} is not fitted: call fit(X) first.")
        from hidden_regime.models.chain import stationary_distribution

        return stationary_distribution(self._parameters.transmat, self._parameters.startprob)

    def icl(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None) -> float:
        """Integrated completed likelihood: `bic` plus twice the entropy of the smoothed states, which punishes states that
        can't be told apart; lower is better (Biernacki, Celeux and Govaert 2000)."""
        x = self._rows(X)
        jobs = sequence_jobs(check_lengths(lengths, len(x)))
        n = len(jobs)
        own = self._parameters
        chain = np.tile(own.startprob, (n, 1)), np.tile(own.transmat, (n, 1, 1))
        p = _joined(kernels.smooth_densities(own.log_density(x)[None], jobs, *chain)[0].smoothed, jobs)
        return self.bic(X, lengths) - 2.0 * float((p * np.log(np.maximum(p, 1e-300))).sum())

    def aic(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None) -> float:
        """Akaike's information criterion, 2 k - 2 ln L: lower is better."""
        return -2.0 * self.score(X, lengths=lengths) + 2.0 * self.n_parameters_

    def bic(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None) -> float:
        """Bayesian information criterion, k ln n - 2 ln L, n the rows that hold anything: lower is better."""
        n = int((~np.isnan(self._rows(X)).all(axis=1)).sum())
        return self.n_parameters_ * math.log(n) - 2.0 * self.score(X, lengths=lengths)

    def standard_errors(
        self, X: npt.ArrayLike, method: str = "score", lengths: Sequence[int] | None = None, **options: Any
    ) -> StandardErrors:
        """Standard errors of all parameters, and which regimes' means can't be told apart.

        Parameters
        ----------
        X : (n_samples, n_features)
            What the model was fitted on.
        lengths : sequence of int, optional
            Lengths of the sequences that make up X.
        method : "score" or "bootstrap"
            Outer products of the scores, or refits of samples drawn from the model.
        **options
            Of `hidden_regime.models.standard_errors.from_scores` or `from_bootstrap`.
        """
        from hidden_regime.models import standard_errors

        if method not in ("score", "bootstrap"):
            raise ParameterError("method", method, "'score' or 'bootstrap'")
        x = self._rows(X)
        return (standard_errors.from_scores if method == "score" else standard_errors.from_bootstrap)(
            self._parameters, x, self, lengths=check_lengths(lengths, len(x)), **options
        )

    def sample(
        self,
        n_samples: int = 1,
        random_state: int | np.random.Generator | None = None,
        *,
        state: int | None = None,
        n_paths: int | None = None,
    ) -> tuple[Floats, Integers]:
        """Draw observations and the states that made them.

        Parameters
        ----------
        n_samples : int
        random_state : int or Generator, optional
            None, the default, draws others at each call; an integer the same ones.
        state : int, optional
            State before the first draw, such as that of now; None draws the first state from `startprob_`.
        n_paths : int, optional
            Paths, each of n_samples; None draws one, without an axis for it.

        Returns
        -------
        X : (n_samples, n_features), or (n_paths, n_samples, n_features)
        states : (n_samples,), or (n_paths, n_samples)
        """
        if not hasattr(self, "_parameters"):
            raise not_fitted(f"this {type(self).__name__} is not fitted: call fit(X) first.")
        check_counts(n_samples=n_samples, n_paths=1 if n_paths is None else n_paths)
        check_state(state, len(self._parameters.means))
        from hidden_regime.models.chain import sample_paths

        p = self._parameters if state is None else self._parameters.but(startprob=self._parameters.transmat[state])
        x, states = sample_paths(p, n_paths or 1, n_samples, np.random.default_rng(random_state))
        return (x[0], states[0]) if n_paths is None else (x, states)

    def to_dict(self) -> dict[str, Any]:
        """Options and fitted parameters as what JSON can hold; `from_dict` makes an equal model of it."""
        from hidden_regime.models import saving

        if not hasattr(self, "_parameters"):
            raise not_fitted(f"this {type(self).__name__} is not fitted: call fit(X) before saving it.")
        self._expect_settled()
        return saving.to_dict(self, self._parameters, self._extra())

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Self:
        """Model of what `to_dict` gave.

        Raises
        ------
        SavedModelError
            Damaged, of another class, or of a newer version.
        """
        from hidden_regime.models import saving

        return saving.from_dict(cls, content)

    def save(self, path: str | Path) -> None:
        """Write the model to a file: a checksum, a line of JSON, then arrays; no pickle."""
        from hidden_regime.models import saving

        saving.save(self, path)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Model that `save` wrote.

        Raises
        ------
        SavedModelError
            Damaged, of another class, or of a newer version.
        """
        from hidden_regime.models import saving

        return saving.load(cls, path)


fitted(HiddenMarkovModel, "startprob_", "transmat_", "means_", "covars_")


def _joined(rows: Rows, jobs: Integers) -> Rows:
    """Rows of all jobs, one after the other."""
    return np.concatenate([rows[j, : end - begin] for j, (_, begin, end) in enumerate(jobs)])
