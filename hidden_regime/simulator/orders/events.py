"""What happens to an order."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hidden_regime.simulator.account.cash_book import sign_of
from hidden_regime.simulator.models.fees import OrderFee
from hidden_regime.simulator.orders.fields import each_price
from hidden_regime.simulator.rounding import plain, smart
from hidden_regime.simulator.spelling import TwoSpellings, pascal

if TYPE_CHECKING:
    from hidden_regime.simulator.orders.order import Order


NO_PRICES: dict[str, float] = {}


def _of_the_order(name: str) -> property:
    def read(self: OrderEvent) -> float | None:
        return self.prices.get(name, self.untold.get(name))

    return property(read, doc=f"{name.replace('_', ' ').capitalize()} of the order, if it has one.")


@each_price(_of_the_order)
class OrderEvent(TwoSpellings):
    """Something that happened to an order. Fill models return one; of theirs, fills are booked.

    `prices` are those of the order's own (limit, stop, ...) that LEAN writes with the event, `untold` its others.
    """

    settable = ("fill_price", "fill_quantity", "status", "message", "order_fee")
    __slots__ = (
        "direction", "fill_price", "fill_price_currency", "fill_quantity", "id", "message", "order_fee", "order_id", "prices",
        "quantity", "status", "symbol", "ticket", "untold", "utc",
    )  # fmt: skip

    def __init__(self, order: Order, utc: datetime, status: Any = None, message: str = "", fill_price: float = 0.0,
                 fill_quantity: float = 0.0, fee: OrderFee = OrderFee.ZERO) -> None:  # fmt: skip
        if isinstance(status, OrderFee):  # LEAN's form: (order, utc, fee, message)
            status, fee = None, status
        self.order_id, self.symbol, self.message = order.id, order.symbol, message
        self.utc = utc if utc.tzinfo is None else utc.astimezone(UTC).replace(tzinfo=None)
        self.status = order.status if status is None else status
        self.id = 0
        self.fill_price, self.fill_quantity, self.order_fee = fill_price, fill_quantity, fee
        self.quantity, self.direction = order.quantity, order.direction
        fields = order.event_fields
        self.prices = {name: getattr(order, name) for name in fields} if fields else NO_PRICES
        untold = [name for name in order.prices if name not in fields]
        self.untold = {name: getattr(order, name) for name in untold} if untold else NO_PRICES
        self.ticket: Any = None
        self.fill_price_currency = order.price_currency

    @property
    def utc_time(self) -> datetime:
        """When, UTC."""
        return self.utc.replace(tzinfo=UTC)

    trailing_as_percentage = None

    @property
    def absolute_fill_quantity(self) -> float:
        """Shares filled, without sign."""
        return abs(self.fill_quantity)

    is_in_the_money = False

    @property
    def is_assignment(self) -> bool:
        """Always False: no options."""
        return False

    def __str__(self) -> str:
        text = (
            f"Time: {self.utc:%m/%d/%Y %H:%M:%S} OrderID: {self.order_id} EventID: {self.id} Symbol: {self.symbol.value} Status: "
            f"{self.status.to_string()} Quantity: {plain(self.quantity)}"
        )
        sign = sign_of(self.fill_price_currency)
        if self.fill_quantity:
            text += f" FillQuantity: {plain(self.fill_quantity)} FillPrice: {sign}{smart(self.fill_price)}"
        for name, value in sorted((self.prices | self.untold).items()):
            text += f" {pascal(name)}: {sign}{smart(value) if name.endswith('_price') else plain(value, 28)}"
        if self.order_fee.value.amount:
            text += f" OrderFee: {self.order_fee}"
        return text + (f" Message: {self.message}" if self.message else "")
