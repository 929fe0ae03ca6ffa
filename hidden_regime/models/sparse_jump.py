"""The sparse jump model, which chooses features."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from hidden_regime.kernels.results import Booleans, Floats, Integers
from hidden_regime.models.base import fitted, publish
from hidden_regime.models.em import check_limits
from hidden_regime.models.feature_weights import best_weights, between_squares
from hidden_regime.models.jump import JumpModel
from hidden_regime.models.jump_descent import Problem, half_squares
from hidden_regime.models.jump_search import Optimum, search
from hidden_regime.models.ordering import OrderBy
from hidden_regime.models.parameters import Parameters
from hidden_regime.models.soundness import are_numbers

CHEAPER = 4.0
"""By how much the changes are cheaper of the model whose weights are the second start."""


class SparseJumpModel(JumpModel):
    """Sparse jump model: a jump model that weighs the features by how far they tell the states apart, and drops the others.

    Maximises sum_j w_j between_j / 2 - penalty / sqrt(n_features) * (number of changes) over paths, centers and weights w of at
    least 0 with |w|_2 <= 1 and |w|_1 <= sqrt(max_features). between_j is the sum of squares between the states of standardised
    feature j. It alternates a `JumpModel` of the features times sqrt(w) with the best weights of its path, which are soft
    thresholds of the sums of squares. With equal weights, 1 / sqrt(n_features) each, its path is that of a `JumpModel` of the
    same penalty. It starts from these weights, and from those of a model whose changes cost a quarter, and keeps the better end.

    What is said of probabilities, scores, forecasts and samples is that of `JumpModel`: the distribution over paths is of the
    weighted losses, and the Gaussian hidden Markov model that the path describes has all features, dropped ones too.

    Parameters
    ----------
    n_states : int
        Number of states.
    penalty : float
        Cost of a change where all features have the same weight, as in `JumpModel`.
    max_features : float
        Square of the bound on |w|_1: about how many features have a weight. 1 keeps one; n_features or more binds nothing.
    standardise : bool
        Divide every feature by its standard deviation in the data that were fitted.
    n_iter : int
        Largest number of rounds of states and weights, and of paths and centers within each.
    tol : float
        Stop when the objective gains less.
    init : sequence of str
        Starts of each round, of "volatility", "kmeans" and "random"; the centers of the round before are one more.
    n_init : int
        Starts from k-means++ seeds besides those of `init`, as in `JumpModel`.
    random_state : int, optional
        Seed of the k-means and random starts; None takes another one at each fit.
    order_by : "volatility", "mean", "share", the name of a feature, or callable, optional
        Order of the states, as in `GaussianHMM`.

    Attributes
    ----------
    weights_ : (n_features,)
        Weights w.
    selected_ : (n_features,) bool
        Features with a weight above 0.
    centers_ : (n_states, n_features)
        In the data's units and not weighted; dropped features have one too.
    objective_ : float
        Minus what was maximised.
    history_ : (n_iter_ + 1,)
        What was maximised, with the first weights and after each round; never falls.
    restarts_ : DataFrame
        Of the last round's states: objectives of the weighted jump model.
    path_, startprob_, transmat_, means_, covars_, log_likelihood_, converged_, n_iter_
        As in `JumpModel`.

    References
    ----------
    Nystrup, Kolm and Lindstrom (2021), "Feature selection in jump models", Expert Systems with Applications 184. Witten and
    Tibshirani (2010), "A framework for feature selection in clustering", Journal of the American Statistical Association 105.
    The division of the penalty is that of the authors' package `jumpmodels`.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(400, 6))
    >>> X[200:, 4] += 3
    >>> model = SparseJumpModel(2, penalty=10, max_features=2).fit(X)
    >>> int(model.weights_.argmax()), int((np.diff(model.path_) != 0).sum())
    (4, 1)
    """

    weights_: Floats

    def __init__(
        self,
        n_states: int = 2,
        *,
        penalty: float = 50.0,
        max_features: float = 4.0,
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
        self.max_features = max_features

    @property
    def selected_(self) -> Booleans:
        """Features with a weight above 0, (n_features,)."""
        return np.asarray(self.weights_ > 0)

    def _check(self, n_samples: int) -> None:
        super()._check(n_samples)
        check_limits(self, ("max_features",), n_samples)

    def _optimum(self, z: Floats, jobs: Integers) -> tuple[Optimum, dict[str, Any]]:
        d = z.shape[1]
        price, equal = self._price_among(d), np.full(d, d**-0.5)
        # Where equal weights see no change that pays, those of a model whose changes are cheaper may.
        cheaper = self._alternate(z, jobs, price / CHEAPER, equal)[1]["weights"]
        ends = [self._alternate(z, jobs, price, w) for w in (equal, cheaper)]
        return min(ends, key=lambda end: end[0].history[-1])

    def _alternate(self, z: Floats, jobs: Integers, price: Floats, w: Floats) -> tuple[Optimum, dict[str, Any]]:
        """Rounds of states and weights, from weights, until neither changes."""
        k, kappa, n_iter, tol = int(self.n_states), math.sqrt(self.max_features), int(self.n_iter), float(self.tol)
        names, firsts = self._starts(z)
        centers, converged = firsts[:0], False
        history: list[float] = []
        for _ in range(n_iter):
            # The centers of the round before are a start, so no round can lose anything.
            starts = [*names, *["before"] * len(centers)], np.concatenate([firsts, centers]) * np.sqrt(w)
            problem = Problem(z * np.sqrt(w), jobs, price)
            found = search(problem, *starts, n_iter, tol)
            between, changes = between_squares(z, found.path, k), problem.changes(found.path)
            centers = Problem(z, jobs, price).centers(found.path[None], firsts[:1])
            if not history:  # the bound holds for equal weights too, once they are small enough
                history.append(changes - float(w @ between) / 2 * min(1.0, kappa / w.sum()))
            if converged := not between.max() > 1e-9:  # all rows are in one state, and say nothing of any feature
                history.append(history[-1])
                break
            w = best_weights(between, kappa)
            history.append(min(changes - float(w @ between) / 2, history[-1]))
            if converged := len(history) > 2 and history[-2] - history[-1] <= tol:
                break
        return found.but(history=history, converged=converged and found.converged), {"centers": centers[0], "weights": w}

    def _price(self) -> Floats:
        return self._price_among(self.n_features_in_)

    def _price_among(self, n_features: int) -> Floats:
        """Of each change of state, (n_states, n_states): weights of norm 1 make losses sqrt(n_features) times smaller."""
        return super()._price() / math.sqrt(n_features)

    def _losses(self, x: Floats) -> Floats:
        root = np.sqrt(self.weights_)
        return half_squares((x - self._center) / self._scale * root, self._standard_centers * root)

    def _extra(self) -> dict[str, Any]:
        return super()._extra() | {"weights": np.array(self.weights_)}

    def _extra_fault(self, extra: dict[str, Any], k: int, d: int) -> str:
        w: Any = extra.get("weights")
        if not are_numbers(w, (d,)) or w.min() < 0.0 or not 0.0 < (w * w).sum() < 1.0 + 1e-6:
            return f"weights: expected {d} of at least 0, with a norm of at most 1"
        return super()._extra_fault({name: value for name, value in extra.items() if name != "weights"}, k, d)

    def _restore(self, extra: dict[str, Any], p: Parameters) -> None:
        publish(self, weights_=extra["weights"])
        super()._restore(extra, p)


fitted(SparseJumpModel, "weights_")
