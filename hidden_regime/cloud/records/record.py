"""What all records of the cloud share: fields that are read leniently, and everything that came kept beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, Self

from hidden_regime.cloud.reading import UNREADABLE, Partly, Reader


def told(reader: Reader, *names: str, default: Any = None, factory: Any = MISSING) -> Any:
    """A field of a record.

    Parameters
    ----------
    reader : callable
        Makes the value of what came.
    *names : str
        Further names that the server has for it; its own, in any spelling, comes first.
    default : object
        Where nothing came, null, or something that can't be read.
    factory : callable
        Makes the default, where that can be changed.
    """
    metadata = {"reader": reader, "names": names}
    return (
        field(default_factory=factory, metadata=metadata) if factory is not MISSING else field(default=default, metadata=metadata)
    )


def folded(name: str) -> str:
    """A name without case, hyphens and underscores: targetValue, TargetValue and target-value are one."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


@dataclass(frozen=True, kw_only=True)
class Record:
    """A part of a reply. A closed model breaks at every change of the server; this one never refuses.

    Attributes
    ----------
    raw : mapping
        The reply, whole, with what no field has.
    unread : mapping of str to object
        Values, by field, that could not be read; the field has its default, or what of a list or a mapping could be read.
    """

    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    unread: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def read(cls, reply: Any) -> Self:
        """The record of a reply, whatever came: of no mapping, every field has its default.

        Parameters
        ----------
        reply : object
        """
        raw = reply if isinstance(reply, Mapping) else {}
        unread: dict[str, Any] = {} if isinstance(reply, Mapping) or reply is None or reply == [] else {"": reply}
        came: dict[str, Any] = {}
        for name, value in raw.items():
            if came.get(folded(str(name))) is None:  # of two spellings, the one that says something
                came[folded(str(name))] = value
        values: dict[str, Any] = {}
        for one in cls.told_fields():
            names = (folded(one.name), *map(folded, one.metadata["names"]))
            value = next((came[name] for name in names if came.get(name) is not None), None)
            if value is None:
                continue
            try:
                values[one.name] = one.metadata["reader"](value)
            except Partly as part:
                values[one.name], unread[one.name] = part.value, value
            except UNREADABLE:
                unread[one.name] = value
        return cls(**values, raw=raw, unread=unread)

    @classmethod
    def told_fields(cls) -> Iterator[Field[Any]]:
        """The fields that come from the server."""
        return (one for one in fields(cls) if "reader" in one.metadata)

    @property
    def extra(self) -> dict[str, Any]:
        """What came beside the fields, by the server's names."""
        known = {folded(name) for one in self.told_fields() for name in (one.name, *one.metadata["names"])}
        return {name: value for name, value in self.raw.items() if folded(str(name)) not in known}
