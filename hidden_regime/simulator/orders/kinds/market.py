"""Trade now."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from hidden_regime.simulator.enums import OrderType
from hidden_regime.simulator.models.slippage import slippage_of
from hidden_regime.simulator.orders.order import NO_QUOTE, Fill, Order

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security


class MarketOrder(Order):
    """Fills at the last close, if that is no older than the settings' stale_price_time_span, else at the next bar's."""

    type = OrderType.MARKET

    def attempt(self, security: Security, now: datetime) -> Fill | None:
        """See `Order.attempt`."""
        bar = security.bar
        if bar is None or bar.end_time < self.moment - security.stale_after or not security.fills_at(now):
            return None
        slip = slippage_of(security, self)
        price = bar.open if self.moment < bar.time else bar.close
        return Fill(price + (slip if self.quantity > 0 else -slip), NO_QUOTE.format(bar.end_time))
