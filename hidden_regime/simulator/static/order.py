"""Rule on orders of walks that LEAN doesn't keep: those over sets, and over the active securities."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from hidden_regime.simulator.algorithm import QCAlgorithm
from hidden_regime.simulator.spelling import snake
from hidden_regime.simulator.static.engine import Instance, Method
from hidden_regime.simulator.static.findings import Finding
from hidden_regime.simulator.static.source import Source, name_of
from hidden_regime.simulator.static.values import Values

ACTS = ("order", "buy", "sell", "set_holdings", "liquidate", "log", "debug", "error", "emit_insights", "plot")
"""Methods of the algorithm, or endings of their names, by which the order of a walk shows."""
SAID = "{what} is walked in another order in each run of LEAN, here always in one. Walk sorted(...), or a list."


def _acts(node: ast.For, values: Values) -> bool:
    """Whether the body of a loop does something whose order shows."""
    for item in ast.walk(node):
        function = values.of(item.func) if isinstance(item, ast.Call) else None
        if isinstance(function, Method) and function.owner.kind is QCAlgorithm:
            name = snake(function.name)
            if name in ACTS or name.endswith("_order"):
                return True
    return False


def _unordered(node: ast.expr, values: Values) -> str:
    """What is unordered about an expression: empty if nothing is."""
    if isinstance(node, ast.Call) and name_of(node.func) in ("list", "tuple", "enumerate") and len(node.args) == 1:
        return _unordered(node.args[0], values)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("keys", "values", "items"):
        return _unordered(node.func.value, values)
    if isinstance(node, ast.Attribute) and snake(node.attr) in ("active_securities", "keys", "values"):
        owner = values.of(node.value)
        if isinstance(owner, Instance) and owner.kind is QCAlgorithm:
            return "active_securities" if snake(node.attr) == "active_securities" else ""
        return _unordered(node.value, values) if node.attr in ("Keys", "Values", "keys", "values") else ""
    if isinstance(node, ast.Set):
        numbers = all(isinstance(i, ast.Constant) and isinstance(i.value, (int, float)) for i in node.elts)
        return "" if numbers else "a set"
    if isinstance(node, ast.SetComp):
        return "a set"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("set", "frozenset") and node.args:
        return "a set"
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitOr, ast.BitAnd, ast.Sub, ast.BitXor)):
        return _unordered(node.left, values) or (_unordered(node.right, values) if not isinstance(node.op, ast.Sub) else "")
    if isinstance(node, (ast.Name, ast.Attribute)):
        bound = values.assignments(node)
        found = [_unordered(item, values) for item in bound if not isinstance(item, (ast.Name, ast.Attribute))]
        return "a set" if found and all(word == "a set" for word in found) else ""
    return ""


def walks(source: Source, values: Values) -> Iterator[Finding]:
    """Loops that trade or write in an order that LEAN doesn't keep."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.For) and (what := _unordered(node.iter, values)) and _acts(node, values):
            yield Finding(node.lineno, "warning", SAID.format(what=what))
