"""The object store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hidden_regime.cloud.reading import flag, integer, listing, moment, text
from hidden_regime.cloud.records.record import Record, told


@dataclass(frozen=True, kw_only=True)
class StoredObject(Record):
    """An object, or a folder of them."""

    key: str = told(text, default="")
    name: str = told(text, default="")
    size: int | None = told(integer)
    md5: str = told(text, default="")
    modified: datetime | None = told(moment)
    mime: str = told(text, default="")
    is_folder: bool = told(flag, "folder", default=False)


@dataclass(frozen=True, kw_only=True)
class ObjectPage(Record):
    """One page of a folder's objects."""

    path: str = told(text, default="")
    objects: tuple[StoredObject, ...] = told(listing(StoredObject.read), default=())
    page: int = told(integer, default=1)
    total_pages: int = told(integer, default=1)
    object_storage_used: int | None = told(integer)
