"""Portfolio construction models that optimise: by past returns of the securities with insights."""

from __future__ import annotations

from typing import Any

from hidden_regime.simulator.enums import PortfolioBias, Resolution
from hidden_regime.simulator.failures import ArgumentException
from hidden_regime.simulator.framework.construction import PortfolioConstructionModel, Rebalance
from hidden_regime.simulator.framework.insight import Insight
from hidden_regime.simulator.framework.optimizers import MinimumVariancePortfolioOptimizer, RiskParityPortfolioOptimizer
from hidden_regime.simulator.objects import TradeBar
from hidden_regime.simulator.window import RollingWindow

LONG_ONLY = "Long position must be allowed in RiskParityPortfolioConstructionModel."


class _Returns:
    """The latest returns of a security, over a number of bars each."""

    def __init__(self, lookback: int, period: int) -> None:
        from hidden_regime.simulator.indicators import RateOfChange

        self.roc: Any = RateOfChange(lookback)
        self.window: RollingWindow[Any] = RollingWindow(period)
        self.roc.updated += self._note

    def _note(self, sender: Any, point: Any) -> None:
        if self.roc.is_ready:
            self.window.add((point.end_time, point.value))

    def series(self) -> Any:
        """Returns by time, the newest first."""
        import pandas as pd

        found = list(self.window)
        return pd.Series([value for _, value in found], index=[time for time, _ in found])


class _Optimized(PortfolioConstructionModel):
    """Weights by an optimiser."""

    def __init__(self, rebalance: Rebalance, portfolio_bias: PortfolioBias, lookback: int, period: int, resolution: Resolution,
                 optimizer: Any) -> None:  # fmt: skip
        super().__init__(rebalance, portfolio_bias)
        self.lookback, self.period, self.resolution, self.optimizer = lookback, period, resolution, optimizer
        self._returns: dict[Any, _Returns] = {}

    def _weights(self, insights: list[Insight]) -> dict[Any, float]:
        import pandas as pd

        wanted = {insight.symbol for insight in insights}
        columns = {symbol: kept.series() for symbol, kept in self._returns.items() if symbol in wanted}
        returns = pd.DataFrame({str(symbol.id): series for symbol, series in columns.items()})
        found = self.optimizer.optimize(returns, *self._given())
        return dict(zip(columns, [float(weight) for weight in found], strict=True))

    def _given(self) -> tuple[Any, ...]:
        return ()

    def _forget(self, algorithm: Any, symbol: Any) -> _Returns | None:
        return self._returns.pop(symbol, None)


class MeanVarianceOptimizationPortfolioConstructionModel(_Optimized):
    """Mean and variance of past returns, and of the insights' magnitudes, by default the least variance for a target return."""

    def __init__(self, rebalance: Rebalance = Resolution.DAILY, portfolio_bias: PortfolioBias = PortfolioBias.LONG_SHORT,
                 lookback: int = 1, period: int = 63, resolution: Resolution = Resolution.DAILY, target_return: float = 0.02,
                 optimizer: Any = None) -> None:  # fmt: skip
        lower, upper = (0 if portfolio_bias == PortfolioBias.LONG else -1), (0 if portfolio_bias == PortfolioBias.SHORT else 1)
        chosen = MinimumVariancePortfolioOptimizer(lower, upper, target_return) if optimizer is None else optimizer
        super().__init__(rebalance, portfolio_bias, lookback, period, resolution, chosen)

    def should_create_target_for_insight(self, insight: Insight) -> bool:
        """Insights need a magnitude, which counts as a return of this moment."""
        if insight.magnitude is None:
            raise ArgumentException(
                "MeanVarianceOptimizationPortfolioConstructionModel does not accept 'None' as Insight.magnitude. Please checkout "
                "the selected Alpha Model specifications."
            )
        self._returns[insight.symbol].window.add((self.algorithm.time, float(insight.magnitude)))
        return True

    def determine_target_percent(self, insights: list[Insight]) -> dict[Insight, float]:
        """See the base."""
        if not insights:
            return {}
        weights, bias = self._weights(insights), int(self._bias)
        return {i: 0.0 if bias and weights[i.symbol] * bias <= 0 else weights[i.symbol] for i in insights}

    def _given(self) -> tuple[Any, ...]:
        return (None, None)

    def on_securities_changed(self, algorithm: Any, changes: Any) -> None:
        """Follow the universes."""
        super().on_securities_changed(algorithm, changes)
        for security in changes.removed_securities:
            self._forget(algorithm, security.symbol)
        symbols = [security.symbol for security in changes.added_securities]
        for symbol in symbols:
            self._returns.setdefault(symbol, _Returns(self.lookback, self.period))
        for symbol in symbols:
            for bar in algorithm.history[TradeBar](symbol, self.lookback * self.period, self.resolution):
                self._returns[symbol].roc.update(bar.end_time, bar.close)


class RiskParityPortfolioConstructionModel(_Optimized):
    """Each security with an insight carries the same risk."""

    def __init__(self, rebalance: Rebalance = Resolution.DAILY, portfolio_bias: PortfolioBias = PortfolioBias.LONG_SHORT,
                 lookback: int = 1, period: int = 252, resolution: Resolution = Resolution.DAILY,
                 optimizer: Any = None) -> None:  # fmt: skip
        if portfolio_bias == PortfolioBias.SHORT:
            raise ArgumentException(LONG_ONLY)
        chosen = RiskParityPortfolioOptimizer() if optimizer is None else optimizer
        super().__init__(rebalance, portfolio_bias, lookback, period, resolution, chosen)

    def determine_target_percent(self, insights: list[Insight]) -> dict[Insight, float]:
        """See the base."""
        weights = self._weights(insights) if insights else {}
        return {insight: weights[insight.symbol] for insight in insights}

    def on_securities_changed(self, algorithm: Any, changes: Any) -> None:
        """Follow the universes."""
        super().on_securities_changed(algorithm, changes)
        for security in changes.removed_securities:
            kept = self._forget(algorithm, security.symbol)
            if kept is not None:
                algorithm.unregister_indicator(kept.roc)
        for security in changes.added_securities:
            bars = list(algorithm.history[TradeBar](security.symbol, self.lookback * self.period, self.resolution))
            if not bars or security.symbol in self._returns:
                continue
            made = self._returns[security.symbol] = _Returns(self.lookback, self.period)
            for bar in bars:
                made.roc.update(bar.end_time, bar.close)
            algorithm.register_indicator(security.symbol, made.roc, self.resolution)
