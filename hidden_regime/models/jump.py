"""The discrete statistical jump model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import ConvergenceWarning, ParameterError, WindowTooShortError
from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.models.base import HiddenMarkovModel, fitted, publish
from hidden_regime.models.em import LIMITS, STARTS, Limits, check_limits, seed_of
from hidden_regime.models.inputs import check_lengths, check_observations, lengths_from, names_of, sequence_jobs
from hidden_regime.models.jump_descent import Problem, best_paths, half_squares, relative
from hidden_regime.models.jump_moments import described_by
from hidden_regime.models.jump_search import COLUMNS, Optimum, first_centers, search
from hidden_regime.models.ordering import OrderBy, check_order, order_of
from hidden_regime.models.parameters import Parameters
from hidden_regime.models.soundness import are_numbers, is_number
from hidden_regime.models.training import Task, check


class JumpModel(HiddenMarkovModel):
    """Jump model: each observation belongs to the state with the nearest center, and every change of state costs a penalty.

    Minimises sum_t |z_t - center(s_t)|^2 / 2 + penalty * (number of changes) over paths and centers, where z are the
    standardised observations: k-means with a price for jumping. It says more persistent states than a hidden Markov model
    and makes no claim about densities, so a few wild days or a wrong distribution don't make it flip.

    Paths and centers are improved in turn from each start. From the ends that are best and differ, single stretches are moved to
    another state with the centers following, for as long as that gains anything. The optimum of all paths is no more promised
    than by k-means.

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
        Starts from k-means++ seeds besides those of `init`, in turn of the rows and of local means.
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
        n_init: int = 16,
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

    _own_limits: Limits = {}  # noqa: RUF012  what a subclass says otherwise

    def _check(self, n_samples: int) -> None:
        options = ("n_states", "penalty", "n_iter", "n_init", "tol", "random_state")
        check_limits(self, options, n_samples, LIMITS | self._own_limits)
        if isinstance(self.init, str) or any(name not in STARTS for name in self.init) or not (self.init or self.n_init):
            raise ParameterError("init", self.init, f"a sequence of names of {STARTS}, or n_init of at least 1")

    def fit(self, X: npt.ArrayLike, y: object = None, *, lengths: Sequence[int] | None = None) -> Self:
        """Find path and centers from each start, move out of the best ends while that gains anything, and keep the best.

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
        center, scale = np.nanmean(x, axis=0), np.nanstd(x, axis=0) if self.standardise else np.ones(x.shape[1])
        found, own = self._optimum((x - center) / scale, jobs)
        means = center + own["centers"] * scale
        p = described_by(x, found.path, own.get("proba", np.eye(k)[found.path]), means, jobs)
        extra = {"center": center, "scale": scale, "objective": found.history[-1], "path": found.path} | own
        self._restore(extra, p)
        if self.order_by is not None:
            self.relabel(order_of(p, self.order_by, names))
        self.restarts_ = pd.DataFrame(found.restarts, columns=COLUMNS)
        self.history_, self.n_iter_, self.converged_ = -np.array(found.history), len(found.history) - 1, found.converged
        self.log_likelihood_ = self.score(x, lengths=lengths)
        if not found.converged:
            warnings.warn(
                ConvergenceWarning(f"the fit still changed after n_iter = {self.n_iter} rounds. Raise n_iter."), stacklevel=2
            )
        return self

    def _optimum(self, z: Floats, jobs: Integers) -> tuple[Optimum, dict[str, Any]]:
        """What minimises the objective of standardised rows; and what is to be kept of it, with "centers" of those rows."""
        starts = self._starts(z)
        found = search(Problem(z, jobs, self._price()), *starts, int(self.n_iter), float(self.tol))
        return found, {"centers": found.centers}

    def _starts(self, z: Floats) -> tuple[list[str], Floats]:
        """Names and centers of all starts."""
        return first_centers(z, int(self.n_states), self.init, int(self.n_init), seed_of(self.random_state))

    def _price(self) -> Floats:
        """Of each change of state, (n_states, n_states)."""
        return float(self.penalty) * (1.0 - np.eye(int(self.n_states)))

    def _losses(self, x: Floats) -> Floats:
        """Loss of each row in each state, (n_samples, n_states)."""
        return half_squares((x - self._center) / self._scale, self._standard_centers)

    def _extra(self) -> dict[str, Any]:
        return {
            "center": self._center,
            "scale": self._scale,
            "centers": self._standard_centers,
            "objective": self.objective_,
            "path": self.path_,
        }

    def _extra_in(self, order: Sequence[int]) -> dict[str, Any]:
        extra = self._extra()
        return extra | {"centers": extra["centers"][list(order)], "path": np.argsort(order)[extra["path"]]}

    def _extra_fault(self, extra: dict[str, Any], k: int, d: int) -> str:
        shapes = {"center": (d,), "scale": (d,), "centers": (k, d)}
        rest = {"objective", "path"}
        if not extra.keys() >= shapes.keys() | rest or not all(are_numbers(extra[name], shape) for name, shape in shapes.items()):
            return f"extra: expected {sorted(shapes.keys() | rest)} that fit the model"
        path = extra["path"]
        of_states = isinstance(path, np.ndarray) and path.ndim == 1 and path.dtype.kind == "i"
        if (
            not of_states
            or ((path < 0) | (path >= k)).any()
            or (extra["scale"] <= 0.0).any()
            or not is_number(extra["objective"])
        ):
            return "extra: expected positive scales, a path of states and a finite objective"
        return super()._extra_fault({name: value for name, value in extra.items() if name not in shapes.keys() | rest}, k, d)

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
        weight = np.exp(-self._price())
        return -self._losses(x), np.full(k, 1.0 / k), weight / weight.sum(axis=1, keepdims=True)

    def predict(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None) -> Integers:
        """Path of least loss and penalties, (n_samples,): hindsight."""
        logs, jobs, _, _ = self._infer(X, lengths)
        return np.asarray(best_paths(relative(-logs), jobs, self._price())[0][0])

    def predict_online(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None) -> Integers:
        """Last state of the best path up to each observation, (n_samples,): causal."""
        logs, jobs, _, _ = self._infer(X, lengths)
        price, losses = self._price(), relative(-logs[0])
        out = np.empty(len(losses), np.int64)
        for _, begin, end in jobs:
            value = np.zeros(len(price))
            for t in range(begin, end):
                value = (value if t == begin else (value[:, None] + price).min(axis=0)) + losses[t]
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
