"""How fast requests may follow each other."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Pace:
    """A bucket of requests that fills at a steady rate: the server's own limit is unknown, and finding it out is rude.

    Parameters
    ----------
    per_minute : float
    clock : callable
        Seconds.
    sleep : callable
        Of seconds.
    """

    def __init__(self, per_minute: float, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self.per_minute = per_minute
        self.clock = clock
        self.sleep = sleep
        self.left = per_minute
        self.at = clock()
        self.lock = threading.Lock()

    def wait(self) -> None:
        """Return when the next request may be sent."""
        with self.lock:
            now = self.clock()
            # A clock that was set back gives nothing, and takes nothing.
            self.left = min(self.per_minute, self.left + max(0.0, now - self.at) * self.per_minute / 60.0)
            self.at = now
            self.left -= 1.0
            owed = max(0.0, -self.left) * 60.0 / self.per_minute
        if owed > 0.0:
            self.sleep(owed)
