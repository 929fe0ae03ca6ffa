"""Orders, the events of their lives, and the tickets that strategies hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from hidden_regime.simulator.enums import OrderDirection, OrderStatus, OrderType
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.spelling import TwoSpellings

CLOSED = (OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.INVALID)


@dataclass
class OrderEvent(TwoSpellings):
    """Something that happened to an order. `utc_time` is naive UTC."""

    order_id: int
    id: int
    symbol: Symbol
    utc_time: datetime
    status: OrderStatus
    direction: OrderDirection
    quantity: float
    fill_price: float = 0.0
    fill_quantity: float = 0.0
    fee: float | None = None
    message: str = ""

    @property
    def order_fee(self) -> float:
        """Fee in dollars."""
        return self.fee or 0.0


@dataclass
class Order(TwoSpellings):
    """An order. `time` and `last_fill_time` are naive UTC."""

    id: int
    type: OrderType
    symbol: Symbol
    quantity: float
    time: datetime
    tag: str = ""
    status: OrderStatus = OrderStatus.NEW
    price: float = 0.0
    last_fill_time: datetime | None = None
    canceled_time: datetime | None = None
    events: list[OrderEvent] = field(default_factory=list)

    @property
    def direction(self) -> OrderDirection:
        """Side."""
        if self.quantity == 0.0:
            return OrderDirection.HOLD
        return OrderDirection.BUY if self.quantity > 0 else OrderDirection.SELL

    @property
    def is_open(self) -> bool:
        """Whether it can still fill."""
        return self.status not in CLOSED

    def event(self, now: datetime, status: OrderStatus, **facts: float | str) -> OrderEvent:
        """Note the next event of this order."""
        made = OrderEvent(self.id, len(self.events) + 1, self.symbol, now, status, self.direction, self.quantity, **facts)  # type: ignore[arg-type]
        self.events.append(made)
        self.status = status
        return made


class OrderTicket(TwoSpellings):
    """A strategy's view of an order."""

    def __init__(self, order: Order) -> None:
        self._order = order

    @property
    def order_id(self) -> int:
        """Number of the order; negative if it was refused before it became one."""
        return self._order.id

    @property
    def symbol(self) -> Symbol:
        """What it trades."""
        return self._order.symbol

    @property
    def quantity(self) -> float:
        """Shares, negative to sell."""
        return self._order.quantity

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
    def quantity_filled(self) -> float:
        """Shares filled so far."""
        return sum(event.fill_quantity for event in self._order.events)

    @property
    def average_fill_price(self) -> float:
        """Mean price of the fills."""
        return self._order.price
