"""Trade at the next open."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hidden_regime.simulator.enums import OrderType
from hidden_regime.simulator.models.slippage import slippage_of
from hidden_regime.simulator.orders.order import Fill, Order

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security

HOUR = timedelta(hours=1)


class MarketOnOpenOrder(Order):
    """Fills at the open of the first bar that begins after the order was sent, and not in a session already open then."""

    type = OrderType.MARKET_ON_OPEN

    def waits(self, security: Security) -> bool:
        """Whether no bar that could fill it has come yet."""
        return security.bar is None or self.moment >= security.bar.end_time

    def attempt(self, security: Security, now: datetime) -> Fill | None:
        """See `Order.attempt`."""
        bar = security.bar
        if bar is None or bar.time < self.moment or not security.fills_at(now):
            return None
        hours = security.exchange
        if bar.end_time - bar.time < HOUR and not hours.open_at(bar.time):
            return None
        if hours.open_at(self.moment) and self.moment.date() == bar.end_time.date():
            return None
        slip = slippage_of(security, self)
        return Fill(bar.open + (slip if self.quantity > 0 else -slip))
