"""Execution models that wait for a better moment: a tight spread, a price far from its mean or on the good side of the VWAP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hidden_regime.simulator.enums import Resolution
from hidden_regime.simulator.framework.execution import ExecutionModel, PortfolioTargetCollection
from hidden_regime.simulator.helpers.sizing import OrderSizing
from hidden_regime.simulator.objects import TradeBar
from hidden_regime.simulator.orders.targets import PortfolioTarget


class _Patient(ExecutionModel):
    """Keeps targets until they are reached, and orders what is missing where a rule allows it."""

    def __init__(self, asynchronous: bool = True) -> None:
        super().__init__(asynchronous)
        self.targets_collection = PortfolioTargetCollection()

    def execute(self, algorithm: Any, targets: list[PortfolioTarget]) -> None:
        """Order what may be ordered."""
        self.targets_collection.add_range(targets)
        if self.targets_collection.is_empty:
            return
        for target in self.targets_collection.order_by_margin_impact(algorithm):
            if not self._is_known(target.symbol):
                return
            missing = OrderSizing.get_unordered_quantity(algorithm, target)
            size = self._size(algorithm.securities[target.symbol], missing) if missing else 0.0
            if size:
                algorithm.market_order(target.symbol, size, self.asynchronous, target.tag)
        self.targets_collection.clear_fulfilled(algorithm)

    def _is_known(self, symbol: Any) -> bool:
        """Whether the model follows a security; LEAN leaves the rest of its targets where it doesn't."""
        return True

    def _size(self, security: Any, missing: float) -> float:
        raise NotImplementedError  # pragma: no cover


class SpreadExecutionModel(_Patient):
    """Orders while the exchange is open and the spread is no more than a share of the price."""

    def __init__(self, accepting_spread_percent: float = 0.005, asynchronous: bool = True) -> None:
        super().__init__(asynchronous)
        self.accepting_spread_percent = abs(accepting_spread_percent)

    def spread_is_favorable(self, security: Any) -> bool:
        """Whether the spread is tight."""
        if not (security.exchange.exchange_open and security.price > 0 and security.ask_price > 0 and security.bid_price > 0):
            return False
        return bool((security.ask_price - security.bid_price) / security.price <= self.accepting_spread_percent)

    def _size(self, security: Any, missing: float) -> float:
        return missing if self.spread_is_favorable(security) else 0.0


class _Following(_Patient):
    """Keeps something for each security of the universes, fed by bars."""

    def __init__(self, asynchronous: bool = True) -> None:
        super().__init__(asynchronous)
        self._kept: dict[Any, Any] = {}
        self._consolidators: dict[Any, Any] = {}

    def _is_known(self, symbol: Any) -> bool:
        return symbol in self._kept

    def on_securities_changed(self, algorithm: Any, changes: Any) -> None:
        """Follow the universes; what none of them holds any more is let go."""
        for security in changes.added_securities:
            if security.symbol not in self._kept:
                self._kept[security.symbol] = self._make(algorithm, security)
        universes = algorithm.universe_manager.values()
        for security in changes.removed_securities:
            symbol = security.symbol
            if symbol in self._kept and not any(universe.contains_member(symbol) for universe in universes):
                del self._kept[symbol]
                algorithm.subscription_manager.remove_consolidator(symbol, self._consolidators.pop(symbol))

    def _make(self, algorithm: Any, security: Any) -> Any:
        raise NotImplementedError  # pragma: no cover

    def _register(self, algorithm: Any, security: Any, resolution: Resolution, indicators: Iterator[Any]) -> None:
        consolidator = algorithm.resolve_consolidator(security.symbol, resolution)
        self._consolidators[security.symbol] = consolidator
        for indicator in indicators:
            algorithm.register_indicator(security.symbol, indicator, consolidator)


class StandardDeviationExecutionModel(_Following):
    """Orders while the price is so many standard deviations from its mean on the good side, and no more than
    `maximum_order_value` dollars at once.
    """

    def __init__(self, period: int = 60, deviations: float = 2, resolution: Resolution = Resolution.MINUTE,
                 asynchronous: bool = True) -> None:  # fmt: skip
        super().__init__(asynchronous)
        self.period, self.deviations, self.resolution = period, deviations, Resolution(resolution)
        self.maximum_order_value = 20_000

    def _make(self, algorithm: Any, security: Any) -> Any:
        from hidden_regime.simulator.indicators import SimpleMovingAverage, StandardDeviation

        mean, deviation = SimpleMovingAverage(self.period), StandardDeviation(self.period)
        self._register(algorithm, security, self.resolution, iter((mean, deviation)))
        for bar in algorithm.history[TradeBar](security.symbol, self.period, self.resolution):
            mean.update(bar.end_time, bar.close)
            deviation.update(bar.end_time, bar.close)
        return mean, deviation

    def _size(self, security: Any, missing: float) -> float:
        mean, deviation = self._kept[security.symbol]
        if not deviation.is_ready:
            return 0.0
        width, middle = self.deviations * deviation.current.value, mean.current.value
        good = security.bid_price < middle - width if missing > 0 else security.ask_price > middle + width
        return OrderSizing.get_order_size_for_maximum_value(security, self.maximum_order_value, missing) if good else 0.0


class VolumeWeightedAveragePriceExecutionModel(_Following):
    """Orders while the price is on the good side of the day's VWAP, and no more than a share of the bar's volume at once."""

    def __init__(self, asynchronous: bool = True) -> None:
        super().__init__(asynchronous)
        self.maximum_order_quantity_percent_volume = 0.01

    def _make(self, algorithm: Any, security: Any) -> Any:
        from hidden_regime.simulator.indicators import IntradayVwap

        vwap = IntradayVwap("VWAP")
        self._register(algorithm, security, security.resolution, iter((vwap,)))
        return vwap

    def _size(self, security: Any, missing: float) -> float:
        vwap = self._kept[security.symbol].current.value
        good = security.bid_price < vwap if missing > 0 else security.ask_price > vwap
        share = self.maximum_order_quantity_percent_volume
        return OrderSizing.get_order_size_for_percent_volume(security, share, missing) if good else 0.0
