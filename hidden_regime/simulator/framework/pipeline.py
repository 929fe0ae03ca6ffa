"""The framework's step: insights, targets, risk, execution."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from hidden_regime.simulator.consolidation import Handlers
from hidden_regime.simulator.enums import AccountType
from hidden_regime.simulator.failures import EngineError
from hidden_regime.simulator.framework.alpha import CompositeAlphaModel, NullAlphaModel, update_of
from hidden_regime.simulator.framework.construction import NullPortfolioConstructionModel
from hidden_regime.simulator.framework.execution import ImmediateExecutionModel, NullExecutionModel
from hidden_regime.simulator.framework.insight import GeneratedInsightsCollection, Insight, InsightManager
from hidden_regime.simulator.framework.risk import CompositeRiskManagementModel, NullRiskManagementModel
from hidden_regime.simulator.spelling import either

if TYPE_CHECKING:
    from hidden_regime.simulator.core import Core

CASH_ACCOUNT = (
    "Non null IExecutionModel and IPortfolioConstructionModel are currently unsuitable for Cash Modeled brokerages (e.g. GDAX) "
    "and may result in unexpected trades. To prevent possible user error we've restricted them to Margin trading. You can select "
    "margin account types with SetBrokerage( ... AccountType.Margin). Or please set them to NullExecutionModel, "
    "NullPortfolioConstructionModel"
)
IN_WARM_UP = "Warning: insights emitted during algorithm warmup are ignored."


class Framework:
    """The models of an algorithm."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.alpha: Any = NullAlphaModel()
        self.construction: Any = NullPortfolioConstructionModel()
        self.risk: Any = NullRiskManagementModel()
        self.execution: Any = ImmediateExecutionModel()
        self.selection: list[Any] = []
        self.insights = InsightManager(core)
        self.insights_generated = Handlers()
        self._warned = False

    @property
    def idle(self) -> bool:
        """Whether nothing was set."""
        return (
            type(self.alpha) is NullAlphaModel and type(self.construction) is NullPortfolioConstructionModel
            and type(self.risk) is NullRiskManagementModel and type(self.execution) is ImmediateExecutionModel
            and not self.insights.count
        )  # fmt: skip

    def check_account(self) -> None:
        """Raise where LEAN refuses the models: in a cash account."""
        if (
            self._core.brokerage_model.account_type == AccountType.CASH
            and type(self.construction) is not NullPortfolioConstructionModel
            and type(self.execution) is not NullExecutionModel
        ):
            raise EngineError(CASH_ACCOUNT)

    def add_alpha(self, model: Any) -> None:
        """Add an alpha model to those there are."""
        self.alpha = model if type(self.alpha) is NullAlphaModel else CompositeAlphaModel(self.alpha, model)

    def add_risk(self, model: Any) -> None:
        """Add a risk model to those there are."""
        self.risk = model if type(self.risk) is NullRiskManagementModel else CompositeRiskManagementModel(self.risk, model)

    @property
    def _view(self) -> Any:
        return self._core.view

    def step(self, data: Any) -> None:
        """The end of a moment."""
        self.insights.step(self._core.clock.to_utc(self._core.now))
        if not data.has_data:
            return
        found = update_of(self.alpha, self._view, data)
        if found:
            found = self.insights.prepare(found, getattr(self.alpha, "name", "") or type(self.alpha).__name__)
            self._tell(found)
        self._process(found)

    def _tell(self, found: list[Insight]) -> None:
        self.insights_generated(self._core.algorithm, GeneratedInsightsCollection(self._core.clock.to_utc(self._core.now), found))

    def emit(self, insights: Iterable[Insight]) -> None:
        """Act on insights of the strategy's own, at once."""
        if self._core.is_warming_up:
            if not self._warned:
                self._warned = True
                self._core.logs.say("error", IN_WARM_UP)
            return
        found = self.insights.prepare(insights, "")
        self._tell(found)
        self._process(found)

    def _process(self, insights: list[Insight]) -> None:
        view = self._view
        targets = list(either(self.construction, "create_targets")(view, insights))
        self._note(targets)
        adjusted = list(either(self.risk, "manage_risk")(view, targets))
        self._note(adjusted)
        final: dict[Any, Any] = {}
        for target in [*adjusted, *targets]:
            final.setdefault(target.symbol, target)
        either(self.execution, "execute")(view, list(final.values()))

    def _note(self, targets: Iterable[Any]) -> None:
        for target in targets:
            if target.symbol in self._core.portfolio:
                self._core.portfolio[target.symbol].target = target

    def order_event(self, event: Any) -> None:
        """Tell the execution model of an order, before the strategy hears of it."""
        if type(self.execution) is not ImmediateExecutionModel:
            told = getattr(self.execution, "on_order_event", None) or getattr(self.execution, "OnOrderEvent", None)
            if told is not None:
                told(self._view, event)

    def securities_changed(self, changes: Any) -> None:
        """Tell the models who came and went."""
        if self.idle:
            return
        for model in (self.alpha, self.construction, self.execution, self.risk):
            either(model, "on_securities_changed")(self._view, changes)
