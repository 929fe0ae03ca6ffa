"""The slice: everything that arrived at one moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any

from hidden_regime.simulator.enums import SecurityType
from hidden_regime.simulator.objects.corporate import Dividend, Split, SymbolChangedEvent
from hidden_regime.simulator.objects.dictionaries import (
    DataDictionary,
    Delistings,
    Dividends,
    KeyValuePair,
    QuoteBars,
    Splits,
    SymbolChangedEvents,
    TradeBars,
    symbol_in,
)
from hidden_regime.simulator.objects.quotes import QuoteBar
from hidden_regime.simulator.objects.symbol import USA, Symbol, lookup
from hidden_regime.simulator.objects.ticks import Tick
from hidden_regime.simulator.spelling import TwoSpellings


class Slice(TwoSpellings):
    """Everything that arrived at one moment.

    Parameters
    ----------
    time : datetime
        New York time.
    utc : datetime
        Naive UTC.
    bars : mapping of Symbol to TradeBar
    custom : dict of Symbol to BaseData
    known : mapping of str to Symbol, optional
        Tickers that it can be asked for; by default any.
    quotes : mapping of Symbol to QuoteBar, optional
        As in LEAN they are found as `quote_bars` only: of an equity or a coin the slice itself shows the trades. A pair without
        any is shown by its quotes.
    """

    def __init__(self, time: datetime, utc: datetime, bars: MutableMapping[Symbol, Any], custom: dict[Symbol, Any] | None = None,
                 known: Mapping[str, Symbol] | None = None, quotes: MutableMapping[Symbol, QuoteBar] | None = None,
                 ticks: dict[Symbol, list[Tick]] | None = None) -> None:  # fmt: skip
        self.time, self._utc = time, utc
        self._quotes = quotes
        self.bars = TradeBars.of(bars, known)
        self._tickers = known
        self._traded, self._ticks, self._custom = bars, ticks, custom or {}
        self._found: MutableMapping[Symbol, Any] | None = None
        self._dividends: Dividends | None = None
        self._splits: Splits | None = None
        self._delistings: Delistings | None = None
        self._changed: SymbolChangedEvents | None = None

    @property
    def _all(self) -> MutableMapping[Symbol, Any]:
        """Data by symbol. Found when somebody asks: many a strategy looks at few of its moments."""
        if self._found is None:
            self._found = self._together()
        return self._found

    def _together(self) -> MutableMapping[Symbol, Any]:
        found = {**self._traded, **self._custom} if self._custom else self._traded
        if self._quotes is not None:
            alone = [symbol for symbol in self._quotes if symbol not in self._traded and symbol.market != USA]
            found = {**found, **{symbol: self._quotes[symbol] for symbol in alone}} if alone else found
        return {**found, **self._ticks} if self._ticks else found

    def add_event(self, event: Any) -> None:
        """Take a dividend, split, delisting or new ticker."""
        if isinstance(event, Dividend):
            self.dividends[event.symbol] = event
        elif isinstance(event, Split):
            self.splits[event.symbol] = event
        elif isinstance(event, SymbolChangedEvent):
            self.symbol_changed_events[event.symbol] = event
        else:
            self.delistings[event.symbol] = event

    def _symbol(self, key: Symbol | str) -> Symbol:
        if isinstance(key, Symbol):
            return key
        if not isinstance(key, str):
            return symbol_in(key)
        if self._tickers is not None:
            return lookup(key, self._tickers)
        symbol = Symbol(key)
        custom = Symbol(key, SecurityType.BASE)
        return custom if custom in self._custom and symbol not in self._all else symbol

    @property
    def utc_time(self) -> datetime:
        """UTC, with its time zone."""
        return self._utc.replace(tzinfo=UTC)

    @property
    def dividends(self) -> Dividends:
        """Dividends that go ex."""
        if self._dividends is None:
            self._dividends = Dividends.of({}, self._tickers)
        return self._dividends

    @property
    def splits(self) -> Splits:
        """Splits and their warnings."""
        if self._splits is None:
            self._splits = Splits.of({}, self._tickers)
        return self._splits

    @property
    def delistings(self) -> Delistings:
        """Delistings and their warnings."""
        if self._delistings is None:
            self._delistings = Delistings.of({}, self._tickers)
        return self._delistings

    @property
    def ticks(self) -> DataDictionary[Any]:
        """Ticks by symbol, in lists."""
        return DataDictionary.of({} if self._ticks is None else self._ticks, self._tickers)

    @property
    def quote_bars(self) -> QuoteBars:
        """Bars of quotes."""
        return QuoteBars.of({} if self._quotes is None else self._quotes, self._tickers)

    @property
    def symbol_changed_events(self) -> SymbolChangedEvents:
        """New tickers, by the symbol that was asked for."""
        if self._changed is None:
            self._changed = SymbolChangedEvents.of({}, self._tickers)
        return self._changed

    @property
    def _told(self) -> tuple[DataDictionary[Any] | None, ...]:
        return self._dividends, self._splits, self._delistings, self._changed

    @property
    def _events(self) -> list[Symbol]:
        return [key for found in self._told if found for key in found.keys()]

    @property
    def has_data(self) -> bool:
        """Whether anything arrived."""
        return bool(self._traded or self._quotes or self._custom or self._ticks or self._events)

    def contains_key(self, key: Symbol | str) -> bool:
        """Whether anything of the symbol arrived; at a dividend or split that is no bar. None is no symbol."""
        if key is None:
            return False
        symbol = self._symbol(key)
        return symbol in self._all or symbol in self._events

    def __contains__(self, key: Any) -> bool:
        try:
            return self.contains_key(key)
        except TypeError:
            return False

    def __getitem__(self, key: Symbol | str) -> Any:
        symbol = self._symbol(key)
        found = self._all.get(symbol)
        if found is None and symbol not in self._events:
            return self.bars[symbol]
        return found

    def get(self, key: Any, default: Any = None) -> Any:
        """Data of a symbol, or the default; for a class of custom data, a dictionary of all of it."""
        if key is None:
            return default
        if isinstance(key, type):
            if key is QuoteBar:
                return self.quote_bars if default is None else self.quote_bars[default]
            chosen = DataDictionary((s, d) for s, d in self._all.items() if type(d) is key)
            return chosen if default is None else chosen.get(default)
        return self._all.get(self._symbol(key), default)

    def keys(self) -> list[Symbol]:
        """Symbols with data."""
        return list(dict.fromkeys([*self._all, *self._events]))

    def values(self) -> list[Any]:
        """Data."""
        return list(self._all.values())

    Keys = property(lambda self: self.keys())
    Values = property(lambda self: self.values())

    def items(self) -> list[tuple[Symbol, Any]]:
        """Symbols and data."""
        return list(self._all.items())

    @property
    def all_data(self) -> list[Any]:
        """Everything, custom data and quotes too."""
        if self._quotes is None:
            return self.values()
        return [*self._all.values(), *(quote for symbol, quote in self._quotes.items() if self._all.get(symbol) is not quote)]

    @property
    def count(self) -> int:
        """Number of symbols with data."""
        return len(self.keys())

    def __iter__(self) -> Iterator[KeyValuePair]:
        return (KeyValuePair(k, v) for k, v in self._all.items())

    def __len__(self) -> int:
        return len(self.keys())
