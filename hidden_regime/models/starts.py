"""Where each start of a training begins: of one task whatever its window is like, and of many whole windows at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.models import initialisation
from hidden_regime.models.arrays import distances, reordered, stacked, summed
from hidden_regime.models.assignment import assign
from hidden_regime.models.parameters import Evidence, Parameters, blended
from hidden_regime.models.task import Task


class Starts(NamedTuple):
    """Starts of one kind: the tasks that they belong to, and parameters with a leading axis of jobs."""

    name: str
    tasks: Integers
    start: Sequence[Floats]


def starts_of(task: Task) -> list[tuple[str, Parameters]]:
    """Every start of one task by its name, as a model of the task's density."""
    x, k = task.observations, task.n_states
    out: list[tuple[str, Parameters]] = []
    if task.custom is not None:
        out.append(("custom", task.custom))
    if task.warm is not None:
        out.append(("warm", task.warm.blended()))
    for place, name in enumerate(task.starts):
        start = _by_rank(task) if name == "volatility" else _drawn(task, name, place)
        if task.memory is not None:
            _beside([part[None] for part in start[:4]], [task.memory], np.nanstd(x, axis=0)[None])
        out.append((name, start))
    if task.mask is not None and task.starts:
        # A chain that may not go back needs its states in order of time, which no ranking gives.
        groups = np.concatenate([np.arange(n) * k // n for n in task.lengths or (len(x),)])
        out.append(("stretches", initialisation.from_groups(x, groups, k)))
    return [(name, task.density.begin(start, task.degrees).masked(task.mask)) for name, start in out]


def _by_rank(task: Task) -> Parameters:
    x, column, is_volatility = task.observations, task.ranked_by, task.is_volatility
    if np.isnan(x[:, column]).all():
        column, is_volatility = 0, False
    ranking = initialisation.volatility_ranking(x, column, is_volatility=is_volatility)
    return initialisation.from_ranking(x, ranking, task.n_states)


def _drawn(task: Task, name: str, place: int) -> Parameters:
    """A start that a seed tells, that of the task and its own place."""
    make = initialisation.from_kmeans if name == "kmeans" else initialisation.from_random
    return make(task.observations, task.n_states, np.random.default_rng([task.seed, place]))


def starts_together(tasks: Sequence[Task], x: Floats, scale: Floats) -> list[Starts]:
    """Every start of every task; the starts of one task stand in its own order.

    Parameters
    ----------
    tasks : sequence of Task
        Plain ones of one shape.
    x : (n_tasks, n_samples, n_features)
        Their windows, without gaps.
    scale : (n_tasks, n_features)
        Standard deviations.
    """
    out = []
    warm = [task.warm for task in tasks if task.warm is not None]
    if warm:
        which = np.array([i for i, task in enumerate(tasks) if task.warm is not None])
        startprob, transmat, means, covars = stacked(warm)
        out.append(Starts("warm", which, [blended(startprob), blended(transmat), means, covars]))
    for place in range(max(len(task.starts) for task in tasks)):
        for name in dict.fromkeys(task.starts[place] for task in tasks if len(task.starts) > place):
            which = np.array([i for i, task in enumerate(tasks) if task.starts[place : place + 1] == (name,)])
            if name == "volatility":
                start = _ranked(tasks, x, which)
            else:
                made = [_drawn(tasks[i], name, place)[:4] for i in which]
                start = [np.stack(parts) for parts in zip(*made, strict=True)]
            out.append(Starts(name, which, _beside(start, [tasks[i].memory for i in which], scale[which])))
    return out


def _ranked(tasks: Sequence[Task], x: Floats, which: Integers) -> list[Floats]:
    """Starts from equal shares of each window by rank of volatility, as `initialisation.from_ranking` makes them."""
    measure = np.stack([x[i, :, tasks[i].ranked_by] for i in which])
    raw = np.array([not tasks[i].is_volatility for i in which])
    away = np.abs(measure - (summed(measure, 1) / measure.shape[1])[:, None])
    ranking = initialisation.local_means(np.where(raw[:, None], away, measure))
    order = np.argsort(ranking, axis=1, kind="stable")
    return initialisation.from_ordered(np.take_along_axis(x[which], order[:, :, None], axis=1), tasks[0].n_states)


def _beside(start: list[Floats], memory: Sequence[Evidence | None], scale: Floats) -> list[Floats]:
    """The starts, turned in place so that each state is beside the state of the memory which it resembles most."""
    known = [(n, m) for n, m in enumerate(memory) if m is not None and (m.weight > 0).any()]
    if not known:
        return start
    at = np.array([n for n, _ in known])
    weight, means = np.stack([m.weight for _, m in known]), np.stack([m.means for _, m in known])
    order = assign(distances(means, start[2][at], scale[at]) * (weight[:, :, None] > 0))
    for part in start:
        part[at] = reordered(part[at], order, both=part is start[1])
    return start
