"""What all models share: options with limits, the data they take, and what a fitted hidden Markov model answers."""

from __future__ import annotations

import inspect
import math
import warnings
from abc import abstractmethod
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from hidden_regime import kernels
from hidden_regime.exceptions import ConvergenceWarning, DataError, NotFittedError, ParameterError
from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.models.forecast import Forecast
from hidden_regime.models.parameters import Parameters
from hidden_regime.models.training import Restart, Task, Trained, train


class Options:
    """Constructor arguments as scikit-learn wants them: stored as they are, read and set by name."""

    @classmethod
    def _names(cls) -> list[str]:
        return [name for name in inspect.signature(cls.__init__).parameters if name != "self"]

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Options by name."""
        return {name: getattr(self, name) for name in self._names()}

    def set_params(self, **options: Any) -> Self:
        """Change options by name."""
        for name, value in options.items():
            if name not in self._names():
                raise ParameterError(name, value, f"one of the options {self._names()}")
            setattr(self, name, value)
        return self

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn's tools want to know; asked by them alone, so scikit-learn is there."""
        from sklearn.base import BaseEstimator

        return BaseEstimator().__sklearn_tags__()

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_parameters")

    def __repr__(self) -> str:
        defaults = {n: p.default for n, p in inspect.signature(type(self).__init__).parameters.items()}
        changed = [f"{n}={getattr(self, n)!r}" for n in self._names() if repr(getattr(self, n)) != repr(defaults[n])]
        return f"{type(self).__name__}({', '.join(changed)})"


def check_observations(X: npt.ArrayLike, n_features: int | None = None) -> Floats:
    """Observations as (n_samples, n_features) floats. A row with NaN is a missing observation.

    Raises
    ------
    DataError
        Not a table of numbers, infinite, or of another width than the model was fitted on.
    """
    try:
        x = np.array(X, dtype=np.float64, order="C")
    except (TypeError, ValueError):
        raise DataError(
            f"X is {type(X).__name__} of something that is no number: expected (n_samples, n_features) floats."
        ) from None
    if x.ndim == 1:
        x = x[:, None]
    if x.ndim != 2 or x.shape[0] == 0 or x.shape[1] == 0:
        raise DataError(f"X has the shape {x.shape}: expected (n_samples, n_features) with at least one of each.")
    if np.isinf(x).any():
        raise DataError("X holds an infinite value: expected finite numbers, or NaN where an observation is missing.")
    if n_features is not None and x.shape[1] != n_features:
        raise DataError(f"X has {x.shape[1]} features: expected {n_features}, as in fit.")
    return x


class HiddenMarkovModel(Options):
    """A hidden Markov model: `fit` finds it, everything else asks it.

    Words tell causal from hindsight: `filter_proba` and `predict_online` know the past only; `predict` and
    `predict_proba` know the whole series, so no trading decision may read them.
    """

    n_states: int
    covariance_type: str
    _estimator_type = "clusterer"

    @abstractmethod
    def _task(self, x: Floats) -> Task:
        """The training that `fit` does."""

    @abstractmethod
    def _publish(self, p: Parameters) -> None:
        """Set the fitted emission attributes."""

    @property
    @abstractmethod
    def _full(self) -> bool: ...

    @property
    @abstractmethod
    def n_parameters_(self) -> int:
        """Number of free parameters."""

    def fit(self, X: npt.ArrayLike, y: object = None) -> Self:
        """Find the parameters of largest likelihood from each start, and keep the best.

        Parameters
        ----------
        X : (n_samples, n_features)
            Observations in order of time; a row with NaN is missing.
        y : ignored

        Raises
        ------
        ParameterError, DataError, TrainingError
        """
        x = check_observations(X)
        result = train([self._task(x)])[0]
        if not isinstance(result, Trained):
            raise result
        return self._adopt(result, x.shape[1])

    def _adopt(self, result: Trained, n_features: int) -> Self:
        self.n_features_in_ = n_features
        self._parameters = result.parameters
        self.startprob_, self.transmat_ = result.parameters.startprob, result.parameters.transmat
        self.log_likelihood_, self.n_iter_ = result.log_likelihood, result.n_iter
        self.converged_, self.history_ = result.converged, result.history
        self.restarts_: tuple[Restart, ...] = result.restarts
        self._publish(result.parameters)
        if not result.converged:
            warnings.warn(
                ConvergenceWarning(
                    f"EM stopped after n_iter = {result.n_iter} iterations before it gained less than tol. Raise n_iter."
                ),
                stacklevel=3,
            )
        return self

    def _ready(self, X: npt.ArrayLike) -> tuple[Floats, Integers, tuple[Floats, Floats, Floats, Floats]]:
        if not hasattr(self, "_parameters"):
            raise NotFittedError(f"this {type(self).__name__} is not fitted: call fit(X) first.")
        x = check_observations(X, self.n_features_in_)
        a, b, c, d = (part[None] for part in self._parameters)
        return x[None], np.array([[0, 0, len(x)]]), (a, b, c, d)

    def filter_proba(self, X: npt.ArrayLike) -> Floats:
        """P(state_t | x_1..t), (n_samples, n_states): causal, row t knows nothing after t."""
        x, job, parameters = self._ready(X)
        filtered: Floats = kernels.filter(x, job, *parameters, covariance_type=self.covariance_type).filtered[0]
        return filtered

    def predict_online(self, X: npt.ArrayLike) -> Integers:
        """Most probable state after each observation, (n_samples,): causal."""
        states: Integers = np.argmax(self.filter_proba(X), axis=1)
        return states

    def predict_proba(self, X: npt.ArrayLike) -> Floats:
        """P(state_t | x_1..T), (n_samples, n_states): hindsight."""
        x, job, parameters = self._ready(X)
        smoothed: Floats = kernels.smooth(x, job, *parameters, covariance_type=self.covariance_type).smoothed[0]
        return smoothed

    def predict(self, X: npt.ArrayLike) -> Integers:
        """Most probable path of states (Viterbi), (n_samples,): hindsight."""
        x, job, parameters = self._ready(X)
        states: Integers = kernels.decode(x, job, *parameters, covariance_type=self.covariance_type).states[0]
        return states

    def fit_predict(self, X: npt.ArrayLike, y: object = None) -> Integers:
        """Fit, then `predict` the same observations: hindsight."""
        return self.fit(X).predict(X)

    def score(self, X: npt.ArrayLike, y: object = None) -> float:
        """Log-likelihood of the observations, in nats."""
        x, job, parameters = self._ready(X)
        return float(kernels.filter(x, job, *parameters, covariance_type=self.covariance_type).log_likelihood[0].sum())

    def score_samples(self, X: npt.ArrayLike) -> Floats:
        """log p(x_t | x_1..t-1) of each observation, (n_samples,), in nats: causal. They add up to `score`."""
        x, job, parameters = self._ready(X)
        logs: Floats = kernels.filter(x, job, *parameters, covariance_type=self.covariance_type).log_likelihood[0]
        return logs

    def forecast(self, X: npt.ArrayLike, steps: int = 1) -> Forecast:
        """Predictive densities of the `steps` observations after X: causal.

        Returns
        -------
        Forecast
            Probabilities of the states, mean, variance and quantiles of each step.
        """
        if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)) or steps < 1:
            raise ParameterError("steps", steps, "an integer of at least 1")
        probabilities = [self.filter_proba(X)[-1] @ self.transmat_]
        for _ in range(steps - 1):
            probabilities.append(probabilities[-1] @ self.transmat_)
        return Forecast(np.array(probabilities), self._parameters.means, self._parameters.covars)

    def icl(self, X: npt.ArrayLike) -> float:
        """Integrated completed likelihood: `bic` plus twice the entropy of the smoothed states, which punishes states that
        can't be told apart; lower is better (Biernacki, Celeux and Govaert 2000)."""
        p = self.predict_proba(X)
        return self.bic(X) - 2.0 * float((p * np.log(np.maximum(p, 1e-300))).sum())

    def aic(self, X: npt.ArrayLike) -> float:
        """Akaike's information criterion, 2 k - 2 ln L: lower is better."""
        return -2.0 * self.score(X) + 2.0 * self.n_parameters_

    def bic(self, X: npt.ArrayLike) -> float:
        """Bayesian information criterion, k ln n - 2 ln L: lower is better."""
        score = self.score(X)
        n = int((~np.isnan(check_observations(X)).any(axis=1)).sum())
        return self.n_parameters_ * math.log(n) - 2.0 * score

    def sample(self, n_samples: int = 1, random_state: int | np.random.Generator = 0) -> tuple[Floats, Integers]:
        """Draw observations and the states that made them.

        Parameters
        ----------
        n_samples : int
        random_state : int or Generator

        Returns
        -------
        X : (n_samples, n_features)
        states : (n_samples,)
        """
        if not hasattr(self, "_parameters"):
            raise NotFittedError(f"this {type(self).__name__} is not fitted: call fit(X) first.")
        if n_samples < 1:
            raise ParameterError("n_samples", n_samples, "an integer of at least 1")
        rng = np.random.default_rng(random_state)
        p = self._parameters
        states = np.empty(n_samples, np.int64)
        for t in range(n_samples):
            states[t] = rng.choice(self.n_states, p=p.startprob if t == 0 else p.transmat[states[t - 1]])
        factors = np.linalg.cholesky(p.covars)
        noise = rng.standard_normal((n_samples, p.means.shape[1]))
        return p.means[states] + np.einsum("tij,tj->ti", factors[states], noise), states
