"""Rules of dates."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.clock import TradingCalendar
from hidden_regime.simulator.enums import DayOfWeek
from hidden_regime.simulator.spelling import TwoSpellings

DAY = timedelta(days=1)
Dates = Callable[[date, date], list[date]]


class Know(Protocol):
    """Knows a ticker from now on, and tells whether it was unknown."""

    def __call__(self, ticker: str, *, quiet: bool) -> bool:
        """Know a ticker, and say so unless it is to be quiet."""


@dataclass(frozen=True)
class DateRule:
    """Name of a rule and its function from a range to dates."""

    name: str
    dates: Dates

    def get_dates(self, start: date, end: date) -> list[datetime]:
        """Dates of a range, both ends included."""
        first = start.date() if isinstance(start, datetime) else start
        last = end.date() if isinstance(end, datetime) else end
        return [datetime(d.year, d.month, d.day) for d in self.dates(first, last)]

    GetDates = get_dates


def all_days(start: date, end: date) -> list[date]:
    """Every calendar day of a range."""
    return [start + timedelta(days=i) for i in range((end - start).days + 1)]


def _week(day: date) -> tuple[date, date]:
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def _sunday_week(day: date) -> tuple[date, date]:
    """Weeks as .NET counts them."""
    sunday = day - timedelta(days=(day.weekday() + 1) % 7)
    return sunday, sunday + timedelta(days=6)


def _month(day: date) -> tuple[date, date]:
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - DAY


def _year(day: date) -> tuple[date, date]:
    return date(day.year, 1, 1), date(day.year, 12, 31)


def _periods(span: Callable[[date], tuple[date, date]], start: date, end: date) -> Iterable[tuple[date, date]]:
    day = start
    while day <= end:
        first, last = span(day)
        yield first, last
        day = last + DAY


class DateRules(TwoSpellings):
    """Rules of dates. With a symbol they count sessions, without one calendar days."""

    def __init__(
        self, now: Callable[[], datetime], calendar: Callable[[], TradingCalendar], know: Know | None = None,
        exchange_of: Callable[[Any], Any] = lambda symbol: None,
    ) -> None:  # fmt: skip
        self._now, self._calendar, self._know, self._exchange_of = now, calendar, know, exchange_of
        self._told = False

    def _meet(self, symbol: Any) -> None:
        """A ticker that a rule names is known from then on."""
        if isinstance(symbol, str) and self._know is not None:
            self._told |= self._know(symbol, quiet=self._told)

    def _days_of(self, symbol: Any) -> Dates:
        """Days on which a symbol's market opens."""

        def days(start: date, end: date) -> list[date]:
            exchange = self._exchange_of(symbol)
            if exchange is not None:
                return list(exchange.pair_hours.open_days(start, end))
            return [s.date for s in self._calendar().between(start, end)]

        return days

    def _rule(self, kind: str, symbol: Any, offset: int, most: int, pick: Callable[[date, date, list[date]], date | None],
              span: Callable[[date], tuple[date, date]], sign: str) -> DateRule:  # fmt: skip
        if isinstance(offset, bool) or not isinstance(offset, int) or not 0 <= offset <= most:
            raise ParameterError("days_offset", offset, f"an integer (DateRules.{kind}() : Offset must be between 0 and {most})")
        self._meet(symbol)
        suffix = f"{sign}{offset}" if offset else ""
        name = f"{kind}{suffix}" if symbol is None else f"{symbol}: {kind}{suffix}"
        calendar, days_of, exchange_of = self._calendar, self._days_of(symbol), self._exchange_of

        def dates(start: date, end: date) -> list[date]:
            found = []
            around = symbol is not None and exchange_of(symbol) is not None
            known = calendar().days if symbol is not None and not around else []
            periods = _periods(_sunday_week if around and span is _week else span, start, end)
            for first, last in periods:
                inside = known[bisect_left(known, first) : bisect_right(known, last)] if symbol is not None else []
                if around:
                    inside = days_of(first, last)
                day = pick(first, last, inside)
                if day is not None and start <= day <= end:
                    found.append(day)
            return found

        return DateRule(name, dates)

    @staticmethod
    def _from_start(symbol: Any, offset: int) -> Callable[[date, date, list[date]], date | None]:
        def pick(first: date, last: date, inside: list[date]) -> date | None:
            if symbol is None:
                return min(first + timedelta(days=offset), last)
            return inside[min(offset, len(inside) - 1)] if inside else None

        return pick

    @staticmethod
    def _from_end(symbol: Any, offset: int) -> Callable[[date, date, list[date]], date | None]:
        def pick(first: date, last: date, inside: list[date]) -> date | None:
            if symbol is None:
                return max(last - timedelta(days=offset), first)
            return inside[max(len(inside) - 1 - offset, 0)] if inside else None

        return pick

    @staticmethod
    def _split(symbol: Any, offset: Any) -> tuple[Any, Any]:
        """LEAN takes (symbol, offset) and (offset)."""
        return (None, symbol) if isinstance(symbol, int) and not isinstance(symbol, bool) else (symbol, offset)

    def every_day(self, symbol: Any = None) -> DateRule:
        """Every day, or every session of a symbol."""
        self._meet(symbol)
        return DateRule(
            "EveryDay" if symbol is None else f"{symbol}: EveryDay", all_days if symbol is None else self._days_of(symbol)
        )

    def every(self, *days: Any) -> DateRule:
        """Some days of the week, holidays included."""
        days = tuple(days[0]) if len(days) == 1 and isinstance(days[0], (list, tuple)) else days
        wanted = {(int(day) - 1) % 7 for day in days}
        name = ",".join(DayOfWeek(day).to_string() for day in days)
        return DateRule(name, lambda start, end: [d for d in all_days(start, end) if d.weekday() in wanted])

    def on(self, year: Any, month: Any = None, day: Any = None, *more: Any) -> DateRule:
        """One day, or several."""
        if isinstance(month, int) and isinstance(day, int):
            chosen = [date(int(year), month, day)]
        else:
            given = list(year) if isinstance(year, (list, tuple)) else [d for d in (year, month, day, *more) if d is not None]
            chosen = [d.date() if isinstance(d, datetime) else d for d in given]
        return DateRule(",".join(f"{d:%m/%d/%Y}" for d in chosen), lambda start, end: [d for d in chosen if start <= d <= end])

    @property
    def today(self) -> DateRule:
        """The current day."""
        return DateRule("TodayOnly", lambda start, end: [self._now().date()])

    @property
    def tomorrow(self) -> DateRule:
        """The next day."""
        return DateRule("TomorrowOnly", lambda start, end: [self._now().date() + DAY])

    def month_start(self, symbol: Any = None, days_offset: int = 0) -> DateRule:
        """First day of each month, or the one `days_offset` later."""
        symbol, offset = self._split(symbol, days_offset)
        return self._rule("MonthStart", symbol, offset, 30, self._from_start(symbol, offset), _month, "+")

    def month_end(self, symbol: Any = None, days_offset: int = 0) -> DateRule:
        """Last day of each month, or the one `days_offset` earlier."""
        symbol, offset = self._split(symbol, days_offset)
        return self._rule("MonthEnd", symbol, offset, 30, self._from_end(symbol, offset), _month, "-")

    def year_start(self, symbol: Any = None, days_offset: int = 0) -> DateRule:
        """First day of each year, or the one `days_offset` later."""
        symbol, offset = self._split(symbol, days_offset)
        return self._rule("YearStart", symbol, offset, 365, self._from_start(symbol, offset), _year, "+")

    def year_end(self, symbol: Any = None, days_offset: int = 0) -> DateRule:
        """Last day of each year, or the one `days_offset` earlier."""
        symbol, offset = self._split(symbol, days_offset)
        return self._rule("YearEnd", symbol, offset, 365, self._from_end(symbol, offset), _year, "-")

    def week_start(self, symbol: Any = None, days_offset: int = 0) -> DateRule:
        """Monday of each week, or the first session of it, or some days later."""
        symbol, offset = self._split(symbol, days_offset)
        return self._rule("WeekStart", symbol, offset, 6 if symbol is None else 4, self._from_start(symbol, offset), _week, "+")

    def week_end(self, symbol: Any = None, days_offset: int = 0) -> DateRule:
        """Friday of each week, or the last session of it, or some days earlier."""
        symbol, offset = self._split(symbol, days_offset)

        def friday(first: date, last: date, inside: list[date]) -> date | None:
            return first + timedelta(days=4 - offset)

        pick = friday if symbol is None else self._from_end(symbol, offset)
        return self._rule("WeekEnd", symbol, offset, 4, pick, _week, "-")

    def set_default_time_zone(self, *_: object) -> None:
        """Accepted: dates are New York's."""
