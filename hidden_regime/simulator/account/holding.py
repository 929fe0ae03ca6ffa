"""What the account holds of one security."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hidden_regime.data.decimals import ZERO, SystemDecimal
from hidden_regime.simulator.account.ledger import Ledger
from hidden_regime.simulator.orders.costs import fee_at_market
from hidden_regime.simulator.rounding import plain
from hidden_regime.simulator.spelling import TwoSpellings

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security


PARTS = frozenset({"__dict__", "let_go", "_security", "symbol", "quantity", "average_price", "ledger", "target"})


class ConvertibleCashAmount(float):
    """An amount of a currency, its cash, and as a number what it is worth in the account's."""

    amount: float
    cash: Any

    def __new__(cls, amount: float, cash: Any) -> ConvertibleCashAmount:
        """Make one."""
        made = super().__new__(cls, amount * cash.rate)
        made.amount, made.cash = amount, cash
        return made

    @property
    def in_account_currency(self) -> float:
        """What it is worth."""
        return float(self)

    InAccountCurrency = in_account_currency
    Amount = property(lambda self: self.amount)
    Cash = property(lambda self: self.cash)


class Holding(TwoSpellings):
    """Position in one security."""

    __slots__ = ("__dict__", "_own")

    def __init__(self, security: Security) -> None:
        object.__setattr__(self, "_own", {})
        self.let_go: Callable[[], object] | None = None
        self._security = security
        self.symbol = security.symbol
        self.quantity = 0.0
        self.average_price = 0.0
        self.ledger = Ledger()
        self.target: Any = None

    def __setattr__(self, name: str, value: Any) -> None:
        if name in PARTS or hasattr(type(self), name):
            object.__setattr__(self, name, value)
            return
        if not self._own and self.let_go is not None:
            self.let_go()
        self._own[name] = value

    def __getattr__(self, name: str) -> Any:
        own = object.__getattribute__(self, "_own")
        return own[name] if name in own else super().__getattr__(name)

    def twin(self) -> Holding:
        """The same position, with nothing of a strategy's on it."""
        made = Holding.__new__(Holding)
        object.__setattr__(made, "_own", {})
        made.__dict__ = self.__dict__  # one state, whatever is bought later
        return made

    @property
    def security(self) -> Security:
        """Its security."""
        return self._security

    @property
    def type(self) -> Any:
        """Kind of asset."""
        return self._security.type

    @property
    def price(self) -> float:
        """Last price."""
        return self._security.price

    @property
    def leverage(self) -> float:
        """Leverage of the security."""
        return self._security.leverage

    @property
    def invested(self) -> bool:
        """Whether there is a position: of a pair less than a lot is none."""
        return self._security.is_position(self.quantity)

    hold_stock = invested

    @property
    def is_long(self) -> bool:
        """Whether shares are owned."""
        return self.quantity > 0.0

    @property
    def is_short(self) -> bool:
        """Whether shares are owed."""
        return self.quantity < 0.0

    @property
    def absolute_quantity(self) -> float:
        """Shares without sign."""
        return abs(self.quantity)

    @property
    def holdings_value(self) -> float:
        """Value at the last price, negative for a short position."""
        return self.quantity * self.price * self._security.rate

    @property
    def absolute_holdings_value(self) -> float:
        """Value without sign."""
        return abs(self.holdings_value)

    @property
    def holdings_cost(self) -> float:
        """What the position cost."""
        return self.quantity * self.average_price * self._security.rate

    @property
    def absolute_holdings_cost(self) -> float:
        """Cost without sign."""
        return abs(self.holdings_cost)

    @property
    def unlevered_holdings_cost(self) -> float:
        """Cost over leverage."""
        return self.holdings_cost / self.leverage

    @property
    def unlevered_absolute_holdings_cost(self) -> float:
        """Cost over leverage, without sign."""
        return abs(self.unlevered_holdings_cost)

    @property
    def closed_profit(self) -> float:
        """Realised profit before fees, without dividends."""
        return float(self.ledger.closed)

    @property
    def last_trade_profit(self) -> float:
        """What the latest closing fill earned before fees."""
        return float(self.ledger.last_profit)

    @property
    def total_dividends(self) -> float:
        """Dividends paid."""
        return float(self.ledger.dividends)

    @property
    def total_fees(self) -> float:
        """Fees paid."""
        return float(self.ledger.fees)

    @property
    def total_sale_volume(self) -> float:
        """Value of everything traded."""
        return float(self.ledger.volume)

    @property
    def profit(self) -> float:
        """Realised profit before fees, dividends included."""
        return float(self.ledger.profit)

    @property
    def net_profit(self) -> float:
        """Realised profit after fees."""
        return float(self.ledger.profit - self.ledger.fees)

    @property
    def unrealized_profit(self) -> float:
        """What closing at the last bid, or a short position at the last ask, would earn, after its fee."""
        return self.total_close_profit()

    unrealised_profit = unrealized_profit

    @property
    def unrealized_profit_percent(self) -> float:
        """Unrealised profit as a share of the cost."""
        cost = self.absolute_holdings_cost
        return self.unrealized_profit / cost if cost else 0.0

    def total_close_profit(
        self, include_fees: bool = True, exit_price: float | None = None, entry_price: float | None = None,
        quantity: float | None = None,
    ) -> float:  # fmt: skip
        """What closing would earn, at the bid or a short position at the ask unless another price is given."""
        return float(self.exact_close_profit(include_fees, exit_price, entry_price, quantity))

    def exact_close_profit(
        self, include_fees: bool = True, exit_price: float | None = None, entry_price: float | None = None,
        quantity: float | None = None,
    ) -> SystemDecimal:  # fmt: skip
        """What closing would earn, to the last digit."""
        shares = self.quantity if quantity is None else quantity
        if shares == 0.0 or (quantity is None and not self.invested):
            return ZERO
        if exit_price is None:
            exit_price = self._security.bid_price if self.quantity > 0.0 else self._security.ask_price
        out = SystemDecimal.of(exit_price)
        cost = self.ledger.average if entry_price is None else SystemDecimal.of(entry_price)
        number = SystemDecimal.of(shares)
        earned = out * number - cost * number
        if self._security.rate != 1.0:
            earned = earned * SystemDecimal.of(self._security.rate)
        return earned - SystemDecimal.of(fee_at_market(self._security, -shares)) if include_fees else earned

    def set_holdings(self, average_price: float, quantity: float) -> None:
        """Begin with a position that no order made."""
        self._security.on_holdings_set(float(quantity), float(average_price))

    def get_quantity_value(self, quantity: float, price: float | None = None) -> ConvertibleCashAmount:
        """Value of so many shares, in the account's currency."""
        return ConvertibleCashAmount(quantity * (self.price if price is None else price), self._security.quote_cash)

    def __str__(self) -> str:
        return f"{self.symbol.value}: {plain(self.quantity)} @ {plain(self.average_price)}"
