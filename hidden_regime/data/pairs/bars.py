"""Bars of a pair's trades or quotes, by their starts in UTC."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

import numpy as np
import numpy.typing as npt

EPOCH, MINUTE = datetime(1970, 1, 1), timedelta(minutes=1)
DAY = 1440
"""Minutes of a day."""
Minutes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Rows = tuple[Minutes, Floats]
"""Starts in minutes since 1970 (UTC), rising, and rows of numbers: open, high, low, close and volume of trades, or of quotes
open, high, low, close and size of the bids and then of the asks."""
NONE_OF = {False: (np.empty(0, np.int64), np.empty((0, 5))), True: (np.empty(0, np.int64), np.empty((0, 10)))}
KEPT_DAYS = 8


def minutes_of(moment: datetime) -> int:
    """Minutes since 1970 of a naive time, rounded down."""
    return (moment - EPOCH) // MINUTE


def moment_of(minutes: int) -> datetime:
    """A naive time by its minutes since 1970."""
    return EPOCH + minutes * MINUTE


class PairBars(Protocol):
    """Bars of one pair, of one length and of one kind.

    Attributes
    ----------
    minutes : int
        Length of a bar: 1, 60 or 1440.
    quotes : bool
        Whether they are of quotes.
    """

    minutes: int
    quotes: bool

    def between(self, first: int, last: int) -> Rows:
        """Those that start from one time on and before another (minutes since 1970, UTC)."""

    @property
    def days(self) -> tuple[date, date] | None:
        """First and last day (UTC) on which one starts; None without any."""


class WholeBars:
    """Bars that are all in memory."""

    def __init__(self, minutes: int, rows: Rows, *, quotes: bool) -> None:
        self.minutes, self.quotes = minutes, quotes
        self.starts, self.values = rows

    def between(self, first: int, last: int) -> Rows:
        """See `PairBars.between`."""
        low, high = np.searchsorted(self.starts, (first, last))
        return self.starts[low:high], self.values[low:high]

    @property
    def days(self) -> tuple[date, date] | None:
        """See `PairBars.days`."""
        if not len(self.starts):
            return None
        return moment_of(int(self.starts[0])).date(), moment_of(int(self.starts[-1])).date()


class DailyFiles:
    """Minutes that lie in a file a day. A few days are kept, so memory stays flat.

    Parameters
    ----------
    files : mapping of date
        Files by their days, in the data's zone.
    read : callable
        Bars of a file's day.
    """

    minutes = 1

    def __init__(self, files: Mapping[date, object], read: Callable[[date], Rows], *, quotes: bool) -> None:
        self.quotes = quotes
        self._days: Sequence[date] = sorted(files)
        self._read = read
        self._kept: dict[date, Rows] = {}

    def _of(self, day: date) -> Rows:
        if day not in self._kept:
            if len(self._kept) >= KEPT_DAYS:
                del self._kept[next(iter(self._kept))]
            self._kept[day] = self._read(day)
        return self._kept[day]

    def between(self, first: int, last: int) -> Rows:
        """See `PairBars.between`."""
        if last <= first:
            return NONE_OF[self.quotes]
        # A day more at both ends: the zone of the files may not be UTC.
        low = bisect_left(self._days, (moment_of(first) - timedelta(days=1)).date())
        high = bisect_right(self._days, (moment_of(last) + timedelta(days=1)).date())
        found = [self._of(day) for day in self._days[low:high]]
        parts = [(starts, values) for starts, values in found if len(starts) and starts[-1] >= first and starts[0] < last]
        if not parts:
            return NONE_OF[self.quotes]
        starts, values = parts[0] if len(parts) == 1 else tuple(np.concatenate(column) for column in zip(*parts, strict=True))
        begin, end = np.searchsorted(starts, (first, last))
        return starts[begin:end], values[begin:end]

    @property
    def days(self) -> tuple[date, date] | None:
        """See `PairBars.days`."""
        return (self._days[0], self._days[-1]) if self._days else None
