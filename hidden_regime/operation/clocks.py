"""Clocks: what time it is in New York, and how to wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.clock import NEW_YORK

FASTEST = 1e9
"""Speed from which on nothing is waited for."""


class Clock(Protocol):
    """Market time. It never falls, whatever the clock of the machine does."""

    def now(self) -> datetime:
        """New York's time, without a zone."""

    def wait(self, until: datetime, most: float) -> None:
        """Return when a time has come, or `most` seconds have passed."""


def utc(read: Callable[[], float] = time.time) -> datetime:
    """The machine's time, for the journal's own lines and for what is old; nothing that trades asks for it."""
    return datetime.fromtimestamp(read(), UTC)


def wall_text(read: Callable[[], float] = time.time) -> str:
    """The same as the journal writes it."""
    return utc(read).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class SystemClock:
    """The machine's clock. Where it is put back, or an hour comes twice in autumn, time stands still until it is ahead again.

    Parameters
    ----------
    read : callable
        Seconds since 1970.

    Attributes
    ----------
    fell : timedelta
        How far it has last been put back; whoever tells of it sets it to zero.
    """

    def __init__(self, read: Callable[[], float] = time.time) -> None:
        self._read, self._latest = read, datetime(1970, 1, 1)
        self.fell = timedelta(0)

    def now(self) -> datetime:
        """New York's time."""
        read = utc(self._read).astimezone(NEW_YORK).replace(tzinfo=None)
        if read < self._latest - timedelta(seconds=1):
            self.fell = max(self.fell, self._latest - read)
        self._latest = max(self._latest, read)
        return self._latest

    def wait(self, until: datetime, most: float) -> None:
        """Sleep."""
        time.sleep(max(0.0, min(most, (until - self.now()).total_seconds())))


class FastClock:
    """A clock that runs ahead of the machine's.

    Parameters
    ----------
    begin : datetime
        What time it is now.
    speed : float
        Seconds that pass in a second.
    """

    def __init__(self, begin: datetime, speed: float) -> None:
        if not speed > 0.0:
            raise ParameterError("speed", speed, "a number above zero")
        self._begin, self._speed, self._since = begin, speed, time.monotonic()

    def now(self) -> datetime:
        """Its time."""
        return self._begin + timedelta(seconds=(time.monotonic() - self._since) * self._speed)

    def wait(self, until: datetime, most: float) -> None:
        """Sleep."""
        time.sleep(max(0.0, min(most, (until - self.now()).total_seconds() / self._speed)))


class InstantClock:
    """A clock on which every wait is over at once.

    Parameters
    ----------
    begin : datetime
        What time it is now.
    """

    def __init__(self, begin: datetime) -> None:
        self._now = begin

    def now(self) -> datetime:
        """Its time."""
        return self._now

    def wait(self, until: datetime, most: float) -> None:
        """Let the time come."""
        self._now = max(self._now, until)


def clock_of(speed: float | None, begin: datetime) -> Clock:
    """The machine's clock, or one that begins at a time and runs at a speed."""
    if speed is None:
        return SystemClock()
    return InstantClock(begin) if speed >= FASTEST else FastClock(begin, speed)
