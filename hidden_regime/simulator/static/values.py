"""What the expressions of a strategy are, as far as its text and the engine's own types show."""

from __future__ import annotations

import ast
import builtins
import inspect
from dataclasses import dataclass, field
from typing import Any

from hidden_regime.simulator.algorithm import QCAlgorithm
from hidden_regime.simulator.static import engine
from hidden_regime.simulator.static.engine import Concrete, Instance, Known, Method
from hidden_regime.simulator.static.source import Source, functions, name_of

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
KEPT = ("list", "sorted", "tuple", "reversed", "set")
DEEPEST = 12


@dataclass
class Scope:
    """Names of a function, a class or the module, and what is bound to them."""

    above: Scope | None = None
    cls: ast.ClassDef | None = None
    bound: dict[str, list[tuple[str, Any]]] = field(default_factory=dict)

    def bind(self, name: str, how: str, what: Any = None) -> None:
        """Note what a name is bound to."""
        self.bound.setdefault(name, []).append((how, what))


class Values:
    """Types of a file's expressions.

    Parameters
    ----------
    source : Source
        The file.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.module = Scope()
        self.scopes: dict[ast.AST, Scope] = {}
        self._stored: dict[str, dict[str, list[tuple[str, Any, Scope]]]] = {}
        self._cache: dict[ast.expr, Known] = {}
        self._depth = 0
        self._walk(source.tree, self.module)

    # Scopes --------------------------------------------------------------------------------------------------------------
    def _walk(self, tree: ast.AST, module: Scope) -> None:
        waiting = [(tree, module)]
        while waiting:
            node, scope = waiting.pop()
            self.scopes[node] = scope
            inner = self._enter(node, scope)
            waiting += [(child, inner) for child in ast.iter_child_nodes(node)]

    def _enter(self, node: ast.AST, scope: Scope) -> Scope:
        """Note what a node binds. The scope of what is inside it."""
        if isinstance(node, ast.ClassDef):
            scope.bind(node.name, "class", node)
            return Scope(scope, node)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            if not isinstance(node, ast.Lambda):
                scope.bind(node.name, "function", node)
            inner = Scope(scope, scope.cls)
            self._parameters(node, inner, scope)
            return inner
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
            return Scope(scope, scope.cls)
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                self._bind(target, "value", node.value, scope)
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            self._bind(node.target, "each", node.iter, scope)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            scope.bind(node.id, "any")
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            self._import(node, scope)
        return scope

    def _parameters(self, node: Function, inner: Scope, scope: Scope) -> None:
        given = [*node.args.posonlyargs, *node.args.args]
        method = scope.cls if not isinstance(node, ast.Lambda) and scope.cls and node in scope.cls.body else None
        for place, parameter in enumerate(given):
            if method and place == 0 and parameter.arg == "self":
                inner.bind("self", "self", method)
            elif parameter.annotation is not None:
                inner.bind(parameter.arg, "annotation", parameter.annotation)
            elif method and not isinstance(node, ast.Lambda):
                inner.bind(parameter.arg, "hook", (method, node.name, place - 1, parameter.arg))
            else:
                inner.bind(parameter.arg, "any")
        for other in (*node.args.kwonlyargs, node.args.vararg, node.args.kwarg):
            if other is not None:
                inner.bind(other.arg, "any")

    def _bind(self, target: ast.expr, how: str, value: ast.expr | None, scope: Scope) -> None:
        if isinstance(target, ast.Name):
            # The plain Store of the name's own node would make it unknown.
            scope.bind(target.id, how, value)
            scope.bind(target.id, "seen")
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self" and scope.cls:
            self._stored.setdefault(scope.cls.name, {}).setdefault(target.attr, []).append((how, value, scope))
        elif isinstance(target, (ast.Tuple, ast.List)):
            pairs = (
                value.elts if isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts) and how == "value" else None
            )
            for i, item in enumerate(target.elts):
                self._bind(item, how if pairs else "any", pairs[i] if pairs else None, scope)

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            if alias.name == "*" or isinstance(node, ast.Import) or node.level:
                if alias.name != "*":
                    scope.bind((alias.asname or alias.name).partition(".")[0], "any")
                continue
            scope.bind(alias.asname or alias.name, "import", (node.module or "", alias.name))

    def assignments(self, node: ast.expr) -> list[ast.expr]:
        """What is assigned to a name or a member of `self`: nothing, if anything but values is."""
        found: list[tuple[str, Any]] = []
        scope = self.scopes.get(node, self.module)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self" and scope.cls:
            found = [(how, what) for how, what, _ in self._stored.get(scope.cls.name, {}).get(node.attr, ())]
        elif isinstance(node, ast.Name):
            held: Scope | None = scope
            while held is not None and node.id not in held.bound:
                held = held.above
            found = _bindings(held.bound[node.id]) if held is not None else []
        return [what for _, what in found] if all(how == "value" and what is not None for how, what in found) else []

    # Inference -----------------------------------------------------------------------------------------------------------
    def of(self, node: ast.expr) -> Known:
        """What an expression is. None: unknown."""
        if node in self._cache:
            return self._cache[node]
        if self._depth > DEEPEST:
            return None
        self._cache[node] = None
        self._depth += 1
        try:
            found = self._infer(node, self.scopes.get(node, self.module))
        finally:
            self._depth -= 1
        self._cache[node] = found
        return found

    def _infer(self, node: ast.expr, scope: Scope) -> Known:
        if isinstance(node, ast.Constant):
            return Concrete(node.value)
        if isinstance(node, ast.Name):
            return self._name(node.id, scope)
        if isinstance(node, ast.Attribute):
            return self.attribute(self.of(node.value), node.attr)
        if isinstance(node, ast.Subscript):
            return self._item(self.of(node.value), node.slice)
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, (ast.ListComp, ast.GeneratorExp)):
            return Instance(list, (self.of(node.elt),))
        if isinstance(node, (ast.List, ast.Tuple)):
            items = [self.of(item) for item in node.elts]
            kinds = {item for item in items if isinstance(item, Instance)}
            return Instance(list, (kinds.pop(),) if len(kinds) == 1 and all(isinstance(i, Instance) for i in items) else (None,))
        if isinstance(node, (ast.UnaryOp)) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            return Concrete(-node.operand.value) if isinstance(node.operand.value, (int, float)) else None
        return None

    def _name(self, name: str, scope: Scope | None) -> Known:
        start = scope
        while scope is not None:
            # A class's own names aren't seen from its functions.
            if name in scope.bound and not (scope is not start and self._is_body(scope)):
                return self._merged([self._binding(how, what, scope) for how, what in _bindings(scope.bound[name])])
            scope = scope.above
        if self.source.star and name in engine.namespace().names:
            return Concrete(engine.namespace().names[name])
        return Concrete(getattr(builtins, name)) if hasattr(builtins, name) else None

    @staticmethod
    def _is_body(scope: Scope) -> bool:
        return scope.cls is not None and scope.above is not None and scope.above.cls is not scope.cls

    def _binding(self, how: str, what: Any, scope: Scope) -> Known:
        if how == "value":
            return self.of(what) if what is not None else None
        if how == "each":
            return self.each(self.of(what)) if what is not None else None
        if how == "self":
            return Instance(self.base(what) or object, user=what.name)
        if how == "class":
            return None
        if how == "annotation":
            found = self.of(what)
            kind = found.value if isinstance(found, Concrete) else None
            return Instance(kind) if isinstance(kind, type) and engine.is_ours(kind) and not engine.is_lean_only(kind) else None
        if how == "hook":
            return self._hook(*what)
        if how == "import":
            held = engine.namespace().module(what[0]) if self.source.is_leans(what[0]) else None
            return Concrete(held[what[1]]) if held and what[1] in held else None
        return None

    def _hook(self, cls: ast.ClassDef, name: str, place: int, parameter: str) -> Known:
        base = self.base(cls)
        plain = base and engine.spelled(base, name)
        function = inspect.getattr_static(base, plain, None) if base and plain else None
        found = None
        if inspect.isfunction(function):
            types = engine.parameters(function)
            found = types[place] if place < len(types) else None
        if found is None and base is not None and parameter == "algorithm":
            return Instance(QCAlgorithm)
        return found

    @staticmethod
    def _merged(found: list[Known]) -> Known:
        rest = [item for item in found if not (isinstance(item, Concrete) and item.value is None)]
        if len(rest) != len(found) and not rest:
            return None
        if all(isinstance(item, Concrete) and isinstance(item.value, (int, float, str, bool)) for item in rest) and len(rest) > 1:
            return None
        try:
            return rest[0] if rest and all(item == rest[0] for item in rest) else None
        except Exception:  # noqa: BLE001 - values of any class are compared
            return None

    def base(self, cls: ast.ClassDef) -> type | None:
        """The engine's class that one of the strategy's derives from, where that can be seen."""
        if self.source.is_algorithm(cls):
            return QCAlgorithm
        for node in self.source.chain(cls):
            for base in node.bases:
                if name_of(base) in self.source.classes:
                    continue
                found = self.of(base)
                kind = found.value if isinstance(found, Concrete) else None
                return kind if isinstance(kind, type) and engine.is_ours(kind) and not engine.is_lean_only(kind) else None
        return None

    def attribute(self, owner: Known, name: str) -> Known:
        """A member of something."""
        if isinstance(owner, Concrete):
            value = owner.value
            if engine.is_lean_only(value) or not (isinstance(value, type) or inspect.ismodule(value)):
                return None
            try:
                return Concrete(getattr(value, name))
            except Exception:  # noqa: BLE001 - what isn't there is a rule's business
                return None
        if not isinstance(owner, Instance):
            return None
        if owner.user and (own := self._own(owner.user, name)):
            return own[0]
        plain = engine.spelled(owner.kind, name)
        return engine.member(owner, plain) if plain is not None else None

    def _own(self, cls: str, name: str) -> tuple[Known] | None:
        """What a member of the strategy's own class is. None: there is no such member."""
        for node in self.source.chain(self.source.classes[cls]) if cls in self.source.classes else ():
            if name in functions(node):
                return (None,)
            stored = self._stored.get(node.name, {}).get(name)
            if stored is not None:
                return (self._merged([self._binding(how, what, scope) for how, what, scope in stored]),)
        return None

    def _item(self, owner: Known, index: ast.expr) -> Known:
        if isinstance(owner, Concrete) and isinstance(owner.value, type) and not engine.is_lean_only(owner.value):
            return owner if engine.is_ours(owner.value) else None
        if not isinstance(owner, Instance):
            return None
        if isinstance(index, ast.Slice):
            return owner
        if owner.kind in (list, dict) and owner.arguments:
            return owner.arguments[-1]
        function = inspect.getattr_static(owner.kind, "__getitem__", None)
        return engine.answer(function, owner) if inspect.isfunction(function) else None

    def each(self, owner: Known) -> Known:
        """What a walk over something gives."""
        if not isinstance(owner, Instance):
            return None
        if owner.kind in (list, set, tuple) and owner.arguments:
            return owner.arguments[0]
        if owner.kind is dict:
            return owner.arguments[0] if owner.arguments else None
        function = inspect.getattr_static(owner.kind, "__iter__", None)
        found = engine.answer(function, owner) if inspect.isfunction(function) and engine.is_ours(owner.kind) else None
        return found.arguments[0] if isinstance(found, Instance) and found.arguments else None

    def _call(self, node: ast.Call) -> Known:
        function = self.of(node.func)
        if isinstance(node.func, ast.Name) and node.func.id in KEPT and node.args:
            return Instance(list, (self.each(self.of(node.args[0])),))
        if isinstance(node.func, ast.Name) and node.func.id in self.source.classes:
            base = self.base(self.source.classes[node.func.id])
            return Instance(base, user=node.func.id) if base else None
        if isinstance(function, Method):
            if function.owner.kind is dict and function.name == "values" and function.owner.arguments:
                return Instance(list, (function.owner.arguments[-1],))
            return engine.answer(function.function, function.owner) if inspect.isfunction(function.function) else None
        if isinstance(function, Instance):
            call = inspect.getattr_static(function.kind, "__call__", None)
            return engine.answer(call, function) if inspect.isfunction(call) and engine.is_ours(function.kind) else None
        if isinstance(function, Concrete) and engine.is_ours(function.value) and not engine.is_lean_only(function.value):
            if isinstance(function.value, type):
                return Instance(function.value)
            owner = getattr(function.value, "__self__", None)
            plain = getattr(function.value, "__func__", function.value)
            return engine.answer(plain, Instance(owner) if isinstance(owner, type) else None) if callable(plain) else None
        return None


def _bindings(found: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """What is bound to a name, but for the marks that only say that an assignment's target was seen."""
    plain = sum(1 for how, _ in found if how == "any")
    seen = sum(1 for how, _ in found if how == "seen")
    out = [item for item in found if item[0] not in ("seen", "any")]
    return out + [("any", None)] * max(plain - seen, 0)
