"""Indicators with LEAN's members."""

from __future__ import annotations

from abc import abstractmethod
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Generic, TypeVar

from hidden_regime.simulator.objects import TradeBar
from hidden_regime.simulator.spelling import TwoSpellings

T = TypeVar("T")


class RollingWindow(TwoSpellings, Generic[T]):
    """The latest `size` items; [0] is the newest. `RollingWindow[float](20)` works too."""

    def __init__(self, size: int) -> None:
        self._items: deque[T] = deque(maxlen=size)
        self.size = size
        self.samples = 0
        self.most_recently_removed: T | None = None

    def add(self, item: T) -> None:
        """Take an item."""
        if len(self._items) == self.size:
            self.most_recently_removed = self._items[-1]
        self._items.appendleft(item)
        self.samples += 1

    @property
    def is_ready(self) -> bool:
        """Whether it is full."""
        return len(self._items) == self.size

    @property
    def count(self) -> int:
        """Items in it."""
        return len(self._items)

    def reset(self) -> None:
        """Empty it."""
        self._items.clear()
        self.samples = 0

    def __getitem__(self, i: int) -> T:
        return self._items[i]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)


class IndicatorDataPoint(TwoSpellings):
    """A value and when it was had."""

    def __init__(self, time: datetime, value: float) -> None:
        self.time = self.end_time = time
        self.value = self.price = value


class Indicator(TwoSpellings):
    """Base of indicators: one value from a stream of values."""

    def __init__(self, name: str, period: int) -> None:
        self.name, self.period = name, period
        self.samples = 0
        self.current = IndicatorDataPoint(datetime.min, 0.0)

    @property
    def is_ready(self) -> bool:
        """Whether it has seen enough."""
        return self.samples >= self.period

    def update(self, time: datetime | TradeBar, value: float | None = None) -> bool:
        """Take a value with its time, or a bar (its close)."""
        if isinstance(time, TradeBar):
            return self.update(time.end_time, time.close)
        assert value is not None
        self.samples += 1
        self.current = IndicatorDataPoint(time, self._next(float(value)))
        return self.is_ready

    @abstractmethod
    def _next(self, value: float) -> float:
        """Value after one more."""

    def __str__(self) -> str:
        return str(self.current.value)


class SimpleMovingAverage(Indicator):
    """Mean of the latest `period` values."""

    def __init__(self, name: str | int, period: int | None = None) -> None:
        super().__init__(*_named("SMA", name, period))
        self._window: deque[float] = deque(maxlen=self.period)

    def _next(self, value: float) -> float:
        self._window.append(value)
        return sum(self._window) / len(self._window)


class ExponentialMovingAverage(Indicator):
    """Mean that weighs the newest value 2 / (period + 1). The first `period` values give their plain mean."""

    def __init__(self, name: str | int, period: int | None = None) -> None:
        super().__init__(*_named("EMA", name, period))
        self._first: list[float] = []

    def _next(self, value: float) -> float:
        if self.samples <= self.period:
            self._first.append(value)
            return sum(self._first) / len(self._first)
        k = 2.0 / (self.period + 1.0)
        return value * k + self.current.value * (1.0 - k)


class StandardDeviation(Indicator):
    """Population standard deviation of the latest `period` values."""

    def __init__(self, name: str | int, period: int | None = None) -> None:
        super().__init__(*_named("STD", name, period))
        self._window: deque[float] = deque(maxlen=self.period)

    def _next(self, value: float) -> float:
        self._window.append(value)
        n = len(self._window)
        mean = sum(self._window) / n
        variance = sum((v - mean) ** 2 for v in self._window) / n
        return float(max(variance, 0.0) ** 0.5) if n > 1 else 0.0


def _named(kind: str, name: Any, period: int | None) -> tuple[str, int]:
    """LEAN's indicators take (period) or (name, period)."""
    return (f"{kind}({name})", int(name)) if period is None else (str(name), period)
