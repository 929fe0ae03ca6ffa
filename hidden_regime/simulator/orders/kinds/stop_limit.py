"""Become a limit order once a price is passed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from hidden_regime.simulator.enums import OrderType
from hidden_regime.simulator.orders.kinds.limit import LimitOrder
from hidden_regime.simulator.orders.order import Fill

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security


class StopLimitOrder(LimitOrder):
    """Triggered when a bar passes its stop, it fills when a bar closes on the right side of its limit."""

    type = OrderType.STOP_LIMIT
    prices = event_fields = ("stop_price", "limit_price")
    state_fields = ("stop_triggered",)
    is_marketable = False
    signatures = "stop_limit_order symbol:Symbol quantity:int|double|decimal stop_price:decimal limit_price:decimal @end"
    stop_price: float

    def __init__(self, *arguments: Any, **prices: Any) -> None:
        super().__init__(*arguments, **prices)
        self.stop_triggered = False

    def attempt(self, security: Security, now: datetime) -> Fill | None:
        """See `Order.attempt`."""
        bar = self.fresh_range(security, now)
        if bar is None:
            return None
        if self.quantity > 0:
            self.stop_triggered = self.stop_triggered or bar.high > self.stop_price
            if self.stop_triggered and bar.close < self.limit_price:
                return Fill(min(bar.high, self.limit_price))
        else:
            self.stop_triggered = self.stop_triggered or bar.low < self.stop_price
            if self.stop_triggered and bar.close > self.limit_price:
                return Fill(max(bar.low, self.limit_price))
        return None
