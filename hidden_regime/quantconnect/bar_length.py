"""How long the bars are that regimes are found on: what a strategy may say, and what LEAN's consolidator is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.quantconnect._lean import Calendar, Resolution
from hidden_regime.quantconnect.adding import adder_of_kind

DAY, WEEK = timedelta(days=1), timedelta(days=7)
SPANS = (
    (Resolution.TICK, timedelta(0)), (Resolution.SECOND, timedelta(seconds=1)), (Resolution.MINUTE, timedelta(minutes=1)),
    (Resolution.HOUR, timedelta(hours=1)), (Resolution.DAILY, DAY),
)  # fmt: skip
FILLED = (Resolution.SECOND, Resolution.MINUTE, Resolution.HOUR)
"""What LEAN fills forward within a day."""
SHORTEST_DAY = timedelta(hours=3)
"""A half day is longer, an hourly bar is shorter."""
SESSION = timedelta(hours=6, minutes=30)
EXPECTED = 'Resolution.MINUTE, HOUR or DAILY, a timedelta from a minute to a day, "daily", "weekly" or Calendar.WEEKLY'


def span_of(resolution: Any) -> timedelta:
    """Length of a resolution's bars."""
    return next(span for known, span in SPANS if known == resolution)


@dataclass(frozen=True)
class BarLength:
    """Length of an asset's bars.

    Parameters
    ----------
    name : str
        As it is kept for a restart.
    span : timedelta
        From begin to end; of sessions a day.
    period : Resolution, timedelta or Calendar
        What LEAN's `consolidate` takes.
    """

    name: str
    span: timedelta
    period: Any = field(compare=False, repr=False)

    @staticmethod
    def of(bars: Any) -> BarLength:
        """Length that a strategy asks for.

        Longer lengths than a day are LEAN's calendar weeks alone: it counts those of a timedelta from the first bar that comes,
        so that each start of a strategy would have others.

        Raises
        ------
        ParameterError
        """
        span = bars if isinstance(bars, timedelta) else _named(bars)
        if span == DAY:
            return DAYS
        if span == WEEK and not isinstance(bars, timedelta):
            return WEEKS
        if span is None or not timedelta(minutes=1) <= span < DAY:
            raise ParameterError("bars", bars, EXPECTED, 'For weeks say "weekly".' if span == WEEK else "")
        return _shorter(span)

    @property
    def is_daily(self) -> bool:
        """Whether a bar is a session."""
        return self.span == DAY

    def check(self, security: Any, ticker: str) -> None:
        """Raise unless bars can be made of a subscription's."""
        if not self.is_daily and self.span < span_of(security.resolution):
            own, add = span_of(security.resolution), adder_of_kind(security.type)
            raise ParameterError(
                "bars", self.span, f"bars no shorter than those that {ticker} is subscribed in, which last {own}",
                f"Subscribe it in a finer resolution: self.{add}({ticker!r}, Resolution.MINUTE).")  # fmt: skip

    def takes(self, bar: Any) -> bool:
        """Whether a bar given by hand has the length."""
        length = bar.end_time - bar.time
        return bool(length >= SHORTEST_DAY if self.is_daily else length == self.span)

    def begin(self, moment: datetime) -> datetime:
        """Midnight at or before a time at which a bar begins, whichever they are."""
        day = moment.date()
        return datetime.combine(day - timedelta(days=day.weekday()) if self.span == WEEK else day, time())

    def reach(self, count: int) -> timedelta:
        """Time in which there are about so many bars of a stock."""
        if self.span == WEEK:
            return WEEK * (count + 2)
        return timedelta(days=int(count / max(1, SESSION // self.span) * 1.5) + 5)


DAYS = BarLength("daily", DAY, Resolution.DAILY)
WEEKS = BarLength("weekly", WEEK, Calendar.WEEKLY)


@cache
def _shorter(span: timedelta) -> BarLength:
    """One object for a length, whoever asks, so that assets of one are known by it."""
    return BarLength(f"{span / timedelta(seconds=1):g} s", span, span)


def _named(bars: Any) -> timedelta | None:
    """Length of what isn't one itself; None of what has none."""
    if isinstance(bars, str):
        return {"daily": DAY, "weekly": WEEK}.get(bars)
    if type(bars) in (int, float, bool) or bars is None:
        return None  # LEAN's resolutions equal their numbers
    if bars == Calendar.WEEKLY:
        return WEEK
    return next((span for known, span in SPANS if bars == known), None)
