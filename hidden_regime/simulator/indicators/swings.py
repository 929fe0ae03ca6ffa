"""Indicators of swings: Wilder's, and the mass of ranges."""

from __future__ import annotations

from typing import Any, ClassVar

from hidden_regime.simulator.indicators.averages import ExponentialMovingAverage, Sum
from hidden_regime.simulator.indicators.bars import BarIndicator, difference
from hidden_regime.simulator.indicators.base import named
from hidden_regime.simulator.objects import IndicatorDataPoint, TradeBar


class MassIndex(BarIndicator):
    """Sum of the ratios of ranges' averages: once and twice."""

    parameters: ClassVar[tuple[str, ...]] = ("ema_period", "sum_period")

    def __init__(self, name: Any = 9, *rest: Any) -> None:
        label, (average, total) = named("MASS", name, rest, (9, 25))
        super().__init__(label, total, 2 * (average - 1) + total)
        self._once, self._twice, self._sum = ExponentialMovingAverage(average), ExponentialMovingAverage(average), Sum(total)

    @property
    def is_ready(self) -> bool:
        """Whether the sum is."""
        return self._sum.is_ready

    def _next(self, bar: TradeBar) -> float:
        self._once.take(IndicatorDataPoint(bar.symbol, bar.end_time, difference(bar.high, bar.low)))
        if self._once.is_ready:
            self._twice.take(IndicatorDataPoint(bar.symbol, bar.end_time, self._once.current.value))
        if self._twice.is_ready:
            below = self._twice.current.value
            ratio = self._once.current.value / below if below else 0.0
            self._sum.take(IndicatorDataPoint(bar.symbol, bar.end_time, ratio))
        return self._sum.current.value if self._sum.is_ready else float(self.period)


class WilderSwingIndex(BarIndicator):
    """How far a bar swings from the one before, by the most that a price may move."""

    parameters: ClassVar[tuple[str, ...]] = ("limit_move",)

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (limit,) = named("SI", name, rest, (0.0,))
        super().__init__(label if isinstance(name, str) else "SI", 2)
        self._limit = abs(float(limit))
        self._before: TradeBar | None = None

    def _next(self, bar: TradeBar) -> float:
        old, self._before = self._before, bar
        if old is None or not self._limit:
            return 0.0
        up, down, wide = (abs(difference(a, b)) for a, b in ((bar.high, old.close), (bar.low, old.close), (bar.high, bar.low)))
        gap = abs(0.25 * (old.close - old.open))
        longest = max(up, down, wide)
        reach = (up - 0.5 * down if up == longest else down - 0.5 * up if down == longest else wide) + gap
        if not reach:
            return 0.0
        moved = (bar.close - old.close) + 0.5 * (bar.close - bar.open) + 0.25 * (old.close - old.open)
        return 50.0 * (moved / reach) * (max(up, down) / self._limit)


class WilderAccumulativeSwingIndex(BarIndicator):
    """Sum of the swings."""

    parameters: ClassVar[tuple[str, ...]] = ("limit_move",)

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (limit,) = named("ASI", name, rest, (0.0,))
        super().__init__(label if isinstance(name, str) else "ASI", 2)
        self._swing = WilderSwingIndex(float(limit))

    def _next(self, bar: TradeBar) -> float:
        self._swing.take(bar)
        if not self._swing.is_ready:
            return 0.0
        return self.current.value + self._swing.current.value
