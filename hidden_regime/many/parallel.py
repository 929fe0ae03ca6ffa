"""Many trainings at once, with equal results whoever does them: threads, processes, or the machines of a cluster."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hidden_regime import kernels
from hidden_regime.exceptions import ParallelWarning, ParameterError, RegimeError, TrainingError
from hidden_regime.models.training import Task, Trained, train

MOST_THREADS = 4
"""A strategy's machine has few cores; more threads than series only cost their start."""

BACKENDS = ("kernel", "threading", "loky", "dask", "ray")
PATIENCE = 600.0
"""Seconds that processes may take for one call before they count as not starting."""

Part = TypeVar("Part")
Result = TypeVar("Result")


def _warn(text: str) -> None:
    warnings.warn(ParallelWarning(text), stacklevel=4)


def check_backend(backend: str, workers: int | None) -> None:
    """Raise unless there are such a backend and number of workers."""
    if backend not in BACKENDS:
        raise ParameterError("backend", backend, f"one of {BACKENDS}")
    if workers is not None and (isinstance(workers, bool) or not isinstance(workers, int) or workers < 1):
        raise ParameterError("max_workers", workers, "an integer of at least 1, or None")
    package = {"threading": "joblib", "loky": "joblib", "dask": "distributed", "ray": "ray"}.get(backend)
    if package is not None:
        import importlib.util

        if importlib.util.find_spec(package) is None:
            extra = {"distributed": "dask", "joblib": "parallel"}.get(package, package)
            raise ParameterError("backend", backend, "a backend that is installed", f"pip install 'hidden-regime[{extra}]'")


def train_together(tasks: Sequence[Task], *, threads: int | None = None) -> list[Trained | TrainingError]:
    """Train all tasks in one kernel call that threads share; they are joined before it returns.

    Parameters
    ----------
    tasks : sequence of Task
    threads : int, optional
        Default: one for each processor, at most four.
    """
    return train(tasks, threads=count_threads(threads))


def count_threads(threads: int | None) -> int:
    """Threads that were asked for; by default one for each processor, at most four."""
    return min(os.cpu_count() or 1, MOST_THREADS) if threads is None else threads


def count_workers(backend: str, workers: int | None) -> int:
    """How many workers there are: as many as asked for, as the cluster has, or as this machine has processors."""
    if workers is None and backend in ("dask", "ray"):
        import joblib

        try:
            with _joblib(backend, -1):
                return int(joblib.effective_n_jobs(-1))
        except Exception:  # noqa: BLE001  a cluster that isn't there is told of when it is asked to work
            return os.cpu_count() or 1
    return workers or os.cpu_count() or 1


def _joblib(backend: str, workers: int) -> Any:
    import joblib

    if backend == "ray":
        import ray.util.joblib as with_ray

        register: Any = with_ray.register_ray
        register()
    return joblib.parallel_config(backend=backend, n_jobs=workers)


def _elsewhere(function: Callable[[Part], Result], part: Part, backend: str) -> tuple[Result, str]:
    """In another process: with the kernels that were in use at home, where they are to be had."""
    with kernels.using(backend if backend in kernels.available() else kernels.backend()):
        return function(part), kernels.arithmetic()


def map_parts(function: Callable[[Part], Result], parts: Sequence[Part], *, backend: str, workers: int | None = None,
              report: Callable[[str], None] = _warn) -> list[Result]:  # fmt: skip
    """Results of a function of each part, in order, by joblib's workers.

    Where processes can't start (inside some builds of LEAN, in sandboxes) threads do the work, and `report` is told. A
    function's own errors of this package are raised as they are.

    Parameters
    ----------
    function : callable
        Of a module that can be imported elsewhere.
    parts : sequence
    backend : str
        "threading", "loky", "dask" (with the cluster of the current `distributed.Client`) or "ray" (with that of `ray.init`).
    workers : int, optional
        Default: all.
    report : callable
    """
    import joblib

    home = kernels.arithmetic()
    if backend != "threading" and len(parts):
        try:
            # Processes have a limit, for one that can't start may wait for ever; a cluster has its own.
            options: dict[str, Any] = {"timeout": PATIENCE} if backend == "loky" else {}
            with _joblib(backend, workers or -1):
                work = joblib.delayed(_elsewhere)
                found = joblib.Parallel(**options)(work(function, part, kernels.backend()) for part in parts)
            strangers = {arithmetic for _, arithmetic in found} - {home}
            if strangers:
                report(f"workers of backend={backend!r} have other kernels ({', '.join(sorted(strangers))} instead of {home}): "
                       "their results agree to rounding only. Install hidden-regime there as it is here.")  # fmt: skip
            return [result for result, _ in found]
        except RegimeError:
            raise
        except Exception as error:  # noqa: BLE001  each backend has its own errors of workers that don't start or die
            report(f"backend={backend!r} can't be used here ({type(error).__name__}: {error}); threads do its work.")
    with _joblib("threading", workers or -1):
        return list(joblib.Parallel()(joblib.delayed(function)(part) for part in parts))


class BatchTrainer:
    """Trains many tasks at once: a trainer for `CachingTrainer`, algorithms and `run_many`.

    Parameters
    ----------
    backend : str
        "kernel": one call of the kernels with threads inside, best on one machine. "threading", "loky", "dask", "ray":
        joblib's, for models that the kernels don't train (Student-t) and for clusters.
    max_workers : int, optional
        Threads or workers.
    report : callable, optional
        Told when threads must do the work of processes, instead of a `ParallelWarning`.

    Examples
    --------
    >>> import numpy as np
    >>> from hidden_regime.models.training import Task
    >>> tasks = [Task(np.random.default_rng(i).normal(size=(100, 1)), 2) for i in range(4)]
    >>> [result.converged for result in BatchTrainer()(tasks)]
    [True, True, True, True]
    """

    def __init__(self, backend: str = "kernel", max_workers: int | None = None, *,
                 report: Callable[[str], None] = _warn) -> None:  # fmt: skip
        check_backend(backend, max_workers)
        self.backend, self.max_workers, self._report = backend, max_workers, report

    def __call__(self, tasks: Sequence[Task]) -> list[Trained | TrainingError]:
        """Results of the tasks, in order."""
        if self.backend == "kernel" or len(tasks) < 2:
            return train_together(tasks, threads=self.max_workers)
        count = min(count_workers(self.backend, self.max_workers), len(tasks))
        parts = [list(tasks[i::count]) for i in range(count)]
        out: list[Trained | TrainingError | None] = [None] * len(tasks)
        for i, found in enumerate(map_parts(train, parts, backend=self.backend, workers=count, report=self._tell)):
            out[i::count] = found
        return [result for result in out if result is not None]

    def _tell(self, text: str) -> None:
        """Once; what could not start won't start at the next bar, and a slow attempt each time would cost more than it gains."""
        self._report(text)
        if "can't be used" in text:
            self.backend = "threading"
