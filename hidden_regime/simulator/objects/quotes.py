"""Bars of quotes: what was bid and what was asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hidden_regime.simulator.enums import MarketDataType
from hidden_regime.simulator.objects.bars import NEVER, NOBODY, TradeBar
from hidden_regime.simulator.objects.symbol import Symbol
from hidden_regime.simulator.rounding import smart
from hidden_regime.simulator.spelling import TwoSpellings

MINUTE = timedelta(minutes=1)
DIGITS, TWICE, LARGEST = 1e8, 2e8, 2**51


class Bar(TwoSpellings):
    """Open, high, low and close."""

    settable = ("open", "high", "low", "close")
    __slots__ = ("close", "high", "low", "open")

    def __init__(self, open: float = 0.0, high: float = 0.0, low: float = 0.0, close: float = 0.0) -> None:
        self.open, self.high, self.low, self.close = open, high, low, close

    def update(self, value: float) -> None:
        """Take a price; zero is none."""
        if value == 0.0:
            return
        if self.open == 0.0:
            self.open = self.high = self.low = value
        self.high, self.low, self.close = max(self.high, value), min(self.low, value), value

    def __str__(self) -> str:
        return " ".join(f"{n[0].upper()}: {smart(getattr(self, n))}" for n in ("open", "high", "low", "close"))

    def clone(self) -> Bar:
        """A copy."""
        return Bar(self.open, self.high, self.low, self.close)


def between(bid: float, ask: float) -> float:
    """The price halfway, as decimals have it; the other where one is zero."""
    # Numbers of few digits are whole multiples of a small one, whose sums are exact.
    low, high = round(bid * DIGITS), round(ask * DIGITS)
    if low / DIGITS == bid and high / DIGITS == ask and 0 < low < LARGEST and 0 < high < LARGEST:
        return (low + high) / TWICE
    return float(Decimal(repr(bid)) + Decimal(repr(ask))) / 2.0 if bid and ask else bid or ask


def _middle(name: str) -> property:
    def read(self: QuoteBar) -> float:
        bid: float = getattr(self.bid, name) if self.bid is not None else 0.0
        ask: float = getattr(self.ask, name) if self.ask is not None else 0.0
        return between(bid, ask)

    read.__doc__ = f"{name.capitalize()} halfway between bid and ask; that of the other where one is missing."
    return property(read)


class QuoteBar(TwoSpellings):
    """Bids and asks from `time` to `end_time`, both in exchange time. `bid` and `ask` are bars, or None where there was none."""

    data_type = MarketDataType.QUOTE_BAR
    settable = ("time", "end_time", "symbol", "bid", "ask", "last_bid_size", "last_ask_size", "value")
    __slots__ = (
        "__dict__", "_value", "ask", "bid", "end_time", "is_fill_forward", "last_ask_size", "last_bid_size", "symbol", "time",
    )  # fmt: skip

    def __init__(self, time: datetime = NEVER, symbol: Symbol = NOBODY, bid: Any = None, last_bid_size: float = 0.0,
                 ask: Any = None, last_ask_size: float = 0.0, period: timedelta | None = None, *,
                 end_time: datetime | None = None, is_fill_forward: bool = False) -> None:  # fmt: skip
        self.time, self.symbol, self.bid, self.ask = time, symbol, bid, ask
        self.last_bid_size = last_bid_size if bid is not None else 0.0
        self.last_ask_size = last_ask_size if ask is not None else 0.0
        self.end_time = time + (period or MINUTE) if end_time is None else end_time
        self.is_fill_forward = is_fill_forward
        self._value: float | None = None

    open, high, low = _middle("open"), _middle("high"), _middle("low")

    @property
    def close(self) -> float:
        """Close halfway between bid and ask; that of the other where one is missing."""
        if self.bid is None and self.ask is None:
            return self._value or 0.0
        bid: float = self.bid.close if self.bid is not None else 0.0
        ask: float = self.ask.close if self.ask is not None else 0.0
        return between(bid, ask)

    @property
    def value(self) -> float:
        """The close, unless another value was set."""
        return self.close if self._value is None else self._value

    @value.setter
    def value(self, number: float) -> None:
        self._value = number

    @property
    def price(self) -> float:
        """The value."""
        return self.value

    @property
    def period(self) -> timedelta:
        """Length of the bar."""
        return self.end_time - self.time

    @period.setter
    def period(self, length: timedelta) -> None:
        self.end_time = self.time + length

    def update(self, last_trade: float, bid_price: float, ask_price: float, volume: float, bid_size: float,
               ask_size: float) -> None:  # fmt: skip
        """Take a quote; zeros are none."""
        if self.bid is not None:
            self.bid.update(bid_price)
        elif bid_price:
            self.bid = Bar(bid_price, bid_price, bid_price, bid_price)
        if self.ask is not None:
            self.ask.update(ask_price)
        elif ask_price:
            self.ask = Bar(ask_price, ask_price, ask_price, ask_price)
        self.last_bid_size = bid_size if bid_size > 0 else self.last_bid_size
        self.last_ask_size = ask_size if ask_size > 0 else self.last_ask_size
        self._value = last_trade or ask_price or bid_price or self._value

    def collapse(self) -> TradeBar:
        """A bar of the prices halfway, without volume."""
        return TradeBar(self.time, self.symbol, self.open, self.high, self.low, self.close, 0.0, end_time=self.end_time)

    def scaled(self, factor: float) -> QuoteBar:
        """The bar with prices times a factor, and sizes over it."""
        bid, ask = (
            None if side is None else Bar(side.open * factor, side.high * factor, side.low * factor, side.close * factor)
            for side in (self.bid, self.ask)
        )
        return QuoteBar(
            self.time, self.symbol, bid, round(self.last_bid_size / factor), ask, round(self.last_ask_size / factor),
            end_time=self.end_time,
        )  # fmt: skip

    def __str__(self) -> str:
        parts = [
            f"{name}: {letter}: {'' if side is None else smart(getattr(side, part))} "
            for name, side in (("Bid", self.bid), ("Ask", self.ask))
            for letter, part in (("O", "open"), ("H", "high"), ("L", "low"), ("C", "close"))
        ]
        return f"{self.symbol}: {''.join(parts)}"
