"""Who works on a step, and whether that process is still alive: the system lets go of its file when it dies."""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path
from typing import IO

FOLDER = "workers"


def new_name(run: str = "") -> str:
    """A name that nobody else has, of one of the workers of a run."""
    return f"{run or secrets.token_hex(4)}-{secrets.token_hex(4)}"


def run_of(name: str) -> str:
    """The run that a worker is of."""
    return name.partition("-")[0]


class Owner:
    """This process, as long as the block lasts.

    Parameters
    ----------
    folder : Path
        Of the store.
    name : str, optional
        One of its own, such as `new_name` gives.
    """

    def __init__(self, folder: Path, name: str = "") -> None:
        self.name = name or new_name()
        self.path = folder / FOLDER / self.name
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Owner:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = open(self.path, "wb")
        _lock(self._file)
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
        self.path.unlink(missing_ok=True)


def is_dead(folder: Path, name: str) -> bool:
    """Whether an owner's process is no more. Where the system has no such locks nobody knows, and the lease says it later."""
    path = folder / FOLDER / name
    try:
        with open(path, "r+b") as file:
            dead = _lock(file) is True
    except FileNotFoundError:
        return True
    except OSError:
        return False
    if dead:
        with contextlib.suppress(OSError):
            path.unlink()
    return dead


def _lock(file: IO[bytes]) -> bool | None:
    """Whether the file could be locked; None where there are no locks."""
    try:
        import fcntl
    except ImportError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
