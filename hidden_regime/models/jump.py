"""The discrete statistical jump model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from hidden_regime import kernels
from hidden_regime.exceptions import ConvergenceWarning, ParameterError, WindowTooShortError
from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.models import initialisation
from hidden_regime.models.base import HiddenMarkovModel, fitted, publish
from hidden_regime.models.em import STARTS, check_limits, seed_of
from hidden_regime.models.inputs import check_lengths, check_observations, lengths_from, names_of, sequence_jobs
from hidden_regime.models.ordering import OrderBy, check_order, order_of
from hidden_regime.models.parameters import Parameters
from hidden_regime.models.training import Task, check


class JumpModel(HiddenMarkovModel):
    """Jump model: each observation belongs to the state with the nearest center, and every change of state costs a penalty.

    Minimises sum_t |z_t - center(s_t)|^2 / 2 + penalty * (number of changes) over paths and centers, where z are the
    standardised observations: k-means with a price for jumping. It says more persistent states than a hidden Markov model
    and makes no claim about densities, so a few wild days or a wrong distribution don't make it flip.

    Its probabilities are those of the Gibbs distribution exp(-objective) over paths: the path of `predict` is the most
    probable of them. Score, forecast and samples are of the Gaussian hidden Markov model that the found path describes: the
    moments of each state and the shares of its changes.

    Parameters
    ----------
    n_states : int
        Number of states.
    penalty : float
        Cost of a change, in the units of half a squared standard deviation; 0 is k-means.
    standardise : bool
        Divide every feature by its standard deviation in the data that were fitted.
    n_iter : int
        Largest number of rounds of paths and centers, from each start.
    tol : float
        Stop when the objective falls by less.
    init : sequence of str
        Starts, of "volatility", "kmeans" and "random".
    n_init : int
        Starts from k-means++ seeds besides those of `init`.
    random_state : int, optional
        Seed of the k-means and random starts; None takes another one at each fit.
    order_by : "volatility", "mean", "share", the name of a feature, or callable, optional
        Order of the states, as in `GaussianHMM`.

    Attributes
    ----------
    centers_ : (n_states, n_features)
        In the data's units.
    objective_ : float
        What was minimised.
    path_ : (n_samples,)
        States of the data that were fitted: hindsight.
    startprob_, transmat_, means_, covars_
        The hidden Markov model that the path describes; `covars_` (n_states, n_features, n_features).
    log_likelihood_ : float
        Log-likelihood of that model.
    history_ : (n_iter_ + 1,)
        Minus the objective after each round; never falls.
    converged_, n_iter_, restarts_
        As in `GaussianHMM`.

    References
    ----------
    Bemporad, Breschi, Piga and Boyd (2018), "Fitting jump models", Automatica 96. Nystrup, Lindstrom and Madsen (2020),
    "Learning hidden Markov models with persistent states by penalizing jumps", Expert Systems with Applications 150.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = np.concatenate([rng.normal(0, 1, 200), rng.normal(3, 1, 200)])[:, None]
    >>> model = JumpModel(n_states=2, penalty=10).fit(X)
    >>> int((np.diff(model.predict(X)) != 0).sum())
    1
    """

    def __init__(
        self,
        n_states: int = 2,
        *,
        penalty: float = 50.0,
        standardise: bool = True,
        n_iter: int = 100,
        tol: float = 1e-8,
        init: Sequence[str] = ("volatility", "kmeans"),
        n_init: int = 8,
        random_state: int | None = 0,
        order_by: OrderBy = None,
    ) -> None:
        self.n_states = n_states
        self.penalty = penalty
        self.standardise = standardise
        self.n_iter = n_iter
        self.tol = tol
        self.init = init
        self.n_init = n_init
        self.random_state = random_state
        self.order_by = order_by

    def _check(self, n_samples: int) -> None:
        check_limits(self, ("n_states", "penalty", "n_iter", "n_init", "tol", "random_state"), n_samples)
        if isinstance(self.init, str) or any(name not in STARTS for name in self.init) or not (self.init or self.n_init):
            raise ParameterError("init", self.init, f"a sequence of names of {STARTS}, or n_init of at least 1")

    def fit(self, X: npt.ArrayLike, y: object = None, *, lengths: Sequence[int] | None = None) -> Self:
        """Find path and centers from each start, and keep the best.

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
        import warnings

        import pandas as pd

        x = check_observations(X)
        names = names_of(X) or ()
        check_order(self.order_by, names)
        self._check(len(x))
        lengths = lengths_from(y, lengths, len(x))
        jobs = sequence_jobs(check_lengths(lengths, len(x)))
        k = int(self.n_states)
        check(Task(observations=x, n_states=k, covariance_type="spherical"))
        if (~np.isnan(x).all(axis=1)).sum() < k:
            raise WindowTooShortError(f"fewer rows with anything in them than n_states = {k}: give more rows.")
        self._know_features(X, x.shape[1])
        self._center, self._scale = np.nanmean(x, axis=0), np.nanstd(x, axis=0) if self.standardise else np.ones(x.shape[1])
        z = (x - self._center) / self._scale
        best, rows, seed = None, [], seed_of(self.random_state)
        for i, name in enumerate([*self.init, *["kmeans"] * self.n_init]):
            found = self._descend(z, jobs, self._first(z, name, i, seed))
            rows.append([name, -found[2][-1], len(found[2]) - 1, found[3], False])
            if best is None or found[2][-1] < best[0][2][-1]:
                best = (found, i)
        assert best is not None
        (centers, path, history, converged), chosen = best
        rows[chosen][-1] = True
        self.restarts_ = pd.DataFrame(rows, columns=["start", "objective", "n_iter", "converged", "chosen"])
        self.path_, self.objective_, self.history_ = path, float(history[-1]), -np.array(history)
        self.n_iter_, self.converged_ = len(history) - 1, converged
        self._adopt(x, centers, jobs)
        if self.order_by is not None:
            order = order_of(self._parameters, self.order_by, names)
            self.path_ = np.argsort(order)[path]
            self._adopt(x, centers[order], jobs)
        self.log_likelihood_ = self.score(x, lengths=lengths)
        if not converged:
            warnings.warn(
                ConvergenceWarning(f"paths and centers still changed after n_iter = {self.n_iter_} rounds. Raise n_iter."),
                stacklevel=2,
            )
        return self

    def _first(self, z: Floats, name: str, i: int, seed: int) -> Floats:
        rng = np.random.default_rng([seed, i])
        k = int(self.n_states)
        if name == "volatility":
            return initialisation.from_ranking(z, initialisation.volatility_ranking(z), k).means
        if name == "random":
            return initialisation.from_random(z, k, rng).means
        # Clusters that have settled are few; the further starts are k-means++ seeds, which differ.
        return initialisation.from_kmeans(z, k, rng, n_iter=30 if i < len(self.init) else 1).means

    def _losses(self, z: Floats, centers: Floats) -> Floats:
        """Half the squared distance of each row from each center, over what was observed."""
        losses = np.zeros((len(z), len(centers)))
        with np.errstate(over="ignore"):
            for i in range(z.shape[1]):
                losses += 0.5 * np.nan_to_num(z[:, i, None] - centers[:, i]) ** 2
        return np.minimum(losses, 1e300)  # where all overflow, the path still goes on

    def _paths(self, losses: Floats, jobs: Integers) -> tuple[Integers, float]:
        k, n = int(self.n_states), len(jobs)
        price = np.tile(-float(self.penalty) * (1.0 - np.eye(k)), (n, 1, 1))
        out = kernels.decode_densities(-losses[None], jobs, np.zeros((n, k)), price)
        path = np.concatenate([out.states[j, : end - begin] for j, (_, begin, end) in enumerate(jobs)])
        return path, -float(out.log_probability.sum())

    def _descend(self, z: Floats, jobs: Integers, centers: Floats) -> tuple[Floats, Integers, list[float], bool]:
        """Rounds of paths and centers until neither changes; each lowers the objective."""
        path, objective = self._paths(self._losses(z, centers), jobs)
        history, converged = [objective], False
        for _ in range(int(self.n_iter)):
            centers = centers.copy()
            for k in range(len(centers)):
                own = z[path == k]
                seen = ~np.isnan(own)
                count = seen.sum(axis=0)
                centers[k] = np.where(count > 0, np.nansum(own, axis=0) / np.maximum(count, 1), centers[k])
            path, objective = self._paths(self._losses(z, centers), jobs)
            history.append(min(objective, history[-1]))  # equal but for the order of a sum
            if history[-2] - history[-1] <= self.tol:
                converged = True
                break
        return centers, path, history, converged

    def _adopt(self, x: Floats, centers: Floats, jobs: Integers) -> None:
        """The hidden Markov model that the path describes, each state with one imagined bar of the whole sample."""
        k, d = int(self.n_states), x.shape[1]
        overall = np.diag(np.nanvar(x, axis=0))
        means, covars = self._center + centers * self._scale, np.empty((k, d, d))
        for s in range(k):
            rows = x[self.path_ == s] - means[s]
            seen = (~np.isnan(rows)).astype(float)
            away = np.nan_to_num(rows)
            spread = (away.T @ away + overall) / (seen.T @ seen + 1)
            # Pairs counted apart need not make a covariance; its nearest one has no negative eigenvalue.
            values, vectors = np.linalg.eigh(spread)
            covars[s] = (vectors * np.maximum(values, 1e-6 * values[-1])) @ vectors.T
        counts = np.full((k, k), 1.0 / k)
        for _, begin, end in jobs:
            np.add.at(counts, (self.path_[begin : end - 1], self.path_[begin + 1 : end]), 1.0)
        first = np.bincount(self.path_[jobs[:, 1]], minlength=k) + 1.0 / k
        transmat = counts / counts.sum(axis=1, keepdims=True)
        self._restore(
            {"center": self._center, "scale": self._scale, "centers": centers, "objective": self.objective_, "path": self.path_},
            Parameters(first / first.sum(), transmat, means, covars),
        )

    def _extra_in(self, order: Sequence[int]) -> dict[str, Any]:
        extra = self._extra()
        return extra | {"centers": extra["centers"][list(order)], "path": np.argsort(order)[extra["path"]]}

    def _extra(self) -> dict[str, Any]:
        centers = self._standard_centers
        return {
            "center": self._center,
            "scale": self._scale,
            "centers": centers,
            "objective": self.objective_,
            "path": self.path_,
        }

    def _restore(self, extra: dict[str, Any], p: Parameters) -> None:
        self._settle()
        self._parameters = p
        self._center, self._scale = extra["center"], extra["scale"]
        self._standard_centers = extra["centers"]
        self.objective_, self.path_ = float(extra["objective"]), extra["path"]
        centers = self._center + extra["centers"] * self._scale
        publish(self, startprob_=p.startprob, transmat_=p.transmat, means_=p.means, covars_=p.covars, centers_=centers)

    def _states(self, x: Floats) -> tuple[Floats, Floats, Floats]:
        k = int(self.n_states)
        price = np.exp(-float(self.penalty) * (1.0 - np.eye(k)))
        losses = self._losses((x - self._center) / self._scale, self._standard_centers)
        return -losses, np.full(k, 1.0 / k), price / price.sum(axis=1, keepdims=True)

    def predict(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None) -> Integers:
        """Path of least loss and penalties, (n_samples,): hindsight."""
        logs, jobs, _, _ = self._infer(X, lengths)
        return self._paths(-logs[0], jobs)[0]

    def predict_online(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None) -> Integers:
        """Last state of the best path up to each observation, (n_samples,): causal."""
        logs, jobs, _, _ = self._infer(X, lengths)
        price = float(self.penalty) * (1.0 - np.eye(int(self.n_states)))
        out = np.empty(len(logs[0]), np.int64)
        for _, begin, end in jobs:
            value = np.zeros(len(price))
            for t in range(begin, end):
                value = (value if t == begin else (value[:, None] + price).min(axis=0)) - logs[0, t]
                out[t] = int(np.argmin(value))
        return out

    def score_samples(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None) -> Floats:
        """log p(x_t | x_1..t-1) under the Gaussian hidden Markov model that the path describes, (n_samples,): causal."""
        return super().score_samples(X, lengths)

    @property
    def n_parameters_(self) -> int:
        """Free parameters of the hidden Markov model that the path describes."""
        self._expect_settled()
        k, d = int(self.n_states), self.n_features_in_
        return (k - 1) + k * (k - 1) + k * d + k * d * (d + 1) // 2


fitted(JumpModel, "centers_")
