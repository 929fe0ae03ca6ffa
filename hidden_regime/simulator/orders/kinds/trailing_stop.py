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
    state_fields = ("trailing_as_percentage",)
    trailing_amount: float

    def __init__(self, *arguments: Any, trailing_as_percentage: bool = False, **prices: Any) -> None:
        super().__init__(*arguments, **prices)
        self.trailing_as_percentage = bool(trailing_as_percentage)

    def default_tag(self) -> str:
        """The distance."""
        amount = Decimal(repr(self.trailing_amount))
        return (
            f"Trailing Amount: {amount * 100}%"
            if self.trailing_as_percentage
            else f"Trailing Amount: ${plain(self.trailing_amount)}"
        )

    def prices_after_split(self, factor: float) -> dict[str, float]:
        """Its prices after a split; a distance in percent stays."""
        out = super().prices_after_split(factor)
        if self.trailing_as_percentage:
            del out["trailing_amount"]
        return out

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
