"""The sender as a process of its own: python -m hidden_regime.operation.alerts.process QUEUE RULES."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from hidden_regime.exceptions import RegimeError
from hidden_regime.jobs.locked import locked
from hidden_regime.operation.alerts.rules import read_alert_rules
from hidden_regime.operation.alerts.sender import Sender
from hidden_regime.operation.alerts.sending import check_installed

BAD_INPUT = 2
LOCK = ".sender"


def start_sender(path: Path, rules: Path) -> subprocess.Popen[bytes]:
    """Start a sender in a process of its own, which is killed, stopped or restarted without a word to who trades.

    Parameters
    ----------
    path : Path
        The SQLite file.
    rules : Path
        rules.toml; addresses may come from this process's environment.
    """
    return subprocess.Popen([sys.executable, "-m", __name__, str(path), str(rules)], start_new_session=True)


def is_sending(path: Path) -> bool:
    """Whether a sender serves a file now. Where the system has no such locks, nobody knows, and one is believed to."""
    try:
        import fcntl

        with open(path.with_name(path.name + LOCK), "ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        return True
    return False


def main(arguments: Sequence[str]) -> int:
    """Send until SIGTERM or SIGINT. A second sender of the same file waits until the first is no more, and takes over."""
    if len(arguments) != 2:
        sys.stderr.write("expected two arguments: the SQLite file and rules.toml.\n")
        return BAD_INPUT
    path, stop = Path(arguments[0]), threading.Event()
    try:
        check_installed()
        rules = read_alert_rules(arguments[1], os.environ)
        with locked(path.with_name(path.name + LOCK)):
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop.set())
            Sender(path, rules).run(stop)
    except RegimeError as error:
        sys.stderr.write(f"error: {error.text}\n")
        return BAD_INPUT
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
