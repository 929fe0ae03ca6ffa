"""The continuous jump model, whose states are probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import ParameterError
from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.models.base import fitted, publish
from hidden_regime.models.em import Limits, check_limits
from hidden_regime.models.inputs import check_lengths, sequence_jobs
from hidden_regime.models.jump import JumpModel
from hidden_regime.models.jump_descent import Problem, best_paths, descend, mixed, relative
from hidden_regime.models.jump_moves import best_different
from hidden_regime.models.jump_search import Optimum, best_of, search
from hidden_regime.models.ordering import OrderBy
from hidden_regime.models.parameters import Parameters
from hidden_regime.models.simplex_grid import divisions, grid_points, n_points, prices
from hidden_regime.models.soundness import are_probabilities

MOST_POINTS = 600
"""Of a grid: the dynamic programme takes the square of their number for each row."""

COARSE = 4
"""Steps of the grid on which all starts descend first."""

CHEAPER = (1.0, 4.0, 16.0)
"""By how much the changes of the jump models are cheaper whose centers are starts: a slow change costs less than a jump."""


class ContinuousJumpModel(JumpModel):
    """Continuous jump model: each row is a mixture of states, and costs what its probabilities change by.

    Minimises sum_t sum_k p_tk |z_t - center_k|^2 / 2 + sum_t price(p_t-1, p_t) over centers and paths of probability vectors p_t
    on a grid, where z are the standardised observations and price(p, q) = penalty / 4 * |p - q|_1^2, plus the mode loss. A jump
    from one state to another costs the penalty, as in `JumpModel`; one that is spread over n rows costs a share of 1 / n, so
    penalties are larger. With a grid of corners alone (`grid_size=1`) it is a `JumpModel`.

    The mode loss of p is log sum_q exp(-penalty / 4 * |p - q|_1^2) over the grid, less that of a corner; it is paid at every row
    after p. With it exp(-price) is a matrix of transition probabilities but for a constant.

    Its probabilities are what is on the grid: `filter_proba` gives the last p of the best path up to each row (causal; the mean
    of equally good ones), `predict_proba` the best path of the whole series (hindsight); `predict_online` and `predict` the most
    probable state of these. Score, forecast and samples are of the Gaussian hidden Markov model that the path describes: moments
    of each state with p as weights, and the shares of changes of the most probable states.

    Parameters
    ----------
    n_states : int
        Number of states, 2 to about 4.
    penalty : float
        Cost of a change from one state to another in one row, in the units of half a squared standard deviation.
    grid_size : float
        Step of the probabilities on the grid, 1 / grid_size rounded down to a number of steps. The grid has at most 600 points:
        0.05 is for 2 and 3 states, 0.1 for 4.
    mode_loss : bool
        Whether the mode loss is paid.
    standardise : bool
        Divide every feature by its standard deviation in the data that were fitted.
    n_iter : int
        Largest number of rounds of paths and centers, from each start.
    tol : float
        Stop when the objective falls by less.
    init : sequence of str
        Starts, of "volatility", "kmeans" and "random"; jump models of the same and of smaller penalties are three more.
    n_init : int
        Starts from k-means++ seeds besides those of `init`, as in `JumpModel`. All starts descend on a coarse grid first, and the
        best that differ go on.
    random_state : int, optional
        Seed of the k-means and random starts; None takes another one at each fit.
    order_by : "volatility", "mean", "share", the name of a feature, or callable, optional
        Order of the states, as in `GaussianHMM`.

    Attributes
    ----------
    proba_ : (n_samples, n_states)
        Probabilities of the data that were fitted: hindsight.
    path_ : (n_samples,)
        Most probable states of these.
    centers_, objective_, startprob_, transmat_, means_, covars_, log_likelihood_, history_, converged_, n_iter_, restarts_
        As in `JumpModel`.

    References
    ----------
    Aydinhan, Kolm, Mulvey and Shu (2024), "Identifying patterns in financial markets: extending the statistical jump model for
    regime identification", Annals of Operations Research. The price and the mode loss are as in the authors' package
    `jumpmodels`.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(np.concatenate([np.zeros(200), np.linspace(0, 4, 200), np.full(200, 4.0)]), 1)[:, None]
    >>> p = ContinuousJumpModel(2, penalty=200, order_by="mean").fit(X).predict_proba(X)[:, 1]
    >>> p[[50, 300, 550]].round(2).tolist()
    [0.0, 0.3, 1.0]
    """

    proba_: Floats
    # No probability of a change is made of it, so it may be as large as one likes.
    _own_limits: Limits = {"penalty": ((int, float), 0.0, 1e9, "a cost from 0 to 1e9")}  # noqa: RUF012

    def __init__(
        self,
        n_states: int = 2,
        *,
        penalty: float = 200.0,
        grid_size: float = 0.05,
        mode_loss: bool = True,
        standardise: bool = True,
        n_iter: int = 100,
        tol: float = 1e-8,
        init: Sequence[str] = ("volatility", "kmeans"),
        n_init: int = 16,
        random_state: int | None = 0,
        order_by: OrderBy = None,
    ) -> None:
        super().__init__(
            n_states,
            penalty=penalty,
            standardise=standardise,
            n_iter=n_iter,
            tol=tol,
            init=init,
            n_init=n_init,
            random_state=random_state,
            order_by=order_by,
        )
        self.grid_size = grid_size
        self.mode_loss = mode_loss

    def _check(self, n_samples: int) -> None:
        super()._check(n_samples)
        check_limits(self, ("grid_size",), n_samples)
        if not isinstance(self.mode_loss, (bool, np.bool_)):
            raise ParameterError("mode_loss", self.mode_loss, "True or False")
        k = int(self.n_states)
        if k > MOST_POINTS:
            raise ParameterError("n_states", k, f"at most {MOST_POINTS}, the points of a grid", "Ask for fewer states.")
        points = n_points(k, divisions(self.grid_size))
        if points > MOST_POINTS:
            most = max(m for m in range(1, MOST_POINTS) if n_points(k, m) <= MOST_POINTS)
            raise ParameterError(
                "grid_size", self.grid_size, f"a grid of at most {MOST_POINTS} points, and with n_states = {k} it has {points}",
                f"Give a step of at least 1 / {most}.",
            )  # fmt: skip

    def _problem(self, z: Floats, jobs: Integers, n_divisions: int) -> Problem:
        points = grid_points(int(self.n_states), n_divisions)
        return Problem(z, jobs, prices(points, float(self.penalty), mode_loss=bool(self.mode_loss)), points / n_divisions)

    def _grid(self) -> tuple[Floats, Floats]:
        """Prices (n_points, n_points) and shares (n_points, n_states) of the grid."""
        nothing = self._problem(np.empty((0, 0)), np.empty((0, 3), np.int64), divisions(self.grid_size))
        assert nothing.shares is not None
        return nothing.price, nothing.shares

    def _optimum(self, z: Floats, jobs: Integers) -> tuple[Optimum, dict[str, Any]]:
        n_iter, tol, fine = int(self.n_iter), float(self.tol), divisions(self.grid_size)
        names, centers = self._starts(z)
        if fine > COARSE:
            coarse = descend(self._problem(z, jobs, COARSE), centers, n_iter, tol)
            ends = best_different(coarse)
            names, centers = [names[i] for i in ends], coarse.centers[ends]
        jumps = [search(Problem(z, jobs, self._price() / by), *self._starts(z), n_iter, tol).centers for by in CHEAPER]
        problem = self._problem(z, jobs, fine)
        found = descend(problem, np.concatenate([centers, jumps]), n_iter, tol)
        best = best_of([found], [*names, *["jump model"] * len(jumps)])
        assert problem.shares is not None
        proba = problem.shares[best.path]
        return best.but(path=proba.argmax(axis=1)), {"centers": best.centers, "proba": proba}

    def _extra(self) -> dict[str, Any]:
        return super()._extra() | {"proba": np.array(self.proba_)}

    def _extra_in(self, order: Sequence[int]) -> dict[str, Any]:
        extra = super()._extra_in(order)
        return extra | {"proba": np.ascontiguousarray(extra["proba"][:, list(order)])}

    def _extra_fault(self, extra: dict[str, Any], k: int, d: int) -> str:
        rest = {name: value for name, value in extra.items() if name != "proba"}
        if text := super()._extra_fault(rest, k, d):
            return text
        ok = are_probabilities(extra.get("proba"), (len(extra["path"]), k))
        return "" if ok else f"proba: expected {k} probabilities for each row of the path"

    def _restore(self, extra: dict[str, Any], p: Parameters) -> None:
        publish(self, proba_=extra["proba"])
        super()._restore(extra, p)

    def _on_grid(self, X: npt.ArrayLike, lengths: Sequence[int] | None) -> tuple[Floats, Integers, Floats, Floats]:
        """Losses (n_samples, n_points) less the least of each row, jobs, prices and shares."""
        x = self._rows(X)
        price, shares = self._grid()
        return relative(mixed(self._losses(x), shares)), sequence_jobs(check_lengths(lengths, len(x))), price, shares

    def filter_proba(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None) -> Floats:
        """Last probabilities of the best path up to each observation, (n_samples, n_states): causal.

        Where several are equally good, as before anything was observed, their mean.
        """
        losses, jobs, price, shares = self._on_grid(X, lengths)
        out = np.empty((len(losses), shares.shape[1]))
        for _, begin, end in jobs.tolist():
            value = np.zeros(len(price))
            for t in range(begin, end):
                value = (value if t == begin else (value[:, None] + price).min(axis=0)) + losses[t]
                best = np.flatnonzero(value == value.min())
                out[t] = shares[best[0]] if len(best) == 1 else shares[best].mean(axis=0)
        return out

    def predict_online(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None) -> Integers:
        """Most probable state of `filter_proba`, (n_samples,): causal."""
        return np.asarray(self.filter_proba(X, lengths).argmax(axis=1))

    def predict_proba(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None) -> Floats:
        """Path of probabilities of least loss and prices, (n_samples, n_states): hindsight."""
        losses, jobs, price, shares = self._on_grid(X, lengths)
        return np.asarray(shares[best_paths(losses[None], jobs, price)[0][0]])

    def predict(self, X: npt.ArrayLike, lengths: Sequence[int] | None = None) -> Integers:
        """Most probable state of `predict_proba`, (n_samples,): hindsight."""
        return np.asarray(self.predict_proba(X, lengths).argmax(axis=1))


fitted(ContinuousJumpModel, "proba_")
