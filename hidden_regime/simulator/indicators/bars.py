"""Indicators of bars: range, trend, channels, volume."""

from __future__ import annotations

import math
from collections import deque
from typing import Any, ClassVar

from hidden_regime.data.decimals import HUNDRED, ZERO, SystemDecimal
from hidden_regime.simulator.enums import MovingAverageType
from hidden_regime.simulator.indicators.averages import (
    SimpleMovingAverage,
    Sum,
    WilderMovingAverage,
    average,
    follow,
)
from hidden_regime.simulator.indicators.base import Figure, Indicator, named
from hidden_regime.simulator.indicators.values import Maximum, MeanAbsoluteDeviation, Minimum
from hidden_regime.simulator.objects import TradeBar

THREE = SystemDecimal(3)
SAME = 9
"""Decimals by which sums and differences of prices are told apart. LEAN reckons in decimals, where equal sums are equal."""


class BarIndicator(Indicator):
    """Base of indicators that take whole bars."""

    takes_bars = True


def difference(one: float, two: float) -> float:
    """Difference of prices, or of sums of prices, that is nothing where the decimals are the same."""
    return round(one - two, SAME)


def _both(name: Any, rest: tuple[Any, ...]) -> tuple[Any, ...]:
    """Two periods of the one that is given."""
    given = rest if isinstance(name, str) else (name, *rest)
    return (*rest, given[0]) if len(given) == 1 else rest


def _range(bar: TradeBar, before: TradeBar | None) -> float:
    if before is None:
        return bar.high - bar.low
    return max(bar.high - bar.low, abs(bar.high - before.close), abs(bar.low - before.close))


class TrueRange(BarIndicator):
    """Range of a bar, the gap from the last close included."""

    def __init__(self, name: str = "TR") -> None:
        super().__init__(name, 1)
        self._before: TradeBar | None = None

    def _next(self, bar: TradeBar) -> float:
        out, self._before = _range(bar, self._before), bar
        return out


class AverageTrueRange(BarIndicator):
    """Average of the true range."""

    parameters: ClassVar[tuple[str, ...]] = ("period", "moving_average_type")

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period, kind) = named("ATR", name, rest, (0, MovingAverageType.WILDERS))
        super().__init__(label, period)
        self.true_range, self._average = TrueRange(label), average(kind, label, period)

    @property
    def is_ready(self) -> bool:
        """Whether the average is."""
        return self._average.is_ready

    @property
    def parts(self) -> dict[str, Indicator]:
        """The true range."""
        return {"truerange": self.true_range}

    def _next(self, bar: TradeBar) -> float:
        self.true_range.take(bar)
        return follow(self._average, self, self.true_range.current.value)


class AverageDirectionalIndex(BarIndicator):
    """Strength of a trend, with its directions."""

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period,) = named("ADX", name, rest, (0,))
        super().__init__(label, 2 * period)
        self._n = period
        self._before: TradeBar | None = None
        self._range = self._up = self._down = 0.0
        self._average = WilderMovingAverage(period)
        self.positive_directional_index = Figure(f"{label}_PositiveDirectionalIndex")
        self.negative_directional_index = Figure(f"{label}_NegativeDirectionalIndex")

    @property
    def is_ready(self) -> bool:
        """Whether the average is."""
        return self._average.is_ready

    @property
    def parts(self) -> dict[str, Indicator]:
        """The directions."""
        return {
            "negativedirectionalindex": self.negative_directional_index,
            "positivedirectionalindex": self.positive_directional_index,
        }

    def _next(self, bar: TradeBar) -> float:
        before, self._before = self._before, bar
        extent = up = down = 0.0
        if before is not None:
            extent = _range(bar, before)
            rise, fall = difference(bar.high, before.high), difference(before.low, bar.low)
            up = rise if rise > 0 and rise >= fall else 0.0
            down = fall if fall > 0 and fall > rise else 0.0
        n, late = self._n, self.samples > self._n + 1
        self._range += extent - (self._range / n if late else 0.0)
        self._up += up - (self._up / n if late else 0.0)
        self._down += down - (self._down / n if late else 0.0)
        known = self.samples > n and self._range != 0.0
        plus = 100.0 * self._up / self._range if known else 0.0
        minus = 100.0 * self._down / self._range if known else 0.0
        self.positive_directional_index.set(self.clock, plus)
        self.negative_directional_index.set(self.clock, minus)
        if plus + minus == 0.0:
            return 50.0
        return follow(self._average, self, 100.0 * abs(plus - minus) / (plus + minus))


class CommodityChannelIndex(BarIndicator):
    """Distance of the typical price from its average, by its mean deviation."""

    parameters: ClassVar[tuple[str, ...]] = ("period", "moving_average_type")

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period, kind) = named("CCI", name, rest, (0, MovingAverageType.SIMPLE))
        super().__init__(label, period)
        self.typical_price_average = average(kind, f"{label}_TypicalPriceAvg", period)
        self.typical_price_mean_deviation = MeanAbsoluteDeviation(f"{label}_TypicalPriceMAD", period)

    def _next(self, bar: TradeBar) -> float:
        typical = (bar.high + bar.low + bar.close) / 3.0
        mean = follow(self.typical_price_average, self, typical)
        deviation = follow(self.typical_price_mean_deviation, self, typical)
        return (typical - mean) / (0.015 * deviation) if round(deviation, SAME) else 0.0


class WilliamsPercentR(BarIndicator):
    """Distance of the close from the highest high, in percent of the range."""

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period,) = named("WILR", name, rest, (0,))
        super().__init__(label, period)
        self.maximum, self.minimum = Maximum(f"{label}_Max", period), Minimum(f"{label}_Min", period)

    def _next(self, bar: TradeBar) -> float:
        high, low = follow(self.maximum, self, bar.high), follow(self.minimum, self, bar.low)
        if not self.is_ready or high == low:
            return 0.0
        return -100.0 * (high - bar.close) / (high - low)


class OnBalanceVolume(BarIndicator):
    """Volume added on rising closes and taken away on falling ones."""

    needs_trades = True

    def __init__(self, name: str = "OBV") -> None:
        super().__init__(name, 1)
        self._before: float | None = None

    def _next(self, bar: TradeBar) -> float:
        before, self._before = self._before, bar.close
        if before is None:
            return bar.volume
        return self.current.value + math.copysign(bar.volume, bar.close - before) * (bar.close != before)


class VolumeWeightedAveragePriceIndicator(BarIndicator):
    """Mean price of the latest `period` bars, weighted by volume."""

    needs_trades = True
    kind = "VWAP"

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period,) = named(self.kind, name, rest, (0,))
        super().__init__(label, period)
        self._worth, self._volume = Sum(period), Sum(period)

    def _price(self, bar: TradeBar) -> float:
        return (bar.open + bar.high + bar.low + bar.close) / 4.0

    def _next(self, bar: TradeBar) -> float:
        worth = follow(self._worth, self, self._price(bar) * bar.volume)
        volume = follow(self._volume, self, bar.volume)
        return worth / volume if volume else self.current.value


class VolumeWeightedMovingAverage(VolumeWeightedAveragePriceIndicator):
    """Mean close of the latest `period` bars, weighted by volume."""

    kind = "VWMA"

    def _price(self, bar: TradeBar) -> float:
        return bar.close


class IntradayVwap(BarIndicator):
    """Mean typical price of the day so far, weighted by volume."""

    needs_trades = True

    def __init__(self, name: str = "VWAP") -> None:
        super().__init__(name, 1)
        self._day: Any = None
        self._worth = self._volume = 0.0

    def _next(self, bar: TradeBar) -> float | None:
        if bar.is_fill_forward:
            return None
        if bar.end_time.date() != self._day:
            self._day, self._worth, self._volume = bar.end_time.date(), 0.0, 0.0
        self._worth += (bar.high + bar.low + bar.close) / 3.0 * bar.volume
        self._volume += bar.volume
        return self._worth / self._volume if self._volume else bar.close


class _FlowSum(Sum):
    """A sum in LEAN's decimals, which leaves a rest of roundings where all that is left are zeros."""

    def __init__(self, name: Any, *rest: Any) -> None:
        super().__init__(name, *rest)
        self._flows: deque[SystemDecimal] = deque()
        self.exact = self._flow = ZERO

    def follow(self, owner: Indicator, flow: SystemDecimal) -> SystemDecimal:
        """The sum with one more flow."""
        self._flow = flow
        self.update(owner.clock, float(flow))
        return self.exact

    def _next(self, value: float) -> float:
        self._flows.append(self._flow)
        self.exact = self.exact + self._flow
        if len(self._flows) > self.period:
            self.exact = self.exact - self._flows.popleft()
        return float(self.exact)


class MoneyFlowIndex(BarIndicator):
    """Share of the volume's worth that came with rising typical prices, in percent."""

    needs_trades = True

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period,) = named("MFI", name, rest, (0,))
        super().__init__(label, period)
        self.positive_money_flow = _FlowSum(f"{label}_PositiveMoneyFlow", period)
        self.negative_money_flow = _FlowSum(f"{label}_NegativeMoneyFlow", period)
        self.previous_typical_price = 0.0

    def _next(self, bar: TradeBar) -> float:
        high, low, close = SystemDecimal.of(bar.high), SystemDecimal.of(bar.low), SystemDecimal.of(bar.close)
        typical = (high + low + close) / THREE
        flow, before = typical * SystemDecimal.of(bar.volume), self.previous_typical_price
        self.previous_typical_price = float(typical)
        change = difference(self.previous_typical_price, before)
        plus = self.positive_money_flow.follow(self, flow if change > 0.0 else ZERO)
        minus = self.negative_money_flow.follow(self, flow if change < 0.0 else ZERO)
        whole = plus + minus
        return float(HUNDRED * plus / whole) if whole else 100.0


class Stochastic(BarIndicator):
    """Place of the close in the range, with its averages `stoch_k` and `stoch_d`."""

    parameters: ClassVar[tuple[str, ...]] = ("period", "k_period", "d_period")

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period, k, d) = named("STO", name, rest, (14, 14, 3))
        super().__init__(label, period + k + d - 2)
        self._n, self._k, self._d = period, k, d
        self._high, self._low = Maximum(period), Minimum(period)
        self._fast_sum, self._k_sum = Sum(k), Sum(d)
        self.fast_stoch = Figure(f"{label}_FastStoch")
        self.stoch_k, self.stoch_d = Figure(f"{label}_StochK"), Figure(f"{label}_StochD")

    @property
    def is_ready(self) -> bool:
        """Whether all are."""
        return self._high.is_ready and self._fast_sum.is_ready and self._k_sum.is_ready

    @property
    def parts(self) -> dict[str, Indicator]:
        """Fast value and averages."""
        return {"faststoch": self.fast_stoch, "stochd": self.stoch_d, "stochk": self.stoch_k}

    def _next(self, bar: TradeBar) -> float:
        high, low = follow(self._high, self, bar.high), follow(self._low, self, bar.low)
        fast = 0.0
        if high != low and self._high.is_ready:
            fast = 100.0 * (bar.close - low) / (high - low)
            follow(self._fast_sum, self, fast)
        k = d = 0.0
        if self._fast_sum.is_ready:
            k = self._fast_sum.current.value / self._k
            follow(self._k_sum, self, k)
        if self._k_sum.is_ready:
            d = self._k_sum.current.value / self._d
        self.fast_stoch.set(self.clock, fast)
        self.stoch_k.set(self.clock, k)
        self.stoch_d.set(self.clock, d)
        return fast


class DonchianChannel(BarIndicator):
    """Highest high and lowest low, this bar's included."""

    parameters: ClassVar[tuple[str, ...]] = ("upper_period", "lower_period")

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (upper, lower) = named("DCH", name, _both(name, rest), (0, 0))
        super().__init__(label, max(upper, lower))
        self.upper_band, self.lower_band = Maximum(f"{label}_UpperBand", upper), Minimum(f"{label}_LowerBand", lower)

    @property
    def parts(self) -> dict[str, Indicator]:
        """The bands."""
        return {"lowerband": self.lower_band, "upperband": self.upper_band}

    def _next(self, bar: TradeBar) -> float:
        return (follow(self.upper_band, self, bar.high) + follow(self.lower_band, self, bar.low)) / 2.0


class KeltnerChannels(BarIndicator):
    """Average of the typical price with bands so many average true ranges away."""

    parameters: ClassVar[tuple[str, ...]] = ("period", "k", "moving_average_type")

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period, k, kind) = named("KC", name, rest, (0, 1.5, MovingAverageType.SIMPLE))
        super().__init__(label, period)
        self._k = float(k)
        self.average_true_range = AverageTrueRange(f"{label}_AverageTrueRange", period, MovingAverageType.SIMPLE)
        self.middle_band = average(kind, f"{label}_MiddleBand", period)
        self.lower_band, self.upper_band = Figure(f"{label}_LowerBand"), Figure(f"{label}_UpperBand")

    @property
    def parts(self) -> dict[str, Indicator]:
        """Bands and range."""
        return {
            "averagetruerange": self.average_true_range, "lowerband": self.lower_band, "middleband": self.middle_band,
            "upperband": self.upper_band,
        }  # fmt: skip

    def _next(self, bar: TradeBar) -> float:
        self.average_true_range.take(bar)
        middle = follow(self.middle_band, self, (bar.high + bar.low + bar.close) / 3.0)
        spread = self._k * self.average_true_range.current.value
        self.lower_band.set(self.clock, middle - spread if self.is_ready else 0.0)
        self.upper_band.set(self.clock, middle + spread if self.is_ready else 0.0)
        return middle


class AroonOscillator(BarIndicator):
    """How lately the highest high came, less how lately the lowest low did."""

    parameters: ClassVar[tuple[str, ...]] = ("up_period", "down_period")

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (up, down) = named("AROON", name, rest, (0, 0))
        super().__init__(label, 1 + max(up, down))
        self._n = (up, down)
        self._high, self._low = Maximum(up + 1), Minimum(down + 1)
        self.aroon_up, self.aroon_down = Figure(f"{label}_AroonUp"), Figure(f"{label}_AroonDown")

    @property
    def parts(self) -> dict[str, Indicator]:
        """Both sides."""
        return {"aroondown": self.aroon_down, "aroonup": self.aroon_up}

    def _next(self, bar: TradeBar) -> float:
        follow(self._high, self, bar.high)
        follow(self._low, self, bar.low)
        up = 100.0 * (self._n[0] - self._high.since) / self._n[0]
        down = 100.0 * (self._n[1] - self._low.since) / self._n[1]
        self.aroon_up.set(self.clock, up)
        self.aroon_down.set(self.clock, down)
        return float(up - down)


class AccumulationDistribution(BarIndicator):
    """Volume weighted by where in its range each bar closed."""

    needs_trades = True

    def __init__(self, name: str = "AD") -> None:
        super().__init__(name, 1)

    def _next(self, bar: TradeBar) -> float:
        extent = bar.high - bar.low
        share = ((bar.close - bar.low) - (bar.high - bar.close)) / extent if extent > 0 else 0.0
        return self.current.value + share * bar.volume


class ChaikinMoneyFlow(BarIndicator):
    """The same over the latest `period` bars, as a share of their volume."""

    needs_trades = True

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period,) = named("CMF", name, rest, (0,))
        super().__init__(label, period)
        self._flow, self._volume = Sum(period), Sum(period)

    def _next(self, bar: TradeBar) -> float:
        extent = bar.high - bar.low
        share = ((bar.close - bar.low) - (bar.high - bar.close)) / extent if extent > 0 else 0.0
        flow, volume = follow(self._flow, self, share * bar.volume), follow(self._volume, self, bar.volume)
        return flow / volume if self.is_ready and volume else 0.0


class NormalizedAverageTrueRange(BarIndicator):
    """Average true range in percent of the close."""

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period,) = named("NATR", name, rest, (0,))
        super().__init__(label, period + 1)
        self._n = period
        self._simple, self._range = SimpleMovingAverage(period), TrueRange()
        self._value = 0.0

    def _next(self, bar: TradeBar) -> float:
        self._range.take(bar)
        extent = self._range.current.value
        if self.samples <= self.period:
            self._value = follow(self._simple, self, extent)
            return 100.0 * self._value / bar.close if self.is_ready and bar.close else 0.0
        self._value = (self._value * (self._n - 1) + extent) / self._n
        return 100.0 * self._value / bar.close if bar.close else 0.0


class ChoppinessIndex(BarIndicator):
    """Length of the way over the range, on a logarithmic scale: high where there is no trend."""

    def __init__(self, name: Any, *rest: Any) -> None:
        label, (period,) = named("CHOP", name, rest, (0,))
        super().__init__(label, period)
        self._highs: deque[float] = deque(maxlen=period)
        self._lows: deque[float] = deque(maxlen=period)
        self._range, self._way = TrueRange(), Sum(period)

    def _next(self, bar: TradeBar) -> float:
        self._range.take(bar)
        way = follow(self._way, self, self._range.current.value)
        self._highs.append(bar.high)
        self._lows.append(bar.low)
        if not self.is_ready:
            return 0.0
        extent = max(self._highs) - min(self._lows)
        return 100.0 * math.log10(way / extent) / math.log10(self.period) if extent > 0 else 100.0
