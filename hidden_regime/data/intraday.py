"""Bars within the day: hourly and minute bars of one asset, raw, read a day at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

Row = tuple[int, float, float, float, float, float]
"""Start of a bar in minutes after midnight (exchange time), open, high, low, close, volume."""
KEPT_DAYS = 4


@dataclass
class IntradayBars:
    """Bars of one asset at one resolution.

    Parameters
    ----------
    minutes : int
        Length of a bar: 60 or 1.
    days : list of date
        Days that have bars, rising.
    read : callable
        Rows of such a day.
    """

    minutes: int
    days: list[date]
    read: Callable[[date], list[Row]]
    _known: set[date] = field(init=False, repr=False)
    _kept: dict[date, list[Row]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self._known = set(self.days)

    def rows(self, day: date) -> list[Row]:
        """Rows of a day, rising; empty where there are none. A few days are kept, so memory stays flat."""
        if day not in self._known:
            return []
        if day not in self._kept:
            if len(self._kept) >= KEPT_DAYS:
                del self._kept[next(iter(self._kept))]
            self._kept[day] = self.read(day)
        return self._kept[day]
