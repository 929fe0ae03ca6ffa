"""What a strategy asks of its orders, and the answer."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from hidden_regime.simulator.enums import OrderType, SecurityType
from hidden_regime.simulator.spelling import SettableTwoSpellings, TwoSpellings, pascal

if TYPE_CHECKING:
    from hidden_regime.simulator.orders.properties import OrderProperties


class OrderResponseErrorCode(IntEnum):
    """Why a request failed."""

    NONE = 0
    INSUFFICIENT_BUYING_POWER = -3
    INVALID_ORDER_STATUS = -9
    UNABLE_TO_FIND_ORDER = -10
    ORDER_QUANTITY_ZERO = -11
    MISSING_SECURITY = -14
    SECURITY_PRICE_ZERO = -16
    SECURITY_HAS_NO_DATA = -19
    EXCEEDED_MAXIMUM_ORDERS = -20
    MARKET_ON_CLOSE_ORDER_TOO_LATE = -21
    REQUEST_CANCELED = -23
    ALGORITHM_WARMING_UP = -24
    NON_TRADABLE_SECURITY = -28
    ORDER_QUANTITY_LESS_THAN_LOT_SIZE = -30
    MARKET_ON_OPEN_NOT_ALLOWED_DURING_REGULAR_HOURS = -35

    def __str__(self) -> str:
        return pascal(self.name.lower())


class OrderResponse(TwoSpellings):
    """Whether a request was taken."""

    def __init__(self, code: OrderResponseErrorCode = OrderResponseErrorCode.NONE, message: str = "") -> None:
        self.error_code, self.error_message = code, message
        self.is_processed = True

    @property
    def is_success(self) -> bool:
        """Whether it was."""
        return self.error_code == OrderResponseErrorCode.NONE

    @property
    def is_error(self) -> bool:
        """Whether it was refused."""
        return not self.is_success

    def __str__(self) -> str:
        return "Success" if self.is_success else f"Error: {self.error_code} - {self.error_message}"


class UpdateOrderFields(SettableTwoSpellings):
    """What to change of an order; None stays as it is."""

    def __init__(self) -> None:
        self.quantity: float | None = None
        self.limit_price: float | None = None
        self.stop_price: float | None = None
        self.trigger_price: float | None = None
        self.trailing_amount: float | None = None
        self.tag: str | None = None

    def only_the_tag(self) -> bool:
        """Whether nothing else is to change."""
        return all(value is None for name, value in vars(self).items() if name != "tag")


class SubmitOrderRequest(TwoSpellings):
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

    def _price(self, name: str) -> float:
        return float(self.prices.get(name, 0.0))

    @property
    def limit_price(self) -> float:
        """Limit, or 0."""
        return self._price("limit_price")

    @property
    def stop_price(self) -> float:
        """Stop, or 0."""
        return self._price("stop_price")

    @property
    def trigger_price(self) -> float:
        """Trigger, or 0."""
        return self._price("trigger_price")

    @property
    def trailing_amount(self) -> float:
        """Trailing distance, or 0."""
        return self._price("trailing_amount")


def _leans_form(
    order_type: OrderType, symbol: Any, rest: tuple[Any, ...], tag: str, properties: OrderProperties | None
) -> tuple[Any, float, str, OrderProperties | None, dict[str, Any]]:
    quantity, *given = rest
    numbers = [value for value in given if isinstance(value, (int, float)) and not isinstance(value, bool)]
    texts = [value for value in given if isinstance(value, str)]
    names = ("stop_price", "limit_price", "trigger_price", "trailing_amount")
    prices: dict[str, Any] = dict(zip(names, numbers, strict=False))
    flag = next((value for value in given if isinstance(value, bool)), False)
    wanted = PRICES.get(order_type, ())
    kept = {name: prices.get(name, 0.0) for name in wanted}
    if order_type == OrderType.TRAILING_STOP:
        kept["trailing_as_percentage"] = flag
    found = next((value for value in given if value is not None and hasattr(value, "time_in_force")), properties)
    return symbol, float(quantity), texts[0] if texts else tag, found, kept


PRICES = {
    OrderType.LIMIT: ("limit_price",), OrderType.STOP_MARKET: ("stop_price",),
    OrderType.STOP_LIMIT: ("stop_price", "limit_price"), OrderType.LIMIT_IF_TOUCHED: ("trigger_price", "limit_price"),
    OrderType.TRAILING_STOP: ("stop_price", "trailing_amount"),
}  # fmt: skip


class UpdateOrderRequest(TwoSpellings):
    """A change of an order, on its way."""

    def __init__(self, order_id: int, fields: UpdateOrderFields) -> None:
        self.order_id, self.fields = order_id, fields
        self.quantity, self.limit_price, self.stop_price = fields.quantity, fields.limit_price, fields.stop_price
        self.trigger_price, self.trailing_amount, self.tag = fields.trigger_price, fields.trailing_amount, fields.tag
        self.moment: datetime | None = None
        self.response = OrderResponse()


class CancelOrderRequest(TwoSpellings):
    """The cancelling of an order, on its way."""

    def __init__(self, order_id: int, tag: str | None) -> None:
        self.order_id, self.tag = order_id, tag
        self.moment: datetime | None = None
        self.response = OrderResponse()


OrderRequest = SubmitOrderRequest | UpdateOrderRequest | CancelOrderRequest
