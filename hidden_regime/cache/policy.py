"""When to train and when to look up: a trainer that never trains the same task twice."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

from hidden_regime.cache.entry import BadEntryError, pack, unpack
from hidden_regime.cache.key import task_key
from hidden_regime.cache.stores import MemoryStore, Store
from hidden_regime.exceptions import CacheWarning, TrainingError
from hidden_regime.models.training import Task, Trained

Trainer = Callable[[Sequence[Task]], Sequence[Trained | TrainingError]]


class CachingTrainer:
    """A trainer that looks every task up before it trains what is missing.

    Exact: a hit is what training would have returned. An entry that can't be used is a miss with a warning; a store that
    can't be written costs a warning and nothing else. Errors aren't kept.

    Parameters
    ----------
    trainer : callable
        Trains what isn't there.
    memory : MemoryStore
    store : Store, optional
        A second, lasting tier, read when memory doesn't have an entry.
    timer : callable
        Seconds, for `seconds_saved`.
    """

    def __init__(self, trainer: Trainer, memory: MemoryStore, store: Store | None = None,
                 *, timer: Callable[[], float] = perf_counter) -> None:  # fmt: skip
        self.trainer, self.memory, self.store = trainer, memory, store
        self._timer = timer
        self.hits = self.misses = self.trainings = 0
        self._training_seconds = 0.0
        self._lookup_seconds = 0.0

    def _look_up(self, key: str) -> Trained | None:
        for tier in (self.memory, self.store):
            if tier is None:
                continue
            try:
                content = tier.get(key)
                if content is None:
                    continue
                found = unpack(key, content)
            except (BadEntryError, OSError) as problem:
                warnings.warn(CacheWarning(f"cache entry {key[:12]} is not usable: {problem}. It is trained anew."), stacklevel=3)
                continue
            if tier is not self.memory:
                self.memory.put(key, content)
            return found
        return None

    def _keep(self, key: str, result: Trained) -> None:
        content = pack(key, result)
        self.memory.put(key, content)
        if self.store is not None:
            try:
                self.store.put(key, content)
            except OSError as problem:
                warnings.warn(CacheWarning(f"cache entry {key[:12]} could not be stored: {problem}."), stacklevel=3)

    def __call__(self, tasks: Sequence[Task]) -> list[Trained | TrainingError]:
        """Results of the tasks, in order."""
        begin = self._timer()
        keys = [task_key(task) for task in tasks]
        out: list[Trained | TrainingError | None] = [self._look_up(key) for key in keys]
        missing = [i for i, result in enumerate(out) if result is None]
        self.hits += len(tasks) - len(missing)
        self.misses += len(missing)
        self._lookup_seconds += self._timer() - begin
        if missing:
            begin = self._timer()
            results = self.trainer([tasks[i] for i in missing])
            self._training_seconds += self._timer() - begin
            for i, result in zip(missing, results, strict=True):
                out[i] = result
                if isinstance(result, Trained):
                    self.trainings += 1
                    self._keep(keys[i], result)
        return [result for result in out if result is not None]

    def statistics(self) -> dict[str, Any]:
        """Counts of this trainer: hit_count, miss_count, hit_rate, total_requests, cache_size, max_cache_size, evictions,
        trainings, seconds_saved (hits at this run's mean cost of a training, less the time of all look-ups)."""
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
            "seconds_saved": self.hits * cost - self._lookup_seconds if self.misses and self.hits else 0.0,
        }
