"""What somebody should be able to say of a strategy before it trades."""

from __future__ import annotations

import re
from pathlib import Path

FILE = "idea.md"
FIELDS = {
    "Asset class": "What is traded, and where.",
    "Holding period": "How long a position is held, and how often it is looked at.",
    "Hypothesis": "Why there should be something to earn, and who pays it.",
    "Basis": "What has been written about it, with the source.",
    "Broker and fees": "Who executes, and which of LEAN's fee models is his: `ready` says which one the strategy uses.",
    "What would end it": "By what one would see that it doesn't hold any more.",
}
"""Sections of idea.md, each with what belongs there."""


def template(name: str) -> str:
    """An idea.md with everything still to be said."""
    sections = "\n".join(f"## {title}\n\n<!-- {asked} -->\n" for title, asked in FIELDS.items())
    return f"# {name}\n\n{sections}"


def sections(folder: Path) -> dict[str, str]:
    """What a folder's idea.md says under each heading, in lower case; empty where there is no such file."""
    path = folder / FILE
    if not path.is_file():
        return {}
    text = re.sub(r"<!--.*?-->", "", path.read_text(encoding="utf-8", errors="replace"), flags=re.DOTALL)
    found = {}
    for part in re.split(r"^##\s+", text, flags=re.MULTILINE)[1:]:
        title, _, body = part.partition("\n")
        found[title.strip().lower()] = body.strip()
    return found


def missing(folder: Path) -> list[str]:
    """Sections that a folder's idea.md lacks, or of which nothing is said; all of them where there is no such file."""
    said = sections(folder)
    return [title for title in FIELDS if not said.get(title.lower())]
