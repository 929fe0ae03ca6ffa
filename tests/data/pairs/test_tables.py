"""Pairs as files, folders, frames and history: every form is the same market."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from hidden_regime.data import load_dataset, make_bitcoin, open_market, read_market
from hidden_regime.data.lean_writing import write_lean_data
from hidden_regime.data.pairs.naming import PairName
from hidden_regime.data.tables import TableMarket
from hidden_regime.exceptions import DataError, NoDataError, ParameterError, UnknownDataError
from hidden_regime.simulator import run_file
from hidden_regime.simulator.run_state import run_state_of

BTC = make_bitcoin(n_days=40).market.pairs.find("BTCUSD")
HOURS = BTC.frame(60)
SPY = load_dataset("sp500").iloc[-30:]
STRATEGY = """
from AlgorithmImports import *

class Both(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2022, 1, 3)
        self.set_end_date(2022, 1, 20)
        self.coin = self.add_crypto("BTCUSD", Resolution.HOUR, Market.COINBASE).symbol
        self.euro = self.add_forex("EURUSD", Resolution.DAILY).symbol
        self.seen = []

    def on_data(self, data):
        self.seen += [(self.time, str(bar.close)) for bar in data.bars.values()]
        self.seen += [(self.time, str(bar.bid.close), str(bar.ask.close)) for bar in data.quote_bars.values()
                      if not bar.is_fill_forward]
        if self.time.day % 3 == 0 and self.time.hour == 6:
            self.set_holdings(self.coin, 0.1 * (self.time.day % 5))
"""


def euros():
    index = pd.date_range("2021-12-01", "2022-01-21", name="date")
    index = index[index.day_of_week < 5]
    mid = 1.1 + 0.001 * np.arange(len(index))
    sides = {"bid": mid - 0.0001, "ask": mid + 0.0001}
    return pd.DataFrame(sides, index=index)


def as_files(folder):
    """A table each, called by their pairs."""
    HOURS.to_csv(folder / "BTC-USD.csv")
    euros().to_parquet(folder / "EURUSD.parquet")
    return read_market(folder)


def as_folders(folder):
    """Where they lie says what they are."""
    for place, table in (("crypto/coinbase/hour/btcusd.csv", HOURS), ("forex/oanda/EURUSD.csv", euros())):
        (folder / place).parent.mkdir(parents=True)
        table.to_csv(folder / place)
    return open_market(folder)


def as_one_table(folder):
    """A file with a column of tickers."""
    coins = HOURS.tz_localize(None)
    both = pd.concat([coins.assign(ticker="crypto/coinbase/BTCUSD"), euros().assign(ticker="EURUSD")])
    both.reset_index().to_csv(folder / "all.csv", index=False)
    return read_market(folder / "all.csv")


def as_frames(folder):
    """Frames by what they are called."""
    del folder
    return TableMarket({"crypto/coinbase/BTCUSD": HOURS.tz_convert("Asia/Tokyo"), "EUR/USD": euros()})


def as_pairs(folder):
    """The pairs of another market."""
    return TableMarket({"a": BTC, "b": as_frames(folder).pairs.find("EURUSD")})


@pytest.mark.parametrize("form", [as_files, as_folders, as_one_table, as_frames, as_pairs])
def test_every_form_is_the_same_market(form, tmp_path):
    (tmp_path / "data").mkdir()
    market, want = form(tmp_path / "data"), as_frames(None)
    assert sorted(market.pairs.listed()) == sorted(want.pairs.listed())
    for name in want.pairs.listed():
        found = market.pairs.find(name.ticker)
        assert found.given.keys() == want.pairs.find(name.ticker).given.keys()
        for key, rows in want.pairs.find(name.ticker).given.items():
            np.testing.assert_array_equal(found.given[key][0], rows[0])
            np.testing.assert_array_equal(found.given[key][1], rows[1])


def test_a_strategy_sees_the_tables_bars_at_their_ends(tmp_path):
    path = tmp_path / "both.py"
    path.write_text(STRATEGY)
    run = run_file(path, as_frames(None))
    assert run.status == "Completed", run.message
    coins = [row for row in run.algorithm.seen if len(row) == 2]
    ends = (HOURS.index + pd.Timedelta("1h")).tz_convert("America/New_York").tz_localize(None)
    closes = dict(zip(ends.to_pydatetime(), HOURS["close"], strict=True))
    assert len(coins) > 400
    assert all(float(close) == closes[time] for time, close in coins)
    quotes = {time.replace(hour=0): (float(bid), float(ask)) for time, bid, ask in (r for r in run.algorithm.seen if len(r) == 3)}
    own = euros()
    assert len(quotes) > 10
    assert all((bid, ask) == tuple(own.loc[day, ["bid", "ask"]]) for day, (bid, ask) in quotes.items())


def test_tables_and_the_folder_that_is_made_of_them_give_one_run(tmp_path):
    path = tmp_path / "both.py"
    path.write_text(STRATEGY)
    write_lean_data(as_frames(None), tmp_path / "lean", benchmark="BTCUSD")
    runs = [run_file(path, market) for market in (as_frames(None), open_market(tmp_path / "lean"))]
    one, other = (
        [(o.utc, o.quantity, o.price, str(o.status)) for o in run_state_of(run.algorithm).book.orders.values()] for run in runs
    )
    assert len(one) > 3 and one == other
    assert runs[0].algorithm.seen == runs[1].algorithm.seen


def test_history_of_pairs_is_taken_again(tmp_path):
    path = tmp_path / "both.py"
    path.write_text(STRATEGY + "        if len(self.seen) > 100 and not hasattr(self, 'kept'):\n"
                    "            self.kept = self.history([self.coin], 60, Resolution.HOUR), self.history([self.euro], 9)\n")  # fmt: skip
    kept = run_file(path, as_frames(None)).algorithm.kept
    for history, ticker, key in zip(kept, ("BTCUSD", "EURUSD"), ((60, False), (1440, True)), strict=True):
        again = TableMarket(history).pairs.find(ticker).given[key]
        own = as_frames(None).pairs.find(ticker).given[key]
        own_rows = np.isin(again[0], own[0])  # a Sunday, which the table hasn't, is filled forward
        assert own_rows.sum() >= 7 and set(again[0][~own_rows] // 1440 % 7) <= {3}
        places = np.searchsorted(own[0], again[0][own_rows])
        np.testing.assert_allclose(own[1][places][:, :4], again[1][own_rows][:, :4])


def test_bars_of_several_lengths_are_one_pair(tmp_path):
    for length, table in (("hour", HOURS), ("daily", BTC.frame().iloc[:20] * 2.0)):
        (tmp_path / "crypto/coinbase" / length).mkdir(parents=True)
        table.to_csv(tmp_path / "crypto/coinbase" / length / "BTCUSD.csv")
    market = read_market(tmp_path)
    assert market.tickers() == ["BTCUSD"] and len(market.load("BTCUSD").dates) == 20
    assert market.load("BTCUSD").close[0] == 2.0 * BTC.frame()["close"].iloc[0]
    HOURS.to_csv(tmp_path / "BTCUSD.csv")
    with pytest.raises(DataError, match="two tables of bars of 60 minutes"):
        read_market(tmp_path)


def test_pairs_stand_beside_stocks_and_are_none(tmp_path):
    path = tmp_path / "stocks.py"
    path.write_text("from AlgorithmImports import *\nclass S(QCAlgorithm):\n    def initialize(self):\n"
                    "        self.set_start_date(2022, 1, 3)\n        self.add_equity('BTCUSD', Resolution.DAILY)\n")  # fmt: skip
    market = TableMarket({"SPY": SPY, "BTCUSD": HOURS})
    assert market.tickers() == ["SPY", "BTCUSD"] and market.days() == market.load("SPY").dates
    assert market.pairs.listed() == [PairName("crypto", "coinbase", "BTCUSD")]
    with pytest.raises(NoDataError, match="add_crypto"):
        market.listing("BTCUSD")
    with pytest.raises(NoDataError, match="add_crypto"):
        run_file(path, market)


def test_one_ticker_is_one_pair():
    with pytest.raises(DataError, match="each ticker once"):
        TableMarket({"crypto/coinbase/BTCUSDT": HOURS, "crypto/binance/BTCUSDT": HOURS})
    with pytest.raises(ParameterError, match="each ticker once"):
        TableMarket({"crypto/coinbase/BTCUSD": HOURS, "BTCUSD": BTC.asset()})


KRAKEN = """
from AlgorithmImports import *

class S(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2022, 1, 3)
        self.set_end_date(2022, 1, 9)
        self.coin = self.add_crypto("XBTUSD", Resolution.HOUR, Market.KRAKEN).symbol

    def on_data(self, data):
        if not self.portfolio.invested:
            self.market_order(self.coin, 0.12345)
"""


@pytest.mark.parametrize("place", ["", "crypto/kraken/XBTUSD.csv", "crypto/kraken/hour/XBTUSD.csv"])
def test_facts_of_other_markets_lie_beside_the_tables(tmp_path, place):
    table = tmp_path / "data" / (place or "crypto/kraken/XBTUSD.csv")
    table.parent.mkdir(parents=True)
    HOURS.to_csv(table)
    round_the_clock = [{"start": "00:00:00", "end": "1.00:00:00", "state": "market"}]
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    entry = {"exchangeTimeZone": "UTC", "dataTimeZone": "UTC"} | dict.fromkeys(days, round_the_clock)
    for name, text in (
        ("market-hours/market-hours-database.json", json.dumps({"entries": {"Crypto-kraken-[*]": entry}})),
        ("symbol-properties/symbol-properties-database.csv", "kraken,XBTUSD,crypto,XBT/USD,USD,1,0.1,0.001,XBT/USD,0.0001\n"),
    ):
        (tmp_path / "data" / name).parent.mkdir()
        (tmp_path / "data" / name).write_text(text)
    (tmp_path / "s.py").write_text(KRAKEN)
    run = run_file(tmp_path / "s.py", open_market(table if place else tmp_path / "data"))
    assert run.status == "Completed", run.message
    assert float(run.algorithm.portfolio["XBTUSD"].quantity) == pytest.approx(0.123)  # a multiple of its lot


def test_a_market_without_known_facts_says_what_is_missing(tmp_path):
    path = tmp_path / "kraken.py"
    path.write_text("from AlgorithmImports import *\nclass S(QCAlgorithm):\n    def initialize(self):\n"
                    "        self.add_crypto('XBTUSD', Resolution.HOUR, Market.KRAKEN)\n")  # fmt: skip
    with pytest.raises(UnknownDataError, match="symbol-properties"):
        run_file(path, TableMarket({"crypto/kraken/XBTUSD": HOURS}))
