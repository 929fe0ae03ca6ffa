"""What an order at the market would cost, before there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.simulator.models.fees import InteractiveBrokersFeeModel, fee_of
from hidden_regime.simulator.orders.kinds.market import MarketOrder

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security


def fee_at_market(security: Security, quantity: float) -> float:
    """Dollars that so many shares would cost: the usual model is asked without an order."""
    model = security.fee_model
    if type(model) is InteractiveBrokersFeeModel:
        return model.amount(abs(quantity), abs(quantity * security.price))
    return fee_of(security, MarketOrder(security.symbol, quantity, security.now)).value.amount
