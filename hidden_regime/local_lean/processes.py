"""A program that runs with a time limit, without input, its output in a file, and that never outlives what started it."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

ENDING = 15.0
"""Seconds that a program gets to end after what it waited for was stopped."""
TAIL = 30
"""Lines of a log that an error shows."""


def run_logged(command: Sequence[str], *, folder: Path, environment: Mapping[str, str], log: Path, timeout: float,
               stop: Callable[[], object]) -> int:  # fmt: skip
    """Run a program to its end and give what it ended with.

    Parameters
    ----------
    command : sequence of str
    folder : Path
        In which it runs.
    environment : mapping of str to str
        All of it.
    log : Path
        Where its output goes.
    timeout : float
        Seconds.
    stop : callable
        Stops what the program started elsewhere; called before the program is ended itself, and once more after that.

    Raises
    ------
    subprocess.TimeoutExpired
        Its time was up; it runs no more.
    BaseException
        Whatever interrupts this process while it waits, as a KeyboardInterrupt or, after a SIGTERM, a SystemExit: the program
        runs no more then either.
    """
    with open(log, "wb") as file, terminations_raised():
        # In a session of its own it gets no signal of the terminal beside us, and nothing in it can ask for a password.
        process = subprocess.Popen(
            list(command), cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
            start_new_session=True)  # fmt: skip
        try:
            return process.wait(timeout)
        except BaseException:
            try:
                stop()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(ENDING)
            finally:
                process.kill()
                process.wait()
                stop()
            raise


@contextlib.contextmanager
def terminations_raised() -> Iterator[None]:
    """Inside, SIGTERM raises SystemExit, so that what was begun is ended; a second one has no effect.

    A handler that somebody else has set stays, and so does everything outside the main thread.
    """
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def tail(log: Path, lines: int = TAIL) -> str:
    """The last lines of a file of text; empty where there is none."""
    try:
        content = log.read_bytes()
    except OSError:
        return ""
    return "\n".join(content.decode("utf-8", "replace").rstrip().splitlines()[-lines:])
