"""Risk management models: targets that override others."""

from __future__ import annotations

from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.framework.composite import parts_of
from hidden_regime.simulator.managed import Managed
from hidden_regime.simulator.orders.targets import PortfolioTarget
from hidden_regime.simulator.spelling import TwoSpellings


class RiskManagementModel(TwoSpellings, metaclass=Managed):
    """Base of risk models. Override `manage_risk(algorithm, targets)`, which gives targets that override."""

    def manage_risk(self, algorithm: Any, targets: list[PortfolioTarget]) -> list[PortfolioTarget]:
        """Targets that override."""
        return []

    def on_securities_changed(self, algorithm: Any, changes: Any) -> None:
        """Securities came or went."""


class NullRiskManagementModel(RiskManagementModel):
    """None."""


def _flat(algorithm: Any, symbol: Any) -> PortfolioTarget:
    algorithm.insights.cancel([symbol])
    return PortfolioTarget(symbol, 0)


class MaximumDrawdownPercentPerSecurity(RiskManagementModel):
    """Sells a position that lost so much."""

    def __init__(self, maximum_drawdown_percent: float = 0.05) -> None:
        self._most = -abs(maximum_drawdown_percent)

    def manage_risk(self, algorithm: Any, targets: list[PortfolioTarget]) -> list[PortfolioTarget]:
        """Targets that override."""
        held = [s for s in algorithm.securities.values() if s.invested]
        return [_flat(algorithm, s.symbol) for s in held if s.holdings.unrealized_profit_percent < self._most]


class MaximumUnrealizedProfitPercentPerSecurity(RiskManagementModel):
    """Sells a position that gained so much."""

    def __init__(self, maximum_unrealized_profit_percent: float = 0.05) -> None:
        self._most = abs(maximum_unrealized_profit_percent)

    def manage_risk(self, algorithm: Any, targets: list[PortfolioTarget]) -> list[PortfolioTarget]:
        """Targets that override."""
        held = [s for s in algorithm.securities.values() if s.invested]
        return [_flat(algorithm, s.symbol) for s in held if s.holdings.unrealized_profit_percent > self._most]


class MaximumDrawdownPercentPortfolio(RiskManagementModel):
    """Sells everything once the account has lost so much since its high, or since the start."""

    def __init__(self, maximum_drawdown_percent: float = 0.05, is_trailing: bool = False) -> None:
        self._most, self._trailing = -abs(maximum_drawdown_percent), is_trailing
        self._high: float | None = None

    def manage_risk(self, algorithm: Any, targets: list[PortfolioTarget]) -> list[PortfolioTarget]:
        """Targets that override."""
        value = algorithm.portfolio.total_portfolio_value
        if self._high is None:
            self._high = value
        if self._trailing and self._high < value:
            self._high = value
            return []
        if value / self._high - 1.0 < self._most and targets:
            self._high = None
            return [_flat(algorithm, target.symbol) for target in targets]
        return []


class TrailingStopRiskManagementModel(RiskManagementModel):
    """Sells a position whose value fell so much from its best. Selling a part of it counts as a fall, as in LEAN."""

    def __init__(self, maximum_drawdown_percent: float = 0.05) -> None:
        self._most = abs(maximum_drawdown_percent)
        self._best: dict[Any, tuple[bool, float]] = {}

    def manage_risk(self, algorithm: Any, targets: list[PortfolioTarget]) -> list[PortfolioTarget]:
        """Targets that override."""
        out = []
        for security in list(algorithm.securities.values()):
            symbol, holding = security.symbol, security.holdings
            if not holding.invested:
                self._best.pop(symbol, None)
                continue
            value = holding.absolute_holdings_value
            known = self._best.get(symbol)
            if known is None or known[0] != holding.is_long:
                known = self._best[symbol] = (holding.is_long, holding.absolute_holdings_cost)
            if (known[1] < value) if holding.is_long else (known[1] > value):
                self._best[symbol] = (holding.is_long, value)
                continue
            if abs(known[1] - value) / known[1] > self._most:
                self._best.pop(symbol)
                out.append(_flat(algorithm, symbol))
        return out


class CompositeRiskManagementModel(RiskManagementModel):
    """Several, each of which sees what those before made of the targets."""

    def __init__(self, *models: Any) -> None:
        if not models:
            raise ParameterError(
                "models",
                models,
                "at least one",
                "(Must specify at least 1 risk management model for the CompositeRiskManagementModel)",
            )
        self._models = parts_of(models, CompositeRiskManagementModel)

    def manage_risk(self, algorithm: Any, targets: list[PortfolioTarget]) -> list[PortfolioTarget]:
        """All targets after all models."""
        for model in self._models:
            chosen: dict[Any, PortfolioTarget] = {}
            for target in [*model.manage_risk(algorithm, targets), *targets]:
                chosen.setdefault(target.symbol, target)
            targets = list(chosen.values())
        return targets

    def on_securities_changed(self, algorithm: Any, changes: Any) -> None:
        """Tell all."""
        for model in self._models:
            model.on_securities_changed(algorithm, changes)

    def add_risk_management(self, model: Any) -> None:
        """Add one."""
        self._models.append(model)
