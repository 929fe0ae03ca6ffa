"""Tickets: what a strategy holds of an order, to watch, change and cancel it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.enums import OrderField, OrderStatus, OrderType
from hidden_regime.simulator.orders.requests import (
    CancelOrderRequest,
    SubmitOrderRequest,
    UpdateOrderFields,
    UpdateOrderRequest,
)
from hidden_regime.simulator.orders.responses import OrderResponse
from hidden_regime.simulator.spelling import TwoSpellings

if TYPE_CHECKING:
    from hidden_regime.simulator.objects import Symbol
    from hidden_regime.simulator.orders.book import Book
    from hidden_regime.simulator.orders.events import OrderEvent
    from hidden_regime.simulator.orders.order import Order

REFUSED = -10
"""Number of an order that was refused before it became one."""


class OrderTicket(TwoSpellings):
    """A strategy's view of an order."""

    def __init__(self, book: Book, order: Order, request: SubmitOrderRequest) -> None:
        self._book, self._order = book, order
        self.submit_request = request
        self.update_requests: list[UpdateOrderRequest] = []
        self.cancel_request: CancelOrderRequest | None = None

    @property
    def order_id(self) -> int:
        """Number of the order; -10 if it was refused before it became one."""
        return self._order.id

    @property
    def symbol(self) -> Symbol:
        """What it trades."""
        return self._order.symbol

    @property
    def security_type(self) -> Any:
        """Kind of asset."""
        return self._order.security_type

    @property
    def quantity(self) -> float:
        """Shares, negative to sell."""
        return self._order.quantity

    @property
    def quantity_filled(self) -> float:
        """Shares filled so far."""
        return self._order.quantity_filled

    @property
    def quantity_remaining(self) -> float:
        """Shares still to fill."""
        return self._order.quantity - self._order.quantity_filled

    @property
    def average_fill_price(self) -> float:
        """Mean price of the fills."""
        return self._order.price

    @property
    def status(self) -> OrderStatus:
        """Where it stands."""
        return self._order.status

    @property
    def tag(self) -> str:
        """Note on it."""
        return self._order.tag

    @property
    def order_type(self) -> OrderType:
        """Kind of order."""
        return self._order.type

    @property
    def time(self) -> datetime:
        """When it was last asked for something, UTC."""
        moment = self.get_most_recent_order_request().moment
        return self._order.time if moment is None else self._order.clock.to_utc(moment).replace(tzinfo=UTC)

    @property
    def order_events(self) -> list[OrderEvent]:
        """What has happened to it."""
        return list(self._order.events)

    @property
    def has_order(self) -> bool:
        """Whether it became an order."""
        return self._order.id > 0

    def get(self, field: OrderField) -> float:
        """A price of the order.

        Raises
        ------
        ParameterError
            Orders of this kind have none.
        """
        name = OrderField(field).name.lower()
        if name not in (*self._order.prices, *self._order.state_fields):
            known = [*self._order.prices, *self._order.state_fields]
            kind = self._order.type.name
            raise ParameterError(
                "field", OrderField(field).name, f"one that {kind} orders have: {known}",
                f"(Unable to get field {name} on order of type {kind})",
            )  # fmt: skip
        return getattr(self._order, name)  # type: ignore[no-any-return]

    def update(self, fields: UpdateOrderFields) -> OrderResponse:
        """Ask to change the order. The change is carried out when the step's orders are processed."""
        request = UpdateOrderRequest(self.order_id, fields)
        self.update_requests.append(request)
        request.moment = self._book.now()
        request.response = self._book.update(self._order, request)
        return request.response

    def _update(self, name: str, value: Any, tag: str | None) -> OrderResponse:
        fields = UpdateOrderFields()
        fields.tag = tag
        setattr(fields, name, value)
        return self.update(fields)

    def update_tag(self, tag: str) -> OrderResponse:
        """Change the note."""
        return self._update("tag", tag, tag)

    def update_quantity(self, quantity: float, tag: str | None = None) -> OrderResponse:
        """Change the number of shares."""
        return self._update("quantity", quantity, tag)

    def update_limit_price(self, limit_price: float, tag: str | None = None) -> OrderResponse:
        """Change the limit."""
        return self._update("limit_price", limit_price, tag)

    def update_stop_price(self, stop_price: float, tag: str | None = None) -> OrderResponse:
        """Change the stop."""
        return self._update("stop_price", stop_price, tag)

    def update_trigger_price(self, trigger_price: float, tag: str | None = None) -> OrderResponse:
        """Change the trigger."""
        return self._update("trigger_price", trigger_price, tag)

    def update_stop_trailing_amount(self, trailing_amount: float, tag: str | None = None) -> OrderResponse:
        """Change the trailing distance."""
        return self._update("trailing_amount", trailing_amount, tag)

    def cancel(self, tag: str | None = None) -> OrderResponse:
        """Ask to cancel the order. It is cancelled when the step's orders are processed."""
        request = CancelOrderRequest(self.order_id, tag)
        request.moment = self._book.now()
        request.response = self._book.cancel(self._order, request, already=self.cancel_request is not None)
        if self.cancel_request is None and request.response.is_success:
            self.cancel_request = request
        return request.response

    def get_most_recent_order_response(self) -> OrderResponse:
        """Answer to the last request."""
        return self.get_most_recent_order_request().response  # type: ignore[no-any-return]

    def get_most_recent_order_request(self) -> Any:
        """The last request."""
        if self.cancel_request is not None:
            return self.cancel_request
        return self.update_requests[-1] if self.update_requests else self.submit_request

    def __str__(self) -> str:
        n = 1 + len(self.update_requests) + (self.cancel_request is not None)
        return f"{self.order_id}: {self._order} Request Count: {n} Response Count: {n}"
