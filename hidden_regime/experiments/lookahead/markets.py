"""A market whose future is hidden. What is known by the moment is handed out as the market itself has it."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np

from hidden_regime.data.intraday import IntradayBars, IntradayQuotes
from hidden_regime.data.lean_folder import LeanFolder
from hidden_regime.data.market import Asset, MarketData
from hidden_regime.data.tables import TableMarket
from hidden_regime.exceptions import StudyError
from hidden_regime.experiments.lookahead.bars import begun, begun_bars, first_hidden, hidden_asset, hidden_bars, hidden_quotes
from hidden_regime.experiments.lookahead.future import CUT, CloseOf, Floats, Future, last_of
from hidden_regime.experiments.lookahead.pairs import begun_folder, begun_tables, hidden_folder, hidden_tables


def without_future(market: MarketData, future: Future, close_of: CloseOf) -> MarketData:
    """A market without what a `Future` hides.

    Raises
    ------
    StudyError
        A market of another kind than tables and LEAN folders.
    """
    if isinstance(market, TableMarket):
        return _Table(market, future, close_of)
    if isinstance(market, LeanFolder):
        return _Folder(market, future, close_of)
    raise StudyError(
        f"the data are a {type(market).__name__}: expected a packaged set, files of prices, frames (TableMarket) or a LEAN data "
        "folder, whose bars can be hidden."
    )


def without_beginning(market: MarketData, first: date) -> MarketData:
    """A market whose bars begin on a day, with the calendar that it had."""
    if isinstance(market, TableMarket):
        return _Late(market, first)
    return _LateFolder(market, first)  # type: ignore[arg-type]


class _Table(TableMarket):
    def __init__(self, market: TableMarket, future: Future, close_of: CloseOf) -> None:
        self.__dict__.update(market.__dict__)
        self.base, self.future, self.close_of = market, future, close_of
        self.pairs = hidden_tables(market.pairs, future)
        self._seen: dict[str, Asset] = {}

    def days(self) -> list[date]:
        return self.base.days()

    def load(self, ticker: str) -> Asset:
        key = ticker.upper()
        if key not in self._seen:
            pair = self.pairs.find(key)
            own = None if pair is None else pair.asset()
            self._seen[key] = own or hidden_asset(self.base.load(ticker), self.future.of(key), self.close_of)
        return self._seen[key]

    def intraday(self, ticker: str, minutes: int) -> IntradayBars | None:
        key = ticker.upper()
        return hidden_bars(self.base.intraday(ticker, minutes), key, self.future.of(key), lambda: _anchor(self, key))


class _Folder(LeanFolder):
    def __init__(self, market: LeanFolder, future: Future, close_of: CloseOf) -> None:
        self.__dict__.update(market.__dict__)
        self.base, self.future, self.close_of = market, future, close_of
        self.pairs = hidden_folder(market.pairs, future)
        self._seen: dict[str, Asset] = {}
        self._bars_seen: dict[tuple[str, int], IntradayBars | None] = {}
        self._quotes_seen: dict[str, IntradayQuotes | None] = {}

    def load(self, ticker: str) -> Asset:
        return self._hide(self.base.load(ticker))

    def listing(self, ticker: str) -> Asset:
        return self._hide(self.base.listing(ticker))

    def _hide(self, asset: Asset) -> Asset:
        if asset.ticker not in self._seen:
            self._seen[asset.ticker] = hidden_asset(asset, self.future.of(asset.ticker), self.close_of)
        return self._seen[asset.ticker]

    def hourly(self, ticker: str) -> tuple[list[datetime], Floats] | None:
        found = self.base.hourly(ticker)
        future = self.future.of(ticker.upper())
        if found is None or future is None:
            return found
        times, closes = found
        hidden = np.array([future.hides(time) for time in times], dtype=np.bool_)
        if future.how == CUT:
            return [time for time, gone in zip(times, hidden.tolist(), strict=True) if not gone], closes[~hidden]
        changed = closes.copy()
        jitter = future.jitter(ticker.upper(), len(closes))[hidden]
        changed[hidden] = future.turned(closes[hidden], _anchor(self, ticker), jitter)
        return times, changed

    def intraday(self, ticker: str, minutes: int) -> IntradayBars | None:
        key = (ticker.upper(), minutes)
        if key not in self._bars_seen:
            found = self.base.intraday(ticker, minutes)
            self._bars_seen[key] = hidden_bars(found, key[0], self.future.of(key[0]), lambda: _anchor(self, ticker))
        return self._bars_seen[key]

    def quotes(self, ticker: str) -> IntradayQuotes | None:
        key = ticker.upper()
        if key not in self._quotes_seen:
            found = self.base.quotes(ticker)
            self._quotes_seen[key] = hidden_quotes(found, key, self.future.of(key), lambda: _anchor(self, ticker))
        return self._quotes_seen[key]


def _anchor(market: _Table | _Folder, ticker: str) -> float:
    """The last daily close that is known."""
    base, future = market.base, market.future
    asset = base.listing(ticker) if isinstance(base, LeanFolder) else base.load(ticker)
    return last_of(asset.close[: first_hidden(asset.dates, future, market.close_of)])


class _Late(TableMarket):
    def __init__(self, market: TableMarket, first: date) -> None:
        self.__dict__.update(market.__dict__)
        self.base, self._first = market, first
        self.pairs = begun_tables(market.pairs, first)

    def days(self) -> list[date]:
        return self.base.days()

    def load(self, ticker: str) -> Asset:
        pair = self.pairs.find(ticker)
        return begun(self.base.load(ticker), self._first) if pair is None else pair.asset()

    def intraday(self, ticker: str, minutes: int) -> IntradayBars | None:
        return begun_bars(self.base.intraday(ticker, minutes), self._first)


class _LateFolder(LeanFolder):
    def __init__(self, market: LeanFolder, first: date) -> None:
        self.__dict__.update(market.__dict__)
        self.base, self._first = market, first
        self.pairs = begun_folder(market.pairs, first)
        self._seen: dict[str, Asset] = {}

    def load(self, ticker: str) -> Asset:
        return self._late(self.base.load(ticker))

    def listing(self, ticker: str) -> Asset:
        return self._late(self.base.listing(ticker))

    def _late(self, asset: Asset) -> Asset:
        if asset.ticker not in self._seen:
            self._seen[asset.ticker] = begun(asset, self._first)
        return self._seen[asset.ticker]

    def intraday(self, ticker: str, minutes: int) -> IntradayBars | None:
        return begun_bars(self.base.intraday(ticker, minutes), self._first)
