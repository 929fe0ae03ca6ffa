"""Training of many plain tasks in arrays over all of them, so that a task costs its arithmetic and little else.

Sums run along a task's own axes, so a task's bits are the same whatever else is in the arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from hidden_regime import kernels
from hidden_regime.exceptions import TrainingError
from hidden_regime.kernels.results import Booleans, Floats, Integers
from hidden_regime.models import initialisation
from hidden_regime.models.arrays import by_feature, distances, means_and_variances, piled, reordered, stacked
from hidden_regime.models.assignment import assign
from hidden_regime.models.parameters import Evidence, Parameters
from hidden_regime.models.task import BLEND, Restart, Task, Trained, check, n_parameters

BLOCK = 64
"""Windows whose sums are taken at once: they stay in a processor's cache."""


class _Jobs(NamedTuple):
    """Starts of one kind: the tasks that they belong to, and parameters with a leading axis of jobs."""

    name: str
    tasks: Integers
    start: Sequence[Floats]


def _suspicious(series: Floats, mean: Floats, spread: Floats, n_states: int) -> Booleans:
    """Windows that may not be trainable; `check` says so, or that they are."""
    # No number is larger than the root of the sum of all squares, so what is well above its rounding isn't constant.
    out = ~(spread > 1e-20 * series.shape[2] * (spread + mean * mean)).all(axis=1)
    few = np.sort(series[:, 0, : 4 * n_states], axis=1)
    out |= (few[:, 1:] != few[:, :-1]).sum(axis=1) + 1 < n_states
    return np.asarray(out)


def _ranked(tasks: Sequence[Task], x: Floats, which: Integers, n_states: int) -> list[Floats]:
    """Starts from equal shares of each window by rank of volatility, as `initialisation.from_ranking` makes them."""
    measure = np.stack([x[i, :, tasks[i].ranked_by] for i in which])
    raw = np.array([not tasks[i].is_volatility for i in which])
    away = np.abs(measure - (measure.sum(axis=1) / measure.shape[1])[:, None])
    ranking = initialisation.local_means(np.where(raw[:, None], away, measure))
    order = np.argsort(ranking, axis=1, kind="stable")
    return initialisation.from_ordered(np.take_along_axis(x[which], order[:, :, None], axis=1), n_states)


def _jobs(tasks: Sequence[Task], x: Floats, scale: Floats) -> list[_Jobs]:
    """Every start of every task; the starts of one task stand in its own order."""
    n_states = tasks[0].n_states
    out = []
    warm = [task.warm for task in tasks if task.warm is not None]
    if warm:
        which = np.array([i for i, task in enumerate(tasks) if task.warm is not None])
        startprob, transmat, means, covars = stacked(warm)
        chain = [(1 - BLEND) * a + BLEND / n_states for a in (startprob, transmat)]
        out.append(_Jobs("warm", which, [*chain, means, covars]))
    for place in range(max(len(task.starts) for task in tasks)):
        for name in dict.fromkeys(task.starts[place] for task in tasks if len(task.starts) > place):
            which = np.array([i for i, task in enumerate(tasks) if task.starts[place : place + 1] == (name,)])
            if name == "volatility":
                start = _ranked(tasks, x, which, n_states)
            else:
                make = initialisation.from_kmeans if name == "kmeans" else initialisation.from_random
                made = [make(x[i], n_states, np.random.default_rng([tasks[i].seed, place])) for i in which]
                start = [np.stack(parts) for parts in zip(*(m[:4] for m in made), strict=True)]
            out.append(_Jobs(name, which, _beside_memory(tasks, which, start, scale)))
    return out


def _beside_memory(tasks: Sequence[Task], which: Integers, start: list[Floats], scale: Floats) -> list[Floats]:
    """The starts with each state beside the state of the memory which it resembles most."""
    memory = [(n, tasks[i].memory) for n, i in enumerate(which)]
    known = [(n, m) for n, m in memory if m is not None and (m.weight > 0).any()]
    if not known:
        return start
    at = np.array([n for n, _ in known])
    weight, means = np.stack([m.weight for _, m in known]), np.stack([m.means for _, m in known])
    order = assign(distances(means, start[2][at], scale[which[at]]) * (weight[:, :, None] > 0))
    return [_put(part, at, reordered(part[at], order, both=part is start[1])) for part in start]


def _put(part: Floats, at: Integers, values: Floats) -> Floats:
    part[at] = values
    return part


def _prior(tasks: Sequence[Task], jobs: Any) -> kernels.Prior | None:
    """Pseudo-counts of each job; None where no task has any."""
    n_states, n_features = tasks[0].n_states, tasks[0].observations.shape[1]
    transmat = np.zeros((len(tasks), n_states, n_states))
    if n_states > 1:
        weight = np.array([task.stay_weight for task in tasks])
        leave = weight / np.array([task.stay_duration for task in tasks])
        transmat[:] = (leave / (n_states - 1))[:, None, None]
        transmat.reshape(len(tasks), -1)[:, :: n_states + 1] = (weight - leave)[:, None]
    nothing = Evidence.nothing(n_states, n_features)
    memory = [nothing if task.memory is None else task.memory for task in tasks]
    prior = kernels.Prior(np.zeros((len(tasks), n_states)), transmat, *(piled(part) for part in zip(*memory, strict=True)))
    if not (prior.transmat.any() or prior.weight.any()):
        return None
    return kernels.Prior(*(part[jobs] for part in prior))


def _results(tasks: Sequence[Task], parts: Sequence[_Jobs], fit: kernels.Fit) -> list[Trained | TrainingError]:
    mine: list[list[tuple[str, int]]] = [[] for _ in tasks]
    n = 0
    for part in parts:
        for task in part.tasks.tolist():
            mine[task].append((part.name, n))
            n += 1
    usable = (fit.ok & np.isfinite(fit.objective)).tolist()
    objective, score, n_iter, converged = (a.tolist() for a in (fit.objective, fit.log_likelihood, fit.n_iter, fit.converged))
    out: list[Trained | TrainingError] = []
    for task, starts in zip(tasks, mine, strict=True):
        best = -1
        for _, n in starts:
            lead = task.margin if best == starts[0][1] else 0.0
            if usable[n] and (best < 0 or objective[n] > objective[best] + lead):
                best = n
        if best < 0:
            out.append(no_start_was_usable([name for name, _ in starts], task))
            continue
        table = tuple([Restart(name, score[n], objective[n], n_iter[n], converged[n], n == best) for name, n in starts])
        found = Parameters(fit.startprob[best], fit.transmat[best], fit.means[best], fit.covars[best])
        history = fit.history[best, : n_iter[best] + 1]
        out.append(Trained(found, score[best], objective[best], n_iter[best], converged[best], history, table))
    return out


def no_start_was_usable(starts: Sequence[str], task: Task) -> TrainingError:
    """The error of a task all of whose starts broke down."""
    return TrainingError(
        f"no start of {list(starts)} gave positive variances: raise min_covar (now {task.min_covar:g}), or ask for fewer states."
    )


def _train_alike(tasks: Sequence[Task], threads: int) -> list[Trained | TrainingError | None]:
    """Train tasks of one shape and one set of limits; None for one whose window has gaps."""
    out: list[Trained | TrainingError | None] = [None] * len(tasks)
    x = piled([task.observations for task in tasks])
    n_states, n_features = tasks[0].n_states, x.shape[2]
    spread, suspicious = np.empty((len(x), n_features)), np.empty(len(x), bool)
    for begin in range(0, len(x), BLOCK):
        part = slice(begin, begin + BLOCK)
        series = by_feature(x[part])
        mean, spread[part] = means_and_variances(series)
        suspicious[part] = _suspicious(series, mean, spread[part], n_states)
    whole = np.isfinite(spread).all(axis=1)
    if x[0].size < n_parameters(n_states, n_features, tasks[0].covariance_type) or len(x[0]) < 4 * n_states:
        sound = np.zeros(len(tasks), bool)
    else:
        sound = whole & ~suspicious
    for i in np.flatnonzero(whole & ~sound).tolist():
        try:
            check(tasks[i])
            sound[i] = True
        except TrainingError as error:
            out[i] = error
    good = np.flatnonzero(sound).tolist()
    if len(good) < len(tasks):
        x, spread = x[good], spread[good]
    if good:
        for i, result in zip(good, _train_sound([tasks[i] for i in good], x, spread, threads), strict=True):
            out[i] = result
    return out


def _train_sound(tasks: Sequence[Task], x: Floats, spread: Floats, threads: int) -> list[Trained | TrainingError]:
    parts = _jobs(tasks, x, np.sqrt(spread))
    which = np.concatenate([part.tasks for part in parts])
    startprob, transmat, means, covars = (
        part[0] if len(part) == 1 else np.concatenate(part) for part in zip(*(part.start for part in parts), strict=True)
    )
    jobs: Any = slice(None) if len(parts) == 1 and len(which) == len(tasks) else which  # all, as they are, need no copy
    windows = np.zeros((len(which), 3), np.int64)
    windows[:, 0], windows[:, 2] = which, x.shape[1]
    floor = np.array([task.min_covar for task in tasks])[:, None] * spread
    first = tasks[0]
    fit = kernels.fit(
        x, windows, startprob, transmat, means, covars, _prior(tasks, jobs), covariance_type=first.covariance_type,
        n_iter=first.n_iter, tol=first.tol, floor=floor[jobs], threads=threads)  # fmt: skip
    return _results(tasks, parts, fit)


def train(tasks: Sequence[Task], *, threads: int = 1) -> list[Trained | TrainingError | None]:
    """Train plain tasks; a task that can't be trained gets its error in its place, one whose window has gaps None."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for i, task in enumerate(tasks):
        kind = (task.observations.shape, task.n_states, task.covariance_type, task.n_iter, task.tol)
        groups.setdefault(kind, []).append(i)
    out: list[Trained | TrainingError | None] = [None] * len(tasks)
    for places in groups.values():
        for i, result in zip(places, _train_alike([tasks[i] for i in places], threads), strict=True):
            out[i] = result
    return out
