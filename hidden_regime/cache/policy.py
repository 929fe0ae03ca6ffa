"""When to train and when to look up: a trainer that never trains the same task twice."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

from hidden_regime.cache.entry import BadEntryError, is_sound, pack, unpack
from hidden_regime.cache.key import task_key
from hidden_regime.cache.stores import MemoryStore, Store
from hidden_regime.cache.stores.base import DamagedError
from hidden_regime.exceptions import CacheWarning, ObjectStoreError, TrainingError
from hidden_regime.guards import Turns
from hidden_regime.models.task import Task, Trained

Trainer = Callable[[Sequence[Task]], Sequence[Trained | TrainingError]]


def _warn(text: str) -> None:
    warnings.warn(CacheWarning(text), stacklevel=4)


class CachingTrainer:
    """A trainer that looks every task up before it trains what is missing.

    Exact: a hit is what training would have returned. Tiers are asked in order; what a lower one has goes into memory, what
    is trained goes into all of them. An entry that can't be used is a miss; a store that can't be read or written is left
    alone from then on. Each costs one warning, and the run goes on. Errors aren't kept.

    Parameters
    ----------
    trainer : callable
        Trains what isn't there.
    memory : MemoryStore
    *stores : Store
        Lasting tiers, the fastest first.
    arithmetic : str, optional
        Take what another kind of machine has trained: see `task_key`.
    eager : bool
        Have the stores write each training at once, which some save up: for live trading.
    timer : callable
        Seconds, for `seconds_saved`.
    report : callable, optional
        Told of problems instead of a `CacheWarning`.
    """

    def __init__(self, trainer: Trainer, memory: MemoryStore[Trained], *stores: Store, arithmetic: str | None = None,
                 eager: bool = False, timer: Callable[[], float] = perf_counter,
                 report: Callable[[str], None] = _warn) -> None:  # fmt: skip
        self.trainer, self.memory, self.stores, self.arithmetic = trainer, memory, stores, arithmetic
        self._timer, self._report, self._eager = timer, report, eager
        self.hits = self.misses = self.trainings = self.unusable = 0
        self._training_seconds = 0.0
        self._lookup_seconds = 0.0
        self._told: set[str] = set()
        self._closed: set[tuple[int, str]] = set()
        self._turn = Turns()

    @property
    def lasts(self) -> bool:
        """Whether models come from, or go, anywhere else than this process."""
        return bool(self.stores) or self.arithmetic is not None

    def _tell(self, kind: str, text: str) -> None:
        if kind not in self._told:
            self._told.add(kind)
            self._report(text)

    def _close(self, place: int, what: str, problem: Exception) -> None:
        """Don't ask this of the store again: what it can't do now it won't do at the next bar."""
        self._closed.add((place, what))
        done = "read: what it holds is trained anew" if what == "get" else "written: this run's models are not kept there"
        self._tell(f"{what} {place}", f"cache store {self.stores[place]!r} can't be {done} ({problem}).")

    def _look_up(self, key: str, task: Task) -> Trained | None:
        found = self.memory.get(key)
        for place, store in enumerate(self.stores):
            if found is not None:
                break
            if (place, "get") in self._closed:
                continue
            try:
                content = store.get(key)
                found = None if content is None else unpack(key, content, task)
            except BadEntryError as problem:
                self.unusable += 1
                self._tell("entry", f"cache entry {key[:12]} of {store!r} is not usable: {problem}. It is trained anew; "
                           "statistics() counts others like it, `hidden-regime cache verify` names them.")  # fmt: skip
            except DamagedError as problem:
                self.unusable += 1
                self._tell("entry", f"cache store {store!r} is damaged: {problem}. What it held there is trained anew; "
                           "`hidden-regime cache verify` names all that is damaged.")  # fmt: skip
            except (OSError, ObjectStoreError) as problem:
                self._close(place, "get", problem)
            if found is not None:
                self.memory.put(key, found)
        return found

    def _keep(self, key: str, task: Task, result: Trained) -> None:
        self.memory.put(key, result)
        if self.stores and not is_sound(task, result):  # at the edge of what numbers can say: a reader would refuse it
            return
        content = pack(key, result) if self.stores else b""
        for place, store in enumerate(self.stores):
            self._write(place, lambda store=store: store.put(key, content))  # type: ignore[misc]

    def _write(self, place: int, work: Callable[[], None]) -> None:
        if (place, "put") in self._closed:
            return
        try:
            work()
        except (OSError, ObjectStoreError) as problem:
            self._close(place, "put", problem)

    def flush(self) -> None:
        """Write what a store still holds back."""
        with self._turn:
            for place, store in enumerate(self.stores):
                self._write(place, store.flush)

    def __call__(self, tasks: Sequence[Task]) -> list[Trained | TrainingError]:
        """Results of the tasks, in order. Threads take turns at the stores, and train side by side."""
        begin = self._timer()
        keys = [task_key(task, self.arithmetic) for task in tasks]
        with self._turn:
            out: list[Any] = [self._look_up(key, task) for key, task in zip(keys, tasks, strict=True)]
            missing = [i for i, result in enumerate(out) if result is None]
            self.hits += len(tasks) - len(missing)
            self.misses += len(missing)
            self._lookup_seconds += self._timer() - begin
        if missing:
            begin = self._timer()
            results = self.trainer([tasks[i] for i in missing])
            with self._turn:
                self._training_seconds += self._timer() - begin
                for i, result in zip(missing, results, strict=True):
                    out[i] = result
                    if isinstance(result, Trained):
                        self.trainings += 1
                        self._keep(keys[i], tasks[i], result)
                if self._eager:
                    self.flush()
        return [result for result in out if result is not None]

    def statistics(self) -> dict[str, Any]:
        """Counts of this trainer: hit_count, miss_count, hit_rate, total_requests, cache_size, max_cache_size, evictions,
        trainings, unusable (entries that were damaged), seconds_saved (hits at this run's mean cost of a training, less the
        time of all look-ups)."""
        requests = self.hits + self.misses
        cost = self._training_seconds / self.misses if self.misses else 0.0
        return {
            "hit_count": self.hits,
            "miss_count": self.misses,
            "hit_rate": self.hits / requests if requests else 0.0,
            "total_requests": requests,
            "cache_size": len(self.memory),
            "max_cache_size": self.memory.max_size,
            "evictions": self.memory.evictions,
            "trainings": self.trainings,
            "unusable": self.unusable,
            "seconds_saved": self.hits * cost - self._lookup_seconds if self.misses and self.hits else 0.0,
        }
