"""Consolidators of bars that end by price or by volume: Renko, range and volume Renko bars."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil, floor
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.consolidation.base import Consolidator
from hidden_regime.simulator.enums import RenkoType
from hidden_regime.simulator.failures import ArgumentException
from hidden_regime.simulator.objects.bars import NEVER, TradeBar
from hidden_regime.simulator.objects.price_bars import RangeBar, RenkoBar, VolumeRenkoBar, exactly

Selector = Callable[[Any], Any]
ZERO = Decimal(0)


def _value(data: Any) -> Any:
    return data.value


def _volume(data: Any) -> Any:
    return data.volume if isinstance(data, TradeBar) else getattr(data, "quantity", 0.0)


def _size(name: str, given: Any) -> Decimal:
    size = exactly(given)
    if not size.is_finite() or size <= 0:
        raise ParameterError(name, given, "a size above zero")
    return size


class _Timeless(Consolidator):
    """Bars that no time ends: there is nothing to scan, and no timer."""

    working: Any = None

    def attach(self, increment: timedelta) -> None:
        """Nothing ends by time."""

    def _emit(self, bar: Any) -> None:
        self.window.add(bar)
        self.data_consolidated(self, bar)
        self.consolidated = bar

    def reset(self) -> None:
        """Forget the bars."""
        super().reset()
        self.working = None


class _Chosen(_Timeless):
    """The same of a value and a volume that functions take from the data: by default its value and its volume."""

    def __init__(self, selector: Selector | None, volume_selector: Selector | None) -> None:
        super().__init__()
        self._select, self._select_volume = selector or _value, volume_selector or _volume

    def update(self, data: Any) -> None:
        """Take data."""
        value, volume = exactly(self._select(data)), exactly(self._select_volume(data))
        if self.working is not None:
            self._go_on(data.time, value, volume)
        if self.working is None:
            self._begin(data, value, volume)
        self.working_data = None if self.working is None else self.working.bar

    def _go_on(self, time: datetime, value: Decimal, volume: Decimal) -> None:
        raise NotImplementedError  # pragma: no cover

    def _begin(self, data: Any, value: Decimal, volume: Decimal) -> None:
        raise NotImplementedError  # pragma: no cover


class _Working:
    """A bar that is being made, in decimals."""

    def __init__(self, bar: Any, open: Decimal, volume: Decimal) -> None:
        self.bar, self.open = bar, open
        self.high = self.low = self.close = open
        self.volume = volume
        self._show()

    def _show(self) -> None:
        bar = self.bar
        bar.open, bar.high, bar.low, bar.close = float(self.open), float(self.high), float(self.low), float(self.close)
        bar.volume = float(self.volume)

    def brick(self, time: datetime, value: Decimal, volume: Decimal, size: Decimal) -> bool:
        """Take a value into a brick of a size. Whether it is done."""
        least, most = self.open - size, self.open + size
        self.close = min(most, max(least, value))
        self.volume += volume
        self.high, self.low = max(self.high, self.close), min(self.low, self.close)
        self.bar.end_time, self.bar.is_closed = time, value <= least or value >= most
        self._show()
        return bool(self.bar.is_closed)

    def range(self, time: datetime, value: Decimal, volume: Decimal, size: Decimal) -> bool:
        """Take a value into a bar of a range. Whether it is done: the value itself then belongs to the next."""
        self.bar.end_time = time
        if value < self.low and self.high - value > size:
            self.bar.is_closed, self.low = True, self.high - size
            self.close = self.low
        elif value > self.high and value - self.low > size:
            self.bar.is_closed, self.high = True, self.low + size
            self.close = self.high
        else:
            self.low, self.high = min(self.low, value), max(self.high, value)
            self.volume += volume
        self._show()
        return bool(self.bar.is_closed)


class ClassicRenkoConsolidator(_Chosen):
    """Bricks of a size: `ClassicRenkoConsolidator(size[, selector[, volume_selector]][, even_bars])`.

    The first opens at a multiple of the size, unless `even_bars` is off; each one opens where the one before closed.
    """

    def __init__(self, bar_size: float, selector: Any = None, volume_selector: Any = None, even_bars: bool = True) -> None:
        if isinstance(selector, RenkoType):
            if selector != RenkoType.CLASSIC:
                raise ArgumentException("Please use the new RenkoConsolidator type if RenkoType is not Classic")
            selector = None
        if isinstance(selector, bool):
            selector, even_bars = None, selector
        super().__init__(selector, volume_selector)
        self._size, self._even = _size("bar_size", bar_size), even_bars
        self._last: Decimal | None = None

    type = RenkoType.CLASSIC

    def _go_on(self, time: datetime, value: Decimal, volume: Decimal) -> None:
        working = self.working
        if working.brick(time, value, volume, self._size):
            self._last, self.working = working.close, None
            self._emit(working.bar)

    def _begin(self, data: Any, value: Decimal, volume: Decimal) -> None:
        opened = value if self._last is None else self._last
        if self._even and self._last is None:
            opened = ceil(opened / self._size) * self._size
        bar = RenkoBar(data.time, data.symbol, end_time=data.time)
        bar.brick_size = float(self._size)
        self.working = _Working(bar, opened, volume)

    def reset(self) -> None:
        """Forget the bars."""
        super().reset()
        self._last = None


class RenkoConsolidator(_Timeless):
    """Bricks with wicks: `RenkoConsolidator(size)`. One that turns begins where the last brick opened."""

    type = RenkoType.WICKED

    def __init__(self, bar_size: float) -> None:
        super().__init__()
        self._size = _size("bar_size", bar_size)
        self._forget()

    def _forget(self) -> None:
        self._begun = False
        self._last: tuple[Decimal, Decimal] | None = None
        self._open = self._high = self._low = ZERO
        self._since = NEVER

    @staticmethod
    def get_closest_multiple(price: float, bar_size: float) -> float:
        """The multiple of a size that is closest to a price."""
        return float(_closest(exactly(price), _size("bar_size", bar_size)))

    def update(self, data: Any) -> None:
        """Take data."""
        price = exactly(data.price)
        if not self._begun:
            self._begun, self._since = True, data.time
            self._open = self._high = self._low = _closest(price, self._size)
            return
        self._high, self._low = max(self._high, price), min(self._low, price)
        if price == self._open:
            return
        sign = 1 if price > self._open else -1
        if self._last is not None and (self._last[1] - self._last[0]) * sign < 0:
            opened = self._last[0]
            limit = opened + sign * self._size
            if (price - limit) * sign <= 0:
                return
            self._brick(data, opened, limit, sign)
        while (price - (limit := self._open + sign * self._size)) * sign > 0:
            self._brick(data, self._open, limit, sign)

    def _brick(self, data: Any, opened: Decimal, limit: Decimal, sign: int) -> None:
        high, low = (limit, self._low) if sign > 0 else (self._high, limit)
        bar = RenkoBar(
            self._since, data.symbol, float(opened), float(high), float(low), float(limit), 0.0, end_time=data.time
        )  # fmt: skip
        bar.brick_size, bar.type = float(self._size), RenkoType.WICKED
        self._last = opened, limit
        self._emit(bar)
        self.working_data = bar
        self._since, self._open = data.time, limit
        if sign > 0:
            self._low = limit
        else:
            self._high = limit

    def reset(self) -> None:
        """Forget the bars."""
        super().reset()
        self._forget()


def _closest(price: Decimal, size: Decimal) -> Decimal:
    whole = floor(price / size)
    return size * (whole + round((price - size * whole) / size))


class WickedRenkoConsolidator(RenkoConsolidator):
    """The same under its old name."""


class RangeConsolidator(_Chosen):
    """Bars of a range in cents: `RangeConsolidator(range[, selector[, volume_selector]])`.

    A price far beyond a bar makes bars without volume on the way to it.
    """

    def __init__(self, range: int, selector: Selector | None = None, volume_selector: Selector | None = None) -> None:
        super().__init__(selector, volume_selector)
        if not isinstance(range, int) or range < 1:
            raise ParameterError("range", range, "a number of cents of at least 1")
        self.range = range
        self._step = Decimal("0.01")
        self._size = self._step * range
        self._begun = False

    @property
    def range_size(self) -> float:
        """The range in dollars."""
        return float(self._size) if self._begun else 0.0

    def _go_on(self, time: datetime, value: Decimal, volume: Decimal) -> None:
        rises = value > self.working.high
        done = self.working.range(time, value, volume, self._size)
        while done:
            before = self.working
            self._emit(before.bar)
            opened = before.high + self._step if rises else before.low - self._step
            self.working = self._made(before.bar.symbol, before.bar.end_time, opened, ZERO)
            done = self.working.range(time, value, ZERO if abs(opened - value) > self._size else volume, self._size)

    def _made(self, symbol: Any, end: datetime, opened: Decimal, volume: Decimal) -> _Working:
        bar = RangeBar(NEVER, symbol, end_time=end)
        bar.range_size = float(self._size)
        return _Working(bar, opened, volume)

    def _begin(self, data: Any, value: Decimal, volume: Decimal) -> None:
        if not self._begun:
            self._begun = True
            value = ceil(value / self._size) * self._size
        self.working = self._made(data.symbol, data.time, value, volume)

    def reset(self) -> None:
        """Forget the bars."""
        super().reset()
        self._begun = False


class ClassicRangeConsolidator(RangeConsolidator):
    """The same without bars on the way: the next one opens at the next price."""

    def _go_on(self, time: datetime, value: Decimal, volume: Decimal) -> None:
        if self.working.range(time, value, volume, self._size):
            done, self.working = self.working, None
            self._emit(done.bar)


class VolumeRenkoConsolidator(_Timeless):
    """Bars of so much volume: `VolumeRenkoConsolidator(size)`. What is left of a bar's volume begins the next ones."""

    def __init__(self, bar_size: float) -> None:
        super().__init__()
        self._size = _size("bar_size", bar_size)

    def adjust_volume(self, volume: float, price: float) -> float:
        """What counts of a volume at a price: all of it."""
        return volume

    def update(self, data: Any) -> None:
        """Take a bar or a tick of a trade."""
        close = float(data.price)
        if isinstance(data, TradeBar):
            opened, high, low, volume = data.open, data.high, data.low, data.volume
        elif hasattr(data, "quantity"):
            if not data.is_trade:
                return
            opened, high, low, volume = close, close, close, data.quantity
        else:
            raise ArgumentException(f"{type(self).__name__} must be used with TradeBar or Tick data.")
        left = exactly(self.adjust_volume(volume, close))
        if self.working is None:
            self.working = self._made(data.time, data.end_time, data.symbol, opened, high, low, close)
        left = self._fill(data.end_time, high, low, close, left)
        while left >= 0:
            done = self.working
            self._emit(done)
            self.working = self._made(done.end_time, done.end_time, done.symbol, done.close, done.close, done.close, done.close)
            left = self._fill(data.end_time, high, low, close, left)
        self.working_data = self.working

    def _made(self, time: datetime, end: datetime, symbol: Any, opened: float, high: float, low: float,
              close: float) -> VolumeRenkoBar:  # fmt: skip
        bar = VolumeRenkoBar(time, symbol, opened, high, low, close, end_time=end)
        bar.brick_size = float(self._size)
        return bar

    def _fill(self, end: datetime, high: float, low: float, close: float, volume: Decimal) -> Decimal:
        """Take a volume in; what of it is left, or below zero what is missing."""
        bar = self.working
        bar.end_time, bar.close, bar.high, bar.low = end, close, max(bar.high, high), min(bar.low, low)
        before = exactly(bar.volume)
        bar.volume = float(min(before + volume, self._size))
        bar.is_closed = before + volume >= self._size
        return before + volume - self._size
