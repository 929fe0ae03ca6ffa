"""All rules over one notebook."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

from hidden_regime.data.offers import close_to
from hidden_regime.exceptions import DataError
from hidden_regime.files.paths import given_path
from hidden_regime.notebooks.kernel.api import LEANS, Api
from hidden_regime.notebooks.linting.books import BOOK, Names, learn, members_asked_for
from hidden_regime.notebooks.linting.cells import Cell, cells_of
from hidden_regime.notebooks.linting.findings import Finding
from hidden_regime.notebooks.linting.instead import INSTEAD
from hidden_regime.notebooks.quantbook.book import QuantBook
from hidden_regime.notebooks.quantbook.lean_only import REMEDIES, WHERE
from hidden_regime.simulator.lean_names import QC_MEMBERS
from hidden_regime.simulator.members.assigning import UNREAD
from hidden_regime.simulator.spelling import pascal, snake

HERE = frozenset(name for name in dir(QuantBook) if not name.startswith("_")) - set(UNREAD)
LEAN_ONLY = (QC_MEMBERS | frozenset(REMEDIES)) - HERE
OF_API = frozenset(name for name in dir(Api) if not name.startswith("_"))
PYTHONS = "__"
LEANS_NAMES = "AlgorithmImports"


def lint(path: str | Path) -> list[Finding]:
    """Read a notebook and list the calls that don't exist, with what to use instead. It isn't run.

    Parameters
    ----------
    path : str or Path
        An .ipynb file.

    Returns
    -------
    list of Finding
        By cell and line; empty if nothing was found.

    Raises
    ------
    DataError
        It is no notebook.
    """
    path = given_path("path", path)
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        read = list(cells_of(list(notebook["cells"])))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise DataError(f"{path} can't be read ({type(error).__name__}): expected a notebook (.ipynb) of nbformat 4.") from error
    names, found = Names(), list[Finding]()
    for cell in read:
        found += _of_cell(cell, names)
    return sorted(set(found))


def _of_cell(cell: Cell, names: Names) -> Iterator[Finding]:
    if cell.tree is None:
        error = cell.error or SyntaxError("no Python")
        yield Finding(cell.number, error.lineno or 1, "error", f"{error.msg}: Python can't read the cell.")
        return
    if names.made is not None:
        yield from _late_imports(cell.tree, cell.number, names.made)
    learn(cell.tree, cell.number, names)
    for text, node in members_asked_for(cell.tree):
        if text == BOOK or names.is_book(text):
            yield from _of_book(node, cell.number, text, names)
        elif names.is_api(text):
            yield from _of_api(node, cell.number)


def _late_imports(tree: ast.Module, number: int, made: tuple[int, int]) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == LEANS_NAMES and node.names[0].name == "*":
            said = (
                f"from AlgorithmImports import * stands behind the QuantBook of cell {made[0]} line {made[1]}: it gives names "
                "such as QuantBook, time and date anew, whatever the notebook has made of them. Put it first."
            )
            yield Finding(number, node.lineno, "warning", said)


def _of_book(node: ast.Attribute, number: int, text: str, names: Names) -> Iterator[Finding]:
    name = node.attr
    plain = snake(name) if name[:1].isupper() else name
    if name.startswith(PYTHONS) or name in names.own or plain in HERE:
        return
    shown = text if text != BOOK else "QuantBook()"
    if plain in LEAN_ONLY:
        remedy = REMEDIES.get(plain, "")
        yield Finding(number, node.lineno, "lean-only", f"{shown}.{name} exists in LEAN only. {WHERE} {remedy}".rstrip())
        return
    spelled = snake(name[:1].upper() + name[1:])
    if spelled in HERE | LEAN_ONLY:
        remedy = f"LEAN spells it {spelled} or {pascal(spelled)}."
    else:
        remedy = INSTEAD.get(spelled, "") or close_to(spelled, sorted(HERE | LEAN_ONLY)).strip()
    said = f"{shown}.{name} doesn't exist: QuantBook has no such member, in LEAN neither. {remedy}"
    yield Finding(number, node.lineno, "error", said.rstrip())


def _of_api(node: ast.Attribute, number: int) -> Iterator[Finding]:
    name = node.attr
    plain = snake(name) if name[:1].isupper() else name
    if name.startswith(PYTHONS) or plain in OF_API:
        return
    if plain in LEANS:
        yield Finding(number, node.lineno, "lean-only", f"api.{name} is LEAN's: the same call is in a group of api.client.")
        return
    said = f"api.{name} doesn't exist, in LEAN neither.{close_to(snake(plain[:1].upper() + plain[1:]), sorted(OF_API | LEANS))}"
    yield Finding(number, node.lineno, "error", said)
