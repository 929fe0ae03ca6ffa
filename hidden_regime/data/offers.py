"""What a message says of the names on offer: a few of them, and those that look like the one that was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from hidden_regime.exceptions import ParameterError

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


def only_offered(where: str, told: Any, names: Sequence[str]) -> None:
    """Refuse a table of a file that is none, or has another name than those on offer.

    Raises
    ------
    ParameterError
    """
    if not isinstance(told, Mapping):
        raise ParameterError(where, type(told).__name__, f"a table with {', '.join(names)}")
    for name in told:
        if name not in names:
            raise ParameterError(where, name, f"one of {', '.join(names)}", close_to(str(name), names).strip())
