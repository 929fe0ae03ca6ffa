"""The consolidator that a strategy makes by itself: by length, by count, by calendar, by a rule of its own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.consolidation.periods import (
    CALENDARS,
    CalendarInfo,
    PeriodConsolidator,
    Rule,
    anchored,
    fixed,
    own,
)
from hidden_regime.simulator.enums import Calendar, Resolution
from hidden_regime.simulator.lengths import LENGTHS

EXPECTED = "a timedelta, a number of bars of at least 1, a Resolution, a Calendar period or a function"


class TradeBarConsolidator(PeriodConsolidator):
    """A consolidator by itself, for `add_consolidator` and `register_indicator`.

    Parameters
    ----------
    given : timedelta, int, Resolution, Calendar or callable
        Length, number of bars, calendar period, or a function of a time that gives CalendarInfo(start, period). After a
        number of bars a length may follow: whichever is reached first ends the bar. After a length a second timedelta may
        follow: the time of the day from which bars are counted.
    max_count, period, start_time : int, timedelta or callable, timedelta
        The same by name.

    Notes
    -----
    `TradeBarConsolidator(timedelta(1))` spans midnight to midnight, as in LEAN: its bar comes late, and the last is lost.
    """

    def __init__(self, *given: Any, max_count: Any = None, period: Any = None, start_time: timedelta | None = None) -> None:
        for value in given:
            if period is None and (max_count is not None or not _is_count(value)):
                period = value
            elif max_count is None and _is_count(value):
                max_count = value
            else:
                start_time = value
        self._count: int | None = max_count
        self._seen = 0
        if max_count is not None and (not _is_count(max_count) or max_count < 1):
            raise ParameterError("max_count", max_count, EXPECTED)
        if max_count is not None:
            self._limit: timedelta | None = period
            super().__init__(lambda moment: CalendarInfo(moment, period or timedelta(0)))
        else:
            super().__init__(_rule(period, start_time), LENGTHS.get(period, period) if _is_length(period) else None)

    @classmethod
    def from_resolution(cls, resolution: Resolution) -> TradeBarConsolidator:
        """Bars of a resolution."""
        return cls(Resolution(resolution))

    def update(self, data: Any) -> None:
        """Take a bar, and emit what is over."""
        if self._count is None:
            super().update(data)
            return
        self._check(data)
        self._seen += 1
        over = self._seen >= self._count
        if over:
            self._seen = 0
        if self._last_emit is None:
            self._last_emit = data.time
        working = self.working_data
        if working is not None and self._limit is not None:
            over = over or (data.time - working.time >= self._limit and data.time > self._last_emit)
        if data.time >= self._last_emit:
            self._aggregate(data)
            self.working_data.end_time = data.end_time
        if over and self.working_data is not None:
            self._last_emit = data.time
            if self._limit is not None:
                self.working_data.end_time = self.working_data.time + self._limit
            self._finish(self.working_data)

    def reset(self) -> None:
        """Forget the bars."""
        super().reset()
        self._seen = 0

    def scan(self, now: datetime) -> None:
        """Emit the bar if its time is over."""
        if self._count is None or self._limit is not None:
            super().scan(now)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, (bool, Resolution, Calendar))


def _is_length(value: Any) -> bool:
    return isinstance(value, (Resolution, timedelta))


def _rule(period: Any, start_time: timedelta | None) -> Rule:
    if isinstance(period, Calendar):
        return CALENDARS[period]
    if _is_length(period):
        length = LENGTHS.get(period, period)
        return fixed(length) if start_time is None else anchored(length, start_time)
    if callable(period):
        return own(period)
    raise ParameterError("period", period, EXPECTED)
