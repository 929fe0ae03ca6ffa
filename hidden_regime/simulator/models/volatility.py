"""Volatility models: how much a price moves, for the strategy's own use. Only options' prices need them otherwise."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from math import sqrt
from statistics import fmean, stdev
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.enums import DataNormalizationMode, Resolution
from hidden_regime.simulator.failures import ArgumentException
from hidden_regime.simulator.lengths import DAY, LENGTHS
from hidden_regime.simulator.managed import Managed
from hidden_regime.simulator.objects import TradeBar
from hidden_regime.simulator.spelling import TwoSpellings

RETURNS = {Resolution.TICK: 600, Resolution.SECOND: 600, Resolution.MINUTE: 60 * 24, Resolution.HOUR: 24 * 30}
"""Returns in the window of a model that is given a resolution alone; 30 of days."""


class BaseVolatilityModel(TwoSpellings, metaclass=Managed):
    """Base of volatility models: none. Override `update(security, data)`, and `volatility`."""

    volatility = 0.0

    def update(self, security: Any, data: Any) -> None:
        """Take new data of a security."""


class IndicatorVolatilityModel(BaseVolatilityModel):
    """An indicator's value; a function of security, data and indicator may feed it, or the strategy."""

    def __init__(self, indicator: Any, indicator_update: Callable[[Any, Any, Any], object] | None = None) -> None:
        self._indicator, self._feed = indicator, indicator_update

    @property
    def volatility(self) -> float:  # type: ignore[override]
        """The indicator's value."""
        return float(self._indicator.current.value)

    def update(self, security: Any, data: Any) -> None:
        """Feed the indicator."""
        if self._feed is not None:
            self._feed(security, data, self._indicator)


class _Sampling(BaseVolatilityModel):
    """Prices at least so far apart, the latest of them."""

    def __init__(self, periods: int, span: timedelta) -> None:
        if periods < 2:
            raise ArgumentException("'periods' must be greater than or equal to 2.")
        self._span, self._window, self._last = span, deque[float](maxlen=periods), datetime.min

    def update(self, security: Any, data: Any) -> None:
        """Take a price, if it is time."""
        if data.price > 0 and data.end_time - self._last >= self._span:
            self._take(data.price)
            self._last = data.end_time

    def _take(self, price: float) -> None:
        self._window.append(price)


class StandardDeviationOfReturnsVolatilityModel(_Sampling):
    """Standard deviation of returns, of a year: of so many returns, a day or `update_frequency` each."""

    def __init__(self, periods: Any, resolution: Any = None, update_frequency: timedelta | None = None) -> None:
        if isinstance(periods, Resolution):
            given = resolution if isinstance(resolution, timedelta) else update_frequency
            periods, resolution, update_frequency = RETURNS.get(periods, 30), periods, given
        span = LENGTHS[Resolution(resolution)] if resolution is not None else DAY
        super().__init__(int(periods), span if update_frequency is None else update_frequency)
        self._price = 0.0

    def _take(self, price: float) -> None:
        if self._price:
            self._window.append(price / self._price - 1.0)
        self._price = price

    @property
    def volatility(self) -> float:  # type: ignore[override]
        """The deviation times the square root of 252; nothing before the second return."""
        return stdev(self._window) * sqrt(252.0) if len(self._window) > 1 else 0.0


class RelativeStandardDeviationVolatilityModel(_Sampling):
    """Standard deviation of prices, by their mean: of so many prices, `period_span` apart."""

    def __init__(self, period_span: timedelta, periods: int) -> None:
        super().__init__(int(periods), period_span)

    @property
    def volatility(self) -> float:  # type: ignore[override]
        """The deviation by the mean; nothing before the second price."""
        return stdev(self._window) / abs(fmean(self._window)) if len(self._window) > 1 else 0.0


class VolatilityModel:
    """`VolatilityModel.NULL`: no volatility."""

    NULL = Null = BaseVolatilityModel()


class VolatilityModelExtensions(TwoSpellings):
    """Static functions of volatility models."""

    @staticmethod
    def warm_up(volatility_model: Any, algorithm: Any, security: Any, resolution: Any, periods: int,
                data_normalization_mode: Any = None) -> None:  # fmt: skip
        """Feed a model with so many bars of the past: raw ones as they compare with today's, so that a split is no jump."""
        if data_normalization_mode == DataNormalizationMode.RAW:
            data_normalization_mode = DataNormalizationMode.SCALED_RAW
        options = {} if data_normalization_mode is None else {"data_normalization_mode": data_normalization_mode}
        for bar in algorithm.history[TradeBar](security.symbol, periods, resolution, **options):
            update_of(volatility_model)(security, bar)


def update_of(model: Any) -> Callable[[Any, Any], object]:
    """How a model takes new data, the user's own included."""
    found = getattr(model, "update", None) or getattr(model, "Update", None)
    if found is None:
        raise ParameterError("volatility_model", type(model).__name__, "a class with update(security, data)")
    return found  # type: ignore[no-any-return]
