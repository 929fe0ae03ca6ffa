"""Trade at the next open."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from hidden_regime.simulator.enums import OrderType, Resolution
from hidden_regime.simulator.failures import InvalidOperationException
from hidden_regime.simulator.lengths import HOUR
from hidden_regime.simulator.models.slippage import slippage_of
from hidden_regime.simulator.orders.kinds.market_on_close import NEVER_CLOSES, near_the_close
from hidden_regime.simulator.orders.order import Fill, Order
from hidden_regime.simulator.orders.responses import OrderResponseErrorCode as Code

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security

OPEN_NOW = "Cannot submit a MarketOnOpen order while the market is open."


class MarketOnOpenOrder(Order):
    """Fills at the open of the first bar that begins after the order was sent, and not in a session already open then."""

    type = OrderType.MARKET_ON_OPEN
    signatures = "market_on_open_order symbol:Symbol quantity:double|int|decimal @end"
    at_auction = True

    @classmethod
    def refusal(cls, security: Security, now: datetime) -> tuple[Code, str] | None:
        """See `Order.refusal`: one sent for a daily bar shortly before the close is for the next day."""
        if security.exchange.always:
            raise InvalidOperationException(NEVER_CLOSES.format(security.symbol, "MarketOnOpen"))
        if not security.exchange.open_at(now) or (security.resolution == Resolution.DAILY and near_the_close(security, now)):
            return None
        return Code.MARKET_ON_OPEN_NOT_ALLOWED_DURING_REGULAR_HOURS, OPEN_NOW

    def waits(self, security: Security) -> bool:
        """See `Order.waits`."""
        until = security.traded_until
        return until is None or self.sent >= until

    def attempt(self, security: Security, now: datetime) -> Fill | None:
        """See `Order.attempt`."""
        bar = security.bar
        if bar is None or bar.time < self.sent or not security.fills_at(now):
            return None
        hours = security.exchange
        if bar.end_time - bar.time < HOUR and not hours.open_at(bar.time):
            return None
        if hours.open_at(self.sent) and self.sent.date() == bar.end_time.date():
            return None
        slip = slippage_of(security, self)
        return Fill(bar.open + (slip if self.quantity > 0 else -slip))
