"""Alpha models: where insights come from."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.enums import InsightDirection, InsightType, MovingAverageType, Resolution
from hidden_regime.simulator.framework.composite import parts_of
from hidden_regime.simulator.framework.insight import Insight
from hidden_regime.simulator.lengths import LENGTHS
from hidden_regime.simulator.managed import Managed
from hidden_regime.simulator.objects import TradeBar
from hidden_regime.simulator.rounding import span, ticks
from hidden_regime.simulator.spelling import TwoSpellings, either


class AlphaModel(TwoSpellings, metaclass=Managed):
    """Base of alpha models. Override `update(algorithm, data)`, which gives insights.

    As in LEAN the `algorithm` that a model is given isn't the strategy's own object: members of the strategy's own are not
    on it. Hand what a model needs to its constructor.
    """

    @property
    def name(self) -> str:
        """Name that insights carry as their source."""
        return str(self.__dict__.get("_name", type(self).__name__))

    @name.setter
    def name(self, value: str) -> None:
        self.__dict__["_name"] = value

    def update(self, algorithm: Any, data: Any) -> Any:
        """Insights of a moment."""
        return []

    def on_securities_changed(self, algorithm: Any, changes: Any) -> None:
        """Securities came or went."""


class NullAlphaModel(AlphaModel):
    """None."""


def update_of(model: Any, algorithm: Any, data: Any) -> list[Insight]:
    """Insights of a model, in either spelling, as a list."""
    found = either(model, "update")(algorithm, data)
    return [] if found is None else list(found)


class CompositeAlphaModel(AlphaModel):
    """Several, in order."""

    def __init__(self, *models: Any) -> None:
        if not models:
            raise ParameterError(
                "models", models, "at least one", "(Must specify at least 1 alpha model for the CompositeAlphaModel)"
            )
        self._models = parts_of(models, CompositeAlphaModel)

    def update(self, algorithm: Any, data: Any) -> list[Insight]:
        """Insights of all."""
        out = []
        for model in self._models:
            for insight in update_of(model, algorithm, data):
                insight.source_model = insight.source_model or getattr(model, "name", type(model).__name__)
                out.append(insight)
        return out

    def on_securities_changed(self, algorithm: Any, changes: Any) -> None:
        """Tell all."""
        for model in self._models:
            either(model, "on_securities_changed")(algorithm, changes)

    def add_alpha(self, model: Any) -> None:
        """Add one."""
        self._models.append(model)


class ConstantAlphaModel(AlphaModel):
    """The same insight for every security, again each time its period is over."""

    def __init__(self, type: InsightType, direction: InsightDirection, period: timedelta, magnitude: float | None = None,
                 confidence: float | None = None, weight: float | None = None) -> None:  # fmt: skip
        self._facts = (type, direction, period, magnitude, confidence, weight)
        parts = [type.to_string(), direction.to_string(), span(ticks(period))]
        self.name = f"ConstantAlphaModel({','.join(parts + [f'{x:g}' for x in (magnitude, confidence) if x is not None])})"
        self._securities: list[Any] = []
        self._last: dict[Any, datetime] = {}

    def update(self, algorithm: Any, data: Any) -> list[Insight]:
        """Insights that are due."""
        kind, direction, period, magnitude, confidence, weight = self._facts
        out = []
        for security in self._securities:
            last = self._last.get(security.symbol)
            if security.price != 0 and (last is None or algorithm.time - last >= period):
                self._last[security.symbol] = algorithm.time
                out.append(Insight(security.symbol, period, kind, direction, magnitude, confidence, weight=weight))
        return out

    def on_securities_changed(self, algorithm: Any, changes: Any) -> None:
        """Follow the universe."""
        for security in changes.removed_securities:
            self._last.pop(security.symbol, None)
            self._securities = [s for s in self._securities if s.symbol != security.symbol]
        self._securities += changes.added_securities


class _WithIndicators(AlphaModel):
    """Keeps something warmed up by history for each security."""

    def __init__(self, resolution: Resolution, period: int) -> None:
        self._resolution = Resolution(resolution)
        self._span = LENGTHS[self._resolution] * period
        self._kept: dict[Any, Any] = {}
        self._consolidators: dict[Any, list[Any]] = {}

    def _make(self, algorithm: Any, security: Any) -> Any:
        raise NotImplementedError  # pragma: no cover

    def on_securities_changed(self, algorithm: Any, changes: Any) -> None:
        """Follow the universe."""
        for security in changes.removed_securities:
            self._kept.pop(security.symbol, None)
            for consolidator in self._consolidators.pop(security.symbol, ()):
                algorithm.subscription_manager.remove_consolidator(security.symbol, consolidator)
        for security in changes.added_securities:
            self._kept[security.symbol] = self._make(algorithm, security)

    def _register(self, algorithm: Any, symbol: Any, indicator: Any) -> None:
        consolidator = algorithm.resolve_consolidator(symbol, self._resolution)
        self._consolidators.setdefault(symbol, []).append(consolidator)
        algorithm.register_indicator(symbol, indicator, consolidator)

    def _warm(self, algorithm: Any, symbol: Any, indicator: Any) -> Any:
        self._register(algorithm, symbol, indicator)
        algorithm.warm_up_indicator(symbol, indicator, self._resolution)
        return indicator


class EmaCrossAlphaModel(_WithIndicators):
    """Up and down as a fast average crosses a slow one."""

    def __init__(self, fast_period: int = 12, slow_period: int = 26, resolution: Resolution = Resolution.DAILY) -> None:
        super().__init__(resolution, fast_period)
        self._fast, self._slow = fast_period, slow_period
        self.name = f"EmaCrossAlphaModel({fast_period},{slow_period},{Resolution(resolution).to_string()})"

    def _make(self, algorithm: Any, security: Any) -> Any:
        from hidden_regime.simulator.indicators import ExponentialMovingAverage

        fast = self._warm(algorithm, security.symbol, ExponentialMovingAverage(self._fast))
        return [fast, self._warm(algorithm, security.symbol, ExponentialMovingAverage(self._slow)), False]

    def update(self, algorithm: Any, data: Any) -> list[Insight]:
        """Insights of crossings."""
        out = []
        for symbol, kept in self._kept.items():
            fast, slow, over = kept
            if fast.is_ready and slow.is_ready:
                if over and slow.current.value > fast.current.value:
                    out.append(Insight.price(symbol, self._span, InsightDirection.DOWN))
                elif not over and fast.current.value > slow.current.value:
                    out.append(Insight.price(symbol, self._span, InsightDirection.UP))
            kept[2] = fast.current.value > slow.current.value
        return out


class MacdAlphaModel(_WithIndicators):
    """Up, down and flat by MACD's signal as a share of the price."""

    def __init__(self, fast_period: int = 12, slow_period: int = 26, signal_period: int = 9,
                 moving_average_type: MovingAverageType = MovingAverageType.EXPONENTIAL,
                 resolution: Resolution = Resolution.DAILY) -> None:  # fmt: skip
        super().__init__(resolution, fast_period)
        self._periods, self._average = (fast_period, slow_period, signal_period), moving_average_type

    def _make(self, algorithm: Any, security: Any) -> Any:
        from hidden_regime.simulator.indicators import MovingAverageConvergenceDivergence

        made = MovingAverageConvergenceDivergence(*self._periods, self._average)
        return [security, self._warm(algorithm, security.symbol, made), None]

    def update(self, algorithm: Any, data: Any) -> list[Insight]:
        """Insights of changes."""
        out = []
        for symbol, kept in self._kept.items():
            security, macd, before = kept
            if security.price == 0:
                continue
            share = macd.signal.current.value / security.price
            direction = InsightDirection.UP if share > 0.01 else InsightDirection.DOWN if share < -0.01 else InsightDirection.FLAT
            if direction == before:
                continue
            kept[2] = direction
            if direction == InsightDirection.FLAT:
                algorithm.insights.cancel([i for i in algorithm.insights if i.symbol == symbol and i.source_model == self.name])
            else:
                out.append(Insight.price(symbol, self._span, direction))
        return out


class RsiAlphaModel(_WithIndicators):
    """Up when RSI falls below 30, down when it rises above 70."""

    def __init__(self, period: int = 14, resolution: Resolution = Resolution.DAILY) -> None:
        super().__init__(resolution, period)
        self._period = period

    def _make(self, algorithm: Any, security: Any) -> Any:
        from hidden_regime.simulator.indicators import RelativeStrengthIndex

        rsi = RelativeStrengthIndex(self._period, MovingAverageType.WILDERS)
        self._register(algorithm, security.symbol, rsi)
        for bar in algorithm.history[TradeBar](security.symbol, self._period, self._resolution):
            rsi.take(bar)
        return [rsi, "middle"]

    def update(self, algorithm: Any, data: Any) -> list[Insight]:
        """Insights of changes."""
        out = []
        for symbol, kept in self._kept.items():
            rsi, before = kept
            value, state = rsi.current.value, before
            if value > 70:
                state = "high"
            elif value < 30:
                state = "low"
            elif (before == "low" and value > 35) or (before == "high" and value < 65):
                state = "middle"
            if state != before and rsi.is_ready and state != "middle":
                direction = InsightDirection.UP if state == "low" else InsightDirection.DOWN
                out.append(Insight.price(symbol, self._span, direction))
            kept[1] = state
        return out


class HistoricalReturnsAlphaModel(_WithIndicators):
    """Up and down by the sign of the latest return, with its size as magnitude."""

    def __init__(self, lookback: int = 1, resolution: Resolution = Resolution.DAILY) -> None:
        super().__init__(resolution, lookback)
        self._lookback = lookback

    def _make(self, algorithm: Any, security: Any) -> Any:
        from hidden_regime.simulator.indicators import RateOfChange

        roc = self._warm(algorithm, security.symbol, RateOfChange(self._lookback))
        return [roc, roc.samples]

    def update(self, algorithm: Any, data: Any) -> list[Insight]:
        """Insights of new returns."""
        out = []
        for symbol, kept in self._kept.items():
            roc, seen = kept
            if roc.samples == seen or not roc.is_ready:
                continue
            kept[1] = roc.samples
            value = roc.current.value
            if value == 0:
                algorithm.insights.cancel([i for i in algorithm.insights if i.symbol == symbol and i.source_model == self.name])
                continue
            direction = InsightDirection.UP if value > 0 else InsightDirection.DOWN
            out.append(Insight.price(symbol, self._span, direction, value))
        return out
