"""Where entries are kept. A store maps keys to bytes and knows nothing of models."""

from __future__ import annotations

import os
from collections import OrderedDict
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from hidden_regime.exceptions import ParameterError


class Store(Protocol):
    """Keys to bytes."""

    def get(self, key: str) -> bytes | None:
        """Content of a key, or None."""

    def put(self, key: str, content: bytes) -> None:
        """Keep a content."""

    def __len__(self) -> int: ...


class MemoryStore:
    """The most recently used entries, in memory.

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
        self._entries: OrderedDict[str, bytes] = OrderedDict()

    def get(self, key: str) -> bytes | None:
        """Content of a key, or None."""
        if key not in self._entries:
            return None
        self._entries.move_to_end(key)
        return self._entries[key]

    def put(self, key: str, content: bytes) -> None:
        """Keep a content."""
        self._entries[key] = content
        self._entries.move_to_end(key)
        while len(self._entries) > self.max_size:
            self._entries.popitem(last=False)
            self.evictions += 1

    def __len__(self) -> int:
        return len(self._entries)


class FolderStore:
    """Entries as files. A file appears whole or not at all, whatever kills the writer and whoever else writes.

    Parameters
    ----------
    folder : str or Path
        Made if it doesn't exist.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.hr"

    def get(self, key: str) -> bytes | None:
        """Content of a key, or None."""
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            return None

    def put(self, key: str, content: bytes) -> None:
        """Keep a content."""
        path = self._path(key)
        path.parent.mkdir(exist_ok=True)
        writing = path.parent / f".writing-{uuid4().hex}"
        try:
            writing.write_bytes(content)
            os.replace(writing, path)
        except BaseException:
            writing.unlink(missing_ok=True)
            raise

    def __len__(self) -> int:
        return sum(1 for _ in self.folder.glob("*/*.hr"))
