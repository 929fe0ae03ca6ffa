"""Classes of .NET's `System`. pythonnet turns their times and spans into Python's, so they are made as such here."""

from __future__ import annotations

import math
from calendar import isleap, monthrange
from datetime import datetime, timedelta
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.spelling import TwoSpellings

PARTS = {1: ("microseconds",), 3: ("hours", "minutes", "seconds"), 4: ("days", "hours", "minutes", "seconds"),
         5: ("days", "hours", "minutes", "seconds", "milliseconds")}  # fmt: skip


class TimeSpan(TwoSpellings):
    """A span of time: `TimeSpan(hours, minutes, seconds)`, also with days before and milliseconds behind, or ticks alone."""

    zero = timedelta(0)
    max_value, min_value = timedelta.max, timedelta.min
    TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MINUTE = 864_000_000_000, 36_000_000_000, 600_000_000
    TICKS_PER_SECOND, TICKS_PER_MILLISECOND = 10_000_000, 10_000

    def __new__(cls, *parts: int) -> Any:
        """A timedelta."""
        if len(parts) not in PARTS:
            raise ParameterError("TimeSpan", parts, "ticks, or hours, minutes and seconds, with days before them or not")
        return cls.from_ticks(*parts) if len(parts) == 1 else timedelta(**dict(zip(PARTS[len(parts)], parts, strict=True)))

    @staticmethod
    def from_days(value: float) -> timedelta:
        """So many days."""
        return timedelta(days=value)

    @staticmethod
    def from_hours(value: float) -> timedelta:
        """So many hours."""
        return timedelta(hours=value)

    @staticmethod
    def from_minutes(value: float) -> timedelta:
        """So many minutes."""
        return timedelta(minutes=value)

    @staticmethod
    def from_seconds(value: float) -> timedelta:
        """So many seconds."""
        return timedelta(seconds=value)

    @staticmethod
    def from_milliseconds(value: float) -> timedelta:
        """So many thousandths of a second."""
        return timedelta(milliseconds=value)

    @staticmethod
    def from_ticks(value: int) -> timedelta:
        """So many tenths of a microsecond."""
        return timedelta(microseconds=value // 10)

    @staticmethod
    def parse(text: str) -> timedelta:
        """A span from text: [-][days.]hours:minutes[:seconds], or days alone."""
        sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text)
        try:
            if ":" not in rest:
                return sign * timedelta(days=int(rest))
            first, *others = rest.split(":")
            days, _, hours = first.rpartition(".")
            minutes, seconds = [*map(float, others), 0.0][:2]
            return sign * timedelta(days=int(days or 0), hours=int(hours), minutes=minutes, seconds=seconds)
        except ValueError:
            raise ParameterError("TimeSpan.parse", text, "text such as '1.02:30:00'") from None


class DateTime(TwoSpellings):
    """A time: `DateTime(year, month, day[, hour, minute, second[, millisecond]])`."""

    min_value, max_value = datetime.min, datetime.max

    def __new__(cls, year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0,
                millisecond: int = 0) -> Any:  # fmt: skip
        """A datetime."""
        return datetime(year, month, day, hour, minute, second, millisecond * 1000)

    @staticmethod
    def parse(text: str) -> datetime:
        """A time from ISO's text."""
        return datetime.fromisoformat(text)

    @staticmethod
    def days_in_month(year: int, month: int) -> int:
        """Days of a month."""
        return monthrange(year, month)[1]

    @staticmethod
    def is_leap_year(year: int) -> bool:
        """Whether a year has 366 days."""
        return isleap(year)

    @staticmethod
    def compare(one: datetime, two: datetime) -> int:
        """-1, 0 or 1."""
        return (one > two) - (one < two)


class Math(TwoSpellings):
    """Functions of numbers."""

    PI, E = math.pi, math.e
    abs, max, min, pow = staticmethod(abs), staticmethod(max), staticmethod(min), staticmethod(math.pow)
    sqrt, exp, log_10, floor = staticmethod(math.sqrt), staticmethod(math.exp), staticmethod(math.log10), staticmethod(math.floor)
    log10, log, ceiling, truncate = (staticmethod(f) for f in (math.log10, math.log, math.ceil, math.trunc))
    sin, cos, tan, asin = (staticmethod(f) for f in (math.sin, math.cos, math.tan, math.asin))
    acos, atan, atan_2, atan2 = (staticmethod(f) for f in (math.acos, math.atan, math.atan2, math.atan2))
    sinh, cosh, tanh = (staticmethod(f) for f in (math.sinh, math.cosh, math.tanh))

    @staticmethod
    def sign(value: float) -> int:
        """-1, 0 or 1."""
        return (value > 0) - (value < 0)

    @staticmethod
    def round(value: float, digits: int = 0) -> float:
        """Rounded, halves to even."""
        return float(round(value, digits))
