"""Takes bars from a source into the journal, and says what to do with those that come late, twice or wrong."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from hidden_regime.data.market import Asset
from hidden_regime.exceptions import DataError, RegimeError
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.records import BarRow, stamp
from hidden_regime.operation.market import DAILY, JournalMarket, Series, listing_text
from hidden_regime.operation.sources.base import Source
from hidden_regime.simulator.clock import MIDNIGHT
from hidden_regime.simulator.lengths import MINUTE

JUMP = 3.0
"""A price that is so many times another, or a part of it, and no split says why, is taken for a mistake."""
KEPT_MINUTES = 60
"""Sessions of minute bars that are kept from before a strategy asked for them."""
Tell = Callable[[str, str, str], None]
"""Adds a line to the journal: level, kind, text."""


@dataclass
class Arrived:
    """What came by a time.

    Attributes
    ----------
    bars : list of BarRow
    listings : dict of str to str
        What is known otherwise than before, by ticker.
    silent : list of str
        Tickers whose bar is still missing.
    """

    bars: list[BarRow] = field(default_factory=list)
    listings: dict[str, str] = field(default_factory=dict)
    silent: list[str] = field(default_factory=list)


def fault_of(bar: BarRow, before: float | None, *, has_event: bool) -> str:
    """What is wrong with a bar; empty if nothing is."""
    prices = (bar.opened, bar.high, bar.low, bar.close)
    if not all(math.isfinite(price) and price > 0.0 for price in prices):
        return f"prices {prices}: expected finite ones above zero"
    if not (bar.low <= min(prices) and bar.high >= max(prices)):
        return f"open, high, low and close {prices}: expected the low and the high around the others"
    if not (math.isfinite(bar.volume) and bar.volume >= 0.0):
        return f"a volume of {bar.volume}"
    if before is not None and not has_event and not 1.0 / JUMP < bar.close / before < JUMP:
        return f"a close of {bar.close} after {before}: more than {JUMP:g} times as much or as little, and no split is known"
    return ""


class Arrivals:
    """Fills a journal's series from a source.

    Parameters
    ----------
    journal : Journal
    name : str
        The deployment.
    source : Source
    tell : callable
        Adds a line to the journal.
    """

    def __init__(self, journal: Journal, name: str, source: Source, tell: Tell) -> None:
        self._journal, self._name, self._source, self._tell = journal, name, source, tell
        self._kept = journal.series(name)
        self._told: set[tuple[str, str]] = set()
        self.market = JournalMarket(source, self._begin)
        self.time = datetime.min
        """Market time by which a series that is begun now has its bars."""

    def _say_once(self, level: str, kind: str, said: str) -> None:
        if (kind, said) not in self._told:
            self._told.add((kind, said))
            self._tell(level, kind, said)

    # Beginning -----------------------------------------------------------------------------------------------------------
    def _begin(self, ticker: str, minutes: int) -> Series | None:
        """A series from the journal, or the source's bars so far."""
        if (ticker, minutes) in self._kept:
            if self._kept[ticker, minutes] == "none":
                return None
            for slot, told in self._journal.listings(self._name, ticker):
                if slot <= stamp(self.time):
                    self.market.listings[ticker] = told
            return Series(ticker, minutes, self._journal.bars(self._name, ticker, minutes))
        try:
            bars, listing = self._first(ticker, minutes)
        except DataError:
            if minutes == DAILY:
                raise
            bars, listing = None, ""
        with self._journal.file.transaction() as db:
            days = "none" if bars is None else "kept"
            db.execute("INSERT INTO series VALUES (?, ?, ?, ?)", (self._name, ticker, minutes, days))
            if bars is not None:
                self._journal.add_bars(db, self._name, bars, "")
            if listing:
                db.execute("INSERT OR REPLACE INTO listings VALUES (?, ?, ?, ?)", (self._name, ticker, stamp(self.time), listing))
        self._kept[ticker, minutes] = days
        if listing:
            self.market.listings[ticker] = listing
        return None if bars is None else Series(ticker, minutes, bars)

    def _first(self, ticker: str, minutes: int) -> tuple[list[BarRow] | None, str]:
        if minutes == DAILY:
            asset = self._source.asset(ticker, self.time)
            return [_daily(asset, ticker, row) for row in range(len(asset.dates))], listing_text(asset)
        found = self._source.intraday(ticker, minutes, self.time)
        if found is None:
            return None, ""
        days = found.days
        if minutes == 1 and len(days) > KEPT_MINUTES:
            days = days[-KEPT_MINUTES:]
            self._say_once(
                "note", "history", f"{ticker}: minute bars are kept from {days[0]} on, the latest {KEPT_MINUTES} sessions"
            )
        return [_within(ticker, minutes, day, row) for day in days for row in found.rows(day)], ""

    # Growing -------------------------------------------------------------------------------------------------------------
    def due(self, slot: datetime) -> list[tuple[str, int]]:
        """Series of which a bar should end at a time."""
        session = self.market.calendar.find(slot.date())
        if session is None or not session.open < slot <= session.close:
            return []
        minute = (slot - datetime.combine(slot.date(), MIDNIGHT)) // MINUTE
        found = []
        for (ticker, minutes), series in self.market.series.items():
            ends = slot == session.close if minutes == DAILY else minute % minutes == 0
            if series is not None and ends:
                found.append((ticker, minutes))
        return found

    def collect(self, slot: datetime) -> Arrived:
        """What has come by a time and is not in the journal yet."""
        arrived = Arrived()
        due = set(self.due(slot))
        for (ticker, minutes), series in self.market.series.items():
            if series is None or (minutes != DAILY and (ticker, minutes) not in due):
                continue
            try:
                if minutes == DAILY:
                    came = self._days(series, slot, arrived, due=(ticker, minutes) in due)
                else:
                    came = self._minutes(series, slot, arrived)
            except RegimeError as error:
                self._say_once("warning", "feed", f"{ticker}: {error.text}")
                came = False
            except Exception as error:  # noqa: BLE001 - a source of the user's may raise anything
                self._say_once("warning", "feed", f"{ticker}: {type(error).__name__}: {error}")
                came = False
            if (ticker, minutes) in due and not came:
                arrived.silent.append(ticker if minutes == DAILY else f"{ticker} ({minutes} min)")
        return arrived

    def _days(self, series: Series, slot: datetime, arrived: Arrived, *, due: bool) -> bool:
        ticker, asset = series.ticker, self._source.asset(series.ticker, slot)
        listing = listing_text(asset)
        if listing != self.market.listings.get(ticker):
            arrived.listings[ticker] = listing
        if asset.last_day is not None and asset.last_day < slot.date():
            return True
        last = series.last
        known = date.min if last is None else date.fromisoformat(last.day)
        came, row = False, len(asset.dates) - 1
        while row >= 0 and asset.dates[row] > known:
            day = asset.dates[row]
            if due and day == slot.date():
                bar = _daily(asset, ticker, row, last)
                has_event = any(event.previous == known for event in asset.factors.splits())
                came = self._admit(bar, None if last is None else last.close, arrived, has_event=has_event)
            elif day < slot.date():
                self._say_once(
                    "warning",
                    "late",
                    f"{ticker}: the bar of {day} came after its time: it is left out, as it was then",
                )
            row -= 1
        return came

    def _minutes(self, series: Series, slot: datetime, arrived: Arrived) -> bool:
        ticker, minutes, day = series.ticker, series.minutes, slot.date()
        found = self._source.intraday(ticker, minutes, slot)
        if found is None:
            return False
        last, came = series.last, False
        minute = (slot - datetime.combine(day, MIDNIGHT)) // MINUTE
        known = -1 if last is None or last.day != day.isoformat() else last.minute
        for row in found.rows(day):
            if row[0] <= known:
                continue
            if row[0] + minutes == minute:
                before = None if last is None else last.close
                came = self._admit(
                    _within(ticker, minutes, day, row), before, arrived, has_event=last is None or last.day != day.isoformat()
                )
            elif row[0] + minutes < minute:
                at = datetime.combine(day, MIDNIGHT) + timedelta(minutes=row[0])
                self._say_once("warning", "late", f"{ticker}: the bar of {at:%Y-%m-%d %H:%M} came after its time: it is left out")
        return came

    def _admit(self, bar: BarRow, before: float | None, arrived: Arrived, *, has_event: bool) -> bool:
        fault = fault_of(bar, before, has_event=has_event)
        if fault:
            self._say_once(
                "warning", "wrong", f"{bar.ticker}: the bar of {bar.day} has {fault}: it is left out unless it is corrected"
            )
            return False
        arrived.bars.append(bar)
        return True


def _daily(asset: Asset, ticker: str, row: int, last: BarRow | None = None) -> BarRow:
    """A row of daily bars. Where adjusted closes were adjusted anew, the scale goes on from that of the last bar known."""
    scale = None if asset.adjusted_scale is None else float(asset.adjusted_scale[row])
    if scale is not None and last is not None and last.scale is not None and asset.adjusted_scale is not None:
        day = date.fromisoformat(last.day)
        place = row - 1
        while place >= 0 and asset.dates[place] > day:
            place -= 1
        if place >= 0 and asset.dates[place] == day and asset.adjusted_scale[place] != last.scale:
            scale *= last.scale / float(asset.adjusted_scale[place])
    return BarRow(
        ticker, DAILY, asset.dates[row].isoformat(), 0, float(asset.open[row]), float(asset.high[row]), float(asset.low[row]),
        float(asset.close[row]), float(asset.volume[row]), scale,
    )  # fmt: skip


def _within(ticker: str, minutes: int, day: date, row: tuple[int, float, float, float, float, float]) -> BarRow:
    return BarRow(ticker, minutes, day.isoformat(), *row)
