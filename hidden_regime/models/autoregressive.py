"""Hidden Markov model with an autoregression in each state."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from hidden_regime import kernels
from hidden_regime.exceptions import NoEvidenceWarning, ParameterError, not_fitted
from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.models import autoregressive_fit
from hidden_regime.models.autoregression import Lines, Moments, ahead, at_rest, known, lagged, log_density
from hidden_regime.models.autoregressive_errors import AutoregressiveErrors, errors_of
from hidden_regime.models.base import HiddenMarkovModel, fitted, publish
from hidden_regime.models.climbing import report
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
from hidden_regime.models.soundness import LARGEST, fault
from hidden_regime.models.stepwise import StepwiseForecast
from hidden_regime.models.training import Task

if TYPE_CHECKING:
    import pandas as pd


class AutoregressiveHMM(HiddenMarkovModel):
    """Hidden Markov model whose states are autoregressions: what a bar is like depends on the bars before it.

    x_t in state k is N(const_k + sum over l of ar_k,l x_t-l, variance_k). Each feature has its own constant, lags and variance,
    and the features are independent given the state and the lags. Called MSI(A)(H)-AR, or Markov-switching dynamic regression:
    the mean answers to the state at once, through the lags of the observations themselves. Hamilton's own form, where the lags
    are deviations from the means of *their* states, is another model, and not this one.

    The first `order` rows of a sequence have no density: nothing is known of their state but the chain's, and the likelihood is
    conditional on them. So has a row whose value or lags are missing; of several features each stands for itself.

    Parameters
    ----------
    n_states : int
        Number of hidden states.
    order : int
        Number of lags.
    switching_ar : bool
        Coefficients of the lags are each state's own; False: all states share them.
    switching_variance : bool
        Variances are each state's own; False: all states share them.
    min_covar : float
        Floor of each variance, as a share of the residuals' variance of one autoregression of all rows.
    n_iter, tol, init, n_init, random_state
        As in `GaussianHMM`. The starts "volatility" and "random" look at the residuals of one autoregression of all rows,
        "kmeans" at the observations themselves.
    order_by : "volatility", "mean", "share", the name of a feature, or callable, optional
        Order of the states, as in `GaussianHMM`, by `means_` and `covars_`.

    Attributes
    ----------
    const_ : (n_states, n_features)
    ar_ : (n_states, n_features, order)
        Coefficients of the lags, latest first.
    variances_ : (n_states, n_features)
        Variances of the shocks.
    means_ : (n_states, n_features)
        Mean of the observations while each state holds, as the smoothed probabilities tell it; a line may have none of its own.
    covars_ : (n_states, n_features, n_features)
        The variances of the shocks once more, as matrices. States are ordered, named and shown by `means_` and these.
    startprob_ : (n_states,)
        Of the first row, which has no density.
    transmat_, log_likelihood_, converged_, n_iter_, history_, restarts_
        As in `GaussianHMM`.

    References
    ----------
    Hamilton (1989), "A new approach to the economic analysis of nonstationary time series and the business cycle", Econometrica
    57(2). Krolzig (1997), Markov-Switching Vector Autoregressions, chapter 6.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = np.zeros((600, 1))
    >>> for t in range(1, 600):
    ...     X[t] = (0.9 if t < 300 else -0.6) * X[t - 1] + rng.normal()
    >>> model = AutoregressiveHMM(2, order=1).fit(X)
    >>> sorted(model.ar_[:, 0, 0].round(1).tolist())
    [-0.6, 0.9]
    >>> int((np.diff(model.predict(X)) != 0).sum())
    1
    """

    const_: Floats
    ar_: Floats
    variances_: Floats
    means_: Floats
    covars_: Floats
    restarts_: pd.DataFrame

    def __init__(
        self,
        n_states: int = 2,
        *,
        order: int = 1,
        switching_ar: bool = True,
        switching_variance: bool = True,
        n_iter: int = 1000,
        tol: float = 1e-4,
        init: Sequence[str] = ("volatility", "kmeans"),
        n_init: int = 0,
        min_covar: float = 1e-3,
        random_state: int | None = 0,
        order_by: OrderBy = None,
    ) -> None:
        self.n_states = n_states
        self.order = order
        self.switching_ar = switching_ar
        self.switching_variance = switching_variance
        self.n_iter = n_iter
        self.tol = tol
        self.init = init
        self.n_init = n_init
        self.min_covar = min_covar
        self.random_state = random_state
        self.order_by = order_by

    def _check(self, n_samples: int) -> None:
        check_limits(self, ("n_states", "order", "n_iter", "n_init", "tol", "min_covar", "random_state"), n_samples)
        for name in ("switching_ar", "switching_variance"):
            if not isinstance(getattr(self, name), (bool, np.bool_)):
                raise ParameterError(name, getattr(self, name), "True or False")
        if isinstance(self.init, str) or any(name not in STARTS for name in self.init) or not (self.init or self.n_init):
            raise ParameterError("init", self.init, f"a sequence of names of {STARTS}, or n_init of at least 1")

    @property
    def _choice(self) -> autoregressive_fit.Choice:
        return autoregressive_fit.Choice(int(self.order), bool(self.switching_ar), bool(self.switching_variance))

    def fit(self, X: npt.ArrayLike, y: object = None, *, lengths: Sequence[int] | None = None) -> Self:
        """Find the parameters of largest likelihood from each start, and keep the best.

        Parameters
        ----------
        X : (n_samples, n_features)
            Observations in order of time; NaN is a feature that is missing.
        y : ignored
            Where it has a value for each row; numbers that add up to the rows are lengths, as other libraries write them here.
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
        starts = (*self.init, *["random"] * self.n_init)
        task = Task(x, int(self.n_states), "diag", int(self.n_iter), float(self.tol), float(self.min_covar), starts,
                    seed_of(self.random_state), lengths=whole)  # fmt: skip
        climbs, best, found, p, unseen = autoregressive_fit.fit(task, self._choice)
        self._know_features(X, x.shape[1])
        self._restore(found.lines.content(), p)
        if self.order_by is not None:
            order = order_of(p, self.order_by, names)
            self._restore(self._extra_in(order), p.reordered(order))
            unseen = sorted(order.index(k) for k in unseen)
        if unseen:
            states = ", ".join(map(str, unseen))
            text = f"no bar was seen after one of state {states}: its row of transmat_ is the average row. Give more bars."
            warnings.warn(NoEvidenceWarning(text), stacklevel=2)
        report(self, climbs, best)
        return self

    @classmethod
    def from_parameters(
        cls, startprob: npt.ArrayLike, transmat: npt.ArrayLike, const: npt.ArrayLike, ar: npt.ArrayLike,
        variances: npt.ArrayLike, **options: Any,
    ) -> Self:  # fmt: skip
        """A model of known parameters, which answers everything that a fitted one does.

        Its `means_` are those of each line left to itself; of one that never comes to rest, its constant.

        Parameters
        ----------
        startprob : (n_states,)
            Of the first row, `order` rows before the first that has a density.
        transmat : (n_states, n_states)
        const : (n_states, n_features)
        ar : (n_states, n_features, order)
        variances : (n_states, n_features)
        **options
            Further options of the model.

        Raises
        ------
        ParameterError
            Shapes that don't fit, no probabilities, or no variances.

        Examples
        --------
        >>> ones = [[1.0], [1.0]]
        >>> model = AutoregressiveHMM.from_parameters([0.5, 0.5], [[0.9, 0.1], [0.1, 0.9]], ones, [[[0.9]], [[-0.9]]], ones)
        >>> model.predict_online([[8.0], [8.1], [-6.0], [6.5]]).tolist()
        [0, 0, 1, 1]
        """
        lines = Lines(numbers("const", const), numbers("ar", ar), numbers("variances", variances))
        if lines.ar.ndim != 3 or not np.isfinite(lines.ar).all():
            raise ParameterError("ar", f"an array of shape {lines.ar.shape}", "numbers of shape (n_states, n_features, order)")
        k, d, order = lines.ar.shape
        for name, part in (("const", lines.const), ("variances", lines.variances)):
            if part.shape != (k, d) or not np.isfinite(part).all() or (name == "variances" and not (part > 0.0).all()):
                kind = "positive numbers" if name == "variances" else "numbers"
                raise ParameterError(name, f"an array of shape {part.shape}", f"{kind} of shape ({k}, {d})")
        return cls(k, **(options | {"order": order}))._know(startprob, transmat, lines)

    def _know(self, startprob: npt.ArrayLike, transmat: npt.ArrayLike, lines: Lines) -> Self:
        import pandas as pd

        self._check(2**31)
        k, d = lines.const.shape
        values = {"startprob": startprob, "transmat": transmat, "means": at_rest(lines)[0], "covars": lines.variances}
        p = given_parameters(values, k, d, "diag")
        if wrong := fault(p, k, d, emission=self.emission):
            raise ParameterError("variances", lines.variances, f"parameters of a model ({wrong})")
        self.n_features_in_ = d
        self._restore(lines.content(), p)
        self.log_likelihood_, self.n_iter_, self.converged_, self.history_ = math.nan, 0, True, np.full(1, math.nan)
        self.restarts_ = pd.DataFrame()
        return self

    @property
    def _lines(self) -> Lines:
        return Lines(self.const_, self.ar_, self.variances_)

    def _extra(self) -> dict[str, Any]:
        return self._lines.content()

    def _extra_in(self, order: Sequence[int]) -> dict[str, Any]:
        return {name: part[list(order)] for name, part in self._extra().items()}

    def _extra_shapes(self, extra: dict[str, Any], n_features: int) -> dict[str, tuple[int, ...]]:
        k, d = int(self.n_states), n_features
        return {"const": (k, d), "ar": (k, d, int(self.order)), "variances": (k, d)}

    def _restore(self, extra: dict[str, Any], p: Parameters) -> None:
        lines = Lines.of(extra)
        if max(np.abs(lines.const).max(), np.abs(lines.ar).max()) > LARGEST:
            raise ParameterError("const", lines.const, f"numbers up to {LARGEST:g}, and so in ar")
        if not ((lines.variances > LARGEST**-2) & (lines.variances < LARGEST**2)).all():
            raise ParameterError("variances", lines.variances, "positive numbers that are the squares of some")
        self._settle()
        self._parameters = p
        publish(self, startprob_=p.startprob, transmat_=p.transmat, means_=p.means, covars_=p.covars, const_=lines.const,
                ar_=lines.ar, variances_=lines.variances)  # fmt: skip

    @property
    def n_parameters_(self) -> int:
        """Number of free parameters."""
        self._expect_settled()
        return self._choice.n_parameters(int(self.n_states), self.n_features_in_)

    def _log_density(self, x: Floats, lengths: Sequence[int]) -> Floats:
        return log_density(x, lagged(x, lengths, int(self.order)), self._lines)

    def _infer(self, X: npt.ArrayLike, lengths: Sequence[int] | None) -> tuple[Floats, Integers, Floats, Floats]:
        x = self._rows(X)
        whole = check_lengths(lengths, len(x))
        jobs, p = sequence_jobs(whole), self._parameters
        n = len(jobs)
        return self._log_density(x, whole)[None], jobs, np.tile(p.startprob, (n, 1)), np.tile(p.transmat, (n, 1, 1))

    def score_samples(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None) -> Floats:
        """log p(x_t | x_1..t-1) of each observation, (n_samples,), in nats: causal. They add up to `score`.

        The first `order` rows of a sequence, which the rest is conditional on, have 0.
        """
        logs, jobs, *chain = self._infer(X, lengths)
        rows = kernels.filter_densities(logs, jobs, *chain).log_likelihood
        return np.concatenate([rows[j, : end - begin] for j, (_, begin, end) in enumerate(jobs)])

    def bic(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None) -> float:
        """Bayesian information criterion, k ln n - 2 ln L, n the rows that have a density: lower is better."""
        x = self._rows(X)
        n = int(known(x, lagged(x, check_lengths(lengths, len(x)), int(self.order))).any(axis=1).sum())
        return self.n_parameters_ * math.log(max(n, 1)) - 2.0 * self.score(X, lengths=lengths)

    def icl(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None) -> float:
        """Integrated completed likelihood: `bic` plus twice the entropy of the smoothed states; lower is better."""
        p = self.predict_proba(X, lengths)
        return self.bic(X, lengths) - 2.0 * float((p * np.log(np.maximum(p, 1e-300))).sum())

    def _origin(self, x: Floats) -> tuple[Floats, Floats | None, int]:
        """What a forecast begins with: probabilities of the states, the latest values, and how many rows ago that was.

        The latest `order` rows that are whole, (order, n_features), latest first; None where there are none: then now.
        """
        order, n = int(self.order), len(x)
        whole = np.asarray(~np.isnan(x).any(axis=1))
        ends = [t for t in range(order, n + 1) if whole[t - order : t].all()]
        until = ends[-1] if ends else n
        logs, jobs, *chain = self._infer(x[:until], None)
        now = kernels.filter_densities(logs, jobs, *chain).filtered[0, -1]
        return np.asarray(now), x[until - order : until][::-1] if ends else None, n - until

    def forecast(self, X: npt.ArrayLike, steps: int = 1) -> Forecast:
        """Predictive densities of the `steps` observations after X: causal.

        Where the last rows have gaps, it begins at the latest `order` rows that are whole and goes on from there.

        Returns
        -------
        StepwiseForecast
            Probabilities of the states, mean, variance and quantiles of each step. From the second step on, quantiles take the
            density within a state as Gaussian; mean and variance are exact.
        """
        check_counts(steps=steps)
        x = self._rows(X)
        p, lines, order, d = self._parameters, self._lines, int(self.order), self.n_features_in_
        now, latest, since = self._origin(x)
        # Around the latest values: second moments of prices in thousands would lose the digits of their spread.
        base = p.means.mean(axis=0) if latest is None else latest[0]
        around = lines.but(const=self.const_ - base * (1.0 - self.ar_.sum(axis=2)))
        if latest is None:
            first = np.tile(p.means - base, (1, order))
            own = np.stack([np.diag(np.tile(spread, order)) for spread in at_rest(lines)[1]])
        else:
            first, own = np.tile((latest - base).ravel(), (len(now), 1)), np.zeros((len(now), order * d, order * d))
        second = first[:, :, None] * first[:, None, :] + own
        at = Moments(now, now[:, None] * first, now[:, None, None] * second)
        probabilities, means, covars = [], [], []
        for step in range(since + int(steps)):
            at = ahead(at, p.transmat, around)
            if step >= since:
                mean, spread = at.within(lines.variances)
                probabilities.append(at.probability)
                means.append(mean + base)
                covars.append(spread)
        return StepwiseForecast(np.array(probabilities), np.array(means), np.array(covars))

    def _walk(self, startprob: Floats, latest: Floats | None, n_paths: int, steps: int, rng: np.random.Generator) -> Any:
        """Paths of observations (n_paths, steps, n_features) and states, from the values before; None draws these as well."""
        p, order = self._parameters, int(self.order)
        states = kernels.sample_states(startprob, p.transmat, rng.random((n_paths, steps)))
        if latest is None:
            spread = np.sqrt(at_rest(self._lines)[1])[states[:, 0]]
            noise = rng.standard_normal((n_paths, order, p.means.shape[1]))
            past = p.means[states[:, 0]][:, None] + spread[:, None] * noise
        else:
            past = np.tile(latest, (n_paths, 1, 1))
        x = np.empty((n_paths, steps, p.means.shape[1]))
        shocks = rng.standard_normal(x.shape) * np.sqrt(self.variances_)[states]
        for t in range(steps):
            now = states[:, t]
            x[:, t] = self.const_[now] + (self.ar_[now] * past.transpose(0, 2, 1)).sum(axis=2) + shocks[:, t]
            past = np.concatenate([x[:, t, None], past[:, :-1]], axis=1)
        return x, states

    def simulate(
        self, X: npt.ArrayLike, steps: int, n_paths: int = 1, random_state: int | np.random.Generator | None = None
    ) -> tuple[Floats, Integers]:
        """Draw what may follow X: scenarios from the state and the values of now, as far as X tells them.

        Parameters
        ----------
        X, steps, n_paths, random_state
            As in `GaussianHMM`.

        Returns
        -------
        X : (n_paths, steps, n_features)
        states : (n_paths, steps)
        """
        check_counts(steps=steps, n_paths=n_paths)
        now, latest, since = self._origin(self._rows(X))
        rng = np.random.default_rng(random_state)
        x, states = self._walk(now @ self.transmat_, latest, n_paths, since + steps, rng)
        return x[:, since:], states[:, since:]

    def sample(
        self,
        n_samples: int = 1,
        random_state: int | np.random.Generator | None = None,
        *,
        state: int | None = None,
        n_paths: int | None = None,
    ) -> tuple[Floats, Integers]:
        """Draw observations and the states that made them.

        The values before the first, which its lags are, are drawn around the mean of its state.

        Parameters
        ----------
        n_samples, random_state, state, n_paths
            As in `GaussianHMM`.

        Returns
        -------
        X : (n_samples, n_features), or (n_paths, n_samples, n_features)
        states : (n_samples,), or (n_paths, n_samples)
        """
        if not hasattr(self, "_parameters"):
            raise not_fitted(f"this {type(self).__name__} is not fitted: call fit(X) first.")
        check_counts(n_samples=n_samples, n_paths=1 if n_paths is None else n_paths)
        check_state(state, len(self.const_))
        startprob = self.startprob_ if state is None else self.transmat_[state]
        x, states = self._walk(startprob, None, n_paths or 1, n_samples, np.random.default_rng(random_state))
        return (x[0], states[0]) if n_paths is None else (x, states)

    def standard_errors(
        self, X: npt.ArrayLike, method: str = "score", lengths: Sequence[int] | None = None, **options: Any
    ) -> AutoregressiveErrors:
        """Standard errors of all parameters from the outer products of the scores; `means` of them say which states differ.

        Parameters
        ----------
        X, lengths
            What the model was fitted on.
        method : "score"
        **options
            `step`, the size of the differences, relative to each parameter's own scale.
        """
        if method != "score":
            raise ParameterError("method", method, "'score'")
        x = self._rows(X)
        return errors_of(self, x, check_lengths(lengths, len(x)), **options)


fitted(AutoregressiveHMM, "const_", "ar_", "variances_")
