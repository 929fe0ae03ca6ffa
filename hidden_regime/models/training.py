"""Training of one or many models in one kernel call: every start of every task is a job of its own.

A task's result depends on nothing but the task, so it is the same alone, in a batch, and in any number of threads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from hidden_regime import kernels
from hidden_regime.exceptions import TrainingError
from hidden_regime.models import batch
from hidden_regime.models.choice import Scores, choose, model_at
from hidden_regime.models.parameters import BLEND, Evidence, Parameters
from hidden_regime.models.prior import prior_of, says_nothing, transition_counts
from hidden_regime.models.starts import starts_of
from hidden_regime.models.task import Restart, Task, Trained, check, n_parameters

__all__ = ["BLEND", "Restart", "Task", "Trained", "check", "n_parameters", "train", "transition_counts"]


class _Job(NamedTuple):
    task: int
    name: str
    start: Parameters


def _fit_group(tasks: Sequence[Task], jobs: Sequence[_Job], threads: int) -> kernels.Fit:
    """Fit of jobs that share shapes and limits."""
    first = tasks[jobs[0].task]
    used = sorted({job.task for job in jobs})
    place = {task: i for i, task in enumerate(used)}
    longest = max(len(tasks[i].observations) for i in used)
    series = np.full((len(used), longest, first.observations.shape[1]), np.nan)
    for task, i in place.items():
        series[i, : len(tasks[task].observations)] = tasks[task].observations
    windows = np.array([[place[j.task], 0, len(tasks[j.task].observations)] for j in jobs], np.int64)
    startprob, transmat, means, covars = (np.stack(arrays) for arrays in zip(*(j.start[:4] for j in jobs), strict=True))
    prior = prior_of([tasks[j.task] for j in jobs])
    variance = {task: np.nanvar(tasks[task].observations, axis=0) for task in used}
    floor = np.stack([tasks[j.task].min_covar * variance[j.task] for j in jobs])

    weights = None
    if first.weights is not None:
        weights = np.ones((len(used), longest))
        for task, i in place.items():
            weights[i, : len(tasks[task].observations)] = tasks[task].weights
    return kernels.fit(
        series,
        windows,
        startprob,
        transmat,
        means,
        covars,
        None if says_nothing(prior) else prior,
        covariance_type=first.covariance_type,
        n_iter=first.n_iter,
        tol=first.tol,
        floor=floor,
        weights=weights,
        threads=threads,
    )


def _fit_generally(task: Task, starts: Sequence[Parameters]) -> tuple[kernels.Fit, list[Parameters]]:
    from hidden_regime.models import em_python

    first, transitions, *moments = (part[0] for part in prior_of([task]))
    counts, floor = np.concatenate([transitions, first[None]]), task.min_covar * np.nanvar(task.observations, axis=0)
    fits, models = zip(*(em_python.fit(task, start, counts, Evidence(*moments), floor) for start in starts), strict=True)
    return kernels.Fit(*(np.concatenate(parts) for parts in zip(*fits, strict=True))), list(models)


def train(tasks: Sequence[Task], *, threads: int = 1) -> list[Trained | TrainingError]:
    """Train every task; a task that can't be trained gets its error in its place and harms no other.

    Parameters
    ----------
    tasks : sequence of Task
    threads : int
        Threads that share the work; the kernels release the interpreter's lock.

    Returns
    -------
    list of Trained or TrainingError
        In the order of the tasks.
    """
    out: list[Trained | TrainingError | None] = [None] * len(tasks)
    groups: dict[tuple[object, ...], list[_Job]] = defaultdict(list)

    def settle(jobs: Sequence[_Job], fit: kernels.Fit, model: Callable[[int], Parameters]) -> None:
        scores = Scores.of(fit)
        mine: dict[int, list[tuple[str, int]]] = defaultdict(list)
        for n, job in enumerate(jobs):
            mine[job.task].append((job.name, n))
        for i, starts in mine.items():
            out[i] = choose(tasks[i], starts, fit, scores, model)

    plain = [i for i, task in enumerate(tasks) if task.is_plain]
    for i, result in zip(plain, batch.train([tasks[i] for i in plain], threads=threads), strict=True):
        out[i] = result
    for i, task in enumerate(tasks):
        if out[i] is not None:
            continue
        try:
            check(task)
        except TrainingError as error:
            out[i] = error
            continue
        jobs = [_Job(i, name, start) for name, start in starts_of(task)]
        if task.is_general:
            fit, models = _fit_generally(task, [job.start for job in jobs])
            settle(jobs, fit, models.__getitem__)
            continue
        kind = (task.n_states, task.observations.shape[1], task.covariance_type, task.n_iter, task.tol, task.weights is None)
        groups[kind].extend(jobs)
    for jobs in groups.values():
        fit = _fit_group(tasks, jobs, threads)
        settle(jobs, fit, partial(model_at, fit))
    return [result for result in out if result is not None]
