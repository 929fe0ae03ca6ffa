"""Which names of a notebook are QuantBooks, and which members they are asked for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

BOOK, API = "QuantBook", "api"
USUAL = "qb"
"""A name that is a QuantBook wherever a notebook doesn't make it something else, such as in a function's parameters."""


@dataclass
class Names:
    """What is known of a notebook's names, as its cells are read one after the other.

    Attributes
    ----------
    books : set of str
        Names, dotted ones among them, that are QuantBooks.
    others : set of str
        Names that became something else.
    made : tuple of int, optional
        Cell and line at which the first QuantBook was made.
    own : dict of str to set of str
        Members that the notebook gives a QuantBook itself.
    """

    books: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    made: tuple[int, int] | None = None
    own: set[str] = field(default_factory=set)

    def is_book(self, text: str) -> bool:
        """Whether an expression is a QuantBook."""
        return text in self.books or (text == USUAL and text not in self.others)

    def is_api(self, text: str) -> bool:
        """Whether an expression is the cloud's api."""
        return text == API and API not in self.others


def learn(tree: ast.Module, number: int, names: Names) -> None:
    """Take note of the names that a cell assigns."""
    for node in ast.walk(tree):
        targets: list[ast.expr] = []
        value: ast.expr | None = None
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)):
            targets, value = [node.target], node.value
        for target in targets:
            _assign(target, value, number, names)


def _assign(target: ast.expr, value: ast.expr | None, number: int, names: Names) -> None:
    if isinstance(target, ast.Attribute) and names.is_book(ast.unparse(target.value)):
        names.own.add(target.attr)
        return
    if not isinstance(target, (ast.Name, ast.Attribute)):
        return
    text = ast.unparse(target)
    if makes_book(value) or (value is not None and names.is_book(ast.unparse(value))):
        names.books.add(text)
        names.others.discard(text)
        names.made = names.made or (number, target.lineno)
    else:
        names.books.discard(text)
        names.others.add(text)


def makes_book(value: ast.expr | None) -> bool:
    """Whether an expression makes a QuantBook."""
    if not isinstance(value, ast.Call):
        return False
    called = value.func
    return (isinstance(called, ast.Name) and called.id == BOOK) or (isinstance(called, ast.Attribute) and called.attr == BOOK)


def members_asked_for(tree: ast.Module) -> Iterator[tuple[str, ast.Attribute]]:
    """Each member that is read, with the text of what it is read from."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            value = node.value
            yield (BOOK if makes_book(value) else ast.unparse(value)), node
