"""Asking again until a job is over, less often the longer it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from hidden_regime.cloud.errors import ServerError, Waiting
from hidden_regime.cloud.transport import Transport

T = TypeVar("T")
STEPS = ((10.0, 1.0), (120.0, 5.0))
"""Seconds since the start until which so many seconds lie between two questions."""
AFTERWARDS = 15.0


def pauses() -> Iterator[float]:
    """Seconds between questions: 1 for ten seconds, 5 for two minutes, then 15."""
    waited = 0.0
    for until, pause in STEPS:
        while waited < until:
            yield pause
            waited += pause
    while True:
        yield AFTERWARDS


@contextmanager
def begun(what: str) -> Iterator[None]:
    """Of a job that was begun, a server that doesn't answer now says nothing: it may go on there.

    Raises
    ------
    Waiting
        Instead of a `ServerError`.
    """
    try:
        yield
    except ServerError as error:
        said = (
            f"{what} was begun, and the server can't be asked about it now ({error.text.rstrip('.')}). Read it later by its id."
        )
        raise Waiting(said, error.endpoint, error.errors) from error


def wait_until(
    read: Callable[[], T], done: Callable[[T], bool], *, transport: Transport, timeout: float, what: str, pauses: Iterator[float],
) -> T:  # fmt: skip
    """What `read` gives when it is done.

    Parameters
    ----------
    read, done : callable
    transport : Transport
        Whose clock and sleep count.
    timeout : float
        Seconds.
    what : str
        For the message.
    pauses : iterator of float
        Seconds between two reads; the last read is due where it ends.

    Raises
    ------
    Waiting
        Past the timeout; the job goes on.
    """
    until = transport.clock() + timeout
    while True:
        found = read()
        if done(found):
            return found
        pause = next(pauses, None)
        if pause is None or transport.clock() + pause > until:
            raise Waiting(f"{what} isn't over after {timeout:,.0f} s and goes on in the cloud. Read it later by its id.")
        transport.sleep(pause)
