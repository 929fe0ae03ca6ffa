"""What a reading of a notebook finds."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """One finding.

    Attributes
    ----------
    cell, line : int
        From 1; cells are counted as they stand in the notebook, texts among them.
    kind : str
        "error" where the call exists nowhere, "warning" where it does what its author hardly expects, "lean-only" where the
        embedded engine lacks what LEAN has.
    message : str
    """

    cell: int
    line: int
    kind: str
    message: str

    def to_dict(self) -> dict[str, object]:
        """As what JSON can hold."""
        return {"cell": self.cell, "line": self.line, "kind": self.kind, "message": self.message}

    def __str__(self) -> str:
        return f"cell {self.cell} line {self.line}: {self.kind}: {self.message}"
