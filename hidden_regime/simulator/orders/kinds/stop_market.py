"""Trade at the market once a price is reached."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from hidden_regime.simulator.enums import OrderType
from hidden_regime.simulator.models.slippage import slippage_of
from hidden_regime.simulator.orders.order import Fill, Order, gap

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security


class StopMarketOrder(Order):
    """Fills at its stop when a bar reaches it, or at the open if that is beyond."""

    type = OrderType.STOP_MARKET
    prices: ClassVar[tuple[str, ...]] = ("stop_price",)
    event_fields: ClassVar[tuple[str, ...]] = ("stop_price",)
    signatures = "stop_market_order symbol:Symbol quantity:int|double|decimal stop_price:decimal @end"
    stop_price: float

    def get_value(self, security: Security) -> float:
        """At the stop or the price, whichever is lower for a buyer and higher for a seller."""
        choose = min if self.quantity > 0 else max
        return self.quantity * choose(self.stop_price, security.price) * security.quote_cash.rate

    def attempt(self, security: Security, now: datetime) -> Fill | None:
        """See `Order.attempt`."""
        bar = self.fresh_bar(security, now)
        if bar is None:
            return None
        if self.quantity > 0:
            if bar.high >= self.stop_price:
                slip = slippage_of(security, self)
                if bar.open >= self.stop_price:
                    return Fill(bar.open + slip, gap("an unfavorable", bar))
                return Fill(self.stop_price + slip)
        elif bar.low <= self.stop_price:
            slip = slippage_of(security, self)
            if bar.open <= self.stop_price:
                return Fill(bar.open - slip, gap("an unfavorable", bar))
            return Fill(self.stop_price - slip)
        return None
