"""How the command ends before its time: one line, and the exit status that shells know.

Nothing heavy is imported here, so that it is ready while all else still is being imported.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

STATUS = 128
"""What shells add to a signal's number."""
GRACE = 5.0
"""Seconds that a run has to finish its day when it is to be kept."""
OUTPUT_FAILED = 2


class _Ending:
    """The signal that came, if one did, and whether the work ends by itself when it sees it."""

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self.waits = self.timed = False
        self.kept = "no file is left half written"

    def receive(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal."""
        del frame
        first = self.signal is None
        if self.signal is None:
            self.signal = signal.Signals(number)
        if not (first and self.waits):
            raise KeyboardInterrupt
        if hasattr(signal, "setitimer"):
            self.timed = True
            signal.signal(signal.SIGALRM, self.receive)
            signal.setitimer(signal.ITIMER_REAL, GRACE)


_ENDING = _Ending()


def received() -> signal.Signals | None:
    """The signal that asked for an end, if one did."""
    return _ENDING.signal


def explain(kept: str) -> None:
    """Say at the end what there is of the work."""
    _ENDING.kept = kept


@contextmanager
def awaited() -> Iterator[None]:
    """Inside, the first signal is only kept in mind: work that looks for it ends by itself, else it is interrupted."""
    _ENDING.waits = True
    try:
        yield
    finally:
        _ENDING.waits = False
        if _ENDING.timed:
            signal.setitimer(signal.ITIMER_REAL, 0)


@contextmanager
def told() -> Iterator[None]:
    """End with one line where a signal ends the block, or where nothing more can be written."""
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    for number in numbers:
        # One that is ignored, as under nohup, stays so.
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _ENDING.receive)
    code: str | int | None = 0
    try:
        yield
    except SystemExit as end:
        code = end.code
    except KeyboardInterrupt:
        code = STATUS + signal.SIGINT
    except OSError as error:
        if error.filename is not None:
            raise
        code = _lost(error, 0)
    for number in numbers:  # what is left is to say so
        signal.signal(number, signal.SIG_IGN)
    if _ENDING.signal is not None:
        code = STATUS + _ENDING.signal
        with suppress(OSError):
            sys.stderr.write(f"stopped by {_ENDING.signal.name}: {_ENDING.kept}.\n")
    sys.exit(_flushed(code))


def _flushed(code: str | int | None) -> str | int | None:
    """The exit status once all is written; an output that takes no more is told here, and not by Python as it ends."""
    try:
        sys.stdout.flush()
    except OSError as error:
        return _lost(error, code)
    return code


def _lost(error: OSError, code: str | int | None) -> str | int:
    """The exit status where the output takes no more: whoever closed it has seen enough, a full disk is told if nothing was."""
    with suppress(OSError), open(os.devnull, "w", encoding="utf-8") as nothing:
        os.dup2(nothing.fileno(), sys.stdout.fileno())
    if not code and not isinstance(error, BrokenPipeError):
        with suppress(OSError):
            sys.stderr.write(f"error: the output can't be written: {error.strerror}.\n")
    return code or OUTPUT_FAILED
