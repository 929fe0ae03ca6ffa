"""Data with a time: bars, values and the base of custom data."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hidden_regime.simulator.enums import MarketDataType
from hidden_regime.simulator.objects.symbol import Symbol
from hidden_regime.simulator.rounding import money, smart
from hidden_regime.simulator.spelling import TwoSpellings

NEVER = datetime.min
NOBODY = Symbol("")


class BaseData(TwoSpellings):
    """Something that happened to a symbol between `time` and `end_time`, both in exchange time."""

    is_fill_forward = False
    data_type = MarketDataType.BASE
    settable = ("symbol", "time", "end_time", "value")

    def __init__(self) -> None:
        self.symbol = NOBODY
        self.time = NEVER
        self._end_time: datetime | None = None
        self.value: float = 0.0

    @property
    def end_time(self) -> datetime:
        """End of the period; `time` unless it was set."""
        return self.time if self._end_time is None else self._end_time

    @end_time.setter
    def end_time(self, moment: datetime) -> None:
        self._end_time = moment

    @property
    def price(self) -> float:
        """The value."""
        return float(self.value)

    def __str__(self) -> str:
        text = f"\N{CURRENCY SIGN}{money(abs(self.value))}"
        return f"{self.symbol}: {f'({text})' if self.value < 0 else text}"


class TradeBar(TwoSpellings):
    """Open, high, low, close and volume from `time` to `end_time`, both in exchange time."""

    data_type = MarketDataType.TRADE_BAR
    settable = ("time", "end_time", "symbol", "open", "high", "low", "close", "volume", "value")
    __slots__ = ("__dict__", "close", "end_time", "high", "is_fill_forward", "low", "open", "symbol", "time", "volume")

    def __init__(self, time: datetime = NEVER, symbol: Symbol = NOBODY, open: float = 0.0, high: float = 0.0, low: float = 0.0,
                 close: float = 0.0, volume: float = 0.0, period: timedelta | None = None, *, end_time: datetime | None = None,
                 is_fill_forward: bool = False) -> None:  # fmt: skip
        self.time = time
        self.symbol = symbol
        self.end_time = time + (period or timedelta(minutes=1)) if end_time is None else end_time
        self.open = open
        self.high = high
        self.low = low
        self.close = close
        self.volume = volume
        self.is_fill_forward = is_fill_forward

    @property
    def value(self) -> float:
        """The close."""
        return self.close

    @value.setter
    def value(self, number: float) -> None:
        self.close = number

    @property
    def price(self) -> float:
        """The close."""
        return self.close

    @property
    def period(self) -> timedelta:
        """Length of the bar."""
        return self.end_time - self.time

    @period.setter
    def period(self, length: timedelta) -> None:
        self.end_time = self.time + length

    def update(self, last_trade: float, bid_price: float = 0.0, ask_price: float = 0.0, volume: float = 0.0,
               bid_size: float = 0.0, ask_size: float = 0.0) -> None:  # fmt: skip
        """Take a trade; one that has no prices yet begins with it."""
        if self.open == self.high == self.low == self.close == 0.0:
            self.open = self.high = self.low = last_trade
        self.high, self.low, self.close = max(self.high, last_trade), min(self.low, last_trade), last_trade
        self.volume += volume

    def __str__(self) -> str:
        opened, high, low, close, volume = (smart(v) for v in (self.open, self.high, self.low, self.close, self.volume))
        return f"{self.symbol}: O: {opened} H: {high} L: {low} C: {close} V: {volume}"


class IndicatorDataPoint(TwoSpellings):
    """A value and when it was had."""

    __slots__ = ("end_time", "symbol", "time", "value")
    value: float

    def __init__(self, *arguments: Any) -> None:
        symbol, moment, number = arguments if len(arguments) == 3 else (NOBODY, *(arguments or (NEVER, 0.0)))
        self.symbol, self.value = symbol, number
        self.time = self.end_time = moment

    @property
    def price(self) -> float:
        """The value."""
        return float(self.value)

    def __str__(self) -> str:
        return f"{self.time:%Y-%m-%dT%H:%M:%S} - {Decimal(str(self.value)):f}"
