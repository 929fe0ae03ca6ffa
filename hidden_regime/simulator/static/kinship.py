"""Rule on `isinstance` and `issubclass`: LEAN compares .NET types, which all classes below one of its own have in common."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from hidden_regime.simulator.static.findings import Finding
from hidden_regime.simulator.static.source import MANAGED, OURS, Source, name_of


def _asked(node: ast.expr) -> list[str]:
    """Names of the classes in the second argument: one, or several in brackets or joined by |."""
    if isinstance(node, ast.Tuple):
        return [name for item in node.elts for name in _asked(item)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _asked(node.left) + _asked(node.right)
    return [name_of(node)]


def _questions(source: Source) -> Iterator[tuple[ast.Call, str]]:
    """Every `isinstance` and `issubclass`, and the class that it stands in."""
    inside = {call: node.name for node in source.classes.values() for call in ast.walk(node)}
    for call in ast.walk(source.tree):
        if isinstance(call, ast.Call) and name_of(call.func) in ("isinstance", "issubclass") and len(call.args) == 2:
            yield call, inside.get(call, "")


def _candidates(source: Source, call: ast.Call, home: str) -> set[str]:
    """Classes that the first argument can be, or be an object of."""
    given = ast.unparse(call.args[0])
    if name_of(call.func) == "issubclass" and (given in source.classes or given in MANAGED):
        return {given}
    if given == "self" and home:
        return {name for name in source.classes if home in source.kin(name)}
    return set(source.classes)


def dotnet_types(source: Source) -> Iterator[Finding]:
    """Questions about a class of the strategy's own that LEAN answers with yes for another of its classes, too."""
    for call, home in _questions(source):
        word, candidates = name_of(call.func), _candidates(source, call, home)
        for asked in _asked(call.args[1]):
            kind = source.dotnet_type(asked) if asked in source.classes or asked in OURS else ""
            wrong = sorted(name for name in candidates if source.dotnet_type(name) == kind and asked not in source.kin(name))
            if kind and wrong:
                cls = "cls" if word == "issubclass" else "type(x)"
                yield Finding(
                    call.lineno, "warning",
                    f"{word}(..., {asked}) is true of {wrong[0]} as well in LEAN, which compares .NET types: both are {kind} "
                    f"there. Ask `{asked} in {cls}.__mro__`.",
                )  # fmt: skip
