"""Several modules in one file: plain source, each name as it was, no two that differ under one name."""

from __future__ import annotations

import ast
import builtins
import random
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hidden_regime.bundle.imports import COMPILED, PACKAGE, Import, imports_of, is_type_checking, path_of, tree_of
from hidden_regime.exceptions import UnsupportedError

LIMIT = 30_900
"""Bytes of a file: QuantConnect's free tier takes fewer than 32,000, some for its head and for imports that grow."""

ORDERS, SHAKEN = 24, 20.0
"""How many other orders of modules are tried for fewer files, and by how many places they differ from the first."""

BUILTINS = frozenset(dir(builtins))
FUTURE = "from __future__ import annotations\n"

Identity = tuple[str, ...]


class Module(NamedTuple):
    """A module on its way into a part: its source, what its names are, and the builtins that it means by their names."""

    name: str
    text: str
    names: dict[str, Identity]
    builtins: frozenset[str]
    size: int


def read_module(name: str) -> Module:
    """Take a module apart."""
    path = path_of(name)
    assert path is not None
    tree, text = tree_of(name), path.read_text(encoding="utf-8")
    names = _bound(tree, name)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return Module(name, text, names, frozenset((used & BUILTINS) - set(names)), len(text.encode()))


def _bound(tree: ast.Module, module: str) -> dict[str, Identity]:
    """What each name at the top of a module is: a definition, something of ours, or something of others."""
    at_top = {id(n) for n in _flat(tree.body)}  # an import inside a function binds nothing here
    found: dict[str, Identity] = {
        item.bound: ("ours", item.origin, item.name or "") for item in imports_of(tree, module) if id(item.node) in at_top
    }

    def take(nodes: Sequence[ast.stmt]) -> None:
        for node in nodes:
            if is_type_checking(node):
                take(node.orelse)  # type: ignore[attr-defined]
            elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                found[node.name] = ("ours", module, node.name)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    if not alias.name.startswith(PACKAGE):
                        found[alias.asname or alias.name.split(".")[0]] = ("theirs", alias.name if alias.asname else "")
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    if not str(node.module).startswith(PACKAGE):
                        found[alias.asname or alias.name] = ("theirs", str(node.module), alias.name)
            else:
                for target in _targets(node):
                    found[target] = ("ours", module, target)
                for part in ("body", "orelse", "finalbody"):
                    take(getattr(node, part, []))
                for handler in getattr(node, "handlers", []):
                    take(handler.body)

    take(tree.body)
    found.pop("__all__", None)
    return found


def _flat(nodes: Sequence[ast.stmt]) -> list[ast.stmt]:
    out = []
    for node in nodes:
        out.append(node)
        if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            for part in ("body", "orelse", "finalbody"):
                out += _flat(getattr(node, part, []))
            for handler in getattr(node, "handlers", []):
                out += _flat(handler.body)
    return out


def _targets(node: ast.stmt) -> list[str]:
    given: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        given = list(node.targets)
    elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.For)):
        given = [node.target]
    elif isinstance(node, ast.With):
        given = [item.optional_vars for item in node.items if item.optional_vars is not None]
    return [n.id for target in given for n in ast.walk(target) if isinstance(n, ast.Name)]


def fits(part: Sequence[Module], module: Module) -> bool:
    """Whether a module can join others: room for it, and no name that would mean something else."""
    if sum(m.size for m in part) + module.size > LIMIT:
        return False
    for other in part:
        if any(other.names[name] != module.names[name] for name in other.names.keys() & module.names.keys()):
            return False
        if module.builtins & other.names.keys() or other.builtins & module.names.keys():
            return False
    return True


def group(names: Sequence[str], needs: Mapping[str, set[str]]) -> list[list[Module]]:
    """Modules in as few parts as can be found, none of which needs a later one while it is imported.

    Parameters
    ----------
    names : sequence of str
        Modules, each after those that it needs.
    needs : mapping of str to set of str
        What each needs while it is imported.
    """
    waiting = {name: read_module(name) for name in names}
    for module in waiting.values():
        if module.size > LIMIT:
            raise UnsupportedError(f"{module.name} has {module.size} bytes: a bundle's files have at most {LIMIT}.")
    orders = [list(names), *(_shaken(names, seed) for seed in range(ORDERS))]
    return min((_filled([waiting[name] for name in order], needs) for order in orders), key=len)


def _shaken(names: Sequence[str], seed: int) -> list[str]:
    """The same modules, each a few places away from its own."""
    rng = random.Random(seed)
    places = {name: place + rng.uniform(0, SHAKEN) for place, name in enumerate(names)}
    return sorted(names, key=places.__getitem__)


def _filled(modules: Sequence[Module], needs: Mapping[str, set[str]]) -> list[list[Module]]:
    """Parts of modules in an order: each takes what fits and needs no later one."""
    waiting = {module.name: module for module in modules}
    done: set[str] = set()
    parts: list[list[Module]] = []
    while waiting:
        part: list[Module] = []
        grew = True
        while grew:
            grew = False
            for name, module in list(waiting.items()):
                if needs[name] <= done | {m.name for m in part} and fits(part, module):
                    part.append(waiting.pop(name))
                    grew = True
        assert part  # the first that waits needs nothing that isn't done
        done |= {m.name for m in part}
        parts.append(part)
    return parts


def needs_of(names: Sequence[str]) -> dict[str, set[str]]:
    """What each module needs while it is imported."""
    out = {}
    for name in names:
        tree = tree_of(name)
        at_top = {id(n) for n in _flat(tree.body)}
        found = {item.origin for item in imports_of(tree, name) if id(item.node) in at_top}
        out[name] = found - {name, COMPILED}
    return out


def join(part: Sequence[Module], places: Mapping[str, str], own: str) -> str:
    """Source of a part.

    Parameters
    ----------
    part : sequence of Module
    places : mapping of str to str
        Name of the part of each module.
    own : str
        Name of this part.
    """
    futures = False
    seen: set[str] = set()
    bodies = []
    for module in part:
        text, future = _rewritten(module, places, own, seen)
        futures = futures or future
        bodies.append(f"# {'-' * 20} {module.name}\n\n{text.strip()}\n")
    return (FUTURE + "\n" if futures else "") + "\n\n".join(bodies)


def _rewritten(module: Module, places: Mapping[str, str], own: str, seen: set[str]) -> tuple[str, bool]:
    """A module's source with its imports of ours led to the parts, and without what LEAN needs not."""
    lines = module.text.splitlines(keepends=True)
    tree = tree_of(module.name)
    at_top = {id(n) for n in _flat(tree.body)}
    by_node: dict[int, list[Import]] = {}
    for item in imports_of(tree, module.name):
        by_node.setdefault(id(item.node), []).append(item)
    changes: list[tuple[int, int, str]] = []
    future = False
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt):
            continue
        end = node.end_lineno or node.lineno
        if id(node) in by_node:
            text = "".join(_line(item, places, own, id(node) in at_top) for item in by_node[id(node)])
            if not text and id(node) not in at_top:
                text = "pass\n"
            changes.append((node.lineno, end, textwrap.indent(text, " " * node.col_offset)))
        elif isinstance(node, ast.ImportFrom) and node.module == "__future__":
            future = True
            changes.append((node.lineno, end, ""))
        elif is_type_checking(node):
            assert isinstance(node, ast.If)
            changes += _without_types(node, lines)
        elif isinstance(node, (ast.Import, ast.ImportFrom)) and id(node) in at_top and node.col_offset == 0:
            text = "".join(lines[node.lineno - 1 : end])
            if text in seen:
                changes.append((node.lineno, end, ""))
            seen.add(text)
        elif isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            changes.append((node.lineno, end, ""))
    for first, last, text in sorted(changes, reverse=True):
        lines[first - 1 : last] = [text]
    text = "".join(lines)
    return re.sub(r"\n{4,}", "\n\n\n", text), future


def _without_types(node: ast.If, lines: list[str]) -> list[tuple[int, int, str]]:
    """Drop `if TYPE_CHECKING:`, and lift what stands in its `else`."""
    end = node.end_lineno or node.lineno
    if not node.orelse:
        return [(node.lineno, end, "")]
    first = node.orelse[0].lineno
    return [(node.lineno, first - 1, "if True:\n")]


def _line(item: Import, places: Mapping[str, str], own: str, at_top: bool) -> str:
    if item.origin == COMPILED:
        return f"from {PACKAGE}.kernels import _native\n"
    place = places[item.origin]
    if item.name is None:
        return f"from {PACKAGE} import {place} as {item.bound}\n"
    if place == own and at_top:
        return "" if item.bound == item.name else f"{item.bound} = {item.name}\n"
    renamed = "" if item.bound == item.name else f" as {item.bound}"
    return f"from {PACKAGE}.{place} import {item.name}{renamed}\n"
