"""The market of a deployment: the bars of its journal, and nothing else."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from hidden_regime.data.decimals import SystemDecimal
from hidden_regime.data.factors import FactorFile, FactorRow, Written
from hidden_regime.data.intraday import BarRows, IntradayBars
from hidden_regime.data.map_files import Name
from hidden_regime.data.market import Asset
from hidden_regime.exceptions import NoDataError
from hidden_regime.operation.journal.records import BarRow
from hidden_regime.operation.sources.base import Source
from hidden_regime.simulator.clock import TradingCalendar

DAILY = 24 * 60
HOUR = timedelta(hours=1)


class Series:
    """Bars of one ticker and length, in rising order.

    Attributes
    ----------
    ticker : str
    minutes : int
    days : list of date
        Days that have bars.
    last : BarRow or None
        The latest bar.
    """

    def __init__(self, ticker: str, minutes: int, bars: Iterable[BarRow] = ()) -> None:
        self.ticker, self.minutes = ticker, minutes
        self.days: list[date] = []
        self.last: BarRow | None = None
        self._begins: dict[date, int] = {}
        self._count = 0
        self._rows = np.empty((64, 7))
        for bar in bars:
            self.add(bar)

    def add(self, bar: BarRow) -> None:
        """Add one."""
        day = date.fromisoformat(bar.day)
        if day not in self._begins:
            self._begins[day] = self._count
            self.days.append(day)
        if self._count == len(self._rows):
            self._rows = np.concatenate([self._rows, np.empty_like(self._rows)])
        scale = np.nan if bar.scale is None else bar.scale
        self._rows[self._count] = bar.minute, bar.opened, bar.high, bar.low, bar.close, bar.volume, scale
        self._count += 1
        self.last = bar

    @property
    def values(self) -> npt.NDArray[np.float64]:
        """Minute of the day, open, high, low, close, volume and scale of each; (n_bars, 7)."""
        return self._rows[: self._count]

    def of_day(self, day: date) -> BarRows:
        """Bars of a day that has some."""
        begin = self._begins[day]
        place = bisect_right(self.days, day)
        end = self._count if place == len(self.days) else self._begins[self.days[place]]
        rows = self._rows[begin:end]
        return BarRows(rows[:, 0].astype(np.int64), np.ascontiguousarray(rows[:, 1:6]))


def listing_text(asset: Asset) -> str:
    """What is known of a ticker besides its bars, as the journal keeps it."""
    told = {
        "factors": [_told_row(row) for row in asset.factors.rows],
        "first_day": None if asset.first_day is None else asset.first_day.isoformat(),
        "last_day": None if asset.last_day is None else asset.last_day.isoformat(),
        "names": [[name.ticker, name.first.isoformat(), name.last.isoformat()] for name in asset.names],
    }
    return json.dumps(told)


def _told_row(row: FactorRow) -> list[object]:
    written = None if row.written is None else [[number.n, number.scale] for number in row.written]
    return [row.date.isoformat(), row.price_factor, row.split_factor, row.reference_price, written]


def _read_row(told: list[Any]) -> FactorRow:
    day, price, split, close, written = told
    digits = None if written is None else Written(*(SystemDecimal(n, scale) for n, scale in written))
    return FactorRow(date.fromisoformat(day), price, split, close, digits)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def asset_of(series: Series, listing: str) -> Asset:
    """Daily bars with what is known of the ticker."""
    columns = np.ascontiguousarray(series.values.T)
    _, opened, high, low, close, volume, scales = columns
    scale = scales if series.last is not None and series.last.scale is not None else None
    told = json.loads(listing)
    return Asset(
        series.ticker, list(series.days), opened, high, low, close, volume,
        factors=FactorFile([_read_row(row) for row in told["factors"]]), adjusted_scale=scale,
        last_day=_day(told["last_day"]), first_day=_day(told["first_day"]),
        names=tuple(Name(name, date.fromisoformat(first), date.fromisoformat(last)) for name, first, last in told["names"]),
    )  # fmt: skip


class JournalMarket:
    """What the engine reads: the bars that the journal has. A series is begun when the strategy first asks for it.

    Parameters
    ----------
    source : Source
        Says its name, calendar and benchmark. Its bars come through `begin`.
    begin : callable
        Begins a series (ticker, minutes): its bars so far, and of days the listing. None: there is none.

    Attributes
    ----------
    series : dict
        By ticker and minutes.
    listings : dict of str to str
        What is known now, by ticker.
    """

    def __init__(self, source: Source, begin: Callable[[str, int], Series | None]) -> None:
        self._source, self._begin = source, begin
        self.name, self.origin, self.synthetic = source.name, source.origin, source.synthetic
        self.benchmark, self.assets, self.defensive = source.benchmark, source.assets, source.defensive
        self.calendar: TradingCalendar = source.calendar
        self.series: dict[tuple[str, int], Series | None] = {}
        self.listings: dict[str, str] = {}
        self._assets: dict[str, Asset] = {}
        self._within: dict[tuple[str, int], IntradayBars] = {}

    def _series(self, ticker: str, minutes: int) -> Series | None:
        key = (ticker.upper(), minutes)
        if key not in self.series:
            self.series[key] = self._begin(*key)
        return self.series[key]

    def add(self, bars: Sequence[BarRow], listings: dict[str, str]) -> None:
        """Take in bars that have arrived, and what is known now of some tickers."""
        for bar in bars:
            found = self.series[bar.ticker, bar.minutes]
            assert found is not None
            found.add(bar)
            self._assets.pop(bar.ticker, None)
            self._within.pop((bar.ticker, bar.minutes), None)
        for ticker, told in listings.items():
            self.listings[ticker] = told
            self._assets.pop(ticker, None)

    def tickers(self) -> list[str]:
        """Tickers on offer."""
        return self._source.tickers() or sorted({ticker for ticker, _ in self.series})

    def load(self, ticker: str) -> Asset:
        """Daily bars of a ticker."""
        key = ticker.upper()
        if key not in self._assets:
            found = self._series(key, DAILY)
            if found is None:
                raise NoDataError(
                    f"{key} is not in {self.name}: expected a ticker that it has ({', '.join(self.tickers()[:8])})."
                )
            self._assets[key] = asset_of(found, self.listings[key])
        return self._assets[key]

    def intraday(self, ticker: str, minutes: int) -> IntradayBars | None:
        """Hourly or minute bars of a ticker."""
        key = (ticker.upper(), minutes)
        if key not in self._within:
            found = self._series(*key)
            if found is None:
                return None
            self._within[key] = IntradayBars(minutes, list(found.days), found.of_day)
        return self._within[key]

    def hourly(self, ticker: str) -> tuple[list[datetime], npt.NDArray[np.float64]] | None:
        """Ends and raw closes of hourly bars."""
        bars = self.intraday(ticker, 60)
        if bars is None:
            return None
        found = [(datetime.combine(day, time(row[0] // 60)), row[4]) for day in bars.days for row in bars.rows(day)]
        return [moment + HOUR for moment, _ in found], np.array([close for _, close in found])

    def quotes(self, ticker: str) -> None:
        """None: the journal keeps trades."""

    def interest_rates(self) -> list[tuple[date, float]]:
        """Risk-free rates."""
        return self._source.interest_rates()
