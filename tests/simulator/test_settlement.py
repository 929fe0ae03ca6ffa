"""Settlement models: of the engine's, derived from them, and of one's own. The oracle is what fills move, booked by hand."""

from __future__ import annotations

import pytest

from hidden_regime.exceptions import UnsupportedError

SPY = 'self.security = self.add_equity("SPY", Resolution.{}); self.spy = self.security.symbol\n'
OWN = """
class Later:
    def __init__(self, told):
        self.told, self.waiting = told, []

    def apply_funds(self, parameters):
        funds, fill = parameters.cash_amount, parameters.fill
        self.told.append((str(fill.status), fill.utc_time == parameters.utc_time, funds.amount, funds.currency))
        if funds.amount < 0:
            parameters.portfolio.cash_book[funds.currency].add_amount(funds.amount)
        else:
            self.waiting.append((parameters.utc_time + timedelta(hours=2), funds))

    def scan(self, parameters):
        self.told.append((f"{parameters.utc_time:%d %H:%M}",))
        for due, funds in [row for row in self.waiting if row[0] <= parameters.utc_time]:
            parameters.portfolio.cash_book[funds.currency].add_amount(funds.amount)
        self.waiting = [row for row in self.waiting if row[0] > parameters.utc_time]

    def get_unsettled_cash(self):
        return CashAmount(sum(funds.amount for _, funds in self.waiting), "USD") if self.waiting else None
"""
SOLD = """
def on_data(self, data):
    if self.time.hour == 11:
        self.market_order(self.spy, 10)
    if self.time.hour == 12:
        self.market_order(self.spy, -10)
    self.seen.append((self.time.hour, self.portfolio.cash))
"""


def test_a_model_of_ones_own_books_what_fills_bring_and_is_asked_each_hour(play):
    body = SPY.format("HOUR") + (
        "self.told = []\nself.security.set_fee_model(ConstantFeeModel(0))\nself.security.set_settlement_model(Later(self.told))\n"
        "assert type(self.security.settlement_model) is Later"
    )
    algorithm = play(body, SOLD, top=OWN, start="2014, 1, 6", end="2014, 1, 6").algorithm
    bought, sold = (order.price * 10 for order in algorithm.transactions.get_orders())
    fills = [row for row in algorithm.told if len(row) == 4]
    assert fills == [("FILLED", True, pytest.approx(-bought), "USD"), ("FILLED", True, pytest.approx(sold), "USD")]
    cash = dict(algorithm.seen)
    assert cash[12] == pytest.approx(100000 - bought)
    # Sold at twelve: two hours later it is scanned before bars are told.
    assert [cash[hour] for hour in (13, 14, 15)] == pytest.approx([100000 - bought, *[100000 - bought + sold] * 2])
    assert {f"06 {hour}:00" for hour in range(15, 22)} <= {row[0] for row in algorithm.told if len(row) == 1}


DERIVED = """
class Taxed(ImmediateSettlementModel):
    def apply_funds(self, parameters):
        super().apply_funds(parameters)
        parameters.portfolio.cash_book["USD"].add_amount(-1)
"""


@pytest.mark.parametrize("how", ["self.security.settlement_model = Taxed()", "self.set_brokerage_model(Mine())"])
def test_what_a_derived_model_overrides_is_asked(play, how):
    top = DERIVED + (
        "class Mine(DefaultBrokerageModel):\n    def get_settlement_model(self, security):\n        return Taxed()\n"
        "    def get_fee_model(self, security):\n        return ConstantFeeModel(0)\n"
    )
    body = SPY.format("HOUR") + how + "\nself.security.set_fee_model(ConstantFeeModel(0))"
    algorithm = play(body, SOLD, top=top, start="2014, 1, 6", end="2014, 1, 6").algorithm
    bought, sold = (order.price * 10 for order in algorithm.transactions.get_orders())
    assert algorithm.portfolio.cash == pytest.approx(100000 - bought + sold - 2)


def test_a_delayed_models_proceeds_can_be_asked_for(play):
    body = SPY.format("DAILY") + "self.security.set_settlement_model(DelayedSettlementModel(2, timedelta(hours=8)))"
    hooks = """
    def on_data(self, data):
        if self.time.day == 3:
            self.market_on_open_order(self.spy, 10)
        if self.time.day == 6:
            self.market_on_open_order(self.spy, -10)
        owed = self.security.settlement_model.get_unsettled_cash()
        self.seen.append((self.time.day, owed.amount, owed.currency, self.portfolio.unsettled_cash))
    """
    algorithm = play(body, hooks, end="2014, 1, 13").algorithm
    sold = algorithm.transactions.get_order_by_id(2).price * 10
    for day, amount, currency, unsettled in algorithm.seen:
        # Sold on Tuesday the 7th, cash on the 9th at eight.
        expected = (pytest.approx(sold), "USD") if day in (7, 8) else (0.0, "")
        assert (amount, currency) == expected, day
        assert unsettled == amount


def test_both_currencies_of_a_coin_go_through_a_model_of_ones_own(play):
    top = OWN.replace("if funds.amount < 0", "if True")
    body = """
    self.security = self.add_crypto("BTCUSD", Resolution.HOUR)
    self.spy, self.told = self.security.symbol, []
    self.security.set_settlement_model(Later(self.told))
    """
    hooks = SOLD.replace("-10", "-4").replace("hour == 12", "hour == 13")
    algorithm = play(body, hooks, top=top, start="2017, 3, 6", end="2017, 3, 6").algorithm
    orders = [(order.quantity, order.price) for order in algorithm.transactions.get_orders()]
    expected = [row for quantity, price in orders for row in ((pytest.approx(-quantity * price), "USD"), (quantity, "BTC"))]
    assert [row[2:] for row in algorithm.told if len(row) == 4] == expected
    assert algorithm.portfolio.cash_book["BTC"].amount == sum(quantity for quantity, _ in orders)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('self.add_equity("SPY").set_settlement_model(object())', "Define apply_funds, scan, get_unsettled_cash"),
        (
            'self.add_crypto("BTCUSD").set_settlement_model(DelayedSettlementModel(1, timedelta(hours=8)))',
            r"DelayedSettlementModel of BTCUSD: crypto and forex settle later in LEAN only\. Use ImmediateSettlementModel",
        ),
    ],
)
def test_what_cant_settle_is_said(play, body, words):
    with pytest.raises(UnsupportedError, match=words):
        play(body, start="2017, 3, 6", end="2017, 3, 6")
