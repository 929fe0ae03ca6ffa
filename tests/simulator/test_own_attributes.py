"""What a strategy hangs on LEAN's objects: pythonnet wraps them anew each time they are asked for (case p09), so that only the
one that a strategy keeps has it. And by what LEAN's dictionaries are asked (case p04)."""

from __future__ import annotations

import copy
import pickle

import pytest

from hidden_regime.simulator.enums import SecurityType
from hidden_regime.simulator.objects import Symbol

TWO = """
self.universe_settings.resolution = Resolution.DAILY
self.spy = self.add_equity("SPY", Resolution.DAILY).symbol
self.tlt = self.add_equity("TLT", Resolution.DAILY).symbol
"""


@pytest.mark.parametrize("day", [2, 15])
def test_a_symbol_that_is_kept_has_its_attribute_and_no_other_does(play, day):
    hooks = f"""
    def on_data(self, data):
        if data.bars.count < 2:
            return
        if self.time.day == 6:
            self.order = self.limit_order(self.spy, 1, 1)
        if self.time.day == {day}:
            self.spy.own = "kept"
            self.limit_order(self.spy, 1, 2)
            self.target, self.insight = PortfolioTarget(self.spy, 0), Insight.price(self.spy, timedelta(1), InsightDirection.UP)
        if self.time.day == 16:
            asked = [*data.keys(), *data.bars.keys(), *[pair.key for pair in data.bars], data[self.spy].symbol, data.bars["SPY"].symbol]
            asked += [self.securities["SPY"].symbol, *self.securities.keys(), self.symbol("SPY"), *self.portfolio.keys()]
            asked += [self.portfolio[self.spy].symbol, *[pair.key for pair in self.active_securities], self.securities["SPY"].get_last_data().symbol]
            asked += [ticket.symbol for ticket in self.transactions.get_order_tickets()] + [self.target.symbol, self.insight.symbol]
            asked += [bar.symbol for bar in self.history[TradeBar](self.spy, 3)]
            self.seen = [symbol for symbol in asked if hasattr(symbol, "own")]
            self.kinds = {{str(symbol) for symbol in asked}}
            self.kept = self.spy.own, self.portfolio[self.spy].symbol == self.spy, self.spy in data.bars

    def on_end_of_day(self, symbol):
        if hasattr(symbol, "own"):
            self.seen.append(symbol)
    """
    body = TWO + ('self.spy.own = "kept"' if day == 2 else "")
    done = play(body, hooks, end="2014, 1, 17").algorithm
    assert done.seen == []
    assert done.kinds == {"SPY", "TLT"}
    assert done.kept == ("kept", True, True)


def test_attributes_do_not_change_what_a_run_does(play):
    hooks = """
    def on_data(self, data):
        for pair in self.securities:
            MARK
        for symbol in data.bars.keys():
            self.set_holdings(symbol, 0.1 if self.time.day % 2 else 0.4)

    def on_order_event(self, event):
        self.seen.append((event.order_id, str(event.symbol), event.fill_quantity, event.fill_price, self.portfolio.cash))
    """
    plain, marked = (
        play(TWO, hooks.replace("MARK", line)).algorithm
        for line in ("pass", "pair.key.own = pair.value.holdings.own = self.portfolio[pair.key].own = 1")
    )
    assert plain.seen == marked.seen
    assert len(plain.seen) > 20


def test_a_holding_that_is_kept_goes_on_living(play):
    hooks = """
    def on_data(self, data):
        if self.time.day == 3:
            self.held = self.portfolio["SPY"]
            self.held.own, self.held.other = "kept", 2
            self.market_order(self.spy, 7)
    """
    done = play(TWO, hooks).algorithm
    fresh = done.portfolio["SPY"]
    assert (done.held.own, done.held.Quantity, done.held.average_price) == ("kept", 7.0, fresh.average_price)
    assert fresh is done.securities["SPY"].holdings
    assert (fresh.quantity, hasattr(fresh, "own"), hasattr(fresh, "other")) == (7.0, False, False)
    with pytest.raises(AttributeError):
        done.held.price = 5.0


def test_what_a_strategy_hangs_on_a_security_stays(play):
    body = TWO + 'self.securities["SPY"].own = 5'
    assert play(body).algorithm.securities["SPY"].own == 5


def test_symbols_are_copied_without_the_run_that_they_belong_to(play):
    symbol = play(TWO).algorithm.securities["SPY"].symbol
    symbol.own = [1]
    for made in (copy.copy(symbol), copy.deepcopy(symbol), pickle.loads(pickle.dumps(symbol))):
        assert (made, hash(made), made.own, made.let_go) == (symbol, hash(symbol), [1], None)
    twin = Symbol("x", SecurityType.BASE).twin()
    assert (twin.security_type, twin) == (SecurityType.BASE, Symbol("X", SecurityType.BASE))


ASKED = ("data", "data.bars", "data.dividends", "self.securities", "self.portfolio", "self.active_securities")


@pytest.mark.parametrize("key", ["0", "-1", "slice(2)", "1.5", "self"])
@pytest.mark.parametrize("asked", ASKED)
def test_dictionaries_are_asked_by_symbol_or_ticker(play, asked, key):
    hooks = f"""
    def on_data(self, data):
        for ask in (lambda d, k: d[k], lambda d, k: d.get(k), lambda d, k: d.contains_key(k)):
            try:
                ask({asked}, {key})
            except TypeError as error:
                self.seen.append(str(error).partition(" for ")[0])
        assert {key} not in {asked}
    """
    seen = play(TWO, hooks, end="2014, 1, 2").algorithm.seen
    assert seen == ["No method matches given arguments"] * 3


@pytest.mark.parametrize("asked", [*ASKED[:2], *ASKED[3:]])
def test_a_security_stands_for_its_symbol_as_a_key(play, asked):
    hooks = f"""
    def on_data(self, data):
        share = self.securities[self.spy]
        found = {asked}
        self.seen = [found[share] is found[self.spy], found.get(share) is found[self.spy], found.contains_key(share), share in found]
    """
    assert play(TWO, hooks, end="2014, 1, 2").algorithm.seen == [True] * 4
