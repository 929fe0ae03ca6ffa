"""Dictionaries by symbol, as LEAN's slices and managers are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any, Generic, NamedTuple, Self, TypeVar

from hidden_regime.simulator.binding.binder import Binder
from hidden_regime.simulator.binding.conversion import Refused, converted
from hidden_regime.simulator.binding.signatures import read
from hidden_regime.simulator.enums import SecurityType
from hidden_regime.simulator.failures import KeyNotFoundException
from hidden_regime.simulator.objects.bars import TradeBar
from hidden_regime.simulator.objects.corporate import Delisting, Dividend, Split, SymbolChangedEvent
from hidden_regime.simulator.objects.quotes import QuoteBar
from hidden_regime.simulator.objects.symbol import Symbol, UnknownSymbol, lookup
from hidden_regime.simulator.spelling import TwoSpellings

T = TypeVar("T")

UNKNOWN = (
    "The ticker {} was not found in the SymbolCache. Use the Symbol object as key instead. Accessing the securities "
    "collection/slice object by string ticker is only available for securities added with the add_security-family methods. For "
    "more details, please check out the documentation."
)


INDEXER = "get_item"
BY_SYMBOL = Binder(INDEXER, read(f"{INDEXER} symbol:Symbol\n{INDEXER} ticker:string")[INDEXER])


def symbol_in(key: Any) -> Any:
    """The symbol of a key that is neither symbol nor ticker: of a security it is its symbol.

    Raises
    ------
    TypeError
        LEAN's dictionaries are asked by symbol or ticker: a place (`[0]`, `[-1]`, `[:2]`) is none.
    """
    if key is None:
        return None
    try:
        return converted("Symbol", key).symbol
    except Refused:
        raise TypeError(BY_SYMBOL.refusal([key], {})) from None


def renamed(items: Mapping[Symbol, T], fresh: Symbol) -> dict[Symbol, T]:
    """A dictionary with another object of an equal symbol among its keys."""
    return {fresh if key == fresh else key: value for key, value in items.items()}


def entries(found: DataDictionary[T]) -> Mapping[Symbol, T]:
    """What a dictionary walks over, itself: the engine reads prices by it at each moment, without LEAN's detours."""
    return found._items


def entries_ever(found: AssetDictionary[T]) -> dict[Symbol, T]:
    """The same with what has left."""
    return found._ever


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
    """A dictionary by symbol that takes tickers too; iterating gives pairs.

    Of a run it takes the tickers that the run knows: those that were added by hand or named by a rule.
    """

    _tickers: Mapping[str, Symbol] | None = None

    def __init__(self, items: Iterable[tuple[Symbol, T]] = (), known: Mapping[str, Symbol] | None = None) -> None:
        self._items: MutableMapping[Symbol, T] = dict(items)
        self._tickers = known

    @classmethod
    def of(cls, items: MutableMapping[Symbol, T], known: Mapping[str, Symbol] | None = None) -> Self:
        """One that takes a dictionary over as it is."""
        made = cls.__new__(cls)
        made._items, made._tickers = items, known
        return made

    def rename(self, fresh: Symbol) -> None:
        """Have another object of an equal symbol among the keys."""
        # A new dictionary, for the old one may be walked just now.
        self._items = renamed(self._items, fresh)

    def _key(self, key: Symbol | str) -> Symbol:
        if isinstance(key, Symbol):
            return key
        if not isinstance(key, str):
            return symbol_in(key)
        if self._tickers is not None:
            return lookup(key, self._tickers)
        symbol = Symbol(key)
        if symbol in self._items:
            return symbol
        custom = Symbol(key, SecurityType.BASE)
        return custom if custom in self._items else symbol

    def __getitem__(self, key: Symbol | str) -> T:
        symbol = self._key(key)
        try:
            return self._items[symbol]
        except KeyError:
            if isinstance(symbol, UnknownSymbol):
                raise KeyNotFoundException(UNKNOWN.format(symbol)) from None
            raise KeyError(
                f"'{key}' wasn't found in the {type(self).__name__} object, likely because there was no-data at this moment "
                "in time and it wasn't possible to fillforward historical data. Please check the data exists before accessing "
                'it with data.contains_key("symbol")'
            ) from None

    def __setitem__(self, key: Symbol | str, value: T) -> None:
        self._items[self._key(key)] = value

    def __contains__(self, key: Any) -> bool:
        try:
            return self.contains_key(key)
        except TypeError:
            return False

    def contains_key(self, key: Symbol | str) -> bool:
        """Whether there is an entry. None is no key of any."""
        return key is not None and self._key(key) in self._items

    def get(self, key: Symbol | str, default: T | None = None) -> T | None:
        """Entry, or the default."""
        return default if key is None else self._items.get(self._key(key), default)

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

    def copy(self) -> dict[Symbol, T]:
        """A dictionary of Python's with the same entries."""
        return dict(self._items)


class AssetDictionary(DataDictionary[T]):
    """A dictionary that still finds by key what has left it, as LEAN's managers do; walks and counts leave that out."""

    def __init__(self, items: Iterable[tuple[Symbol, T]] = (), known: Mapping[str, Symbol] | None = None) -> None:
        super().__init__(items, known)
        self._ever: dict[Symbol, T] = dict(self._items)

    def __getitem__(self, key: Symbol | str) -> T:
        symbol = self._key(key)
        found = self._ever.get(symbol)
        return super().__getitem__(symbol) if found is None else found

    def __setitem__(self, key: Symbol | str, value: T) -> None:
        symbol = self._key(key)
        self._items[symbol] = self._ever[symbol] = value

    def contains_key(self, key: Symbol | str) -> bool:
        """Whether there is an entry, or was."""
        return key is not None and self._key(key) in self._ever

    def get(self, key: Symbol | str, default: T | None = None) -> T | None:
        """Entry, also of what has left, or the default."""
        if type(key) is Symbol:  # without a call in the usual case
            return self._ever.get(key, default)
        return default if key is None else self._ever.get(self._key(key), default)

    get_value = get

    def rename(self, fresh: Symbol) -> None:
        """Have another object of an equal symbol among the keys."""
        super().rename(fresh)
        self._ever = renamed(self._ever, fresh)

    def drop(self, symbol: Symbol) -> None:
        """Leave a symbol out of walks and counts."""
        self._items.pop(symbol, None)


class TradeBars(DataDictionary[TradeBar]):
    """Bars of a slice."""


class Dividends(DataDictionary[Dividend]):
    """Dividends of a slice."""


class Splits(DataDictionary[Split]):
    """Splits of a slice."""


class Delistings(DataDictionary[Delisting]):
    """Delistings of a slice."""


class QuoteBars(DataDictionary[QuoteBar]):
    """Quotes of a slice."""


class SymbolChangedEvents(DataDictionary[SymbolChangedEvent]):
    """New tickers of a slice."""
