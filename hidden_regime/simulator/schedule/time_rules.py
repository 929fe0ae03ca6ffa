"""Rules of times, New York."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from hidden_regime.data.zones import zone_of
from hidden_regime.exceptions import ParameterError, UnsupportedError
from hidden_regime.simulator.clock import MIDNIGHT, Session, TradingCalendar
from hidden_regime.simulator.run_clock import NEW_YORK, RunClock
from hidden_regime.simulator.schedule.date_rules import Know
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

    def __init__(
        self, now: Callable[[], datetime], calendar: Callable[[], TradingCalendar], know: Know | None = None,
        exchange_of: Callable[[Any], Any] = lambda symbol: None, clock: RunClock | None = None,
    ) -> None:  # fmt: skip
        self._now, self._calendar, self._know, self._exchange_of = now, calendar, know, exchange_of
        self._clock = clock or RunClock()
        self._told = False

    def at(self, hour: int | timedelta, *rest: Any, minute: int = 0, second: int = 0, time_zone: Any = None) -> TimeRule:
        """A time of day, New York's or another zone's: `at(hour, minute=0, second=0, time_zone=None)`."""
        numbers = [value for value in rest if isinstance(value, int)]
        minute, second = (numbers + [minute, second][len(numbers) :])[:2]
        zone = next((value for value in rest if not isinstance(value, int)), time_zone)
        offset = hour if isinstance(hour, timedelta) else timedelta(hours=hour, minutes=minute, seconds=second)
        name = f"{offset.total_seconds() / 3600:.2f}".rstrip("0").rstrip(".")
        if zone is not None and str(zone) != str(self._clock.own):
            there = zone_of(str(zone))
            return TimeRule(name, lambda day: [self._clock.of(_midnight(day) + offset, there)])
        return TimeRule(name, lambda day: [self._of(_midnight(day) + offset)])

    def _of(self, shown: datetime) -> datetime:
        """The engine's time at one of the strategy's clock."""
        return self._clock.of_shown(shown)

    @property
    def midnight(self) -> TimeRule:
        """00:00."""
        return TimeRule("Midnight", lambda day: [self._of(_midnight(day))])

    @property
    def noon(self) -> TimeRule:
        """12:00."""
        return TimeRule("Noon", lambda day: [self._of(_midnight(day)) + timedelta(hours=12)])

    @property
    def now(self) -> TimeRule:
        """The current time."""
        return TimeRule("Now", lambda day: [self._now()])

    def every(self, interval: timedelta) -> TimeRule:
        """Every so often, from midnight."""
        if interval <= timedelta(0):
            raise ParameterError(
                "interval", interval, "a positive timedelta", "(TimeRules.Every(): time span interval can not be zero or less)"
            )
        steps = -(-timedelta(days=1) // interval)
        name = f"Every {interval.total_seconds() / 60:g} min"
        return TimeRule(name, lambda day: [self._of(_midnight(day) + i * interval) for i in range(steps)])

    def _by_session(
        self, symbol: Any, label: str, minutes: float, extended: bool, when: Callable[[Session], datetime]
    ) -> TimeRule:
        if isinstance(symbol, (int, float)) or symbol is None:
            raise TypeError(
                f"No method matches given arguments for a time rule: symbol = {symbol!r}: expected a symbol or a ticker."
            )
        if isinstance(symbol, str) and self._know is not None:
            self._told |= self._know(symbol, quiet=self._told)
        if extended:
            raise UnsupportedError(f"a time rule {label} with extended market hours exists in LEAN only.")

        opens = "Open" in label

        def times(day: date) -> list[datetime]:
            exchange = self._exchange_of(symbol)
            if exchange is not None:
                return self._of_pair(exchange, day, opens, when)
            session = self._calendar().find(day)
            return [self._clock.of(when(session), NEW_YORK)] if session else []

        return TimeRule(f"{symbol}: {minutes:g} min {label}", times)

    @staticmethod
    def _of_pair(exchange: Any, day: date, opens: bool, when: Callable[[Session], datetime]) -> list[datetime]:
        """The same by the first open and the last close of a pair's day, which may be midnights."""
        begin = exchange.first_open(day) if opens else exchange.pair_hours.first_open(day)
        end = exchange.last_close(day)
        return [] if begin is None or end is None else [exchange.engine_time(when(Session(day, begin, end)))]

    def after_market_open(self, symbol: Any, minutes_after_open: float = 0, extended_market_open: bool = False) -> TimeRule:
        """Minutes after the open of a session."""
        after = timedelta(minutes=minutes_after_open)
        return self._by_session(
            symbol, "after MarketOpen", minutes_after_open, extended_market_open, lambda session: session.open + after
        )

    def before_market_open(self, symbol: Any, minutes_before_open: float = 0, extended_market_open: bool = False) -> TimeRule:
        """Minutes before the open of a session."""
        before = timedelta(minutes=minutes_before_open)
        return self._by_session(
            symbol, "before MarketOpen", minutes_before_open, extended_market_open, lambda session: session.open - before
        )

    def before_market_close(self, symbol: Any, minutes_before_close: float = 0, extended_market_close: bool = False) -> TimeRule:
        """Minutes before the close of a session, 13:00 on half days."""
        before = timedelta(minutes=minutes_before_close)
        return self._by_session(
            symbol, "before MarketClose", minutes_before_close, extended_market_close, lambda session: session.close - before
        )

    def after_market_close(self, symbol: Any, minutes_after_close: float = 0, extended_market_close: bool = False) -> TimeRule:
        """Minutes after the close of a session."""
        after = timedelta(minutes=minutes_after_close)
        return self._by_session(
            symbol, "after MarketClose", minutes_after_close, extended_market_close, lambda session: session.close + after
        )

    def set_default_time_zone(self, time_zone: Any) -> None:
        """The strategy's own; for another zone pass it to `at`."""
        if str(time_zone) != str(self._clock.own):
            raise UnsupportedError("time_rules.set_default_time_zone exists in LEAN only: pass the zone to time_rules.at.")
