"""Indicators that are fed by themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator import consolidation, indicators
from hidden_regime.simulator.core import Core
from hidden_regime.simulator.enums import MovingAverageType, Resolution
from hidden_regime.simulator.indicators.base import feed
from hidden_regime.simulator.members.assigning import refusing
from hidden_regime.simulator.objects import IndicatorDataPoint, TradeBar
from hidden_regime.simulator.rounding import plain

NO_WARM_UP = (
    "Warning: the 'WarmUpIndicator' feature only works with indicators which inherit from 'IIndicatorWarmUpPeriodProvider' and "
    "define a warm up period, setting property 'WarmUpPeriod' with a value > 0. The provided indicator of type '{}' will not be "
    "warmed up."
)
SHORT = {Resolution.DAILY: "day", Resolution.HOUR: "hr", Resolution.MINUTE: "min"}
Selector = Callable[[Any], Any]
REQUIRED = object()


class Helper(NamedTuple):
    """How `self.NAME(symbol, ...)` makes an indicator: class, name, parameters with their defaults, and what it reads."""

    kind: type
    label: str
    parameters: tuple[tuple[str, Any], ...] = (("period", REQUIRED),)
    reads: str = "value"
    warms: bool = True


SIMPLE, WILDERS, EXPONENTIAL = MovingAverageType.SIMPLE, MovingAverageType.WILDERS, MovingAverageType.EXPONENTIAL
P: tuple[tuple[str, Any], ...] = (("period", REQUIRED),)
KIND = "moving_average_type"
FAST_SLOW: tuple[tuple[str, Any], ...] = (("fast_period", REQUIRED), ("slow_period", REQUIRED))
HELPERS: dict[str, Helper] = {
    "sma": Helper(indicators.SimpleMovingAverage, "SMA"),
    "ema": Helper(indicators.ExponentialMovingAverage, "EMA", (*P, ("smoothing_factor", None))),
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
    "v": Helper(indicators.Variance, "VAR"),
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
    "chop": Helper(indicators.ChoppinessIndex, "CHOP", P, "bar"),
}  # fmt: skip
IN_NAME = ("RSI",)


@refusing
class IndicatorMembers:
    """See the module."""

    _sim: Core
    history: Any
    _attach: Any
    _subscription: Any
    resolve_consolidator: Any

    def create_indicator_name(self, symbol: Any, type: str, resolution: Resolution | None) -> str:
        """LEAN's name of an indicator: its type, its symbol and its resolution."""
        subscription = self._subscription(symbol)
        shown = SHORT[subscription.resolution if resolution is None else Resolution(int(resolution))]
        return f"{type}({subscription.symbol}_{shown})".replace(")(", ",")

    def _help(self, name: str, symbol: Any, *arguments: Any, **options: Any) -> Any:
        helper = HELPERS[name]
        given = list(arguments)
        values: dict[str, Any] = {}
        options.pop("field_name", None)
        if "period" in options and helper.parameters and helper.parameters[0][0] in ("upper_period", "up_period"):
            options[helper.parameters[0][0]] = options.pop("period")
        for parameter, default in helper.parameters:
            expects_number = not isinstance(default, MovingAverageType)
            if parameter in options:
                values[parameter] = options.pop(parameter)
            elif (
                given
                and not callable(given[0])
                and (isinstance(given[0], MovingAverageType) != expects_number or default is REQUIRED)
                and not isinstance(given[0], Resolution)
            ):
                values[parameter] = given.pop(0)
            elif default is REQUIRED:
                raise ParameterError(
                    parameter, None, f"a value: self.{name}(symbol, {', '.join(p for p, _ in helper.parameters)})"
                )
            else:
                values[parameter] = default
        resolution = options.pop("resolution", None)
        selector = options.pop("selector", None)
        for value in given:
            if isinstance(value, (Resolution, timedelta)):
                resolution = value
            elif callable(value):
                selector = value
            elif value is not None:
                raise TypeError(f"No method matches given arguments for {name}: {value!r}.")
        if options:
            raise TypeError(f"No method matches given arguments for {name}: {sorted(options)}.")
        return self._make(helper, symbol, list(values.values()), resolution, selector)

    def _make(self, helper: Helper, symbol: Any, values: list[Any], resolution: Any, selector: Selector | None) -> Any:
        if helper.label == "STO" and values[1] is None:
            values[1] = values[0]
        rate = self._sim.risk_free_rate() if helper.label == "SR" and values[1] is None else None
        numbers = [v for v in values if v is not None and not isinstance(v, MovingAverageType)]
        names = [plain(v) for v in numbers]
        names += [v.name.capitalize() for v in values if isinstance(v, MovingAverageType) and helper.label in IN_NAME]
        label = f"{helper.label}({','.join(names)})" if names else helper.label
        shown = resolution if isinstance(resolution, Resolution) else None
        given = [v for v in [*values, rate] if v is not None]
        made = helper.kind(self.create_indicator_name(symbol, label, shown), *given)
        if selector is None and helper.reads in ("high", "low"):
            reads = helper.reads
            selector = lambda bar: getattr(bar, reads) if isinstance(bar, TradeBar) else bar.value
        self.register_indicator(symbol, made, resolution, selector)
        if helper.warms and self._sim.settings.automatic_indicator_warm_up:
            self.warm_up_indicator(symbol, made, resolution, selector)
        return made

    def vwap(self, symbol: Any, *arguments: Any, **options: Any) -> Any:
        """Volume-weighted average price of the day, or of the latest `period` bars."""
        if (arguments and isinstance(arguments[0], int) and not isinstance(arguments[0], Resolution)) or "period" in options:
            period = options.pop("period", None) or arguments[0]
            rest = arguments[1:] if arguments else ()
            resolution = options.get("resolution") or next((r for r in rest if isinstance(r, Resolution)), None)
            helper = Helper(indicators.VolumeWeightedAveragePriceIndicator, "VWAP", P, "bar")
            return self._make(helper, symbol, [period], resolution, options.get("selector"))
        return self._make(Helper(indicators.IntradayVwap, "VWAP", (), "bar", warms=False), symbol, [], None, None)

    def var(self, symbol: Any, period: int, *arguments: Any, **options: Any) -> Any:
        """Variance of the latest `period` values."""
        return self._help("v", symbol, period, *arguments, **options)

    @staticmethod
    def _point(bar: Any, selector: Selector | None, indicator: Any) -> Any:
        if selector is None:
            return bar
        chosen = selector(bar)
        if isinstance(chosen, (int, float)) and not isinstance(chosen, bool):
            return IndicatorDataPoint(bar.symbol, bar.end_time, float(chosen))
        return chosen

    def register_indicator(
        self, symbol: Any, indicator: Any, resolution: Any = None, selector: Selector | None = None, *, period: Any = None,
        consolidator: Any = None,
    ) -> None:  # fmt: skip
        """Feed an indicator with a symbol's bars, consolidated to a resolution, a timedelta or by a consolidator."""
        if selector is None and callable(resolution) and not isinstance(resolution, (Resolution, consolidation.Consolidator)):
            resolution, selector = None, resolution
        consolidator = consolidator or self.resolve_consolidator(symbol, resolution if period is None else period)
        consolidator.data_consolidated += lambda sender, bar: feed(indicator, self._point(bar, selector, indicator))
        self._sim.fed_by.setdefault(id(indicator), []).append((symbol, consolidator))
        self._attach(self._subscription(symbol), consolidator)

    def deregister_indicator(self, indicator: Any) -> None:
        """Feed an indicator no more."""
        for symbol, consolidator in self._sim.fed_by.pop(id(indicator), []):
            subscription = self._sim.subscriptions.get(self._sim.symbol_of(symbol))
            if subscription is not None and consolidator in subscription.fed_to(consolidator):
                subscription.fed_to(consolidator).remove(consolidator)
                if isinstance(consolidator, consolidation.Consolidator):
                    consolidator.detach()

    unregister_indicator = deregister_indicator

    def warm_up_indicator(self, symbol: Any, indicator: Any, resolution: Any = None, selector: Selector | None = None) -> None:
        """Feed an indicator with as much history as it needs. It is reset first."""
        if isinstance(symbol, (list, tuple)):
            for item in symbol:
                self.warm_up_indicator(item, indicator, resolution, selector)
            return
        period = int(getattr(indicator, "warm_up_period", 0) or getattr(indicator, "WarmUpPeriod", 0) or 0)
        if period <= 0:
            self._sim.logs.say("debug", NO_WARM_UP.format(type(indicator).__name__))
            return
        if isinstance(resolution, timedelta):
            self._warm_by_span(symbol, indicator, period, resolution, selector)
            return
        if hasattr(indicator, "reset"):
            indicator.reset()
        for bar in self.history[TradeBar](self._sim.symbol_of(symbol), period, resolution):
            feed(indicator, self._point(bar, selector, indicator))

    def _warm_by_span(self, symbol: Any, indicator: Any, period: int, length: timedelta, selector: Selector | None) -> None:
        lengths = (
            (timedelta(days=1), Resolution.DAILY),
            (timedelta(hours=1), Resolution.HOUR),
            (timedelta(minutes=1), Resolution.MINUTE),
        )
        unit, resolution = next(((u, r) for u, r in lengths if length >= u), lengths[-1])
        key = self._sim.symbol_of(symbol)
        if key in self._sim.subscriptions:
            made = self.resolve_consolidator(key, length)
        else:
            made = consolidation.IdentityConsolidator() if length == unit else consolidation.TradeBarConsolidator(length)
        made.data_consolidated += lambda sender, bar: feed(indicator, self._point(bar, selector, indicator))
        for bar in self.history[TradeBar](key, period * (length // unit), resolution):
            made.update(bar)
        made.scan(self._sim.now)

    def enable_automatic_indicator_warm_up(self, value: bool = True) -> None:
        """Warm indicators up as they are made."""
        self._sim.settings.automatic_indicator_warm_up = value

    def indicator_history(
        self, indicator: Any, symbol: Any, span: Any = None, *rest: Any, period: int | None = None, resolution: Any = None,
        selector: Selector | None = None,
    ) -> IndicatorHistory:  # fmt: skip
        """Past values of an indicator. It is reset first, and left at the last of them, as in LEAN."""
        end = rest[0] if rest and not isinstance(rest[0], (Resolution, int)) and not callable(rest[0]) else None
        for value in rest:
            if isinstance(value, Resolution):
                resolution = value
            elif callable(value):
                selector = value
        span = period if span is None else span
        symbol = symbol[0] if isinstance(symbol, (list, tuple)) else symbol
        warm = int(getattr(indicator, "warm_up_period", 0))
        if hasattr(indicator, "reset"):
            indicator.reset()
        key = self._sim.symbol_of(symbol)
        if isinstance(span, int):
            bars = self.history[TradeBar](key, span + max(warm - 1, 0), resolution)
        elif end is not None:
            begin = self._sim.history.start_before(key, span, max(warm - 1, 0), resolution)
            bars = self.history[TradeBar](key, begin, end, resolution)
        else:
            bars = self.history[TradeBar](key, span, resolution)
        rows = []
        for bar in bars:
            ready = feed(indicator, self._point(bar, selector, indicator))
            if ready:
                parts = {name: part.current.value for name, part in getattr(indicator, "parts", {}).items()}
                rows.append((bar.end_time, {"current": indicator.current.value, **parts}))
        return IndicatorHistory(rows)


class IndicatorHistory:
    """Past values of an indicator: a list of data points, and a frame."""

    def __init__(self, rows: list[tuple[Any, dict[str, float]]]) -> None:
        self._rows = rows
        self.current = [IndicatorDataPoint(time, values["current"]) for time, values in rows]

    @property
    def count(self) -> int:
        """Number of values."""
        return len(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Any:
        return iter(self.current)

    def __getattr__(self, name: str) -> list[IndicatorDataPoint]:
        if not self._rows or name.startswith("_") or name.replace("_", "") not in self._rows[0][1]:
            raise AttributeError(
                f"the indicator's history has no {name!r}: it has {sorted(self._rows[0][1]) if self._rows else []}"
            )
        return self[name.replace("_", "")]

    def __getitem__(self, name: str) -> list[IndicatorDataPoint]:
        return [IndicatorDataPoint(time, values[name]) for time, values in self._rows]

    @property
    def data_frame(self) -> Any:
        """Values by time: the indicator's and its parts'."""
        import pandas as pd

        frame = pd.DataFrame([values for _, values in self._rows], index=pd.DatetimeIndex([time for time, _ in self._rows]))
        return frame[sorted(frame.columns)]


def _helper(name: str) -> Callable[..., Any]:
    kind = HELPERS[name]

    def help_(self: IndicatorMembers, symbol: Any, *arguments: Any, **options: Any) -> Any:
        return self._help(name, symbol, *arguments, **options)

    help_.__name__ = help_.__qualname__ = name
    given = ", ".join(p if d is REQUIRED else f"{p}={d}" for p, d in kind.parameters)
    help_.__doc__ = (
        f"{kind.kind.__name__} of a symbol: ({', '.join(filter(None, ['symbol', given]))}, resolution=None, selector=None)."
    )
    return help_


for _name in HELPERS:
    setattr(IndicatorMembers, _name, _helper(_name))
