"""Fee models: what an order costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hidden_regime.data.decimals import SystemDecimal
from hidden_regime.simulator.managed import Managed
from hidden_regime.simulator.rounding import plain
from hidden_regime.simulator.spelling import TwoSpellings

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security
    from hidden_regime.simulator.orders.order import Order


class CashAmount(TwoSpellings):
    """An amount in a currency."""

    __slots__ = ("amount", "currency")

    def __init__(self, amount: float, currency: str = "USD") -> None:
        self.amount, self.currency = float(amount), currency

    def __str__(self) -> str:
        return f"{plain(self.amount)} {self.currency}"


class OrderFee(TwoSpellings):
    """What an order cost. `OrderFee.ZERO` belongs to events without a fee."""

    __slots__ = ("value",)
    ZERO: OrderFee

    def __init__(self, value: CashAmount) -> None:
        self.value = value

    def apply(self, portfolio: Any, event: Any) -> None:
        """Take it out of an account, in its currency."""
        portfolio.pay(-SystemDecimal.of(self.value.amount), None if self.value.currency == "QCC" else self.value.currency)

    def __str__(self) -> str:
        return str(self.value)


class InFillFee(OrderFee):
    """A fee that was paid with a part of what was bought: the account pays for that part in quote currency."""

    __slots__ = ("quote",)

    def __init__(self, value: CashAmount, quote: str) -> None:
        super().__init__(value)
        self.quote = quote

    def apply(self, portfolio: Any, event: Any) -> None:
        """See `OrderFee.apply`."""
        portfolio.pay(-SystemDecimal.of(self.value.amount) * SystemDecimal.of(event.fill_price), self.quote)


OrderFee.ZERO = OrderFee(CashAmount(0.0, "QCC"))


class OrderFeeParameters(TwoSpellings):
    """What a fee model is asked about."""

    def __init__(self, security: Security, order: Order) -> None:
        self.security, self.order = security, order


class FeeModel(metaclass=Managed):
    """Base of fee models: free of charge. Override `get_order_fee`."""

    def get_order_fee(self, parameters: OrderFeeParameters) -> OrderFee:
        """Fee of an order."""
        return OrderFee(CashAmount(0.0))


class ConstantFeeModel(FeeModel):
    """The same fee for each order."""

    def __init__(self, fee: float, currency: str = "USD") -> None:
        self._fee = OrderFee(CashAmount(abs(float(fee)), currency))

    def get_order_fee(self, parameters: OrderFeeParameters) -> OrderFee:
        """Fee of an order."""
        return self._fee


class InteractiveBrokersFeeModel(FeeModel):
    """$0.005 a share, at least $1; above that at most 0.5% of the order's value."""

    def __init__(self, *_: Any) -> None:
        """Monthly volumes matter for other kinds of assets only."""

    def get_order_fee(self, parameters: OrderFeeParameters) -> OrderFee:
        """Fee of an order."""
        order = parameters.order
        return OrderFee(CashAmount(self.amount(abs(order.quantity), abs(order.get_value(parameters.security)))))

    @staticmethod
    def amount(shares: float, value: float) -> float:
        """Dollars for so many shares of a value."""
        by_share = 0.005 * shares
        return 1.0 if by_share < 1.0 else min(by_share, 0.005 * value)


def fee_of(security: Security, order: Order) -> OrderFee:
    """Fee of an order by its security's model, the user's own included."""
    model = security.fee_model
    ask = getattr(model, "get_order_fee", None) or model.GetOrderFee
    return ask(OrderFeeParameters(security, order))  # type: ignore[no-any-return]


def amount_of(security: Security, order: Order) -> float:
    """The same in the account's currency: the usual model needs no objects for it, and is asked several times for each order."""
    model = security.fee_model
    if type(model) is InteractiveBrokersFeeModel and security.is_plain:
        return model.amount(abs(order.quantity), abs(order.get_value(security)))
    return security.in_account(fee_of(security, order).value)
