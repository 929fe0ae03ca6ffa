"""Consolidators: several bars into one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from hidden_regime.simulator.clock import MIDNIGHT, to_utc
from hidden_regime.simulator.enums import Calendar
from hidden_regime.simulator.objects import TradeBar

Handler = Callable[[TradeBar], None]
DAY = timedelta(days=1)


class IdentityConsolidator:
    """Hands each bar on as it is: what a consolidator to the subscription's own resolution does."""

    next_scan: datetime | None = None

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    def update(self, bar: TradeBar, now: datetime) -> None:
        """Take a bar."""
        self._handler(bar)

    def scan(self, now: datetime) -> None:
        """Nothing to emit by time alone."""


def _week(moment: datetime) -> tuple[datetime, timedelta]:
    start = datetime.combine(moment.date() - timedelta(days=moment.weekday()), MIDNIGHT)
    return start, timedelta(days=7)


def _months(n: int) -> Callable[[datetime], tuple[datetime, timedelta]]:
    def period(moment: datetime) -> tuple[datetime, timedelta]:
        first = datetime(moment.year, (moment.month - 1) // n * n + 1, 1)
        total = first.year * 12 + first.month - 1 + n
        return first, datetime(total // 12, total % 12 + 1, 1) - first

    return period


CALENDARS = {Calendar.WEEKLY: _week, Calendar.MONTHLY: _months(1), Calendar.QUARTERLY: _months(3), Calendar.YEARLY: _months(12)}


class PeriodConsolidator:
    """Bars of a period. A bar ends when a later one arrives or when a scan finds its time over, whichever comes first.

    Parameters
    ----------
    period : Calendar or timedelta
        A timedelta's bars start with the first bar that they hold.
    now : datetime
        New York time at which it was made. LEAN plans scans in UTC by the span of the last bar, so after a change of
        clocks one comes an hour off; `next_scan` does the same.
    """

    def __init__(self, period: Calendar | timedelta, handler: Handler, now: datetime) -> None:
        if isinstance(period, timedelta):
            length = period
            self._period: Callable[[datetime], tuple[datetime, timedelta]] = lambda moment: (moment, length)
        else:
            self._period = CALENDARS[period]
        self._handler = handler
        self._working: TradeBar | None = None
        self._last_emit = datetime.min
        self._span: timedelta | None = None
        self.next_scan: datetime | None = to_utc(now) + DAY

    def update(self, bar: TradeBar, now: datetime) -> None:
        """Take a bar, and emit the one before if it is over."""
        working = self._working
        if working is not None:
            length = working.end_time - working.time
            if bar.time - working.time >= length and self._period(bar.time)[0] > self._last_emit:
                self._last_emit = working.time + length
                self._emit(working)
        if bar.time < self._last_emit:
            return
        if self._working is None:
            start, length = self._period(bar.time)
            self._working = TradeBar(start, bar.symbol, bar.open, bar.high, bar.low, bar.close, bar.volume, length)
            return
        working = self._working
        working.high, working.low = max(working.high, bar.high), min(working.low, bar.low)
        working.close = bar.close
        working.volume += bar.volume

    def scan(self, now: datetime) -> None:
        """Emit the bar if its time is over."""
        working = self._working
        if working is not None:
            start = self._period(now)[0]
            if start - working.time >= working.end_time - working.time and start > self._last_emit:
                self._last_emit = start
                self._emit(working)
        self._plan(to_utc(now))

    def _emit(self, bar: TradeBar) -> None:
        self._working = None
        if self._span is None:
            self._span = bar.end_time - bar.time
        self.next_scan = to_utc(bar.end_time) + self._span
        self._handler(bar)

    def _plan(self, now: datetime) -> None:
        if self.next_scan is not None and self.next_scan > now:
            return
        if self._span is not None:
            self.next_scan = now + self._span
        elif self._working is not None and to_utc(self._working.end_time) > now:
            self.next_scan = to_utc(self._working.end_time)
        else:
            self.next_scan = now + DAY


Consolidator = IdentityConsolidator | PeriodConsolidator
