"""Times as QuantConnect writes them: always UTC, in several forms."""

from __future__ import annotations

from datetime import UTC, datetime


def plain(moment: float) -> str:
    """As most replies have it.

    Examples
    --------
    >>> plain(1_700_000_000), iso(1_700_000_000), bare(1_700_000_000)
    ('2023-11-14 22:13:20', '2023-11-14T22:13:20Z', '2023-11-14T22:13:20')
    """
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S}"


def bare(moment: float) -> str:
    """ISO without a zone."""
    return plain(moment).replace(" ", "T")


def iso(moment: float) -> str:
    """ISO with its zone."""
    return bare(moment) + "Z"


def seconds_of(text: str) -> float:
    """Seconds since 1970 of any of the forms."""
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def length(seconds: float) -> str:
    """A duration as hours, minutes and seconds.

    Examples
    --------
    >>> length(3723.4)
    '01:02:03'
    """
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
