"""The algorithm framework's models."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.binding import bound
from hidden_regime.simulator.core import Core
from hidden_regime.simulator.framework.construction import PortfolioConstructionModel
from hidden_regime.simulator.framework.insight import Insight, InsightManager
from hidden_regime.simulator.framework.selection import ManualUniverseSelectionModel
from hidden_regime.simulator.members.assigning import refusing


@refusing
@bound
class FrameworkMembers:
    """See the module."""

    _sim: Core

    @property
    def insights(self) -> InsightManager:
        """Insights that haven't been removed."""
        return self._sim.framework.insights

    @property
    def alpha(self) -> Any:
        """The alpha model."""
        return self._sim.framework.alpha

    @property
    def portfolio_construction(self) -> Any:
        """The construction model."""
        return self._sim.framework.construction

    @property
    def risk_management(self) -> Any:
        """The risk model."""
        return self._sim.framework.risk

    @property
    def execution(self) -> Any:
        """The execution model."""
        return self._sim.framework.execution

    @property
    def insights_generated(self) -> Any:
        """Told of new insights: `+= f(algorithm, insights)`."""
        return self._sim.framework.insights_generated

    @insights_generated.setter
    def insights_generated(self, handlers: Any) -> None:
        """What `+=` assigns."""

    def set_alpha(self, alpha: Any) -> None:
        """Use an alpha model."""
        self._sim.framework.alpha = alpha

    def add_alpha(self, alpha: Any) -> None:
        """Use an alpha model besides those there are."""
        self._sim.framework.add_alpha(alpha)

    def set_portfolio_construction(self, portfolio_construction: Any) -> None:
        """Use a construction model."""
        kind = type(portfolio_construction).__name__
        if not isinstance(portfolio_construction, PortfolioConstructionModel):
            raise ParameterError(
                "portfolio construction", kind, "a class that derives from PortfolioConstructionModel",
                f"('{kind}' object has no attribute 'SetPythonWrapper')",
            )  # fmt: skip
        self._sim.framework.construction = portfolio_construction

    def set_risk_management(self, risk_management: Any) -> None:
        """Use a risk model."""
        self._sim.framework.risk = risk_management

    def add_risk_management(self, risk_management: Any) -> None:
        """Use a risk model besides those there are."""
        self._sim.framework.add_risk(risk_management)

    def set_execution(self, execution: Any) -> None:
        """Use an execution model."""
        self._sim.framework.execution = execution

    def set_universe_selection(self, universe_selection: Any) -> None:
        """Choose securities by a model."""
        self._sim.framework.selection = []
        self.add_universe_selection(universe_selection)

    def add_universe_selection(self, universe_selection: Any) -> None:
        """Choose securities by a model besides those there are."""
        self._sim.framework.selection.append(universe_selection)
        if isinstance(universe_selection, ManualUniverseSelectionModel):
            for symbol in getattr(universe_selection, "_symbols", ()):
                self._sim.subscriptions.know(symbol)

    def emit_insights(self, insights: Iterable[Insight] = (), insight: Insight | None = None) -> None:
        """Act on insights at once."""
        self._sim.framework.emit(list(insights) if insight is None else [insight])
