"""One run at a time: what a strategy imports, and what it may ask of LEAN's modules, belongs to the whole process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

from hidden_regime.exceptions import StrategyError

_RUNNING = RLock()


@contextmanager
def alone() -> Iterator[None]:
    """Hold the process for a run; another thread's run is refused meanwhile.

    Strategy files import each other by plain names, and a name can stand for one file only: of two strategies at once, each with
    a `helper` of its own beside it, one would get the other's. A run that a strategy begins within its own goes on.

    Raises
    ------
    StrategyError
        Another thread has a run going on.
    """
    if not _RUNNING.acquire(blocking=False):
        raise StrategyError(
            "another thread runs a strategy in this process: expected one at a time, for the modules that strategies import "
            "belong to the whole process. Run them in turn, or in processes: hidden_regime.experiments.optimize does, or "
            "concurrent.futures.ProcessPoolExecutor with run_strategy."
        )
    try:
        yield
    finally:
        _RUNNING.release()
