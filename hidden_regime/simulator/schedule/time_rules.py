"""Rules of times, New York."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.clock import MIDNIGHT, Session, TradingCalendar
from hidden_regime.simulator.spelling import TwoSpellings


@dataclass(frozen=True)
class TimeRule:
    """Name of a rule and its function from a day to times."""

    name: str
    times: Callable[[date], list[datetime]]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, MIDNIGHT)


class TimeRules(TwoSpellings):
    """Rules of times."""

    def __init__(self, now: Callable[[], datetime], calendar: Callable[[], TradingCalendar]) -> None:
        self._now, self._calendar = now, calendar

    def at(self, hour: int | timedelta, minute: Any = 0, second: Any = 0, *_: object) -> TimeRule:
        """A time of day."""
        if isinstance(hour, timedelta):
            offset = hour
        else:
            minute, second = (value if isinstance(value, int) else 0 for value in (minute, second))
            offset = timedelta(hours=hour, minutes=minute, seconds=second)
        name = f"{offset.total_seconds() / 3600:.2f}".rstrip("0").rstrip(".")
        return TimeRule(name, lambda day: [_midnight(day) + offset])

    @property
    def midnight(self) -> TimeRule:
        """00:00."""
        return TimeRule("Midnight", lambda day: [_midnight(day)])

    @property
    def noon(self) -> TimeRule:
        """12:00."""
        return TimeRule("Noon", lambda day: [_midnight(day) + timedelta(hours=12)])

    @property
    def now(self) -> TimeRule:
        """The current time."""
        moment = self._now()
        return TimeRule("Now", lambda day: [moment])

    def every(self, interval: timedelta) -> TimeRule:
        """Every so often, from midnight."""
        if interval <= timedelta(0):
            raise ParameterError(
                "interval", interval, "a positive timedelta", "(TimeRules.Every(): time span interval can not be zero or less)"
            )
        steps = -(-timedelta(days=1) // interval)
        name = f"Every {interval.total_seconds() / 60:g} min"
        return TimeRule(name, lambda day: [_midnight(day) + i * interval for i in range(steps)])

    def _by_session(self, symbol: Any, label: str, minutes: float, when: Callable[[Session], datetime]) -> TimeRule:
        def times(day: date) -> list[datetime]:
            session = self._calendar().find(day)
            return [when(session)] if session else []

        return TimeRule(f"{symbol}: {minutes:g} min {label}", times)

    def after_market_open(self, symbol: Any, minutes_after_open: float = 0, *_: object) -> TimeRule:
        """Minutes after the open of a session."""
        after = timedelta(minutes=minutes_after_open)
        return self._by_session(symbol, "after MarketOpen", minutes_after_open, lambda session: session.open + after)

    def before_market_open(self, symbol: Any, minutes_before_open: float = 0, *_: object) -> TimeRule:
        """Minutes before the open of a session."""
        before = timedelta(minutes=minutes_before_open)
        return self._by_session(symbol, "before MarketOpen", minutes_before_open, lambda session: session.open - before)

    def before_market_close(self, symbol: Any, minutes_before_close: float = 0, *_: object) -> TimeRule:
        """Minutes before the close of a session, 13:00 on half days."""
        before = timedelta(minutes=minutes_before_close)
        return self._by_session(symbol, "before MarketClose", minutes_before_close, lambda session: session.close - before)

    def after_market_close(self, symbol: Any, minutes_after_close: float = 0, *_: object) -> TimeRule:
        """Minutes after the close of a session."""
        after = timedelta(minutes=minutes_after_close)
        return self._by_session(symbol, "after MarketClose", minutes_after_close, lambda session: session.close + after)

    def set_default_time_zone(self, *_: object) -> None:
        """Accepted: all markets of the engine are in New York."""
