"""What a message says: subjects and texts from outside can't steer a terminal, break a header, or call people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from hidden_regime.operation.alerts.queue import Alert

LONGEST = 1500
"""Letters of a text in a message; chats refuse long ones."""
MOST = 20
"""Alerts of which a message of several tells."""
AGAIN = "It may have arrived before: a sender died while it sent this."
ZERO_WIDTH = "\u200b"


def title_of(alerts: Sequence[Alert]) -> str:
    """The title: kinds are this package's words, and nothing from outside is in it."""
    kinds = list(dict.fromkeys(alert.kind for alert in alerts))
    return f"hidden-regime: {kinds[0]}" if len(alerts) == 1 else f"hidden-regime: {len(alerts)} alerts"


def body_of(alerts: Sequence[Alert]) -> str:
    """The text, plain: whoever sends it escapes it as the sink's format asks."""
    if len(alerts) == 1:
        return _one(alerts[0])
    lines = [f"{_moment(alert.at)} {alert.kind}: {line(alert.subject)}" for alert in alerts[-MOST:]]
    left = len(alerts) - len(lines)
    more = [f"and {left} before these"] if left else []
    again = [AGAIN] if any(alert.again for alert in alerts) else []
    return "\n".join(["Together, for the limit an hour was reached:", *lines, *more, *again])


def _one(alert: Alert) -> str:
    parts = [line(alert.subject), plain(alert.text), f"{_moment(alert.at)} (UTC), alert {alert.id}"]
    return "\n\n".join(part for part in [*parts, AGAIN if alert.again else ""] if part)


def line(text: str) -> str:
    """A text in one line."""
    return plain(" ".join(text.split()), keep="")[:200]


def plain(text: str, keep: str = "\n\t") -> str:
    """A text whose control characters are spelled out; a long one loses its end."""
    shown = "".join(c if c.isprintable() or c in keep else c.encode("unicode_escape").decode() for c in text)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}\u2026 ({len(shown) - LONGEST} letters more)"


def uncalled(text: str) -> str:
    """A text in which no name calls anybody: chats take @everyone for that, and other names after an @.

    Examples
    --------
    >>> uncalled("@here") == "@" + ZERO_WIDTH + "here"
    True
    """
    return text.replace("@", f"@{ZERO_WIDTH}")


def _moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}"
