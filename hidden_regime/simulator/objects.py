"""Small objects that strategies hold in their hands: symbols, bars, events and the slice that carries them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Generic, NamedTuple, TypeVar

from hidden_regime.simulator.enums import SplitType
from hidden_regime.simulator.spelling import TwoSpellings

T = TypeVar("T")


class Symbol(TwoSpellings):
    """An asset's identity. Equal to another by value, and to its ticker; as a key it differs from the string, as in LEAN."""

    __slots__ = ("_hash", "value")

    def __init__(self, value: str) -> None:
        self.value = value.upper()
        self._hash = hash(("Symbol", self.value))

    @property
    def id(self) -> str:
        """Identifier; the engine has no other than the ticker."""
        return self.value

    @classmethod
    def create(cls, ticker: str, security_type: object = None, market: object = None) -> Symbol:
        """Symbol of a US equity."""
        return cls(ticker)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Symbol):
            return self.value == other.value
        return isinstance(other, str) and self.value == other.upper()

    def __hash__(self) -> int:
        return self._hash

    def __lt__(self, other: Symbol | str) -> bool:
        return self.value < str(other)

    def __str__(self) -> str:
        return self.value

    def __repr__(self) -> str:
        return self.value


class TradeBar(TwoSpellings):
    """Open, high, low, close and volume from `time` to `end_time`, both in exchange time."""

    __slots__ = ("close", "end_time", "high", "is_fill_forward", "low", "open", "symbol", "time", "volume")

    def __init__(self, time: datetime, symbol: Symbol, open: float, high: float, low: float, close: float, volume: float,
                 period: timedelta | None = None, *, end_time: datetime | None = None,
                 is_fill_forward: bool = False) -> None:  # fmt: skip
        end_time = end_time or time + (period or timedelta(minutes=1))
        self.time, self.end_time, self.symbol = time, end_time, symbol
        self.open, self.high, self.low, self.close, self.volume = open, high, low, close, volume
        self.is_fill_forward = is_fill_forward

    @property
    def value(self) -> float:
        """The close."""
        return self.close

    price = value

    @property
    def period(self) -> timedelta:
        """Length of the bar."""
        return self.end_time - self.time

    def __repr__(self) -> str:
        return f"{self.symbol}: O: {self.open} H: {self.high} L: {self.low} C: {self.close} V: {self.volume}"


class Dividend(NamedTuple):
    """Cash per share, paid to whoever held the asset before `time`."""

    symbol: Symbol
    time: datetime
    distribution: float
    reference_price: float

    @property
    def end_time(self) -> datetime:
        """As `time`."""
        return self.time

    @property
    def price(self) -> float:
        """The distribution."""
        return self.distribution


class Split(NamedTuple):
    """A split: old shares are multiplied by 1 / split_factor. A WARNING comes one session before."""

    symbol: Symbol
    time: datetime
    split_factor: float
    reference_price: float
    type: SplitType

    @property
    def end_time(self) -> datetime:
        """As `time`."""
        return self.time


class KeyValuePair(NamedTuple):
    """What iterating over LEAN's dictionaries gives."""

    key: Any
    value: Any


class DataDictionary(TwoSpellings, Generic[T]):
    """A dictionary by symbol that takes tickers too; iterating gives pairs."""

    def __init__(self, items: Iterable[tuple[Symbol, T]] = ()) -> None:
        self._items: dict[Symbol, T] = dict(items)

    @staticmethod
    def _key(key: Symbol | str) -> Symbol:
        return Symbol(key) if isinstance(key, str) else key

    def __getitem__(self, key: Symbol | str) -> T:
        try:
            return self._items[self._key(key)]
        except KeyError:
            raise KeyError(
                f"'{key}' wasn't found in the {type(self).__name__} object, likely because there was no-data at this moment "
                "in time and it wasn't possible to fillforward historical data. Please check the data exists before accessing "
                'it with data.contains_key("symbol")'
            ) from None

    def __setitem__(self, key: Symbol, value: T) -> None:
        self._items[key] = value

    def __contains__(self, key: object) -> bool:
        return isinstance(key, (Symbol, str)) and self._key(key) in self._items

    def contains_key(self, key: Symbol | str) -> bool:
        """Whether there is an entry."""
        return self._key(key) in self._items

    def get(self, key: Symbol | str, default: T | None = None) -> T | None:
        """Entry, or the default."""
        return self._items.get(self._key(key), default)

    def __len__(self) -> int:
        return len(self._items)

    @property
    def count(self) -> int:
        """Number of entries."""
        return len(self._items)

    def __iter__(self) -> Iterator[KeyValuePair]:
        return (KeyValuePair(k, v) for k, v in self._items.items())

    def keys(self) -> list[Symbol]:
        """Symbols, in order of arrival."""
        return list(self._items)

    def values(self) -> list[T]:
        """Entries."""
        return list(self._items.values())

    def items(self) -> list[tuple[Symbol, T]]:
        """Pairs."""
        return list(self._items.items())


class TradeBars(DataDictionary[TradeBar]):
    """Bars of a slice."""


class Dividends(DataDictionary[Dividend]):
    """Dividends of a slice."""


class Splits(DataDictionary[Split]):
    """Splits of a slice."""


class Slice(TwoSpellings):
    """Everything that arrived at one moment."""

    def __init__(self, time: datetime, bars: TradeBars, dividends: Dividends, splits: Splits) -> None:
        self.time, self.bars, self.dividends, self.splits = time, bars, dividends, splits

    @property
    def has_data(self) -> bool:
        """Whether anything arrived."""
        return bool(len(self.bars) or len(self.dividends) or len(self.splits))

    def contains_key(self, key: Symbol | str) -> bool:
        """Whether anything of the symbol arrived; at a dividend or split that is no bar."""
        return key in self.bars or key in self.dividends or key in self.splits

    __contains__ = contains_key

    def __getitem__(self, key: Symbol | str) -> TradeBar | None:
        if key in self.bars:
            return self.bars[key]
        if self.contains_key(key):
            return None
        return self.bars[key]

    def get(self, key: Symbol | str, default: TradeBar | None = None) -> TradeBar | None:
        """Bar of a symbol, or the default."""
        return self.bars.get(key, default)

    def keys(self) -> list[Symbol]:
        """Symbols with bars."""
        return self.bars.keys()

    def values(self) -> list[TradeBar]:
        """Bars."""
        return self.bars.values()

    def items(self) -> list[tuple[Symbol, TradeBar]]:
        """Symbols and bars."""
        return self.bars.items()

    def __iter__(self) -> Iterator[KeyValuePair]:
        return iter(self.bars)

    def __len__(self) -> int:
        return len(self.bars)
