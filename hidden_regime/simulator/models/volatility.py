"""Volatility models: how much a price moves, for the strategy's own use. Only options' prices need them otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.enums import DataNormalizationMode
from hidden_regime.simulator.managed import Managed
from hidden_regime.simulator.objects import TradeBar
from hidden_regime.simulator.spelling import TwoSpellings


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
