"""Buying power models of the user's own: asked by LEAN's methods, those that they have; the others are the engine's.

As in LEAN a rule of the engine's doesn't ask one of the user's: who overrides `get_maintenance_margin` and not
`get_reserved_buying_power_for_position` changes what margin calls ask for, not what a position binds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hidden_regime.data.decimals import SystemDecimal
from hidden_regime.exceptions import UnsupportedError
from hidden_regime.simulator.managed import OURS, is_own
from hidden_regime.simulator.models.buying_power import OWN_RULES, BuyingPowerModel
from hidden_regime.simulator.models.margin_parameters import (
    BuyingPowerParameters,
    GetMaximumOrderQuantityForTargetBuyingPowerParameters,
    HasSufficientBuyingPowerForOrderParameters,
    InitialMarginParameters,
    ReservedBuyingPowerForPositionParameters,
)
from hidden_regime.simulator.spelling import pascal

if TYPE_CHECKING:
    from hidden_regime.simulator.account.portfolio import Portfolio
    from hidden_regime.simulator.account.security import Security
    from hidden_regime.simulator.enums import OrderDirection
    from hidden_regime.simulator.orders.order import Order

NEEDED = (
    "has_sufficient_buying_power_for_order", "get_maximum_order_quantity_for_target_buying_power",
    "get_reserved_buying_power_for_position", "get_leverage",
)  # fmt: skip
UNNAMED = "the buying power model says that there isn't enough"
LACKS = (
    "buying power model {kind}.{name}: expected the class to have it. Derive it from BuyingPowerModel, whose rules then hold for "
    "what it doesn't override."
)


def asked(model: Any) -> Any:
    """A model as the engine asks it."""
    if isinstance(model, BuyingPowerModel) and (
        type(model).__module__.startswith(OURS)
        or not any(is_own(model, name) for name in (*OWN_RULES, "get_leverage", "set_leverage"))
    ):
        return model
    made = AskedModel(model)
    made.check()
    return made


class AskedModel:
    """A model of the user's own, as the engine asks models."""

    varies = True
    is_usual = False

    def __init__(self, own: Any) -> None:
        self.own = own
        self._rules = {name for name in (*OWN_RULES, "get_leverage", "set_leverage") if is_own(own, name)}

    def check(self) -> None:
        """Raise for a class that neither derives from LEAN's nor has what every order asks."""
        for name in NEEDED:
            if name not in self._rules:
                self._base(name)

    def _ask(self, name: str, given: Any) -> Any:
        return (getattr(self.own, name, None) or getattr(self.own, pascal(name)))(given)

    def _base(self, name: str) -> Any:
        if not isinstance(self.own, BuyingPowerModel):
            raise UnsupportedError(LACKS.format(kind=type(self.own).__name__, name=name))
        return self.own

    def get_leverage(self, security: Security) -> float:
        """Leverage of a security."""
        if "get_leverage" in self._rules:
            return float(self._ask("get_leverage", security))
        return float(self._base("get_leverage").get_leverage(security))

    def set_leverage(self, security: Security, leverage: float) -> None:
        """Change it."""
        if "set_leverage" in self._rules:
            (getattr(self.own, "set_leverage", None) or self.own.SetLeverage)(security, leverage)
        else:
            self._base("set_leverage").set_leverage(security, leverage)

    def initial_margin(self, security: Security, quantity: float) -> float:
        """Margin that an order of so many shares needs, with its sign."""
        if "get_initial_margin_requirement" in self._rules:
            return _amount(self._ask("get_initial_margin_requirement", InitialMarginParameters(security, quantity)))
        return float(self._base("get_initial_margin_requirement").initial_margin(security, quantity))

    def maintenance_margin(self, security: Security) -> float:
        """Margin that the position binds."""
        if "get_reserved_buying_power_for_position" in self._rules:
            found = self._ask("get_reserved_buying_power_for_position", ReservedBuyingPowerForPositionParameters(security))
            return float(getattr(found, "absolute_used_buying_power", found))
        return float(self._base("get_reserved_buying_power_for_position").maintenance_margin(security))

    def buying_power(self, portfolio: Portfolio, security: Security, direction: OrderDirection) -> float:
        """What an order in a direction may use."""
        if "get_buying_power" in self._rules:
            return _amount(self._ask("get_buying_power", BuyingPowerParameters(portfolio, security, direction)))
        return float(self._base("get_buying_power").buying_power(portfolio, security, direction))

    def shortfall(self, portfolio: Portfolio, security: Security, order: Order) -> str:
        """Why an order can't be carried; empty if it can."""
        if "has_sufficient_buying_power_for_order" not in self._rules:
            return str(self._base("has_sufficient_buying_power_for_order").shortfall(portfolio, security, order))
        given = HasSufficientBuyingPowerForOrderParameters(portfolio, security, order)
        found = self._ask("has_sufficient_buying_power_for_order", given)
        return "" if found.is_sufficient else found.reason or UNNAMED

    def order_quantity(self, portfolio: Portfolio, security: Security, share: float | SystemDecimal, *, least: float) -> float:
        """Shares to order so that the position's margin becomes a share of the account's value."""
        name = "get_maximum_order_quantity_for_target_buying_power"
        if name not in self._rules:
            return float(self._base(name).order_quantity(portfolio, security, share, least=least))
        given = GetMaximumOrderQuantityForTargetBuyingPowerParameters(portfolio, security, float(share), least)
        return float(self._ask(name, given).quantity)


def _amount(found: Any) -> float:
    return float(getattr(found, "value", found))
