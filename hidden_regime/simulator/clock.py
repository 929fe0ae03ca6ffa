"""Sessions of the New York exchanges, and time zones."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hidden_regime.data.market_hours import MarketHours

NEW_YORK = ZoneInfo("America/New_York")
OPEN, CLOSE, EARLY_CLOSE = time(9, 30), time(16), time(13)
MIDNIGHT, TWO = time(0), time(2)


class Session(NamedTuple):
    """A trading day."""

    date: date
    open: datetime
    close: datetime


@cache
def _offset(day: date) -> timedelta:
    offset = datetime.combine(day, time(12), NEW_YORK).utcoffset()
    assert offset is not None
    return offset


@cache
def _changes(year: int) -> tuple[datetime, datetime, timedelta, timedelta] | None:
    """When clocks of a year change, and the offsets in winter and between; None unless they change twice."""
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    found = [day for before, day in pairwise(days) if _offset(before) != _offset(day)]
    if len(found) != 2 or _offset(days[0]) != _offset(days[-1]):
        return None
    begin, end = (datetime.combine(day, TWO) for day in found)
    return begin, end, _offset(days[0]), _offset(found[0])


def to_utc(moment: datetime) -> datetime:
    """UTC (naive) of a naive New York time. Clocks change at two in the morning; inside that hour nothing happens here."""
    found = _changes(moment.year)
    if found is not None:
        begin, end, winter, summer = found
        return moment - (summer if begin <= moment < end else winter)
    day = moment.date()
    return moment - _offset(day if moment.hour >= 2 else day - timedelta(days=1))


def from_utc(moment: datetime) -> datetime:
    """Naive New York time of a naive UTC time."""
    return moment.replace(tzinfo=UTC).astimezone(NEW_YORK).replace(tzinfo=None)


def stamp(moment: datetime) -> str:
    """A naive UTC time as LEAN writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(moment: datetime) -> int:
    """A naive UTC time in seconds since 1970."""
    return int(moment.replace(tzinfo=UTC).timestamp())


NOT_EARLY = frozenset({date(1998, 11, 27), date(1998, 12, 24), date(1999, 12, 31)})
"""Early closes of the exchanges that LEAN's market-hours database lacks."""


@lru_cache(maxsize=8)
def _early_closes(first_year: int, last_year: int) -> tuple[tuple[date, ...], frozenset[date]]:
    """Sessions of the New York exchanges and those that close at 13:00."""
    import exchange_calendars

    calendar = exchange_calendars.get_calendar("XNYS", start=f"{first_year}-01-01", end=f"{last_year}-12-31")
    return tuple(day.date() for day in calendar.sessions), frozenset(day.date() for day in calendar.early_closes) - NOT_EARLY


def _new_york(first: date, last: date, days: Sequence[date] | None) -> list[Session]:
    official, early = _early_closes(first.year, last.year)
    chosen = official if days is None else days
    return [
        Session(day, datetime.combine(day, OPEN), datetime.combine(day, EARLY_CLOSE if day in early else CLOSE))
        for day in chosen
        if first <= day <= last
    ]


def _from_hours(first: date, last: date, hours: MarketHours) -> list[Session]:
    out = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        found = hours.of(day)
        if found is not None:
            midnight = datetime.combine(day, MIDNIGHT)
            out.append(Session(day, midnight + found[0], midnight + found[1]))
    return out


class TradingCalendar:
    """Trading days with their hours.

    Parameters
    ----------
    first, last : date
        Range to cover.
    days : sequence of date, optional
        The trading days, for markets with a calendar of their own; by default those of the New York exchanges.
    hours : MarketHours, optional
        A data folder's own hours, which then say all.
    """

    def __init__(self, first: date, last: date, days: Sequence[date] | None = None, *, hours: MarketHours | None = None) -> None:
        self.sessions = _new_york(first, last, days) if hours is None else _from_hours(first, last, hours)
        self.days = [session.date for session in self.sessions]
        self.places = {day: place for place, day in enumerate(self.days)}
        self._by_day = {session.date: session for session in self.sessions}
        self._closes = [session.close for session in self.sessions]

    def at_or_after(self, day: date) -> int:
        """Place of the first session that isn't before a day."""
        return bisect_left(self.days, day)

    def find(self, day: date) -> Session | None:
        """Session of a day, if it is one."""
        return self._by_day.get(day)

    def is_open(self, moment: datetime) -> bool:
        """Whether the market is open at a New York time."""
        session = self._by_day.get(moment.date())
        return session is not None and session.open <= moment < session.close

    def next_close(self, moment: datetime) -> datetime:
        """The first close after a time."""
        place = bisect_right(self._closes, moment)
        return self._closes[place] if place < len(self._closes) else datetime.max

    def next_open(self, moment: datetime) -> datetime:
        """The first open after a time."""
        place = self.at_or_after(moment.date())
        while place < len(self.sessions) and self.sessions[place].open <= moment:
            place += 1
        return self.sessions[place].open if place < len(self.sessions) else datetime.max

    def after(self, day: date) -> date | None:
        """The first session after a day."""
        place = bisect_right(self.days, day)
        return self.days[place] if place < len(self.days) else None

    def between(self, start: date, end: date) -> list[Session]:
        """Sessions from start to end, both included."""
        return self.sessions[self.at_or_after(start) : bisect_right(self.days, end)]

    def before(self, day: date, n: int) -> list[Session]:
        """The last n sessions before a day, oldest first."""
        place = self.at_or_after(day)
        return self.sessions[max(place - n, 0) : place]
