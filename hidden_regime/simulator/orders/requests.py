"""What a strategy asks of its orders."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from hidden_regime.simulator.enums import OrderRequestStatus, OrderType, SecurityType
from hidden_regime.simulator.orders.fields import PRICES, each_price
from hidden_regime.simulator.orders.kinds import KINDS
from hidden_regime.simulator.orders.responses import OrderResponse
from hidden_regime.simulator.spelling import SettableTwoSpellings, TwoSpellings

if TYPE_CHECKING:
    from hidden_regime.simulator.orders.properties import OrderProperties


IN_REQUESTS = sorted(PRICES, key=lambda name: name != "stop_price")
"""Prices as LEAN's form of a request has them: the stop first."""


@each_price(lambda name: None)
class UpdateOrderFields(SettableTwoSpellings):
    """What to change of an order - quantity, tag, a price; None stays as it is."""

    quantity: float | None = None
    tag: str | None = None

    def only_the_tag(self) -> bool:
        """Whether nothing else is to change."""
        return all(value is None for name, value in vars(self).items() if name != "tag")


def _asked(name: str) -> property:
    def read(self: SubmitOrderRequest) -> float:
        return float(self.prices.get(name, 0.0))

    return property(read, doc=f"{name.replace('_', ' ').capitalize()}, or 0.")


class _Request(TwoSpellings):
    """What requests have in common."""

    response: OrderResponse

    @property
    def status(self) -> OrderRequestStatus:
        """Whether it was taken."""
        return OrderRequestStatus.ERROR if self.response.is_error else OrderRequestStatus.PROCESSED


@each_price(_asked)
class SubmitOrderRequest(_Request):
    """An order before it is one.

    LEAN's form works too: (order_type, security_type, symbol, quantity, stop_price, limit_price, [trigger_price,
    [trailing_amount, trailing_as_percentage,]] time, tag, [properties]), and `asynchronous` by name.
    """

    settable = ("quantity", "tag")

    def __init__(self, order_type: OrderType, symbol: Any, quantity: Any, *rest: Any, tag: str = "",
                 properties: OrderProperties | None = None, asynchronous: bool = False, **prices: Any) -> None:  # fmt: skip
        self.asynchronous = asynchronous
        if isinstance(symbol, SecurityType):
            symbol, quantity, tag, properties, prices = _leans_form(order_type, quantity, rest, tag, properties)
        self.order_type, self.symbol, self.quantity, self.tag = order_type, symbol, float(quantity), tag
        self.properties, self.prices = properties, prices
        self.order_id = 0
        self.moment: datetime | None = None
        self.response = OrderResponse()

    @property
    def security_type(self) -> Any:
        """Kind of asset."""
        return self.symbol.security_type

    @property
    def order_properties(self) -> OrderProperties | None:
        """Its properties."""
        return self.properties


def _leans_form(
    order_type: OrderType, symbol: Any, rest: tuple[Any, ...], tag: str, properties: OrderProperties | None
) -> tuple[Any, float, str, OrderProperties | None, dict[str, Any]]:
    quantity, *given = rest
    numbers = [value for value in given if isinstance(value, (int, float)) and not isinstance(value, bool)]
    texts = [value for value in given if isinstance(value, str)]
    prices: dict[str, Any] = dict(zip(IN_REQUESTS, numbers, strict=False))
    flag = next((value for value in given if isinstance(value, bool)), False)
    kind = KINDS.get(order_type)
    kept = {} if kind is None else {name: prices.get(name, 0.0) for name in kind.prices} | dict.fromkeys(kind.flags, flag)
    found = next((value for value in given if value is not None and hasattr(value, "time_in_force")), properties)
    return symbol, float(quantity), texts[0] if texts else tag, found, kept


@each_price(lambda name: None)
class UpdateOrderRequest(_Request):
    """A change of an order, on its way."""

    def __init__(self, order_id: int, fields: UpdateOrderFields) -> None:
        self.order_id, self.fields = order_id, fields
        self.quantity, self.tag = fields.quantity, fields.tag
        for name in PRICES:
            setattr(self, name, getattr(fields, name))
        self.moment: datetime | None = None
        self.response = OrderResponse()


class CancelOrderRequest(_Request):
    """The cancelling of an order, on its way."""

    def __init__(self, order_id: int, tag: str | None) -> None:
        self.order_id, self.tag = order_id, tag
        self.moment: datetime | None = None
        self.response = OrderResponse()


OrderRequest = SubmitOrderRequest | UpdateOrderRequest | CancelOrderRequest
