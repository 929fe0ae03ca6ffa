"""What every store can do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol, runtime_checkable


class DamagedError(ValueError):
    """Content that isn't what was kept. Never leaves the cache: it counts as a miss."""


class Kept(NamedTuple):
    """An entry as its store sees it: its size in bytes, and the store's time of its last use in seconds (None if unknown)."""

    key: str
    size: int
    used: float | None


@runtime_checkable
class Store(Protocol):
    """Keys to bytes. What a store can't do raises OSError; what it may have held and can't make out, `DamagedError`."""

    def get(self, key: str) -> bytes | None:
        """Content of a key, or None."""

    def put(self, key: str, content: bytes) -> None:
        """Keep a content."""

    def delete(self, key: str) -> None:
        """Forget a key, if it is there."""

    def entries(self) -> Iterator[Kept]:
        """What is kept, in no particular order."""

    def flush(self) -> None:
        """Write what waits to be written."""

    def __len__(self) -> int: ...
