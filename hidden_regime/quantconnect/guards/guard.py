"""A guard: looks at the account before the strategy does, and at each order before it is taken."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from hidden_regime.quantconnect.guards import checks
from hidden_regime.quantconnect.guards.rules import REDUCE, STOP, Rule, Rules
from hidden_regime.quantconnect.hooks import bind_before

TAG = "guard: "
ALLOWED = (True, None)


class GuardEvent(NamedTuple):
    """A limit that was passed.

    Attributes
    ----------
    time : datetime
    rule, action : str
    said : str
    """

    time: datetime
    rule: str
    action: str
    said: str


class Guard:
    """Watches an algorithm by rules.

    Parameters
    ----------
    rules : Rules

    Attributes
    ----------
    events : list of GuardEvent
        What was beyond its limit, each once a day.
    is_stopped : bool
        Whether everything was sold for good.
    orders_before : int
        Orders with which each day begins: above 0 only where somebody tries whether the rule of their number fires.
    """

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.events: list[GuardEvent] = []
        self.is_stopped = False
        self.day: date | None = None
        self.day_began_with = self.last_value = self.peak = 0.0
        self.orders_today = self.orders_before = 0
        self.traded_at: dict[str, float] = {}
        """Share of the value that each position had when it was last traded."""
        self._quantities: dict[str, float] = {}
        self._told: set[tuple[str, str]] = set()
        self._held_back: date | None = None
        """Day on which no position may grow."""
        self._acts = False
        self._algorithm: Any = None

    def attach(self, algorithm: Any) -> None:
        """Watch an algorithm, from its `initialize` on."""
        self._algorithm = algorithm
        bind_before(algorithm, ("on_data", "OnData"), lambda data: self.check())

    # The account ---------------------------------------------------------------------------------------------------------
    def check(self) -> None:
        """Look at the account."""
        algorithm = self._algorithm
        if algorithm.is_warming_up:
            return
        value = float(algorithm.portfolio.total_portfolio_value)
        today = algorithm.time.date()
        if today != self.day:
            self.day, self.orders_today = today, self.orders_before
            self.day_began_with = self.last_value or value
            self._told.clear()
        self.last_value, self.peak = value, max(self.peak, value)
        holdings = checks.holdings_of(algorithm)
        self._note_trades(holdings, value)
        if self.is_stopped:
            self._flatten(holdings)
            return
        for found in checks.breaches(self, algorithm, holdings, value):
            self._act(*found)
            if self.is_stopped:
                return

    def _note_trades(self, holdings: Mapping[str, checks.Held], value: float) -> None:
        for ticker in {*holdings, *self._quantities}:
            quantity = holdings[ticker].quantity if ticker in holdings else 0.0
            if quantity != self._quantities.get(ticker, 0.0):
                self._quantities[ticker] = quantity
                self.traded_at[ticker] = holdings[ticker].value / value if ticker in holdings and value else 0.0

    def _act(self, rule: Rule, ticker: str, said: str) -> None:
        """Do what a rule says, once a day for each asset."""
        if (rule.name, ticker) in self._told:
            return
        self._told.add((rule.name, ticker))
        self._tell(rule, said)
        if rule.action == STOP:
            self.is_stopped = True
            self._flatten(checks.holdings_of(self._algorithm))
        elif rule.action == REDUCE:
            self._reduce(rule, ticker)

    def _tell(self, rule: Rule, said: str) -> None:
        self.events.append(GuardEvent(self._algorithm.time, rule.name, rule.action, said))
        self._algorithm.log(f"hidden_regime guard: {rule.name}: {said}: {rule.action}")

    def _reduce(self, rule: Rule, ticker: str) -> None:
        holdings = checks.holdings_of(self._algorithm)
        if rule.name in ("daily_loss", "drawdown"):
            self._held_back = self.day
            for held in holdings.values():
                self._sell(held, held.quantity - int(held.quantity / 2))
        elif rule.name == "exposure":
            self._held_back = self.day
            whole = sum(abs(held.value) for held in holdings.values())
            for held in holdings.values():
                self._sell(held, held.quantity * (1.0 - rule.limit * self.last_value / whole))
        elif rule.name == "position" and ticker in holdings:
            held = holdings[ticker]
            self._sell(held, held.quantity * (1.0 - rule.limit * self.last_value / abs(held.value)))
        elif rule.name == "stop_loss" and ticker in holdings:
            self._sell(holdings[ticker], holdings[ticker].quantity)
        elif rule.name in ("model_age", "drift"):
            self._held_back = self.day

    def _sell(self, held: checks.Held, quantity: float) -> None:
        """Give up some of a position: shares as a whole number that is at least what is asked."""
        lot = held.lot
        count = -(-abs(quantity) // lot) * lot
        count = min(count, abs(held.quantity))
        if count:
            self._order(held.symbol, -count if held.quantity > 0 else count, "reduce")

    def _flatten(self, holdings: Mapping[str, checks.Held]) -> None:
        """Cancel what the strategy has open, and sell everything that isn't being sold."""
        transactions = self._algorithm.transactions
        closing = set()
        for order in transactions.get_open_orders():
            if str(order.tag).startswith(TAG):
                closing.add(order.symbol)
            else:
                transactions.cancel_order(order.id)
        for held in holdings.values():
            if held.symbol not in closing:
                self._order(held.symbol, -held.quantity, "stop")

    def _order(self, symbol: Any, quantity: float, why: str) -> None:
        self._acts = True
        try:
            self._algorithm.market_order(symbol, quantity, tag=TAG + why)
        finally:
            self._acts = False

    # Orders --------------------------------------------------------------------------------------------------------------
    def refusal(self, security: Any, order: Any) -> str:
        """Why an order of the strategy's is not taken; empty where it is."""
        if self._acts:
            return ""
        held, quantity = float(security.holdings.quantity), float(order.quantity)
        grows = abs(held + quantity) > abs(held)
        if self.is_stopped:
            return TAG + "everything was stopped" if grows else ""
        if self._held_back is not None and self._held_back == self._algorithm.time.date() and grows:
            return TAG + "no position may grow today"
        self.orders_today += 1
        for name, size in (("order_rate", float(self.orders_today)), ("order_size", self._share(security, quantity))):
            rule = self.rules.get(name)
            if rule is None or size <= rule.limit or (name == "order_size" and not grows):
                continue
            shown = f"{size:.0f} orders today" if name == "order_rate" else f"an order of {size:.1%} of the value"
            said = f"{shown}, limit {rule.limit:g}"
            if (name, "") not in self._told:
                self._told.add((name, ""))
                self._tell(rule, said)
            if rule.action == STOP:
                self.is_stopped = True  # what is held is sold at the next bar: here the order is still being taken
            if rule.action != "warn" and grows:
                return TAG + said
        return ""

    def _share(self, security: Any, quantity: float) -> float:
        value = self.last_value or float(self._algorithm.portfolio.total_portfolio_value)
        return abs(quantity * float(security.price)) / value if value else 0.0


def guard(algorithm: Any, rules: Rules | Mapping[str, Any] | str) -> Guard:
    """Watch an algorithm by rules: call it first thing in `initialize`, before securities are added.

    Before each bar reaches the strategy the account is looked at, and each order before it is taken, by a brokerage model of
    its own. A strategy that sets another brokerage model, or has set one, gives it up: in LEAN a model can't be asked in
    another one's place.

    Parameters
    ----------
    algorithm : QCAlgorithm
    rules : Rules, mapping or str
        Also the text of a rules.toml.

    Returns
    -------
    Guard
        Its `events` tell what was beyond a limit.

    Examples
    --------
    In a strategy::

        def initialize(self):
            guard(self, {"drawdown": {"limit": 0.2, "action": "stop"}})
            self.add_equity("SPY", Resolution.DAILY)
    """
    from hidden_regime.quantconnect.guards.brokerage import guarded_model
    from hidden_regime.quantconnect.guards.rules import read_rules

    if isinstance(rules, str):
        rules = Rules(read_rules(rules).get("guards", {}))
    made = Guard(rules if isinstance(rules, Rules) else Rules(rules))
    algorithm.set_brokerage_model(guarded_model(made))
    made.attach(algorithm)
    return made
