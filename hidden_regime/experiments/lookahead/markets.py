"""A market whose future is hidden. What is known by the moment is handed out as the market itself has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from hidden_regime.data.intraday import BarRows, IntradayBars, IntradayQuotes, QuoteRows
from hidden_regime.data.lean_folder import LeanFolder
from hidden_regime.data.market import Asset, MarketData
from hidden_regime.data.tables import TableMarket
from hidden_regime.exceptions import StudyError
from hidden_regime.experiments.lookahead.future import CUT, CloseOf, Floats, Future, last_of


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


def hidden_asset(asset: Asset, future: Future | None, close_of: CloseOf) -> Asset:
    """An asset's days without those that are hidden. What adjusts prices stays: LEAN's files of factors know the future, too."""
    if future is None or not asset.dates:
        return asset
    first = _first_hidden(asset.dates, future, close_of)
    last = _first_hidden(asset.dates, replace(future, moment=future.until, until=datetime.max), close_of)
    if first >= last:
        return asset
    if future.how == CUT:
        return _kept(asset, [*range(first), *range(last, len(asset.dates))])
    anchor = last_of(asset.close[:first]) if first else last_of(asset.open[:1])
    jitter = future.jitter(asset.ticker, len(asset.dates))[first:last]
    opened, high, low, close, volume = (
        column.copy() for column in (asset.open, asset.high, asset.low, asset.close, asset.volume)
    )
    opened[first:last] = future.turned(asset.open[first:last], anchor, jitter)
    high[first:last] = future.turned(asset.low[first:last], anchor, jitter)
    low[first:last] = future.turned(asset.high[first:last], anchor, jitter)
    close[first:last] = future.turned(asset.close[first:last], anchor, jitter)
    volume[first:last] = (volume[first:last] * np.exp(30.0 * jitter)).round(0)
    return replace(asset, open=opened, high=high, low=low, close=close, volume=volume)


def _first_hidden(dates: list[date], future: Future, close_of: CloseOf) -> int:
    low, high = 0, len(dates)
    while low < high:
        middle = (low + high) // 2
        if close_of(dates[middle]) > future.moment:
            high = middle
        else:
            low = middle + 1
    return low


def _kept(asset: Asset, places: list[int]) -> Asset:
    scale = None if asset.adjusted_scale is None else asset.adjusted_scale[places]
    return replace(
        asset, dates=[asset.dates[i] for i in places], open=asset.open[places], high=asset.high[places], low=asset.low[places],
        close=asset.close[places], volume=asset.volume[places], adjusted_scale=scale)  # fmt: skip


def _hidden_bars(
    bars: IntradayBars | None, ticker: str, future: Future | None, anchor: Callable[[], float]
) -> IntradayBars | None:
    """Bars within the day without those that are hidden: each ends a bar's length after its start."""
    if bars is None or future is None:
        return bars
    length = timedelta(minutes=bars.minutes)

    def read(day: date) -> BarRows:
        found = bars.find(day)
        assert found is not None
        hidden = _hidden_rows(found.starts, day, length, future)
        if not hidden.any():
            return found
        if future.how == CUT:
            return BarRows(found.starts[~hidden], found.values[~hidden])
        values = found.values.copy()
        jitter = future.jitter(f"{ticker} {day}", len(values))[hidden]
        turned = [future.turned(values[hidden, column], anchor(), jitter) for column in (0, 2, 1, 3)]
        values[hidden, :4] = np.column_stack(turned)
        values[hidden, 4] = (values[hidden, 4] * np.exp(30.0 * jitter)).round(0)
        return BarRows(found.starts, values)

    days = bars.days if future.how != CUT else [day for day in bars.days if _has_some(day, future)]
    return IntradayBars(bars.minutes, days, read)


def _hidden_quotes(quotes: IntradayQuotes | None, ticker: str, future: Future | None,
                   anchor: Callable[[], float]) -> IntradayQuotes | None:  # fmt: skip
    if quotes is None or future is None:
        return quotes

    def read(day: date) -> QuoteRows:
        found = quotes.find(day)
        assert found is not None
        hidden = _hidden_rows(found.starts, day, timedelta(minutes=quotes.minutes), future)
        if not hidden.any():
            return found
        if future.how == CUT:
            return QuoteRows(found.starts[~hidden], found.bid[~hidden], found.ask[~hidden])
        jitter = future.jitter(f"{ticker} {day}", len(found.starts))[hidden]
        sides = []
        for side in (found.bid, found.ask):
            values = side.copy()
            turned = np.column_stack([future.turned(values[hidden, column], anchor(), jitter) for column in (0, 2, 1, 3)])
            values[hidden, :4] = np.where(values[hidden, :4] > 0.0, turned, 0.0)  # where there was no bid there is none
            sides.append(values)
        bid, ask = sides
        swapped = hidden & (bid[:, 3] > ask[:, 3]) & (ask[:, 3] > 0.0)
        bid[swapped, :4], ask[swapped, :4] = ask[swapped, :4], bid[swapped, :4].copy()
        return QuoteRows(found.starts, bid, ask)

    days = quotes.days if future.how != CUT else [day for day in quotes.days if _has_some(day, future)]
    return IntradayQuotes(quotes.minutes, days, read)


def _hidden_rows(starts: npt.NDArray[np.int64], day: date, length: timedelta, future: Future) -> npt.NDArray[np.bool_]:
    midnight = datetime.combine(day, datetime.min.time())
    ends = [midnight + timedelta(minutes=start) + length for start in starts.tolist()]
    return np.array([future.hides(end) for end in ends], dtype=np.bool_)


def _has_some(day: date, future: Future) -> bool:
    """Whether something of a day may be known."""
    return day <= future.moment.date() or day >= future.until.date()


class _Table(TableMarket):
    def __init__(self, market: TableMarket, future: Future, close_of: CloseOf) -> None:
        self.__dict__.update(market.__dict__)
        self.base, self.future, self.close_of = market, future, close_of
        self._seen: dict[str, Asset] = {}

    def days(self) -> list[date]:
        return self.base.days()

    def load(self, ticker: str) -> Asset:
        key = ticker.upper()
        if key not in self._seen:
            self._seen[key] = hidden_asset(self.base.load(ticker), self.future.of(key), self.close_of)
        return self._seen[key]

    def intraday(self, ticker: str, minutes: int) -> IntradayBars | None:
        key = ticker.upper()
        return _hidden_bars(self.base.intraday(ticker, minutes), key, self.future.of(key), lambda: _anchor(self, key))


class _Folder(LeanFolder):
    def __init__(self, market: LeanFolder, future: Future, close_of: CloseOf) -> None:
        self.__dict__.update(market.__dict__)
        self.base, self.future, self.close_of = market, future, close_of
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
            self._bars_seen[key] = _hidden_bars(found, key[0], self.future.of(key[0]), lambda: _anchor(self, ticker))
        return self._bars_seen[key]

    def quotes(self, ticker: str) -> IntradayQuotes | None:
        key = ticker.upper()
        if key not in self._quotes_seen:
            found = self.base.quotes(ticker)
            self._quotes_seen[key] = _hidden_quotes(found, key, self.future.of(key), lambda: _anchor(self, ticker))
        return self._quotes_seen[key]


def _anchor(market: _Table | _Folder, ticker: str) -> float:
    """The last daily close that is known."""
    base, future = market.base, market.future
    asset = base.listing(ticker) if isinstance(base, LeanFolder) else base.load(ticker)
    return last_of(asset.close[: _first_hidden(asset.dates, future, market.close_of)])


class _Late(TableMarket):
    def __init__(self, market: TableMarket, first: date) -> None:
        self.__dict__.update(market.__dict__)
        self.base, self._first = market, first

    def days(self) -> list[date]:
        return self.base.days()

    def load(self, ticker: str) -> Asset:
        return _begun(self.base.load(ticker), self._first)

    def intraday(self, ticker: str, minutes: int) -> IntradayBars | None:
        return _begun_bars(self.base.intraday(ticker, minutes), self._first)


class _LateFolder(LeanFolder):
    def __init__(self, market: LeanFolder, first: date) -> None:
        self.__dict__.update(market.__dict__)
        self.base, self._first = market, first
        self._seen: dict[str, Asset] = {}

    def load(self, ticker: str) -> Asset:
        return self._late(self.base.load(ticker))

    def listing(self, ticker: str) -> Asset:
        return self._late(self.base.listing(ticker))

    def _late(self, asset: Asset) -> Asset:
        if asset.ticker not in self._seen:
            self._seen[asset.ticker] = _begun(asset, self._first)
        return self._seen[asset.ticker]

    def intraday(self, ticker: str, minutes: int) -> IntradayBars | None:
        return _begun_bars(self.base.intraday(ticker, minutes), self._first)


def _begun(asset: Asset, first: date) -> Asset:
    places = [i for i, day in enumerate(asset.dates) if day >= first]
    return asset if len(places) == len(asset.dates) else _kept(asset, places)


def _begun_bars(bars: IntradayBars | None, first: date) -> IntradayBars | None:
    return None if bars is None else IntradayBars(bars.minutes, [day for day in bars.days if day >= first], bars.read)
