"""JSON with comments and commas at ends of lists, as LEAN's configs have them."""

from __future__ import annotations

import json
import re
from typing import Any

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
TRAILING = re.compile(r'"(?:[^"\\]|\\.)*"|,(?=\s*[\]}])', re.DOTALL)


def loads(text: str) -> Any:
    """What a text holds.

    Raises
    ------
    ValueError
        It isn't JSON even without its comments; line and column are the text's own.

    Examples
    --------
    >>> loads('{"a": [1, 2,], // "b": 3\\n "url": "http://x"}')
    {'a': [1, 2], 'url': 'http://x'}
    """
    try:
        return json.loads(TRAILING.sub(_kept, TOKEN.sub(_kept, text)))
    except RecursionError:
        raise ValueError("lists in lists without end") from None


def has_comments(text: str) -> bool:
    """Whether there are any."""
    return any(not found[0].startswith('"') for found in TOKEN.finditer(text))


def _kept(found: re.Match[str]) -> str:
    """A string as it is; blanks, and the ends of lines, for anything else."""
    return found[0] if found[0].startswith('"') else re.sub(r"[^\n]", " ", found[0])
