"""Lines as LEAN writes them: into log.txt, and to the console, which Docker shows."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from hidden_regime.local_lean.no_lean.saying import WHAT


class Log:
    """Both at once. The first line says what runs here.

    Parameters
    ----------
    path : Path
        The file; lines are added to it.
    clock : callable
        Gives seconds since 1970.
    console : text stream, optional
        Default: standard output. None in the name of a trial: of these the optimiser's console says nothing.
    """

    def __init__(self, path: Path, clock: Callable[[], float], console: TextIO | None = sys.stdout) -> None:
        self._path, self._clock, self._console = path, clock, console
        self.trace(f"Engine.Main(): {WHAT}")

    def trace(self, text: str) -> None:
        """Say what goes on."""
        self._say("TRACE", text)

    def error(self, text: str) -> None:
        """Say what went wrong."""
        self._say("ERROR", text)

    def _say(self, level: str, text: str) -> None:
        now = datetime.fromtimestamp(self._clock(), UTC)
        with open(self._path, "a", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(f"{now:%Y-%m-%dT%H:%M:%S.%f}0Z {level}:: {text}\n")
        if self._console is not None:
            self._console.write(f"{now:%Y%m%d %H:%M:%S}.{now.microsecond // 1000:03} {level}:: {text}\n")
            self._console.flush()
