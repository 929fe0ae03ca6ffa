"""What a reading of a strategy finds."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """One finding.

    `kind` is "error" where LEAN refuses the strategy or runs something else than it says, "warning" where it does something
    that its author hardly expects, and "lean-only" where the embedded engine lacks a member that LEAN has.
    """

    line: int
    kind: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.kind}: {self.message}"
