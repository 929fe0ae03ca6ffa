"""Functions from a time to a later one, for periods and expiries."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar

from hidden_regime.simulator.spelling import TwoSpellings

Later = Callable[[datetime], datetime]


def _months(now: datetime, count: int) -> datetime:
    """So many months later, on the month's last day if it is too short."""
    years, month = divmod(now.month - 1 + count, 12)
    year = now.year + years
    return now.replace(year=year, month=month + 1, day=min(now.day, monthrange(year, month + 1)[1]))


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


class Expiry(TwoSpellings):
    """Each is a function: `Expiry.END_OF_WEEK(now)` is the next Monday's midnight."""

    ONE_MONTH: ClassVar[Later] = staticmethod(lambda now: _months(now, 1))
    ONE_QUARTER: ClassVar[Later] = staticmethod(lambda now: _months(now, 3))
    ONE_YEAR: ClassVar[Later] = staticmethod(lambda now: _months(now, 12))
    END_OF_DAY: ClassVar[Later] = staticmethod(lambda now: _midnight(now + timedelta(days=1)))
    END_OF_WEEK: ClassVar[Later] = staticmethod(lambda now: _midnight(now + timedelta(days=7 - now.weekday())))
    END_OF_MONTH: ClassVar[Later] = staticmethod(lambda now: _midnight(_months(now, 1)).replace(day=1))
    END_OF_QUARTER: ClassVar[Later] = staticmethod(
        lambda now: _months(_midnight(now).replace(month=(now.month - 1) // 3 * 3 + 1, day=1), 3)
    )
    END_OF_YEAR: ClassVar[Later] = staticmethod(lambda now: datetime(now.year + 1, 1, 1))
