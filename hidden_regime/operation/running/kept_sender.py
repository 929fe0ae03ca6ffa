"""The sender of alerts beside a run: begun again where it dies, for a run whose alerts nobody gets looks like one without any."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from hidden_regime.operation.alerts.process import start_sender

AGAIN = 60.0
"""Seconds between two beginnings."""
LAST_ALERTS = 3.0
"""Seconds that it has for the alerts of the end."""
PATIENCE = 10.0
"""Seconds that it has to end by itself."""


class KeptSender:
    """A sender's process.

    Parameters
    ----------
    path : Path
        Of the journal.
    rules : Path
        The rules.toml that says to whom.
    note : callable
        Adds a line to the journal: told once that it died.
    seconds : callable
        A clock that only counts.
    start : callable
        Begins the process.
    """

    def __init__(self, path: Path, rules: Path, note: Callable[[str], None], *, seconds: Callable[[], float],
                 start: Callable[[Path, Path], subprocess.Popen[bytes]] = start_sender) -> None:  # fmt: skip
        self._path, self._rules, self._note, self._seconds, self._start = path, rules, note, seconds, start
        self._begun, self._noted = seconds(), False
        self._sender = start(path, rules)

    def tend(self) -> None:
        """Begin it again if it has died."""
        code = self._sender.poll()
        if code is None:
            return
        if not self._noted:
            self._noted = True
            self._note(
                f"the sender of alerts ended with status {code}: it is begun again each minute, and alerts wait in the journal"
            )
        if self._seconds() - self._begun >= AGAIN:
            self._begun = self._seconds()
            self._sender = self._start(self._path, self._rules)

    def end(self, pause: Callable[[float], None]) -> None:
        """Let it send what is left, and end it."""
        if self._sender.poll() is None:
            pause(LAST_ALERTS)
        self._sender.terminate()
        try:
            self._sender.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._sender.kill()
            self._sender.wait()
