"""Orders, tickets and the account where no reference case looks."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.data import LeanFolder
from hidden_regime.exceptions import ParameterError, RegimeWarning, UnsupportedError
from hidden_regime.simulator import run_file
from hidden_regime.simulator.failures import KeyNotFoundException
from hidden_regime.simulator.orders.kinds import KINDS
from tests.conftest import CASES

SPY = 'self.spy = self.add_equity("SPY", Resolution.DAILY).symbol'


def events(done):
    return [(e.order_id, str(e.status)) for e in done.algorithm._sim.book.events]


def test_remove_security_closes_the_position(play):
    hooks = """
    def on_data(self, data):
        if self.time.day == 3:
            self.market_order(self.spy, 100)
        if self.time.day == 8 and self.spy in self.securities:
            self.limit_order(self.spy, 5, 1)
            self.remove_security(self.spy)
    """
    done = play(SPY, hooks)
    assert not done.algorithm.portfolio.invested
    assert [str(o.status) for o in done.algorithm._sim.book.orders.values()] == ["FILLED", "CANCELED", "FILLED"]


def test_a_cancelled_orders_tag_survives_updates_that_wait(play):
    hooks = """
    def on_data(self, data):
        if self.time.day == 3:
            self.ticket = self.limit_order(self.spy, 10, 1)
        if self.time.day == 6:
            self.ticket.update_tag("hey")
            self.ticket.update_limit_price(11, "tt")
            self.ticket.cancel("bye")
    """
    done = play(SPY, hooks)
    order = done.algorithm._sim.book.orders[1]
    assert (str(order.status), order.tag) == ("CANCELED", "bye")
    assert done.algorithm.ticket.time == done.algorithm.ticket.order_events[-1].utc_time
    assert done.algorithm.ticket.cancel().is_error


def test_open_orders_at_a_split_are_updates_like_any_other(play):
    body = 'self.a = self.add_equity("XACM", Resolution.DAILY, data_normalization_mode=DataNormalizationMode.RAW).symbol'
    hooks = """
    def on_data(self, data):
        if self.time.day == 8 and data.bars.contains_key(self.a):
            self.keep = self.limit_order(self.a, 70, 5.01)
            self.tiny = self.limit_order(self.a, 7, 5.01)
    """
    done = play(body, hooks, start="2011, 3, 1", end="2011, 3, 15")
    keep, tiny = done.algorithm.keep, done.algorithm.tiny
    assert (keep.quantity, keep.get(0)) == (7.0, 50.1)
    assert [str(e.status) for e in keep.order_events] == ["SUBMITTED", "UPDATE_SUBMITTED"]
    assert (tiny.quantity, tiny.get(0)) == (7.0, 5.01)
    assert tiny.update_requests[0].response.error_message == "Unable to update order with id 2 that has zero quantity."


def test_proceeds_of_a_delisting_settle_in_a_cash_account(play):
    body = """
    self.set_brokerage_model(BrokerageName.DEFAULT, AccountType.CASH)
    self.d = self.add_equity("XDED", Resolution.DAILY).symbol
    self.spy = self.add_equity("SPY", Resolution.DAILY).symbol
    """
    hooks = """
    def on_data(self, data):
        if self.time.day == 1:
            self.set_holdings(self.d, 0.5)
    def on_delistings(self, delistings):
        for kv in delistings:
            self.seen.append((str(kv.Value.type), kv.Value.price, self.securities[self.d].is_delisted))
    """
    done = play(body, hooks, start="2015, 6, 1", end="2015, 7, 10")
    account = done.algorithm.portfolio
    assert (account.unsettled_cash, account.invested) == (0.0, False)
    assert account.cash == pytest.approx(account.total_portfolio_value)
    # At the warning's midnight the last day's close isn't known yet.
    assert done.algorithm.seen == [("WARNING", 71.19, False), ("DELISTED", 72.9, True)]


def test_margin_follows_a_change_of_leverage_at_once(play):
    hooks = """
    def on_data(self, data):
        if self.time.day == 3:
            self.set_holdings(self.spy, 0.8)
        if self.time.day == 8:
            before = self.portfolio.total_margin_used
            self.securities[self.spy].set_leverage(4)
            self.seen = [before / self.portfolio.total_margin_used]
            self.securities[self.spy].MarginModel = SecurityMarginModel(1)
            self.seen.append(before / self.portfolio.total_margin_used)
    """
    assert play(SPY, hooks).algorithm.seen == pytest.approx([2.0, 0.5])


def test_transaction_records_at_one_time_are_moved_apart(play):
    body = 'self.all = [self.add_equity(t, Resolution.DAILY).symbol for t in ("SPY", "TLT", "GLD")]'
    hooks = """
    def on_data(self, data):
        if self.time.day == 3:
            self.set_holdings([PortfolioTarget(s, 0.2) for s in self.all])
        if self.time.day == 10:
            self.liquidate()
    """
    record = play(body, hooks).algorithm.transactions.transaction_record
    first = min(record)
    assert sorted(record) == [first, first + timedelta(milliseconds=1), first + timedelta(milliseconds=2)]


def test_both_spellings_of_models_overrides_and_assignments(play):
    top = """
    class Fees(FeeModel):
        def GetOrderFee(self, parameters):
            return OrderFee(CashAmount(7, "USD"))

    class Fills(EquityFillModel):
        def MarketOnOpenFill(self, asset, order):
            fill = super().MarketOnOpenFill(asset, order)
            if fill.Status == OrderStatus.Filled:
                fill.FillPrice = fill.FillPrice + 1
            return fill
    """
    body = """
    spy = self.add_equity("SPY", Resolution.DAILY)
    spy.FeeModel = Fees()
    spy.FillModel = Fills()
    spy.SetSlippageModel(ConstantSlippageModel(0))
    self.DefaultOrderProperties = OrderProperties()
    self.Name = "both"
    self.spy = spy.Symbol
    """
    hooks = """
    def OnData(self, data):
        if self.Time.day == 3:
            self.seen.append(data.Bars[self.spy].Close)
            self.MarketOrder(self.spy, 10)
        if self.Time.day == 6:
            self.seen.append(data.Bars[self.spy].Open)
            self.seen += [kv.Key for kv in self.Portfolio] + list(self.Securities.Keys) + [s.Symbol for s in self.Securities.Values]
    """
    done = play(body, hooks, top=top)
    order = done.algorithm._sim.book.orders[1]
    assert order.price == pytest.approx(done.algorithm.seen[1] + 1)
    assert done.algorithm.portfolio.total_fees == 7.0
    assert (done.algorithm.name, done.algorithm.seen[2:]) == ("both", ["SPY"] * 3)


def test_own_margin_calls_take_leans_form_of_a_request(play):
    body = """
    self.set_cash(20000)
    self.iwm = self.add_equity("IWM", Resolution.DAILY, leverage=4).symbol
    """
    hooks = """
    def on_data(self, data):
        if not self.portfolio.invested:
            self.set_holdings(self.iwm, 3.6)
    def on_margin_call(self, requests):
        self.seen.append(self.time)
        return [SubmitOrderRequest(r.order_type, r.security_type, r.symbol, r.quantity, r.stop_price, r.limit_price, 0, self.time, "mine")
                for r in requests]
    """
    done = play(body, hooks, start="2008, 9, 2", end="2008, 12, 31")
    assert done.algorithm.seen
    assert {o.tag for o in done.algorithm._sim.book.orders.values() if str(o.type) == "MARKET"} == {"mine"}


def test_a_failing_fee_model_makes_orders_invalid_and_the_run_goes_on(play):
    top = """
    class Fees(FeeModel):
        def get_order_fee(self, parameters):
            raise ValueError("no fee today")
    """
    body = SPY + "\nself.securities[self.spy].set_fee_model(Fees())"
    hooks = """
    def on_data(self, data):
        if self.time.day == 3:
            self.market_order(self.spy, 10)
    """
    done = play(body, hooks, top=top)
    assert events(done) == [(1, "INVALID")]
    assert "Error executing margin models: no fee today" in done.algorithm._sim.book.events[0].message


@pytest.mark.parametrize(
    ("line", "error", "words"),
    [
        ("self.market_order(self.spy, float('nan'))", ParameterError, "quantity = nan: expected a finite number"),
        ("self.set_holdings(self.spy, float('inf'))", ParameterError, "percentage = inf"),
        ("self.market_order(self.spy, None)", TypeError, "No method matches given arguments"),
        ("self.market_order(5, 5)", TypeError, "argument 1 ('symbol') expected Symbol, got int"),
        ("self.plot('a', 'b', float('nan'))", ParameterError, "finite number to plot"),
        ("self.plot('Exposure', 'b', 1)", ParameterError, "reserved chart name"),
        ("self.plot('Benchmark', 'Benchmark', 1)", ParameterError, "reserved series name"),
        ("self.securities['NOPE']", KeyNotFoundException, "The ticker NOPE was not found in the SymbolCache"),
        ("self.securities[Symbol.create('NOPE')]", KeyError, "was not found in your security list"),
        ("self.set_start_date(2010, 1, 1)", ParameterError, "after algorithm initialized"),
        ("self.limit_order(self.spy, 1, 5).get(OrderField.STOP_PRICE)", ParameterError, "Unable to get field stop_price"),
    ],
)
def test_bad_arguments_are_named(play, line, error, words):
    done = play(SPY, f"def on_data(self, data):\n    if self.time.day == 6:\n        {line}", fails=True)
    assert isinstance(done.error, error)
    assert words in done.message


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("self.settings.daily_precise_end_time = False", "daily_precise_end_time"),
        ("self.Settings.DailyPreciseEndTime = False", "daily_precise_end_time"),
        ("self.add_equity('SPY', Resolution.HOUR)", "A second resolution"),
        ("self.add_equity('TLT', Resolution.HOUR, extended_market_hours=True)", "extended_market_hours"),
        ("self.securities[self.spy].set_settlement_model(object())", "settlement model"),
        ("self.securities[self.spy].set_buying_power_model(object())", "buying power model"),
        ("self.history(Dividend, self.spy, 5)", "history"),
        ("self.set_brokerage_model(object())", "set_brokerage_model"),
        ("self.add_future('ES')", "add_future"),
    ],
)
def test_what_only_lean_has_is_refused_when_it_is_used(play, line, words):
    with pytest.raises(UnsupportedError, match=words):
        play(SPY + "\n" + line)


def test_refused_orders_have_leans_words_and_no_number(play):
    body = SPY + '\nself.late = self.add_equity("XLAT", Resolution.DAILY).symbol'
    hooks = """
    def on_data(self, data):
        if self.time.day == 6:
            for ticket in (self.market_order(self.spy, 0), self.market_order(self.spy, 0.5), self.market_order(self.late, 5),
                           self.market_order("ZZZ", 5)):
                self.seen.append((ticket.order_id, str(ticket.status), ticket.submit_request.response.error_message[:40]))
            self.market_order(self.spy, 1.5)
    """
    with pytest.warns(RegimeWarning, match="XLAT has no bars"):
        done = play(body, hooks, start="2010, 1, 4", end="2010, 1, 29")
    assert {row[:2] for row in done.algorithm.seen} == {(-10, "INVALID")}
    assert [row[2][:30] for row in done.algorithm.seen] == [
        "Unable to submit order with id", "Unable to submit order with id", "XLAT: The security does not ha", "ZZZ: The security does not hav"
    ]  # fmt: skip
    assert done.algorithm._sim.book.orders[1].quantity == 1.0


def test_there_is_a_file_for_each_kind_of_order():
    assert {kind.__module__.rsplit(".", 1)[1] for kind in KINDS.values()} == {str(kind).lower() for kind in KINDS}


FUZZ = """from AlgorithmImports import *
import random

class Strategy(QCAlgorithm):
    def initialize(self):
        self.rng = random.Random(int(self.get_parameter("seed", 1)))
        self.set_start_date(2010, 10, 1)
        self.set_end_date(2011, 4, 30)
        self.set_cash(50000)
        modes = [DataNormalizationMode.RAW, DataNormalizationMode.ADJUSTED]
        self.all = [self.add_equity(t, Resolution.DAILY, data_normalization_mode=self.rng.choice(modes)).symbol for t in ("SPY", "XACM", "TLT")]
        self.wrong = []

    def check(self):
        p = self.portfolio
        value = p.cash + p.unsettled_cash + sum(p[s].quantity * self.securities[s].price for s in self.all)
        margin = sum(abs(p[s].quantity * self.securities[s].price) / self.securities[s].leverage for s in self.all)
        fees = sum(e.order_fee.value.amount for e in self._sim.book.events)
        for name, a, b in (("value", p.total_portfolio_value, value), ("margin", p.total_margin_used, margin), ("fees", p.total_fees, fees)):
            if abs(a - b) > 1e-6:
                self.wrong.append((name, self.time, a, b))

    def on_order_event(self, event):
        self.check()

    def on_data(self, data):
        self.check()
        r, s = self.rng, self.rng.choice(self.all)
        price = self.securities[s].price
        if not price:
            return
        q = r.choice([-80, -30, -7, 7, 30, 80])
        action = r.randrange(10)
        if action == 0: self.market_order(s, q)
        elif action == 1: self.limit_order(s, q, round(price * r.uniform(0.97, 1.03), 2))
        elif action == 2: self.stop_market_order(s, q, round(price * r.uniform(0.97, 1.03), 2))
        elif action == 3: self.trailing_stop_order(s, q, 0.02, True)
        elif action == 4: self.limit_if_touched_order(s, q, round(price * 0.99, 2), round(price, 2))
        elif action == 5: self.set_holdings(s, r.uniform(-0.6, 0.9))
        elif action == 6: self.liquidate(s)
        elif action == 7:
            for ticket in list(self.transactions.get_open_order_tickets(s))[:2]: ticket.update_quantity(q)
        elif action == 8:
            for ticket in list(self.transactions.get_open_order_tickets())[:1]: ticket.cancel()
        else: self.stop_limit_order(s, q, round(price * 1.01, 2), round(price * 1.02, 2))
"""


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_books_balance_whatever_is_traded(tmp_path_factory, seed):
    path = tmp_path_factory.getbasetemp() / "fuzz.py"
    path.write_text(FUZZ)
    done = run_file(path, LeanFolder(CASES / "data", synthetic=True), parameters={"seed": str(seed)})
    assert done.error is None
    assert done.algorithm.wrong == []
    for order in done.algorithm._sim.book.orders.values():
        assert [e.id for e in order.events] == list(range(1, len(order.events) + 1))
        assert not any(e.status.is_closed for e in order.events[:-1])
        assert abs(order.quantity_filled) in (0.0, abs(order.quantity)) or order.quantity_filled
    assert datetime(2010, 10, 1) <= done.algorithm.time
