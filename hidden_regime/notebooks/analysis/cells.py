"""Cells of a notebook as plain text."""

from __future__ import annotations

from dataclasses import dataclass
from inspect import cleandoc


@dataclass(frozen=True)
class Cell:
    """A cell.

    Attributes
    ----------
    kind : str
        "code" or "markdown".
    source : str
    tags : tuple of str
    """

    kind: str
    source: str
    tags: tuple[str, ...] = ()


def code(source: str, *tags: str) -> Cell:
    """A cell of Python."""
    return Cell("code", cleandoc(source), tags)


def text(source: str) -> Cell:
    """A cell of words."""
    return Cell("markdown", cleandoc(source))


def folder_cell() -> Cell:
    """The cell that says whose figures are shown; a parameter may say another."""
    return code('folder = "."', "parameters")
