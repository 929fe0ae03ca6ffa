"""Minutes of pairs that come as rows are what bars one by one are: in a feed, in a security, and in a whole run."""

from __future__ import annotations

from array import array
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.data.pairs.bars import EPOCH, WholeBars
from hidden_regime.data.pairs.hours import DAY, ZERO, PairHours
from hidden_regime.simulator import result, run_file
from hidden_regime.simulator.account.cash_book import Cash
from hidden_regime.simulator.account.exchange import Exchange, SymbolProperties
from hidden_regime.simulator.account.pair_security import Crypto
from hidden_regime.simulator.clock import TradingCalendar
from hidden_regime.simulator.enums import Resolution
from hidden_regime.simulator.feed.pair_panel import PairPanel, middles
from hidden_regime.simulator.feed.pair_rows import RowFeed
from hidden_regime.simulator.feed.pairs import PairFeed
from hidden_regime.simulator.feed.panel import FILLED, MISSING, REAL, Column
from hidden_regime.simulator.loop.around import AroundTheClock
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.objects.quotes import between

BEGIN = datetime(2017, 3, 5, 22)
FIRST = (BEGIN - EPOCH) // timedelta(minutes=1)
HOURS = PairHours("UTC", "UTC", (((ZERO, DAY),),) * 7)
PRICES = st.floats(0.001, 1e5).map(lambda price: round(price, 4))


def symbol():
    return Symbol("BTCUSD", market="coinbase")


def fields(found):
    """Of a bar or quote all that can be read of it."""
    if found is None:
        return None
    names = (
        "time",
        "end_time",
        "open",
        "high",
        "low",
        "close",
        "price",
        "close",
        "is_fill_forward",
        "volume",
        "last_bid_size",
        "last_ask_size",
    )
    sides = [getattr(found, side, None) for side in ("bid", "ask")]
    return [getattr(found, name, None) for name in names], [
        side and (side.open, side.high, side.low, side.close) for side in sides
    ]


@settings(deadline=None)
@pytest.mark.parametrize("quotes", [False, True])
@given(data=st.data())
def test_a_feed_of_rows_delivers_what_the_feed_of_bars_does(quotes, data):
    minutes = sorted(data.draw(st.sets(st.integers(0, 400), min_size=1, max_size=12)))
    values = np.random.default_rng(len(minutes)).uniform(1.0, 9.0, (len(minutes), 10 if quotes else 5))
    for row in range(len(minutes) if quotes else 0):  # sides without prices
        for side in data.draw(st.sampled_from([(), (), (slice(0, 5),), (slice(5, 10),), (slice(0, 10),)])):
            values[row, side] = 0.0
    bars = WholeBars(1, (np.array(minutes, np.int64) + FIRST, values), quotes=quotes)
    last = BEGIN + timedelta(minutes=data.draw(st.integers(0, 500)), seconds=data.draw(st.sampled_from([0, 30, 59])))
    since = BEGIN + timedelta(minutes=data.draw(st.integers(-5, 60)))
    one, other = RowFeed(bars, symbol(), HOURS), PairFeed(bars, symbol(), HOURS)
    for feed in (one, other):
        feed.start(since, last, 1)
    for minute in [*sorted(data.draw(st.lists(st.integers(-1, 600), max_size=4))), 10_000]:
        until = BEGIN + timedelta(minutes=minute, seconds=data.draw(st.sampled_from([0, 0, 1])))
        assert one.pending == other.pending
        ours, theirs = one.take(until), other.take(until)
        assert [(time, fields(bar)) for time, bar in ours] == [(time, fields(bar)) for time, bar in theirs]
    assert one.pending is None


@settings(deadline=None)
@given(st.lists(st.tuples(PRICES, PRICES) | st.tuples(st.floats(0.0, 1e12), st.floats(0.0, 1e12)), min_size=1, max_size=9))
def test_middles_of_many_quotes_are_those_of_each_to_the_last_bit(both):
    quotes = np.zeros((len(both), 10))
    quotes[:, 3], quotes[:, 8] = zip(*both, strict=True)
    assert middles(quotes).tolist() == [between(bid, ask) for bid, ask in both]


def coin():
    exchange = Exchange(TradingCalendar(BEGIN.date(), BEGIN.date()), lambda: BEGIN, always=True)
    made = Crypto(symbol(), Resolution.MINUTE, exchange, lambda: BEGIN, SymbolProperties(), Cash("BTC"), Cash("USD"))
    made.path = array("d")
    return made


def shown(found):
    names = (
        "price",
        "open",
        "high",
        "low",
        "last_price",
        "bid_price",
        "ask_price",
        "bid_size",
        "ask_size",
        "volume",
        "traded_until",
    )
    return [getattr(found, name) for name in names], [fields(part) for part in (found.bar, found.last, found.quote)]


def give(found, bar):
    """What a step does with a bar that comes alone."""
    found.set_market_price(bar)
    found.path.append(found.price)


KINDS = st.lists(st.tuples(*[st.sampled_from([MISSING, REAL, REAL, FILLED])] * 2), min_size=2, max_size=14)


@settings(deadline=None)
@given(KINDS, st.lists(st.sampled_from(["", "", "price", "last_price", "all", "alone"]), min_size=14, max_size=14))
def test_a_security_that_follows_rows_is_one_that_gets_each_bar(kinds, looks):
    rng = np.random.default_rng(len(kinds))
    sized = zip(zip(*[(REAL, REAL), *kinds], strict=True), (5, 10), strict=True)
    columns = [Column(symbol(), rng.uniform(1.0, 9.0, (len(own), size)), np.array(own, np.int8)) for own, size in sized]
    panel = PairPanel(np.arange(len(kinds) + 1) + FIRST, columns[:1], columns[1:])
    one, other = coin(), coin()
    for found in (one, other):  # a trade and a quote before the rows: without a trade none come as rows
        give(found, panel.bar(0, 0))
        give(found, panel.quoted.bar(0, 0))
    panel.row = 0
    one.follow(panel, 0)
    for row, look in zip(range(1, len(kinds) + 1), looks, strict=False):
        panel.row = row
        come = [*panel.bars(row), *panel.quotes(row)]
        for bar in come:
            give(other, bar)
        if look == "alone":  # another bar in between, as of a security that came within the day
            for found in (one, other):
                give(found, panel.quoted.bar(0, 0))
        if look in ("price", "last_price"):
            assert getattr(one, look) == getattr(other, look)
        elif look:
            assert shown(one) == shown(other)
    one.catch_up()
    assert one.path == other.path
    assert shown(one) == shown(other)


STRATEGY = """
from AlgorithmImports import *
import random

class Busy(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2017, 3, 5)
        self.set_end_date(2017, 3, 6)
        self.set_cash(90000)
        self.random = random.Random(int(self.get_parameter("seed")))
        self.coins = [self.add_crypto(ticker, Resolution.MINUTE).symbol for ticker in ("BTCUSD", "ETHUSD")]
        self.seen = 0

    def tell(self, symbol):
        coin, last = self.securities[symbol], self.securities[symbol].get_last_data()
        if last is not None:
            self.log(f"{symbol} {coin.price} {coin.bid_price} {coin.ask_size} {coin.high} {coin.volume} {last.end_time} {last.price} "
                     f"{coin.volatility_model.volatility} {self.portfolio.total_portfolio_value} "
                     f"{self.portfolio.cash_book['BTC'].conversion_rate}")

    def on_data(self, data):
        self.seen += 1
        draw = self.random
        if draw.random() < 0.05:
            self.tell(draw.choice(self.coins))
        if draw.random() < 0.03:
            self.log(f"{len(data)} {[(str(s), bar.close, bar.is_fill_forward) for s, bar in data.bars.items()]} "
                     f"{[(str(s), quote.ask.low, quote.last_bid_size) for s, quote in data.quote_bars.items()]}")
        if draw.random() < 0.02:
            symbol, size = draw.choice(self.coins), round(draw.uniform(-2.0, 3.0), 2)
            price = round(self.securities[symbol].price * draw.uniform(0.998, 1.002), 2)
            draw.choice([lambda: self.market_order(symbol, size), lambda: self.limit_order(symbol, size, price),
                         lambda: self.stop_market_order(symbol, size, price), lambda: self.set_holdings(symbol, 0.2),
                         lambda: self.log(f"{self.history(symbol, 9, Resolution.MINUTE)['close'].sum()}")])()
        if self.seen == 1900 and self.get_parameter("seed") == "1":
            self.consolidate(self.coins[0], timedelta(minutes=15), lambda bar: self.log(f"{bar}"))
        if self.seen == 2100 and self.get_parameter("seed") == "1":
            self.remove_security(self.coins[1])
        if self.seen == 1700 and self.get_parameter("seed") == "2":
            self.securities[self.coins[0]].volatility_model = StandardDeviationOfReturnsVolatilityModel(30, Resolution.MINUTE)
        if self.seen == 2300 and self.get_parameter("seed") == "2":
            odd = type("Odd", (), {"filter": lambda self, security, data: data.end_time.minute % 2})()
            self.securities[self.coins[0]].set_data_filter(odd)

    def on_order_event(self, event):
        self.log(f"{event}")
"""


@pytest.mark.parametrize("seed", ["0", "1", "2"])
def test_a_run_over_rows_is_the_run_over_bars(seed, tmp_path, reference_market, monkeypatch):
    path, days, in_rows = tmp_path / "busy.py", [], AroundTheClock._in_rows
    path.write_text(STRATEGY)

    def files():
        run = run_file(path, reference_market, parameters={"seed": seed})
        assert run.status == "Completed", run.message
        assert len(run.algorithm._sim.book.orders) > 20
        return result.files(run, "busy", result.build(run, "busy"))

    monkeypatch.setattr(AroundTheClock, "_in_rows", lambda *args: days.append(in_rows(*args)) or days[-1])
    ours = files()
    assert any(days)  # some day came as rows
    monkeypatch.setattr(AroundTheClock, "_in_rows", lambda *args: None)
    assert files() == ours
