"""Time zones as LEAN reckons with them: naive local times and naive UTC."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hidden_regime.exceptions import ParameterError

FIRST, LAST = datetime(1985, 1, 1), datetime(2045, 1, 1)
WEEK, MINUTE = timedelta(days=7), timedelta(minutes=1)


class Zone:
    """A time zone.

    A local time that a clock shows twice is the first of both, and one that it skips is as much later, as in LEAN.

    Parameters
    ----------
    name : str
        As in the tz database: "America/New_York". LEAN's "UTC-05" are zones too.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        offset = _fixed(name)
        self.is_utc = offset == timedelta(0)
        self.changes, self.offsets = ([], [offset]) if offset is not None else _changes(name)
        # Until then a local time belongs to the offset before.
        self._local = [
            change + max(before, after)
            for change, before, after in zip(self.changes, self.offsets, self.offsets[1:], strict=False)
        ]

    def to_utc(self, local: datetime) -> datetime:
        """UTC of a local time."""
        if not self.changes:
            return local if self.is_utc else local - self.offsets[0]
        return local - self.offsets[bisect_right(self._local, local)]

    def from_utc(self, utc: datetime) -> datetime:
        """Local time of a time in UTC."""
        if not self.changes:
            return utc if self.is_utc else utc + self.offsets[0]
        return utc + self.offsets[bisect_right(self.changes, utc)]

    def __repr__(self) -> str:
        return f"Zone({self.name!r})"

    def __str__(self) -> str:
        return self.name


def _fixed(name: str) -> timedelta | None:
    """Offset of a zone whose clocks never change, as far as its name says it."""
    if name in ("UTC", "Etc/UTC", "GMT", "Etc/GMT", "Utc"):
        return timedelta(0)
    sign, _, rest = name[3:4], "", name[4:]
    if name.startswith("UTC") and sign in "+-" and rest.replace(":", "").isdigit():
        hours, _, minutes = rest.partition(":")
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return -offset if sign == "-" else offset
    return None


def _changes(name: str) -> tuple[list[datetime], list[timedelta]]:
    """Times (UTC) at which clocks change, and the offsets before, between and after."""
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ParameterError("time zone", name, 'a name of the tz database, such as "America/New_York" or "UTC"') from error

    def offset(utc: datetime) -> timedelta:
        found = utc.replace(tzinfo=UTC).astimezone(zone).utcoffset()
        assert found is not None
        return found

    changes: list[datetime] = []
    offsets = [offset(FIRST)]
    low = FIRST
    while low < LAST:
        high = low + WEEK
        if offset(high) != offsets[-1]:
            begin, end = low, high
            while end - begin > MINUTE:
                middle = begin + (end - begin) // MINUTE // 2 * MINUTE
                begin, end = (middle, end) if offset(middle) == offsets[-1] else (begin, middle)
            changes.append(end)
            offsets.append(offset(high))
        low = high
    return changes, offsets


@lru_cache(maxsize=64)
def zone_of(name: str) -> Zone:
    """A zone by its name: of one name always the same object.

    Raises
    ------
    ParameterError
        There is none of this name.

    Examples
    --------
    >>> from datetime import datetime
    >>> zone_of("America/New_York").to_utc(datetime(2016, 7, 1, 20))
    datetime.datetime(2016, 7, 2, 0, 0)
    """
    return Zone(name)
