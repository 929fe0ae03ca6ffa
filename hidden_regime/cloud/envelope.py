"""What a reply says of itself: whether the call succeeded, and if not, what kind of failure it is."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from hidden_regime.cloud.errors import (
    AuthenticationFailed,
    CapacityBusy,
    NotFound,
    QCError,
    RateLimited,
    RequestRefused,
    ServerError,
)

SHOWN = 300
"""Characters of a foreign text that a message quotes."""
DEEPEST = 100
"""Objects within objects. The deepest reply that is known has a tenth of it."""
IDENTITY = (
    "hash doesn't match",
    "hash does not match",
    "userid not valid",
    "user id not valid",
    "invalid timestamp",
    "not authenticated",
)
CAPACITY = (
    "please slow down",
    "too many backtest requests",
    "too many requests",
    "no spare nodes",
    "no spare node",
    "no available nodes",
)
LOCKED = ("write permission", "being edited")
ABSENT = ("not found", "no live deployment found", "does not exist", "doesn't exist")


def read_reply(
    endpoint: str, status: int, headers: Mapping[str, str], body: bytes, hide: Callable[[str], str] = str
) -> dict[str, Any]:
    """The payload of a reply.

    Parameters
    ----------
    endpoint : str
        Of the call, for messages.
    status : int
        Of HTTP.
    headers : mapping of str to str
        In lower case.
    body : bytes
    hide : callable
        Blots out of a complaint what no message may show. The payload stays as it came: it holds the user's own files and names.

    Raises
    ------
    QCError
        One of its kinds, whatever came.
    """
    if status == 401:
        said = _hidden(errors_of(_parsed(body)), hide)
        raise AuthenticationFailed(_told(endpoint, "the server refused the credentials", said), endpoint, said)
    if status == 429:
        raise _Limited(_told(endpoint, "too many requests", ()), endpoint, retry_after(headers))
    reply = _parsed(body)
    if reply is None:
        what = "nothing" if not body.strip() else "HTML" if body.lstrip()[:1] == b"<" else "no JSON object that can be read"
        raise ServerError(_told(endpoint, f"the server answered {status} with {what}", ()), endpoint)
    errors = _hidden(errors_of(reply), hide)
    if succeeded(reply, status, errors):
        return reply
    raise _failure(endpoint, status, errors)


class _Limited(RateLimited):
    """Too many requests, with the seconds that the server asks to wait; NaN where it doesn't say."""

    def __init__(self, message: str, endpoint: str, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(message, endpoint)


def seconds_asked(error: QCError) -> float:
    """Seconds that the server asked to wait; NaN where it didn't say."""
    return error.seconds if isinstance(error, _Limited) else math.nan


def succeeded(reply: Mapping[str, Any], status: int, errors: tuple[str, ...]) -> bool:
    """Whether a reply says so, in any form; one without the word does where the status is 200 and nothing is complained of."""
    said = reply.get("success", reply.get("Success"))
    if said is None:
        return status == 200 and not errors
    return str(said).strip().lower() in ("true", "1")


def errors_of(reply: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Complaints of a reply, by whatever name it has for them."""
    found: list[str] = []
    reply = reply or {}
    # A backtest that failed has a field "error" too, and reading it succeeded.
    refused = str(reply.get("success")).lower() == "false"
    for name in ("errors", "messages", "Message", "message", *(("error",) if refused else ())):
        value = reply.get(name)
        if isinstance(value, str) and value.strip():
            found.append(value.strip())
        elif isinstance(value, list):
            found += [str(one).strip() for one in value if str(one).strip()]
    return tuple(dict.fromkeys(found))


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds of a Retry-After header; NaN without one that can be read."""
    try:
        return max(0.0, float(headers.get("retry-after", "nan")))
    except ValueError:
        return math.nan


def _hidden(errors: tuple[str, ...], hide: Callable[[str], str]) -> tuple[str, ...]:
    return tuple(map(hide, errors))


def _parsed(body: bytes) -> dict[str, Any] | None:
    try:
        # JSON has no NaN and no Infinity. As texts they are kept, and no reader of numbers takes them for one.
        reply = json.loads(body.decode("utf-8-sig"), parse_constant=str)
    except (ValueError, RecursionError):
        return None
    return reply if isinstance(reply, dict) and _is_flat_enough(reply) else None


def _is_flat_enough(reply: Any) -> bool:
    """Whether no reader of it will run out of stack."""
    level = [reply]
    for _ in range(DEEPEST):
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return True
    return False


def _failure(endpoint: str, status: int, errors: tuple[str, ...]) -> QCError:
    text = " ".join(errors).lower()
    if any(one in text for one in IDENTITY):
        return AuthenticationFailed(_told(endpoint, "the server refused the credentials", errors), endpoint, errors)
    if any(one in text for one in CAPACITY):
        return CapacityBusy(_told(endpoint, "no capacity", errors), endpoint, errors)
    if any(one in text for one in ABSENT):
        return NotFound(_told(endpoint, "not found", errors), endpoint, errors)
    if not errors and status >= 500:
        return ServerError(_told(endpoint, f"the server answered {status}", errors), endpoint)
    remedy = " Wait until they are done with it, then try again." if any(one in text for one in LOCKED) else ""
    return RequestRefused(_told(endpoint, "refused", errors) + remedy, endpoint, errors)


def _told(endpoint: str, what: str, errors: tuple[str, ...]) -> str:
    said = "; ".join(errors)[:SHOWN]
    return f"{endpoint}: {what}" + (f": {said}" if said else " without saying why" if what == "refused" else "") + (
        "" if said.endswith((".", "!", "?")) else ".")  # fmt: skip
