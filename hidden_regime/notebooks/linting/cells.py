"""Code cells as Python: IPython's magics are taken out, and every line keeps its number."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

TIMERS = ("time", "timeit", "capture", "prun")
"""Magics of whole cells whose body is Python."""
MAGIC = re.compile(r"\s*(?:[%!?]|.*\?\s*$)")
ASSIGNED = re.compile(r"(\s*[\w.,\s\[\]'\"]+=\s*)[%!]")


@dataclass(frozen=True)
class Cell:
    """A code cell: its tree, or the syntax error that it has."""

    number: int
    tree: ast.Module | None
    error: SyntaxError | None = None


def cells_of(cells: list[Any]) -> Iterator[Cell]:
    """Code cells of a notebook that hold Python, in order."""
    for number, cell in enumerate(cells, 1):
        if cell.get("cell_type") != "code":
            continue
        source = cell.get("source", "")
        text = _body("".join(source) if isinstance(source, list) else str(source))
        if text is not None:
            yield _parsed(number, text)


def _body(text: str) -> str | None:
    """Python of a cell; None where a magic makes it something else."""
    lines = text.split("\n")
    first = next((place for place, line in enumerate(lines) if line.strip()), None)
    if first is None or not lines[first].lstrip().startswith("%%"):
        return text
    name = lines[first].strip()[2:].split(" ", 1)[0]
    if name not in TIMERS:
        return None
    lines[first] = ""
    return "\n".join(lines)


def _parsed(number: int, text: str) -> Cell:
    lines = text.split("\n")
    for _ in range(len(lines) + 1):
        try:
            return Cell(number, _tree("\n".join(lines)))
        except SyntaxError as error:
            place = (error.lineno or 1) - 1
            if not (0 <= place < len(lines) and _take_out(lines, place)):
                return Cell(number, None, error)
        except (ValueError, RecursionError, MemoryError) as error:
            return Cell(number, None, SyntaxError(f"the cell can't be read as Python ({type(error).__name__})"))
    raise AssertionError("unreachable")


def _tree(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        tree: ast.Module = compile(text, "cell", "exec", flags | ast.PyCF_ONLY_AST, dont_inherit=True)
        compile(text, "cell", "exec", flags, dont_inherit=True)
    return tree


def _take_out(lines: list[str], place: int) -> bool:
    """Take a magic out of a line at which Python stumbled. Whether there was one."""
    line = lines[place]
    assigned = ASSIGNED.match(line)
    if assigned:
        lines[place] = f"{assigned[1]}None"
    elif MAGIC.match(line):
        lines[place] = f"{line[: len(line) - len(line.lstrip())]}pass"
    else:
        return False
    while line.rstrip().endswith("\\") and place + 1 < len(lines):
        place += 1
        line, lines[place] = lines[place], ""
    return True
