"""The order book: requests in, events out. It knows no kind of order by name."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hidden_regime.data.decimals import ONE, SystemDecimal
from hidden_regime.simulator.enums import DataNormalizationMode, OrderStatus, OrderType, SecurityType
from hidden_regime.simulator.models import fills
from hidden_regime.simulator.models.fees import InFillFee, fee_of
from hidden_regime.simulator.models.shortable import NullShortableProvider
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.objects.enumerable import MemoizingEnumerable, enumerable
from hidden_regime.simulator.orders.events import OrderEvent
from hidden_regime.simulator.orders.kinds import KINDS
from hidden_regime.simulator.orders.order import Order
from hidden_regime.simulator.orders.requests import (
    CancelOrderRequest,
    SubmitOrderRequest,
    UpdateOrderFields,
    UpdateOrderRequest,
)
from hidden_regime.simulator.orders.responses import OrderResponse, OrderResponseErrorCode
from hidden_regime.simulator.orders.tickets import REFUSED, OrderTicket
from hidden_regime.simulator.rounding import exact, smart
from hidden_regime.simulator.run_clock import RunClock
from hidden_regime.simulator.spelling import TwoSpellings, pascal

if TYPE_CHECKING:
    from hidden_regime.simulator.account.portfolio import Portfolio
    from hidden_regime.simulator.account.security import Security, SecurityManager
    from hidden_regime.simulator.account.trades import TradeBuilder

INSUFFICIENT = "Order Error: ids: [{id}], Insufficient buying power to complete orders (Value:[{value}]), Reason: {reason}."
UPDATE_INSUFFICIENT = (
    "Brokerage failed to update order with id: {id}, Symbol: {symbol}, Insufficient buying power to complete order, Reason: "
    "{reason}."
)
MODEL_FAILED = "Order Error: ids: [{id}], Error executing margin models: {error}"
REFUSED_BY_BROKER = "BrokerageModel declared unable to submit order: [{id}] {message}"
NOT_CHANGED = "BrokerageModel declared unable to update order: {}"
PAID_IN_KIND = (
    "When buying currency pairs, using Cash account types, fees in base currency will be deducted from the filled quantity so "
    "virtual positions reflect actual holdings."
)
FILL_FAILED = "Order Error: id: {id}, Transaction model failed to fill for order type: {type} with error: {error}"
LOTS = "Warning: Due to brokerage limitations, orders will be rounded to the nearest lot size of {}"
ROUNDED = "Warning: To meet brokerage precision requirements, order {name} was rounded to {rounded} from {given}"
NO_SUCH_ORDER = "Unable to locate order with id {id}."
CLOSED = "Unable to update order with id {id} because it already has {status} status."
CANCEL_CLOSED = "Unable to cancel order with id {id} because it already has {status} status."
ZERO_UPDATE = "Unable to update order with id {id} that has zero quantity."
CANCEL_TWICE = "Order {id} has already received a cancellation request."
WARMING_UP = (
    "This operation is not allowed in initialize or during warm up: OrderRequest.{what}. Please move this code to the "
    "on_warmup_finished() method."
)
NOT_SHORTABLE = "Order exceeds shortable quantity {limit} for Symbol {symbol} requested {wanted})"
EXPIRED = "The order has expired."
DELISTED = "Liquidate from delisting"
BUCKETS = 37
"""Open orders are listed by number modulo 37, the newest first: LEAN keeps them in a hash table of that size."""
MOST_ORDERS = 2**31 - 1
"""Without a limit of the strategy's own. LEAN's field says 10,000, but its set-up of a backtest overwrites that."""
Code = OrderResponseErrorCode


def listed(orders: Iterable[Order]) -> list[Order]:
    """Orders as LEAN lists them."""
    return sorted(orders, key=lambda order: (order.id % BUCKETS, -order.id))


class Book(TwoSpellings):
    """All orders of a run.

    Submitting acts at once, after whatever waits; updates and cancels wait until then or until `sync`. After each request
    and at each `sync` every open order is looked at.

    Parameters
    ----------
    now : callable
        The engine's time.
    on_event : callable
        Told of each order event.
    on_error : callable
        Told of each refusal.
    """

    def __init__(self, securities: SecurityManager, portfolio: Portfolio, trades: TradeBuilder, now: Callable[[], datetime],
                 on_event: Callable[[OrderEvent], None], on_error: Callable[[str], None]) -> None:  # fmt: skip
        self._securities, self._portfolio, self._trades = securities, portfolio, trades
        self.now, self._on_event, self._on_error = now, on_event, on_error
        self.is_warming_up: Callable[[], bool] = lambda: False
        self.brokerage: Callable[[], Any] = lambda: None
        self.before_taking: Callable[[Security, Order], str] | None = None
        """Says why an order is refused, for whoever watches over the strategy."""
        self.orders: dict[int, Order] = {}
        self.tickets: dict[int, OrderTicket] = {}
        self.events: list[OrderEvent] = []
        self.maximum = MOST_ORDERS
        self._open: dict[int, Order] = {}
        self._of_symbol: dict[Symbol, dict[int, Order]] = {}
        self._fresh: dict[int, Order] = {}
        self._fresh_market: list[Order] = []
        self._fresh_at = datetime.min
        self._queue: deque[tuple[Order, UpdateOrderRequest | CancelOrderRequest]] = deque()
        self._warned_lots = self._warned_prices = self._warned_fees = False
        self.clock = RunClock()
        self.on_debug: Callable[[str], None] = lambda message: None
        """Told of what LEAN says of a fee that is paid with what was bought."""

    # What strategies ask -------------------------------------------------------------------------------------------------
    def open_of(self, symbol: Symbol) -> Iterable[Order]:
        """Open orders of a symbol, in no order that matters."""
        return self._of_symbol.get(symbol, {}).values()

    def _chosen(self, orders: Iterable[Order], which: Any) -> list[Order]:
        found = listed(orders)
        if which is None:
            return found
        if callable(which):
            return [order for order in found if which(order)]
        return [order for order in found if order.symbol == which]

    def get_open_orders(self, symbol: Any = None) -> list[Order]:
        """Copies of the open orders: all, those of a symbol, or those for which a function of the order is true."""
        return [order.clone() for order in self._chosen(self._open.values(), symbol)]

    def get_orders(self, which: Any = None) -> MemoizingEnumerable[Order]:
        """Copies of all orders, or of those chosen."""
        return enumerable("Order", [order.clone() for order in self._chosen(self.orders.values(), which)])

    def _tickets_of(self, orders: Iterable[Order], which: Any) -> MemoizingEnumerable[OrderTicket]:
        """Their tickets: a function is asked about the ticket."""
        found = (self.tickets[order.id] for order in listed(orders))
        chosen = which if callable(which) or which is None else lambda ticket: ticket.symbol == which
        return enumerable("OrderTicket", found if chosen is None else [ticket for ticket in found if chosen(ticket)])

    def get_open_order_tickets(self, symbol: Any = None) -> MemoizingEnumerable[OrderTicket]:
        """Tickets of open orders: all, those of a symbol, or those for which a function of the ticket is true."""
        return self._tickets_of(self._open.values(), symbol)

    def get_order_tickets(self, which: Any = None) -> MemoizingEnumerable[OrderTicket]:
        """Tickets of all orders, or of those chosen."""
        return self._tickets_of(self.orders.values(), which)

    def get_order_by_id(self, order_id: int) -> Order | None:
        """A copy of an order."""
        order = self.orders.get(order_id)
        return None if order is None else order.clone()

    def get_order_ticket(self, order_id: int) -> OrderTicket | None:
        """Ticket of an order."""
        return self.tickets.get(order_id)

    def get_open_orders_remaining_quantity(self, symbol: Any = None) -> float:
        """Shares that open orders have still to fill."""
        return sum(ticket.quantity_remaining for ticket in self._tickets_of(self._open.values(), symbol))

    @property
    def orders_count(self) -> int:
        """Number of orders."""
        return len(self.orders)

    @property
    def last_order_id(self) -> int:
        """Number of the latest order."""
        return len(self.orders)

    @property
    def transaction_record(self) -> dict[datetime, float]:
        """Profit of each closed position, by time."""
        return {time: float(profit) for time, profit in self._portfolio.closed.items()}

    @property
    def win_count(self) -> int:
        """Closed positions that earned something."""
        return sum(profit.n > 0 for profit in self._portfolio.closed.values())

    @property
    def loss_count(self) -> int:
        """Closed positions that earned nothing."""
        return len(self._portfolio.closed) - self.win_count

    def wait_for_order(self, order_id: int) -> bool:
        """Whether an order is closed; in a backtest there is nothing to wait for."""
        order = self.orders.get(order_id)
        return order is not None and order.status.is_closed

    def cancel_order(self, order_id: int, tag: str = "") -> OrderTicket | None:
        """Cancel an order."""
        ticket = self.tickets.get(order_id)
        if ticket is not None:
            ticket.cancel(tag)
        return ticket

    def cancel_open_orders(self, symbol: Symbol | None = None, tag: str | None = None) -> list[OrderTicket]:
        """Cancel all open orders, or those of a symbol."""
        if symbol is None:
            tag = f"Canceled by CancelOpenOrders() at {self._utc:%Y-%m-%dT%H:%M:%S}.0000000Z"
        found = list(self.get_open_order_tickets(symbol))
        for ticket in found:
            ticket.cancel(tag)
        return found

    # Requests ------------------------------------------------------------------------------------------------------------
    def add_order(self, request: SubmitOrderRequest) -> OrderTicket:
        """Submit a request that a strategy made by itself: without the checks that its own methods make before."""
        if isinstance(request.symbol, str):
            request.symbol = self._securities[request.symbol].symbol
        return self.submit(request)

    process_request = add_order

    def refuse(self, request: SubmitOrderRequest, code: Code, message: str) -> OrderTicket:
        """Ticket of an order that never became one."""
        self._on_error(message)
        order = self._make(request)
        order.id, order.status = REFUSED, OrderStatus.INVALID
        request.response = OrderResponse(code, message)
        return OrderTicket(self, order, request)

    def _make(self, request: SubmitOrderRequest) -> Order:
        kind = KINDS[request.order_type]
        order = kind(request.symbol, request.quantity, self.now(), request.tag, request.properties, **request.prices)
        order.clock = self.clock
        return order

    @property
    def _utc(self) -> datetime:
        return self.clock.to_utc(self.now())

    def submit(self, request: SubmitOrderRequest) -> OrderTicket:
        """Take an order, if the account can carry it."""
        order = self._make(request)
        order.id = request.order_id = len(self.orders) + 1
        ticket = OrderTicket(self, order, request)
        self.orders[order.id], self.tickets[order.id] = order, ticket
        self._run_queue()
        order.tag = order.tag or order.default_tag()
        security = self._securities[order.symbol]
        order.sent, order.price_currency = security.exchange.local(order.moment), security.quote_cash.symbol
        self._round(order, security)
        order.last_seen, order.bid_seen, order.ask_seen = security.close, security.bid_price, security.ask_price
        order.adjusted = security.adjusted
        message = self._unshortable(security, request.quantity) if request.quantity < 0.0 else ""
        if message:
            request.response, order.tag = OrderResponse(Code.EXCEEDS_SHORTABLE_QUANTITY, message), message
            self._publish(order, self._event(order, OrderStatus.INVALID, message))
            return ticket
        message = self._shortfall(order, security) or self._refusal(order, security)
        if message:
            self._on_error(message)
            request.response = OrderResponse(Code.INSUFFICIENT_BUYING_POWER, message)
            self._publish(order, self._event(order, OrderStatus.INVALID, message))
        else:
            self._add(order)
            self._publish(order, self._event(order, OrderStatus.SUBMITTED))
        self.scan()
        return ticket

    def _add(self, order: Order) -> None:
        self._open[order.id] = order
        self._of_symbol.setdefault(order.symbol, {})[order.id] = order
        if self._fresh_at != order.moment:
            self._fresh_at = order.moment
            self._fresh.clear()
            self._fresh_market.clear()
        self._fresh[order.id] = order
        if order.fills_at_once:
            self._fresh_market.append(order)

    def _drop(self, order: Order) -> None:
        self._open.pop(order.id, None)
        self._fresh.pop(order.id, None)
        own = self._of_symbol.get(order.symbol)
        if own is not None:
            own.pop(order.id, None)

    def _round(self, order: Order, security: Security) -> None:
        whole = security.cut(order.quantity)
        if whole != order.quantity:
            order.quantity = whole
            if not self._warned_lots:
                self._warned_lots = True
                self._on_error(LOTS.format(exact(security.symbol_properties.lot_size)))
        if security.priced_in != DataNormalizationMode.RAW:
            return
        # Limits come first, and what the engine itself has reckoned is a decimal of few digits.
        number = SystemDecimal.of if order.reckons_prices else SystemDecimal.written
        for name in sorted(order.in_dollars(), key=lambda name: name != "limit_price"):
            given = number(getattr(order, name))
            step = security.step_of(given)
            rounded = (given / step).round(0) * step
            setattr(order, name, float(rounded))
            if rounded != given and not self._warned_prices:
                self._warned_prices = True
                self._on_error(ROUNDED.format(name=pascal(name), rounded=rounded, given=given))

    def update(self, order: Order, request: UpdateOrderRequest) -> OrderResponse:
        """Queue a change of an order."""
        if order.id not in self.orders:
            return OrderResponse(Code.UNABLE_TO_FIND_ORDER, NO_SUCH_ORDER.format(id=order.id))
        if order.status.is_closed and not request.fields.only_the_tag():
            return OrderResponse(Code.INVALID_ORDER_STATUS, CLOSED.format(id=order.id, status=order.status.to_string()))
        if request.quantity == 0:
            return OrderResponse(Code.ORDER_QUANTITY_ZERO, ZERO_UPDATE.format(id=order.id))
        if self.is_warming_up():
            return OrderResponse(Code.ALGORITHM_WARMING_UP, WARMING_UP.format(what="update"))
        wanted = order.quantity if request.quantity is None else float(request.quantity)
        if min(order.quantity, wanted) < 0.0:
            message = self._unshortable(self._securities[order.symbol], wanted, but=order.id)
            if message:
                return OrderResponse(Code.EXCEEDS_SHORTABLE_QUANTITY, message)
        self._queue.append((order, request))
        return OrderResponse()

    def cancel(self, order: Order, request: CancelOrderRequest, *, already: bool) -> OrderResponse:
        """Queue the cancelling of an order."""
        if already:
            return OrderResponse(Code.REQUEST_CANCELED, CANCEL_TWICE.format(id=order.id))
        if order.id not in self.orders:
            return OrderResponse(Code.UNABLE_TO_FIND_ORDER, NO_SUCH_ORDER.format(id=order.id))
        if request.tag is not None:
            order.tag = request.tag
        if order.status.is_closed:
            return OrderResponse(Code.INVALID_ORDER_STATUS, CANCEL_CLOSED.format(id=order.id, status=order.status.to_string()))
        self._publish(order, self._event(order, OrderStatus.CANCEL_PENDING))
        self._queue.append((order, request))
        return OrderResponse()

    def _run_queue(self) -> None:
        while self._queue:
            order, request = self._queue.popleft()
            if isinstance(request, CancelOrderRequest):
                if not order.status.is_closed:
                    self._drop(order)
                    order.tag = order.tag if request.tag is None else request.tag
                    self._publish(order, self._event(order, OrderStatus.CANCELED))
            else:
                self._change(order, request)
            self.scan()

    def _change(self, order: Order, request: UpdateOrderRequest) -> None:
        if order.status.is_closed:
            if request.fields.only_the_tag() and request.tag is not None:
                order.tag = request.tag
            else:
                message = CLOSED.format(id=order.id, status=order.status.to_string())
                request.response = OrderResponse(Code.INVALID_ORDER_STATUS, message)
            return
        security = self._securities[order.symbol]
        changed = order.clone()
        wanted = {name: getattr(request.fields, name) for name in ("quantity", "tag", *order.prices)}
        for name, value in wanted.items():
            if value is not None:
                setattr(changed, name, value if name == "tag" else float(value))
        self._round(changed, security)
        if self._refuses_change(order, request, security):
            return
        reason = security.margins.shortfall(self._portfolio, security, changed)
        if reason:
            message = UPDATE_INSUFFICIENT.format(id=order.id, symbol=order.symbol.value, reason=reason)
            self._on_error(message)
            self._publish(order, self._event(order, order.status, message))
            return
        for name in wanted:
            setattr(order, name, getattr(changed, name))
        self._publish(order, self._event(order, OrderStatus.UPDATE_SUBMITTED))

    @property
    def is_busy(self) -> bool:
        """Whether any request waits, or any open order for more than new bars."""
        return bool(self._queue) or any(not order.waits(self._securities[order.symbol]) for order in self._open.values())

    # The market ----------------------------------------------------------------------------------------------------------
    def sync(self) -> None:
        """Carry out what waits, and look at every open order."""
        if self._queue:
            self._run_queue()
        if self._open:
            self.scan()

    def scan(self) -> None:
        """Look at every open order, by number. One that was sent this moment waits, unless it is a market order."""
        if not self._open:
            return
        now = self.now()
        if self._fresh_at != now:
            self._fresh.clear()
        if len(self._fresh) == len(self._open):
            due: list[Order] = [order for order in self._fresh_market if order.id in self._open]
        else:
            fresh = self._fresh
            due = [self._open[n] for n in sorted(self._open) if n not in fresh or self._open[n].fills_at_once]
        for order in due:
            if order.id in self._open:
                self._look(order, now)

    def _look(self, order: Order, now: datetime) -> None:
        security = self._securities[order.symbol]
        if order.waits(security):
            return
        now = security.exchange.local(now)
        if order.time_in_force.expired(order.sent, now, security.exchange):
            self._drop(order)
            self._publish(order, self._event(order, OrderStatus.CANCELED, EXPIRED))
            return
        message = self._shortfall(order, security)
        if message:
            if order.status == OrderStatus.CANCEL_PENDING:
                return
            self._drop(order)
            self._publish(order, self._event(order, OrderStatus.INVALID, message))
            self._on_error(message)
            return
        event = self._fill(order, security, now)
        if event is not None:
            self._publish(order, event)

    def _shortfall(self, order: Order, security: Security) -> str:
        """Why the account can't carry an order, as LEAN says it."""
        try:
            reason = security.margins.shortfall(self._portfolio, security, order)
        except Exception as error:  # noqa: BLE001 - a user's fee model may raise anything; LEAN says so and goes on
            return MODEL_FAILED.format(id=order.id, error=error)
        return INSUFFICIENT.format(id=order.id, value=smart(order.get_value(security)), reason=reason) if reason else ""

    def is_shortable(self, security: Security, quantity: float, but: int = 0) -> bool:
        """Whether so many shares can be sold short, beside the position and the open orders but for one."""
        limit = security.total_shortable_quantity
        if limit is None:
            return True
        waiting = sum(o.quantity - o.quantity_filled for o in self.open_of(security.symbol) if o.id != but)
        held = security.holdings.quantity + waiting
        return bool(held > -limit and held - abs(quantity) >= -limit)

    def _unshortable(self, security: Security, quantity: float, but: int = 0) -> str:
        """Why so many shares can't be sold short; empty if they can."""
        if type(security.shortable_provider) is NullShortableProvider or self.is_shortable(security, quantity, but):
            return ""
        limit = security.total_shortable_quantity
        return NOT_SHORTABLE.format(limit=limit or 0, symbol=security.symbol, wanted=smart(quantity))

    def _refusal(self, order: Order, security: Security) -> str:
        """Why a guard, or a broker's model of the user's own, refuses an order."""
        if self.before_taking is not None and (said := self.before_taking(security, order)):
            return REFUSED_BY_BROKER.format(id=order.id, message=said)
        ask = getattr(self.brokerage(), "can_submit_order", None)
        if ask is None:
            return ""
        answer = ask(security, order, None)
        allowed, said = answer if isinstance(answer, tuple) else (answer, "")
        return "" if allowed else REFUSED_BY_BROKER.format(id=order.id, message=said or "").rstrip()

    def _fill(self, order: Order, security: Security, now: datetime) -> OrderEvent | None:
        model = security.fill_model
        try:
            if fills.is_ours(model):
                found = fills.attempt(model, order, security, now)
                if found is None:
                    return None
                event = self._event(order, OrderStatus.FILLED, found.message)
                event.fill_price, event.fill_quantity = found.price, order.quantity - order.quantity_filled
            else:
                event = fills.ask(model, security, order)
                event.utc = self._utc
                if event.status == order.status and event.fill_quantity == 0.0:
                    return None
            if event.status == OrderStatus.FILLED and event.order_fee.value.amount == 0.0:
                event.order_fee = fee_of(security, order)
            if event.status == OrderStatus.FILLED and order.security_type == SecurityType.CRYPTO and order.quantity > 0:
                self._pay_in_kind(event, security)
        except Exception as error:  # noqa: BLE001 - a user's model may raise anything; LEAN says so and goes on
            self._on_error(FILL_FAILED.format(id=order.id, type=order.type.to_string(), error=error))
            return None
        return event

    def _event(self, order: Order, status: OrderStatus, message: str = "") -> OrderEvent:
        return OrderEvent(order, self._utc, status, message)

    def _publish(self, order: Order, event: OrderEvent) -> None:
        order.status = event.status
        event.id = len(order.events) + 1
        event.quantity = order.quantity
        event.ticket = self.tickets[order.id]
        order.events.append(event)
        if event.status.is_closed:
            self._drop(order)
        if event.status == OrderStatus.CANCELED:
            order.canceled = event.utc
        # As in LEAN: of a change that is refused too.
        if event.status in (OrderStatus.SUBMITTED, OrderStatus.UPDATE_SUBMITTED) and event.ticket.update_requests:
            order.last_update = event.utc
        if event.fill_quantity != 0.0:
            now, security = self.now(), self._securities[event.symbol]
            order.last_fill = event.utc
            fee = self._portfolio.process_fill(event, security, now)
            security.catch_up()
            rate = ONE if security.is_plain else security.quote_cash.exact_rate
            security.path = self._trades.process_fill(event, fee, rate)
            before = abs(order.quantity_filled)
            added = abs(event.fill_quantity)
            order.price = (
                event.fill_price if before == 0.0 else (order.price * before + event.fill_price * added) / (before + added)
            )
            order.quantity_filled += event.fill_quantity
        self.events.append(event)
        self._on_event(event)

    def _pay_in_kind(self, event: OrderEvent, security: Any) -> None:
        """A fee in the coin that was bought is taken from it, so that the position is what the account has."""
        fee = event.order_fee.value
        if fee.currency != security.base_cash.symbol:
            return
        event.fill_quantity = float(SystemDecimal.of(event.fill_quantity) - SystemDecimal.of(fee.amount))
        event.order_fee = InFillFee(fee, security.quote_cash.symbol)
        if not self._warned_fees:
            self._warned_fees = True
            self.on_debug(PAID_IN_KIND)

    def _refuses_change(self, order: Order, request: UpdateOrderRequest, security: Security) -> bool:
        """Whether the broker doesn't change an order, which is told."""
        ask = getattr(self.brokerage(), "can_update_order", None)
        answer = True if ask is None else ask(security, order, request, None)
        allowed, said = answer if isinstance(answer, tuple) else (answer, "")
        if allowed:
            return False
        message = f"OrderID: {order.id} {said or NOT_CHANGED.format(order.id)}"
        request.response = OrderResponse(Code.BROKERAGE_MODEL_REFUSED_TO_UPDATE_ORDER, message)
        self._on_error(message)
        self._publish(order, self._event(order, order.status, NOT_CHANGED.removesuffix(": {}")))
        return True

    # What happens to companies -------------------------------------------------------------------------------------------
    def apply_split(self, symbol: Symbol, factor: float) -> None:
        """Ask to turn open orders into those after a split: an update like any other, carried out at the next `sync`."""
        for order in listed(self.open_of(symbol)):
            fields = UpdateOrderFields()
            fields.quantity = float(int(order.quantity / factor))
            for name, price in order.prices_after_split(factor).items():
                setattr(fields, name, price)
            self.tickets[order.id].update(fields)

    def liquidate_delisted(self, security: Security) -> None:
        """Sell a position whose listing ends, at the last price and free of charge, and cancel its orders."""
        quantity = -security.holdings.quantity
        if quantity:
            request = SubmitOrderRequest(OrderType.MARKET, security.symbol, quantity, tag=DELISTED)
            order = self._make(request)
            order.id = request.order_id = len(self.orders) + 1
            self.orders[order.id], self.tickets[order.id] = order, OrderTicket(self, order, request)
            event = self._event(order, OrderStatus.FILLED, DELISTED)
            event.fill_price, event.fill_quantity = security.price, quantity
            self._publish(order, event)
        if not self.is_warming_up():
            for ticket in self.get_open_order_tickets(security.symbol):
                ticket.cancel()
