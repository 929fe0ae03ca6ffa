"""A store from what users have: a path, a URL, an algorithm's object store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hidden_regime.cache.stores.base import Store
from hidden_regime.cache.stores.folder import FolderStore
from hidden_regime.cache.stores.object_packs import ObjectPacks
from hidden_regime.cache.stores.remote import FsspecStore
from hidden_regime.exceptions import ParameterError


def open_store(where: Any) -> Store:
    """Store of a folder's path, of a URL that fsspec knows, of an object store as LEAN has it; a store is itself.

    Examples
    --------
    >>> import tempfile
    >>> store = open_store(tempfile.mkdtemp())
    >>> store.put("ab12", b"content")
    >>> store.get("ab12"), len(store)
    (b'content', 1)
    """
    if isinstance(where, (str, Path)):
        return FsspecStore(str(where)) if "://" in str(where) else FolderStore(where)
    if isinstance(where, Store):
        return where
    if all(hasattr(where, name) for name in ("contains_key", "read", "save", "delete")):
        return ObjectPacks(where)
    raise ParameterError(
        "store", where, "a folder's path, a URL such as s3://bucket/models, self.object_store, or an object with get, put, "
        "delete, entries and flush")  # fmt: skip
