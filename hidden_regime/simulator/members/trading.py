"""Orders, targets, liquidation."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from hidden_regime.simulator.binding import Binder, bound, taking
from hidden_regime.simulator.binding.signatures import read
from hidden_regime.simulator.core import Core
from hidden_regime.simulator.enums import OrderType
from hidden_regime.simulator.members.assigning import refusing
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.orders.book import Book
from hidden_regime.simulator.orders.kinds import KINDS
from hidden_regime.simulator.orders.order import Order
from hidden_regime.simulator.orders.properties import OrderProperties
from hidden_regime.simulator.orders.requests import SubmitOrderRequest
from hidden_regime.simulator.orders.targets import PortfolioTarget
from hidden_regime.simulator.orders.tickets import OrderTicket

Properties = OrderProperties | None


@refusing
@bound
class TradingMembers:
    """See the module. Each kind of order has a method too, which follows below.

    After an order's prices LEAN takes `asynchronous`, then `tag`, then `order_properties`.
    """

    _sim: Core

    @property
    def transactions(self) -> Book:
        """All orders."""
        return self._sim.book

    def _send(self, kind: OrderType, symbol: Any, quantity: Any, asynchronous: bool = False, tag: str | None = None,
              order_properties: Properties = None, **prices: Any) -> OrderTicket:  # fmt: skip
        return self._sim.trader.send(kind, symbol, quantity, tag, order_properties, asynchronous=asynchronous, **prices)

    def order(self, symbol: Any, quantity: Any, type: Any = None, asynchronous: bool = False, tag: str | None = None,
              order_properties: Properties = None) -> OrderTicket:  # fmt: skip
        """Order at the market, whatever the type says."""
        return self._send(OrderType.MARKET, symbol, quantity, asynchronous, tag, order_properties)

    def buy(self, symbol: Any, quantity: Any) -> OrderTicket:
        """Order shares."""
        return self._send(OrderType.MARKET, symbol, abs(quantity))

    def sell(self, symbol: Any, quantity: Any) -> OrderTicket:
        """Sell shares."""
        return self._send(OrderType.MARKET, symbol, -abs(quantity))

    def submit_order_request(self, request: SubmitOrderRequest) -> OrderTicket:
        """Send a request, if it passes what LEAN checks before."""
        return self._sim.trader.submit(request)

    def calculate_order_quantity(self, symbol: Any, target: Any) -> float:
        """Shares to order for a position worth `target` of the account."""
        quantity = self._sim.trader.quantity_for(symbol, target)
        return 0.0 if quantity is None else quantity

    def set_holdings(self, symbol: Any = None, percentage: Any = 0.0, liquidate_existing_holdings: bool = False,
                     asynchronous: bool = False, tag: str | None = None, order_properties: Properties = None,
                     targets: Sequence[PortfolioTarget] | None = None) -> list[OrderTicket]:  # fmt: skip
        """Bring a position, or a list of PortfolioTarget, to its target share of the account."""
        trader, rest = self._sim.trader, (liquidate_existing_holdings, tag, order_properties, asynchronous)
        if targets is not None:
            return trader.set_targets(list(targets), *rest)
        return trader.set_holdings(symbol, percentage, *rest)

    def liquidate(self, symbol: Any = None, asynchronous: bool = False, tag: str | None = None,
                  order_properties: Properties = None, symbols: Any = None,
                  symbol_to_liquidate: Any = None) -> list[OrderTicket] | list[int]:  # fmt: skip
        """Close one position, some, or all, and cancel their open orders. LEAN's old form, `liquidate(symbol, tag)`, gives the
        orders' numbers."""
        core = self._sim
        chosen = next((given for given in (symbol_to_liquidate, symbols, symbol) if given is not None), None)
        keys: list[Symbol] | None = None
        if isinstance(chosen, (list, tuple)):
            keys = [core.symbol_of(item) for item in chosen]
        elif chosen is not None:
            keys = [core.symbol_of(chosen)]
        tickets = core.trader.liquidate(keys, tag, order_properties, asynchronous)
        return tickets if symbol_to_liquidate is None else [ticket.order_id for ticket in tickets]


def _sender(kind: type[Order]) -> tuple[str, Callable[..., OrderTicket]]:
    """Name of the method that sends orders of a kind, and the method."""
    ((name, overloads),) = read(kind.signatures).items()

    def send(self: TradingMembers, **given: Any) -> OrderTicket:
        return self._send(kind.type, **given)

    send.__name__, send.__qualname__, send.__doc__ = name, f"TradingMembers.{name}", kind.__doc__
    names = dict.fromkeys(parameter.name for overload in overloads for parameter in overload.parameters)
    shown = [inspect.Parameter(given, inspect.Parameter.POSITIONAL_OR_KEYWORD) for given in ("self", *names)]
    vars(send)["__signature__"] = inspect.Signature(shown)
    return name, taking(Binder(name, overloads), send)


for _kind in KINDS.values():
    setattr(TradingMembers, *_sender(_kind))
