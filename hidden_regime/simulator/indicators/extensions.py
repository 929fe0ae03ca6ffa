"""Indicators of indicators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from hidden_regime.simulator.enums import LeanEnum
from hidden_regime.simulator.indicators.averages import ExponentialMovingAverage, SimpleMovingAverage, Sum
from hidden_regime.simulator.indicators.base import Indicator, feed
from hidden_regime.simulator.indicators.values import Maximum, Minimum
from hidden_regime.simulator.rounding import plain
from hidden_regime.simulator.spelling import TwoSpellings


class IndicatorStatus(LeanEnum):
    """Whether an indicator has a value."""

    SUCCESS = 0
    INVALID_INPUT = 1
    MATH_ERROR = 2
    VALUE_NOT_READY = 3


class IndicatorResult(TwoSpellings):
    """What a function of indicators gives: a value, unless the status says otherwise."""

    def __init__(self, value: float, status: IndicatorStatus = IndicatorStatus.SUCCESS) -> None:
        self.value, self.status = float(value), status


NO_RATIO = IndicatorResult(0.0, IndicatorStatus.MATH_ERROR)


class ConstantIndicator(Indicator):
    """A number."""

    parameters: ClassVar[tuple[str, ...]] = ("value",)

    def __init__(self, name: str, value: float) -> None:
        super().__init__(name, 1)
        self.current.value = float(value)

    @property
    def is_ready(self) -> bool:
        """Always."""
        return True

    def _next(self, value: float) -> float:
        return self.current.value


class CompositeIndicator(Indicator):
    """Two indicators composed, each time that both have changed: by a function of them that gives an IndicatorResult."""

    parameters: ClassVar[tuple[str, ...]] = ("left", "right", "composer")

    def __init__(self, name: Any, *rest: Any) -> None:
        left, right, composer = rest if isinstance(name, str) else (name, *rest)
        label = name if isinstance(name, str) else f"COMPOSE({left.name},{right.name})"
        super().__init__(label, 1)
        self.left, self.right, self._compose = left, right, composer
        self._new = [isinstance(left, ConstantIndicator), isinstance(right, ConstantIndicator)]
        left.updated += lambda sender, point: self._changed(0, point)
        right.updated += lambda sender, point: self._changed(1, point)

    @property
    def is_ready(self) -> bool:
        """Whether both are."""
        return bool(self.left.is_ready and self.right.is_ready)

    def _changed(self, side: int, point: Any) -> None:
        self._new[side] = True
        if not all(self._new):
            return
        self._new = [isinstance(self.left, ConstantIndicator), isinstance(self.right, ConstantIndicator)]
        time = max(self.left.current.end_time, self.right.current.end_time)
        self.clock = time
        self.samples += 1
        result = self._compose(self.left, self.right)
        if not isinstance(result, IndicatorResult):
            result = IndicatorResult(result)
        if result.status == IndicatorStatus.SUCCESS:
            self.window.add(type(point)(point.symbol, time, result.value))
            if self.updated:
                self.updated(self, self.current)

    def reset(self) -> None:
        """Forget the values, those of both sides too."""
        self.left.reset()
        self.right.reset()
        self.samples = 0
        self.window.reset()


def _side(item: Any) -> Any:
    return ConstantIndicator(plain(float(item)), float(item)) if isinstance(item, (int, float)) else item


Rule = Callable[[float, float], IndicatorResult | float]


def _compose(left: Any, right: Any, name: str | None, rule: Rule) -> CompositeIndicator:
    left, right = _side(left), _side(right)
    composer = lambda one, two: rule(one.current.value, two.current.value)
    return CompositeIndicator(name, left, right, composer) if name else CompositeIndicator(left, right, composer)


def _of_period(kind: type, label: str, left: Any, period: int, wait: bool) -> Any:
    return IndicatorExtensions.of(kind(f"{label}{period}_Of_{left.name}", period), left, wait)


class IndicatorExtensions(TwoSpellings):
    """Indicators of indicators: averages of them, sums, ratios."""

    @staticmethod
    def of(second: Any, first: Any, wait_for_first_to_ready: bool = True) -> Any:
        """Feed one indicator with the values of another."""

        def pass_on(sender: Any, point: Any) -> None:
            if not wait_for_first_to_ready or first.is_ready:
                feed(second, point)

        first.updated += pass_on
        return second

    @staticmethod
    def sma(left: Any, period: int, wait_for_first_to_ready: bool = True) -> Any:
        """Simple average of an indicator."""
        return _of_period(SimpleMovingAverage, "SMA", left, period, wait_for_first_to_ready)

    @staticmethod
    def ema(left: Any, period: int, smoothing_factor: float | None = None, wait_for_first_to_ready: bool = True) -> Any:
        """Exponential average of an indicator."""
        smoothing = () if smoothing_factor is None else (smoothing_factor,)
        made = ExponentialMovingAverage(f"EMA{period}_Of_{left.name}", period, *smoothing)
        return IndicatorExtensions.of(made, left, wait_for_first_to_ready)

    @staticmethod
    def max(left: Any, period: int, wait_for_first_to_ready: bool = True) -> Any:
        """Maximum of an indicator."""
        return _of_period(Maximum, "MAX", left, period, wait_for_first_to_ready)

    @staticmethod
    def min(left: Any, period: int, wait_for_first_to_ready: bool = True) -> Any:
        """Minimum of an indicator."""
        return _of_period(Minimum, "MIN", left, period, wait_for_first_to_ready)

    @staticmethod
    def sum(left: Any, period: int, wait_for_first_to_ready: bool = True) -> Any:
        """Sum of an indicator."""
        return _of_period(Sum, "SUM", left, period, wait_for_first_to_ready)

    @staticmethod
    def plus(left: Any, right: Any, name: str | None = None) -> CompositeIndicator:
        """Sum of two."""
        return _compose(left, right, name, lambda a, b: a + b)

    @staticmethod
    def minus(left: Any, right: Any, name: str | None = None) -> CompositeIndicator:
        """Difference of two."""
        return _compose(left, right, name, lambda a, b: a - b)

    @staticmethod
    def times(left: Any, right: Any, name: str | None = None) -> CompositeIndicator:
        """Product of two."""
        return _compose(left, right, name, lambda a, b: a * b)

    @staticmethod
    def over(left: Any, right: Any, name: str | None = None) -> CompositeIndicator:
        """Ratio of two; none where the second is zero."""
        return _compose(left, right, name, lambda a, b: a / b if b else NO_RATIO)
