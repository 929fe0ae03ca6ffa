"""Processes by number and start: a number alone may have become another's."""

from __future__ import annotations

import os
import signal
from pathlib import Path


def started_of(pid: int) -> str:
    """When a process began, in the system's own words; empty where there is none, or the system doesn't say."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return _by_ps(pid)
    # The command's name stands in brackets and may hold anything; what follows has fixed places.
    return told.rpartition(")")[2].split()[19]


def _by_ps(pid: int) -> str:
    import subprocess

    try:
        asked = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return asked.stdout.strip()


def is_alive(pid: int, started: str) -> bool:
    """Whether a process is still the one that it was."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return started_of(pid) == started and not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return told.rpartition(")")[2].split()[0] == "Z"


def end(pid: int, started: str, *, hard: bool = False) -> None:
    """Ask a process to end, or end it, if it is still the one that it was."""
    if is_alive(pid, started):
        os.kill(pid, signal.SIGKILL if hard else signal.SIGTERM)
