"""Entries as files of a folder."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from hidden_regime.cache.stores.base import Kept
from hidden_regime.exceptions import ParameterError
from hidden_regime.files.paths import given_path

ENDING = ".hr"
WRITING = ".writing-"
CHECK_EVERY = 64
"""Writes between two looks at the folder's size."""


class FolderStore:
    """Entries as files. A file appears whole or not at all, whatever kills the writer and whoever else writes.

    Parameters
    ----------
    folder : str or Path
        Made when the first entry is written.
    max_bytes : int, optional
        Largest size of all entries; those unused for longest make room, every 64 writes and at `flush`.
    max_age : float, optional
        Days after which an unused entry goes, by the clock of the file system.
    """

    def __init__(self, folder: str | Path, *, max_bytes: int | None = None, max_age: float | None = None) -> None:
        for name, value in (("max_bytes", max_bytes), ("max_age", max_age)):
            if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0):
                raise ParameterError(name, value, "a number above 0, or None")
        self.folder = given_path("folder", folder)
        if self.folder.is_file():
            raise ParameterError("folder", str(folder), "a folder", "There is a file of this name.")
        self.max_bytes, self.max_age = max_bytes, max_age
        self._writes = 0

    def __repr__(self) -> str:
        return f"FolderStore({str(self.folder)!r})"

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}{ENDING}"

    def get(self, key: str) -> bytes | None:
        """Content of a key, or None."""
        path = self._path(key)
        try:
            with open(path, "rb", buffering=0) as file:
                content = file.read()
        except FileNotFoundError:
            return None
        if self.max_bytes is not None or self.max_age is not None:
            with contextlib.suppress(OSError):
                os.utime(path)  # used now
        return content

    def put(self, key: str, content: bytes) -> None:
        """Keep a content."""
        path = self._path(key)
        writing = path.parent / f"{WRITING}{uuid4().hex}"
        try:
            try:
                writing.write_bytes(content)
            except FileNotFoundError:
                path.parent.mkdir(parents=True, exist_ok=True)
                writing.write_bytes(content)
            os.replace(writing, path)
        except BaseException:
            with contextlib.suppress(OSError):
                writing.unlink(missing_ok=True)
            raise
        self._writes += 1
        if self._writes % CHECK_EVERY == 0:
            self.flush()

    def delete(self, key: str) -> None:
        """Forget a key, if it is there."""
        self._path(key).unlink(missing_ok=True)

    def entries(self) -> Iterator[Kept]:
        """What is kept."""
        for path in self.folder.glob(f"*/*{ENDING}"):
            with contextlib.suppress(FileNotFoundError):  # another process may have pruned it
                stat = path.stat()
                yield Kept(path.name.removesuffix(ENDING), stat.st_size, stat.st_mtime)

    def strangers(self) -> list[str]:
        """Files that are no entries: what a killed writer left, and whatever else lies here."""
        return sorted(
            path.relative_to(self.folder).as_posix()
            for path in self.folder.rglob("*")
            if path.is_file() and (path.suffix != ENDING or path.name.startswith(WRITING))
        )

    def sweep(self, *, older_than: float = 3600.0) -> int:
        """Remove what killed writers left, if it is older than so many seconds; how many files."""
        count = 0
        limit = self.now() - older_than
        for path in self.folder.glob(f"*/{WRITING}*"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < limit:
                    path.unlink()
                    count += 1
        return count

    def now(self) -> float:
        """Time of the file system, which may be another machine's: that of a file written now."""
        clock = self.folder / f"{WRITING}{uuid4().hex}"
        try:
            clock.touch()
            return clock.stat().st_mtime
        finally:
            clock.unlink(missing_ok=True)

    def flush(self) -> None:
        """Nothing waits to be written; but what exceeds the limits goes."""
        if self._writes and (self.max_bytes is not None or self.max_age is not None):
            from hidden_regime.cache.maintenance import prune

            prune(self, max_bytes=self.max_bytes, max_age=self.max_age)
            self._writes = 0

    def __len__(self) -> int:
        return sum(1 for _ in self.folder.glob(f"*/*{ENDING}"))
