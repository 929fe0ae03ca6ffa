"""Training of many plain tasks in arrays over all of them, so that a task costs its arithmetic and little else.

Sums run along a task's own axes, so a task's bits are the same whatever else is in the arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from hidden_regime import kernels
from hidden_regime.exceptions import TrainingError
from hidden_regime.kernels.results import Booleans, Floats
from hidden_regime.models.arrays import by_feature, means_and_variances, piled
from hidden_regime.models.choice import Scores, choose, model_at
from hidden_regime.models.prior import prior_of, says_nothing
from hidden_regime.models.starts import starts_together
from hidden_regime.models.task import Task, Trained, check, n_parameters

BLOCK = 64
"""Windows whose sums are taken at once: they stay in a processor's cache."""


def _suspicious(series: Floats, mean: Floats, spread: Floats, n_states: int) -> Booleans:
    """Windows that may not be trainable; `check` says so, or that they are."""
    # No number is larger than the root of the sum of all squares, so what is well above its rounding isn't constant.
    out = ~(spread > 1e-20 * series.shape[2] * (spread + mean * mean)).all(axis=1)
    few = np.sort(series[:, 0, : 4 * n_states], axis=1)
    out |= (few[:, 1:] != few[:, :-1]).sum(axis=1) + 1 < n_states
    return np.asarray(out)


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
    parts = starts_together(tasks, x, np.sqrt(spread))
    which = np.concatenate([part.tasks for part in parts])
    startprob, transmat, means, covars = (
        part[0] if len(part) == 1 else np.concatenate(part) for part in zip(*(part.start for part in parts), strict=True)
    )
    jobs: Any = slice(None) if len(parts) == 1 and len(which) == len(tasks) else which  # all, as they are, need no copy
    windows = np.zeros((len(which), 3), np.int64)
    windows[:, 0], windows[:, 2] = which, x.shape[1]
    floor = np.array([task.min_covar for task in tasks])[:, None] * spread
    first, prior = tasks[0], prior_of(tasks)
    said = None if says_nothing(prior) else kernels.Prior(*(part[jobs] for part in prior))
    fit = kernels.fit(
        x, windows, startprob, transmat, means, covars, said, covariance_type=first.covariance_type, n_iter=first.n_iter,
        tol=first.tol, floor=floor[jobs], threads=threads)  # fmt: skip
    mine: list[list[tuple[str, int]]] = [[] for _ in tasks]
    for n, (name, task) in enumerate((part.name, task) for part in parts for task in part.tasks.tolist()):
        mine[task].append((name, n))
    scores, model = Scores.of(fit), partial(model_at, fit)
    return [choose(task, starts, fit, scores, model) for task, starts in zip(tasks, mine, strict=True)]


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
