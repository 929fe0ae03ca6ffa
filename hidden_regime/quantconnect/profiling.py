"""Where the time goes: named blocks within blocks, measured when profiling is on and next to free when it is off."""

from __future__ import annotations

import functools
import json
import threading
from array import array
from collections.abc import Callable, Iterator
from time import perf_counter
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class _Block:
    """One name at one place of the tree; entering it makes it the place where others are nested."""

    __slots__ = ("begin", "children", "home", "name", "parent", "seconds")

    def __init__(self, name: str, parent: _Block | None, home: _Home) -> None:
        self.name, self.parent, self.home = name, parent, home
        self.children: dict[str, _Block] = {}
        self.seconds = array("d")
        self.begin = 0.0

    def __enter__(self) -> None:
        self.home.current = self
        self.begin = perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds.append(perf_counter() - self.begin)
        self.home.current = self.parent  # type: ignore[assignment]

    def child(self, name: str) -> _Block:
        found = self.children.get(name)
        if found is None:
            found = self.children[name] = _Block(name, self, self.home)
        return found

    def walk(self, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], _Block]]:
        for block in self.children.values():
            here = (*path, block.name)
            yield here, block
            yield from block.walk(here)


class _Home(threading.local):
    """Where a thread is in its own tree."""

    current: _Block


class _Off:
    """A block that measures nothing."""

    __slots__ = ()

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


_OFF = _Off()


class _Operation:
    """Decorator and block in one."""

    def __init__(self, profiler: PerformanceProfiler, name: str) -> None:
        self._profiler, self._name = profiler, name
        self._open: list[_Block | _Off] = []

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        profiler, name = self._profiler, self._name

        @functools.wraps(function)
        def timed(*args: P.args, **keywords: P.kwargs) -> R:
            if not profiler.enabled:
                return function(*args, **keywords)
            with profiler.time_block(name):
                return function(*args, **keywords)

        return timed

    def __enter__(self) -> None:
        self._open.append(self._profiler.time_block(self._name))
        self._open[-1].__enter__()

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._open.pop().__exit__(kind, value, trace)


class PerformanceProfiler:
    """Durations by name of operation, and by where one was called from.

    Parameters
    ----------
    enabled : bool
        Whether it measures from the start.

    Examples
    --------
    >>> profiler = PerformanceProfiler()
    >>> with profiler.time_block("work"):
    ...     with profiler.time_block("part"):
    ...         total = sum(range(10))
    >>> profiler.get_stats("part")["call_count"]
    1
    """

    def __init__(self, enabled: bool = True) -> None:
        self.enabled = enabled
        self.reset()

    def enable(self) -> None:
        """Measure from now on."""
        self.enabled = True

    def disable(self) -> None:
        """Stop measuring; a block that is open is still counted."""
        self.enabled = False

    def reset(self) -> None:
        """Forget all measurements."""
        self._home = _Home()
        self._roots: list[_Block] = []

    def time_block(self, name: str) -> _Block | _Off:
        """Measure a block: `with profiler.time_block("name"):`."""
        if not self.enabled:
            return _OFF
        try:
            return self._home.current.child(name)
        except AttributeError:  # this thread's first block
            root = self._home.current = _Block("", None, self._home)
            self._roots.append(root)
            return root.child(name)

    def add(self, name: str, seconds: float) -> None:
        """Count an operation that somebody else has measured, where this thread is; none that took no time."""
        block = self.time_block(name)
        if seconds > 0.0 and isinstance(block, _Block):
            block.seconds.append(seconds)

    def time_operation(self, name: str) -> _Operation:
        """Decorator that measures each call of a function; also a block."""
        return _Operation(self, name)

    def _places(self) -> dict[tuple[str, ...], tuple[array[float], float]]:
        """Durations at each place of the tree, of all threads, and the seconds of the blocks within."""
        out: dict[tuple[str, ...], tuple[array[float], float]] = {}
        for root in list(self._roots):
            for path, block in root.walk():
                seconds, inside = out.get(path, (array("d"), 0.0))
                within = sum(sum(child.seconds) for child in block.children.values())
                out[path] = (seconds + block.seconds, inside + within)
        return out

    def get_stats(self, op: str | None = None) -> dict[str, Any]:
        """Figures of one operation in seconds, wherever it was called from; without a name those of all, by name.

        Returns
        -------
        dict
            operation, call_count, total_time, self_time (without the blocks within), mean_time, median_time, p95_time, p99_time,
            min_time, max_time, std_dev.
        """
        places = self._places()
        if op is None:
            return {name: self.get_stats(name) for name in dict.fromkeys(path[-1] for path in places)}
        seconds, inside = array("d"), 0.0
        for path, (some, within) in places.items():
            if path[-1] == op:
                seconds, inside = seconds + some, inside + within
        return _figures(op, seconds, inside)

    def get_tree(self) -> list[dict[str, Any]]:
        """Figures of each place of the tree, as `get_stats` has them, with its `path`; a block stands before those within."""
        return [{"path": list(path), **_figures(path[-1], *found)} for path, found in self._places().items()]

    def to_json(self) -> str:
        """`get_tree` as JSON."""
        return json.dumps(self.get_tree())

    def get_summary(self) -> str:
        """Table of all places, what lies within a block indented below it. Times in milliseconds, the total in seconds."""
        lines = [f"{'operation':<28}{'calls':>8}{'total s':>9}{'own s':>9}" + "".join(f"{name + ' ms':>11}" for name in _COLUMNS)]
        for row in self.get_tree():
            name = "  " * (len(row["path"]) - 1) + row["operation"]
            lines.append(
                f"{name:<28}{row['call_count']:>8}{row['total_time']:>9.3f}{row['self_time']:>9.3f}"
                + "".join(f"{row[f'{column}_time'] * 1e3:>11.4f}" for column in _COLUMNS)
            )
        return "\n".join(lines)


_COLUMNS = ("mean", "median", "p95", "p99", "min", "max")


def _figures(name: str, seconds: array[float], inside: float) -> dict[str, Any]:
    n, total = len(seconds), sum(seconds)
    ordered = sorted(seconds)
    mean = total / n if n else 0.0

    def at(share: float) -> float:
        """Quantile between the two nearest values, as numpy has it by default."""
        if not n:
            return 0.0
        place = share * (n - 1)
        low = int(place)
        return ordered[low] + (place - low) * (ordered[min(low + 1, n - 1)] - ordered[low])

    return {
        "operation": name,
        "call_count": n,
        "total_time": total,
        "self_time": total - inside,
        "mean_time": mean,
        "median_time": at(0.5),
        "p95_time": at(0.95),
        "p99_time": at(0.99),
        "min_time": at(0.0),
        "max_time": at(1.0),
        "std_dev": (sum((value - mean) ** 2 for value in ordered) / n) ** 0.5 if n else 0.0,
    }


_GLOBAL = PerformanceProfiler(enabled=False)


def get_global_profiler() -> PerformanceProfiler:
    """A profiler for code of your own, off until `enable` is called."""
    return _GLOBAL


def profile_regime_update(function: Callable[P, R]) -> Callable[P, R]:
    """Decorator that measures a function as "regime_update" with the global profiler."""
    return _GLOBAL.time_operation("regime_update")(function)
