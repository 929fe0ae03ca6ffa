"""What a piece of source imports of this package, and where each name really is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from hidden_regime.exceptions import UnsupportedError

PACKAGE = "hidden_regime"
ROOT = Path(__file__).resolve().parents[1]
OUTSIDE = (
    "simulator", "data", "research", "experiments", "learning", "cloud", "local_lean", "jobs", "notebooks", "operation",
    "assistants", "cli", "bundle", "many.run", "precompute", "testing",
)  # fmt: skip
"""What doesn't go into a bundle: tools for one's own machine."""
COMPILED = f"{PACKAGE}.kernels._native"


class Import(NamedTuple):
    """One imported name: `origin` is the module that defines it, `name` is None for a module itself."""

    origin: str
    name: str | None
    bound: str
    node: ast.stmt


def path_of(module: str) -> Path | None:
    """File of a module of ours."""
    place = ROOT.joinpath(*module.split(".")[1:])
    for path in (place.with_suffix(".py"), place / "__init__.py"):
        if path.is_file() and module.split(".")[0] == PACKAGE:
            return path
    return None


@cache
def tree_of(module: str) -> ast.Module:
    """Syntax tree of a module of ours."""
    path = path_of(module)
    assert path is not None
    return ast.parse(path.read_text(encoding="utf-8"))


def is_type_checking(node: ast.stmt) -> bool:
    """Whether a statement is `if TYPE_CHECKING:`."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def live(nodes: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run in LEAN, those inside others too: no types, and no fallback for where an import fails."""
    for node in nodes:
        if is_type_checking(node):
            assert isinstance(node, ast.If)
            yield from live(node.orelse)
            continue
        yield node
        for part in ("body", "orelse", "finalbody"):
            yield from live(getattr(node, part, []))
        for handler in getattr(node, "handlers", []):
            caught = {n.id for n in ast.walk(handler.type) if isinstance(n, ast.Name)} if handler.type else set()
            if not caught & {"ImportError", "ModuleNotFoundError"}:
                yield from live(handler.body)
        for case in getattr(node, "cases", []):
            yield from live(case.body)


@cache
def homes(module: str) -> dict[str, str]:
    """Where a package that only passes names on has them from: by `_HOMES`, or by its imports; empty for other modules."""
    tree = tree_of(module)
    found: dict[str, str] = {}
    path = path_of(module)
    assert path is not None
    if path.name != "__init__.py":
        return {}
    named = {t.id for node in tree.body if isinstance(node, ast.Assign) for t in node.targets if isinstance(t, ast.Name)}
    if "_HOMES" in named:
        here = {t.id: n.value for n in tree.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)}
        scope: dict[str, object] = {}
        for name in ("_HERE", "_HOMES"):
            if name in here:
                scope[name] = eval(compile(ast.Expression(here[name]), module, "eval"), {}, dict(scope))
        return {str(k): str(v) for k, v in dict(scope["_HOMES"]).items()}  # type: ignore[call-overload]
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {alias.asname or alias.name: node.module for alias in node.names}
    return found


@cache
def top_names(module: str) -> set[str]:
    """Names that a module's source binds anywhere but in functions and classes."""
    found: set[str] = set()
    for node in live(tree_of(module).body):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
        else:
            found |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return found


def resolve(module: str, name: str, where: str) -> tuple[str, str | None]:
    """The module that defines `from module import name`, and the name there; None if it is a module."""
    inner = f"{module}.{name}"
    if inner == COMPILED:
        return inner, None
    if path_of(module) is None:
        raise UnsupportedError(f"{where}: {module} doesn't exist: correct the import.")
    if name in homes(module):  # before modules: a package may pass on a function that bears its module's name
        return resolve(homes(module)[name], name, where)
    if path_of(inner) is not None:
        return inner, None
    if name not in top_names(module):
        raise UnsupportedError(f"{where}: {module} has no name {name!r}: correct the import.")
    return module, name


def _allowed(module: str, where: str) -> None:
    for part in OUTSIDE:
        if f"{module}.".startswith(f"{PACKAGE}.{part}."):
            raise UnsupportedError(
                f"{where}: {module} isn't for LEAN: a bundle holds what strategies need, not {PACKAGE}.{part}. Leave the "
                "import out."
            )


def imports_of(tree: ast.Module, where: str) -> list[Import]:
    """Every import of ours in a source that runs in LEAN."""
    found: list[Import] = []
    for node in live(tree.body):
        if isinstance(node, ast.ImportFrom) and node.level:
            raise UnsupportedError(f"{where}: line {node.lineno}: a relative import: a bundle needs package-absolute ones.")
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == PACKAGE:
            for alias in _spelled(tree, node):
                origin, name = resolve(str(node.module), alias.name, f"{where}: line {node.lineno}")
                found.append(Import(origin, name, alias.asname or alias.name, node))
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == PACKAGE:
                    found += _through_module(tree, node, alias, where)
    for item in found:
        _allowed(item.origin, where)
    return found


def _spelled(tree: ast.Module, node: ast.ImportFrom) -> list[ast.alias]:
    """Names of an import; of a star those that the source uses."""
    if node.names[0].name != "*":
        return node.names
    offered = set(homes(str(node.module))) or top_names(str(node.module))
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    return [ast.alias(name) for name in sorted(offered & used) if not name.startswith("_")]


def _through_module(tree: ast.Module, node: ast.Import, alias: ast.alias, where: str) -> list[Import]:
    """`import hidden_regime as hr`: what is asked of `hr` somewhere in the source."""
    if path_of(alias.name) is None:
        raise UnsupportedError(f"{where}: line {node.lineno}: {alias.name} doesn't exist: correct the import.")
    passed = homes(alias.name)
    if not passed:
        return [Import(alias.name, None, alias.asname or alias.name, node)]
    wanted = alias.asname or alias.name
    found = []
    for use in ast.walk(tree):
        if isinstance(use, ast.Attribute) and ast.unparse(use.value) == wanted and use.attr in passed:
            origin, name = resolve(alias.name, use.attr, f"{where}: line {use.lineno}")
            found.append(Import(origin, name, use.attr, node))
    return found


def reach(tree: ast.Module, where: str) -> list[str]:
    """Modules that a strategy needs, each after those that it imports when it is imported itself."""
    order: dict[str, None] = {}
    waiting: list[str] = [item.origin for item in imports_of(tree, where)]
    while waiting:
        _visit(waiting.pop(0), order, waiting, ())
    return list(order)


def _visit(module: str, order: dict[str, None], later: list[str], path: tuple[str, ...]) -> None:
    if module in order or module == COMPILED or module in path:
        return
    tree = tree_of(module)
    at_import = set()
    for node in _at_import(tree.body):
        at_import.add(id(node))
    for item in imports_of(tree, module):
        if id(item.node) in at_import:
            _visit(item.origin, order, later, (*path, module))
        else:
            later.append(item.origin)
    order[module] = None


def _at_import(nodes: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run when a module is imported."""
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        yield node
        for part in ("body", "orelse", "finalbody"):
            yield from _at_import(getattr(node, part, []))
        for handler in getattr(node, "handlers", []):
            yield from _at_import(handler.body)
