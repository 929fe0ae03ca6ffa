"""LEAN's class `BuyingPowerModelExtensions`: buying power models asked with plain arguments."""

from __future__ import annotations

from typing import Any

from hidden_regime.simulator.models.margin_parameters import (
    BuyingPower,
    BuyingPowerParameters,
    GetMaximumOrderQuantityForDeltaBuyingPowerParameters,
    GetMaximumOrderQuantityForTargetBuyingPowerParameters,
    GetMaximumOrderQuantityResult,
    HasSufficientBuyingPowerForOrderParameters,
    HasSufficientBuyingPowerForOrderResult,
    InitialMarginParameters,
    MaintenanceMarginParameters,
    ReservedBuyingPowerForPositionParameters,
)
from hidden_regime.simulator.spelling import TwoSpellings, either


class BuyingPowerModelExtensions(TwoSpellings):
    """Static functions."""

    @staticmethod
    def get_reserved_buying_power_for_position(model: Any, security: Any) -> float:
        """What the position binds."""
        found = either(model, "get_reserved_buying_power_for_position")(ReservedBuyingPowerForPositionParameters(security))
        return float(found.absolute_used_buying_power)

    @staticmethod
    def has_sufficient_buying_power_for_order(
        model: Any, portfolio: Any, security: Any, order: Any
    ) -> HasSufficientBuyingPowerForOrderResult:
        """Whether an order can be carried."""
        given = HasSufficientBuyingPowerForOrderParameters(portfolio, security, order)
        found: HasSufficientBuyingPowerForOrderResult = either(model, "has_sufficient_buying_power_for_order")(given)
        return found

    @staticmethod
    def get_maximum_order_quantity_for_target_buying_power(
        model: Any, portfolio: Any, security: Any, target: float, minimum_order_margin_portfolio_percentage: float
    ) -> GetMaximumOrderQuantityResult:
        """Shares that make a position a share of the account."""
        least = minimum_order_margin_portfolio_percentage
        given = GetMaximumOrderQuantityForTargetBuyingPowerParameters(portfolio, security, target, least)
        found: GetMaximumOrderQuantityResult = either(model, "get_maximum_order_quantity_for_target_buying_power")(given)
        return found

    @staticmethod
    def get_maximum_order_quantity_for_delta_buying_power(
        model: Any, portfolio: Any, security: Any, delta_buying_power: float,
        minimum_order_margin_portfolio_percentage: float,
    ) -> GetMaximumOrderQuantityResult:  # fmt: skip
        """Shares that change what a position binds by an amount."""
        least = minimum_order_margin_portfolio_percentage
        given = GetMaximumOrderQuantityForDeltaBuyingPowerParameters(portfolio, security, delta_buying_power, least)
        found: GetMaximumOrderQuantityResult = either(model, "get_maximum_order_quantity_for_delta_buying_power")(given)
        return found

    @staticmethod
    def get_buying_power(model: Any, portfolio: Any, security: Any, direction: Any) -> float:
        """What an order in a direction may use."""
        found: BuyingPower = either(model, "get_buying_power")(BuyingPowerParameters(portfolio, security, direction))
        return float(found.value)

    @staticmethod
    def get_maintenance_margin(model: Any, security: Any) -> float:
        """What the position binds, as margin calls ask."""
        given = MaintenanceMarginParameters.for_current_holdings(security)
        return float(either(model, "get_maintenance_margin")(given).value)

    @staticmethod
    def get_initial_margin_requirement(model: Any, security: Any, quantity: float) -> float:
        """What an order of so many shares needs."""
        given = InitialMarginParameters(security, quantity)
        return float(either(model, "get_initial_margin_requirement")(given).value)

    @staticmethod
    def above_minimum_order_margin_portfolio_percentage(
        model: Any, security: Any, quantity: float, portfolio: Any, minimum_order_margin_portfolio_percentage: float
    ) -> bool:
        """Whether an order is large enough to be worth one: with no margin left any is."""
        least = minimum_order_margin_portfolio_percentage
        if least == 0:
            return True
        margin = BuyingPowerModelExtensions.get_initial_margin_requirement(model, security, quantity)
        return bool(abs(margin) >= portfolio.total_portfolio_value * least or portfolio.margin_remaining <= 0)
