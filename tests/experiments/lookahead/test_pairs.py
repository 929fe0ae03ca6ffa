"""Coins and currencies without their future: what was known stays to the last bit, and who knows more is found."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.data import LeanFolder, make_bitcoin, open_market
from hidden_regime.data.lean_writing import write_lean_data
from hidden_regime.data.pairs.bars import minutes_of
from hidden_regime.experiments import check_lookahead
from hidden_regime.experiments.lookahead.future import Future
from hidden_regime.experiments.lookahead.markets import without_beginning, without_future
from hidden_regime.experiments.lookahead.pairs import is_twice
from hidden_regime.experiments.lookahead.traced import closes
from tests.conftest import CASES
from tests.experiments.small import write_strategy

FOLDER = LeanFolder(CASES / "data", synthetic=True)
BARS = [
    ("forex", "oanda", "EURUSD", 1440, True), ("forex", "oanda", "EURUSD", 60, True), ("crypto", "coinbase", "BTCUSD", 1440, False),
    ("crypto", "coinbase", "BTCUSD", 60, True), ("crypto", "coinbase", "ETHUSD", 1, False), ("crypto", "coinbase", "BTCUSD", 1, True),
]  # fmt: skip
PLANTED = """
from AlgorithmImports import *
import pandas as pd
from hidden_regime.data import LeanFolder, load_dataset

class Planted(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2022, 3, 1)
        self.set_end_date(2022, 4, 15)
        self.set_time_zone(self.get_parameter("zone") or "America/New_York")
        self.set_benchmark(lambda time: 1.0)
        self.coin = self.add_crypto("BTCUSD", Resolution.HOUR, Market.COINBASE).symbol
        close = {read}
        self.signal = {signal}

    def on_data(self, data):
        bar = data.bars.get(self.coin)
        if bar is not None and bar.end_time.hour % 6 == 0 and bar.end_time in self.signal.index:
            wanted = 0.9 if self.signal[bar.end_time] > 0 else 0.0
            if bool(wanted) != self.portfolio.invested:
                self.set_holdings(self.coin, wanted)
"""
AHEAD, HONEST = "close.shift(-3) / close - 1", "close / close.shift(3) - 1"
TABLE = "load_dataset('synthetic_bitcoin', resolution='hour')['close'].tz_localize(None).shift(freq='1h')"
FILES = (
    "(lambda bars: pd.Series(bars.values[:, 3], pd.to_datetime(bars.starts + 60, unit='m')))"
    "(LeanFolder(Globals.data_folder).pairs.bars('crypto', 'coinbase', 'BTCUSD', 60, quotes=False))"
)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(BARS), st.floats(0.02, 0.98), st.sampled_from(["cut", "changed"]), st.booleans(), st.integers(0, 9))
def test_what_was_known_stays_and_the_rest_does_not(of, share, how, limited, seed):
    *name, minutes, quotes = of
    base = FOLDER.pairs.bars(*name, minutes, quotes=quotes)
    first, last = (minutes_of(datetime.combine(day, datetime.min.time())) for day in base.days)
    utc = datetime(1970, 1, 1) + timedelta(minutes=int(first + share * (last - first)))
    moment = utc - timedelta(hours=5)  # New York's in winter, and never after it in summer
    until = moment + timedelta(days=3) if limited else datetime.max
    seen = without_future(FOLDER, Future(moment, how, until, seed=seed), closes(FOLDER)).pairs.bars(*name, minutes, quotes=quotes)
    now = minutes_of(utc)
    window = now - 40 * 1440, now + 40 * 1440
    ours, theirs = base.between(*window), seen.between(*window)
    summer = 60  # an hour in which it may be known or not, by the season
    known = (ours[0] + minutes <= now - summer) | (limited & (ours[0] + minutes > now + 3 * 1440))
    hidden = (ours[0] + minutes > now) & ~(limited & (ours[0] + minutes > now + 3 * 1440 - summer))
    kept = np.isin(theirs[0], ours[0][known])
    np.testing.assert_array_equal(theirs[0][kept], ours[0][known])
    np.testing.assert_array_equal(theirs[1][kept], ours[1][known])
    if how == "cut":
        assert not np.isin(ours[0][hidden], theirs[0]).any()
        return
    np.testing.assert_array_equal(theirs[0], ours[0])
    differ = (theirs[1][hidden][:, :4] != ours[1][hidden][:, :4]).any(axis=1) | (ours[1][hidden][:, 3] == 0.0)
    assert differ.mean() > 0.9 if hidden.any() else True
    sides = [slice(0, 5), slice(5, 10)] if quotes else [slice(0, 5)]
    for side in sides:
        own = theirs[1][:, side]
        assert (own[:, 1] >= own[:, 2]).all() and (own[:, 4] >= 0.0).all()
        np.testing.assert_array_equal(own[:, 3] > 0.0, ours[1][:, side][:, 3] > 0.0)
    if quotes:
        assert ((theirs[1][:, 3] <= theirs[1][:, 8]) | (theirs[1][:, 8] == 0.0)).all()
    half = seen.between(window[0], now + 1000), seen.between(now + 1000, window[1])
    np.testing.assert_array_equal(np.concatenate([rows[1] for rows in half]), theirs[1])


@pytest.mark.parametrize(("data", "zone"), [("table", "UTC"), ("table", "America/New_York"), ("folder", "America/New_York")])
def test_who_knows_the_hours_to_come_is_found(tmp_path, data, zone):
    place = "synthetic_bitcoin"
    if data == "folder":
        place = tmp_path / "data"
        write_lean_data(make_bitcoin(n_days=110).market, place)
    for signal, verdict in ((AHEAD, "looks ahead"), (HONEST, "clean")):
        text = PLANTED.format(read=TABLE if data == "table" else FILES, signal=signal)
        found = check_lookahead(write_strategy(tmp_path, text), place, parameters={"zone": zone}, cuts=2)
        assert found.verdict == verdict, list(found)
        assert found.n_decisions > 10
        if verdict == "looks ahead":
            assert found[0].code == "self.set_holdings(self.coin, wanted)"


def test_a_beginning_that_is_taken_away():
    for base in (FOLDER, open_market("synthetic_bitcoin")):
        first = date(2016, 6, 1) if base is FOLDER else date(2022, 6, 1)
        late = without_beginning(base, first)
        name = ("crypto", "coinbase", "BTCUSD", 60)
        ours, theirs = (market.pairs.bars(*name, quotes=False) for market in (base, late))
        assert theirs.days == (first, ours.days[1])
        begin = minutes_of(datetime.combine(first, datetime.min.time()))
        for one, other in zip(ours.between(begin, 10**9), theirs.between(0, 10**9), strict=True):
            np.testing.assert_array_equal(one, other)
    assert late.load("BTCUSD").dates[0] == first


def test_only_what_is_asked_for_changes():
    base = open_market("synthetic_bitcoin")
    future = Future(datetime(2022, 6, 1, 12), only="OTHER")
    same = without_future(base, future, closes(base))
    np.testing.assert_array_equal(same.load("BTCUSD").close, base.load("BTCUSD").close)
    hidden = without_future(base, Future(datetime(2022, 6, 1, 12), "cut"), closes(base)).load("BTCUSD")
    # 12:00 in New York is 16:00 UTC: what of the day is known by then is in its bar.
    assert hidden.dates[-1] == date(2022, 6, 1)
    hours = base.pairs.find("BTCUSD").frame(60)
    assert hidden.close[-1] == hours["close"]["2022-06-01 15:00"]


def test_an_hour_that_comes_twice_is_no_moment():
    assert is_twice(datetime(2022, 11, 6, 1, 30))
    assert not any(is_twice(datetime(2022, 11, 6, hour)) for hour in (0, 2)) and not is_twice(datetime(2022, 3, 13, 3))
