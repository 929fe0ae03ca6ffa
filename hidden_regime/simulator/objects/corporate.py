"""What happens to a company's shares: dividends, splits, new tickers, delistings."""

from __future__ import annotations

from datetime import datetime

from hidden_regime.simulator.enums import DelistingType, SplitType
from hidden_regime.simulator.objects.symbol import Symbol
from hidden_regime.simulator.rounding import exact
from hidden_regime.simulator.spelling import TwoSpellings


class _Event(TwoSpellings):
    __slots__ = ("symbol", "time")

    def __init__(self, symbol: Symbol, time: datetime) -> None:
        self.symbol, self.time = symbol, time

    @property
    def end_time(self) -> datetime:
        """As `time`."""
        return self.time


class Dividend(_Event):
    """Cash per share, paid to whoever held the asset before `time`."""

    __slots__ = ("distribution", "reference_price")

    def __init__(self, symbol: Symbol, time: datetime, distribution: float, reference_price: float) -> None:
        super().__init__(symbol, time)
        self.distribution, self.reference_price = distribution, reference_price

    @property
    def value(self) -> float:
        """The distribution."""
        return self.distribution

    price = value

    def __str__(self) -> str:
        return f"Dividend: {self.symbol}: {exact(self.distribution)} | {exact(self.reference_price)}"


class Split(_Event):
    """A split: old shares are multiplied by 1 / split_factor. A WARNING comes one session before."""

    __slots__ = ("reference_price", "split_factor", "type")

    def __init__(self, symbol: Symbol, time: datetime, split_factor: float, reference_price: float, type: SplitType) -> None:
        super().__init__(symbol, time)
        self.split_factor, self.reference_price, self.type = split_factor, reference_price, type

    @property
    def value(self) -> float:
        """The reference price."""
        return self.reference_price

    price = value

    def __str__(self) -> str:
        what = "Split Warning" if self.type == SplitType.WARNING else "Split"
        return f"{what}: {self.symbol}: {exact(self.split_factor)} | {exact(self.reference_price)}"


class Delisting(_Event):
    """The end of a listing: a WARNING at the start of its last day, DELISTED the day after."""

    __slots__ = ("price", "ticket", "type")

    def __init__(self, symbol: Symbol, time: datetime, price: float, type: DelistingType) -> None:
        super().__init__(symbol, time)
        self.price, self.type = price, type
        self.ticket: object = None

    @property
    def value(self) -> float:
        """The last price."""
        return self.price

    def __str__(self) -> str:
        what = "Delisting Warning" if self.type == DelistingType.WARNING else "Delisted"
        return f"{what}: {self.symbol} {self.end_time:%m/%d/%Y %H:%M:%S}"


class SymbolChangedEvent(_Event):
    """A new ticker: from `time` on the security trades under `new_symbol`."""

    __slots__ = ("new_symbol", "old_symbol")

    def __init__(self, symbol: Symbol, time: datetime, old_symbol: str, new_symbol: str) -> None:
        super().__init__(symbol, time)
        self.old_symbol, self.new_symbol = old_symbol, new_symbol

    @property
    def value(self) -> float:
        """0: no price."""
        return 0.0

    price = value

    def __str__(self) -> str:
        return f"{self.time:%m/%d/%Y %H:%M:%S} {self.old_symbol}->{self.new_symbol}"


CorporateEvent = Dividend | Split | Delisting | SymbolChangedEvent
