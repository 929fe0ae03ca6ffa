"""The way of an order: checks, submission, fills."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from hidden_regime.simulator import sizing
from hidden_regime.simulator.clock import to_utc
from hidden_regime.simulator.enums import OrderStatus, OrderType
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.orders import Order, OrderEvent, OrderTicket
from hidden_regime.simulator.portfolio import Portfolio
from hidden_regime.simulator.securities import SecurityManager
from hidden_regime.simulator.spelling import TwoSpellings
from hidden_regime.simulator.trades import TradeBuilder

MARGIN_MESSAGE = (
    "Order Error: ids: [{id}], Insufficient buying power to complete orders (Value:[{value}]), "
    "Reason: Id: {id}, Initial Margin: {needed}, Free Margin: {free}."
)
WARM_UP_MESSAGE = (
    "This operation is not allowed in Initialize or during warm up: OrderRequest.Submit. Please move this code to the "
    "OnWarmupFinished() method."
)


def _number(value: float) -> str:
    """A decimal as LEAN prints it: no trailing zeros."""
    return f"{value:.10f}".rstrip("0").rstrip(".")


def _smart(value: float) -> str:
    return _number(round(value, 4)) if value > 1000 else _number(float(f"{value:.7g}"))


class Transactions(TwoSpellings):
    """All orders of a run.

    Parameters
    ----------
    now : callable
        Current New York time.
    on_event : callable
        Told of each order event.
    on_error : callable
        Told of each refusal.
    """

    def __init__(self, securities: SecurityManager, portfolio: Portfolio, trades: TradeBuilder, now: Callable[[], datetime],
                 on_event: Callable[[OrderEvent], None], on_error: Callable[[str], None]) -> None:  # fmt: skip
        self._securities, self._portfolio, self._trades = securities, portfolio, trades
        self._now, self._on_event, self._on_error = now, on_event, on_error
        self.orders: dict[int, Order] = {}
        self.events: list[OrderEvent] = []
        self._open: dict[int, Order] = {}

    def open_orders(self, symbol: Symbol | None = None) -> list[Order]:
        """Orders that can still fill."""
        return [o for o in self._open.values() if symbol is None or o.symbol == symbol]

    get_open_orders = open_orders

    def refuse(self, symbol: Symbol, quantity: float, kind: OrderType, tag: str, message: str) -> OrderTicket:
        """Ticket of an order that never became one."""
        self._on_error(message)
        return OrderTicket(Order(-10, kind, symbol, quantity, to_utc(self._now()), tag, OrderStatus.INVALID))

    def submit(self, symbol: Symbol, quantity: float, kind: OrderType, tag: str) -> OrderTicket:
        """Take an order, if the account can carry it."""
        now = to_utc(self._now())
        order = Order(len(self.orders) + 1, kind, symbol, quantity, now, tag)
        self.orders[order.id] = order
        problem = self._shortfall(order)
        if problem:
            self._on_error(problem)
            self._publish(order.event(now, OrderStatus.INVALID, message=problem))
        else:
            self._open[order.id] = order
            self._publish(order.event(now, OrderStatus.SUBMITTED))
        return OrderTicket(order)

    def cancel(self, order: Order, tag: str = "") -> None:
        """Cancel an open order."""
        now = to_utc(self._now())
        self._open.pop(order.id, None)
        order.tag = tag or order.tag
        order.canceled_time = now
        self._publish(order.event(now, OrderStatus.CANCELED))

    def scan(self) -> None:
        """Fill what the latest bars fill, in the order of the orders' numbers."""
        for order in list(self._open.values()):
            security = self._securities[order.symbol]
            bar = security.bar
            now = self._now()
            if bar is None or to_utc(bar.end_time) <= order.time or bar.end_time.date() != now.date():
                continue
            if order.type == OrderType.MARKET_ON_OPEN and to_utc(bar.time) <= order.time:
                continue  # sent during this bar's session, after its open
            problem = self._shortfall(order)
            if problem:
                del self._open[order.id]
                self._on_error(problem)
                self._publish(order.event(to_utc(now), OrderStatus.INVALID, message=problem))
                continue
            del self._open[order.id]
            fee = security.fee_model.fee(order.quantity, security.price)
            order.price = bar.close if order.type == OrderType.MARKET_ON_CLOSE else bar.open
            order.last_fill_time = to_utc(now)
            event = order.event(to_utc(now), OrderStatus.FILLED, fill_price=order.price, fill_quantity=order.quantity, fee=fee)
            self._portfolio.process_fill(event)
            self._trades.process_fill(event, now)
            self._publish(event)

    def _publish(self, event: OrderEvent) -> None:
        self.events.append(event)
        self._on_event(event)

    def _shortfall(self, order: Order) -> str:
        security = self._securities[order.symbol]
        short = sizing.margin_shortfall(self._portfolio, security, order.quantity)
        if short is None:
            return ""
        value = order.quantity * security.price
        return MARGIN_MESSAGE.format(id=order.id, value=_smart(value), needed=_number(short[0]), free=_number(short[1]))
