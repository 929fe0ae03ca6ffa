"""Bars and quotes of an asset without those that are hidden. What is known by the moment stays to the last bit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from hidden_regime.data.intraday import BarRows, IntradayBars, IntradayQuotes, QuoteRows
from hidden_regime.data.market import Asset
from hidden_regime.experiments.lookahead.future import CUT, CloseOf, Future, last_of


def hidden_asset(asset: Asset, future: Future | None, close_of: CloseOf) -> Asset:
    """An asset's days without those that are hidden. What adjusts prices stays: LEAN's files of factors know the future, too."""
    if future is None or not asset.dates:
        return asset
    first = first_hidden(asset.dates, future, close_of)
    last = first_hidden(asset.dates, replace(future, moment=future.until, until=datetime.max), close_of)
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


def first_hidden(dates: list[date], future: Future, close_of: CloseOf) -> int:
    """Place of the first day that isn't known by the moment."""
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


def hidden_bars(
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


def hidden_quotes(quotes: IntradayQuotes | None, ticker: str, future: Future | None,
                   anchor: Callable[[], float]) -> IntradayQuotes | None:  # fmt: skip
    """Quotes without those that are hidden: bids stay below asks."""
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


def begun(asset: Asset, first: date) -> Asset:
    """An asset whose days begin later."""
    places = [i for i, day in enumerate(asset.dates) if day >= first]
    return asset if len(places) == len(asset.dates) else _kept(asset, places)


def begun_bars(bars: IntradayBars | None, first: date) -> IntradayBars | None:
    """Bars within the day that begin later."""
    return None if bars is None else IntradayBars(bars.minutes, [day for day in bars.days if day >= first], bars.read)
