"""OANDA: currencies, free of charge."""

from __future__ import annotations

from typing import Any

from hidden_regime.simulator.enums import AccountType, OrderType, SecurityType
from hidden_regime.simulator.failures import InvalidOperationException
from hidden_regime.simulator.models.brokerages import DefaultBrokerageModel
from hidden_regime.simulator.models.fees import ConstantFeeModel
from hidden_regime.simulator.models.refusals import TAKEN, Answer, no_force, no_kind, no_type
from hidden_regime.simulator.models.settlement import ImmediateSettlementModel
from hidden_regime.simulator.orders.properties import TimeInForce

TAKES = (OrderType.LIMIT, OrderType.MARKET, OrderType.STOP_MARKET, OrderType.STOP_LIMIT)
MARGIN_ONLY = "Oanda brokerage can only be used with a Margin account type"


class OandaBrokerageModel(DefaultBrokerageModel):
    """OANDA: a margin account for currencies with a leverage of 50."""

    default_benchmark = ("EURUSD", SecurityType.FOREX, "oanda")

    def __init__(self, account_type: AccountType = AccountType.MARGIN) -> None:
        super().__init__(account_type)
        if self.account_type == AccountType.CASH:
            raise InvalidOperationException(MARGIN_ONLY)

    def get_fee_model(self, security: Any) -> Any:
        """Fee model of a security."""
        return ConstantFeeModel(0.0)

    def get_settlement_model(self, security: Any) -> Any:
        """Settlement model of a security."""
        return ImmediateSettlementModel()

    def can_submit_order(self, security: Any, order: Any, message: Any = None) -> Answer:
        """Whether it takes an order, and what it says otherwise."""
        if security.type != SecurityType.FOREX:
            return no_kind(self, security)
        if order.type not in TAKES:
            return no_type(self, order, TAKES)
        if order.time_in_force is not TimeInForce.GOOD_TIL_CANCELED:
            return no_force(self, order)
        return TAKEN
