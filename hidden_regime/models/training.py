"""Training of one or many models in one kernel call: every start of every task is a job of its own.

A task's result depends on nothing but the task, so it is the same alone, in a batch, and in any number of threads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from hidden_regime import kernels
from hidden_regime.exceptions import ConstantDataError, TrainingError, WindowTooShortError
from hidden_regime.kernels.results import Floats
from hidden_regime.models import initialisation
from hidden_regime.models.parameters import Evidence, Parameters

BLEND = 1e-3
"""Uniform mass blended into a warm start's chain."""


@dataclass(frozen=True)
class Task:
    """Everything that a training depends on.

    Parameters
    ----------
    observations : (n_samples, n_features)
        The window; rows with NaN are missing.
    n_states : int
    covariance_type : str
        One of `kernels.COVARIANCES`.
    n_iter, tol
        Limits of EM, in M-steps and nats.
    min_covar : float
        Least variance of a feature, as a share of its variance in the window.
    starts : tuple of str
        Of "volatility", "kmeans" and "random" (may repeat).
    seed : int
        Seeds the k-means and random starts.
    margin : float
        Nats by which a later start must beat the first (the warm one, if there is one).
    stay_duration, stay_weight : float
        Prior for every state to last `stay_duration` bars, worth `stay_weight` transitions out of each.
    ranking : (n_samples,), optional
        Volatility around each observation, for the start by rank.
    warm : Parameters, optional
        Model to go on from.
    memory : Evidence, optional
        What observations before the window said.
    custom : Parameters, optional
        A start of the user's own, before all others.
    emission : str
        "gaussian" or "student_t".
    degrees : float, optional
        Degrees of freedom of every Student-t; None estimates them.
    lengths : tuple of int
        Lengths of the sequences that lie one after the other in the observations; empty for a single one.
    weights : (n_samples,), optional
        Power to which each observation's density is raised.
    mask : (n_states, n_states), optional
        0 where a transition is impossible, 1 elsewhere.
    startprob_counts, transmat_counts : array, optional
        Pseudo-counts of the first state and of transitions, besides those of `stay_weight`.
    """

    observations: Floats
    n_states: int
    covariance_type: str = "full"
    n_iter: int = 200
    tol: float = 1e-4
    min_covar: float = 1e-3
    starts: tuple[str, ...] = ("volatility",)
    seed: int = 0
    margin: float = 0.0
    stay_duration: float = 1.0
    stay_weight: float = 0.0
    ranking: Floats | None = None
    warm: Parameters | None = None
    memory: Evidence | None = None
    custom: Parameters | None = None
    emission: str = "gaussian"
    degrees: float | None = None
    lengths: tuple[int, ...] = ()
    weights: Floats | None = None
    mask: Floats | None = None
    startprob_counts: Floats | None = None
    transmat_counts: Floats | None = None

    @property
    def is_general(self) -> bool:
        """Whether the fast kernels can't do it."""
        absent = np.isnan(self.observations)
        partly = bool((absent.any(axis=1) & ~absent.all(axis=1)).any())
        return self.emission != "gaussian" or len(self.lengths) > 1 or partly


class Restart(NamedTuple):
    """How one start ended."""

    start: str
    log_likelihood: float
    objective: float
    n_iter: int
    converged: bool
    chosen: bool


@dataclass(frozen=True)
class Trained:
    """A fitted model and how the fit went; `history` is the objective at each iteration and never falls."""

    parameters: Parameters
    log_likelihood: float
    objective: float
    n_iter: int
    converged: bool
    history: Floats
    restarts: tuple[Restart, ...] = field(default=())


def check(task: Task) -> None:
    """Raise the typed error of a window that can't be trained."""
    x = task.observations
    complete = x[~np.isnan(x).any(axis=1)]
    if len(complete) < max(task.n_states, 2):
        raise WindowTooShortError(
            f"{len(complete)} complete observations of {len(x)} can't train n_states = {task.n_states} states: "
            f"expected at least {max(task.n_states, 2)}. Give more bars or ask for fewer states."
        )
    if not np.isfinite(complete).all():
        raise TrainingError("observations hold an infinite value: expected finite numbers, or NaN where one is missing.")
    # Rounding leaves some spread in a column of equal numbers, so zero is meant relative to their size.
    flat = np.flatnonzero(complete.std(axis=0) <= 1e-12 * np.abs(complete).max(axis=0))
    if len(flat):
        raise ConstantDataError(
            f"feature {int(flat[0])} is constant ({complete[0, flat[0]]:g}) over all {len(complete)} observations: regimes "
            "can only be told apart by something that varies. Check the data.",
            int(flat[0]),
        )
    if task.n_states > 1 and len(np.unique(complete[:, 0])) < task.n_states and len(np.unique(complete, axis=0)) < task.n_states:
        raise TrainingError(
            f"{len(complete)} observations take fewer distinct values than n_states = {task.n_states}: ask for fewer states."
        )
    needed = n_parameters(task.n_states, x.shape[1], task.covariance_type)
    if complete.size < needed:
        raise WindowTooShortError(
            f"{len(complete)} complete observations of {x.shape[1]} features can't determine {needed} parameters: give more bars "
            f"or ask for fewer states than n_states = {task.n_states}."
        )


def n_parameters(n_states: int, n_features: int, covariance_type: str) -> int:
    """Free parameters of a hidden Markov model with Gaussian emissions."""
    k, d = n_states, n_features
    spread = {"diag": k * d, "full": k * d * (d + 1) // 2, "spherical": k, "tied": d * (d + 1) // 2}[covariance_type]
    return (k - 1) + k * (k - 1) + k * d + spread


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
            ranking = initialisation.volatility_ranking(x) if task.ranking is None else task.ranking
            start = initialisation.from_ranking(x, ranking, k)
        elif name == "kmeans":
            start = initialisation.from_kmeans(x, k, generator)
        else:
            start = initialisation.from_random(x, k, generator)
        if task.memory is not None and (task.memory.weight > 0).any():
            start = start.reordered(nearest_order(start, task.memory, x))
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
    from hidden_regime.models.general import FIRST_DEGREES

    nu = FIRST_DEGREES if task.degrees is None else task.degrees
    spread = start.covars
    if start.degrees is not None:
        spread = spread * (start.degrees / (start.degrees - 2.0))[:, None, None]
    return start._replace(covars=spread * (nu - 2.0) / nu, degrees=np.full(task.n_states, nu))


def nearest_order(start: Parameters, memory: Evidence, observations: Floats) -> list[int]:
    """Order of a start's states that puts each beside the state of the memory which it resembles most."""
    from scipy.optimize import linear_sum_assignment

    scale = np.nanstd(observations, axis=0)
    away = ((memory.means[:, None] - start.means[None]) / scale) ** 2
    cost = away.sum(axis=2) * (memory.weight[:, None] > 0)
    return [int(j) for j in linear_sum_assignment(cost)[1]]


def _prior(task: Task) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    n_states, n_features = task.n_states, task.observations.shape[1]
    memory = task.memory or Evidence.nothing(n_states, n_features)
    transitions = np.zeros((n_states, n_states))
    if task.stay_weight > 0 and n_states > 1:
        leave = task.stay_weight / task.stay_duration
        transitions[:] = leave / (n_states - 1)
        np.fill_diagonal(transitions, task.stay_weight - leave)
    if task.transmat_counts is not None:
        transitions = transitions + task.transmat_counts
    if task.mask is not None:
        transitions = transitions * task.mask
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

    for i, task in enumerate(tasks):
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
    from hidden_regime.models import general

    first, transitions, *moments = _prior(task)
    counts, floor = np.concatenate([transitions, first[None]]), task.min_covar * np.nanvar(task.observations, axis=0)
    fits = [general.fit(task, job.start, counts, Evidence(*moments), floor) for job in jobs]
    return [fit for fit, _ in fits], [degrees for _, degrees in fits]
