"""Frames as LEAN gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from hidden_regime.simulator.objects import QuoteBar, Symbol, TradeBar

PRICES = ("close", "high", "low", "open")
COLUMNS = (*PRICES, "volume")
MISSING = "No key found for either mapped or original key. Mapped Key: [{key!r}]; Original Key: [{key!r}]"


def _mapped(key: Any) -> Any:
    if isinstance(key, str):
        return Symbol(key)
    if isinstance(key, (tuple, list)):
        parts = [_mapped(part) for part in key]
        # Symbols equal their tickers, so only identity tells whether anything was mapped.
        return key if all(new is old for new, old in zip(parts, key, strict=True)) else type(key)(parts)
    return key


def _look(find: Callable[[Any], Any], key: Any) -> Any:
    """Look up a key, then the same key with tickers as symbols: LEAN's frames take both."""
    try:
        return find(key)
    except KeyError:
        mapped = _mapped(key)
        if mapped is key:
            raise
        try:
            return find(mapped)
        except KeyError:
            raise KeyError(MISSING.format(key=key)) from None


class _Loc:
    """`.loc` that takes tickers for symbols."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getitem__(self, key: Any) -> Any:
        return _look(self._inner.__getitem__, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._inner[key] = value

    def __call__(self, axis: Any = None) -> Any:
        return _Loc(self._inner(axis=axis))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _TakesTickers:
    """Lookups of pandas' in which a ticker stands for its symbol."""

    @property
    def loc(self) -> Any:
        """By label; a ticker stands for its symbol."""
        return _Loc(super().loc)  # type: ignore[misc]

    def __getitem__(self, key: Any) -> Any:
        return _look(super().__getitem__, key)  # type: ignore[misc]


class HistorySeries(_TakesTickers, pd.Series):
    """A column of a `HistoryFrame`, which takes tickers as the frame does, and gives such frames when it is unstacked."""

    @property
    def _constructor(self) -> Any:
        return HistorySeries

    @property
    def _constructor_expanddim(self) -> Any:
        return HistoryFrame


class HistoryFrame(_TakesTickers, pd.DataFrame):
    """A frame by symbol and time in which `.loc["SPY"]` finds what `.loc[symbol]` does."""

    @property
    def _constructor(self) -> Any:
        return HistoryFrame

    @property
    def _constructor_sliced(self) -> Any:
        return HistorySeries


# LEAN's frames go by pandas' names. Pickling looks for the qualified name, which stays.
HistoryFrame.__name__, HistorySeries.__name__ = "DataFrame", "Series"


def empty() -> pd.DataFrame:
    """A frame of nothing."""
    return pd.DataFrame()


def of_columns(parts: Sequence[tuple[Symbol, Sequence[Any], dict[str, Any]]]) -> pd.DataFrame:
    """Frame of each symbol's times and columns, one symbol after the other. Columns of nothing but zeros are left out."""
    symbols: list[Symbol] = []
    times: list[Any] = []
    kept: list[dict[str, Any]] = []
    for symbol, moments, columns in parts:
        if len(moments) == 0:
            continue
        symbols += [symbol] * len(moments)
        times += list(moments)
        kept.append({name: values for name, values in columns.items() if np.any(np.nan_to_num(np.asarray(values, dtype=float)))})
    if not times:
        return empty()
    names = sorted({name for columns in kept for name in columns})
    lengths = [len(next(iter(columns.values()))) if columns else 0 for columns in kept]
    data = {
        name: np.concatenate([
            np.asarray(columns[name], dtype=np.float64) if name in columns else np.full(n, np.nan)
            for columns, n in zip(kept, lengths, strict=True)
        ])
        for name in names
    }  # fmt: skip
    index = pd.MultiIndex.from_arrays([symbols, pd.DatetimeIndex(times)], names=["symbol", "time"])
    return HistoryFrame(data, index=index, columns=names)


def of_bars(symbol: Symbol, bars: Iterable[TradeBar]) -> tuple[Symbol, list[Any], dict[str, Any]]:
    """Times and columns of bars."""
    found = list(bars)
    return symbol, [bar.end_time for bar in found], {name: [getattr(bar, name) for bar in found] for name in COLUMNS}


def of_quotes(symbol: Symbol, quotes: Sequence[QuoteBar]) -> tuple[Symbol, list[Any], dict[str, Any]]:
    """Times and columns of quotes: bids, asks, their sizes, and prices halfway."""
    columns: dict[str, Any] = {name: [getattr(quote, name) for quote in quotes] for name in PRICES}
    for side in ("ask", "bid"):
        found = [getattr(quote, side) for quote in quotes]
        columns |= {f"{side}{name}": [np.nan if bar is None else getattr(bar, name) for bar in found] for name in PRICES}
        columns[f"{side}size"] = [getattr(quote, f"last_{side}_size") for quote in quotes]
    return symbol, [quote.end_time for quote in quotes], columns


def of_both(symbol: Symbol, bars: Sequence[TradeBar], quotes: Sequence[QuoteBar]) -> tuple[Symbol, list[Any], dict[str, Any]]:
    """Times and columns of trades and quotes: where both came the prices are those of the trades."""
    first, second = (
        pd.DataFrame(columns, index=pd.Index(times, dtype=object))
        for _, times, columns in (of_bars(symbol, bars), of_quotes(symbol, quotes))
    )
    joined = first.combine_first(second).sort_index()
    return symbol, list(joined.index), {name: joined[name].to_numpy() for name in joined.columns}


def of_ticks(symbol: Symbol, ticks: Sequence[Any]) -> tuple[Symbol, list[Any], dict[str, Any]]:
    """Times and columns of ticks: last prices and quantities of trades, prices and sizes of quotes."""
    names = {
        "lastprice": "value", "quantity": "quantity", "bidprice": "bid_price", "bidsize": "bid_size", "askprice": "ask_price",
        "asksize": "ask_size",
    }  # fmt: skip
    columns: dict[str, Any] = {column: [getattr(tick, name) for tick in ticks] for column, name in names.items()}
    return symbol, [tick.time for tick in ticks], columns


def of_custom(symbol: Symbol, rows: Iterable[Any]) -> tuple[Symbol, list[Any], dict[str, Any]]:
    """Times and columns of custom data: what the reader set, and the value."""
    found = list(rows)
    names = sorted({name for row in found for name in getattr(row, "columns", {}) if not name.startswith("__")} | {"value"})
    columns: dict[str, Any] = {}
    for name in names:
        values = [row.value if name == "value" else row.columns.get(name, np.nan) for row in found]
        if all(isinstance(v, (int, float, np.number)) for v in values):
            columns[name] = values
    return symbol, [row.end_time for row in found], columns


# What strategies see when they log a frame's type.
HistoryFrame.__name__, HistorySeries.__name__ = "DataFrame", "Series"
