"""Bars that end by price or by volume, not by time. LEAN reckons them in decimals, so that a price on a limit is on it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hidden_regime.simulator.enums import BarDirection, RenkoType
from hidden_regime.simulator.objects.bars import NEVER, NOBODY, TradeBar
from hidden_regime.simulator.objects.symbol import Symbol


def exactly(number: Any) -> Decimal:
    """A number with the digits that it shows."""
    return number if isinstance(number, Decimal) else Decimal(repr(float(number)))


class BrickBar(TradeBar):
    """Open, high, low, close and volume of a brick: `brick_size` is what ends it."""

    type = RenkoType.CLASSIC
    brick_size = 0.0
    is_closed = False

    @property
    def start(self) -> datetime:
        """Time of its first data."""
        return self.time


class RenkoBar(BrickBar):
    """A brick that ends when the price has moved by its size."""

    @property
    def direction(self) -> BarDirection:
        """Whether it rises or falls."""
        if self.open == self.close:
            return BarDirection.NO_DELTA
        return BarDirection.RISING if self.open < self.close else BarDirection.FALLING

    @property
    def spread(self) -> float:
        """Distance of its close from its open."""
        return float(abs(exactly(self.close) - exactly(self.open)))


class VolumeRenkoBar(BrickBar):
    """A brick that ends when so much was traded."""


class RangeBar(TradeBar):
    """A bar that ends when the price has moved by more than a range."""

    range_size = 0.0
    is_closed = False

    def __init__(self, time: datetime = NEVER, symbol: Symbol = NOBODY, open: float = 0.0, high: float = 0.0, low: float = 0.0,
                 close: float = 0.0, volume: float = 0.0, period: timedelta | None = None, **others: Any) -> None:  # fmt: skip
        super().__init__(time, symbol, open, high, low, close, volume, period, **others)
