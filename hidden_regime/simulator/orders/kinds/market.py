"""Trade now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hidden_regime.simulator.enums import OrderType, Resolution
from hidden_regime.simulator.models.slippage import slippage_of
from hidden_regime.simulator.orders.order import NO_QUOTE, Fill, Order

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security

MINUTE = timedelta(minutes=1)


class MarketOrder(Order):
    """Fills at the last close, if that is no older than the settings' stale_price_time_span, else at the next bar's.

    A bar of a minute is waited for only where none has come for more than a minute.
    """

    type = OrderType.MARKET

    def attempt(self, security: Security, now: datetime) -> Fill | None:
        """See `Order.attempt`."""
        bar = security.bar
        if bar is None or not security.fills_at(now):
            return None
        late = self.moment - bar.end_time
        if late > security.stale_after and (late > MINUTE or security.resolution != Resolution.MINUTE):
            return None
        slip = slippage_of(security, self)
        return Fill(bar.close + (slip if self.quantity > 0 else -slip), NO_QUOTE.format(bar.end_time))
