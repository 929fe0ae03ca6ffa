"""Search for the best path and centers of a jump model: starts, descents from each, and moves out of where they end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.models import initialisation
from hidden_regime.models.jump_descent import Found, Problem, descend
from hidden_regime.models.jump_moves import improve

WIDTHS = (5, 20, 10, 40)
"""Rows on either side over which the seeds of local means average, in turn."""

COLUMNS = ("start", "objective", "n_iter", "converged", "chosen")


class Optimum(NamedTuple):
    """The best that a search found.

    Attributes
    ----------
    centers : (n_states, n_features)
        Of the rows that were searched.
    path : (n_samples,)
    history : list of float
        Objective at the start and after each round or move; never rises.
    converged : bool
    restarts : list of list
        A row of `COLUMNS` for each start, and for each end that was moved from.
    """

    centers: Floats
    path: Integers
    history: list[float]
    converged: bool
    restarts: list[list[object]]

    def but(self, **changes: Any) -> Optimum:
        """The same with some changes."""
        return self._replace(**changes)


def first_centers(z: Floats, k: int, names: Sequence[str], n_init: int, seed: int) -> tuple[list[str], Floats]:
    """Names and centers of all starts, (n_starts, n_states, n_features).

    Clusters that have settled are few; the further starts are k-means++ seeds, which differ: every second one of local means,
    because where changes are dear only what lasts is worth a state.
    """
    every, centers = [*names, *["kmeans"] * n_init], []
    for i, name in enumerate(every):
        rng = np.random.default_rng([seed, i])
        if name == "volatility":
            centers.append(initialisation.from_ranking(z, initialisation.volatility_ranking(z), k).means)
        elif name == "random":
            centers.append(initialisation.from_random(z, k, rng).means)
        elif i < len(names):
            centers.append(initialisation.from_kmeans(z, k, rng).means)
        else:
            nth = i - len(names)
            rows = z if nth % 2 == 0 else _local_means(z, WIDTHS[nth // 2 % len(WIDTHS)])
            centers.append(initialisation.from_kmeans(rows, k, rng, n_iter=1).means)
    return every, np.array(centers)


def _local_means(z: Floats, width: int) -> Floats:
    """Means of what was observed in the rows around each, (n_samples, n_features); 0, the overall one, where nothing was."""
    n = len(z)
    left, right = np.maximum(np.arange(n) - width, 0), np.minimum(np.arange(n) + width + 1, n)
    seen = ~np.isnan(z)
    sums, counts = np.zeros((n + 1, z.shape[1])), np.zeros((n + 1, z.shape[1]))
    np.cumsum(np.where(seen, z, 0.0), axis=0, out=sums[1:])
    np.cumsum(seen, axis=0, out=counts[1:])
    return np.asarray((sums[right] - sums[left]) / np.maximum(counts[right] - counts[left], 1))


def search(problem: Problem, names: Sequence[str], centers: Floats, n_iter: int, tol: float) -> Optimum:
    """Descend from each start, move out of the best ends while that gains anything, and keep the best."""
    found = descend(problem, centers, n_iter, tol)
    ends, labels = [found], list(names)
    if len(problem.price) > 1:
        ends.append(improve(problem, found, n_iter, tol))
        labels += ["moves"] * len(ends[1].objective)
    return best_of(ends, labels)


def best_of(ends: Sequence[Found], names: Sequence[str]) -> Optimum:
    """The end of least objective, the first of equal ones, and a table of all."""
    rows: list[list[object]] = []
    best: tuple[float, Found, int] | None = None
    for found in ends:
        for i, value in enumerate(found.objective.tolist()):
            rows.append([names[len(rows)], value, len(found.histories[i]) - 1, bool(found.converged[i]), False])
            if best is None or value < best[0]:
                best, chosen = (value, found, i), len(rows) - 1
    assert best is not None
    rows[chosen][-1] = True
    _, found, i = best
    return Optimum(found.centers[i], found.paths[i], found.histories[i], bool(found.converged[i]), rows)
