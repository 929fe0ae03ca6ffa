"""Rule by trial: calls and assignments whose arguments stand in the text are made on an algorithm that nobody runs."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from typing import Any

import pandas as pd

from hidden_regime.data.tables import TableMarket
from hidden_regime.exceptions import RegimeError, UnsupportedError
from hidden_regime.simulator.account.portfolio import Portfolio
from hidden_regime.simulator.account.security import Security
from hidden_regime.simulator.algorithm import QCAlgorithm
from hidden_regime.simulator.enums import Resolution
from hidden_regime.simulator.history import History
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.run_state import run_state_of
from hidden_regime.simulator.settings import Settings, UniverseSettings
from hidden_regime.simulator.spelling import snake
from hidden_regime.simulator.static import engine
from hidden_regime.simulator.static.engine import Concrete, Instance, Method
from hidden_regime.simulator.static.findings import Finding
from hidden_regime.simulator.static.source import Source, functions, name_of
from hidden_regime.simulator.static.values import Values

TICKER = "SPY"
TRIED = ("add_", "set_")
HARMLESS = frozenset({"timedelta", "datetime", "date", "time"})
UNKNOWN: Any = object()


def _function(name: str) -> Any:
    """Stands for a function of the strategy's."""

    def anything(*_: Any, **__: Any) -> None:
        """Do nothing."""

    anything.__name__ = name
    return anything


@cache
def _market() -> Any:
    days = pd.bdate_range("2020-01-01", periods=5, name="date")
    frame = pd.DataFrame(dict.fromkeys(("open", "high", "low", "close", "volume"), 1.0), index=days)
    return TableMarket({TICKER: frame}, name="trial", origin="invented", benchmark=TICKER)


def _algorithm() -> QCAlgorithm:
    made = QCAlgorithm()
    run_state_of(made).catalog.offer(_market())
    return made


@cache
def refused_resolutions() -> frozenset[str]:
    """Resolutions that the engine has no bars of."""
    out = set()
    for resolution in Resolution:
        try:
            _algorithm().add_equity(TICKER, resolution)
        except UnsupportedError:
            out.add(resolution.name)
        except RegimeError:
            continue
    return frozenset(out)


class Trial:
    """Makes the calls of one file."""

    def __init__(self, source: Source, values: Values) -> None:
        self.source, self.values = source, values
        self.certain, self._asked = True, repr(TICKER)

    def value(self, node: ast.expr) -> Any:
        """A value as the strategy would pass it, or something of its kind. UNKNOWN: it can't be told."""
        found = self.values.of(node)
        if isinstance(found, Concrete):
            return UNKNOWN if engine.is_lean_only(found.value) else found.value
        if isinstance(node, ast.Lambda) or (isinstance(node, ast.Attribute) and self._is_own_function(node)):
            return _function(node.attr if isinstance(node, ast.Attribute) else "<lambda>")
        if isinstance(node, ast.Name) and node.id in self.source.classes:
            return self._stand_in(node.id)
        if isinstance(node, ast.Call):
            if name_of(node.func) in (HARMLESS | self.source.classes.keys()) or isinstance(found, Instance):
                return self._made(node, found)
            return UNKNOWN
        assigned = self.values.assignments(node)
        if len(assigned) == 1 and isinstance(assigned[0], ast.Call):
            return self.value(assigned[0])
        if isinstance(found, Instance) and found.kind in (Symbol, str):
            self.certain = False
            return Symbol(TICKER) if found.kind is Symbol else TICKER
        return UNKNOWN

    def _is_own_function(self, node: ast.Attribute) -> bool:
        owner = self.values.of(node.value)
        cls = self.source.classes.get(owner.user) if isinstance(owner, Instance) else None
        return cls is not None and any(node.attr in functions(item) for item in self.source.chain(cls))

    def _stand_in(self, name: str) -> Any:
        """A class with the base and the functions of one of the strategy's own."""
        base = self.values.base(self.source.classes[name])
        if base is None and not self.source.classes[name].bases:
            base = object
        if base is None or base is QCAlgorithm:
            return UNKNOWN
        held = {item: _function(item) for node in self.source.chain(self.source.classes[name]) for item in functions(node)}
        try:
            return type(base)(name, (base,), held)
        except Exception:  # noqa: BLE001 - not every class can be derived from in this way
            return UNKNOWN

    def _made(self, node: ast.Call, found: Any) -> Any:
        function = self.values.of(node.func)
        kind = function.value if isinstance(function, Concrete) else None
        if isinstance(node.func, ast.Name) and node.func.id in self.source.classes:
            kind = self._stand_in(node.func.id)
            if kind is UNKNOWN:
                return UNKNOWN
            try:
                return kind.__new__(kind)
            except Exception:  # noqa: BLE001 - as above
                return UNKNOWN
        if isinstance(found, Instance) and found.kind is Symbol:
            self.certain = False
            return Symbol(TICKER)
        arguments = [self.value(item) for item in node.args]
        named = {item.arg: self.value(item.value) for item in node.keywords if item.arg}
        if (
            not callable(kind)
            or len(named) != len(node.keywords)
            or any(item is UNKNOWN for item in (*arguments, *named.values()))
        ):
            return UNKNOWN
        try:
            return kind(*arguments, **named)
        except Exception:  # noqa: BLE001 - what it says is the business of the rules on names
            return UNKNOWN

    def owner(self, node: ast.expr) -> Any:
        """An object like that on which something is called: UNKNOWN if there is none."""
        found = self.values.of(node)
        if not isinstance(found, Instance):
            return UNKNOWN
        made = _algorithm()
        owners = {QCAlgorithm: made, Portfolio: made.portfolio, Settings: made.settings, History: made.history,
                  UniverseSettings: made.universe_settings}  # fmt: skip
        if found.kind is Security:
            return made.add_equity(TICKER, Resolution.DAILY)
        return owners.get(found.kind, UNKNOWN)

    def call(self, node: ast.Call) -> str:
        """Why the engine refuses a call. Empty: it doesn't, or that can't be told."""
        self.certain, self._asked = True, repr(TICKER)
        owner = self.owner(node.func.value) if isinstance(node.func, ast.Attribute) else UNKNOWN
        function: Any = getattr(owner, node.func.attr, None) if isinstance(node.func, ast.Attribute) else None
        given = self._arguments(node, function)
        if owner is UNKNOWN or function is None or given is None:
            return ""
        try:
            function(*given[0], **given[1])
        except UnsupportedError as error:
            return _text(error).replace(repr(TICKER), self._asked)
        except TypeError as error:
            return _text(error).partition("\n")[0] if self.certain and str(error).startswith("No method matches") else ""
        except Exception:  # noqa: BLE001 - the trial's own: no data, no clock
            return ""
        return ""

    def _arguments(self, node: ast.Call, function: Any) -> tuple[list[Any], dict[str, Any]] | None:
        if any(isinstance(item, ast.Starred) for item in node.args) or any(item.arg is None for item in node.keywords):
            return None
        places, names = [], list(_parameters(function))
        for i, item in enumerate(node.args):
            value = self.value(item)
            if value is UNKNOWN:
                if i >= len(names) or names[i] not in ("ticker", "symbol"):
                    return None
                self.certain, value, self._asked = False, TICKER if names[i] == "ticker" else Symbol(TICKER), ast.unparse(item)
            elif i < len(names) and names[i] == "ticker" and isinstance(value, str):
                value, self._asked = TICKER, ast.unparse(item)
            places.append(value)
        named = {item.arg: self.value(item.value) for item in node.keywords if item.arg}
        if any(value is UNKNOWN for value in named.values()):
            self.certain = False
        return places, {name: value for name, value in named.items() if value is not UNKNOWN}

    def assignment(self, target: ast.Attribute, value: ast.expr) -> str:
        """Why the engine refuses an assignment to a member."""
        owner, given = self.owner(target.value), self.value(value)
        if owner is UNKNOWN or given is UNKNOWN or isinstance(owner, QCAlgorithm):
            return ""
        try:
            setattr(owner, target.attr, given)
        except UnsupportedError as error:
            return _text(error)
        except Exception:  # noqa: BLE001 - as above
            return ""
        return ""


def _parameters(function: Any) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


def _text(error: Exception) -> str:
    return str(error).removeprefix("hidden_regime: ")


def refusals(source: Source, values: Values) -> Iterator[Finding]:
    """Calls and assignments that the engine refuses by their arguments."""
    trial = Trial(source, values)
    for node in ast.walk(source.tree):
        if node in source.guarded or not isinstance(node, (ast.Call, ast.Assign)):
            continue
        said = ""
        if isinstance(node, ast.Call):
            function = values.of(node.func)
            tried = isinstance(function, Method) and engine.is_ours(function.function) and function.name.startswith(TRIED)
            if tried and not any(_is_refused(item, values) for item in ast.walk(node)):
                said = trial.call(node)
        else:
            for target in node.targets:
                said = said or (trial.assignment(target, node.value) if isinstance(target, ast.Attribute) else "")
        if said:
            yield Finding(node.lineno, "lean-only", said)


def resolutions(source: Source, values: Values) -> Iterator[Finding]:
    """Resolutions that the engine has no bars of, wherever one is passed or assigned."""
    skipped = {item for node in ast.walk(source.tree) if isinstance(node, (ast.Compare, ast.Dict)) for item in ast.walk(node)}
    for node in ast.walk(source.tree):
        # Data of the strategy's own come in any resolution.
        if isinstance(node, ast.Call) and snake(name_of(node.func)) == "add_data":
            skipped |= set(ast.walk(node))
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node not in source.guarded and node not in skipped and _is_refused(node, values):
            said = f"Resolution.{node.attr.upper()} exists in LEAN only: the embedded engine has no bars of it."
            yield Finding(node.lineno, "lean-only", said)


def _is_refused(node: ast.AST, values: Values) -> bool:
    """Whether an expression is a resolution that the engine has no bars of."""
    found = values.of(node) if isinstance(node, ast.Attribute) else None
    return isinstance(found, Concrete) and isinstance(found.value, Resolution) and found.value.name in refused_resolutions()
