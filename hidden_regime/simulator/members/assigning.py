"""What an assignment to a member of LEAN's does: .NET's properties refuse what they can't hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T", bound=type)
FRAMEWORK = "QuantConnect.Algorithm.Framework"
HOLDS = {
    "tags": "System.Collections.Generic.HashSet`1[System.String]",
    "portfolio": "QuantConnect.Securities.SecurityPortfolioManager",
    "settings": "QuantConnect.Interfaces.IAlgorithmSettings",
    "benchmark": "QuantConnect.Benchmarks.IBenchmark",
    "securities": "QuantConnect.Securities.SecurityManager",
    "alpha": f"{FRAMEWORK}.Alphas.IAlphaModel",
    "insights": f"{FRAMEWORK}.Alphas.Analysis.InsightManager",
    "universe": "QuantConnect.Algorithm.UniverseDefinitions",
    "risk_management": f"{FRAMEWORK}.Risk.IRiskManagementModel",
    "portfolio_construction": f"{FRAMEWORK}.Portfolio.IPortfolioConstructionModel",
    "execution": f"{FRAMEWORK}.Execution.IExecutionModel",
    "trading_calendar": "QuantConnect.TradingCalendar",
}
"""Types of LEAN's properties that can be assigned to."""
UNREAD = ("trading_calendar",)
"""Those among them that the engine can't show."""


def _refuse(name: str) -> Callable[[Any, Any], None]:
    def write(self: Any, value: Any) -> None:
        said = (
            f"'{type(value).__name__}' value cannot be converted to {HOLDS[name]}" if name in HOLDS else "property is read-only"
        )
        raise TypeError(f"{said} (self.{name} is LEAN's: take another name)")

    return write


def _unread(name: str) -> property:
    def read(self: Any) -> Any:
        # Looked up once more by __getattr__, which says that LEAN alone has it.
        raise AttributeError(name)

    return property(read, _refuse(name))


def refusing(cls: T) -> T:
    """Class decorator: properties without a setter answer an assignment as LEAN's do."""
    for name, found in list(vars(cls).items()):
        if isinstance(found, property) and found.fset is None:
            setattr(cls, name, property(found.fget, _refuse(name), doc=found.__doc__))
    return cls


class GuardedMembers:
    """Names that a strategy can't take, though the engine has nothing behind them."""

    (trading_calendar,) = (_unread(name) for name in UNREAD)
