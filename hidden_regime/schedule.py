"""When to retrain, by market time alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np

from hidden_regime.exceptions import ParameterError

PERIODS: dict[str, Callable[[datetime], object]] = {
    "daily": lambda t: t.date(),
    "weekly": lambda t: t.isocalendar()[:2],
    "monthly": lambda t: (t.year, t.month),
    "quarterly": lambda t: (t.year, (t.month - 1) // 3),
}
Frequency = str | int | Callable[[datetime, datetime], bool]


class Schedule:
    """Decides whether a model trained at one bar is due for training at a later one.

    Parameters
    ----------
    frequency : str, int or callable
        "never" (train once), "daily", "weekly", "monthly", "quarterly": on the first bar of a new period, and when that
        bar is missing on the next. An int: every so many bars. A callable: of (now, trained_at), both market times.
    """

    def __init__(self, frequency: Frequency = "monthly") -> None:
        if isinstance(frequency, str) and frequency.isdigit():
            frequency = int(frequency)  # a number of bars that came as text, such as a parameter of LEAN
        named = isinstance(frequency, str) and frequency in ("never", *PERIODS)
        if isinstance(frequency, np.integer):
            frequency = int(frequency)
        counted = isinstance(frequency, int) and not isinstance(frequency, bool) and frequency >= 1
        if not (named or counted or callable(frequency)):
            raise ParameterError(
                "retrain", frequency, f"one of {['never', *PERIODS]}, a number of bars from 1, or a callable of (now, trained_at)"
            )
        self.frequency: Any = frequency

    def is_due(self, now: datetime, trained_at: datetime, bars_since: int) -> bool:
        """Whether the bar that ends at `now`, `bars_since` bars after the last training, should train."""
        if self.frequency == "never":
            return False
        if isinstance(self.frequency, str):
            period = PERIODS[self.frequency]
            return period(now) != period(trained_at)
        if isinstance(self.frequency, int):
            return bars_since >= self.frequency
        return bool(self.frequency(now, trained_at))

    def __repr__(self) -> str:
        return f"Schedule({self.frequency!r})"
