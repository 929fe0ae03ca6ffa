"""Indicators that are fed by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, NamedTuple

from hidden_regime.exceptions import UnsupportedError
from hidden_regime.simulator import consolidation, indicators
from hidden_regime.simulator.binding import binding, bound
from hidden_regime.simulator.core import Core
from hidden_regime.simulator.enums import MovingAverageType, Resolution, SecurityType, TickType
from hidden_regime.simulator.failures import ArgumentException
from hidden_regime.simulator.fields import TICKS_OF
from hidden_regime.simulator.indicators.base import feed, in_a_name
from hidden_regime.simulator.indicators.history import IndicatorHistory
from hidden_regime.simulator.lengths import LENGTHS
from hidden_regime.simulator.members.assigning import refusing
from hidden_regime.simulator.objects import IndicatorDataPoint, QuoteBar, TradeBar

NO_WARM_UP = (
    "Warning: the 'WarmUpIndicator' feature only works with indicators which inherit from 'IIndicatorWarmUpPeriodProvider' and "
    "define a warm up period, setting property 'WarmUpPeriod' with a value > 0. The provided indicator of type '{}' will not be "
    "warmed up."
)
NO_CONSOLIDATOR = (
    "Invalid third argument, should be either a valid consolidator or timedelta object. The following exception was thrown: "
)
SHORT = {
    Resolution.DAILY: "day", Resolution.HOUR: "hr", Resolution.MINUTE: "min", Resolution.SECOND: "sec", Resolution.TICK: "tick",
}  # fmt: skip
Selector = Callable[[Any], Any]
REQUIRED = object()


class Helper(NamedTuple):
    """How `self.NAME(symbol, ...)` makes an indicator: class, name, parameters with their defaults, what it reads, and how
    many of the numbers its name shows."""

    kind: type
    label: str
    parameters: tuple[tuple[str, Any], ...] = (("period", REQUIRED),)
    reads: str = "value"
    warms: bool = True
    shows: int | None = None


SIMPLE, WILDERS, EXPONENTIAL = MovingAverageType.SIMPLE, MovingAverageType.WILDERS, MovingAverageType.EXPONENTIAL
P: tuple[tuple[str, Any], ...] = (("period", REQUIRED),)
KIND = "moving_average_type"
FAST_SLOW: tuple[tuple[str, Any], ...] = (("fast_period", REQUIRED), ("slow_period", REQUIRED))
HELPERS: dict[str, Helper] = {
    "sma": Helper(indicators.SimpleMovingAverage, "SMA"),
    "ema": Helper(indicators.ExponentialMovingAverage, "EMA", (*P, ("smoothing_factor", None)), shows=1),
    "wwma": Helper(indicators.WilderMovingAverage, "WWMA"),
    "lwma": Helper(indicators.LinearWeightedMovingAverage, "LWMA"),
    "dema": Helper(indicators.DoubleExponentialMovingAverage, "DEMA"),
    "tema": Helper(indicators.TripleExponentialMovingAverage, "TEMA"),
    "trima": Helper(indicators.TriangularMovingAverage, "TRIMA"),
    "hma": Helper(indicators.HullMovingAverage, "HMA"),
    "kama": Helper(indicators.KaufmanAdaptiveMovingAverage, "KAMA", (*P, ("fast_ema_period", 2), ("slow_ema_period", 30))),
    "ker": Helper(indicators.KaufmanEfficiencyRatio, "KER", (("period", 2),)),
    "lsma": Helper(indicators.LeastSquaresMovingAverage, "LSMA"),
    "sum": Helper(indicators.Sum, "SUM"),
    "std": Helper(indicators.StandardDeviation, "STD"),
    "v": Helper(indicators.Variance, "V"),
    "mad": Helper(indicators.MeanAbsoluteDeviation, "MAD"),
    "max": Helper(indicators.Maximum, "MAX", P, "high"),
    "min": Helper(indicators.Minimum, "MIN", P, "low"),
    "mom": Helper(indicators.Momentum, "MOM"),
    "momp": Helper(indicators.MomentumPercent, "MOMP"),
    "roc": Helper(indicators.RateOfChange, "ROC"),
    "rocp": Helper(indicators.RateOfChangePercent, "ROCP"),
    "rocr": Helper(indicators.RateOfChangeRatio, "ROCR"),
    "logr": Helper(indicators.LogReturn, "LOGR"),
    "rsi": Helper(indicators.RelativeStrengthIndex, "RSI", (*P, (KIND, WILDERS))),
    "macd": Helper(
        indicators.MovingAverageConvergenceDivergence, "MACD",
        (*FAST_SLOW, ("signal_period", REQUIRED), ("type", EXPONENTIAL)),
    ),
    "apo": Helper(indicators.AbsolutePriceOscillator, "APO", (*FAST_SLOW, (KIND, REQUIRED))),
    "ppo": Helper(indicators.PercentagePriceOscillator, "PPO", (*FAST_SLOW, (KIND, REQUIRED))),
    "bb": Helper(indicators.BollingerBands, "BB", (*P, ("k", REQUIRED), (KIND, SIMPLE))),
    "cmo": Helper(indicators.ChandeMomentumOscillator, "CMO"),
    "sr": Helper(indicators.SharpeRatio, "SR", (("sharpe_period", REQUIRED), ("risk_free_rate", None))),
    "trix": Helper(indicators.Trix, "TRIX"),
    "identity": Helper(indicators.Identity, "close", ()),
    "tr": Helper(indicators.TrueRange, "TR", (), "bar"),
    "atr": Helper(indicators.AverageTrueRange, "ATR", (*P, ("type", SIMPLE)), "bar"),
    "natr": Helper(indicators.NormalizedAverageTrueRange, "NATR", P, "bar"),
    "psar": Helper(
        indicators.ParabolicStopAndReverse, "PSAR", (("af_start", 0.02), ("af_increment", 0.02), ("af_max", 0.2)), "bar",
    ),
    "adx": Helper(indicators.AverageDirectionalIndex, "ADX", P, "bar"),
    "cci": Helper(indicators.CommodityChannelIndex, "CCI", (*P, (KIND, SIMPLE)), "bar"),
    "wilr": Helper(indicators.WilliamsPercentR, "WILR", P, "bar"),
    "obv": Helper(indicators.OnBalanceVolume, "OBV", (), "bar"),
    "ad": Helper(indicators.AccumulationDistribution, "AD", (), "bar"),
    "cmf": Helper(indicators.ChaikinMoneyFlow, "CMF", P, "bar"),
    "mfi": Helper(indicators.MoneyFlowIndex, "MFI", P, "bar"),
    "vwma": Helper(indicators.VolumeWeightedMovingAverage, "VWMA", P, "bar"),
    "sto": Helper(indicators.Stochastic, "STO", (*P, ("k_period", None), ("d_period", 3)), "bar"),
    "dch": Helper(indicators.DonchianChannel, "DCH", (("upper_period", REQUIRED), ("lower_period", None)), "bar"),
    "kch": Helper(indicators.KeltnerChannels, "KCH", (*P, ("k", REQUIRED), (KIND, SIMPLE)), "bar"),
    "aroon": Helper(indicators.AroonOscillator, "AROON", (("up_period", REQUIRED), ("down_period", None)), "bar"),
    "mass": Helper(indicators.MassIndex, "MASS", (("ema_period", 9), ("sum_period", 25)), "bar"),
    "si": Helper(indicators.WilderSwingIndex, "SI", (("limit_move", REQUIRED),), "bar"),
    "asi": Helper(indicators.WilderAccumulativeSwingIndex, "ASI", (("limit_move", REQUIRED),), "bar"),
    "chop": Helper(indicators.ChoppinessIndex, "CHOP", P, "bar"),
}  # fmt: skip
IN_NAME, TWICE = ("RSI",), ("STO", "DCH", "AROON")
"""Names that show the average's kind; indicators whose second period is the first one unless it is given."""


@refusing
@bound
class IndicatorMembers:
    """See the module."""

    _sim: Core
    history: Any

    def create_indicator_name(self, symbol: Any, type: str, resolution: Resolution | None) -> str:
        """LEAN's name of an indicator: its type, its symbol and its resolution."""
        subscription = self._sim.subscriptions.of(symbol)
        shown = SHORT[subscription.resolution if resolution is None else Resolution(int(resolution))]
        return f"{type}({subscription.symbol}_{shown})".replace(")(", ",")

    def _help(self, name: str, symbol: Any, given: dict[str, Any]) -> Any:
        helper = HELPERS[name]
        if "period" in given and helper.parameters and helper.parameters[0][0] in ("upper_period", "up_period"):
            given[helper.parameters[0][0]] = given["period"]
        values = [given.get(parameter, default) for parameter, default in helper.parameters]
        if helper.label in TWICE and values[1] is None:
            values[1] = values[0]
        if given.get("field_name") is not None:
            helper = helper._replace(label=given["field_name"])
        return self._make(helper, symbol, values, given.get("resolution"), given.get("selector"))

    def _make(self, helper: Helper, symbol: Any, values: list[Any], resolution: Any, selector: Selector | None) -> Any:
        rate = self._sim.risk_free_rate() if helper.label == "SR" and values[1] is None else None
        names = [in_a_name(v) for v in values if v is not None and not isinstance(v, MovingAverageType)][: helper.shows]
        names += [v.to_string() for v in values if isinstance(v, MovingAverageType) and helper.label in IN_NAME]
        label = f"{helper.label}({','.join(names)})" if names else helper.label
        shown = resolution if isinstance(resolution, Resolution) else None
        given = [v for v in [*values, rate] if v is not None]
        made = helper.kind(self.create_indicator_name(symbol, label, shown), *given)
        if selector is None and helper.reads in ("high", "low"):
            reads = helper.reads
            selector = lambda bar: getattr(bar, reads) if isinstance(bar, TradeBar) else bar.value
        self._register(symbol, made, resolution, selector)
        if helper.warms and self._sim.settings.automatic_indicator_warm_up:
            self._warm_up(symbol, made, resolution, selector)
        return made

    def vwap(
        self, symbol: Any, period: int | None = None, resolution: Resolution | None = None, selector: Selector | None = None
    ) -> Any:
        """Volume-weighted average price of the day, or of the latest `period` bars."""
        if period is None:
            return self._make(Helper(indicators.IntradayVwap, "VWAP", (), "bar", warms=False), symbol, [], None, None)
        helper = Helper(indicators.VolumeWeightedAveragePriceIndicator, "VWAP", P, "bar")
        return self._make(helper, symbol, [period], resolution, selector)

    def var(
        self, symbol: Any, period: int, resolution: Resolution | None = None, selector: Selector | None = None,
        confidence_level: float | None = None,
    ) -> Any:  # fmt: skip
        """Variance of the latest `period` values."""
        if confidence_level is not None:
            raise UnsupportedError("var with a confidence level: ValueAtRisk exists in LEAN only.")
        return self._make(HELPERS["v"], symbol, [period], resolution, selector)

    @staticmethod
    def _point(bar: Any, selector: Selector | None, indicator: Any) -> Any:
        if selector is None:
            return bar
        chosen = selector(bar)
        if isinstance(chosen, (int, float)) and not isinstance(chosen, bool):
            return IndicatorDataPoint(bar.symbol, bar.end_time, float(chosen))
        return chosen

    def register_indicator(
        self, symbol: Any, indicator: Any, resolution: Any = None, selector: Selector | None = None, consolidator: Any = None,
        py_object: Any = None,
    ) -> None:  # fmt: skip
        """Feed an indicator with a symbol's bars, consolidated to a resolution, a timedelta or by a consolidator."""
        if isinstance(py_object, timedelta):
            resolution = py_object
        elif py_object is not None:
            if not hasattr(py_object, "data_consolidated") and not hasattr(py_object, "DataConsolidated"):
                raise ArgumentException(NO_CONSOLIDATOR)
            consolidator = py_object
        self._register(symbol, indicator, resolution if consolidator is None else consolidator, selector)

    def _register(self, symbol: Any, indicator: Any, period: Any, selector: Selector | None) -> None:
        consolidator = period
        if not hasattr(period, "data_consolidated"):
            consolidator = self._sim.subscriptions.consolidator(symbol, period, TICKS_OF.get(selector))
        consolidator.data_consolidated += lambda sender, bar: feed(indicator, self._point(bar, selector, indicator))
        self._sim.fed_by.setdefault(id(indicator), []).append((symbol, consolidator))
        self._sim.subscriptions.attach(symbol, consolidator)

    def deregister_indicator(self, indicator: Any) -> None:
        """Feed an indicator no more."""
        for symbol, consolidator in self._sim.fed_by.pop(id(indicator), []):
            self._sim.subscriptions.detach(symbol, consolidator)

    unregister_indicator = deregister_indicator

    def warm_up_indicator(
        self, indicator: Any, symbol: Any = None, resolution: Resolution | None = None, selector: Selector | None = None,
        period: timedelta | None = None, symbols: Any = None,
    ) -> None:  # fmt: skip
        """Feed an indicator with as much history as it needs. It is reset first."""
        chosen = symbol if symbols is None else symbols
        for item in chosen if isinstance(chosen, (list, tuple)) else (chosen,):
            self._warm_up(item, indicator, resolution if period is None else period, selector)

    def _warm_up(self, symbol: Any, indicator: Any, resolution: Any, selector: Selector | None) -> None:
        period = int(getattr(indicator, "warm_up_period", 0) or getattr(indicator, "WarmUpPeriod", 0) or 0)
        if period <= 0:
            self._sim.logs.say("debug", NO_WARM_UP.format(type(indicator).__name__))
            return
        if isinstance(resolution, timedelta):
            self._warm_by_span(symbol, indicator, period, resolution, selector)
            return
        if hasattr(indicator, "reset"):
            indicator.reset()
        for bar in self.history[self._bars_of(symbol, selector)](self._sim.symbol_of(symbol), period, resolution):
            feed(indicator, self._point(bar, selector, indicator))

    def _warm_by_span(self, symbol: Any, indicator: Any, period: int, length: timedelta, selector: Selector | None) -> None:
        resolution = next((r for r, unit in LENGTHS.items() if length >= unit), Resolution.MINUTE)
        unit = LENGTHS[resolution]
        key = self._sim.symbol_of(symbol)
        if key in self._sim.subscriptions:
            made = self._sim.subscriptions.consolidator(key, length, TICKS_OF.get(selector))
        else:
            made = consolidation.IdentityConsolidator() if length == unit else consolidation.TradeBarConsolidator(length)
        made.data_consolidated += lambda sender, bar: feed(indicator, self._point(bar, selector, indicator))
        for bar in self.history[self._bars_of(key, selector)](key, period * (length // unit), resolution):
            made.update(bar)
        security = self._sim.securities.get(key)
        made.scan(self._sim.shown() if security is None else security.exchange.local_time)

    def _bars_of(self, symbol: Any, selector: Selector | None) -> type:
        """What an indicator of a symbol is fed with: quotes where there are no trades, or where the selector reads them."""
        read = TICKS_OF.get(selector)
        if read is None:
            return QuoteBar if self._sim.symbol_of(symbol).security_type == SecurityType.FOREX else TradeBar
        return QuoteBar if read == TickType.QUOTE else TradeBar

    def enable_automatic_indicator_warm_up(self, value: bool = True) -> None:
        """Warm indicators up as they are made."""
        self._sim.settings.automatic_indicator_warm_up = value

    def indicator_history(
        self, indicator: Any, symbol: Any = None, period: int | None = None, span: timedelta | None = None, start: Any = None,
        end: Any = None, resolution: Any = None, selector: Selector | None = None, symbols: Any = None, history: Any = None,
    ) -> IndicatorHistory:  # fmt: skip
        """Past values of an indicator. It is reset first, and left at the last of them, as in LEAN."""
        chosen = symbol if symbols is None else symbols
        chosen = chosen[0] if isinstance(chosen, (list, tuple)) else chosen
        warm = max(int(getattr(indicator, "warm_up_period", 0)) - 1, 0)
        if hasattr(indicator, "reset"):
            indicator.reset()
        bars: Iterable[Any]
        if history is not None:
            bars = [bar for data in history for bar in (data.bars.values() or data.quote_bars.values())]
        else:
            key = self._sim.symbol_of(chosen)
            if period is not None:
                bars = self.history[self._bars_of(key, selector)](key, period + warm, resolution)
            else:
                if span is not None:
                    start, end = self._sim.shown() - span, self._sim.shown()
                begin = self._sim.history.start_before(key, start, warm, resolution) if warm else start
                bars = self.history[self._bars_of(key, selector)](key, begin, end, resolution)
        rows = []
        for bar in bars:
            ready = feed(indicator, self._point(bar, selector, indicator))
            if ready:
                parts = {name: part.current.value for name, part in getattr(indicator, "parts", {}).items()}
                rows.append((bar.end_time, {"current": indicator.current.value, **parts}))
        return IndicatorHistory(rows)


def _helper(name: str) -> Callable[..., Any]:
    kind, binder = HELPERS[name], binding(name)

    def help_(self: IndicatorMembers, *places: Any, **named: Any) -> Any:
        given = binder.bind(places, named)
        return self._help(name, given.pop("symbol"), given)

    help_.__name__ = help_.__qualname__ = name
    given = ", ".join(p if d is REQUIRED else f"{p}={d}" for p, d in kind.parameters)
    help_.__doc__ = (
        f"{kind.kind.__name__} of a symbol: ({', '.join(filter(None, ['symbol', given]))}, resolution=None, selector=None)."
    )
    return help_


for _name in HELPERS:
    setattr(IndicatorMembers, _name, _helper(_name))
