"""The account: cash, positions, margin, and what it is worth."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hidden_regime.data.decimals import ONE, ZERO, SystemDecimal, total
from hidden_regime.simulator.account.cash_book import NO_CURRENCY, CashBook
from hidden_regime.simulator.account.holding import Holding
from hidden_regime.simulator.account.outlook import Outlook
from hidden_regime.simulator.account.security import Security, SecurityManager
from hidden_regime.simulator.enums import DataNormalizationMode, OrderDirection, SplitType
from hidden_regime.simulator.models.buying_power import SecurityMarginModel
from hidden_regime.simulator.models.margin_call import DefaultMarginCallModel
from hidden_regime.simulator.objects import AssetDictionary, Dividend, Split, Symbol
from hidden_regime.simulator.orders.events import OrderEvent

if TYPE_CHECKING:
    from hidden_regime.simulator.feed.panel import Panel
    from hidden_regime.simulator.settings import Settings

STILL = 1
"""Positions that were valued so often since they changed are valued for the time to come."""
PAYS = (DataNormalizationMode.RAW, DataNormalizationMode.SPLIT_ADJUSTED)


class Portfolio(AssetDictionary[Holding]):
    """An account. Indexed by symbol it gives the position.

    Pairs of currencies aren't positions of value: what was bought and sold of them is in the cash book.

    The value of all positions and the margin that they bind are kept between changes of price; fills move them by what
    they change, so that a day of many orders costs no more than its orders.
    """

    settable = ("margin_call_model",)

    def __init__(self, securities: SecurityManager, settings: Settings, known: Mapping[str, Symbol]) -> None:
        super().__init__(known=known)
        self._securities, self._settings = securities, settings
        self.held: dict[Symbol, Security] = {}
        self.exact_cash, self._cash = SystemDecimal(100_000), 100_000.0
        self.exact_unsettled, self.unsettled_cash = ZERO, 0.0
        self._awaited: list[tuple[datetime, SystemDecimal]] = []
        self.cash_book = CashBook(self)
        self.closed: dict[datetime, SystemDecimal] = {}
        self._closing = self._free = datetime.min
        self.margin_call_model: Any = DefaultMarginCallModel()
        self._value = self._margin = self._abroad = 0.0
        self._known = True
        self._panel: Panel | None = None
        self._outlook: Outlook | None = None
        self._still = 0
        """How often positions were valued since they last changed."""
        self.version = 0
        """Another number after each change of cash, positions or prices."""
        self.exact_sale_volume, self.total_sale_volume = ZERO, 0.0
        self.margin_varies = False

    def renew(self, security: Security) -> None:
        """Show a position as a new object: a strategy hung something on the one that it has."""
        security.holdings = security.holdings.twin()
        for shown in (self._items, self._ever):
            if security.symbol in shown:
                shown[security.symbol] = security.holdings

    def prices_changed(self) -> None:
        """Positions are to be valued anew."""
        self._known, self._panel, self._outlook = False, None, None
        self.version += 1

    def row_arrived(self, panel: Panel) -> None:
        """The same, where a row of a panel has come and nothing else."""
        if panel is not self._panel:
            self._panel, self._outlook = panel, None
        self._known = False
        self.version += 1

    def _revalue(self) -> None:
        self._still += 1
        if self._outlook is None and self._panel is not None and self._still > STILL:
            held = self.held.values()
            self._outlook = Outlook(self._panel, held) if Outlook.is_possible(self._panel, held) else None
        foreseen = None if self._outlook is None else self._outlook.now()
        if foreseen is None:
            self._outlook = None
        self._value, self._margin = foreseen or self._valued()
        self._abroad = self.cash_book.worth_abroad if self.cash_book.abroad else 0.0
        self._known = True

    def _valued(self) -> tuple[float, float]:
        whole = margin = 0.0
        for security in self.held.values():
            quantity, valued, model = security.holdings.quantity, security.is_valued, security.margins
            if not valued and not security.is_position(quantity):
                continue  # less than a lot is no position
            value = quantity * security.price * security.quote_cash.rate
            if valued:
                whole += value
            # The usual model's own rule, without a call for each position and bar.
            margin += abs(value) * model.maintenance if type(model) is SecurityMarginModel else model.maintenance_margin(security)
        return whole, margin

    @property
    def cash(self) -> float:
        """Settled cash of all currencies, in the account's."""
        if not self.cash_book.abroad:
            return self._cash
        return self._cash + self.cash_book.worth_abroad

    @cash.setter
    def cash(self, amount: float) -> None:
        self._set_cash(SystemDecimal.of(amount))

    def pay(self, amount: SystemDecimal, currency: str | None = None) -> None:
        """Add to the cash, or take from it: the account's currency, or another."""
        if currency is None or currency == self.cash_book.account_currency:
            self._set_cash(self.exact_cash + amount)
            return
        self.cash_book.ensure(currency).pay(amount)
        self._known = False
        self.version += 1

    def set_exact_cash(self, amount: SystemDecimal) -> None:
        """Set the account's own currency."""
        self._set_cash(amount)

    def _set_cash(self, amount: SystemDecimal) -> None:
        self.exact_cash, self._cash = amount, float(amount)
        self.version += 1

    @property
    def total_portfolio_value(self) -> float:
        """Cash, unsettled cash, and positions at their last prices."""
        if not self._known:
            self._revalue()
        return self._cash + self.unsettled_cash + self._value + self._abroad

    @property
    def is_ruined(self) -> bool:
        """Whether it is worth nothing, or less."""
        # Asked at each moment. Cash alone, of which none is owed, needs no prices to be worth something.
        book = self.cash_book.abroad
        if book and self._cash > 0.0 and self.unsettled_cash >= 0.0 and not any(s.is_valued for s in self.held.values()):
            return any(cash.exact.n < 0 for cash in book) and self.total_portfolio_value <= 0.0
        return self.total_portfolio_value <= 0.0

    @property
    def exact_value(self) -> SystemDecimal:
        """The same, to the last digit."""
        return self.exact_cash + self.exact_unsettled + self.cash_book.exact_abroad + total([
            SystemDecimal.of(s.holdings.quantity) * SystemDecimal.of(s.price) * s.quote_cash.exact_rate
            for s in self.held.values() if s.is_valued
        ])  # fmt: skip

    @property
    def exact_value_less_free_buffer(self) -> SystemDecimal:
        """Account value without the part that is kept free, to the last digit."""
        worth, fixed = self.exact_value, self._settings.free_portfolio_value
        share = SystemDecimal.of(self._settings.free_portfolio_value_percentage)
        return worth - (worth * share if fixed is None else SystemDecimal.of(fixed))

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
        return float(self.exact_unrealized_profit)

    total_unrealised_profit = total_unrealized_profit

    @property
    def total_profit(self) -> float:
        """Realised profit before fees, dividends included."""
        return float(total([h.ledger.profit for h in self._ever.values()]))

    @property
    def total_fees(self) -> float:
        """Fees paid."""
        return float(self.exact_fees)

    @property
    def total_net_profit(self) -> float:
        """Realised profit after fees."""
        return float(self.exact_net_profit)

    @property
    def exact_fees(self) -> SystemDecimal:
        """Fees paid, to the last digit."""
        return total([h.ledger.fees for h in self._ever.values()])

    @property
    def exact_net_profit(self) -> SystemDecimal:
        """Realised profit after fees, to the last digit."""
        return total([h.ledger.profit - h.ledger.fees for h in self._ever.values()])

    @property
    def exact_unrealized_profit(self) -> SystemDecimal:
        """What closing everything would earn after fees, to the last digit."""
        return total([s.holdings.exact_close_profit() for s in self.held.values()])

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
        """What margin an order in a direction may use: one against a position frees the position's, and may use it again."""
        security, left = self._securities[symbol], self.margin_remaining
        held, model = security.holdings.quantity, security.margins
        against = OrderDirection.SELL if held > 0.0 else OrderDirection.BUY
        if held and direction == against and security.is_position(held):
            left += model.maintenance_margin(security) + abs(model.initial_margin(security, held))
        return float(left)

    get_margin_remaining = get_buying_power

    def set_margin_call_model(self, model: Any) -> None:
        """Call for margin by another model."""
        self.margin_call_model = model

    def set_cash(self, cash: float) -> None:
        """Start with this much."""
        self.cash = float(cash)

    def set_holdings(self, security: Security, quantity: float, average_price: float) -> None:
        """Change a position without a trade."""
        self._hold(security, quantity, SystemDecimal.of(average_price))

    def _hold(self, security: Security, quantity: float, average: SystemDecimal) -> None:
        self._forget(security)
        self._outlook, self._still = None, 0
        self.version += 1
        holding = security.holdings
        holding.quantity, holding.average_price, holding.ledger.average = quantity, float(average), average
        self._note(security)

    def _forget(self, security: Security) -> None:
        if not security.is_plain:
            self._known = False
        if self._known and security.symbol in self.held:
            self._value -= security.holdings.quantity * security.price
            self._margin -= security.margins.maintenance_margin(security)

    def _note(self, security: Security) -> None:
        if security.holdings.quantity == 0.0:
            self.held.pop(security.symbol, None)
        else:
            self.held[security.symbol] = security
            if self._known:
                self._value += security.holdings.quantity * security.price
                self._margin += security.margins.maintenance_margin(security)
        if not self.held and self._known:
            self._value = self._margin = 0.0

    def process_fill(self, event: OrderEvent, security: Security, now: datetime) -> SystemDecimal:
        """Book a fill. What its fee is in the account's currency."""
        ledger, held = security.holdings.ledger, security.holdings.quantity
        quantity, price = SystemDecimal.of(event.fill_quantity), SystemDecimal.of(event.fill_price)
        cost = quantity * price
        fee, rate = self._book(event, security, cost), ONE
        traded = abs(cost)
        if security.quote_cash.rate != 1.0:
            rate = security.quote_cash.exact_rate
            traded = traded * rate
        self.exact_sale_volume = self.exact_sale_volume + traded
        self.total_sale_volume = float(self.exact_sale_volume)
        security.swap(self, cost, quantity, now, event)
        net = ledger.fill(SystemDecimal.of(held), quantity, price, cost, fee, rate)
        if net is not None:
            self._note_closing(event.utc, net)
        # A decimal zero has the sign of what was held.
        after = held + event.fill_quantity or math.copysign(0.0, held)
        if not security.is_plain:  # sums of fractions leave dust in doubles that decimals don't
            after = float(SystemDecimal.of(held) + quantity)
        self._hold(security, after, ledger.average)
        return fee

    def _book(self, event: OrderEvent, security: Security, cost: SystemDecimal) -> SystemDecimal:
        """Take a fill's fee out of the cash. What it is in the account's currency."""
        charge = event.order_fee.value
        fee = SystemDecimal.of(charge.amount)
        if not fee:
            return fee
        event.order_fee.apply(self, event)
        if charge.currency in (self.cash_book.account_currency, NO_CURRENCY):
            return fee
        return SystemDecimal.of(self.cash_book.in_account(charge.amount, charge.currency))

    def _note_closing(self, utc: datetime, net: SystemDecimal) -> None:
        """Keep what a closing earned: of several at one time each a millisecond after the one before."""
        if utc != self._closing:
            self._closing = self._free = utc
        while self._free in self.closed:
            self._free += timedelta(milliseconds=1)
        self.closed[self._free] = net

    def apply_dividend(self, dividend: Dividend, mode: DataNormalizationMode) -> None:
        """Pay a dividend, where prices aren't adjusted for it."""
        if mode in PAYS:
            holding = self._securities[dividend.symbol].holdings
            paid = SystemDecimal.of(holding.quantity) * SystemDecimal.of(dividend.distribution)
            self.pay(paid)
            holding.ledger.dividends = holding.ledger.dividends + paid

    def apply_split(self, split: Split, mode: DataNormalizationMode) -> bool:
        """Turn old shares into new ones, where prices aren't adjusted for it; a fraction is paid out. Whether it did."""
        if mode != DataNormalizationMode.RAW or split.type != SplitType.SPLIT_OCCURRED:
            return False
        security = self._securities[split.symbol]
        holding, factor = security.holdings, SystemDecimal.of(split.split_factor)
        quantity = SystemDecimal.of(holding.quantity) / factor
        whole = int(quantity)
        self.prices_changed()
        price = split.reference_price * split.split_factor
        if security.has_data:
            security.adjust_to_split(split.split_factor)
            price = security.price
        self.pay((quantity - SystemDecimal(whole)) * SystemDecimal.of(price))
        self._hold(security, float(whole), holding.ledger.average * factor)
        return True

    open_orders_of: Any = staticmethod(lambda symbol: ())
    """Open orders of a symbol."""

    def pairs(self) -> list[Any]:
        """Securities that are pairs of currencies."""
        return [security for security in self._securities.values() if not security.is_valued]

    def await_cash(self, due: datetime, amount: SystemDecimal) -> None:
        """Take proceeds that become cash at a time."""
        self._owe(amount)
        self._awaited.append((due, amount))

    def _owe(self, amount: SystemDecimal) -> None:
        self.exact_unsettled = self.exact_unsettled + amount
        self.unsettled_cash = float(self.exact_unsettled)
        self.version += 1

    def awaits(self, due: datetime) -> bool:
        """Whether proceeds of a time are still to become cash."""
        return any(when == due for when, _ in self._awaited)

    def settle(self, now: datetime) -> None:
        """Turn what has settled into cash."""
        due = [amount for when, amount in self._awaited if when <= now]
        self._awaited = [(when, amount) for when, amount in self._awaited if when > now]
        for amount in due:
            self._owe(-amount)
            self.pay(amount)

    def add(self, security: Security) -> None:
        """Take a security's position into the index."""
        self[security.symbol] = security.holdings
