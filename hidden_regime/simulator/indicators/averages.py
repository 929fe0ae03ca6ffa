"""Moving averages."""

from __future__ import annotations

import math
from collections import deque
from typing import Any, ClassVar

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.enums import MovingAverageType
from hidden_regime.simulator.indicators.base import Figure, Indicator, named


class Sum(Indicator):
    """Sum of the latest `period` values."""

    kind = "SUM"

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period,) = named(self.kind, name, rest, (0,))
        if period < 1:
            raise ParameterError("period", period, "an integer of at least 1")
        super().__init__(label, period)
        self._values: deque[float] = deque(maxlen=period)

    def _next(self, value: float) -> float:
        self._values.append(value)
        return math.fsum(self._values)


class SimpleMovingAverage(Sum):
    """Mean of the latest `period` values."""

    kind = "SMA"

    def _next(self, value: float) -> float:
        self._values.append(value)
        return math.fsum(self._values) / len(self._values)


class ExponentialMovingAverage(Indicator):
    """Mean that weighs the newest value 2 / (period + 1), begun with the mean of the first `period`; 0 before."""

    parameters: ClassVar[tuple[str, ...]] = ("period", "smoothing_factor")

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period, factor) = named("EMA", name, rest, (0, None))
        super().__init__(label, period)
        self._factor = 2.0 / (period + 1.0) if factor is None else float(factor)
        self._first: list[float] = []

    def _next(self, value: float) -> float:
        if self.samples > self.period:
            return value * self._factor + self.current.value * (1.0 - self._factor)
        self._first.append(value)
        return math.fsum(self._first) / self.period if self.samples == self.period else 0.0


class WilderMovingAverage(Indicator):
    """Mean that weighs the newest value 1 / period, begun with the running mean of the first `period`."""

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period,) = named("WWMA", name, rest, (0,))
        super().__init__(label, period)
        self._first: list[float] = []

    def _next(self, value: float) -> float:
        if self.samples > self.period:
            return value / self.period + self.current.value * (1.0 - 1.0 / self.period)
        self._first.append(value)
        return math.fsum(self._first) / len(self._first)


class LinearWeightedMovingAverage(Indicator):
    """Mean whose weights fall linearly with age."""

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period,) = named("LWMA", name, rest, (0,))
        super().__init__(label, period)
        self._values: deque[float] = deque(maxlen=period)

    def _next(self, value: float) -> float:
        self._values.append(value)
        n = self.period
        weights = range(n - len(self._values) + 1, n + 1)
        return math.fsum(w * v for w, v in zip(weights, self._values, strict=True)) / (n * (n + 1) / 2)


class DoubleExponentialMovingAverage(Indicator):
    """Twice the exponential average less its own exponential average."""

    parameters: ClassVar[tuple[str, ...]] = ("period", "volume_factor")

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period, factor) = named("DEMA", name, rest, (0, 1.0), shows=1)
        super().__init__(label, 2 * (period - 1) + 1)
        self._one, self._two = (ExponentialMovingAverage(f"{label}_{n}", period) for n in (1, 2))
        self._factor = float(factor)

    def _next(self, value: float) -> float:
        self._one.update(self.clock, value)
        if not self._one.is_ready:
            return self._one.current.value
        self._two.update(self.clock, self._one.current.value)
        return (self._factor + 1.0) * self._one.current.value - self._factor * self._two.current.value


class TripleExponentialMovingAverage(Indicator):
    """Three exponential averages, one of the other, combined to lag less."""

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period,) = named("TEMA", name, rest, (0,))
        super().__init__(label, 3 * (period - 1) + 1)
        self._chain = [ExponentialMovingAverage(period) for _ in range(3)]

    def _next(self, value: float) -> float:
        one, two, three = self._chain
        one.update(self.clock, value)
        if one.is_ready:
            two.update(self.clock, one.current.value)
        if two.is_ready:
            three.update(self.clock, two.current.value)
        return 3 * one.current.value - 3 * two.current.value + three.current.value if self.is_ready else 0.0


class TriangularMovingAverage(Indicator):
    """Simple average of a simple average."""

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period,) = named("TRIMA", name, rest, (0,))
        super().__init__(label, period)
        lengths = (period // 2, period // 2 + 1) if period % 2 == 0 else ((period + 1) // 2,) * 2
        self._one, self._two = SimpleMovingAverage(lengths[0]), SimpleMovingAverage(lengths[1])

    def _next(self, value: float) -> float:
        self._one.update(self.clock, value)
        self._two.update(self.clock, self._one.current.value)
        return self._two.current.value


class HullMovingAverage(Indicator):
    """Weighted averages combined to lag less."""

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period,) = named("HMA", name, rest, (0,))
        if period < 2:
            raise ParameterError("period", period, "an integer of at least 2")
        last = round(math.sqrt(period))
        super().__init__(label, period + last - 1)
        self._slow, self._fast = LinearWeightedMovingAverage(period), LinearWeightedMovingAverage(round(period / 2))
        self._last = LinearWeightedMovingAverage(last)

    def _next(self, value: float) -> float:
        self._slow.update(self.clock, value)
        self._fast.update(self.clock, value)
        if not self._slow.is_ready:
            return 0.0
        self._last.update(self.clock, 2 * self._fast.current.value - self._slow.current.value)
        return self._last.current.value


class KaufmanEfficiencyRatio(Indicator):
    """Distance gone over the length of the way."""

    kind = "KER"

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period, *_) = named(self.kind, name, rest, (2,))
        super().__init__(label, period + 1)
        self._values: deque[float] = deque(maxlen=period + 1)

    def _ratio(self) -> float:
        values = list(self._values)
        way = math.fsum(abs(b - a) for a, b in zip(values, values[1:], strict=False))
        distance = values[-1] - values[0]
        # Rounded as decimals are, so that a straight way counts as straight.
        return 1.0 if way == 0.0 or way <= distance * (1 + 1e-13) else abs(distance / way)

    def _next(self, value: float) -> float:
        self._values.append(value)
        return value if self.samples < self.period else self._ratio()


class KaufmanAdaptiveMovingAverage(KaufmanEfficiencyRatio):
    """Average that follows fast where the way is straight."""

    parameters: ClassVar[tuple[str, ...]] = ("period", "fast_ema_period", "slow_ema_period")

    kind = "KAMA"

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period, fast, slow) = named(self.kind, name, rest, (0, 2, 30))
        super().__init__(label, period)
        self.name = label
        self._slow = 2.0 / (slow + 1.0)
        self._spread = 2.0 / (fast + 1.0) - self._slow
        self._average = 0.0

    def _next(self, value: float) -> float:
        before = self._values[-1] if self._values else value
        self._values.append(value)
        if self.samples < self.period:
            return value
        if self.samples == self.period:
            self._average = before
        constant = (self._ratio() * self._spread + self._slow) ** 2
        self._average += (value - self._average) * constant
        return self._average


class LeastSquaresMovingAverage(Indicator):
    """End of the line fitted to the latest `period` values."""

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period,) = named("LSMA", name, rest, (0,))
        super().__init__(label, period)
        self._values: deque[float] = deque(maxlen=period)
        self.slope, self.intercept = Figure(f"{label}_Slope"), Figure(f"{label}_Intercept")

    def _next(self, value: float) -> float:
        self._values.append(value)
        n = self.period
        if self.samples < n:
            return value
        mean_t, mean = (n + 1) / 2, math.fsum(self._values) / n
        spread = math.fsum((t - mean_t) ** 2 for t in range(1, n + 1))
        slope = math.fsum((t - mean_t) * (v - mean) for t, v in enumerate(self._values, 1)) / spread if spread else 0.0
        self.slope.set(self.clock, slope)
        self.intercept.set(self.clock, mean - slope * mean_t)
        return mean - slope * mean_t + slope * n


KINDS = {
    MovingAverageType.SIMPLE: SimpleMovingAverage,
    MovingAverageType.EXPONENTIAL: ExponentialMovingAverage,
    MovingAverageType.WILDERS: WilderMovingAverage,
    MovingAverageType.LINEAR_WEIGHTED_MOVING_AVERAGE: LinearWeightedMovingAverage,
    MovingAverageType.DOUBLE_EXPONENTIAL: DoubleExponentialMovingAverage,
    MovingAverageType.TRIPLE_EXPONENTIAL: TripleExponentialMovingAverage,
    MovingAverageType.TRIANGULAR: TriangularMovingAverage,
    MovingAverageType.KAMA: KaufmanAdaptiveMovingAverage,
    MovingAverageType.HULL: HullMovingAverage,
}


def average(kind: Any, name: str, period: int) -> Indicator:
    """A moving average of a kind."""
    if kind not in KINDS:
        raise ParameterError("moving_average_type", kind, f"one of {[k.name for k in KINDS]}", "Others exist in LEAN only.")
    return KINDS[kind](name, period)


def follow(part: Indicator, owner: Indicator, value: float) -> float:
    """Give a value to a part of an indicator."""
    part.update(owner.clock, value)
    return part.current.value
