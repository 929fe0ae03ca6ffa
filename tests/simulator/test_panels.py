"""Bars that arrive as rows of a panel are what bars one by one are, whoever looks and whenever."""

from __future__ import annotations

from array import array
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hidden_regime.data import TableMarket
from hidden_regime.simulator.account.outlook import Outlook
from hidden_regime.simulator.account.security import Exchange, Security
from hidden_regime.simulator.clock import TradingCalendar
from hidden_regime.simulator.enums import DataNormalizationMode, Resolution
from hidden_regime.simulator.feed.panel import FILLED, MISSING, REAL, Column, Panel, RowBars
from hidden_regime.simulator.objects import Symbol

BEGIN = datetime(2015, 1, 5, 9, 30)
CALENDAR = TradingCalendar(BEGIN.date(), BEGIN.date())
ROWS = st.lists(st.sampled_from([MISSING, REAL, FILLED]), min_size=1, max_size=12)


def security(name="A"):
    exchange = Exchange(CALENDAR, lambda: BEGIN)
    return Security(Symbol(name), Resolution.MINUTE, DataNormalizationMode.RAW, exchange, lambda: BEGIN)


def panel(kinds, seed=0):
    """A panel of columns A, B, ... of given kinds of rows."""
    n = len(kinds[0])
    rng = np.random.default_rng(seed)
    columns = [Column(Symbol(chr(65 + i)), rng.uniform(1.0, 99.0, (n, 5)), np.array(own, np.int8)) for i, own in enumerate(kinds)]
    times = [BEGIN + timedelta(minutes=i) for i in range(n + 1)]
    return Panel(times[:-1], times[1:], columns)


def fields(bar):
    names = ("symbol", "time", "end_time", "open", "high", "low", "close", "volume", "is_fill_forward")
    return None if bar is None else tuple(getattr(bar, name) for name in names)


def shown(found):
    return found.price, fields(found.bar), fields(found.last), found.traded_until, found.has_data


@given(ROWS, st.lists(st.booleans(), min_size=12, max_size=12), st.booleans())
def test_a_security_that_follows_a_panel_is_one_that_gets_each_bar(kinds, looks, split):
    rows, one, other = panel([kinds]), security(), security()
    one.path, other.path = array("d"), array("d")
    one.follow(rows, 0)
    for row in range(len(kinds)):
        rows.row = row
        if rows.columns[0].has(row):
            bar = rows.bar(0, row)
            other.set_market_price(bar)
            other.path.append(bar.close)
        if split and row == len(kinds) // 2:
            one.adjust_to_split(0.5)
            other.adjust_to_split(0.5)
        if looks[row]:
            assert shown(one) == shown(other)
            assert one.bar is other.bar or split
    one.catch_up()
    assert shown(one) == shown(other)
    assert one.path == other.path


@given(ROWS, st.integers(0, 11))
def test_prices_ahead_are_those_that_come(kinds, since):
    rows, one = panel([kinds]), security()
    one.follow(rows, 0)
    rows.row = min(since, len(kinds) - 1)
    if not one.follows(rows):
        return
    ahead = one.prices_ahead().tolist()
    for place, row in enumerate(range(rows.row, len(kinds))):
        rows.row = row
        assert ahead[place] == one.price
    assert len(ahead) == place + 1


@given(st.integers(1, 40), st.integers(0, 99))
def test_an_outlook_is_the_sum_at_each_row_to_the_last_bit(n, seed):
    rng = np.random.default_rng(seed)
    rows = panel(rng.choice([REAL, REAL, FILLED, MISSING], (n, 9)).tolist(), seed)
    held = [security(chr(65 + i)) for i in range(n)]
    for place, one in enumerate(held):
        one.follow(rows, place)
        one.holdings.quantity = float(rng.integers(-500, 500))
    rows.row = 2
    held = [one for one in held if one.follows(rows)]
    assert Outlook.is_possible(rows, held)
    outlook = Outlook(rows, held)
    for row in range(2, 9):
        rows.row = row
        whole = margin = 0.0
        for one in held:
            whole += one.holdings.quantity * one.price
            margin += abs(one.holdings.quantity * one.price) * one.margins.maintenance
        assert outlook.now() == (whole, margin)
    if held:
        held[0].margins.set_leverage(held[0], 4.0)
        assert outlook.now() is None


def test_an_outlook_needs_positions_that_follow_the_panel():
    rows, one = panel([[FILLED, REAL]]), security()
    assert not Outlook.is_possible(rows, [one])
    one.follow(rows, 0)
    rows.row = 0  # no bar has traded yet: the price may still follow repeats
    assert not Outlook.is_possible(rows, [one])
    rows.row = 1
    assert Outlook.is_possible(rows, [one])


@given(st.lists(st.sampled_from([MISSING, REAL, FILLED]), min_size=4, max_size=4))
def test_bars_of_a_row_are_a_dictionary(kinds):
    rows = panel([[kind] for kind in kinds])
    plain, lazy = {bar.symbol: bar for bar in rows.bars(0)}, RowBars(rows, 0)
    assert list(lazy.items()) == list(plain.items())
    assert (len(lazy), bool(lazy), list(lazy.values())) == (len(plain), bool(plain), list(plain.values()))
    for symbol in map(Symbol, "ABCDE"):
        assert lazy.get(symbol) is plain.get(symbol)
        assert (symbol in lazy) == (symbol in plain)
        if symbol not in plain:
            with pytest.raises(KeyError):
                lazy[symbol]
    lazy[Symbol("E")] = plain[Symbol("E")] = rows.bar(0, 0)
    lazy.update(plain)
    assert dict(lazy) == plain
    del lazy[Symbol("E")]
    assert (Symbol("E") in lazy, lazy.get(Symbol("E"), "none"), len(lazy)) == (False, "none", len(plain) - 1)


def test_a_new_symbol_object_leaves_older_slices_theirs():
    rows = panel([[REAL, REAL], [REAL, REAL]])
    before, fresh = RowBars(rows, 0), Symbol("A")
    old = rows.symbols[0]
    rows.rename(fresh)
    assert [key is old for key in before] == [True, False]
    assert next(iter(RowBars(rows, 1))) is fresh
    assert rows.bar(0, 1).symbol is fresh


def test_bars_in_step_are_those_that_come_one_by_one_beside_another_pace(play):
    """An hourly asset beside minutes takes the run off its panels: the others' bars and orders stay the same."""
    rng = np.random.default_rng(1)
    days = pd.bdate_range("2015-01-05", periods=6)
    frames = {}
    for name, share in (("AAA", 1.0), ("BBB", 0.6), ("CCC", 0.05)):
        times = [day + pd.Timedelta(minutes=570 + m) for day in days for m in range(390) if rng.random() < share or m == 200]
        close = 50.0 + np.cumsum(rng.normal(0.0, 0.02, len(times)))
        frame = pd.DataFrame({"open": close + 0.01, "high": close + 0.02, "low": close - 0.02, "close": close, "volume": 100.0})
        frames[name] = frame.set_axis(pd.DatetimeIndex(times, name="date"), axis=0)
    hourly = frames["AAA"][frames["AAA"].index.minute == 0]
    body = """
    self.mine = [self.add_equity(t, Resolution.MINUTE).symbol for t in ("AAA", "BBB", "CCC")]
    EXTRA
    self.consolidate(self.mine[1], timedelta(minutes=7), lambda bar: self.seen.append(str(bar)))
    """
    hooks = """
    def on_data(self, data):
        bars = [data.bars[s] for s in self.mine if data.bars.contains_key(s)]
        self.seen.append([(str(b), b.time, b.end_time, b.is_fill_forward, self.securities[b.symbol].price) for b in bars])
        if self.time.minute % 40 == 7:
            self.set_holdings(self.mine[self.time.hour % 3], 0.3 if self.time.minute == 7 else -0.2)
        self.seen.append((self.portfolio.total_portfolio_value, self.portfolio.total_margin_used))
    """
    found = []
    for extra in ("pass", "self.add_equity('DDD', Resolution.HOUR)"):
        market = TableMarket(frames | {"DDD": hourly})
        done = play(body.replace("EXTRA", extra), hooks, start="2015, 1, 5", end="2015, 1, 12", market=market)
        found.append((done.algorithm.seen, [str(event) for event in done.algorithm.transactions.events]))
    assert found[0] == found[1]
    assert len(found[0][1]) > 40


def test_a_consolidator_that_a_handler_attaches_is_fed_at_once_if_its_asset_comes_later(play):
    body = """
    self.assets = [self.add_equity(t, Resolution.DAILY).symbol for t in ("AAPL", "SPY", "TLT")]
    self.consolidate(self.assets[1], Resolution.DAILY, self.first)
    """
    hooks = """
    def first(self, bar):
        if not self.seen:
            for asset in (self.assets[0], self.assets[2]):
                self.consolidate(asset, Resolution.DAILY, lambda b: self.seen.append((str(b.symbol), b.end_time.day)))
            self.seen.append("attached")
    """
    assert play(body, hooks, end="2014, 1, 4").algorithm.seen == ["attached", ("TLT", 2), ("AAPL", 3), ("TLT", 3)]
