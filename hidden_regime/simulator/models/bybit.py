"""Bybit: coins, in a cash or a margin account."""

from __future__ import annotations

from typing import Any

from hidden_regime.simulator.enums import SecurityType
from hidden_regime.simulator.failures import ArgumentOutOfRangeException
from hidden_regime.simulator.models.binance import NAMED, BinanceFeeModel
from hidden_regime.simulator.models.coin_broker import CoinBrokerageModel
from hidden_regime.simulator.models.refusals import NO_CHANGE, TAKEN, Answer, no_kind, no_type, refused, too_few
from hidden_regime.simulator.orders.coin_properties import BybitOrderProperties

NO_FEE = "Not supported security type {} (Parameter 'security')"


class BybitFeeModel(BinanceFeeModel):
    """A thousandth, of what Binance takes it of."""

    properties = BybitOrderProperties


class BybitBrokerageModel(CoinBrokerageModel):
    """Bybit: without leverage in a cash account, with 10 in a margin account. Orders of coins can't be changed."""

    default_benchmark = ("BTCUSDC", SecurityType.CRYPTO, "bybit")
    crypto_market = "bybit"
    borrows = 10.0

    def get_fee_model(self, security: Any) -> Any:
        """Fee model of a security: of coins, and of custom data as usual; others it doesn't have."""
        if security.type == SecurityType.CRYPTO:
            return BybitFeeModel()
        if security.type == SecurityType.BASE:
            return super().get_fee_model(security)
        raise ArgumentOutOfRangeException(NO_FEE.format(security.type.to_string()))

    def can_submit_order(self, security: Any, order: Any, message: Any = None) -> Answer:
        """Whether it takes an order, and what it says otherwise."""
        if security.type not in (SecurityType.CRYPTO, SecurityType.BASE):
            return no_kind(self, security)
        if order.type not in NAMED:
            return no_type(self, order, NAMED)
        least = security.symbol_properties.minimum_order_size
        if least is not None and abs(order.quantity) < least:
            return too_few(security, order.quantity)
        return TAKEN

    def can_update_order(self, security: Any, order: Any, request: Any, message: Any = None) -> Answer:
        """It never does."""
        return refused(NO_CHANGE)
