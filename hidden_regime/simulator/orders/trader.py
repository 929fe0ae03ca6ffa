"""From what a strategy wants to orders: checks, conversions, targets, liquidation."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from hidden_regime.data.decimals import ONE, ZERO, SystemDecimal
from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.enums import OrderType, Resolution
from hidden_regime.simulator.models.buying_power import TooSmall, Unreckoned
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.orders.book import WARMING_UP, Code
from hidden_regime.simulator.orders.kinds import KINDS
from hidden_regime.simulator.orders.kinds.market_on_close import near_the_close
from hidden_regime.simulator.orders.properties import GoodTilDateTimeInForce, OrderProperties, TimeInForce
from hidden_regime.simulator.orders.requests import SubmitOrderRequest
from hidden_regime.simulator.rounding import exact, plain

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security
    from hidden_regime.simulator.core import Core
    from hidden_regime.simulator.orders.targets import PortfolioTarget
    from hidden_regime.simulator.orders.tickets import OrderTicket

CONVERTED = (
    "Warning: market orders submitted while the market is closed are automatically converted into MarketOnOpen orders to "
    "fill at the next market open."
)
CONVERTED_IN_SESSION = (
    "Warning: market orders on daily resolution data sent during market hours are automatically converted into MarketOnClose "
    "orders (or MarketOnOpen near the close) to avoid filling at the stale previous close. Note: in live trading this "
    "conversion is not applied, as the order fills at the current market price."
)
NO_PRICE = (
    "{}: The security does not have an accurate price as it has not yet received a bar of data. Before placing a trade (or "
    "using set_holdings) warm up your algorithm with set_warmup, or use slice.contains(symbol) to confirm the Slice object has "
    "price before using the data. Data does not necessarily all arrive at the same time so your algorithm should confirm the "
    "data is ready before using it. In live trading this can mean you do not have an active subscription to the asset class "
    "you're trying to trade. If using custom data make sure you've set the 'Value' property."
)
TOO_SMALL = (
    "Warning: Portfolio rebalance result ignored as it resulted in a single share trade recommendation which can generate "
    "high fees. To disable minimum order size checks please set self.settings.minimum_order_margin_portfolio_percentage = 0."
)
NO_EXPIRY = (
    "Warning: Good-Til-Date Time-In-Force is not supported for MOO and MOC orders. The time-in-force will be reset to "
    "Good-Til-Canceled (GTC)."
)
NO_QUANTITY = "Unable to submit order with id -10 that has zero quantity."
BELOW_LOT = "Unable to submit order with id -10 which quantity ({}) is less than lot size ({})."
NO_QUOTE_RATE = "{}: requires {} to have a non-zero conversion rate. This can be caused by lack of data."
NO_RATES = "{}: requires {} and {} to have non-zero conversion rates. This can be caused by lack of data."
NOT_RECKONED = "Unable to compute order quantity of {}. Reason: {} Returning null."
NOT_TRADABLE = "The security with symbol '{}' is marked as non-tradable."
NO_DATA = (
    "There is no data for this symbol yet, please check the security.HasData flag to ensure there is at least one data point."
)
TOO_MANY = "You have exceeded maximum number of orders ({}), for unlimited orders upgrade your account."
OUT_OF_RANGE = (
    "The portfolio target percent: {share}, does not comply with the current "
    "'self.settings.max_absolute_portfolio_target_percentage': {most} or "
    "'self.settings.min_absolute_portfolio_target_percentage': {least}. Skipping"
)
DISABLED = "Liquidate() is currently disabled by settings. To re-enable please set 'Settings.LiquidateEnabled' to true"


def number(name: str, value: Any) -> float:
    """A finite number, or an error that names the parameter."""
    try:
        out = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"No method matches given arguments: {name} = {value!r}: expected a number.") from None
    if not math.isfinite(out):
        raise ParameterError(
            name, value, "a finite number",
            f"(It is not possible to cast a non-finite floating-point value ({value}) as decimal.)",
        )  # fmt: skip
    return out


@lru_cache(maxsize=64)
def _decimal(value: float) -> SystemDecimal:
    return SystemDecimal.nearest(value)


class Trader:
    """Sends a strategy's orders."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.default_properties = OrderProperties()
        self._warned: set[str] = set()
        self._small: bool | None = None

    def _once(self, key: str, message: str) -> None:
        if key not in self._warned:
            self._warned.add(key)
            self._core.logs.say("debug", message)

    def too_small(self) -> None:
        """Note that a change was too small for an order: the next target that is reckoned says it, once in a run."""
        if self._small is None:
            self._small = False

    # One order -----------------------------------------------------------------------------------------------------------
    def send(self, kind: OrderType, symbol: Any, quantity: Any, tag: str | None = None,
             properties: OrderProperties | None = None, *, asynchronous: bool = False, **prices: Any) -> OrderTicket:  # fmt: skip
        """Check an order and submit it."""
        core = self._core
        key = core.symbol_of(symbol)
        security = core.securities.get(key)
        if core.running and (security is None or not (security.is_tradable or security.is_delisted)):
            security = core.subscriptions.add_for_order(key)
        shares = number("quantity", quantity)
        prices = {k: v if isinstance(v, bool) else number(k, v) for k, v in prices.items()}
        properties = (properties or self.default_properties).clone()
        warning = ""
        if kind == OrderType.MARKET and security is not None:
            kind, warning = self._convert(security)
        prices = KINDS[kind].completed(prices, 0.0 if security is None else security.price, shares)
        if KINDS[kind].at_auction and isinstance(properties.time_in_force, GoodTilDateTimeInForce):
            properties.time_in_force = TimeInForce.GOOD_TIL_CANCELED
            self._once("expiry", NO_EXPIRY)
        request = SubmitOrderRequest(kind, key, shares, tag=tag or "", properties=properties, asynchronous=asynchronous, **prices)
        ticket = self.submit(request)
        if warning and request.response.is_success:
            self._once(warning[:60], warning)
        return ticket

    def submit(self, request: SubmitOrderRequest) -> OrderTicket:
        """Submit a request, if nothing speaks against it."""
        problem = self._problem(request, self._core.securities.get(request.symbol))
        if problem is not None:
            return self._core.book.refuse(request, *problem)
        return self._core.book.submit(request)

    def _convert(self, security: Security) -> tuple[OrderType, str]:
        now = security.exchange.local_time
        if not security.exchange.open_at(now):
            return OrderType.MARKET_ON_OPEN, CONVERTED
        if security.resolution == Resolution.DAILY and not security.exchange.always:
            late = near_the_close(security, now)
            return (OrderType.MARKET_ON_OPEN if late else OrderType.MARKET_ON_CLOSE), CONVERTED_IN_SESSION
        return OrderType.MARKET, ""

    def _problem(self, request: SubmitOrderRequest, security: Security | None) -> tuple[Code, str] | None:
        core, quantity = self._core, request.quantity
        if core.is_warming_up or not core.locked:
            return Code.ALGORITHM_WARMING_UP, WARMING_UP.format(what="submit")
        if security is None:
            return Code.MISSING_SECURITY, NO_PRICE.format(request.symbol)
        if quantity == 0:
            return Code.ORDER_QUANTITY_ZERO, NO_QUANTITY
        lot = security.symbol_properties.lot_size
        if abs(quantity) < lot:
            return Code.ORDER_QUANTITY_LESS_THAN_LOT_SIZE, BELOW_LOT.format(plain(abs(quantity), 20), exact(lot))
        if not security.is_tradable:
            return Code.NON_TRADABLE_SECURITY, NOT_TRADABLE.format(request.symbol)
        if security.price == 0.0:
            return Code.SECURITY_PRICE_ZERO, NO_PRICE.format(request.symbol)
        unconverted = self._unconverted(security)
        if unconverted is not None:
            return unconverted
        if core.book.orders_count > core.book.maximum:
            core.quit_reason = "orders"
            return Code.EXCEEDED_MAXIMUM_ORDERS, TOO_MANY.format(core.book.maximum)
        return KINDS[request.order_type].refusal(security, security.exchange.local_time)

    @staticmethod
    def _unconverted(security: Any) -> tuple[Code, str] | None:
        """What to say where a currency of a security has no rate."""
        ticker, quote = security.symbol.value, security.quote_cash
        if quote.rate == 0.0:
            return Code.CONVERSION_RATE_ZERO, NO_QUOTE_RATE.format(ticker, quote.symbol)
        if security.is_valued or security.base_cash.rate != 0.0:
            return None
        return Code.FOREX_CONVERSION_RATE_ZERO, NO_RATES.format(ticker, security.base_cash.symbol, quote.symbol)

    # Targets -------------------------------------------------------------------------------------------------------------
    def quantity_for(self, symbol: Any, target: Any, *, written: bool = False) -> float | None:
        """Shares to order for a position worth a share of the account; None where that can't be told.

        Parameters
        ----------
        written : bool
            Whether LEAN gets the share as a decimal, from its text, as in a PortfolioTarget; else it casts a double.
        """
        core = self._core
        key = core.symbol_of(symbol)
        given = number("percentage", target)
        exact = SystemDecimal.written(given) if written else _decimal(given)
        share = float(exact)
        security = core.securities.get(key)
        settings = core.settings
        most = _decimal(settings.max_absolute_portfolio_target_percentage)
        least = _decimal(settings.min_absolute_portfolio_target_percentage)
        if abs(exact) > most or (share and abs(exact) < least):
            core.logs.say("error", OUT_OF_RANGE.format(share=exact, most=most, least=least))
            return None
        if security is None or security.price == 0.0:
            core.logs.say("error", NO_PRICE.format(key))
            return None
        portfolio = core.portfolio
        try:
            quantity = float(security.margins.order_quantity(
                portfolio, security, self._margin_of(security, exact), least=settings.minimum_order_margin_portfolio_percentage
            ))  # fmt: skip
        except TooSmall:
            self.too_small()
            quantity = 0.0
        except Unreckoned as error:
            core.logs.say("error", NOT_RECKONED.format(key, error))
            return None
        if self._small is False:
            self._small = True
            core.logs.say("debug", TOO_SMALL)
        return quantity

    def _margin_of(self, security: Any, share: SystemDecimal) -> float | SystemDecimal:
        """Margin over account value of a position that is worth a share of the account."""
        portfolio = self._core.portfolio
        leverage: float = security.leverage
        if portfolio.cash_book.abroad:
            worth = portfolio.exact_value
            if not worth:
                return ZERO
            part = share * portfolio.exact_value_less_free_buffer / worth
            requirement: SystemDecimal | None = getattr(security.margins, "exact_initial", None)
            if requirement is None:  # a model of the strategy's own tells its leverage alone
                return part / SystemDecimal.of(leverage)
            return part / (ONE / requirement) if requirement else ZERO
        total = portfolio.total_portfolio_value
        return float(share) * portfolio.total_portfolio_value_less_free_buffer / total / leverage if total else 0.0

    def set_holdings(
        self, symbol: Any, share: Any, liquidate: bool, tag: str | None, properties: OrderProperties | None, asynchronous: bool
    ) -> list[OrderTicket]:
        """Bring one position to its target share of the account."""
        quantity = self.quantity_for(symbol, share) or 0.0
        key = self._core.symbol_of(symbol)
        rest = (tag, properties, asynchronous)
        return (self._liquidate_others({key}, *rest) if liquidate else []) + self._change(key, quantity, *rest)

    def set_targets(self, targets: Sequence[PortfolioTarget], liquidate: bool, tag: str | None,
                    properties: OrderProperties | None, asynchronous: bool) -> list[OrderTicket]:  # fmt: skip
        """Bring several positions to their targets: reductions first, then the largest orders first."""
        core = self._core
        keys = {target.symbol for target in targets}
        tickets = self._liquidate_others(keys, tag, properties, asynchronous) if liquidate else []
        changes = [(t.symbol, self.quantity_for(t.symbol, t.quantity, written=True) or 0.0, t.tag or tag) for t in targets]
        if core.is_warming_up:
            return tickets
        ranked: list[tuple[bool, float, Symbol, float, str | None]] = []
        for key, quantity, note in changes:
            security = core.securities.get(key)
            if security is None:
                continue
            whole = security.cut(quantity)
            if whole == 0.0 or not security.has_data or not security.is_tradable:
                continue
            existing = security.holdings.quantity + sum(o.quantity - o.quantity_filled for o in core.book.open_of(key))
            reduces = existing != 0 and abs(whole + existing) < abs(existing)
            ranked.append((not reduces, -abs(whole * security.price), key, whole, note))
        ranked.sort(key=lambda row: row[:2])
        for _, _, key, quantity, note in ranked:
            tickets += self._change(key, quantity, note, properties, asynchronous)
        return tickets

    def _change(
        self, symbol: Symbol, quantity: float, tag: str | None, properties: OrderProperties | None, asynchronous: bool
    ) -> list[OrderTicket]:
        netted = (OrderType.MARKET, OrderType.MARKET_ON_OPEN)
        quantity -= sum(o.quantity - o.quantity_filled for o in self._core.book.open_of(symbol) if o.type in netted)
        if quantity == 0.0:
            return []
        security = self._core.securities.get(symbol)
        closed = security is None or not security.exchange.exchange_open
        kind = OrderType.MARKET_ON_OPEN if closed else OrderType.MARKET
        return [self.send(kind, symbol, quantity, tag, properties, asynchronous=asynchronous)]

    # Liquidation ---------------------------------------------------------------------------------------------------------
    def _liquidate_others(
        self, kept: set[Symbol], tag: str | None, properties: OrderProperties | None, asynchronous: bool
    ) -> list[OrderTicket]:
        others = [key for key in sorted(self._core.securities.keys()) if key not in kept]
        return self.liquidate(others, tag, properties, asynchronous)

    def liquidate(
        self, symbols: Iterable[Symbol] | None, tag: str | None, properties: OrderProperties | None, asynchronous: bool = False
    ) -> list[OrderTicket]:
        """Cancel the open orders of some symbols, or of all, and close their positions."""
        core = self._core
        if not core.settings.liquidate_enabled:
            core.logs.say("debug", DISABLED)
            return []
        tickets: list[OrderTicket] = []
        tag = "Liquidated" if tag is None else tag
        for key in sorted(core.securities.keys()) if symbols is None else symbols:
            security = core.securities.get(key)
            if security is None:
                continue
            held = security.holdings.quantity if security.holdings.invested else 0.0
            open_tickets = list(core.book.get_open_order_tickets(key))
            single = open_tickets[0] if len(open_tickets) == 1 else None
            if single is not None and held and single.quantity == -held and single.order_type == OrderType.MARKET:
                continue
            pending = 0.0
            for ticket in open_tickets:
                if ticket.order_type == OrderType.MARKET:
                    pending += ticket.quantity_remaining
                else:
                    ticket.cancel(tag)
            if held:
                tickets.append(self.send(OrderType.MARKET, key, -held - pending, tag, properties, asynchronous=asynchronous))
        return tickets
