"""Hidden Markov model whose transition probabilities depend on covariates."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import NoEvidenceWarning, ParameterError, not_fitted
from hidden_regime.kernels import COVARIANCES
from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.models import covariate_fit, logistic, varying
from hidden_regime.models.base import HiddenMarkovModel, fitted, publish
from hidden_regime.models.climbing import report
from hidden_regime.models.covariances import shaped
from hidden_regime.models.covariate_errors import CovariateErrors, errors_of
from hidden_regime.models.covariate_inputs import check_covariates, led_into
from hidden_regime.models.em import STARTS, check_limits, given_parameters, numbers, seed_of
from hidden_regime.models.forecast import Forecast
from hidden_regime.models.inputs import (
    check_counts,
    check_lengths,
    check_observations,
    check_state,
    lengths_from,
    names_of,
    sequence_jobs,
)
from hidden_regime.models.ordering import OrderBy, check_order, order_of
from hidden_regime.models.parameters import Parameters
from hidden_regime.models.soundness import LARGEST, are_numbers, fault
from hidden_regime.models.training import Task, n_parameters

if TYPE_CHECKING:
    import pandas as pd

Covariates = npt.ArrayLike | None


class CovariateHMM(HiddenMarkovModel):
    """Gaussian hidden Markov model with time-varying transition probabilities: covariates say how likely a regime is to end.

    P(state_t = j | state_t-1 = i, z_t) = softmax over j of coefs[i, j] . (1, z_t), and x_t in state k is N(mean_k, covar_k).
    Without covariates, or with ones that don't vary, it is `GaussianHMM`.

    Row t of `covariates` drives the transition into row t of X, so it has to be known before bar t ends, or the model looks
    ahead. Lagging is yours to do: the covariate of a bar that ends now is the value that was known when the bar began, such as
    `frame["vix"].shift(1)` for closes of a daily series; for figures that are published late, the last one published by then. The
    first row of a sequence drives nothing, and may be missing.

    Parameters
    ----------
    n_states : int
        Number of hidden states.
    covariance_type : "diag", "full", "spherical" or "tied"
        As in `GaussianHMM`.
    ridge : float
        Weight of the squared slopes, in the covariates' standard deviations: the objective loses ridge / 2 times their sum. It
        keeps slopes finite where a covariate separates stays from changes without fault. 0 is maximum likelihood.
    n_iter, tol, init, n_init, min_covar, random_state, order_by
        As in `GaussianHMM`. Each start is first fitted with constant transitions.

    Attributes
    ----------
    coefs_ : (n_states, n_states, 1 + n_covariates)
        Intercept and slopes of each transition in log-odds against staying, whose own, coefs_[i, i], are 0.
    transmat_ : (n_states, n_states)
        Transition probabilities at the mean of the covariates; `transmat_at` has those of others.
    covariate_means_ : (n_covariates,)
        That mean, over the rows that a transition leads into.
    startprob_, means_, covars_, log_likelihood_, converged_, n_iter_, history_, restarts_
        As in `GaussianHMM`; `history_` is the log-likelihood less the ridge's part, from the constant transitions on.

    References
    ----------
    Diebold, Lee and Weinbach (1994), "Regime switching with time-varying transition probabilities", in Hargreaves (ed.),
    Nonstationary Time Series Analysis and Cointegration. Filardo (1994), "Business-cycle phases and their transitional dynamics",
    Journal of Business & Economic Statistics 12(3).

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> z = rng.normal(size=(1500, 1))  # known before each bar
    >>> states = np.zeros(1500, int)
    >>> for t in range(1, 1500):
    ...     leaves = 1 / (1 + np.exp(3 - 2 * z[t, 0]))
    ...     states[t] = 1 - states[t - 1] if rng.random() < leaves else states[t - 1]
    >>> X = rng.normal(0, np.array([1.0, 4.0])[states])[:, None]
    >>> model = CovariateHMM(2, order_by="volatility").fit(X, covariates=z)
    >>> model.transmat_at([-1.0]).round(2).tolist(), model.transmat_at([2.0]).round(2).tolist()
    ([[1.0, 0.0], [0.0, 1.0]], [[0.13, 0.87], [0.87, 0.13]])
    >>> forecast = model.forecast(X, steps=2, covariates=z, future=[[0.5], [0.0]])
    """

    coefs_: Floats
    covariate_means_: Floats
    covars_: Floats
    means_: Floats
    restarts_: pd.DataFrame

    def __init__(
        self,
        n_states: int = 2,
        *,
        covariance_type: str = "diag",
        ridge: float = 1e-3,
        n_iter: int = 500,
        tol: float = 1e-4,
        init: Sequence[str] = ("volatility", "kmeans"),
        n_init: int = 0,
        min_covar: float = 1e-3,
        random_state: int | None = 0,
        order_by: OrderBy = None,
    ) -> None:
        self.n_states = n_states
        self.covariance_type = covariance_type
        self.ridge = ridge
        self.n_iter = n_iter
        self.tol = tol
        self.init = init
        self.n_init = n_init
        self.min_covar = min_covar
        self.random_state = random_state
        self.order_by = order_by

    def _check(self, n_samples: int) -> None:
        check_limits(self, ("n_states", "ridge", "n_iter", "n_init", "tol", "min_covar", "random_state"), n_samples)
        if self.covariance_type not in COVARIANCES:
            raise ParameterError("covariance_type", self.covariance_type, f"one of {COVARIANCES}")
        if isinstance(self.init, str) or any(name not in STARTS for name in self.init) or not (self.init or self.n_init):
            raise ParameterError("init", self.init, f"a sequence of names of {STARTS}, or n_init of at least 1")

    def fit(
        self, X: npt.ArrayLike, y: object = None, *, covariates: Covariates = None, lengths: Sequence[int] | None = None
    ) -> Self:
        """Find the parameters of largest likelihood from each start, and keep the best.

        Parameters
        ----------
        X : (n_samples, n_features)
            Observations in order of time; NaN is a feature that is missing.
        y : ignored
            Where it has a value for each row; numbers that add up to the rows are lengths, as other libraries write them here.
        covariates : (n_samples, n_covariates), optional
            Row t drives the transition into row t of X: known before bar t ends. None is a model of constant transitions.
        lengths : sequence of int, optional
            Lengths of the sequences that lie one after the other in X.

        Raises
        ------
        ParameterError, DataError, TrainingError
        """
        x = check_observations(X)
        names = names_of(X) or ()
        check_order(self.order_by, names)
        self._check(len(x))
        whole = check_lengths(lengths_from(y, lengths, len(x)), len(x))
        z = check_covariates(covariates, len(x), whole)
        starts = (*self.init, *["random"] * self.n_init)
        task = Task(x, int(self.n_states), self.covariance_type, int(self.n_iter), float(self.tol), float(self.min_covar), starts,
                    seed_of(self.random_state), lengths=whole)  # fmt: skip
        climbs, best, (p, coefs), unseen = covariate_fit.fit(task, z, float(self.ridge))
        self._know_features(X, x.shape[1])
        center = z[led_into(len(x), whole)].mean(axis=0) if len(x) > len(whole) else np.zeros(z.shape[1])
        extra = {"coefs": coefs, "center": center}
        self._restore(extra, self._at_center(p, coefs, center))
        if self.order_by is not None:
            order = order_of(self._parameters, self.order_by, names)
            self._restore(self._extra_in(order), self._parameters.reordered(order))
            unseen = sorted(order.index(k) for k in unseen)
        if unseen:
            states = ", ".join(map(str, unseen))
            text = f"no bar was seen after one of state {states}: its row of transmat_ is the average row. Give more bars."
            warnings.warn(NoEvidenceWarning(text), stacklevel=2)
        report(self, climbs, best)
        return self

    @classmethod
    def from_parameters(
        cls, startprob: npt.ArrayLike, coefs: npt.ArrayLike, means: npt.ArrayLike, covars: npt.ArrayLike, *,
        covariate_means: npt.ArrayLike | None = None, **options: Any,
    ) -> Self:  # fmt: skip
        """A model of known parameters, which answers everything that a fitted one does.

        Parameters
        ----------
        startprob : (n_states,)
        coefs : (n_states, n_states, 1 + n_covariates)
            As in `coefs_`; what the diagonal holds is taken off its row.
        means : (n_states, n_features)
        covars : array
            In the shape of `covars_`, or (n_states, n_features, n_features).
        covariate_means : (n_covariates,), optional
            Where `transmat_` is meant; zeros unless given.
        **options
            Further options of the model, such as `covariance_type`.

        Raises
        ------
        ParameterError
            Shapes that don't fit, no probabilities, or no covariances.

        Examples
        --------
        >>> coefs = [[[0.0, 0.0], [-3.0, 1.0]], [[-2.0, -1.0], [0.0, 0.0]]]
        >>> model = CovariateHMM.from_parameters([0.5, 0.5], coefs, [[0.0], [3.0]], [[1.0], [1.0]])
        >>> model.predict_online([[0.1], [1.6]], covariates=[[0.0], [4.0]]).tolist()
        [0, 1]
        """
        rows, b = numbers("means", means), numbers("coefs", coefs)
        center = None if covariate_means is None else numbers("covariate_means", covariate_means)
        if rows.ndim != 2:
            raise ParameterError("means", f"an array of shape {rows.shape}", "the shape (n_states, n_features)")
        k = len(rows)
        if b.ndim != 3 or b.shape[:2] != (k, k) or b.shape[2] < 1 or not np.isfinite(b).all():
            raise ParameterError("coefs", f"an array of shape {b.shape}", f"numbers of shape ({k}, {k}, 1 + n_covariates)")
        b -= np.einsum("iic->ic", b)[:, None, :].copy()
        center = np.zeros(b.shape[2] - 1) if center is None else center
        if center.shape != (b.shape[2] - 1,) or not np.isfinite(center).all():
            raise ParameterError("covariate_means", covariate_means, f"{b.shape[2] - 1} numbers")
        values = {"startprob": startprob, "transmat": np.eye(k), "means": rows, "covars": covars}
        return cls(k, **options)._know(values, b, center)

    def _know(self, values: dict[str, Any], coefs: Floats, center: Floats) -> Self:
        import pandas as pd

        self._check(2**31)
        k, d = values["means"].shape
        p = self._at_center(given_parameters(values, k, d, self.covariance_type), coefs, center)
        if wrong := fault(p, k, d, emission=self.emission):
            raise ParameterError("covars", np.shape(values["covars"]), f"parameters of a model ({wrong})")
        self.n_features_in_ = d
        self._restore({"coefs": coefs, "center": center}, p)
        self.log_likelihood_, self.n_iter_, self.converged_, self.history_ = math.nan, 0, True, np.full(1, math.nan)
        self.restarts_ = pd.DataFrame()
        return self

    @staticmethod
    def _at_center(p: Parameters, coefs: Floats, center: Floats) -> Parameters:
        return p.but(transmat=logistic.transitions(coefs, center[None])[0])

    def _extra(self) -> dict[str, Any]:
        return {"coefs": self.coefs_, "center": self.covariate_means_}

    def _extra_in(self, order: Sequence[int]) -> dict[str, Any]:
        return {"coefs": self.coefs_[np.ix_(order, order)], "center": self.covariate_means_}

    def _extra_shapes(self, extra: dict[str, Any], n_features: int) -> dict[str, tuple[int, ...]]:
        k, c = int(self.n_states), len(extra["center"])
        return {"coefs": (k, k, 1 + c), "center": (c,)}

    def _restore(self, extra: dict[str, Any], p: Parameters) -> None:
        coefs, center = np.array(extra["coefs"], np.float64), np.array(extra["center"], np.float64)
        expected = logistic.transitions(coefs, center[None])[0]
        if (
            np.abs(coefs).max() > LARGEST
            or not are_numbers(expected, p.transmat.shape)
            or not np.allclose(expected, p.transmat, rtol=0.0, atol=1e-6)
        ):
            raise ParameterError("coefs", coefs, "those whose probabilities at the mean of the covariates are transmat")
        self._settle()
        self._parameters = p
        spread = shaped(p.covars, self.covariance_type)
        publish(self, startprob_=p.startprob, transmat_=p.transmat, means_=p.means, covars_=spread, coefs_=coefs,
                covariate_means_=center)  # fmt: skip

    @property
    def n_parameters_(self) -> int:
        """Number of free parameters; a covariate that doesn't vary has none."""
        self._expect_settled()
        k = int(self.n_states)
        slopes = int((self.coefs_[:, :, 1:] != 0.0).any(axis=(0, 1)).sum())
        return n_parameters(k, self.n_features_in_, self.covariance_type) + k * (k - 1) * slopes

    def transmat_at(self, covariates: npt.ArrayLike) -> Floats:
        """Transition probabilities under some covariates.

        Parameters
        ----------
        covariates : (n_covariates,) or (n_samples, n_covariates)

        Returns
        -------
        (n_states, n_states) or (n_samples, n_states, n_states)
        """
        one = np.ndim(covariates) == 1
        rows: Any = np.asarray(covariates)[None] if one else covariates
        z = self._covariates(rows, len(rows), ())
        steps = logistic.transitions(self.coefs_, z)
        return np.asarray(steps[0]) if one else steps

    def _covariates(self, covariates: Covariates, n_samples: int, lengths: Sequence[int]) -> Floats:
        return check_covariates(covariates, n_samples, lengths, len(self.covariate_means_))

    def _asked(self, X: npt.ArrayLike, covariates: Covariates, lengths: Sequence[int] | None) -> tuple[Floats, Floats, Integers]:
        """Log-densities and transitions of some rows, and the sequences that they make up."""
        x = self._rows(X)
        whole = check_lengths(lengths, len(x))
        z = self._covariates(covariates, len(x), whole)
        return self._parameters.log_density(x), logistic.transitions(self.coefs_, z), sequence_jobs(whole)

    def _forward(self, X: npt.ArrayLike, covariates: Covariates, lengths: Sequence[int] | None) -> list[varying.Forward]:
        logs, steps, jobs = self._asked(X, covariates, lengths)
        return [varying.forward(logs[b:e], self._parameters.startprob, steps[b:e]) for _, b, e in jobs]

    def filter_proba(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None, *, covariates: Covariates = None) -> Floats:
        """P(state_t | x_1..t, z_1..t), (n_samples, n_states): causal where the covariates are."""
        return np.concatenate([found.filtered for found in self._forward(X, covariates, lengths)])

    def predict_online(
        self, X: npt.ArrayLike, lengths: Sequence[int] | None = None, *, covariates: Covariates = None
    ) -> Integers:
        """Most probable state after each observation, (n_samples,): causal where the covariates are."""
        states: Integers = np.argmax(self.filter_proba(X, lengths, covariates=covariates), axis=1)
        return states

    def predict_proba(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None, *, covariates: Covariates = None) -> Floats:
        """P(state_t | x_1..T, z_1..T), (n_samples, n_states): hindsight."""
        logs, steps, jobs = self._asked(X, covariates, lengths)
        passes = ((varying.forward(logs[b:e], self._parameters.startprob, steps[b:e]), steps[b:e]) for _, b, e in jobs)
        return np.concatenate([varying.backward(*found).smoothed for found in passes])

    def predict(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None, *, covariates: Covariates = None) -> Integers:
        """Most probable path of states (Viterbi), (n_samples,): hindsight."""
        logs, steps, jobs = self._asked(X, covariates, lengths)
        return np.concatenate([varying.best_path(logs[b:e], self._parameters.startprob, steps[b:e]) for _, b, e in jobs])

    def fit_predict(
        self, X: npt.ArrayLike, y: object = None, *, covariates: Covariates = None, lengths: Sequence[int] | None = None
    ) -> Integers:
        """Fit, then `predict` the same observations: hindsight."""
        self.fit(X, y, covariates=covariates, lengths=lengths)
        return self.predict(X, lengths_from(y, lengths, len(self._rows(X))), covariates=covariates)

    def score_samples(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None, *, covariates: Covariates = None) -> Floats:
        """log p(x_t | x_1..t-1, z_1..t) of each observation, (n_samples,), in nats: causal. They add up to `score`."""
        return np.concatenate([found.log_likelihood for found in self._forward(X, covariates, lengths)])

    def score(
        self,
        X: npt.ArrayLike,
        y: object = None,
        lengths: Sequence[int] | None = None,
        *,
        covariates: Covariates = None,
    ) -> float:
        """Log-likelihood of the observations given the covariates, in nats. What a `y` means, `GaussianHMM.score` says."""
        whole = lengths_from(y, lengths, len(self._rows(X)))
        return float(self.score_samples(X, whole, covariates=covariates).sum())

    def aic(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None, *, covariates: Covariates = None) -> float:
        """Akaike's information criterion, 2 k - 2 ln L: lower is better."""
        return -2.0 * self.score(X, lengths=lengths, covariates=covariates) + 2.0 * self.n_parameters_

    def bic(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None, *, covariates: Covariates = None) -> float:
        """Bayesian information criterion, k ln n - 2 ln L, n the rows that hold anything: lower is better."""
        n = int((~np.isnan(self._rows(X)).all(axis=1)).sum())
        return self.n_parameters_ * math.log(n) - 2.0 * self.score(X, lengths=lengths, covariates=covariates)

    def icl(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None, *, covariates: Covariates = None) -> float:
        """Integrated completed likelihood: `bic` plus twice the entropy of the smoothed states; lower is better."""
        p = self.predict_proba(X, lengths, covariates=covariates)
        return self.bic(X, lengths, covariates=covariates) - 2.0 * float((p * np.log(np.maximum(p, 1e-300))).sum())

    def _ahead(self, X: npt.ArrayLike, steps: int, covariates: Covariates, future: Covariates) -> tuple[Floats, Floats]:
        """Probabilities of the states at the end of X, and the transitions (steps, n_states, n_states) that follow."""
        x = self._rows(X)
        z = self._covariates(covariates, len(x), (len(x),))
        if future is None:
            # The first row drives nothing and is no value to hold.
            z = np.tile(z[-1] if len(z) > 1 else self.covariate_means_, (steps, 1))
        elif np.shape(future)[:1] != (steps,):
            raise ParameterError("future", np.shape(future), f"covariates of the {steps} coming steps")
        else:
            z = self._covariates(future, steps, ())
        return self._forward(X, covariates, None)[0].filtered[-1], logistic.transitions(self.coefs_, z)

    def forecast(self, X: npt.ArrayLike, steps: int = 1, *, covariates: Covariates = None, future: Covariates = None) -> Forecast:
        """Predictive densities of the `steps` observations after X: causal where the covariates are.

        Parameters
        ----------
        X : (n_samples, n_features)
        steps : int
        covariates : (n_samples, n_covariates)
            Of the rows of X.
        future : (steps, n_covariates), optional
            Of the coming steps, each known or assumed; by default the last of `covariates` holds on.

        Returns
        -------
        Forecast
            Probabilities of the states, mean, variance and quantiles of each step.
        """
        check_counts(steps=steps)
        now, transitions = self._ahead(X, int(steps), covariates, future)
        probabilities = []
        for step in transitions:
            now = now @ step
            probabilities.append(now)
        p = self._parameters
        return Forecast(np.array(probabilities), p.means, p.covars)

    def simulate(
        self,
        X: npt.ArrayLike,
        steps: int,
        n_paths: int = 1,
        random_state: int | np.random.Generator | None = None,
        *,
        covariates: Covariates = None,
        future: Covariates = None,
    ) -> tuple[Floats, Integers]:
        """Draw what may follow X: scenarios from the state of now, under the coming covariates.

        Parameters
        ----------
        X, steps, n_paths, random_state
            As in `GaussianHMM`.
        covariates, future
            As in `forecast`.

        Returns
        -------
        X : (n_paths, steps, n_features)
        states : (n_paths, steps)
        """
        check_counts(steps=steps, n_paths=n_paths)
        now, transitions = self._ahead(X, int(steps), covariates, future)
        return self._drawn(now @ transitions[0], transitions, n_paths, np.random.default_rng(random_state))

    def sample(
        self,
        n_samples: int = 1,
        random_state: int | np.random.Generator | None = None,
        *,
        state: int | None = None,
        n_paths: int | None = None,
        covariates: Covariates = None,
    ) -> tuple[Floats, Integers]:
        """Draw observations and the states that made them.

        Parameters
        ----------
        n_samples, random_state, state, n_paths
            As in `GaussianHMM`.
        covariates : (n_samples, n_covariates), optional
            Of the rows to draw; by default their mean in each.

        Returns
        -------
        X : (n_samples, n_features), or (n_paths, n_samples, n_features)
        states : (n_samples,), or (n_paths, n_samples)
        """
        if not hasattr(self, "_parameters"):
            raise not_fitted(f"this {type(self).__name__} is not fitted: call fit(X) first.")
        check_counts(n_samples=n_samples, n_paths=1 if n_paths is None else n_paths)
        check_state(state, len(self.coefs_))
        firsts = (n_samples,) if state is None else ()  # a first row is led into by a state, or by none
        z = np.tile(self.covariate_means_, (n_samples, 1)) if covariates is None else covariates
        transitions = logistic.transitions(self.coefs_, self._covariates(z, n_samples, firsts))
        startprob = self._parameters.startprob if state is None else transitions[0, state]
        x, states = self._drawn(startprob, transitions, n_paths or 1, np.random.default_rng(random_state))
        return (x[0], states[0]) if n_paths is None else (x, states)

    def _drawn(self, startprob: Floats, transitions: Floats, n_paths: int, rng: np.random.Generator) -> tuple[Floats, Integers]:
        p = self._parameters
        states = varying.draw_states(startprob, transitions, rng.random((n_paths, len(transitions))))
        return p.means[states] + p.density.shocks(p, states, rng), states

    def standard_errors(
        self,
        X: npt.ArrayLike,
        method: str = "score",
        lengths: Sequence[int] | None = None,
        *,
        covariates: Covariates = None,
        **options: Any,
    ) -> CovariateErrors:
        """Standard errors of all parameters, those of `coefs_` among them, from the outer products of the scores.

        Parameters
        ----------
        X, lengths, covariates
            What the model was fitted on.
        method : "score"
        **options
            `step`, the size of the differences, relative to each parameter's own scale.
        """
        if method != "score":
            raise ParameterError("method", method, "'score'")
        x = self._rows(X)
        whole = check_lengths(lengths, len(x))
        z = self._covariates(covariates, len(x), whole)
        return errors_of(self, covariate_fit.Switching(self._parameters, self.coefs_), x, z, whole, **options)


fitted(CovariateHMM, "coefs_", "covariate_means_")
