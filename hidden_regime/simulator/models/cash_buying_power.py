"""Buying power of a cash account that trades pairs: what is bought is paid with the currency that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hidden_regime.data.decimals import ZERO, SystemDecimal
from hidden_regime.simulator.enums import OrderDirection, OrderType
from hidden_regime.simulator.failures import ArgumentException, InvalidOperationException
from hidden_regime.simulator.models.buying_power import BuyingPowerModel, Unreckoned
from hidden_regime.simulator.models.fees import fee_of
from hidden_regime.simulator.orders.kinds.market import MarketOrder

if TYPE_CHECKING:
    from hidden_regime.simulator.account.portfolio import Portfolio
    from hidden_regime.simulator.account.security import Security
    from hidden_regime.simulator.orders.order import Order

NO_SHORTS = "The cash model does not allow shorting."
NO_LEVERAGE = "CashBuyingPowerModel does not allow setting leverage. Cash accounts have no leverage."
SELLS_MORE = (
    "Your portfolio holds {total} {base}, {reserved} {base} of which are reserved for open orders, but your Sell order is for "
    "{ordered} {base}. Cash Modeling trading does not permit short holdings so ensure you only sell what you have, including any "
    "additional open orders."
)
BUYS_MORE = (
    "Your portfolio holds {total} {quote}, {reserved} {quote} of which are reserved for open orders, but your Buy order is for "
    "{ordered} {base}. Your order requires a total value of {value} {quote}, but only a total value of {most} {quote} is "
    "available."
)
UNSUPPORTED = (
    "The '{}' security is not supported by this cash model. Currently only Crypto and Forex are supported."
)  # fmt: skip
NO_RATE = "The internal cash feed required for converting {} to {} does not have any data yet (or market may be closed)."
NO_LOT = "The order quantity is less than the lot size of {} and has been rounded to zero."
DETAILS = "Target order value {}. Order fees {}. Order quantity {}."
NOT_CONVERGED = (
    "GetMaximumOrderQuantityForTargetBuyingPower failed to converge to target order value {}. Current order value is {}. Order "
    "quantity {}. Lot size is {}. Order fees {}. Security symbol {}"
)
PRICED_BY = {
    OrderType.LIMIT: "limit_price", OrderType.STOP_MARKET: "stop_price", OrderType.STOP_LIMIT: "limit_price",
    OrderType.LIMIT_IF_TOUCHED: "limit_price", OrderType.TRAILING_STOP: "stop_price",
}  # fmt: skip
of = SystemDecimal.of


def _shown(value: SystemDecimal) -> str:
    return str(value.normalize())


def _price_of(security: Security, order: Order) -> SystemDecimal:
    """What a unit of an order is reckoned at."""
    if order.type == OrderType.MARKET:
        return of(security.price)
    name = PRICED_BY.get(order.type)
    return ZERO if name is None else of(getattr(order, name))


class CashBuyingPowerModel(BuyingPowerModel):
    """Orders of pairs need the currency that they pay with; positions bind no margin, and nothing is sold short."""

    is_usual = False

    def __init__(self) -> None:
        super().__init__(1.0)

    def get_leverage(self, security: Security) -> float:
        """None."""
        return 1.0

    def set_leverage(self, security: Security, leverage: float) -> None:
        """Refused, but for 1.

        Raises
        ------
        InvalidOperationException
        """
        if leverage != 1.0:
            raise InvalidOperationException(NO_LEVERAGE)

    def initial_margin(self, security: Security, quantity: float) -> float:
        """What so many units are worth."""
        return security.price * quantity * security.rate

    def maintenance_margin(self, security: Security) -> float:
        """None."""
        return 0.0

    def buying_power(self, portfolio: Portfolio, security: Any, direction: OrderDirection) -> float:
        """What an order in a direction may be of, in base currency."""
        price = security.price
        if price == 0.0:
            return 0.0
        if direction == OrderDirection.BUY:
            return float(security.quote_cash.amount / price)
        return float(security.base_cash.amount) if direction == OrderDirection.SELL else 0.0

    def shortfall(self, portfolio: Portfolio, security: Any, order: Order) -> str:
        """Why an order can't be carried, in LEAN's words; empty if it can."""
        if getattr(security, "base_cash", None) is None:
            return UNSUPPORTED.format(security.symbol.value)
        base, quote = security.base_cash, security.quote_cash
        wanted, reserved = of(abs(order.quantity)), self._reserved(portfolio, security, order)
        if order.direction != OrderDirection.BUY:
            if wanted <= base.exact - reserved:
                return ""
            return SELLS_MORE.format(
                total=_shown(base.exact), base=base.symbol, reserved=_shown(reserved), ordered=_shown(wanted)
            )
        price = _price_of(security, order)
        value = wanted * price
        most = self._most(portfolio, security, order, quote.exact - reserved, price)
        if value <= abs(most):
            return ""
        return BUYS_MORE.format(
            total=_shown(quote.exact), quote=quote.symbol, reserved=_shown(reserved), ordered=_shown(wanted), base=base.symbol,
            value=_shown(value), most=_shown(abs(most)),
        )  # fmt: skip

    def _most(
        self, portfolio: Portfolio, security: Any, order: Order, free: SystemDecimal, price: SystemDecimal
    ) -> SystemDecimal:
        """Quote currency that a buying order may use."""
        book, quote = portfolio.cash_book, security.quote_cash
        if order.type == OrderType.MARKET:
            base = security.base_cash
            held = base.exact * (base.exact_rate / quote.exact_rate) if base.exact else ZERO
            target, total = book.exact_in_account(free + held, quote.symbol), portfolio.exact_value
            try:
                quantity = self.order_quantity(portfolio, security, target / total if total else ZERO, least=0.0)
            except Unreckoned:
                quantity = 0.0
            return of(quantity) * price
        if order.type == OrderType.LIMIT:
            fee = fee_of(security, order).value
            return free - of(book.convert(fee.amount, fee.currency, quote.symbol) if fee.amount else 0.0)
        return free

    def order_quantity(self, portfolio: Portfolio, security: Any, share: float | SystemDecimal, *, least: float) -> float:
        """Units to order so that the base currency that is there becomes worth a share of the account.

        Raises
        ------
        Unreckoned
            That can't be told.
        """
        target = (share if isinstance(share, SystemDecimal) else of(share)) * portfolio.exact_value
        if target.n < 0:
            raise Unreckoned(NO_SHORTS)
        base, book = security.base_cash, portfolio.cash_book
        if not target:
            return -float(base.amount)
        held = book.exact_in_account(base.exact, base.symbol)
        buys = target > held
        wanted = abs(target - held)
        unit = of(security.ask_price if buys else security.bid_price) * security.quote_cash.exact_rate
        if not unit:
            raise Unreckoned(NO_RATE.format(security.quote_cash.symbol, book.account_currency))
        lot = of(security.symbol_properties.lot_size)
        quantity = _lots(wanted / unit, lot)
        if not quantity:
            return 0.0
        last, value, fees = ZERO, ZERO, ZERO
        while True:
            if value > wanted:
                per_unit = value / quantity
                quantity = quantity - max((value - wanted) / per_unit, lot)
            quantity = _lots(quantity, lot)
            if quantity.n <= 0:
                raise Unreckoned(NO_LOT.format(lot) + DETAILS.format(wanted, quantity, fees))
            if quantity == last:
                raise ArgumentException(NOT_CONVERGED.format(wanted, value, quantity, lot, fees, security.symbol))
            last = quantity
            order = MarketOrder(security.symbol, float(quantity), security.now)
            fee = fee_of(security, order).value
            fees = book.exact_in_account(of(fee.amount), fee.currency)
            value = quantity * unit + fees
            if value <= wanted:
                return float(quantity) if buys else -float(quantity)

    def _reserved(self, portfolio: Portfolio, security: Any, order: Order) -> SystemDecimal:
        """What of the currency that an order pays with waits for other orders: limits and stops count."""
        target = (security.quote_cash if order.direction == OrderDirection.BUY else security.base_cash).symbol
        out = ZERO
        for other in portfolio.pairs():
            pays = OrderDirection.SELL if other.base_cash.symbol == target else OrderDirection.BUY
            if target not in (other.base_cash.symbol, other.quote_cash.symbol):
                continue
            for waiting in portfolio.open_orders_of(other.symbol):
                if waiting.id == order.id or waiting.direction != pays:
                    continue
                if waiting.type not in (OrderType.LIMIT, OrderType.STOP_MARKET):
                    continue
                amount = of(abs(waiting.quantity))
                out = out + (amount * _price_of(security, waiting) if other.quote_cash.symbol == target else amount)
        return out


def _lots(quantity: SystemDecimal, lot: SystemDecimal) -> SystemDecimal:
    """Whole lots, towards zero."""
    return SystemDecimal(int(quantity / lot)) * lot
