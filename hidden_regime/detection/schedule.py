"""When to retrain, by market time alone."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.exceptions import ParameterError

if TYPE_CHECKING:
    from hidden_regime.detection.drift import Drift


def _day(t: datetime) -> int:
    return t.toordinal()


def _week(t: datetime) -> int:
    return t.toordinal() - t.weekday()


def _month(t: datetime) -> int:
    return 12 * t.year + t.month


def _quarter(t: datetime) -> int:
    return 4 * t.year + (t.month - 1) // 3


PERIODS: dict[str, Callable[[datetime], int]] = {"daily": _day, "weekly": _week, "monthly": _month, "quarterly": _quarter}
"""A number for each period, the same for all times in it."""

SPREAD = {"daily": 1, "weekly": 5, "monthly": 28, "quarterly": 91}
"""Days over which staggered assets are spread."""

Frequency = str | int | Callable[[datetime, datetime], bool]


class Schedule:
    """Decides whether a model trained at one bar is due for training at a later one.

    Parameters
    ----------
    frequency : str, int or callable
        "never" (train once), "daily", "weekly", "monthly", "quarterly": on the first bar of a new period, and when that
        bar is missing on the next. An int: every so many bars. "adaptive": on the bar after the model's densities have
        fallen below those of its window by Page's test (see `Drift`). A callable: of (now, trained_at), both market
        times.
    stagger : str, optional
        Name of the asset. Assets of different names then train on different days of a period, by a hash of the name, so
        that one asset more moves no other. None: all together.
    """

    def __init__(self, frequency: Frequency = "monthly", *, stagger: str | None = None) -> None:
        if isinstance(frequency, str) and frequency.isdigit():
            frequency = int(frequency)  # a number of bars that came as text, such as a parameter of LEAN
        named = isinstance(frequency, str) and frequency in ("never", "adaptive", *PERIODS)
        if isinstance(frequency, np.integer):
            frequency = int(frequency)
        counted = isinstance(frequency, int) and not isinstance(frequency, bool) and frequency >= 1
        if not (named or counted or callable(frequency)):
            raise ParameterError(
                "retrain", frequency, f"one of {['never', 'adaptive', *PERIODS]}, a number of bars from 1, or a callable of "
                "(now, trained_at)")  # fmt: skip
        if stagger is not None and not isinstance(stagger, str):
            raise ParameterError("stagger", stagger, "the name of the asset, or None")
        self.frequency: Any = frequency
        self.stagger = stagger
        self.is_adaptive = frequency == "adaptive"
        self._place = 0 if stagger is None else zlib.crc32(stagger.encode())
        self._period = PERIODS.get(frequency) if isinstance(frequency, str) else None
        self._shift = timedelta(days=self._place % SPREAD.get(str(frequency), 1))

    def is_due(self, now: datetime, trained_at: datetime, bars_since: int, *, first: bool = False,
               drift: Drift | None = None) -> bool:  # fmt: skip
        """Whether the bar that ends at `now` should train.

        Parameters
        ----------
        now, trained_at : datetime
            Ends of this bar and of the last one of the window that trained the model.
        bars_since : int
            Bars since then.
        first : bool
            That training was the first: a staggered count of bars begins with its asset's part of it.
        drift : Drift, optional
            Of the bars before this one from the model, for the adaptive schedule.
        """
        if self.frequency == "never":
            return False
        if self.is_adaptive:
            return drift is not None and drift.is_alarming
        if isinstance(self.frequency, str):
            return self.period(now) != self.period(trained_at)
        if isinstance(self.frequency, int):
            return bars_since >= (self.first_count if first else self.frequency)
        return bool(self.frequency(now, trained_at))

    @property
    def first_count(self) -> int:
        """Bars from the first training to the second, where bars are counted."""
        return int(self.frequency if self.stagger is None else 1 + self._place % self.frequency)

    def period(self, time: datetime) -> int:
        """The period that a time lies in; 0 where the schedule has none."""
        if self._period is None:
            return 0
        return self._period(time - self._shift if self._shift else time)

    def periods(self, times: Sequence[datetime]) -> list[int]:
        """`period` of many times."""
        if self._period is None:
            return [0] * len(times)
        return [self._period(time - self._shift) for time in times] if self._shift else list(map(self._period, times))

    def __repr__(self) -> str:
        return f"Schedule({self.frequency!r}{'' if self.stagger is None else f', stagger={self.stagger!r}'})"
