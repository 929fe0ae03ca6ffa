"""Where the time goes: named blocks, measured when profiling is on and free when it is off."""

from __future__ import annotations

import functools
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class PerformanceProfiler:
    """Durations by name of operation.

    Parameters
    ----------
    enabled : bool
        Whether it measures from the start.

    Examples
    --------
    >>> profiler = PerformanceProfiler()
    >>> with profiler.time_block("work"):
    ...     total = sum(range(10))
    >>> profiler.get_stats("work")["call_count"]
    1
    """

    def __init__(self, enabled: bool = True) -> None:
        self.enabled = enabled
        self._seconds: dict[str, list[float]] = {}

    def enable(self) -> None:
        """Measure from now on."""
        self.enabled = True

    def disable(self) -> None:
        """Stop measuring."""
        self.enabled = False

    def reset(self) -> None:
        """Forget all measurements."""
        self._seconds.clear()

    @contextmanager
    def time_block(self, name: str) -> Iterator[None]:
        """Measure a block."""
        if not self.enabled:
            yield
            return
        begin = perf_counter()
        try:
            yield
        finally:
            self._seconds.setdefault(name, []).append(perf_counter() - begin)

    def time_operation(self, name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """Decorator that measures each call of a function."""

        def decorate(function: Callable[P, R]) -> Callable[P, R]:
            @functools.wraps(function)
            def timed(*args: P.args, **keywords: P.kwargs) -> R:
                with self.time_block(name):
                    return function(*args, **keywords)

            return timed

        return decorate

    def get_stats(self, op: str | None = None) -> dict[str, Any]:
        """Figures of one operation (seconds), or of all by name."""
        if op is None:
            return {name: self.get_stats(name) for name in self._seconds}
        values = self._seconds.get(op, [])
        return {
            "operation": op,
            "call_count": len(values),
            "total_time": sum(values),
            "mean_time": statistics.fmean(values) if values else 0.0,
            "median_time": statistics.median(values) if values else 0.0,
            "min_time": min(values, default=0.0),
            "max_time": max(values, default=0.0),
            "std_dev": statistics.pstdev(values) if values else 0.0,
        }

    def get_summary(self) -> str:
        """Table of all operations, the dearest first."""
        rows = sorted(self.get_stats().values(), key=lambda row: -row["total_time"])
        lines = [f"{'operation':<24}{'calls':>8}{'total s':>10}{'mean ms':>10}{'median ms':>11}{'max ms':>10}"]
        lines += [
            f"{r['operation']:<24}{r['call_count']:>8}{r['total_time']:>10.3f}{r['mean_time'] * 1e3:>10.3f}"
            f"{r['median_time'] * 1e3:>11.3f}{r['max_time'] * 1e3:>10.3f}"
            for r in rows
        ]
        return "\n".join(lines)
