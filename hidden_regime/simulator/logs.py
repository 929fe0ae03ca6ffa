"""What a strategy says: log, debug and error lines in the order in which LEAN writes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime


class Logs:
    """Lines are written when the run is sampled: debug first, then errors, then logs, each with the time it was said.

    Parameters
    ----------
    now : callable
        Current New York time.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._waiting: dict[str, list[str]] = {"debug": [], "error": [], "log": []}
        self._said = {"debug": "", "error": ""}
        self.lines: list[str] = []

    def stamp(self, text: str) -> str:
        """A line with the current time."""
        return f"{self._now():%Y-%m-%d %H:%M:%S} {text}"

    def say(self, kind: str, text: str) -> None:
        """Take a message. An empty one is dropped; of debug and error messages one equal to the last of its kind, too."""
        if not text or text == self._said.get(kind):
            return
        if kind in self._said:
            self._said[kind] = text
        self._waiting[kind].append(self.stamp(text))

    def write(self, text: str) -> None:
        """Write a line at once, before what waits."""
        self.lines.append(text)

    def announce(self, text: str, *, initializing: bool = False) -> None:
        """Write what LEAN's engine says by itself: at once, and without a time while the strategy is being initialised."""
        self.write(f"Algorithm Initialization: {text}" if initializing else self.stamp(text))

    def flush(self) -> None:
        """Write what waits."""
        for kind in ("debug", "error", "log"):
            if self._waiting[kind]:
                self.lines += self._waiting[kind]
                self._waiting[kind] = []

    def forget(self) -> list[str]:
        """Drop what waits, as LEAN does when a run fails; it is given back for whoever wants to show it."""
        lost = [line for lines in self._waiting.values() for line in lines]
        self._waiting = {kind: [] for kind in self._waiting}
        return lost
