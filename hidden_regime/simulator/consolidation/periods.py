"""Bars of a period: fixed lengths, counts, calendars, sessions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, Self

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.clock import MIDNIGHT, TradingCalendar
from hidden_regime.simulator.consolidation.base import Consolidator
from hidden_regime.simulator.enums import Calendar
from hidden_regime.simulator.failures import EngineError
from hidden_regime.simulator.lengths import DAY, HOUR
from hidden_regime.simulator.objects.bars import TradeBar
from hidden_regime.simulator.rounding import span, ticks

TOO_LONG = "For Symbol {symbol} can not consolidate bars of period: {period}, using data of the same or higher period: {own}"
WHERE = "PeriodCountConsolidatorBase.cs:line 173"
OTHER_SYMBOL = (
    "Consolidators can only be used with a single symbol. The previous consolidated symbol ({old}) is not the same as in the "
    "current data ({new})."
)


class _Info(NamedTuple):
    start: datetime
    period: timedelta


class CalendarInfo(_Info):
    """Start and length of a bar. A date is its midnight, as .NET takes it."""

    __slots__ = ()

    def __new__(cls, start: date, period: timedelta) -> Self:
        """Take a start and a length."""
        return super().__new__(cls, start if isinstance(start, datetime) else datetime.combine(start, MIDNIGHT), period)


Rule = Callable[[datetime], CalendarInfo]


def _week(moment: datetime) -> CalendarInfo:
    return CalendarInfo(datetime.combine(moment.date() - timedelta(days=moment.weekday()), MIDNIGHT), timedelta(days=7))


def _months(n: int) -> Rule:
    def period(moment: datetime) -> CalendarInfo:
        first = datetime(moment.year, (moment.month - 1) // n * n + 1, 1)
        total = first.year * 12 + first.month - 1 + n
        return CalendarInfo(first, datetime(total // 12, total % 12 + 1, 1) - first)

    return period


CALENDARS: dict[Calendar, Rule] = {
    Calendar.WEEKLY: _week, Calendar.MONTHLY: _months(1), Calendar.QUARTERLY: _months(3), Calendar.YEARLY: _months(12),
}  # fmt: skip


def fixed(length: timedelta) -> Rule:
    """Bars of a length: up to a day they begin at multiples of it after midnight, longer ones with their first data."""

    def period(moment: datetime) -> CalendarInfo:
        if length > DAY:
            return CalendarInfo(moment, length)
        midnight = datetime.combine(moment.date(), MIDNIGHT)
        return CalendarInfo(midnight + (moment - midnight) // length * length, length)

    return period


def anchored(length: timedelta, start: timedelta) -> Rule:
    """Bars of a length that begin at multiples of it after a time of the day, or of the month's first day from a week on."""

    def period(moment: datetime) -> CalendarInfo:
        day = moment.date() if length < timedelta(days=7) else moment.date().replace(day=1)
        reference = datetime.combine(day, MIDNIGHT) + start
        return CalendarInfo(reference + (moment - reference) // length * length, length)

    return period


def sessions(calendar: TradingCalendar) -> Rule:
    """Bars of sessions: from the open to the close."""

    def period(moment: datetime) -> CalendarInfo:
        place = calendar.at_or_after(moment.date() + DAY) - 1
        while place >= 0 and calendar.sessions[place].open > moment:
            place -= 1
        session = calendar.sessions[max(place, 0)]
        return CalendarInfo(session.open, session.close - session.open)

    return period


def own(function: Callable[[datetime], Any]) -> Rule:
    """A user's function from a time to start and length."""
    probe = datetime(2022, 1, 3, 10, 10, 10)
    answer = function(probe)
    if not answer or answer[0] > probe:
        raise ParameterError(
            "calendar", answer, "a function whose CalendarInfo starts no later than the time that it is asked about"
        )
    return lambda moment: CalendarInfo(*function(moment))


class PeriodConsolidator(Consolidator):
    """Bars by a rule of time. A bar ends when later data arrive or when a scan finds its time over, whichever comes first.

    Parameters
    ----------
    rule : callable
        Start and length of the bar that a time belongs to.
    length : timedelta, optional
        Of fixed bars: data must be shorter.
    """

    def __init__(self, rule: Rule, length: timedelta | None = None) -> None:
        super().__init__()
        self._rule, self._length = rule, length
        self._period: timedelta | None = length
        self._last_emit: datetime | None = None
        self._symbol: Any = None

    def _start(self, data: Any) -> datetime:
        start, length = self._rule(data.time)
        if self.working_data is None:
            self._period = length
        if start + length < data.end_time:
            if data.end_time - data.time == HOUR and start.date() < data.time.date():
                start, length = self._rule(data.end_time)
                if self.working_data is None:
                    self._period = length
                return start
            return data.time  # type: ignore[no-any-return]
        return start

    def _check(self, data: Any) -> None:
        if self._symbol is None:
            self._symbol = data.symbol
            if self._length is not None and data.end_time - data.time > self._length:
                lengths = {"period": span(ticks(self._length)), "own": span(ticks(data.end_time - data.time))}
                raise EngineError(TOO_LONG.format(symbol=data.symbol, **lengths), WHERE)
        elif self._symbol != data.symbol:
            raise EngineError(OTHER_SYMBOL.format(old=self._symbol, new=data.symbol))

    def update(self, data: Any) -> None:
        """Take a bar, and emit the one before if it is over."""
        self._check(data)
        if self._last_emit is None:
            self._last_emit = datetime.min
        working = self.working_data
        if working is not None:
            assert self._period is not None
            if data.time - working.time >= self._period and self._start(data) > self._last_emit:
                self._last_emit = working.end_time
                self._finish(working)
        if data.time >= self._last_emit:
            self._aggregate(data)

    def _finish(self, working: Any) -> None:
        self.working_data = None
        self.emit(working)

    def _aggregate(self, data: Any) -> None:
        if self.working_data is None:
            start = self._start(data)
            self.working_data = self._first(data, start)
            return
        working = self.working_data
        high, low, close, volume = _columns(data)
        working.high, working.low = max(working.high, high), min(working.low, low)
        working.close = close
        working.volume += volume

    def _first(self, data: Any, start: datetime) -> TradeBar:
        high, low, close, volume = _columns(data)
        opened = data.open if isinstance(data, TradeBar) else float(data.value)
        return TradeBar(start, data.symbol, opened, high, low, close, volume, self._period)

    def reset(self) -> None:
        """Forget the bars."""
        super().reset()
        self._last_emit = self._symbol = None
        self._period = self._length

    def scan(self, now: datetime) -> None:
        """Emit the bar if its time is over."""
        working = self.working_data
        if working is None or self._period is None:
            return
        if now - working.time >= self._period and self._rule(now).start > (self._last_emit or datetime.min):
            self._last_emit = working.end_time
            self._finish(working)


def _columns(data: Any) -> tuple[float, float, float, float]:
    if isinstance(data, TradeBar):
        return data.high, data.low, data.close, data.volume
    value = float(data.value)
    return value, value, value, getattr(data, "quantity", 0.0)


class SessionConsolidator(PeriodConsolidator):
    """Daily bars of finer data: what was traded in a session, emitted at its close."""

    def __init__(self, calendar: TradingCalendar) -> None:
        super().__init__(sessions(calendar))
        self._calendar = calendar

    def update(self, data: Any) -> None:
        """Take a bar of a session; others are left out."""
        overlaps = data.end_time - data.time >= HOUR and self._calendar.find(data.time.date()) is not None
        if self._calendar.is_open(data.time) or overlaps:
            super().update(data)
