"""A strategy file as a tree: its classes, who derives from whom, and what it does to `self`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

MANAGED = frozenset({
    "QCAlgorithm", "HiddenRegimeAlgorithm", "HiddenRegimeAlgorithmOptimized", "AlphaModel", "PythonData", "PythonIndicator",
    "RiskManagementModel", "PortfolioConstructionModel", "ExecutionModel", "FeeModel", "FillModel", "EquityFillModel",
    "ImmediateFillModel", "UniverseSelectionModel", "ManualUniverseSelectionModel", "ScheduledUniverseSelectionModel",
    "PythonConsolidator", "BuyingPowerModel", "SecurityInitializer", "BrokerageModelSecurityInitializer",
})  # fmt: skip
"""Classes that are .NET classes in LEAN."""
ALGORITHMS = frozenset({"QCAlgorithm", "HiddenRegimeAlgorithm", "HiddenRegimeAlgorithmOptimized"})


def name_of(node: ast.expr) -> str:
    """Last part of a dotted name; of a call or subscript, that of what is called."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, (ast.Call, ast.Subscript)):
        return name_of(node.func if isinstance(node, ast.Call) else node.value)
    return node.id if isinstance(node, ast.Name) else ""


@dataclass
class Source:
    """A parsed file."""

    path: Path
    tree: ast.Module
    text: str
    classes: dict[str, ast.ClassDef] = field(init=False)

    def __post_init__(self) -> None:
        self.classes = {node.name: node for node in self.tree.body if isinstance(node, ast.ClassDef)}

    @cached_property
    def imported(self) -> dict[str, str]:
        """Names that come from other modules, and which."""
        out: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                out |= {(alias.asname or alias.name): node.module or "" for alias in node.names}
        return out

    def chain(self, node: ast.ClassDef) -> list[ast.ClassDef]:
        """A class and its bases in this file, nearest first."""
        out = [node]
        for base in node.bases:
            found = self.classes.get(name_of(base))
            if found is not None and found not in out:
                out += self.chain(found)
        return out

    def _roots(self, node: ast.ClassDef) -> set[str]:
        return {name_of(base) for cls in self.chain(node) for base in cls.bases}

    def is_managed(self, node: ast.ClassDef) -> bool:
        """Whether a class derives from one of LEAN's, as far as this file shows."""
        return bool(self._roots(node) & MANAGED)

    def is_algorithm(self, node: ast.ClassDef) -> bool:
        """Whether a class derives from QCAlgorithm, as far as this file shows."""
        return bool(self._roots(node) & ALGORITHMS) or any(
            r.endswith("Algorithm") and r in self.imported for r in self._roots(node)
        )

    @property
    def algorithms(self) -> list[ast.ClassDef]:
        """Algorithm classes of this file."""
        return [node for node in self.classes.values() if self.is_algorithm(node)]


def functions(node: ast.ClassDef) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions of a class's body."""
    return {item.name: item for item in node.body if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef))}


def uses_of_self(node: ast.AST) -> Iterator[ast.Attribute]:
    """Every `self.something` below a node."""
    for item in ast.walk(node):
        if isinstance(item, ast.Attribute) and isinstance(item.value, ast.Name) and item.value.id == "self":
            yield item


def touches_self(node: ast.AST) -> bool:
    """Whether anything below a node is `self`."""
    return any(isinstance(item, ast.Name) and item.id == "self" for item in ast.walk(node))
