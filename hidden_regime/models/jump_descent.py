"""Rounds of paths and centers of a jump model, of many starts at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hidden_regime import kernels
from hidden_regime.kernels.results import Booleans, Floats, Integers

AT_ONCE = 2**23
"""Losses at most that are held at once: more starts than that take turns."""


class Problem(NamedTuple):
    """What is minimised: half squared distances of rows to centers plus the prices of changes.

    Attributes
    ----------
    z : (n_samples, n_features)
        Rows; NaN is missing.
    jobs : (n_sequences, 3)
        Sequences that have nothing to do with each other.
    price : (n_points, n_points)
        Of a change from one point of a path to another, where points are states unless there are shares.
    shares : (n_points, n_states), optional
        Points that lie between states: how much of each they are. Their losses are means of the states'.
    """

    z: Floats
    jobs: Integers
    price: Floats
    shares: Floats | None = None

    def losses(self, centers: Floats) -> Floats:
        """Loss of each row at each point, (..., n_samples, n_points)."""
        return mixed(half_squares(self.z, centers), self.shares)

    def centers(self, paths: Integers, otherwise: Floats) -> Floats:
        """Centers of least loss on each path, and those of `otherwise` for states that observed nothing of a feature."""
        sums, counts = sums_by_state(self.z, paths, len(self.price))
        if self.shares is not None:
            sums, counts = ((of[:, :, None] * self.shares[:, :, None]).sum(axis=1) for of in (sums, counts))
        return np.where(counts > 0, sums / np.where(counts > 0, counts, 1.0), otherwise)

    def changes(self, path: Integers) -> float:
        """Prices of all changes of a path."""
        parts = (path[begin:end] for _, begin, end in self.jobs.tolist())
        return float(sum(self.price[part[:-1], part[1:]].sum() for part in parts))


class Found(NamedTuple):
    """Where descents ended, with a leading axis of starts.

    Attributes
    ----------
    centers : (n_starts, n_states, n_features)
    paths : (n_starts, n_samples)
        Points.
    objective : (n_starts,)
    histories : list of list of float
        Objective at the start and after each round.
    converged : (n_starts,)
    """

    centers: Floats
    paths: Integers
    objective: Floats
    histories: list[list[float]]
    converged: Booleans


def half_squares(z: Floats, centers: Floats) -> Floats:
    """Half the squared distance of each row from each center over what was observed, (..., n_samples, n_states)."""
    out = np.zeros((*centers.shape[:-2], len(z), centers.shape[-2]))
    with np.errstate(over="ignore"):
        for i in range(z.shape[1]):  # feature by feature: sums along an axis that is short are slow
            away = z[:, i, None] - centers[..., None, :, i]
            away *= away
            out += np.nan_to_num(away, copy=False, posinf=np.inf)
        out *= 0.5
    return np.minimum(out, 1e300)  # where all overflow, the path still goes on


def relative(losses: Floats) -> Floats:
    """Losses less the least of each row: all paths keep their places, and a row beyond every state drowns no other."""
    return np.asarray(losses - losses.min(axis=-1, keepdims=True))


def mixed(losses: Floats, shares: Floats | None) -> Floats:
    """Losses (..., n_samples, n_points) of points between states from those of states; without shares the states' own."""
    if shares is None:
        return losses
    out = np.zeros((*losses.shape[:-1], len(shares)))
    for k in range(shares.shape[1]):  # not by BLAS, whose last bits depend on how many rows there are
        out += losses[..., k, None] * shares[:, k]
    return out


def best_paths(losses: Floats, jobs: Integers, price: Floats) -> tuple[Integers, Floats]:
    """Path of least loss and prices for each (n_starts, n_samples, n_states) of losses, and what it costs."""
    n, n_samples, k = losses.shape
    m = len(jobs)
    all_jobs = np.tile(jobs, (n, 1))
    all_jobs[:, 0] = np.repeat(np.arange(n), m)
    out = kernels.decode_densities(-losses, all_jobs, np.zeros((n * m, k)), np.broadcast_to(-price, (n * m, k, k)))
    paths = np.empty((n, n_samples), np.int64)
    for job, (series, begin, end) in enumerate(all_jobs.tolist()):
        paths[series, begin:end] = out.states[job, : end - begin]
    return paths, -out.log_probability.reshape(n, m).sum(axis=1)


def sums_by_state(z: Floats, paths: Integers, k: int) -> tuple[Floats, Floats]:
    """Sum and number of what each state of each path observed of each feature, (n_starts, n_states, n_features)."""
    n = len(paths)
    where = (paths + k * np.arange(n)[:, None]).ravel()
    missing = np.isnan(z)
    sums, counts = np.empty((n * k, z.shape[1])), np.empty((n * k, z.shape[1]))
    every = None
    for i in range(z.shape[1]):
        sums[:, i] = np.bincount(where, np.tile(np.where(missing[:, i], 0.0, z[:, i]), n), n * k)
        if missing[:, i].any():
            counts[:, i] = np.bincount(where, np.tile(~missing[:, i], n), n * k)
        else:
            every = np.bincount(where, minlength=n * k) if every is None else every
            counts[:, i] = every
    return sums.reshape(n, k, -1), counts.reshape(n, k, -1)


def descend(problem: Problem, centers: Floats, n_iter: int, tol: float) -> Found:
    """Rounds of paths and centers from each of (n_starts, n_states, n_features) centers until neither changes."""
    size = max(1, AT_ONCE // (len(problem.z) * len(problem.price)))
    parts = [_descend(problem, centers[i : i + size].copy(), n_iter, tol) for i in range(0, len(centers), size)]
    centers, paths, objective, converged = (
        np.concatenate(ends) for ends in zip(*((p.centers, p.paths, p.objective, p.converged) for p in parts), strict=True)
    )
    return Found(centers, paths, objective, [history for part in parts for history in part.histories], converged)


def _descend(problem: Problem, centers: Floats, n_iter: int, tol: float) -> Found:
    jobs, price = problem.jobs, problem.price
    paths, objective = best_paths(problem.losses(centers), jobs, price)
    histories = [[float(value)] for value in objective]
    converged, active = np.zeros(len(centers), bool), np.arange(len(centers))
    for _ in range(n_iter):
        centers[active] = problem.centers(paths[active], centers[active])
        paths[active], now = best_paths(problem.losses(centers[active]), jobs, price)
        now = np.minimum(now, objective[active])  # equal but for the order of a sum
        gain, objective[active] = objective[active] - now, now
        for i in active.tolist():
            histories[i].append(float(objective[i]))
        converged[active] = gain <= tol
        active = active[gain > tol]
        if not len(active):
            break
    return Found(centers, paths, objective, histories, converged)
