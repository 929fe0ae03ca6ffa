"""Days and weeks of currencies: those of UTC, whatever a pair is subscribed in."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hidden_regime.bars.bar import Bar
from hidden_regime.quantconnect._lean import CalendarInfo, QuoteBarConsolidator, Resolution, SecurityType
from hidden_regime.quantconnect.bar_length import DAY, FILLED, WEEK, BarLength
from hidden_regime.quantconnect.bars_from_lean import to_bar
from hidden_regime.quantconnect.watcher import Watcher

NEW_YORK = ZoneInfo("America/New_York")
"""The time in which LEAN's bars of currencies are, whoever quotes them."""
Span = tuple[datetime, timedelta]
"""Beginning and length of a bar."""


def utc_day(moment: datetime) -> Any:
    """The day of UTC to which a time in New York belongs, from 19:00 or 20:00 there to the next.

    It is the day of LEAN's daily files, which all history of days is read from. LEAN's own days of finer bars end at midnight
    in New York, so that a window of history and what comes after it would be of different days.
    """
    return CalendarInfo(*_day(moment))


def utc_week(moment: datetime) -> Any:
    """The week of UTC to which a time in New York belongs: a Sunday's first hours of trading begin one, Friday ends it."""
    return CalendarInfo(*_week(moment))


def _day(moment: datetime) -> Span:
    begin = datetime.combine(_to_utc(moment).date(), time())
    return _between(begin, begin + DAY)


def _week(moment: datetime) -> Span:
    day = _to_utc(moment).date()
    begin = datetime.combine(day - timedelta(days=(day.weekday() + 1) % 7), time())
    return _between(begin, begin + WEEK)


def period_of(security: Any, length: BarLength) -> Any:
    """What LEAN is told to make bars of a length of a subscription's."""
    if security.type != SecurityType.FOREX:
        return length.period
    if length.span == WEEK:
        return utc_week
    return utc_day if length.is_daily and security.resolution != Resolution.DAILY else length.period


def consolidate(algorithm: Any, symbol: Any, length: BarLength, take: Callable[[Any], Any]) -> Any:
    """A consolidator to bars of a length, which is fed from now on."""
    period = period_of(algorithm.securities[symbol], length)
    if period is not utc_day and period is not utc_week:
        return algorithm.consolidate(symbol, period, take)
    # LEAN's consolidators take functions of Python's; of its `consolidate` no overload does.
    made = QuoteBarConsolidator(period)
    made.data_consolidated += lambda sender, bar: take(bar)
    algorithm.subscription_manager.add_consolidator(symbol, made)
    return made


def begin_of(security: Any, length: BarLength, moment: datetime) -> datetime:
    """A time at or before a moment at which a bar of a length begins."""
    if security.type == SecurityType.FOREX and length.span == WEEK:
        return _week(moment)[0]
    return length.begin(moment)


class QuotedDays(Watcher):
    """Makes each day of currencies anew of what was quoted in it, where they are subscribed to in finer bars.

    LEAN's consolidator says when a day is over. What it makes opens where the day before closed, and holds what LEAN filled
    forward; here a day opens with its first quote, as in LEAN's daily files, and one without quotes is none.

    Parameters
    ----------
    algorithm : QCAlgorithm
    symbol : Symbol
    """

    def __init__(self, algorithm: Any, symbol: Any) -> None:
        super().__init__(algorithm, symbol)
        self.since: datetime = algorithm.securities[symbol].local_time
        self._days: dict[datetime, Any] = {}  # by their beginning, a consolidator each

    def watch(self) -> None:
        """Look at each bar. It is asked for before the days are, so that a day's last one is seen when the day ends."""
        resolution = self.algorithm.securities[self.symbol].resolution
        if resolution in FILLED:
            self.begin(resolution)

    def _look(self, bar: Any) -> None:
        if bar.is_fill_forward:
            return
        begin, _ = _day(bar.time)
        if begin not in self._days:
            self._days[begin] = QuoteBarConsolidator(utc_day)  # one that has made no day opens with its first bar
        self._days[begin].update(bar)

    def tell(self, time: datetime, factor: float) -> None:
        """A split or dividend: currencies have none."""

    def is_empty(self, day: Any) -> bool:
        """Whether nothing was quoted in a day that was watched from its beginning."""
        return self._consolidator is not None and day.time >= self.since and day.time not in self._days

    def traded(self, day: Any) -> Bar | None:
        """The day of what was quoted; None where nothing else is known than LEAN's."""
        made = self._days.get(day.time)
        self._days = {begin: own for begin, own in self._days.items() if begin > day.time}
        if made is None or made.working_data is None:
            return None
        whole = to_bar(made.working_data)
        return Bar(day.end_time, whole.open, whole.high, whole.low, whole.close, math.nan)


def _to_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=NEW_YORK).astimezone(UTC).replace(tzinfo=None)


def _between(begin: datetime, end: datetime) -> Span:
    """From one time of UTC to another, in New York: where clocks change the day has 23 or 25 hours of the wall's."""
    first, last = (moment.replace(tzinfo=UTC).astimezone(NEW_YORK).replace(tzinfo=None) for moment in (begin, end))
    return first, last - first
