"""Slippage models: by how much a fill is worse than the price seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.managed import Managed

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security
    from hidden_regime.simulator.orders.order import Order


class SlippageModel(Protocol):
    """What a slippage model answers; any class with this function will do."""

    def get_slippage_approximation(self, asset: Security, order: Order) -> float:
        """Dollars a share, positive for worse."""


class NullSlippageModel(metaclass=Managed):
    """None."""

    def get_slippage_approximation(self, asset: Security, order: Order) -> float:
        """Zero."""
        return 0.0


class ConstantSlippageModel(metaclass=Managed):
    """A share of the last price."""

    def __init__(self, slippage_percent: float) -> None:
        self._share = float(slippage_percent)

    def get_slippage_approximation(self, asset: Security, order: Order) -> float:
        """Dollars a share."""
        return asset.price * self._share


class VolumeShareSlippageModel(metaclass=Managed):
    """Grows with the square of the order's share in the bar's volume, up to a limit."""

    def __init__(self, volume_limit: float = 0.025, price_impact: float = 0.1) -> None:
        if volume_limit < 0 or price_impact < 0:
            raise ParameterError("volume_limit, price_impact", (volume_limit, price_impact), "numbers of at least 0")
        self._limit, self._impact = float(volume_limit), float(price_impact)

    def get_slippage_approximation(self, asset: Security, order: Order) -> float:
        """Dollars a share."""
        share = self._limit
        if asset.volume > 0:
            share = min(abs(order.quantity) / asset.volume, self._limit)
        return asset.price * self._impact * share * share


def slippage_of(security: Security, order: Order) -> float:
    """Slippage of an order by its security's model, the user's own included."""
    model: Any = security.slippage_model
    if type(model) is NullSlippageModel:
        return 0.0
    ask = getattr(model, "get_slippage_approximation", None) or model.GetSlippageApproximation
    return float(ask(security, order))
