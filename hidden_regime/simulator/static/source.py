"""A strategy file as a tree: its classes, who derives from whom, and what it does to `self`."""

from __future__ import annotations

import ast
import builtins
import io
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeGuard

MANAGED = frozenset({
    "QCAlgorithm", "HiddenRegimeAlgorithm", "HiddenRegimeAlgorithmOptimized", "AlphaModel", "PythonData", "PythonIndicator",
    "RiskManagementModel", "PortfolioConstructionModel", "ExecutionModel", "FeeModel", "FillModel", "EquityFillModel",
    "ImmediateFillModel", "UniverseSelectionModel", "ManualUniverseSelectionModel", "ScheduledUniverseSelectionModel",
    "PythonConsolidator", "BuyingPowerModel", "SecurityInitializer", "BrokerageModelSecurityInitializer",
    "FundamentalUniverseSelectionModel", "TradeBarConsolidator", "ConstantFeeModel", "InteractiveBrokersFeeModel",
    "NullRiskManagementModel", "VolatilityModel", "EqualWeightingPortfolioConstructionModel",
    "InsightWeightingPortfolioConstructionModel", "ImmediateExecutionModel", "SlippageModel", "ConstantSlippageModel",
    "LatestPriceFillModel", "SecurityMarginModel", "DefaultBrokerageModel", "InteractiveBrokersBrokerageModel",
})  # fmt: skip
"""Classes that are .NET classes in LEAN."""
LEAN_ROOTS = frozenset({
    "AlgorithmImports", "QuantConnect", "System", "clr", "Alphas", "Execution", "Portfolio", "Risk", "Selection", "Orders",
})  # fmt: skip
"""First names of the modules that are importable in LEAN."""
UNSEEN = frozenset({"TYPE_CHECKING", "live_mode", "LiveMode"})
"""Conditions that no backtest meets."""
CAUGHT = frozenset({"ImportError", "ModuleNotFoundError", "AttributeError", "NameError", "Exception", "BaseException"})
FACTORY = "with_regimes"
OURS = frozenset({"HiddenRegimeAlgorithm", "HiddenRegimeAlgorithmOptimized"})
ALGORITHMS = OURS | {"QCAlgorithm"}


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements of a module, those under `if`, `try` and `with` too."""
    for node in body:
        yield node
        if isinstance(node, (ast.If, ast.Try, ast.With)):
            yield from _statements(node.body)
            yield from _statements(getattr(node, "orelse", []))
            for handler in getattr(node, "handlers", []):
                yield from _statements(handler.body)


def name_of(node: ast.expr) -> str:
    """Last part of a dotted name; of a call or subscript, that of what is called."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, (ast.Call, ast.Subscript)):
        return name_of(node.func if isinstance(node, ast.Call) else node.value)
    return node.id if isinstance(node, ast.Name) else ""


def _is_text(node: ast.expr) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _catches(handler: ast.ExceptHandler) -> bool:
    """Whether a handler goes on after a name that isn't there."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or name_of(kind) in CAUGHT for kind in kinds)


@dataclass
class Source:
    """A parsed file."""

    path: Path
    tree: ast.Module
    text: str
    classes: dict[str, ast.ClassDef] = field(init=False)

    def __post_init__(self) -> None:
        self.classes = {node.name: node for node in _statements(self.tree.body) if isinstance(node, ast.ClassDef)}

    @classmethod
    def read(cls, path: Path) -> Source:
        """Parse a file as Python does, whatever its encoding.

        Raises
        ------
        SyntaxError, RecursionError, MemoryError, ValueError
        """
        content = path.read_bytes()
        encoding = tokenize.detect_encoding(io.BytesIO(content).readline)[0]
        text = content.decode(encoding)
        return cls(path, ast.parse(text, str(path)), text)

    @cached_property
    def imported(self) -> dict[str, str]:
        """Names that come from other modules, and which."""
        out: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                out |= {(alias.asname or alias.name): node.module or "" for alias in node.names}
        return out

    @cached_property
    def star(self) -> bool:
        """Whether all names of AlgorithmImports are here."""
        return any(isinstance(n, ast.ImportFrom) and n.module == "AlgorithmImports" and n.names[0].name == "*"
                   for n in ast.walk(self.tree))  # fmt: skip

    @staticmethod
    def is_leans(module: str) -> bool:
        """Whether LEAN offers a module: its own, .NET's, and its models that are Python files."""
        return module.partition(".")[0] in LEAN_ROOTS

    @cached_property
    def guarded(self) -> set[ast.AST]:
        """What stands in a `try` that goes on after an error, and what a check of types or names leads to."""
        out: set[ast.AST] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Try) and any(_catches(handler) for handler in node.handlers):
                out |= {item for statement in node.body for item in ast.walk(statement)}
            elif isinstance(node, (ast.If, ast.IfExp)) and name_of(node.test) in UNSEEN:
                body = node.body if isinstance(node.body, list) else [node.body]
                out |= {item for statement in body for item in ast.walk(statement)}
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and any(
                isinstance(item, ast.Try) and any(_catches(handler) for handler in item.handlers) for item in ast.walk(node)
            ):
                # A table of functions, to be tried one after the other.
                tables = [item for item in ast.walk(node) if isinstance(item, (ast.Dict, ast.Tuple, ast.List))]
                lambdas = [item for table in tables for item in ast.iter_child_nodes(table) if isinstance(item, ast.Lambda)]
                out |= {item for each in lambdas for item in ast.walk(each)}
        return out

    @cached_property
    def own_names(self) -> set[str]:
        """Attributes that this file, or one beside it that it imports, gives to anything or asks after by name."""
        out: set[str] = set()
        for source in [self, *self._modules.values()]:
            for node in ast.walk(source.tree):
                if isinstance(node, ast.Attribute) and isinstance(node.ctx, (ast.Store, ast.Del)):
                    out.add(node.attr)
                elif (
                    isinstance(node, ast.Call) and name_of(node.func) in ("hasattr", "setattr", "getattr") and len(node.args) > 1
                ):
                    out.add(str(node.args[1].value) if isinstance(node.args[1], ast.Constant) else "*")
                elif isinstance(node, ast.Call) and name_of(node.func).lower() == "add" and len(node.args) > 1:
                    out |= {str(node.args[0].value)} if _is_text(node.args[0]) else set()
                elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and _is_text(node.slice):
                    out.add(str(node.slice.value))
        return out

    @cached_property
    def _aliases(self) -> dict[str, str]:
        """Names that stand for another name: `import ... as`, and plain assignments of the module."""
        out: dict[str, str] = {}
        for node in _statements(self.tree.body):
            if isinstance(node, ast.ImportFrom):
                out |= {alias.asname: alias.name for alias in node.names if alias.asname}
            elif isinstance(node, ast.Assign) and isinstance(node.value, (ast.Name, ast.Attribute)):
                out |= {t.id: name_of(node.value) for t in node.targets if isinstance(t, ast.Name)}
        return out

    @cached_property
    def _modules(self) -> dict[str, Source]:
        """Other files of the strategy's, by the names that are imported from them."""
        out: dict[str, Source] = {}
        for name, module in self.imported.items():
            path = self.path.parent / (module.lstrip(".").replace(".", "/") + ".py")
            if module and path.is_file() and path != self.path:
                try:
                    out[name] = Source.read(path)
                except (SyntaxError, RecursionError, MemoryError, ValueError):
                    continue
        return out

    @cached_property
    def neighbours(self) -> dict[Path, tuple[int, Source]]:
        """Files beside this one that it imports from, and those that they import from: by path, with the line here."""
        out: dict[Path, tuple[int, Source]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            else:
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                path = self.path.parent / (name.lstrip(".").replace(".", "/") + ".py")
                if path in out or path == self.path or not path.is_file():
                    continue
                try:
                    out[path] = (node.lineno, Source.read(path))  # type: ignore[attr-defined]
                except (SyntaxError, RecursionError, MemoryError, ValueError):
                    continue
        return out

    def beside(self, name: str) -> bool:
        """Whether a name comes from a file beside this one."""
        return name in self._modules

    def chain(self, node: ast.ClassDef) -> list[ast.ClassDef]:
        """A class and its bases in this file, nearest first."""
        out: list[ast.ClassDef] = []
        waiting = [node]
        while waiting:
            now = waiting.pop(0)
            if now not in out:
                out.append(now)
                found = (self.classes.get(name_of(base)) for base in _named(now.bases))
                waiting = [cls for cls in found if cls is not None] + waiting
        return out

    def _roots(self, node: ast.ClassDef) -> set[str]:
        names = {name_of(base) for cls in self.chain(node) for base in _named(cls.bases)}
        return names | {self._aliases[name] for name in names if name in self._aliases}

    def kin(self, name: str) -> set[str]:
        """Names of a class and of all that it derives from, as far as this file and those beside it show."""
        node = self.classes.get(name)
        found = {name} if node is None else {cls.name for cls in self.chain(node)} | self._roots(node)
        for foreign in found & set(self._modules):
            found |= self._modules[foreign].kin(self._aliases.get(foreign, foreign))
        return found | OURS if "HiddenRegimeAlgorithmOptimized" in found else found

    def dotnet_type(self, name: str) -> str:
        """Which of LEAN's classes a class is to .NET: the nearest that it derives from. Empty if there is none to be seen."""
        node = self.classes.get(name)
        if node is not None:
            name = next((name_of(base) for base in _named(self.chain(node)[-1].bases)), "")
        if name in self._modules and self.is_foreign_algorithm(name):
            return "QCAlgorithm"
        name = self._aliases.get(name, name)
        if name in ALGORITHMS:
            return "QCAlgorithm"
        return name if name in MANAGED else ""

    def is_managed(self, node: ast.ClassDef) -> bool:
        """Whether a class derives from one of LEAN's, as far as this file shows."""
        return bool(self._roots(node) & MANAGED)

    def is_algorithm(self, node: ast.ClassDef) -> bool:
        """Whether a class derives from QCAlgorithm, as far as this file shows."""
        roots = self._roots(node)
        return bool(roots & ALGORITHMS) or any(self.is_foreign_algorithm(root) for root in roots)

    def is_foreign_algorithm(self, name: str) -> bool:
        """Whether an imported name is an algorithm class: by the file beside this one, or else by its name."""
        if name not in self.imported:
            return False
        source = self._modules.get(name)
        if source is None:
            return name.endswith("Algorithm")
        found = source.classes.get(self._aliases.get(name, name))
        return found is not None and source.is_algorithm(found)

    @property
    def has_unknown_bases(self) -> bool:
        """Whether any class derives from something that this file doesn't show, or is made by a call."""
        known = {*self.classes, *self.imported} - set(self._modules)
        roots = {root for node in self.classes.values() for root in self._roots(node)}
        made = any(isinstance(n, ast.Call) and name_of(n.func) == "type" and len(n.args) == 3 for n in ast.walk(self.tree))
        return made or any(root in self._modules or (root not in known and not hasattr(builtins, root)) for root in roots)

    @property
    def algorithms(self) -> list[ast.ClassDef]:
        """Algorithm classes of this file."""
        return [node for node in self.classes.values() if self.is_algorithm(node)]


def _named(bases: Iterable[ast.expr]) -> Iterator[ast.expr]:
    """Bases by name: of a class factory such as `with_regimes(TheirBase)` what it is given, or QCAlgorithm by default."""
    for base in bases:
        if isinstance(base, ast.Call) and name_of(base.func) == FACTORY:
            yield from _named(base.args or [keyword.value for keyword in base.keywords] or [ast.Name("QCAlgorithm")])
        else:
            yield base


def functions(node: ast.ClassDef) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions of a class's body."""
    return {item.name: item for item in node.body if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef))}


def uses_of_self(node: ast.AST) -> Iterator[ast.Attribute]:
    """Every `self.something` below a node, but for classes inside, which have a `self` of their own."""
    for item in ast.iter_child_nodes(node):
        if isinstance(item, ast.ClassDef):
            continue
        if isinstance(item, ast.Attribute) and isinstance(item.value, ast.Name) and item.value.id == "self":
            yield item
        yield from uses_of_self(item)


def touches_self(node: ast.AST) -> bool:
    """Whether anything below a node is `self`."""
    return any(isinstance(item, ast.Name) and item.id == "self" for item in ast.walk(node))
