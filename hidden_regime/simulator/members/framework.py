"""The algorithm framework's models."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.core import Core
from hidden_regime.simulator.framework.construction import PortfolioConstructionModel
from hidden_regime.simulator.framework.insight import Insight, InsightManager
from hidden_regime.simulator.framework.selection import ManualUniverseSelectionModel
from hidden_regime.simulator.members.assigning import refusing


@refusing
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

    def set_alpha(self, model: Any) -> None:
        """Use an alpha model."""
        self._sim.framework.alpha = model

    def add_alpha(self, model: Any) -> None:
        """Use an alpha model besides those there are."""
        self._sim.framework.add_alpha(model)

    def set_portfolio_construction(self, model: Any) -> None:
        """Use a construction model."""
        if not isinstance(model, PortfolioConstructionModel):
            raise ParameterError(
                "portfolio construction", type(model).__name__, "a class that derives from PortfolioConstructionModel",
                f"('{type(model).__name__}' object has no attribute 'SetPythonWrapper')",
            )  # fmt: skip
        self._sim.framework.construction = model

    def set_risk_management(self, model: Any) -> None:
        """Use a risk model."""
        self._sim.framework.risk = model

    def add_risk_management(self, model: Any) -> None:
        """Use a risk model besides those there are."""
        self._sim.framework.add_risk(model)

    def set_execution(self, model: Any) -> None:
        """Use an execution model."""
        self._sim.framework.execution = model

    def set_universe_selection(self, model: Any) -> None:
        """Choose securities by a model."""
        self._sim.framework.selection = []
        self.add_universe_selection(model)

    def add_universe_selection(self, model: Any) -> None:
        """Choose securities by a model besides those there are."""
        self._sim.framework.selection.append(model)
        if isinstance(model, ManualUniverseSelectionModel):
            for symbol in getattr(model, "_symbols", ()):
                self._sim.subscriptions.know(symbol)

    def emit_insights(self, *insights: Any) -> None:
        """Act on insights at once."""
        found: Iterable[Insight] = insights[0] if len(insights) == 1 and isinstance(insights[0], (list, tuple)) else insights
        self._sim.framework.emit(list(found))
