"""Trade now."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from hidden_regime.simulator.enums import OrderType, Resolution
from hidden_regime.simulator.lengths import MINUTE, SECOND
from hidden_regime.simulator.models.slippage import slippage_of
from hidden_regime.simulator.orders.order import Fill, Order
from hidden_regime.simulator.orders.prices import best_offer

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security


PATIENCE = {Resolution.MINUTE: MINUTE, Resolution.SECOND: SECOND, Resolution.TICK: SECOND}
"""How long data may have failed to come where an order takes old ones; elsewhere it always waits."""


def is_waited_for(order: Order, security: Security, since: datetime) -> bool:
    """Whether an order that would fill at data of a time, which is too long ago, waits for new ones."""
    patience = PATIENCE.get(security.resolution)
    return patience is None or order.sent - since > patience


class MarketOrder(Order):
    """Fills at the last ask or bid, without quotes at the last close, if that is no older than the settings'
    stale_price_time_span, else at the next one.

    A bar of a minute is waited for only where none has come for more than a minute.
    """

    type = OrderType.MARKET
    signatures = "market_order symbol:Symbol quantity:int|double|decimal @end"
    fills_at_once = is_marketable = True

    def attempt(self, security: Security, now: datetime) -> Fill | None:
        """See `Order.attempt`."""
        buys = self.quantity > 0
        offer = best_offer(security, self.sent, buys=buys) if security.fills_at(now) else None
        if offer is None:
            return None
        if offer.stale_since is not None and is_waited_for(self, security, offer.stale_since):
            return None
        slip = slippage_of(security, self)
        return Fill(offer.price + (slip if buys else -slip), offer.message)
