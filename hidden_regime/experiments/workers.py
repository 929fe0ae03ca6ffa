"""Trials in processes, here or on the machines of a cluster: in the order in which they were asked for, whoever is first."""

from __future__ import annotations

import os
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from threading import Lock
from typing import Any, TypeVar

from hidden_regime.exceptions import MissingDependencyError, ParameterError

BACKENDS = ("loky", "dask", "ray")
Job = TypeVar("Job")
Made = TypeVar("Made")


class Workers:
    """Maps a function over jobs.

    Parameters
    ----------
    count : int, optional
        Processes. Default: as many as there are processors, or as the cluster has. One works in this process.
    backend : str
        "loky": processes of this machine. "dask", "ray": those of the current `distributed.Client`, of `ray.init`.

    Raises
    ------
    ParameterError, MissingDependencyError
    """

    def __init__(self, count: int | None = None, backend: str = "loky") -> None:
        if backend not in BACKENDS:
            raise ParameterError("backend", backend, f"one of {', '.join(BACKENDS)}")
        if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 1):
            raise ParameterError("workers", count, "a whole number above 0")
        self.backend = backend
        self.count = count or (available() if backend == "loky" else None)

    def map(self, function: Callable[[Job], Made], jobs: Sequence[Job], lost: Callable[[Job], Made]) -> Iterator[Made]:
        """Results in the order of the jobs, each as soon as it and those before it are there.

        Parameters
        ----------
        function : callable
            Of a module that can be imported elsewhere; errors that it raises are raised here.
        jobs : sequence
        lost : callable
            Makes the result of a job whose process died, twice.
        """
        if self.backend == "dask":
            return self._on_dask(function, jobs)
        if self.backend == "ray":
            return self._on_ray(function, jobs)
        if self.count == 1 or len(jobs) < 2:
            return map(function, jobs)
        return self._in_processes(function, jobs, lost)

    def _in_processes(self, function: Callable[[Job], Made], jobs: Sequence[Job], lost: Callable[[Job], Made]) -> Iterator[Made]:
        done: list[Made] = []
        try:
            with _let_go(self._parallel(function, jobs, self.count or 1)) as found:
                for made in found:
                    done.append(made)
                    yield made
            return
        except Exception as error:
            if not _is_death(error):
                raise
        for job in jobs[len(done) :]:  # who died isn't known: each has a process to itself now
            try:
                yield next(iter(self._parallel(function, [job], 2)))
            except Exception as error:
                if not _is_death(error):
                    raise
                yield lost(job)

    @staticmethod
    def _parallel(function: Callable[[Job], Made], jobs: Sequence[Job], count: int) -> Iterator[Made]:
        joblib = _needed("joblib", "research")
        with joblib.parallel_config(backend="loky", n_jobs=count, inner_max_num_threads=1), _deaf():
            found: Iterator[Made] = joblib.Parallel(return_as="generator", batch_size=1, pre_dispatch="all")(
                joblib.delayed(function)(job) for job in jobs
            )
        return found

    @staticmethod
    def _on_dask(function: Callable[[Job], Made], jobs: Sequence[Job]) -> Iterator[Made]:
        distributed = _needed("distributed", "dask")
        try:
            client = distributed.get_client()
        except ValueError:
            raise ParameterError(
                "backend", "dask", "a dask cluster to work on", "Make one first: distributed.Client(address)."
            ) from None
        futures = client.map(partial(_in_turn, function), list(jobs), pure=False)
        return (future.result() for future in futures)

    @staticmethod
    def _on_ray(function: Callable[[Job], Made], jobs: Sequence[Job]) -> Iterator[Made]:
        ray = _needed("ray", "ray")
        if not ray.is_initialized():
            raise ParameterError("backend", "ray", "a ray cluster to work on", "Begin it first: ray.init(address=...).")
        remote = ray.remote(_call)
        waiting = [remote.remote(partial(function, job)) for job in jobs]
        return (ray.get(one) for one in waiting)


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes that begin inside don't hear Ctrl-C, which a terminal sends to all: this one does, and ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _let_go(found: Iterator[Made]) -> Iterator[Iterator[Made]]:
    """Results that may be left early, as by a search that has found what it looked for; joblib would warn of what it cancels."""
    try:
        yield found
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            found.close()  # type: ignore[attr-defined]


_TURN = Lock()


def _in_turn(function: Callable[[Job], Made], job: Job) -> Made:
    """A worker of dask has several threads, and a process runs one strategy at a time."""
    with _TURN:
        return function(job)


def _call(function: Callable[[], Any]) -> Any:
    return function()


def _is_death(error: BaseException) -> bool:
    """Whether an error says that a process has ended by itself, as one without memory does."""
    return any(kind.__name__ in ("TerminatedWorkerError", "BrokenProcessPool") for kind in type(error).__mro__)


def _needed(package: str, extra: str) -> Any:
    import importlib

    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise MissingDependencyError(
            f"workers need {package}: pip install 'hidden-regime[{extra}]', or work with one."
        ) from error


def available() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
