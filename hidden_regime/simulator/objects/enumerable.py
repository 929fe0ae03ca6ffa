"""What LEAN's calls give where they give no frame and no list: it can be walked, counted and asked for truth, but not indexed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class MemoizingEnumerable(Generic[T]):
    """Items in their order. `list(...)` of it can be indexed."""

    __slots__ = ("_items",)

    def __init__(self, items: Iterable[T] = ()) -> None:
        self._items = list(items)

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, item: object) -> bool:
        return item in self._items

    @property
    def empty(self) -> bool:
        """Whether there are none."""
        return not self._items

    def count(self) -> int:
        """Number of items."""
        return len(self._items)

    Count, Empty = count, empty


@cache
def _kind(of: str) -> type[MemoizingEnumerable[Any]]:
    return type(f"MemoizingEnumerable[{of}]", (MemoizingEnumerable,), {"__slots__": (), "__module__": __name__})


def enumerable(of: str, items: Iterable[Any]) -> MemoizingEnumerable[Any]:
    """Items as LEAN enumerates them; `of` is the name of their class, which the type's name tells."""
    return _kind(of)(items)
