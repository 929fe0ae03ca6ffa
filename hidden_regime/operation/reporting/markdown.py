"""Markdown in which no text from outside is markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

SPECIAL = re.compile(r"([\\`*_{}\[\]<>#!|~&$])|(?<=^[0-9])[.)](?= )|^[-+=](?=[-+= ])")
"""What formats anywhere, and what begins a list or a heading at the beginning of a line."""


def plain(text: object) -> str:
    """A text from outside, in one line, that means nothing to Markdown or HTML."""
    one_line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return SPECIAL.sub(r"\\\g<0>", one_line)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; its cells are texts from outside."""
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [f"| {' | '.join(plain(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"
