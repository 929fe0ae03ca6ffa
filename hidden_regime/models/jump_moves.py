"""Moves out of where the descents of a jump model end."""

from __future__ import annotations

import numpy as np

from hidden_regime.kernels.results import Booleans, Floats, Integers
from hidden_regime.models.jump_descent import Found, Problem, descend

BOUNDARIES = 80
"""Places at most where a move's stretch may begin or end: a descent finds the exact ones."""

SHORT = (1, 2, 4, 8)
"""Lengths of the stretches that are tried everywhere, or as often as `PLACES` says."""

PLACES = 20_000
"""Beginnings at most of short stretches of one length."""

MOVES = 6
"""Best moves of a round from which descents go on."""

LEADERS = 8
"""Ends of descents that are moved."""


def moved_centers(problem: Problem, path: Integers, centers: Floats, n_moves: int = MOVES) -> Floats:
    """Centers after the best moves of one stretch of a path to one state, (at most n_moves, n_states, n_features).

    A descent moves boundaries while it holds centers and centers while it holds boundaries, so it can't open or close a stretch
    that pays only once the centers have followed. Here the centers follow: each stretch between two of some boundaries is given
    to each state, and sums say what that costs.
    """
    jobs, price = problem.jobs, problem.price
    k = len(price)
    tried: list[tuple[float, int, int, int]] = []
    falls = _Falls(problem.z, path, k)
    for _, begin, end in jobs.tolist():
        inner, length = path[begin:end], end - begin
        # Element t + 1: the prices of the changes up to the one into row t.
        paid = np.concatenate([[0.0, 0.0], np.cumsum(price[inner[:-1], inner[1:]])])
        i, j = _stretches(inner, len(path))
        before, after = inner[np.maximum(i - 1, 0)], inner[np.minimum(j, length - 1)]
        was = paid[np.minimum(j, length - 1) + 1] - paid[i]
        for b, fall in enumerate(falls.of(begin + i, begin + j)):
            rise = np.where(i > 0, price[before, b], 0.0) + np.where(j < length, price[b, after], 0.0) - was - fall
            for at in np.argsort(rise, kind="stable")[:n_moves].tolist():
                if np.isfinite(rise[at]):
                    tried.append((float(rise[at]), begin + int(i[at]), begin + int(j[at]), b))
    tried.sort()
    chosen = np.tile(path, (len(tried[:n_moves]), 1))
    for row, (_, begin, end, b) in zip(chosen, tried, strict=False):
        row[begin:end] = b
    return problem.centers(chosen, centers)


class _Falls:
    """By how much half the sum of squares falls where stretches go to another state and the centers follow.

    A center takes sum^2 / (2 count) off the squares of its rows, so sums and counts before each row tell it of any stretch.
    """

    def __init__(self, z: Floats, path: Integers, k: int) -> None:
        seen = ~np.isnan(z)
        rows = np.array([path == a for a in range(k)])[:, None]  # of each state and feature, (n_states, n_features, n_samples)
        self._sums = _running((rows & seen.T) * np.where(seen, z, 0.0).T)
        # Where nothing is missing, the counts of all features are those of the first.
        self._counts = _running(rows & (seen[:, :1].T if seen.all() else seen.T))

    def of(self, i: Integers, j: Integers) -> Floats:
        """Falls for the stretches from i to before j, by the state that they go to; -inf where they are there already."""
        k, d = self._sums.shape[:2]
        out, moved = np.zeros((k, len(i))), np.zeros((k, len(i)))
        for f in range(d):
            sums = self._sums[:, f]
            inside = sums[:, j] - sums[:, i]
            total, whole = sums[:, -1:], inside.sum(axis=0)
            if f < self._counts.shape[1]:
                counts = self._counts[:, f]
                here = counts[:, j] - counts[:, i]
                count, every = counts[:, -1:], here.sum(axis=0)
                left, right = np.maximum(count - here, 1.0), np.maximum(count - here + every, 1.0)
                moved += every - here
            gone, come = total - inside, total - inside + whole
            gone *= gone
            gone /= left
            come *= come
            come /= right
            out += come - gone + (gone.sum(axis=0) - float((total**2 / np.maximum(count, 1.0)).sum()))
        return np.where(moved > 0, out / 2, -np.inf)


def _running(values: Floats | Booleans) -> Floats:
    """Sums before each place of the last axis, and of all."""
    out = np.zeros((*values.shape[:-1], values.shape[-1] + 1))
    np.cumsum(values, axis=-1, out=out[..., 1:])
    return out


def _stretches(path: Integers, n_samples: int) -> tuple[Integers, Integers]:
    """Begin and end of stretches of one sequence: between any two of some boundaries, and short ones everywhere."""
    n = len(path)
    edges = np.arange(0, n, max(1, -(-n_samples // BOUNDARIES)))
    changes = np.flatnonzero(np.diff(path)) + 1
    edges = np.unique(np.concatenate([edges, changes[:: max(1, -(-len(changes) // BOUNDARIES))], [n]]))
    first, second = np.triu_indices(len(edges), 1)
    begins = [np.arange(0, n - length + 1, -(-n_samples // PLACES)) for length in SHORT if length <= n]
    i, j = [edges[first], *begins], [edges[second], *(b + length for b, length in zip(begins, SHORT, strict=False))]
    return np.concatenate(i), np.concatenate(j)


def improve(problem: Problem, found: Found, n_iter: int, tol: float) -> Found:
    """The best of different ends of descents, each moved and descended from again until that gains nothing."""
    best = best_different(found)
    centers, paths, objective = found.centers[best], found.paths[best], found.objective[best]
    histories, converged = [list(found.histories[i]) for i in best], found.converged[best]
    active = list(range(len(best)))
    while active:
        moved = [moved_centers(problem, paths[i], centers[i]) for i in active]
        after = descend(problem, np.concatenate(moved), n_iter, tol)
        edges = np.cumsum([0, *map(len, moved)]).tolist()
        going = []
        for i, begin, end in zip(active, edges[:-1], edges[1:], strict=True):
            if begin == end:
                continue
            at = begin + int(np.argmin(after.objective[begin:end]))
            if objective[i] - after.objective[at] > max(tol, 1e-12 * abs(objective[i])):
                centers[i], paths[i], objective[i] = after.centers[at], after.paths[at], after.objective[at]
                converged[i] = after.converged[at]
                histories[i].append(float(objective[i]))
                going.append(i)
        active = going
    return Found(centers, paths, objective, histories, converged)


def best_different(found: Found, n: int = LEADERS) -> list[int]:
    """Starts that ended best, in that order, no two of them in the same place."""
    out: list[int] = []
    for i in np.argsort(found.objective, kind="stable").tolist():
        if not out or found.objective[i] - found.objective[out[-1]] > 1e-9 * abs(found.objective[i]):
            out.append(i)
        if len(out) == n:
            break
    return out
