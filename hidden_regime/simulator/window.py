"""The latest items of something."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, ClassVar, Generic, TypeVar

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.binding.conversion import Refused, converted
from hidden_regime.simulator.failures import ArgumentOutOfRangeException, EngineError
from hidden_regime.simulator.spelling import BothSpellings, TwoSpellings

T = TypeVar("T")
NET_NAMES = {float: "Double", int: "Int32", bool: "Boolean", str: "String"}
DEFAULTS: dict[Any, Any] = {float: 0.0, int: 0, bool: False}
"""What a place that nothing has come to holds, of types that aren't objects in .NET."""
BEYOND = "Index must be a non-negative integer (Parameter 'i')\nActual value was {}."
WHERE = "QuantConnect.Indicators.RollingWindow`1.get_Item(Int32 i)"
_MADE: dict[Any, type] = {}


class RollingWindow(TwoSpellings, Generic[T]):
    """The latest `size` items; [0] is the newest, [-1] the oldest. `RollingWindow[float](20)` works too."""

    settable = ("size",)
    default: ClassVar[Any] = None

    def __init__(self, size: int) -> None:
        try:
            size = converted("int", size)
        except Refused:
            size = 0
        if size < 1:
            raise ParameterError("size", size, "an integer of at least 1", "(RollingWindow must have size of at least 1.)")
        self._items: deque[T] = deque(maxlen=size)
        self.samples = 0
        self._removed: T | None = None

    def __class_getitem__(cls, kind: Any) -> Any:
        """The class of windows of a type, named as in LEAN."""
        if isinstance(kind, TypeVar):
            return super().__class_getitem__(kind)  # type: ignore[misc]
        if kind not in _MADE:
            name = NET_NAMES.get(kind) or getattr(kind, "__name__", str(kind))
            members = {"default": DEFAULTS.get(kind), "__module__": cls.__module__}
            _MADE[kind] = BothSpellings(f"RollingWindow[{name}]", (RollingWindow,), members)
        return _MADE[kind]

    @property
    def size(self) -> int:
        """Items that it can hold."""
        return self._items.maxlen or 0

    @size.setter
    def size(self, size: int) -> None:
        self._items = deque(list(self._items)[:size], maxlen=size)

    def add(self, item: T) -> None:
        """Take an item."""
        if len(self._items) == self._items.maxlen:
            self._removed = self._items[-1]
        self._items.appendleft(item)
        self.samples += 1

    @property
    def most_recently_removed(self) -> T | None:
        """The item that the newest one pushed out."""
        if self.samples <= self.size:
            raise EngineError("No items have been removed yet!")
        return self._removed

    @property
    def is_ready(self) -> bool:
        """Whether it is full."""
        return self.samples >= self.size

    @property
    def count(self) -> int:
        """Items in it."""
        return len(self._items)

    def reset(self) -> None:
        """Empty it."""
        self._items.clear()
        self.samples = 0

    def _check(self, i: int) -> None:
        if self.size + i < 0:
            raise ArgumentOutOfRangeException(BEYOND.format(i), WHERE)

    def __getitem__(self, i: int) -> T | None:
        if i < 0:
            self._check(i)
            i += len(self._items)
            return self._items[i] if i >= 0 else self.default
        if i >= self.size:
            self.size = i + 1
        return self._items[i] if i < len(self._items) else self.default

    def __setitem__(self, i: int, value: T) -> None:
        if i < 0:
            # Here LEAN counts from the size, when it reads from what has come.
            self._check(i)
            i += self.size
        if i >= self.size:
            self.size = i + 1
        # Places without a value come in as the newest ones, as LEAN adds them.
        while len(self._items) <= i:
            self.add(self.default)
        self._items[i] = value

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[T]:
        return iter(list(self._items))
