"""Bars, and a fixed ring of the latest complete ones."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from hidden_regime.exceptions import DataError, DuplicateDateError, InvalidPriceError, ParameterError, UnsortedDataError


def moment(time: datetime) -> datetime:
    """A time that can be compared: Python compares two of one zone by the wall clock, which an autumn night shows twice."""
    return time if time.tzinfo is None else time.astimezone(UTC)


def is_later(time: datetime, before: datetime) -> bool:
    """Whether a time comes after another.

    Raises
    ------
    DataError
        One has a time zone, the other none.
    """
    if time.tzinfo is None and before.tzinfo is None:
        return time > before
    if time.tzinfo is None or before.tzinfo is None:
        (naive, aware) = (time, before) if time.tzinfo is None else (before, time)
        raise DataError(
            f"{naive} has no time zone, {aware} has one: expected all times with or all without, for bars must be put in one "
            "order. Use frame.tz_localize or frame.tz_convert."
        )
    return moment(time) > moment(before)


class Bar(NamedTuple):
    """A complete bar.

    Attributes
    ----------
    end_time : datetime
        When it ended, in the exchange's time. A naive time is taken as such.
    open, high, low, close : float
        Prices. A series that knows closing prices only repeats them.
    volume : float
        Shares; NaN where unknown.
    """

    end_time: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float = math.nan

    @property
    def columns(self) -> dict[str, float]:
        """What else is known when it ends, for features that ask for it by name: empty but for `with_columns`."""
        return {}

    def with_columns(self, columns: Mapping[str, float]) -> Bar:
        """The same bar, with what else is known when it ends."""
        return _WideBar.made(self, columns)

    def check(self) -> None:
        """Raise `InvalidPriceError` unless a market can have made this bar."""
        end_time, open_, high, low, close, _ = self
        prices = (open_, high, low, close)
        if not (0.0 < open_ < math.inf and 0.0 < high < math.inf and 0.0 < low < math.inf and 0.0 < close < math.inf):
            raise InvalidPriceError(
                f"bar of {end_time} has open, high, low, close = {prices}: expected positive finite prices. "
                "Leave an incomplete bar out: a missing bar is no observation. Where a whole column isn't known, as an open of 0 "
                "says, leave the column out: frame.drop(columns='open')."
            )
        # Adjusted prices are products of rounded numbers, so a close may exceed its high by rounding.
        slack = 1e-6 * high
        if low - slack > open_ or low - slack > close or high + slack < open_ or high + slack < close:
            raise InvalidPriceError(
                f"bar of {self.end_time} has open, high, low, close = {prices}: expected low <= open, close <= high. "
                "Check the order of the columns."
            )


class _WideBar(Bar):
    """A bar with further columns; equal to the bar without them."""

    @classmethod
    def made(cls, bar: Bar, columns: Mapping[str, float]) -> _WideBar:
        """Of a bar."""
        wide = cls(*bar)
        vars(wide)["further"] = dict(columns)
        return wide

    @property
    def columns(self) -> dict[str, float]:
        """What else is known."""
        found: dict[str, float] = vars(self)["further"]
        return found


class BarWindow:
    """The latest `capacity` bars, oldest first. Only complete bars in rising order get in.

    Parameters
    ----------
    capacity : int
        Number of bars to keep.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ParameterError("capacity", capacity, "an integer of at least 1")
        self.capacity = capacity
        self.bars: list[Bar] = []
        """The latest, oldest first; nobody else changes it."""

    def __len__(self) -> int:
        return len(self.bars)

    def __getitem__(self, i: int) -> Bar:
        return self.bars[i]

    def append(self, bar: Bar) -> Bar | None:
        """Add a later bar. What had to go for it, if the window was full.

        Raises
        ------
        InvalidPriceError
            Prices that can't be.
        DuplicateDateError, UnsortedDataError
            A bar that ended with or before the latest.
        """
        bar.check()
        if self.bars:
            now, last = bar.end_time, self.bars[-1].end_time
            if not (now > last if now.tzinfo is None and last.tzinfo is None else is_later(now, last)):
                kind = DuplicateDateError if moment(now) == moment(last) else UnsortedDataError
                raise kind(f"bar of {bar.end_time} came after that of {self.bars[-1].end_time}: expected rising times.")
        self.bars.append(bar)
        return self.bars.pop(0) if len(self.bars) > self.capacity else None

    def take_back(self, dropped: Bar | None) -> None:
        """Be as before the latest `append`, which gave `dropped`."""
        self.bars.pop()
        if dropped is not None:
            self.bars.insert(0, dropped)

    def mend(self, factor: float, leaves_out: bool) -> None:
        """Multiply the prices of all bars but the latest by `factor`, then forget the one before the latest if it was wrong."""
        latest = self.bars[-1]
        if factor != 1.0:
            self.rescale(factor)
            self.bars[-1] = latest
        if leaves_out and len(self.bars) > 1:
            del self.bars[-2]

    def rescale(self, factor: float) -> None:
        """Multiply prices and divide volumes by `factor`: what a split does to the bars before it."""
        if not (math.isfinite(factor) and factor > 0.0):
            raise ParameterError("factor", factor, "a positive finite number")
        scaled = [Bar(t, o * factor, h * factor, low * factor, c * factor, v / factor) for t, o, h, low, c, v in self.bars]
        self.bars = [new.with_columns(old.columns) if old.columns else new for new, old in zip(scaled, self.bars, strict=True)]
