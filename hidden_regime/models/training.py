"""Training of one or many models in one kernel call: every start of every task is a job of its own.

A task's result depends on nothing but the task, so it is the same alone, in a batch, and in any number of threads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from hidden_regime import kernels
from hidden_regime.exceptions import TrainingError
from hidden_regime.kernels.results import Floats
from hidden_regime.models import batch, initialisation
from hidden_regime.models.arrays import distances
from hidden_regime.models.assignment import assign
from hidden_regime.models.parameters import Evidence, Parameters
from hidden_regime.models.task import BLEND, Restart, Task, Trained, check, n_parameters

__all__ = ["BLEND", "Restart", "Task", "Trained", "check", "n_parameters", "train", "transition_counts"]


def _starts(task: Task) -> list[tuple[str, Parameters]]:
    x, k = task.observations, task.n_states
    out: list[tuple[str, Parameters]] = []
    if task.custom is not None:
        out.append(("custom", task.custom))
    if task.warm is not None:
        out.append(("warm", task.warm.blended(BLEND)))
    for i, name in enumerate(task.starts):
        generator = np.random.default_rng([task.seed, i])
        if name == "volatility":
            column, is_volatility = (task.ranked_by, task.is_volatility)
            if np.isnan(x[:, column]).all():
                column, is_volatility = 0, False
            start = initialisation.from_ranking(x, initialisation.volatility_ranking(x, column, is_volatility=is_volatility), k)
        elif name == "kmeans":
            start = initialisation.from_kmeans(x, k, generator)
        else:
            start = initialisation.from_random(x, k, generator)
        if task.memory is not None and (task.memory.weight > 0).any():
            cost = distances(task.memory.means[None], start.means[None], np.nanstd(x, axis=0)[None])
            start = start.reordered(assign(cost * (task.memory.weight[:, None] > 0))[0].tolist())
        out.append((name, start))
    if task.mask is not None and task.starts:
        # A chain that may not go back needs its states in order of time, which no ranking gives.
        lengths = task.lengths or (len(x),)
        groups = np.concatenate([np.arange(n) * k // n for n in lengths])
        out.append(("stretches", initialisation.from_groups(x, groups, k)))
    return [(name, _as_emission(task, start).masked(task.mask)) for name, start in out]


def _as_emission(task: Task, start: Parameters) -> Parameters:
    """A start of Gaussians as one of Student-t's with the same covariances."""
    if task.emission == "gaussian" or (start.degrees is not None and task.degrees is None):
        return start
    from hidden_regime.models.em_python import FIRST_DEGREES

    nu = FIRST_DEGREES if task.degrees is None else task.degrees
    spread = start.covars
    if start.degrees is not None:
        spread = spread * (start.degrees / (start.degrees - 2.0))[:, None, None]
    return start._replace(covars=spread * (nu - 2.0) / nu, degrees=np.full(task.n_states, nu))


def transition_counts(task: Task) -> Floats:
    """Pseudo-counts (n_states, n_states) that the prior adds to those of the transitions."""
    n_states = task.n_states
    transitions = np.zeros((n_states, n_states))
    if task.stay_weight > 0 and n_states > 1:
        leave = task.stay_weight / task.stay_duration
        transitions[:] = leave / (n_states - 1)
        np.fill_diagonal(transitions, task.stay_weight - leave)
    if task.transmat_counts is not None:
        transitions = transitions + task.transmat_counts
    if task.mask is not None:
        transitions = transitions * task.mask
    return transitions


def _prior(task: Task) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    n_states, n_features = task.n_states, task.observations.shape[1]
    memory, transitions = task.memory or Evidence.nothing(n_states, n_features), transition_counts(task)
    first = np.zeros(n_states) if task.startprob_counts is None else task.startprob_counts
    return first, transitions, memory.weight, memory.means, memory.covars


class _Job(NamedTuple):
    task: int
    name: str
    start: Parameters


def _fit_group(tasks: Sequence[Task], jobs: Sequence[_Job], threads: int) -> list[kernels.Fit]:
    """Fits of jobs that share shapes and limits, one small `Fit` each."""
    first = tasks[jobs[0].task]
    used = sorted({job.task for job in jobs})
    place = {task: i for i, task in enumerate(used)}
    longest = max(len(tasks[i].observations) for i in used)
    series = np.full((len(used), longest, first.observations.shape[1]), np.nan)
    for task, i in place.items():
        series[i, : len(tasks[task].observations)] = tasks[task].observations
    windows = np.array([[place[j.task], 0, len(tasks[j.task].observations)] for j in jobs], np.int64)
    startprob, transmat, means, covars = (np.stack(arrays) for arrays in zip(*(j.start[:4] for j in jobs), strict=True))
    by_task = {task: _prior(tasks[task]) for task in used}
    prior = kernels.Prior(*(np.stack(arrays) for arrays in zip(*(by_task[j.task] for j in jobs), strict=True)))
    said = any(part.any() for part in (prior.startprob, prior.transmat, prior.weight))
    variance = {task: np.nanvar(tasks[task].observations, axis=0) for task in used}
    floor = np.stack([tasks[j.task].min_covar * variance[j.task] for j in jobs])

    weights = None
    if first.weights is not None:
        weights = np.ones((len(used), longest))
        for task, i in place.items():
            weights[i, : len(tasks[task].observations)] = tasks[task].weights
    fits = kernels.fit(
        series,
        windows,
        startprob,
        transmat,
        means,
        covars,
        prior if said else None,
        covariance_type=first.covariance_type,
        n_iter=first.n_iter,
        tol=first.tol,
        floor=floor,
        weights=weights,
        threads=threads,
    )
    return [kernels.Fit._make(a[i : i + 1] for a in fits) for i in range(len(jobs))]


def _choose(task: Task, jobs: Sequence[_Job], fits: Sequence[kernels.Fit], degrees: Sequence[Floats | None]) -> Trained:
    usable = [i for i, fit in enumerate(fits) if fit.ok[0] and np.isfinite(fit.objective[0])]
    if not usable:
        raise TrainingError(
            f"no start of {[j.name for j in jobs]} gave positive variances: raise min_covar (now {task.min_covar:g}), or "
            "ask for fewer states."
        )
    best = usable[0]
    for i in usable[1:]:
        if fits[i].objective[0] > fits[best].objective[0] + (task.margin if best == usable[0] else 0.0):
            best = i
    table = tuple(
        Restart(job.name, float(fit.log_likelihood[0]), float(fit.objective[0]), int(fit.n_iter[0]), bool(fit.converged[0]),
                i == best)
        for i, (job, fit) in enumerate(zip(jobs, fits, strict=True)))  # fmt: skip
    fit = fits[best]
    n_iter = int(fit.n_iter[0])
    return Trained(
        Parameters(fit.startprob[0], fit.transmat[0], fit.means[0], fit.covars[0], degrees[best]), float(fit.log_likelihood[0]),
        float(fit.objective[0]), n_iter, bool(fit.converged[0]), fit.history[0, : n_iter + 1], table)  # fmt: skip


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

    def settle(jobs: Sequence[_Job], fits: Sequence[kernels.Fit], degrees: Sequence[Floats | None]) -> None:
        for i in {job.task: None for job in jobs}:
            mine = [n for n, job in enumerate(jobs) if job.task == i]
            try:
                out[i] = _choose(tasks[i], [jobs[n] for n in mine], [fits[n] for n in mine], [degrees[n] for n in mine])
            except TrainingError as error:
                out[i] = error

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
        jobs = [_Job(i, name, start) for name, start in _starts(task)]
        if task.is_general:
            settle(jobs, *_fit_generally(task, jobs))
            continue
        kind = (task.n_states, task.observations.shape[1], task.covariance_type, task.n_iter, task.tol, task.weights is None)
        groups[kind].extend(jobs)
    for jobs in groups.values():
        settle(jobs, _fit_group(tasks, jobs, threads), [None] * len(jobs))
    return [result for result in out if result is not None]


def _fit_generally(task: Task, jobs: Sequence[_Job]) -> tuple[list[kernels.Fit], list[Floats | None]]:
    from hidden_regime.models import em_python

    first, transitions, *moments = _prior(task)
    counts, floor = np.concatenate([transitions, first[None]]), task.min_covar * np.nanvar(task.observations, axis=0)
    fits = [em_python.fit(task, job.start, counts, Evidence(*moments), floor) for job in jobs]
    return [fit for fit, _ in fits], [degrees for _, degrees in fits]
