"""Calls that must not be made twice: what they make has a name of its own, and is looked up before anything is sent again."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import TypeVar

from hidden_regime.cloud.errors import QCError, Unclear
from hidden_regime.cloud.transport import Lost, Transport
from hidden_regime.exceptions import ParameterError

T = TypeVar("T")
LOOKS = (2.0, 5.0, 10.0)
"""Seconds before each look whether a lost call arrived after all."""
RESENT = 2
"""How often a call is sent again that did not arrive."""


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
    endpoint: str, name: str, send: Callable[[], T], find: Callable[[], T | None], transport: Transport, *, seek: bool = False,
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
    seek : bool
        Look before the first call: the name may be of an earlier run that was killed.

    Raises
    ------
    Unclear
        The list can't be read either.
    """
    if seek and (found := find()) is not None:
        return found
    for sent in range(RESENT + 1):
        try:
            return send()
        except Lost as error:
            found = _look(endpoint, name, find, transport, error)
            if found is not None:
                return found
            if sent == RESENT:
                raise
    raise AssertionError("unreachable")


def _look(endpoint: str, name: str, find: Callable[[], T | None], transport: Transport, lost: Lost) -> T | None:
    """What a lost call made, if it arrived: a server that works on it may show it late."""
    for pause in LOOKS:
        transport.sleep(pause)
        try:
            found = find()
        except QCError as error:
            raise Unclear(
                f"{lost.text} Whether {name!r} exists can't be told either: {error.text} Nothing was sent again. Look for that "
                "name in the list before you do.", endpoint, lost.errors, name,
            ) from error  # fmt: skip
        if found is not None:
            return found
    return None
