"""Rules on members and calls: attributes that an object hasn't, and arguments that a method doesn't take."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any

from hidden_regime.simulator.algorithm import QCAlgorithm
from hidden_regime.simulator.spelling import snake
from hidden_regime.simulator.static import engine
from hidden_regime.simulator.static.engine import Concrete, Instance, Method
from hidden_regime.simulator.static.findings import Finding
from hidden_regime.simulator.static.source import Source, functions
from hidden_regime.simulator.static.values import Values

LACKS = "{what} has no {name} in the embedded engine: misspelt, or LEAN alone has it.{hint}"


def _names(kind: type) -> list[str]:
    return [name for name in {*dir(kind), *engine.assigned(kind)} if not name.startswith("_")]


def _lacks(what: str, name: str, names: list[str]) -> str:
    near = get_close_matches(name, names, 1)
    return LACKS.format(what=what, name=name, hint=f" Did you mean {near[0]}?" if near else "")


def members(source: Source, values: Values) -> Iterator[Finding]:
    """Attributes of classes, objects and enumerations that aren't there."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Attribute) or node in source.guarded or node.attr.startswith("__"):
            continue
        if not isinstance(node.ctx, ast.Load) or node.attr in source.own_names:
            continue
        owner = values.of(node.value)
        if isinstance(owner, Concrete):
            value = owner.value
            if not isinstance(value, type) or not engine.is_ours(value) or engine.is_lean_only(value):
                continue
            try:
                getattr(value, node.attr)
            except Exception:  # noqa: BLE001 - refusals of any kind
                yield Finding(node.lineno, "lean-only", _lacks(value.__name__, node.attr, _names(value)))
        elif isinstance(owner, Instance) and not owner.user and owner.kind is not QCAlgorithm:
            checked = engine.is_ours(owner.kind) or owner.kind in engine.PLAIN
            kinds = [owner.kind, *engine.below(owner.kind)]
            if checked and not any(engine.is_open(kind) or engine.spelled(kind, node.attr) for kind in kinds):
                yield Finding(node.lineno, "lean-only", _lacks(owner.kind.__name__, node.attr, _names(owner.kind)))


def unknown_members_of_self(source: Source, values: Values) -> Iterator[Finding]:
    """Members of an algorithm that neither its class, nor LEAN, nor the engine has."""
    for cls in source.algorithms:
        kinds = _ancestry(source, cls)
        if kinds is None:
            continue
        # A base calls what the classes below it define.
        below = [node for node in source.classes.values() if cls in source.chain(node)]
        own = {item.name for kin in below for node in source.chain(kin) for item in node.body if hasattr(item, "name")}
        own |= {t.id for node in source.chain(cls) for item in node.body if isinstance(item, (ast.Assign, ast.AnnAssign))
                for t in ast.walk(item) if isinstance(t, ast.Name) and isinstance(t.ctx, ast.Store)}  # fmt: skip
        own |= {alias.asname or alias.name for node in source.chain(cls) for item in node.body
                if isinstance(item, (ast.Import, ast.ImportFrom)) for alias in item.names}  # fmt: skip
        if "__getattr__" in own or "__getattribute__" in own or "*" in source.own_names or "__dict__" in source.text:
            continue
        for node in ast.walk(cls):
            if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load) or node in source.guarded:
                continue
            owner = values.of(node.value)
            if not isinstance(owner, Instance) or owner.kind is not QCAlgorithm or owner.user not in ("", cls.name):
                continue
            name = node.attr
            if name.startswith("__") or name in own or name in source.own_names or engine.in_lean(name):
                continue
            if not any(engine.spelled(kind, name) for kind in kinds):
                near = get_close_matches(name, [*own, *source.own_names, *_names(kinds[0])], 1)
                hint = f" Did you mean {near[0]}?" if near else ""
                yield Finding(node.lineno, "error", f"self.{name}: neither this strategy, nor LEAN, nor the engine has it.{hint}")


def _ancestry(source: Source, cls: ast.ClassDef) -> list[type] | None:
    """The engine's classes that an algorithm derives from. None: some base can't be seen."""
    out: list[type] = [QCAlgorithm]
    for name in source.kin(cls.name) - {node.name for node in source.classes.values()}:
        if name in ("QCAlgorithm", "QCAlgorithmFramework", "object", "ABC") or source.beside(name):
            continue
        module = source.imported.get(name, "")
        held = engine.namespace().module(module) if module.startswith("hidden_regime") else None
        found = held.get(name) if held else None
        if isinstance(found, type):
            out.append(found)
        elif name not in ("HiddenRegimeAlgorithm",):
            return None
    made = any(not isinstance(base, (ast.Name, ast.Attribute)) for node in source.chain(cls) for base in node.bases)
    return None if made else out


def _signature(function: Callable[..., Any]) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return None


def calls(source: Source, values: Values) -> Iterator[Finding]:
    """Arguments that the engine's methods and classes don't take."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or node in source.guarded:
            continue
        target, named = values.of(node.func), ast.unparse(node.func)
        if isinstance(target, Method) and engine.is_ours(target.function) and inspect.isfunction(target.function):
            if target.owner.user and _redefined(source, target):
                continue
            shape, first = _signature(target.function), [None]
            upper = isinstance(node.func, ast.Attribute) and node.func.attr[:1].isupper()
            wrapped = hasattr(target.function, "__wrapped__")
        elif isinstance(target, Concrete) and isinstance(target.value, type) and engine.is_ours(target.value):
            if engine.is_lean_only(target.value):
                continue
            shape, first, upper, wrapped = _signature(target.value), [], False, False
        elif isinstance(target, Instance) and engine.is_ours(target.kind) and not target.user and not _can_be_called(target.kind):
            yield Finding(node.lineno, "lean-only", f"{named} is a {target.kind.__name__}, which can't be called.")
            continue
        else:
            continue
        said = _refused(shape, node, first, upper=upper, wrapped=wrapped) if shape is not None else ""
        if said:
            yield Finding(node.lineno, "lean-only", f"{named}(...): {said} in the embedded engine.")


def _redefined(source: Source, target: Method) -> bool:
    cls = source.classes.get(target.owner.user)
    return cls is not None and any(target.name in functions(node) for node in source.chain(cls))


def _can_be_called(kind: type) -> bool:
    return any("__call__" in vars(base) for base in kind.__mro__)


def _refused(shape: inspect.Signature, node: ast.Call, first: list[Any], *, upper: bool, wrapped: bool) -> str:
    """Why a call doesn't fit; empty if it does, as far as can be seen."""
    taken = shape.parameters.values()
    if any(item.kind is item.VAR_KEYWORD for item in taken):
        known = None
    else:
        known = {item.name for item in taken if item.kind is not item.POSITIONAL_ONLY}
    names = [snake(k.arg) if upper else k.arg for k in node.keywords if k.arg is not None]
    unknown = next((name for name in names if known is not None and name not in known), None)
    if unknown is not None:
        return f"it takes no argument {unknown}"
    if wrapped or any(isinstance(item, ast.Starred) for item in node.args) or any(k.arg is None for k in node.keywords):
        return ""
    try:
        shape.bind(*first, *node.args, **dict.fromkeys(names))
    except TypeError as error:
        return str(error)
    return ""


def subscripts(source: Source, values: Values) -> Iterator[Finding]:
    """Brackets after what has no items."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load) or node in source.guarded:
            continue
        owner = values.of(node.value)
        if not isinstance(owner, Instance) or owner.user or not engine.is_ours(owner.kind):
            continue
        if not hasattr(owner.kind, "__getitem__") and not engine.is_open(owner.kind):
            said = f"{ast.unparse(node.value)}[...]: {owner.kind.__name__} has no items in the embedded engine."
            yield Finding(node.lineno, "lean-only", said)
