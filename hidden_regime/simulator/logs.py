"""What a strategy says: log, debug and error lines in the order in which LEAN writes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime


class Logs:
    """Lines of one step are written debug first, then errors, then logs, each with the time at which it was said.

    Parameters
    ----------
    now : callable
        Current New York time.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._waiting: dict[str, list[str]] = {"debug": [], "error": [], "log": []}
        self._said = {"debug": "", "error": "", "log": ""}
        self.lines: list[str] = []

    def say(self, kind: str, message: object) -> None:
        """Take a message. An empty one, and one equal to the last of its kind, is dropped."""
        text = str(message)
        if not text.strip() or text == self._said[kind]:
            return
        self._said[kind] = text
        self._waiting[kind].append(f"{self._now():%Y-%m-%d %H:%M:%S} {text}")

    def flush(self) -> None:
        """Write what a step said."""
        for kind in ("debug", "error", "log"):
            if self._waiting[kind]:
                self.lines += self._waiting[kind]
                self._waiting[kind] = []
