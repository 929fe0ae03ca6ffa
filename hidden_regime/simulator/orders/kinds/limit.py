"""Trade at a price or a better one."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from hidden_regime.simulator.enums import OrderType
from hidden_regime.simulator.orders.order import Fill, Order, gap

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security


class LimitOrder(Order):
    """Fills at its limit when a bar trades through it, or at the open if that is better."""

    type = OrderType.LIMIT
    prices: ClassVar[tuple[str, ...]] = ("limit_price",)
    event_fields: ClassVar[tuple[str, ...]] = ("limit_price",)
    signatures = "limit_order symbol:Symbol quantity:int|double|decimal limit_price:decimal @end"
    limit_price: float

    def get_value(self, security: Security) -> float:
        """At the limit or the price, whichever is lower for a buyer and higher for a seller."""
        choose = min if self.quantity > 0 else max
        return self.quantity * choose(self.limit_price, security.price) * security.quote_cash.rate

    @property
    def is_marketable(self) -> bool:  # type: ignore[override]
        """Whether the market stood beyond its limit as it was sent."""
        return self.limit_price >= self.ask_seen if self.quantity > 0 else self.limit_price <= self.bid_seen

    def attempt(self, security: Security, now: datetime) -> Fill | None:
        """See `Order.attempt`."""
        bar = self.fresh_bar(security, now)
        if bar is None:
            return None
        if self.quantity > 0:
            if bar.low < self.limit_price:
                return Fill(bar.open, gap("a favorable", bar)) if bar.open < self.limit_price else Fill(self.limit_price)
        elif bar.high > self.limit_price:
            return Fill(bar.open, gap("a favorable", bar)) if bar.open > self.limit_price else Fill(self.limit_price)
        return None
