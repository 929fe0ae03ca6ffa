"""Indicators of values: spread, extremes, change, momentum."""

from __future__ import annotations

import math
from collections import deque
from typing import Any, ClassVar

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.enums import MovingAverageType
from hidden_regime.simulator.indicators.averages import (
    ExponentialMovingAverage,
    SimpleMovingAverage,
    average,
    follow,
)
from hidden_regime.simulator.indicators.base import Figure, Indicator, named


class Identity(Indicator):
    """The value itself."""

    def __init__(self, name: str = "Identity") -> None:
        super().__init__(name, 1)

    def _next(self, value: float) -> float:
        return value


class Delay(Indicator):
    """The value some samples ago."""

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period,) = named("DELAY", name, rest, (1,))
        super().__init__(label, period + 1)
        self._values: deque[float] = deque(maxlen=period + 1)

    def _next(self, value: float) -> float:
        self._values.append(value)
        return self._values[0]


class Variance(Indicator):
    """Population variance of the latest `period` values."""

    kind = "VAR"

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period,) = named(self.kind, name, rest, (0,))
        super().__init__(label, period)
        self._values: deque[float] = deque(maxlen=period)

    def _spread(self, value: float) -> float:
        self._values.append(value)
        n = len(self._values)
        if n < 2:
            return 0.0
        mean = math.fsum(self._values) / n
        return math.fsum((v - mean) ** 2 for v in self._values) / n

    def _next(self, value: float) -> float:
        return self._spread(value)


class StandardDeviation(Variance):
    """Population standard deviation of the latest `period` values."""

    kind = "STD"

    def _next(self, value: float) -> float:
        return math.sqrt(self._spread(value))


class MeanAbsoluteDeviation(Indicator):
    """Mean distance of the latest `period` values from their mean."""

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period,) = named("MAD", name, rest, (0,))
        super().__init__(label, period)
        self._values: deque[float] = deque(maxlen=period)

    def _next(self, value: float) -> float:
        self._values.append(value)
        mean = math.fsum(self._values) / len(self._values)
        return math.fsum(abs(v - mean) for v in self._values) / len(self._values)


class Maximum(Indicator):
    """Largest of the latest `period` values; `periods_since_maximum` says how long ago."""

    kind, best = "MAX", max

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period,) = named(self.kind, name, rest, (0,))
        super().__init__(label, period)
        self._values: deque[float] = deque(maxlen=period)

    def _next(self, value: float) -> float:
        self._values.append(value)
        return type(self).best(self._values)

    @property
    def since(self) -> int:
        """Samples since the extreme."""
        found = self.current.value
        return next((i for i, v in enumerate(reversed(self._values)) if v == found), 0)

    periods_since_maximum = since


class Minimum(Maximum):
    """Smallest of the latest `period` values; `periods_since_minimum` says how long ago."""

    kind, best = "MIN", min

    @property
    def periods_since_minimum(self) -> int:
        """Samples since the minimum."""
        return self.since


class _Change(Indicator):
    """Of the value and the one `period` samples before."""

    kind = ""

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period,) = named(self.kind, name, rest, (0,))
        super().__init__(label, period + 1)
        self._values: deque[float] = deque(maxlen=period + 1)

    def _next(self, value: float) -> float:
        self._values.append(value)
        return self._change(value, self._values[0])

    def _change(self, value: float, before: float) -> float:
        raise NotImplementedError  # pragma: no cover


class Momentum(_Change):
    """Difference."""

    kind = "MOM"

    def _change(self, value: float, before: float) -> float:
        return value - before


class RateOfChange(_Change):
    """Relative change."""

    kind = "ROC"

    def _change(self, value: float, before: float) -> float:
        return (value - before) / before if before else 0.0


class RateOfChangePercent(_Change):
    """Relative change in percent."""

    kind = "ROCP"

    def _change(self, value: float, before: float) -> float:
        return 100.0 * (value - before) / before if before else 0.0


class MomentumPercent(RateOfChangePercent):
    """Relative change in percent."""

    kind = "MOMP"


class RateOfChangeRatio(_Change):
    """Ratio."""

    kind = "ROCR"

    def _change(self, value: float, before: float) -> float:
        return value / before if before else 0.0


class LogReturn(_Change):
    """Logarithm of the ratio."""

    kind = "LOGR"

    def __init__(self, name: Any, *rest: Any) -> None:
        super().__init__(name, *rest)
        self.period = self.warm_up_period = self.period - 1

    def _change(self, value: float, before: float) -> float:
        return math.log(value / before) if before > 0 and value > 0 else 0.0


class RelativeStrengthIndex(Indicator):
    """100 less 100 over one plus mean gain over mean loss."""

    parameters: ClassVar[tuple[str, ...]] = ("period", "moving_average_type")

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period, kind) = named("RSI", name, rest, (0, MovingAverageType.WILDERS))
        super().__init__(label, period + 1)
        self.average_gain, self.average_loss = average(kind, f"{label}Up", period), average(kind, f"{label}Down", period)
        self._before: float | None = None

    @property
    def is_ready(self) -> bool:
        """Whether both averages are."""
        return self.average_gain.is_ready and self.average_loss.is_ready

    @property
    def parts(self) -> dict[str, Indicator]:
        """The averages."""
        return {"averagegain": self.average_gain, "averageloss": self.average_loss}

    def _next(self, value: float) -> float:
        if self._before is not None:
            follow(self.average_gain, self, max(value - self._before, 0.0))
            follow(self.average_loss, self, max(self._before - value, 0.0))
        self._before = value
        if round(self.average_loss.current.value, 10) == 0.0:
            return 100.0
        return 100.0 - 100.0 / (1.0 + self.average_gain.current.value / self.average_loss.current.value)


class MovingAverageConvergenceDivergence(Indicator):
    """Fast average less slow one, with its own average (`signal`) and the difference of both (`histogram`)."""

    parameters: ClassVar[tuple[str, ...]] = ("fast_period", "slow_period", "signal_period", "moving_average_type")

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (fast, slow, signal, kind) = named("MACD", name, rest, (12, 26, 9, MovingAverageType.EXPONENTIAL))
        if fast >= slow:
            raise ParameterError("fast_period", fast, f"less than slow_period, {slow}")
        super().__init__(label, slow + signal - 1)
        self.fast, self.slow = average(kind, f"{label}_Fast", fast), average(kind, f"{label}_Slow", slow)
        self.signal = average(kind, f"{label}_Signal", signal)
        self.histogram = Figure(f"{label}_Histogram")

    @property
    def is_ready(self) -> bool:
        """Whether the signal is."""
        return self.signal.is_ready

    @property
    def parts(self) -> dict[str, Indicator]:
        """Averages, signal and histogram."""
        return {"fast": self.fast, "slow": self.slow, "signal": self.signal, "histogram": self.histogram}

    def _next(self, value: float) -> float:
        macd = follow(self.fast, self, value) - follow(self.slow, self, value)
        if self.fast.is_ready and self.slow.is_ready:
            follow(self.signal, self, macd)
            if self.signal.is_ready:
                self.histogram.set(self.clock, macd - self.signal.current.value)
        return macd


class AbsolutePriceOscillator(MovingAverageConvergenceDivergence):
    """Fast average less slow one."""

    parameters: ClassVar[tuple[str, ...]] = ("fast_period", "slow_period", "moving_average_type")

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (fast, slow, kind) = named("APO", name, rest, (12, 26, MovingAverageType.SIMPLE))
        super().__init__(label, fast, slow, slow, kind)


class PercentagePriceOscillator(AbsolutePriceOscillator):
    """Fast average less slow one, in percent of the slow one."""

    def _next(self, value: float) -> float:
        difference, slow = super()._next(value), self.slow.current.value
        return 100.0 * difference / slow if slow else 0.0


class BollingerBands(Indicator):
    """Average with bands so many standard deviations away."""

    parameters: ClassVar[tuple[str, ...]] = ("period", "k", "moving_average_type")

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period, k, kind) = named("BB", name, rest, (20, 2.0, MovingAverageType.SIMPLE))
        super().__init__(label, period)
        self._k = float(k)
        self.standard_deviation = StandardDeviation(f"{label}_StandardDeviation", period)
        self.middle_band = average(kind, f"{label}_MiddleBand", period)
        self.lower_band, self.upper_band = Figure(f"{label}_LowerBand"), Figure(f"{label}_UpperBand")
        self.band_width, self.percent_b = Figure(f"{label}_BandWidth"), Figure(f"{label}_%B")
        self.price = Figure(f"{label}_Close")

    @property
    def is_ready(self) -> bool:
        """Whether the average is."""
        return self.middle_band.is_ready

    @property
    def parts(self) -> dict[str, Indicator]:
        """Bands and figures."""
        return {
            "bandwidth": self.band_width, "lowerband": self.lower_band, "middleband": self.middle_band,
            "percentb": self.percent_b, "price": self.price, "standarddeviation": self.standard_deviation,
            "upperband": self.upper_band,
        }  # fmt: skip

    def _next(self, value: float) -> float:
        spread = self._k * follow(self.standard_deviation, self, value)
        middle = follow(self.middle_band, self, value)
        lower, upper = middle - spread, middle + spread
        self.lower_band.set(self.clock, lower)
        self.upper_band.set(self.clock, upper)
        if middle:
            self.band_width.set(self.clock, (upper - lower) / middle * 100.0)
        if upper != lower:
            self.percent_b.set(self.clock, (value - lower) / (upper - lower))
        self.price.set(self.clock, value)
        return value


class ChandeMomentumOscillator(Indicator):
    """Gains less losses over their sum, in percent."""

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period,) = named("CMO", name, rest, (0,))
        super().__init__(label, period + 1)
        self._n, self._before = period, 0.0
        self._gain = self._loss = 0.0

    def _next(self, value: float) -> float:
        before, self._before = self._before, value
        if self.samples == 1:
            return 0.0
        gain, loss, n = max(value - before, 0.0), max(before - value, 0.0), self._n
        if self.samples <= self.period:
            self._gain, self._loss = self._gain + gain, self._loss + loss
            if self.samples < self.period:
                return 0.0
            self._gain, self._loss = self._gain / n, self._loss / n
        else:
            self._gain, self._loss = (self._gain * (n - 1) + gain) / n, (self._loss * (n - 1) + loss) / n
        total = self._gain + self._loss
        return 100.0 * (self._gain - self._loss) / total if total else 0.0


class SharpeRatio(Indicator):
    """Mean one-sample return, less a rate, over its standard deviation."""

    parameters: ClassVar[tuple[str, ...]] = ("period", "risk_free_rate")

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period, rate) = named("SR", name, rest, (0, 0.0))
        super().__init__(label, period + 2)
        self._rate = float(rate)
        self._change = RateOfChange(1)
        self._mean, self._spread = SimpleMovingAverage(period), StandardDeviation(period)

    def _next(self, value: float) -> float | None:
        change = follow(self._change, self, value)
        if not self._change.is_ready:
            return 0.0
        mean, spread = follow(self._mean, self, change), follow(self._spread, self, change)
        return (mean - self._rate) / spread if spread else None


class Trix(Indicator):
    """One-sample change of a triple exponential average, in percent."""

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period,) = named("TRIX", name, rest, (0,))
        super().__init__(label, 3 * (period - 1) + 2)
        self._chain = [ExponentialMovingAverage(period) for _ in range(3)]
        self._change = RateOfChangePercent(1)

    @property
    def is_ready(self) -> bool:
        """Whether the change is."""
        return self._change.is_ready

    def _next(self, value: float) -> float:
        one, two, three = self._chain
        follow(one, self, value)
        if one.is_ready:
            follow(two, self, one.current.value)
        if two.is_ready:
            follow(three, self, two.current.value)
        return follow(self._change, self, three.current.value) if three.is_ready else 0.0
