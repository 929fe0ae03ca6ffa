"""Trade at the next close."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hidden_regime.simulator.enums import OrderType
from hidden_regime.simulator.models.slippage import slippage_of
from hidden_regime.simulator.orders.order import Fill, Order

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security


DEFAULT_BUFFER = timedelta(minutes=15, seconds=30)


class MarketOnCloseOrder(Order):
    """Fills at the last price of the session, once it is over."""

    type = OrderType.MARKET_ON_CLOSE
    settable = ("submission_time_buffer",)
    DEFAULT_SUBMISSION_TIME_BUFFER = DEFAULT_BUFFER
    submission_time_buffer = DEFAULT_BUFFER
    """How long before the close it has to be sent. Set on the class, it holds for the run."""

    def attempt(self, security: Security, now: datetime) -> Fill | None:
        """See `Order.attempt`."""
        bar = security.bar
        if bar is None or now < security.exchange.calendar.next_close(self.moment) or not security.fills_at(now):
            return None
        slip = slippage_of(security, self)
        return Fill(bar.close + (slip if self.quantity > 0 else -slip))
