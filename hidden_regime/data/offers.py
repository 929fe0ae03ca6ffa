"""What a message says of the names on offer: a few of them, and those that look like the one that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

MOST = 12


def close_to(name: str, names: Sequence[str]) -> str:
    """A question for the names that look like one, or nothing."""
    spelled = {known.lower(): known for known in names}
    near = [spelled[found] for found in get_close_matches(name.lower(), list(spelled), n=3)]
    return f" Did you mean {' or '.join(near)}?" if near else ""


def offered(name: str, names: Sequence[str]) -> str:
    """The sentences of an error about a name that isn't there: what there is, shortened, and what may have been meant."""
    shown = ", ".join(names[:MOST]) or "none"
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return f"it has {shown}{more}.{close_to(name, names)}"
