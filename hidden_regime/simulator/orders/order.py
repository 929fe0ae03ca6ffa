"""What all orders have in common. Each kind of order has a file of its own in `kinds`."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from hidden_regime.simulator.enums import DataNormalizationMode, OrderDirection, OrderStatus, OrderType, SecurityType
from hidden_regime.simulator.orders.prices import Range, last_range
from hidden_regime.simulator.orders.properties import OrderProperties, TimeInForce
from hidden_regime.simulator.orders.responses import OrderResponseErrorCode as Code
from hidden_regime.simulator.rounding import plain
from hidden_regime.simulator.run_clock import RunClock
from hidden_regime.simulator.spelling import TwoSpellings

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security
    from hidden_regime.simulator.objects import Symbol, TradeBar
    from hidden_regime.simulator.orders.events import OrderEvent

NEW_YORK_RUN = RunClock()
GAP = "Due to {kind} gap at {at:%m/%d/%Y %H:%M:%S} America/New_York, order filled using the open price ({price})"


class Fill(NamedTuple):
    """A price at which the whole order fills."""

    price: float
    message: str = ""


class Order(TwoSpellings):
    """An order.

    A kind of order is a subclass in a file of `orders/kinds`: its type, its prices, LEAN's signatures of the method that
    sends it, and when and at what price a bar fills it (`attempt`). Everything else - the algorithm's method, requests,
    events, results, fill models - follows from that.

    Parameters
    ----------
    symbol : Symbol
    quantity : float
        Shares, negative to sell.
    now : datetime
        The engine's time.
    """

    type: ClassVar[OrderType]
    prices: ClassVar[tuple[str, ...]] = ()
    """Prices that belong to the order: they are rounded, updated, adjusted for splits and written with it."""
    event_fields: ClassVar[tuple[str, ...]] = ()
    """Those of them that LEAN writes with the order's events."""
    state_fields: ClassVar[tuple[str, ...]] = ()
    """Further members that LEAN writes with the order."""
    flags: ClassVar[tuple[str, ...]] = ()
    """What it takes beside its prices: True or False, without a word False."""
    signatures: ClassVar[str] = ""
    """Those of the algorithm's method that sends it, written as in `binding/declared`."""
    fills_at_once: ClassVar[bool] = False
    """Whether it may fill at the moment at which it is sent."""
    at_auction: ClassVar[bool] = False
    """Whether it waits for an auction: such orders don't end by a date."""
    reckons_prices: ClassVar[bool] = False
    """Whether some of its prices come from the engine instead of the strategy."""

    def __init__(self, symbol: Symbol, quantity: float, now: datetime, tag: str = "",
                 properties: OrderProperties | None = None, **prices: Any) -> None:  # fmt: skip
        self.id = 0
        self.symbol, self.quantity, self.moment = symbol, quantity, now
        self.sent = now
        """When it was sent, in its exchange's time."""
        self.clock = NEW_YORK_RUN
        self.tag = tag
        self.properties = properties or OrderProperties()
        self.status = OrderStatus.NEW
        self.price = 0.0
        self.quantity_filled = 0.0
        self.events: list[OrderEvent] = []
        self.last_fill: datetime | None = None
        self.last_update: datetime | None = None
        self.canceled: datetime | None = None
        self.last_seen = self.bid_seen = self.ask_seen = 0.0
        self.adjusted = DataNormalizationMode.ADJUSTED
        """In which prices its asset's bars come."""
        for name in self.prices:
            setattr(self, name, float(prices[name]))
        for name in self.flags:
            setattr(self, name, bool(prices.get(name, False)))

    @property
    def utc(self) -> datetime:
        """When it was sent, naive UTC."""
        return self.clock.to_utc(self.moment)

    @property
    def time(self) -> datetime:
        """When it was sent, UTC."""
        return self.utc.replace(tzinfo=UTC)

    created_time = time

    @property
    def last_fill_time(self) -> datetime | None:
        """When it last filled, UTC."""
        return None if self.last_fill is None else self.last_fill.replace(tzinfo=UTC)

    @property
    def last_update_time(self) -> datetime | None:
        """When it was last changed, UTC."""
        return None if self.last_update is None else self.last_update.replace(tzinfo=UTC)

    @property
    def canceled_time(self) -> datetime | None:
        """When it was cancelled, UTC."""
        return None if self.canceled is None else self.canceled.replace(tzinfo=UTC)

    price_currency = "USD"
    """What its prices are in."""
    contingent_id = 0
    is_marketable = False
    """Whether it could fill as it was sent."""

    @property
    def broker_id(self) -> list[str]:
        """Its number, as a broker would give it; none of an order that reached no broker."""
        return [str(self.id)] if any(event.status == OrderStatus.SUBMITTED for event in self.events) else []

    @property
    def direction(self) -> OrderDirection:
        """Side."""
        if self.quantity == 0.0:
            return OrderDirection.HOLD
        return OrderDirection.BUY if self.quantity > 0 else OrderDirection.SELL

    @property
    def absolute_quantity(self) -> float:
        """Shares without sign."""
        return abs(self.quantity)

    @property
    def security_type(self) -> SecurityType:
        """Kind of asset."""
        return self.symbol.security_type

    @property
    def time_in_force(self) -> TimeInForce:
        """How long it lives."""
        return self.properties.time_in_force

    @property
    def value(self) -> float:
        """Shares times fill price."""
        return self.quantity * self.price

    def get_value(self, security: Security) -> float:
        """What it is worth to fees and messages."""
        return self.quantity * security.price * security.quote_cash.rate

    def default_tag(self) -> str:
        """Tag of an order without one."""
        return ""

    def prices_after_split(self, factor: float) -> dict[str, float]:
        """Its prices after a split."""
        return {name: getattr(self, name) * factor for name in self.in_dollars()}

    def in_dollars(self) -> tuple[str, ...]:
        """Those of its prices that are dollars: they are rounded, and change with a split."""
        return self.prices

    @classmethod
    def completed(cls, prices: dict[str, Any], price: float, shares: float) -> dict[str, Any]:
        """What a strategy gave, with the prices that are left to the engine, from the security's price."""
        return prices

    @classmethod
    def refusal(cls, security: Security, now: datetime) -> tuple[Code, str] | None:
        """Why no order of this kind is taken now."""
        return None

    def waits(self, security: Security) -> bool:
        """Whether nothing that could end or fill it has come yet."""
        return False

    def attempt(self, security: Security, now: datetime) -> Fill | None:
        """The fill that the market of this moment gives, if any."""
        raise NotImplementedError  # pragma: no cover

    def fresh_range(self, security: Security, now: datetime) -> Range | None:
        """The last bar of what it would pay or get, if the market is open and it ended after the order was sent."""
        found = last_range(security, buys=self.quantity > 0)
        if found is None or found.end_time <= self.sent or not security.fills_at(now):
            return None
        return found

    def fresh_bar(self, security: Security, now: datetime) -> TradeBar | None:
        """The security's bar, if the market is open to it and it ended after the order was sent."""
        bar = security.bar
        if bar is None or bar.end_time <= self.sent or not security.fills_at(now):
            return None
        return bar

    def clone(self) -> Self:
        """A copy, whose changes change nothing."""
        return copy.copy(self)

    def __str__(self) -> str:
        unit = "unit" if abs(self.quantity) == 1 else "units"
        note = f": {self.tag}" if self.tag else ""
        what = f"{self.status.to_string()} {self.type.to_string()} order for {plain(self.quantity)} {unit} of {self.symbol}{note}"
        return f"OrderId: {self.id} (BrokerId: {self.id}) {what}"


def gap(kind: str, bar: TradeBar) -> str:
    """Message of a fill at the open, beyond the order's price."""
    return GAP.format(kind=kind, at=bar.end_time, price=plain(bar.open, 12))
