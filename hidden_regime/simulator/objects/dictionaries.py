"""Dictionaries by symbol, as LEAN's slices and managers are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Generic, NamedTuple, TypeVar

from hidden_regime.simulator.enums import SecurityType
from hidden_regime.simulator.objects.bars import TradeBar
from hidden_regime.simulator.objects.corporate import Delisting, Dividend, Split
from hidden_regime.simulator.objects.symbol import Symbol
from hidden_regime.simulator.spelling import TwoSpellings

T = TypeVar("T")


class _Pair(NamedTuple):
    key: Any
    value: Any


class KeyValuePair(_Pair):
    """What iterating over LEAN's dictionaries gives."""

    __slots__ = ()

    @property
    def Key(self) -> Any:
        """The key."""
        return self.key

    @property
    def Value(self) -> Any:
        """The value."""
        return self.value

    def __str__(self) -> str:
        return f"[{self.key}, {self.value}]"

    def to_string(self) -> str:
        """The pair's text, which `log` writes."""
        return str(self)


class DataDictionary(TwoSpellings, Generic[T]):
    """A dictionary by symbol that takes tickers too; iterating gives pairs."""

    def __init__(self, items: Iterable[tuple[Symbol, T]] = ()) -> None:
        self._items: dict[Symbol, T] = dict(items)

    @classmethod
    def of(cls, items: dict[Symbol, T]) -> DataDictionary[T]:
        """One that takes a dictionary over as it is."""
        made = cls.__new__(cls)
        made._items = items
        return made

    def _key(self, key: Symbol | str) -> Symbol:
        if not isinstance(key, str):
            return key
        symbol = Symbol(key)
        if symbol in self._items:
            return symbol
        custom = Symbol(key, SecurityType.BASE)
        return custom if custom in self._items else symbol

    def __getitem__(self, key: Symbol | str) -> T:
        try:
            return self._items[self._key(key)]
        except KeyError:
            raise KeyError(
                f"'{key}' wasn't found in the {type(self).__name__} object, likely because there was no-data at this moment "
                "in time and it wasn't possible to fillforward historical data. Please check the data exists before accessing "
                'it with data.contains_key("symbol")'
            ) from None

    def __setitem__(self, key: Symbol | str, value: T) -> None:
        self._items[self._key(key)] = value

    def __contains__(self, key: object) -> bool:
        return isinstance(key, (Symbol, str)) and self._key(key) in self._items

    def contains_key(self, key: Symbol | str) -> bool:
        """Whether there is an entry."""
        return self._key(key) in self._items

    def get(self, key: Symbol | str, default: T | None = None) -> T | None:
        """Entry, or the default."""
        return self._items.get(self._key(key), default)

    get_value = get

    def try_get_value(self, key: Symbol | str, _: object = None) -> tuple[bool, T | None]:
        """Whether there is an entry, and the entry."""
        return key in self, self.get(key)

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

    Keys = property(lambda self: self.keys())
    Values = property(lambda self: self.values())

    def items(self) -> list[tuple[Symbol, T]]:
        """Pairs."""
        return list(self._items.items())


class TradeBars(DataDictionary[TradeBar]):
    """Bars of a slice."""


class Dividends(DataDictionary[Dividend]):
    """Dividends of a slice."""


class Splits(DataDictionary[Split]):
    """Splits of a slice."""


class Delistings(DataDictionary[Delisting]):
    """Delistings of a slice."""


class QuoteBars(DataDictionary[Any]):
    """Quotes of a slice: the engine's markets have none."""


class SymbolChangedEvents(DataDictionary[Any]):
    """Renamed tickers of a slice: the engine's markets have none."""
