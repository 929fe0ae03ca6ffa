"""The account: cash, positions, margin, and what it is worth."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from hidden_regime.simulator.account.holding import Holding
from hidden_regime.simulator.account.security import Security, SecurityManager
from hidden_regime.simulator.enums import DataNormalizationMode, OrderDirection, SplitType
from hidden_regime.simulator.models.margin_call import DefaultMarginCallModel
from hidden_regime.simulator.objects import AssetDictionary, Dividend, Split, Symbol
from hidden_regime.simulator.orders.events import OrderEvent
from hidden_regime.simulator.spelling import TwoSpellings

if TYPE_CHECKING:
    from hidden_regime.simulator.settings import Settings

PAYS = (DataNormalizationMode.RAW, DataNormalizationMode.SPLIT_ADJUSTED)


class Cash(TwoSpellings):
    """Dollars of an account."""

    symbol = "USD"
    currency_symbol = "$"
    conversion_rate = 1.0

    def __init__(self, portfolio: Portfolio) -> None:
        self._portfolio = portfolio

    @property
    def amount(self) -> float:
        """Cash."""
        return self._portfolio.cash

    value_in_account_currency = amount

    def add_amount(self, amount: float) -> float:
        """Pay in, or out."""
        self._portfolio.cash += float(amount)
        return self._portfolio.cash

    def set_amount(self, amount: float) -> None:
        """Set the cash."""
        self._portfolio.cash = float(amount)


class CashBook(dict[str, Cash]):
    """Cash by currency: dollars only."""

    def __init__(self, portfolio: Portfolio) -> None:
        super().__init__(USD=Cash(portfolio))

    @property
    def total_value_in_account_currency(self) -> float:
        """Cash."""
        return self["USD"].amount

    account_currency = "USD"


class Portfolio(AssetDictionary[Holding]):
    """An account in dollars. Indexed by symbol it gives the position.

    The value of all positions and the margin that they bind are kept between changes of price; fills move them by what
    they change, so that a day of many orders costs no more than its orders.
    """

    settable = ("margin_call_model",)

    def __init__(self, securities: SecurityManager, settings: Settings) -> None:
        super().__init__(known=securities._tickers)
        self._securities, self._settings = securities, settings
        self.held: dict[Symbol, Security] = {}
        self.cash = 100_000.0
        self.unsettled_cash = 0.0
        self._awaited: list[tuple[datetime, float]] = []
        self.cash_book = CashBook(self)
        self.closed: list[tuple[datetime, float, bool]] = []
        self.margin_call_model: Any = DefaultMarginCallModel()
        self._value = self._margin = 0.0
        self._known = True
        self._volume = 0.0
        self.margin_varies = False

    def prices_changed(self) -> None:
        """Positions are to be valued anew."""
        self._known = False

    def _revalue(self) -> None:
        self._value = self._margin = 0.0
        for security in self.held.values():
            self._value += security.holdings.quantity * security.price
            self._margin += security.buying_power_model.maintenance_margin(security)
        self._known = True

    @property
    def total_portfolio_value(self) -> float:
        """Cash, unsettled cash, and positions at their last prices."""
        if not self._known:
            self._revalue()
        return self.cash + self.unsettled_cash + self._value

    @property
    def total_margin_used(self) -> float:
        """Maintenance margin of all positions."""
        if not self._known or self.margin_varies:
            self._revalue()
        return self._margin

    @property
    def margin_remaining(self) -> float:
        """Margin left for new positions; unsettled cash is none."""
        return self.total_portfolio_value - self.unsettled_cash - self.total_margin_used

    @property
    def total_portfolio_value_less_free_buffer(self) -> float:
        """Account value without the part that is kept free."""
        total = self.total_portfolio_value
        fixed = self._settings.free_portfolio_value
        return total - (total * self._settings.free_portfolio_value_percentage if fixed is None else fixed)

    @property
    def total_holdings_value(self) -> float:
        """Positions at their last prices, without sign."""
        return sum(s.holdings.absolute_holdings_value for s in self.held.values())

    total_absolute_holdings_value = total_holdings_value

    @property
    def total_absolute_holdings_cost(self) -> float:
        """What the positions cost, without sign."""
        return sum(s.holdings.absolute_holdings_cost for s in self.held.values())

    @property
    def total_unlevered_absolute_holdings_cost(self) -> float:
        """What the positions cost over leverage."""
        return sum(s.holdings.unlevered_absolute_holdings_cost for s in self.held.values())

    @property
    def total_unrealized_profit(self) -> float:
        """What closing everything would earn after fees."""
        return sum(s.holdings.unrealized_profit for s in self.held.values())

    total_unrealised_profit = total_unrealized_profit

    @property
    def total_profit(self) -> float:
        """Realised profit before fees, dividends included."""
        return sum(h.profit for h in self._ever.values())

    @property
    def total_fees(self) -> float:
        """Fees paid."""
        return sum(h.total_fees for h in self._ever.values())

    @property
    def total_net_profit(self) -> float:
        """Realised profit after fees."""
        return self.total_profit - self.total_fees

    @property
    def total_sale_volume(self) -> float:
        """Value of everything traded."""
        return self._volume

    @property
    def invested(self) -> bool:
        """Whether there is any position."""
        return bool(self.held)

    hold_stock = invested

    @property
    def securities(self) -> SecurityManager:
        """All securities."""
        return self._securities

    def get_buying_power(self, symbol: Symbol | str, direction: OrderDirection = OrderDirection.BUY) -> float:
        """What an order in a direction may use."""
        security = self._securities[symbol]
        return float(security.buying_power_model.buying_power(self, security, direction))

    get_margin_remaining = get_buying_power

    def set_margin_call_model(self, model: Any) -> None:
        """Call for margin by another model."""
        self.margin_call_model = model

    def set_cash(self, cash: float) -> None:
        """Start with this much."""
        self.cash = float(cash)

    def set_holdings(self, security: Security, quantity: float, average_price: float) -> None:
        """Change a position without a trade."""
        self._forget(security)
        security.holdings.quantity, security.holdings.average_price = quantity, average_price
        self._note(security)

    def _forget(self, security: Security) -> None:
        if self._known and security.symbol in self.held:
            self._value -= security.holdings.quantity * security.price
            self._margin -= security.buying_power_model.maintenance_margin(security)

    def _note(self, security: Security) -> None:
        if security.holdings.quantity == 0.0:
            self.held.pop(security.symbol, None)
        else:
            self.held[security.symbol] = security
            if self._known:
                self._value += security.holdings.quantity * security.price
                self._margin += security.buying_power_model.maintenance_margin(security)
        if not self.held:
            self._value = self._margin = 0.0

    def process_fill(self, event: OrderEvent, now: datetime) -> None:
        """Book a fill."""
        security = self._securities[event.symbol]
        holding, quantity, price = security.holdings, event.fill_quantity, event.fill_price
        fee = event.order_fee.value.amount
        holding.total_sale_volume += abs(quantity) * price
        self._volume += abs(quantity) * price
        holding.total_fees += fee
        self.cash -= fee
        security.settlement_model.apply(self, -quantity * price, now, security.exchange.calendar)
        held = holding.quantity
        if held * quantity < 0:
            profit = min(abs(quantity), abs(held)) * (price - holding.average_price) * (1 if held > 0 else -1)
            holding.closed_profit += profit
            holding.last_trade_profit = profit
            # LEAN books the closing fee twice in its record of closed trades.
            net = profit - 2.0 * fee
            self.closed.append((event.utc, net, net > 0))
        after = held + quantity
        average = holding.average_price
        if held == 0.0 or held * after < 0:
            average = price
        elif after == 0.0:
            average = 0.0
        elif held * quantity > 0:
            average = (average * held + price * quantity) / after
        self.set_holdings(security, after, average)

    def apply_dividend(self, dividend: Dividend, mode: DataNormalizationMode) -> None:
        """Pay a dividend, where prices aren't adjusted for it."""
        if mode in PAYS:
            holding = self._securities[dividend.symbol].holdings
            paid = holding.quantity * dividend.distribution
            self.cash += paid
            holding.total_dividends += paid

    def apply_split(self, split: Split, mode: DataNormalizationMode) -> bool:
        """Turn old shares into new ones, where prices aren't adjusted for it; a fraction is paid out. Whether it did."""
        if mode != DataNormalizationMode.RAW or split.type != SplitType.SPLIT_OCCURRED:
            return False
        security = self._securities[split.symbol]
        holding = security.holdings
        quantity = holding.quantity / split.split_factor
        whole = float(int(quantity))
        self.prices_changed()
        price = split.reference_price * split.split_factor
        if security.has_data:
            security.adjust_to_split(split.split_factor)
            price = security.price
        self.cash += (quantity - whole) * price
        self.set_holdings(security, whole, holding.average_price * split.split_factor)
        return True

    def await_cash(self, due: datetime, amount: float) -> None:
        """Take proceeds that become cash at a time."""
        self.unsettled_cash += amount
        self._awaited.append((due, amount))

    def awaits(self, due: datetime) -> bool:
        """Whether proceeds of a time are still to become cash."""
        return any(when == due for when, _ in self._awaited)

    def settle(self, now: datetime) -> None:
        """Turn what has settled into cash."""
        due = [amount for when, amount in self._awaited if when <= now]
        self._awaited = [(when, amount) for when, amount in self._awaited if when > now]
        for amount in due:
            self.unsettled_cash -= amount
            self.cash += amount
        if not self._awaited:
            self.unsettled_cash = 0.0

    def add(self, security: Security) -> None:
        """Take a security's position into the index."""
        self[security.symbol] = security.holdings
