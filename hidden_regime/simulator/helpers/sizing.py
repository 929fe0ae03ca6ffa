"""LEAN's class `OrderSizing`: quantities of whole lots, within limits."""

from __future__ import annotations

from math import copysign
from typing import Any

from hidden_regime.simulator.enums import SecurityType
from hidden_regime.simulator.models.fees import fee_of
from hidden_regime.simulator.orders.kinds.market import MarketOrder
from hidden_regime.simulator.spelling import TwoSpellings

NEARLY = 1e-6


class OrderSizing(TwoSpellings):
    """Static functions."""

    @staticmethod
    def get_order_size_for_percent_volume(security: Any, maximum_percent_current_volume: float,
                                          desired_order_size: float) -> float:  # fmt: skip
        """The wish, at most a share of the current bar's volume."""
        return _limited(security, maximum_percent_current_volume * security.volume, desired_order_size)

    @staticmethod
    def get_order_size_for_maximum_value(security: Any, maximum_order_value_in_account_currency: float,
                                         desired_order_size: float) -> float:  # fmt: skip
        """The wish, at most so many dollars' worth."""
        price = security.price * security.symbol_properties.contract_multiplier
        return _limited(security, maximum_order_value_in_account_currency / price, desired_order_size) if price else 0.0

    @staticmethod
    def get_unordered_quantity(algorithm: Any, target: Any, security: Any = None, account_for_fees: bool = False) -> float:
        """What is still to be ordered to reach a target."""
        asset = algorithm.securities[target.symbol] if security is None else security
        held = asset.holdings.quantity + algorithm.transactions.get_open_orders_remaining_quantity(asset.symbol)
        missing = target.quantity - held
        return OrderSizing.adjust_by_lot_size(asset, with_fee_in_kind(asset, missing) if account_for_fees else missing)

    @staticmethod
    def adjust_by_lot_size(security: Any, quantity: float) -> float:
        """Whole lots; one that lacks less than a millionth counts as whole."""
        lot, size = security.symbol_properties.lot_size, abs(quantity)
        rest = size % lot
        if lot - rest < lot * NEARLY:
            rest -= lot
        return copysign(size - rest, quantity)


def with_fee_in_kind(security: Any, quantity: float) -> float:
    """So many units of a coin, and those that a broker keeps as its fee, so that the first are left."""
    if security.type != SecurityType.CRYPTO or quantity <= 0:
        return quantity
    fee = fee_of(security, MarketOrder(security.symbol, quantity, security.now)).value
    return quantity + fee.amount if fee.currency == security.base_cash.symbol else quantity


def _limited(security: Any, most: float, wish: float) -> float:
    return copysign(OrderSizing.adjust_by_lot_size(security, min(most, abs(wish))), wish)
