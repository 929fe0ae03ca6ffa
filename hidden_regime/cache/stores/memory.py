"""Results in memory, the least recently used making room."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

from hidden_regime.exceptions import ParameterError
from hidden_regime.guards import Turns

T = TypeVar("T")


class MemoryStore(Generic[T]):
    """The most recently used results. Unlike the lasting stores it keeps objects and not bytes, so a hit costs nothing.

    Parameters
    ----------
    max_size : int
        Number of entries; the one unused for longest makes room.
    """

    def __init__(self, max_size: int = 100) -> None:
        if not isinstance(max_size, int) or isinstance(max_size, bool) or max_size < 1:
            raise ParameterError("max_cache_size", max_size, "an integer of at least 1")
        self.max_size = max_size
        self.evictions = 0
        # Not cachetools': LEAN's image may lack it, and a bundle for the cloud has no file to spare for it.
        self._entries: OrderedDict[str, T] = OrderedDict()
        self._turn = Turns()

    def get(self, key: str) -> T | None:
        """Result of a key, or None."""
        with self._turn:
            found = self._entries.get(key)
            if found is not None:
                self._entries.move_to_end(key)
            return found

    def put(self, key: str, result: T) -> None:
        """Keep a result."""
        with self._turn:
            self._entries[key] = result
            self._entries.move_to_end(key)
            while len(self._entries) > self.max_size:
                self._entries.popitem(last=False)
                self.evictions += 1

    def clear(self) -> None:
        """Forget all."""
        self._entries.clear()

    def __len__(self) -> int:
        return len(self._entries)
