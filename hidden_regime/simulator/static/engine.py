"""What the embedded engine has, asked of itself: names, modules, members of its classes and their types."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
import textwrap
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from hidden_regime.simulator import imports
from hidden_regime.simulator.lean_names import QC_MEMBERS
from hidden_regime.simulator.spelling import snake

ENGINE = "hidden_regime."
PLAIN = (str, int, float, bool, dict, list, tuple, set)
"""Python's own classes whose members are checked, too."""


@dataclass(frozen=True)
class Concrete:
    """A value that is known: a class, a function, a constant."""

    value: Any


@dataclass(frozen=True)
class Instance:
    """An object of a class of the engine's or of Python's, `user` names the class of the strategy's own that it is made of."""

    kind: type
    arguments: tuple[Known, ...] = ()
    user: str = ""


@dataclass(frozen=True)
class Method:
    """A method of an object."""

    owner: Instance
    name: str
    function: Callable[..., Any]


Known: typing.TypeAlias = "Concrete | Instance | Method | None"


class Namespace:
    """Names of `AlgorithmImports`, and which modules can be imported, while the engine offers them."""

    @cached_property
    def names(self) -> dict[str, Any]:
        """Names that `from AlgorithmImports import *` brings."""
        return self.module(imports.MODULE) or {}

    @cache  # noqa: B019 - there is one namespace, which lives as long as the program
    def module(self, name: str) -> dict[str, Any] | None:
        """Public names of a module of LEAN's, or of one that is installed. None: it can't be imported."""
        with imports.offered():
            try:
                found = importlib.import_module(name)
            except Exception:  # noqa: BLE001 - a module may raise anything
                return None
            listed = getattr(found, "__all__", None) or [item for item in vars(found) if not item.startswith("_")]
            return {item: getattr(found, item, None) for item in listed}


@cache
def namespace() -> Namespace:
    """The engine's."""
    return Namespace()


def is_ours(kind: object) -> bool:
    """Whether something is the engine's own."""
    return str(getattr(kind, "__module__", "")).startswith(ENGINE)


def is_lean_only(value: object) -> bool:
    """Whether a class only stands for one that LEAN alone has."""
    return isinstance(value, type) and hasattr(type(value), "_refuse")


@cache
def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    """Types of a function's parameters and of its answer, as far as they can be resolved."""
    function = inspect.unwrap(function)
    space = vars(sys.modules[function.__module__]) if function.__module__ in sys.modules else {}
    out = {}
    for name, text in getattr(function, "__annotations__", {}).items():
        try:
            out[name] = eval(text, dict(space), dict(vars(typing))) if isinstance(text, str) else text
        except Exception:  # noqa: BLE001 - imported for type checkers only
            continue
    return out


def known(hint: Any, owner: Instance | None = None) -> Known:
    """What an annotation says of a value: an instance of its class, if that is a single one."""
    if isinstance(hint, typing.TypeVar) and owner is not None:
        return _argument(owner)
    if hint is typing.Self:
        return owner
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        left = [item for item in arguments if item is not type(None)]
        return known(left[0], owner) if len(left) == 1 else None
    if origin is not None and isinstance(origin, type):
        given = tuple(known(item, owner) for item in arguments)
        return Instance(origin, given)
    return Instance(hint) if isinstance(hint, type) and hint is not object and hint is not type(None) else None


def _argument(owner: Instance) -> Known:
    """What a generic class of one parameter holds."""
    if owner.arguments:
        return owner.arguments[-1]
    for kind in owner.kind.__mro__:
        for base in getattr(kind, "__orig_bases__", ()):
            arguments = typing.get_args(base)
            if arguments and isinstance(arguments[-1], type):
                return Instance(arguments[-1])
    return None


def answer(function: Callable[..., Any], owner: Instance | None = None) -> Known:
    """What a function gives."""
    return known(_hints(function).get("return"), owner)


def parameters(function: Callable[..., Any]) -> list[Known]:
    """What a method of the engine's is given after `self`: what a strategy's own function of that name gets."""
    hints = _hints(function)
    return [known(hints.get(name)) for name in list(inspect.signature(function).parameters)[1:]]


@cache
def assigned(kind: type) -> dict[str, Any]:
    """Attributes that a class's own functions give to `self`, with their annotation, or None."""
    out: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        if not is_ours(base):
            continue
        out |= dict.fromkeys((name for name in getattr(base, "__slots__", ()) if isinstance(name, str)), None)
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(base)))
        except (OSError, TypeError, SyntaxError):
            continue
        space = vars(sys.modules[base.__module__])
        for function in (item for item in ast.walk(tree) if isinstance(item, ast.FunctionDef)):
            hints = _hints(base.__dict__[function.name]) if inspect.isfunction(base.__dict__.get(function.name)) else {}
            for node in ast.walk(function):
                if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "self":
                    out.setdefault(node.attr, None)
            out |= _typed(function, hints, space)
    return out


def _typed(function: ast.FunctionDef, hints: dict[str, Any], space: dict[str, Any]) -> dict[str, Any]:
    """`self.x: T = ...`, `self.x = parameter` and `self.x = Class(...)` of a function."""
    out: dict[str, Any] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Attribute):
            try:
                out[node.target.attr] = eval(ast.unparse(node.annotation), dict(space))
            except Exception:  # noqa: BLE001 - imported for type checkers only
                continue
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = zip(target.elts, node.value.elts, strict=False) if isinstance(target, ast.Tuple) and isinstance(
                    node.value, ast.Tuple) else [(target, node.value)]  # fmt: skip
                for left, right in pairs:
                    if not isinstance(left, ast.Attribute):
                        continue
                    if isinstance(right, ast.Name) and right.id in hints:
                        out[left.attr] = hints[right.id]
                    elif isinstance(right, ast.Call) and isinstance(made := space.get(ast.unparse(right.func)), type):
                        out[left.attr] = made
    return out


def is_open(kind: type) -> bool:
    """Whether objects of a class answer names that nobody can foresee."""
    found = next((vars(base)["__getattr__"] for base in kind.__mro__ if "__getattr__" in vars(base)), None)
    return found is not None and found.__qualname__ not in ("TwoSpellings.__getattr__", "QCAlgorithm.__getattr__")


def spelled(kind: type, name: str) -> str | None:
    """A member's name as a class has it, in either spelling. None if it hasn't."""
    for plain in dict.fromkeys((snake(name), name) if name[:1].isupper() else (name,)):
        if hasattr(kind, plain) or plain in assigned(kind):
            return plain
    return None


def below(kind: type) -> list[type]:
    """Classes that derive from one, where an object may be of any of them."""
    every: list[type] = type.__subclasses__(kind)
    children = [child for child in every if is_ours(child)]
    return [item for child in children for item in (child, *below(child))]


def member(owner: Instance, name: str) -> Known:
    """A member of an object, by name as its class has it."""
    found = inspect.getattr_static(owner.kind, name, None)
    if isinstance(found, property):
        return answer(found.fget, owner) if found.fget is not None else None
    if isinstance(found, (classmethod, staticmethod)):
        return Concrete(getattr(owner.kind, name))
    if inspect.isfunction(found) or inspect.ismethoddescriptor(found):
        return Method(owner, name, found)
    if found is None and (hint := assigned(owner.kind).get(name)) is not None:
        return known(hint, owner)
    return Concrete(found) if isinstance(found, type) else None


def in_lean(name: str) -> bool:
    """Whether LEAN's algorithm has a member of that name."""
    return (snake(name) if name[:1].isupper() else name) in QC_MEMBERS
