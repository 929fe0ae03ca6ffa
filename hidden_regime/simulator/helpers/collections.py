"""Collections of .NET's and LEAN's."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

from hidden_regime.simulator.consolidation.base import Handlers
from hidden_regime.simulator.spelling import TwoSpellings


class List(list[Any]):
    """`List[Symbol]()`: a list with .NET's methods. Its count is a number, as in .NET."""

    def __class_getitem__(cls, _: Any) -> type[List]:  # type: ignore[override]
        return cls

    @property
    def Count(self) -> int:
        """Number of items."""
        return len(self)

    count = Count  # type: ignore[assignment]

    def Add(self, item: Any) -> None:
        """Append."""
        self.append(item)

    def AddRange(self, items: Iterable[Any]) -> None:
        """Append each."""
        self.extend(items)

    def Contains(self, item: Any) -> bool:
        """Whether it is among them."""
        return item in self

    def Remove(self, item: Any) -> bool:
        """Take it out. Whether it was among them."""
        found = item in self
        if found:
            list.remove(self, item)
        return found

    def Clear(self) -> None:
        """Take all out."""
        self.clear()

    add, add_range, contains, remove = Add, AddRange, Contains, Remove  # type: ignore[assignment]


class Dictionary(dict[Any, Any]):
    """`Dictionary[str, float]()`: a dictionary with .NET's methods."""

    def __class_getitem__(cls, _: Any) -> type[Dictionary]:  # type: ignore[override]
        return cls

    @property
    def count(self) -> int:
        """Number of entries."""
        return len(self)

    def add(self, key: Any, value: Any) -> None:
        """Set an entry."""
        self[key] = value

    def contains_key(self, key: Any) -> bool:
        """Whether there is an entry."""
        return key in self

    def remove(self, key: Any) -> bool:
        """Take an entry out. Whether there was one."""
        return self.pop(key, self) is not self

    Count, Add, ContainsKey, Remove = count, add, contains_key, remove


class HashSet(set[Any]):
    """`HashSet[Symbol]()`: a set with .NET's methods."""

    def __class_getitem__(cls, _: Any) -> type[HashSet]:  # type: ignore[override]
        return cls

    @property
    def count(self) -> int:
        """Number of items."""
        return len(self)

    def add(self, item: Any) -> bool:  # type: ignore[override]
        """Take it in. Whether it was new."""
        new = item not in self
        super().add(item)
        return new

    def contains(self, item: Any) -> bool:
        """Whether it is among them."""
        return item in self

    Count, Add, Contains = count, add, contains


class CircularQueue(TwoSpellings):
    """Gives its items one after the other, for ever: `CircularQueue[int](1, 2, 3)`. `circle_completed` is told of each round."""

    settable = ("circle_completed",)

    def __init__(self, *items: Any) -> None:
        found = list(items[0]) if len(items) == 1 and isinstance(items[0], (list, tuple)) else list(items)
        self._items, self._head = deque(found), found[0] if found else None
        self.circle_completed = Handlers()

    def __class_getitem__(cls, _: Any) -> type[CircularQueue]:
        return cls

    def dequeue(self) -> Any:
        """The next item, which comes again behind the others."""
        item = self._items.popleft()
        if item == self._head:
            self.circle_completed(self, None)
        self._items.append(item)
        return item
