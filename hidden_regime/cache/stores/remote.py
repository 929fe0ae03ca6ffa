"""Entries anywhere that fsspec reaches."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import uuid4

from hidden_regime.cache.stores.base import Kept
from hidden_regime.cache.stores.folder import ENDING, WRITING
from hidden_regime.exceptions import ParameterError


class FsspecStore:
    """Entries under a URL of fsspec: s3://bucket/folder, gs://, az://, memory://, file:// and so on.

    Parameters
    ----------
    url : str
    **options
        Of the file system, as `fsspec.core.url_to_fs` takes them (keys, endpoints).

    Raises
    ------
    ParameterError
        fsspec, or the package of this protocol, is not installed, or the protocol is unknown.
    """

    def __init__(self, url: str, **options: Any) -> None:
        try:
            from fsspec.core import url_to_fs
        except ImportError:
            raise ParameterError("store", url, "a folder, where fsspec is not installed", "pip install fsspec") from None
        try:
            self._files, self._root = url_to_fs(url, **options)
        except (ImportError, ValueError) as error:
            raise ParameterError("store", url, f"a URL that fsspec can open ({error})") from None
        self.url = url
        protocols = self._files.protocol
        # A local file appears by its first byte, so it is written aside; an object of a service appears whole.
        self._aside = "file" in protocols or protocols == "local"

    def __repr__(self) -> str:
        return f"FsspecStore({self.url!r})"

    def _path(self, key: str) -> str:
        return posixpath.join(self._root, key[:2], f"{key}{ENDING}")

    def _do(self, work: Any) -> Any:
        try:
            return work()
        except (FileNotFoundError, KeyError):
            return None
        except OSError:
            raise
        except Exception as error:
            raise OSError(f"{self.url}: {type(error).__name__}: {error}") from error

    def get(self, key: str) -> bytes | None:
        """Content of a key, or None."""
        found = self._do(lambda: self._files.cat_file(self._path(key)))
        return None if found is None else bytes(found)

    def put(self, key: str, content: bytes) -> None:
        """Keep a content."""
        path = self._path(key)

        def write() -> None:
            if not self._aside:
                self._files.pipe_file(path, content)
                return
            self._files.makedirs(posixpath.dirname(path), exist_ok=True)
            writing = posixpath.join(posixpath.dirname(path), f"{WRITING}{uuid4().hex}")
            self._files.pipe_file(writing, content)
            self._files.mv(writing, path)

        self._do(write)

    def delete(self, key: str) -> None:
        """Forget a key, if it is there."""
        self._do(lambda: self._files.rm_file(self._path(key)))

    def entries(self) -> Iterator[Kept]:
        """What is kept."""
        self._files.invalidate_cache()
        for path, facts in (self._do(lambda: self._files.find(self._root, detail=True)) or {}).items():
            name = posixpath.basename(path)
            if name.endswith(ENDING):
                when = facts.get("mtime", facts.get("LastModified", facts.get("created")))
                used = when.timestamp() if isinstance(when, datetime) else when
                yield Kept(name.removesuffix(ENDING), int(facts["size"] or 0), used)

    def flush(self) -> None:
        """Nothing waits."""

    def __len__(self) -> int:
        return sum(1 for _ in self.entries())
