"""Alpha models of pairs: the ratio of two prices against its mean."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations
from typing import Any

import numpy as np

from hidden_regime.simulator.enums import InsightDirection, Resolution
from hidden_regime.simulator.framework.alpha import AlphaModel
from hidden_regime.simulator.framework.insight import Insight
from hidden_regime.simulator.lengths import LENGTHS

LONGEST = 500
"""Bars of the mean."""


class _Pair:
    """Two prices, their ratio, and its exponential mean. One side is told at a time."""

    def __init__(self, algorithm: Any, first: Any, second: Any, holds: timedelta, threshold: float) -> None:
        from hidden_regime.simulator.indicators import ExponentialMovingAverage, Identity, IndicatorExtensions

        self._holds, self._threshold = holds, threshold / 100.0
        self._symbols, self._side = (first, second), 0
        self._consolidators = []
        prices = []
        for symbol in self._symbols:
            resolution = algorithm.securities[symbol].resolution
            price = Identity(algorithm.create_indicator_name(symbol, "close", resolution))
            consolidator = algorithm.resolve_consolidator(symbol, resolution)
            algorithm.register_indicator(symbol, price, consolidator)
            self._consolidators.append(consolidator)
            prices.append(price)
        self._ratio = IndicatorExtensions.over(prices[0], prices[1])
        self._mean = IndicatorExtensions.of(ExponentialMovingAverage(LONGEST), self._ratio)

    def dispose(self, algorithm: Any) -> None:
        """Be fed no more."""
        for symbol, consolidator in zip(self._symbols, self._consolidators, strict=True):
            algorithm.subscription_manager.remove_consolidator(symbol, consolidator)

    def insights(self) -> list[Insight]:
        """Insights of a ratio that has left the band on another side than the one told last."""
        if not self._mean.is_ready:
            return []
        ratio, mean = self._ratio.current.value, self._mean.current.value
        side = 1 if ratio > mean * (1 + self._threshold) else -1 if ratio < mean * (1 - self._threshold) else 0
        if side in (0, self._side):
            return []
        self._side = side
        directions = (InsightDirection.DOWN, InsightDirection.UP)[::side]
        return Insight.group(
            [Insight.price(symbol, self._holds, way) for symbol, way in zip(self._symbols, directions, strict=True)]
        )


class BasePairsTradingAlphaModel(AlphaModel):
    """Sells the dear one of each pair and buys the cheap one, where their ratio is so many percent off its mean.

    Override `has_passed_test(algorithm, asset1, asset2)` to choose the pairs.
    """

    def __init__(self, lookback: int = 1, resolution: Resolution = Resolution.DAILY, threshold: float = 1) -> None:
        self.lookback, self.resolution, self.threshold = lookback, Resolution(resolution), threshold
        self.prediction_interval = LENGTHS[self.resolution] * lookback
        self.pairs: dict[tuple[Any, Any], _Pair] = {}
        self.securities: dict[Any, Any] = {}
        self.name = f"{type(self).__name__}({lookback},{self.resolution},{threshold:g})"

    def update(self, algorithm: Any, data: Any) -> list[Insight]:
        """Insights of all pairs."""
        return [insight for pair in self.pairs.values() for insight in pair.insights()]

    def on_securities_changed(self, algorithm: Any, changes: Any) -> None:
        """Follow the universes."""
        self._follow(changes)
        for first, second in combinations(sorted(self.securities), 2):
            known = (first, second) in self.pairs or (second, first) in self.pairs
            if not known and self.has_passed_test(algorithm, first, second):
                self.pairs[first, second] = _Pair(algorithm, first, second, self.prediction_interval, self.threshold)
        for security in changes.removed_securities:
            for key in [key for key in self.pairs if security.symbol in key]:
                self.pairs.pop(key).dispose(algorithm)

    def _follow(self, changes: Any) -> None:
        for security in changes.added_securities:
            self.securities[security.symbol] = security
        for security in changes.removed_securities:
            self.securities.pop(security.symbol, None)

    def has_passed_test(self, algorithm: Any, asset1: Any, asset2: Any) -> bool:
        """Whether two securities are a pair: any are."""
        return True


class PearsonCorrelationPairsTradingAlphaModel(BasePairsTradingAlphaModel):
    """The pair whose returns are correlated most, if that is enough."""

    def __init__(self, lookback: int = 15, resolution: Resolution = Resolution.MINUTE, threshold: float = 1,
                 minimum_correlation: float = 0.5) -> None:  # fmt: skip
        super().__init__(lookback, resolution, threshold)
        self.minimum_correlation = minimum_correlation
        self.best_pair: tuple[Any, ...] = ()

    def on_securities_changed(self, algorithm: Any, changes: Any) -> None:
        """Choose the pair anew."""
        self._follow(changes)
        symbols = sorted(self.securities)
        history = algorithm.history(symbols, self.lookback, self.resolution) if symbols else None
        if history is not None and not history.empty:
            prices = np.log(history["close"].unstack(level=0))
            returns = (prices - prices.shift(1)).dropna()
            matrix = np.corrcoef(returns.to_numpy().T)
            # Of equal ones the last, as sorting leaves it.
            ranked = sorted(combinations(range(returns.shape[1]), 2), key=lambda pair: matrix[pair])
            if ranked and matrix[ranked[-1]] >= self.minimum_correlation:
                self.best_pair = tuple(symbols[place] for place in ranked[-1])
        super().on_securities_changed(algorithm, changes)

    def has_passed_test(self, algorithm: Any, asset1: Any, asset2: Any) -> bool:
        """Whether two securities are the pair that was chosen."""
        return self.best_pair == (asset1, asset2)
