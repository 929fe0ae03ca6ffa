"""Become a limit order once a favourable price is touched."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from hidden_regime.simulator.enums import OrderType
from hidden_regime.simulator.orders.kinds.limit import LimitOrder
from hidden_regime.simulator.orders.order import Fill
from hidden_regime.simulator.orders.prices import best_offer

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security


class LimitIfTouchedOrder(LimitOrder):
    """Touched when a bar of trades reaches its trigger, it fills at an ask or bid, without quotes a close, that its limit
    allows."""

    type = OrderType.LIMIT_IF_TOUCHED
    prices = ("trigger_price", "limit_price")
    event_fields = ("limit_price",)
    state_fields = ("trigger_touched",)
    is_marketable = False
    signatures = "limit_if_touched_order symbol:Symbol quantity:int|double|decimal trigger_price:decimal limit_price:decimal @end"
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
        offer = best_offer(security, self.sent, buys=buys) if self.trigger_touched else None
        if offer is None or (offer.price > self.limit_price if buys else offer.price < self.limit_price):
            return None
        return Fill(offer.price, offer.message)
