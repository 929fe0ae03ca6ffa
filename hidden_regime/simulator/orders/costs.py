"""What an order at the market would cost, before there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.simulator.models.fees import InteractiveBrokersFeeModel, fee_of
from hidden_regime.simulator.orders.kinds.market import MarketOrder

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security


def fee_at_market(security: Security, quantity: float) -> float:
    """What so many shares would cost in the account's currency: the usual model is asked without an order."""
    model = security.fee_model
    if type(model) is InteractiveBrokersFeeModel and security.is_plain:
        return model.amount(abs(quantity), abs(quantity * security.price))
    return security.in_account(fee_of(security, MarketOrder(security.symbol, quantity, security.now)).value)
