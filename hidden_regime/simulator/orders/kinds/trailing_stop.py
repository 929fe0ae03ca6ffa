"""A stop that follows the market."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hidden_regime.simulator.enums import OrderType
from hidden_regime.simulator.models.slippage import slippage_of
from hidden_regime.simulator.orders.kinds.stop_market import StopMarketOrder
from hidden_regime.simulator.orders.order import Fill
from hidden_regime.simulator.rounding import plain

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security


class TrailingStopOrder(StopMarketOrder):
    """A stop kept at a distance from the best price since, in dollars or as a share of the price."""

    type = OrderType.TRAILING_STOP
    prices = ("stop_price", "trailing_amount")
    event_fields = ("stop_price",)
    state_fields = flags = ("trailing_as_percentage",)
    signatures = """
        trailing_stop_order symbol:Symbol quantity:int|double|decimal trailing_amount:decimal trailing_as_percentage:bool @end
        trailing_stop_order symbol:Symbol quantity:int|double|decimal stop_price:decimal trailing_amount:decimal \
            trailing_as_percentage:bool @end
    """
    reckons_prices = True
    trailing_amount: float
    trailing_as_percentage: bool

    def default_tag(self) -> str:
        """The distance."""
        amount = Decimal(repr(self.trailing_amount))
        return (
            f"Trailing Amount: {amount * 100}%"
            if self.trailing_as_percentage
            else f"Trailing Amount: ${plain(self.trailing_amount)}"
        )

    def in_dollars(self) -> tuple[str, ...]:
        """See `Order.in_dollars`: a distance in percent is none."""
        return ("stop_price",) if self.trailing_as_percentage else self.prices

    @classmethod
    def completed(cls, prices: dict[str, Any], price: float, shares: float) -> dict[str, Any]:
        """See `Order.completed`: without a stop of its own it begins at its distance from the price."""
        if "stop_price" in prices:
            return prices
        amount, as_percentage = prices["trailing_amount"], bool(prices["trailing_as_percentage"])
        return prices | {"stop_price": cls.first_stop(price, amount, as_percentage, shares > 0)}

    @staticmethod
    def first_stop(price: float, amount: float, as_percentage: bool, buys: bool) -> float:
        """Stop at its distance from a price."""
        distance = price * amount if as_percentage else amount
        return price + distance if buys else price - distance

    def attempt(self, security: Security, now: datetime) -> Fill | None:
        """See `Order.attempt`. Without a fill the stop follows the bar's best price."""
        bar = self.fresh_range(security, now)
        if bar is None:
            return None
        buys = self.quantity > 0
        if bar.high >= self.stop_price if buys else bar.low <= self.stop_price:
            slip = slippage_of(security, self)
            return Fill(max(self.stop_price, bar.close + slip) if buys else min(self.stop_price, bar.close - slip))
        market = bar.low if buys else bar.high
        distance = self.stop_price - market if buys else market - self.stop_price
        amount = self.trailing_amount
        allowed = self.stop_price * amount / (1.0 + amount if buys else 1.0 - amount) if self.trailing_as_percentage else amount
        if distance > allowed:
            self.stop_price = self.first_stop(market, amount, self.trailing_as_percentage, buys)
        return None
