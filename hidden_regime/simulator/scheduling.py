"""Scheduled events: rules of dates and times, and the queue that fires them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from hidden_regime.simulator.clock import MIDNIGHT, TradingCalendar
from hidden_regime.simulator.spelling import TwoSpellings

DateFilter = Callable[[date, date], list[date]]
TimeRule = Callable[[date], list[datetime]]


def _calendar(start: date, end: date) -> list[date]:
    return [start + timedelta(days=i) for i in range((end - start).days + 1)]


@dataclass(frozen=True)
class DateRule:
    """Name of a rule and its function from a range to dates."""

    name: str
    dates: DateFilter


def _grouped(days: list[date], key: Callable[[date], Any], pick: int) -> list[date]:
    groups: dict[Any, list[date]] = {}
    for day in days:
        groups.setdefault(key(day), []).append(day)
    return [group[max(min(pick, len(group) - 1), -len(group))] for group in groups.values()]


def _month(day: date) -> tuple[int, int]:
    return (day.year, day.month)


def _week(day: date) -> tuple[int, int]:
    return day.isocalendar()[:2]


class DateRules(TwoSpellings):
    """Rules of dates. With a symbol they count trading days, without one calendar days."""

    def __init__(self, now: Callable[[], datetime], calendar: Callable[[], TradingCalendar]) -> None:
        self._now, self._calendar = now, calendar

    def _sessions(self, start: date, end: date) -> list[date]:
        return [s.date for s in self._calendar().between(start, end)]

    def _by(self, kind: str, symbol: object, key: Callable[[date], Any], pick: int) -> DateRule:
        name = kind if symbol is None else f"{symbol}: {kind}"

        def dates(start: date, end: date) -> list[date]:
            days = (_calendar if symbol is None else self._sessions)(start.replace(day=1), end + timedelta(days=31))
            return [d for d in _grouped(days, key, pick) if start <= d <= end]

        return DateRule(name, dates)

    def every_day(self, symbol: object = None) -> DateRule:
        """Every day, or every trading day of a symbol."""
        return DateRule("EveryDay" if symbol is None else f"{symbol}: EveryDay", _calendar if symbol is None else self._sessions)

    def month_start(self, symbol: object = None, days_offset: int = 0) -> DateRule:
        """First day of each month, or the one `days_offset` later."""
        return self._by("MonthStart", symbol, _month, days_offset)

    def month_end(self, symbol: object = None, days_offset: int = 0) -> DateRule:
        """Last day of each month, or the one `days_offset` earlier."""
        return self._by("MonthEnd", symbol, _month, -1 - days_offset)

    def week_start(self, symbol: object = None, days_offset: int = 0) -> DateRule:
        """First day of each week, or the one `days_offset` later."""
        return self._by("WeekStart", symbol, _week, days_offset)

    def week_end(self, symbol: object = None, days_offset: int = 0) -> DateRule:
        """Last weekday of each week, or the one `days_offset` earlier."""
        rule = self._by("WeekEnd", symbol, _week, -1 - days_offset)
        if symbol is not None:
            return rule
        weekdays: DateFilter = lambda start, end: [d for d in _calendar(start, end) if d.weekday() == 4 - days_offset]
        return DateRule("WeekEnd", weekdays)

    def on(self, year: int, month: int, day: int) -> DateRule:
        """One day."""
        return DateRule(
            f"{date(year, month, day)}", lambda start, end: [d for d in [date(year, month, day)] if start <= d <= end]
        )

    @property
    def today(self) -> DateRule:
        """The current day."""
        day = self._now().date()
        return DateRule("TodayOnly", lambda start, end: [day])

    @property
    def tomorrow(self) -> DateRule:
        """The next day."""
        day = self._now().date() + timedelta(days=1)
        return DateRule("TomorrowOnly", lambda start, end: [day])


@dataclass(frozen=True)
class NamedTimeRule:
    """Name of a rule and its function from a day to times."""

    name: str
    times: TimeRule


class TimeRules(TwoSpellings):
    """Rules of times, New York."""

    def __init__(self, now: Callable[[], datetime], calendar: Callable[[], TradingCalendar]) -> None:
        self._now, self._calendar = now, calendar

    def at(self, hour: int | timedelta, minute: int = 0, second: int = 0) -> NamedTimeRule:
        """A time of day."""
        offset = hour if isinstance(hour, timedelta) else timedelta(hours=hour, minutes=minute, seconds=second)
        name = f"{offset.total_seconds() / 3600:.2f}".rstrip("0").rstrip(".")
        return NamedTimeRule(name, lambda day: [datetime.combine(day, MIDNIGHT) + offset])

    @property
    def midnight(self) -> NamedTimeRule:
        """00:00."""
        return NamedTimeRule("Midnight", lambda day: [datetime.combine(day, MIDNIGHT)])

    @property
    def noon(self) -> NamedTimeRule:
        """12:00."""
        return NamedTimeRule("Noon", lambda day: [datetime.combine(day, MIDNIGHT) + timedelta(hours=12)])

    @property
    def now(self) -> NamedTimeRule:
        """The current time."""
        moment = self._now()
        return NamedTimeRule("Now", lambda day: [moment])

    def every(self, interval: timedelta) -> NamedTimeRule:
        """Every so often, from midnight."""
        steps = int(timedelta(days=1) / interval)
        return NamedTimeRule(
            f"Every {interval.total_seconds() / 60:g} min",
            lambda day: [datetime.combine(day, MIDNIGHT) + i * interval for i in range(steps)],
        )

    def after_market_open(self, symbol: object, minutes_after_open: float = 0) -> NamedTimeRule:
        """Minutes after the open of a session."""

        def times(day: date) -> list[datetime]:
            session = self._calendar().find(day)
            return [session.open + timedelta(minutes=minutes_after_open)] if session else []

        return NamedTimeRule(f"{symbol}: {minutes_after_open:g} min after MarketOpen", times)

    def before_market_close(self, symbol: object, minutes_before_close: float = 0) -> NamedTimeRule:
        """Minutes before the close of a session, 13:00 on half days."""

        def times(day: date) -> list[datetime]:
            session = self._calendar().find(day)
            return [session.close - timedelta(minutes=minutes_before_close)] if session else []

        return NamedTimeRule(f"{symbol}: {minutes_before_close:g} min before MarketClose", times)

    def after_market_close(self, symbol: object, minutes_after_close: float = 0) -> NamedTimeRule:
        """Minutes after the close of a session."""
        return self.before_market_close(symbol, -minutes_after_close)


class ScheduledEvent:
    """A callback and the times at which it fires."""

    def __init__(self, name: str, times: Iterator[datetime], callback: Callable[[], object]) -> None:
        self.name, self.callback = name, callback
        self._times = times
        self.next: datetime = next(times, datetime.max)

    def advance(self) -> None:
        """Go to the next time."""
        self.next = next(self._times, datetime.max)


class ScheduleManager(TwoSpellings):
    """Events in the order in which LEAN fires them.

    Equal times are fired in an order that depends on history: after it fires, only the first event of the list is put
    back, by binary search.
    """

    def __init__(self, now: Callable[[], datetime], end: Callable[[], datetime]) -> None:
        self._now, self._end = now, end
        self._events: list[ScheduledEvent] = []
        self._sorted = True

    def on(self, *rules: Any) -> ScheduledEvent:
        """Run a callback: on(date_rule, time_rule, callback), optionally with a name in front."""
        name = rules[0] if isinstance(rules[0], str) else None
        date_rule, time_rule, callback = rules[-3:]
        return self.add(name or f"{date_rule.name}: {time_rule.name}", self._times(date_rule, time_rule), callback)

    def _times(self, date_rule: DateRule, time_rule: NamedTimeRule) -> Iterator[datetime]:
        now = self._now()
        for day in date_rule.dates(now.date(), self._end().date()):
            for moment in time_rule.times(day):
                if moment >= now:
                    yield moment

    def add(self, name: str, times: Iterable[datetime], callback: Callable[[], object]) -> ScheduledEvent:
        """Add an event by its times."""
        event = ScheduledEvent(name, iter(times), callback)
        self._events.append(event)
        self._sorted = False
        return event

    def remove(self, event: ScheduledEvent) -> None:
        """Drop an event."""
        self._events = [e for e in self._events if e is not event]

    @property
    def next_time(self) -> datetime:
        """Time of the next event."""
        if not self._sorted:
            self._events.sort(key=lambda event: event.next)
            self._sorted = True
        return self._events[0].next if self._events else datetime.max

    def pop(self) -> Callable[[], object]:
        """Callback of the next event, which moves on to its next time."""
        event = self._events[0]
        callback = event.callback
        event.advance()
        events = self._events
        if len(events) > 1 and event.next > events[1].next:
            del events[0]
            low, high = 0, len(events) - 1
            while low <= high:
                middle = low + (high - low) // 2
                if events[middle].next == event.next:
                    low = middle + 1
                    break
                if events[middle].next < event.next:
                    low = middle + 1
                else:
                    high = middle - 1
            events.insert(low, event)
        return callback


__all__ = ["DateRule", "DateRules", "NamedTimeRule", "ScheduleManager", "ScheduledEvent", "TimeRules"]
