"""Orders, targets, liquidation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hidden_regime.simulator.binding import bound
from hidden_regime.simulator.core import Core
from hidden_regime.simulator.enums import OrderType
from hidden_regime.simulator.members.assigning import refusing
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.orders.book import Book
from hidden_regime.simulator.orders.properties import OrderProperties
from hidden_regime.simulator.orders.requests import SubmitOrderRequest
from hidden_regime.simulator.orders.targets import PortfolioTarget
from hidden_regime.simulator.orders.tickets import OrderTicket

Properties = OrderProperties | None


@refusing
@bound
class TradingMembers:
    """See the module. After an order's prices LEAN takes `asynchronous`, then `tag`, then `order_properties`."""

    _sim: Core

    @property
    def transactions(self) -> Book:
        """All orders."""
        return self._sim.book

    def _send(self, kind: OrderType, symbol: Any, quantity: Any, asynchronous: bool, tag: str | None, properties: Properties,
              **prices: Any) -> OrderTicket:  # fmt: skip
        return self._sim.trader.send(kind, symbol, quantity, tag, properties, asynchronous=asynchronous, **prices)

    def market_order(self, symbol: Any, quantity: Any, asynchronous: bool = False, tag: str | None = None,
                     order_properties: Properties = None) -> OrderTicket:  # fmt: skip
        """Order at the market; with daily bars that is the next open, or the close."""
        return self._send(OrderType.MARKET, symbol, quantity, asynchronous, tag, order_properties)

    def order(self, symbol: Any, quantity: Any, type: Any = None, asynchronous: bool = False, tag: str | None = None,
              order_properties: Properties = None) -> OrderTicket:  # fmt: skip
        """Order at the market, whatever the type says."""
        return self._send(OrderType.MARKET, symbol, quantity, asynchronous, tag, order_properties)

    def buy(self, symbol: Any, quantity: Any) -> OrderTicket:
        """Order shares."""
        return self._send(OrderType.MARKET, symbol, abs(quantity), False, None, None)

    def sell(self, symbol: Any, quantity: Any) -> OrderTicket:
        """Sell shares."""
        return self._send(OrderType.MARKET, symbol, -abs(quantity), False, None, None)

    def market_on_open_order(self, symbol: Any, quantity: Any, asynchronous: bool = False, tag: str | None = None,
                             order_properties: Properties = None) -> OrderTicket:  # fmt: skip
        """Order at the next open."""
        return self._send(OrderType.MARKET_ON_OPEN, symbol, quantity, asynchronous, tag, order_properties)

    def market_on_close_order(self, symbol: Any, quantity: Any, asynchronous: bool = False, tag: str | None = None,
                              order_properties: Properties = None) -> OrderTicket:  # fmt: skip
        """Order at the next close."""
        return self._send(OrderType.MARKET_ON_CLOSE, symbol, quantity, asynchronous, tag, order_properties)

    def limit_order(self, symbol: Any, quantity: Any, limit_price: Any, asynchronous: bool = False, tag: str | None = None,
                    order_properties: Properties = None) -> OrderTicket:  # fmt: skip
        """Order at a price or a better one."""
        return self._send(OrderType.LIMIT, symbol, quantity, asynchronous, tag, order_properties, limit_price=limit_price)

    def stop_market_order(self, symbol: Any, quantity: Any, stop_price: Any, asynchronous: bool = False, tag: str | None = None,
                          order_properties: Properties = None) -> OrderTicket:  # fmt: skip
        """Order at the market once a price is reached."""
        return self._send(OrderType.STOP_MARKET, symbol, quantity, asynchronous, tag, order_properties, stop_price=stop_price)

    def stop_limit_order(self, symbol: Any, quantity: Any, stop_price: Any, limit_price: Any, asynchronous: bool = False,
                         tag: str | None = None, order_properties: Properties = None) -> OrderTicket:  # fmt: skip
        """A limit order once a price is passed."""
        prices = {"stop_price": stop_price, "limit_price": limit_price}
        return self._send(OrderType.STOP_LIMIT, symbol, quantity, asynchronous, tag, order_properties, **prices)

    def limit_if_touched_order(self, symbol: Any, quantity: Any, trigger_price: Any, limit_price: Any,
                               asynchronous: bool = False, tag: str | None = None,
                               order_properties: Properties = None) -> OrderTicket:  # fmt: skip
        """A limit order once a favourable price is touched."""
        prices = {"trigger_price": trigger_price, "limit_price": limit_price}
        return self._send(OrderType.LIMIT_IF_TOUCHED, symbol, quantity, asynchronous, tag, order_properties, **prices)

    def trailing_stop_order(self, symbol: Any, quantity: Any, trailing_amount: Any, trailing_as_percentage: bool,
                            stop_price: Any = None, asynchronous: bool = False, tag: str | None = None,
                            order_properties: Properties = None) -> OrderTicket:  # fmt: skip
        """A stop that follows the market: (symbol, quantity, trailing_amount, trailing_as_percentage), optionally with a first
        stop price before the amount."""
        prices = {"trailing_amount": trailing_amount, "trailing_as_percentage": trailing_as_percentage}
        if stop_price is not None:
            prices["stop_price"] = stop_price
        return self._send(OrderType.TRAILING_STOP, symbol, quantity, asynchronous, tag, order_properties, **prices)

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
