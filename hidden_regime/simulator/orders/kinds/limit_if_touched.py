"""Become a limit order once a favourable price is touched."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from hidden_regime.simulator.enums import OrderType
from hidden_regime.simulator.orders.kinds.limit import LimitOrder
from hidden_regime.simulator.orders.order import NO_QUOTE, Fill

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security


class LimitIfTouchedOrder(LimitOrder):
    """Touched when a bar reaches its trigger, it fills at a close that its limit allows."""

    type = OrderType.LIMIT_IF_TOUCHED
    prices = ("trigger_price", "limit_price")
    event_fields = ("limit_price",)
    state_fields = ("trigger_touched",)
    trigger_price: float

    def __init__(self, *arguments: Any, **prices: Any) -> None:
        super().__init__(*arguments, **prices)
        self.trigger_touched = False

    def attempt(self, security: Security, now: datetime) -> Fill | None:
        """See `Order.attempt`."""
        bar = self.fresh_bar(security, now)
        if bar is None:
            return None
        buys = self.quantity > 0
        reached = bar.low <= self.trigger_price if buys else bar.high >= self.trigger_price
        self.trigger_touched = self.trigger_touched or reached
        allowed = bar.close <= self.limit_price if buys else bar.close >= self.limit_price
        if self.trigger_touched and allowed:
            return Fill(bar.close, NO_QUOTE.format(bar.end_time))
        return None
