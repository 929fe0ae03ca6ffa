"""Calls that must not be made twice: what they make has a name of its own, and is looked up before anything is sent again."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from typing import TypeVar

from hidden_regime.cloud.errors import AuthenticationFailed, CapacityBusy, QCError, RequestRefused, ServerError, Unclear
from hidden_regime.cloud.transport import Lost, Transport, Unsent
from hidden_regime.exceptions import ParameterError

T = TypeVar("T")
LOOKS = (2.0, 5.0, 10.0)
"""Seconds before each look whether a lost call arrived after all."""
PAID_LOOKS = (*LOOKS, 30.0, 60.0, 120.0)
"""The same of a call that costs money or trades: one that arrives late must be seen before another is sent."""
RESENT = 2
"""How often a call is sent again that did not arrive."""
BEFORE = "Look for that name in the list before you send it again; with a key of its own, the same call does."


def unique_name(name: str, key: str | None = None) -> str:
    """A name that nothing else has: `name #` and eight hexadecimal digits.

    Parameters
    ----------
    name : str
    key : str, optional
        The digits. Who gives the same ones again, after a crash say, means the same job.
    """
    if not isinstance(name, str) or not name.strip():
        raise ParameterError("name", name, "a text that is not empty")
    if key is not None and not re.fullmatch(r"[0-9a-f]{8}", key):
        raise ParameterError("key", key, "eight hexadecimal digits in lower case")
    return f"{name.strip()} #{key or secrets.token_hex(4)}"


def create_once(
    endpoint: str, name: str, send: Callable[[], T], find: Callable[[], T | None], transport: Transport, *,
    identity: Callable[[T], object], looks: Sequence[float] = LOOKS,
) -> T:  # fmt: skip
    """Make something exactly once, whatever the network does.

    Parameters
    ----------
    endpoint, name : str
    send : callable
        Makes the call once, and raises `Lost` where nobody knows whether it arrived.
    find : callable
        Looks in the list for the name.
    transport : Transport
    identity : callable
        The id of what a reply tells of; nothing where it names none, which is looked up as if the reply had been lost.

    looks : sequence of float
        Seconds before each look for a lost call.

    Raises
    ------
    Lost
        It never arrived: the list, which can be read, doesn't have it.
    Unsent
        Nothing was ever sent.
    Unclear
        The list can't be read either, or the server said yes and doesn't have it.
    """
    lost: ServerError
    for sent in range(1, RESENT + 2):
        try:
            made = send()
            if identity(made):
                return made
            lost, agreed = ServerError(f"{endpoint}: the reply doesn't name what it made.", endpoint), True
        except Unsent:
            raise
        except RequestRefused:
            # After a try that got lost: refused, perhaps, because that one arrived late.
            if sent > 1 and (found := find()) is not None:
                return found
            raise
        except ServerError as error:
            lost, agreed = error, not isinstance(error, Lost)
        found = _look(endpoint, name, find, transport, lost, looks)
        if found is not None:
            return found
        if agreed:
            raise Unclear(f"{lost.text} The list doesn't have {name!r} either. {BEFORE}", endpoint, lost.errors, name)
        if sent > RESENT:
            raise Lost(
                f"{lost.text} It was sent {sent} times, and the list never had {name!r}: nothing was made. Try again later.",
                endpoint, lost.errors,
            ) from lost  # fmt: skip
    raise AssertionError("unreachable")


def is_absent(error: QCError) -> bool:
    """Whether a failure of `create_once` says that nothing was made: the server refused, or looked for, it wasn't there."""
    return isinstance(error, (AuthenticationFailed, CapacityBusy, RequestRefused, Lost, Unsent))


def _look(
    endpoint: str, name: str, find: Callable[[], T | None], transport: Transport, lost: ServerError, looks: Sequence[float]
) -> T | None:
    """What a lost call made, if it arrived: a server that works on it may show it late."""
    for pause in looks:
        transport.sleep(pause)
        try:
            found = find()
        except QCError as error:
            raise Unclear(
                f"{lost.text} Whether {name!r} exists can't be told either: {error.text} Nothing was sent again. {BEFORE}",
                endpoint, lost.errors, name,
            ) from error  # fmt: skip
        if found is not None:
            return found
    return None
