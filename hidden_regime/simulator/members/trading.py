"""Orders, targets, liquidation."""

from __future__ import annotations

from typing import Any

from hidden_regime.simulator.core import Core
from hidden_regime.simulator.enums import OrderType
from hidden_regime.simulator.members.assigning import refusing
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.orders.book import Book
from hidden_regime.simulator.orders.properties import OrderProperties
from hidden_regime.simulator.orders.tickets import OrderTicket
from hidden_regime.simulator.orders.trader import notes

Properties = OrderProperties | None


@refusing
class TradingMembers:
    """See the module. LEAN's trailing arguments (asynchronous, tag, order_properties) may come in any order."""

    _sim: Core

    @property
    def transactions(self) -> Book:
        """All orders."""
        return self._sim.book

    def _send(self, kind: OrderType, symbol: Any, quantity: Any, rest: tuple[Any, ...], tag: str | None, properties: Properties,
              **prices: Any) -> OrderTicket:  # fmt: skip
        tag, properties = notes(rest, tag, properties)
        return self._sim.trader.send(kind, symbol, quantity, tag or "", properties, **prices)

    def market_order(self, symbol: Any, quantity: Any, *rest: Any, asynchronous: bool = False, tag: str | None = None,
                     order_properties: Properties = None) -> OrderTicket:  # fmt: skip
        """Order at the market; with daily bars that is the next open, or the close."""
        return self._send(OrderType.MARKET, symbol, quantity, rest, tag, order_properties)

    order = market_order

    def buy(self, symbol: Any, quantity: Any) -> OrderTicket:
        """Order shares."""
        return self.market_order(symbol, abs(quantity))

    def sell(self, symbol: Any, quantity: Any) -> OrderTicket:
        """Sell shares."""
        return self.market_order(symbol, -abs(quantity))

    def market_on_open_order(self, symbol: Any, quantity: Any, *rest: Any, asynchronous: bool = False, tag: str | None = None,
                             order_properties: Properties = None) -> OrderTicket:  # fmt: skip
        """Order at the next open."""
        return self._send(OrderType.MARKET_ON_OPEN, symbol, quantity, rest, tag, order_properties)

    def market_on_close_order(self, symbol: Any, quantity: Any, *rest: Any, asynchronous: bool = False, tag: str | None = None,
                              order_properties: Properties = None) -> OrderTicket:  # fmt: skip
        """Order at the next close."""
        return self._send(OrderType.MARKET_ON_CLOSE, symbol, quantity, rest, tag, order_properties)

    def limit_order(self, symbol: Any, quantity: Any, limit_price: Any, *rest: Any, asynchronous: bool = False,
                    tag: str | None = None, order_properties: Properties = None) -> OrderTicket:  # fmt: skip
        """Order at a price or a better one."""
        return self._send(OrderType.LIMIT, symbol, quantity, rest, tag, order_properties, limit_price=limit_price)

    def stop_market_order(self, symbol: Any, quantity: Any, stop_price: Any, *rest: Any, asynchronous: bool = False,
                          tag: str | None = None, order_properties: Properties = None) -> OrderTicket:  # fmt: skip
        """Order at the market once a price is reached."""
        return self._send(OrderType.STOP_MARKET, symbol, quantity, rest, tag, order_properties, stop_price=stop_price)

    def stop_limit_order(self, symbol: Any, quantity: Any, stop_price: Any, limit_price: Any, *rest: Any,
                         asynchronous: bool = False, tag: str | None = None,
                         order_properties: Properties = None) -> OrderTicket:  # fmt: skip
        """A limit order once a price is passed."""
        prices = {"stop_price": stop_price, "limit_price": limit_price}
        return self._send(OrderType.STOP_LIMIT, symbol, quantity, rest, tag, order_properties, **prices)

    def limit_if_touched_order(self, symbol: Any, quantity: Any, trigger_price: Any, limit_price: Any, *rest: Any,
                               asynchronous: bool = False, tag: str | None = None,
                               order_properties: Properties = None) -> OrderTicket:  # fmt: skip
        """A limit order once a favourable price is touched."""
        prices = {"trigger_price": trigger_price, "limit_price": limit_price}
        return self._send(OrderType.LIMIT_IF_TOUCHED, symbol, quantity, rest, tag, order_properties, **prices)

    def trailing_stop_order(self, symbol: Any, quantity: Any, *rest: Any, stop_price: Any = 0.0, trailing_amount: Any = None,
                            trailing_as_percentage: bool | None = None, asynchronous: bool = False, tag: str | None = None,
                            order_properties: Properties = None) -> OrderTicket:  # fmt: skip
        """A stop that follows the market: (symbol, quantity, trailing_amount, trailing_as_percentage), optionally with a first
        stop price before the amount."""
        given = list(rest)
        numbers = []
        while given and not isinstance(given[0], (bool, str, OrderProperties)):
            numbers.append(given.pop(0))
        if len(numbers) == 2:
            stop_price, trailing_amount = numbers
        elif numbers:
            trailing_amount = numbers[0]
        if given and isinstance(given[0], bool):
            trailing_as_percentage = given.pop(0)
        prices = {"stop_price": stop_price, "trailing_amount": trailing_amount}
        return self._send(
            OrderType.TRAILING_STOP, symbol, quantity, tuple(given), tag, order_properties,
            trailing_as_percentage=bool(trailing_as_percentage), **prices,
        )  # fmt: skip

    def calculate_order_quantity(self, symbol: Any, target: Any) -> float:
        """Shares to order for a position worth `target` of the account."""
        quantity = self._sim.trader.quantity_for(symbol, target)
        return 0.0 if quantity is None else quantity

    def set_holdings(self, symbol: Any, percentage: Any = 0.0, liquidate_existing_holdings: bool = False, *rest: Any,
                     asynchronous: bool = False, tag: str | None = None,
                     order_properties: Properties = None) -> list[OrderTicket]:  # fmt: skip
        """Bring a position, or a list of PortfolioTarget, to its target share of the account."""
        if isinstance(symbol, (str, Symbol)) or hasattr(symbol, "holdings"):
            tag, properties = notes(rest, tag, order_properties)
            return self._sim.trader.set_holdings(symbol, percentage, bool(liquidate_existing_holdings), tag, properties)
        tag, properties = notes((percentage, liquidate_existing_holdings, *rest), tag, order_properties)
        everything = percentage is True or liquidate_existing_holdings is True
        return self._sim.trader.set_targets(list(symbol), everything, tag, properties)

    def liquidate(self, symbol: Any = None, *rest: Any, asynchronous: bool = False, tag: str | None = None,
                  order_properties: Properties = None) -> list[OrderTicket]:  # fmt: skip
        """Close one position, some, or all, and cancel their open orders."""
        tag, properties = notes(rest, tag, order_properties)
        core = self._sim
        keys: list[Symbol] | None = None
        if isinstance(symbol, (list, tuple)):
            keys = [core.symbol_of(item) for item in symbol]
        elif symbol is not None:
            keys = [core.symbol_of(symbol)]
        return core.trader.liquidate(keys, tag, properties)
