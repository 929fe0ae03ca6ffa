"""Bars and quotes within the day: of hours, minutes or seconds, of one asset, raw, read a day at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

Row = tuple[int, float, float, float, float, float]
"""Start of a bar in minutes after midnight (exchange time), open, high, low, close, volume."""
KEPT_DAYS = 4
D = TypeVar("D")


class BarRows(NamedTuple):
    """Bars of a day: starts in minutes (of bars of seconds in seconds) after midnight, exchange time, rising, and rows of open,
    high, low, close and volume."""

    starts: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]


class QuoteRows(NamedTuple):
    """Quotes of a day: starts in minutes (of quotes of seconds in seconds) after midnight, exchange time, and rows of open, high,
    low, close and size of the bids and of the asks. Prices are zero where there was no bid or no ask."""

    starts: npt.NDArray[np.int64]
    bid: npt.NDArray[np.float64]
    ask: npt.NDArray[np.float64]


@dataclass
class _Days(Generic[D]):
    """Data of one asset at one resolution, a day at a time. A few days are kept, so memory stays flat.

    Parameters
    ----------
    minutes : float
        Length of a bar: 60, 1 or a sixtieth.
    days : list of date
        Days that have bars, rising.
    read : callable
        Data of such a day.
    """

    minutes: float
    days: list[date]
    read: Callable[[date], D]
    _known: set[date] = field(init=False, repr=False)
    _kept: dict[date, D] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self._known = set(self.days)

    def find(self, day: date) -> D | None:
        """Data of a day, or None where there are none."""
        if day not in self._known:
            return None
        if day not in self._kept:
            if len(self._kept) >= KEPT_DAYS:
                del self._kept[next(iter(self._kept))]
            self._kept[day] = self.read(day)
        return self._kept[day]


class IntradayBars(_Days[BarRows]):
    """Bars of one asset at one resolution: `minutes`, `days`, and `read`, which gives those of such a day."""

    def rows(self, day: date) -> list[Row]:
        """Rows of a day, rising; empty where there are none."""
        found = self.find(day)
        if found is None:
            return []
        return [(start, *row) for start, row in zip(found.starts.tolist(), found.values.tolist(), strict=True)]


class IntradayQuotes(_Days[QuoteRows]):
    """Quotes of one asset at one resolution: `minutes`, `days`, and `read`, which gives those of such a day."""
