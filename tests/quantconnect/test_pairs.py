"""Regimes of currencies and coins: which of their days are observed, and when."""

from __future__ import annotations

import shutil
from datetime import date, datetime

import pytest

from hidden_regime.data import LeanFolder
from hidden_regime.data.pairs.own import PAIRS
from hidden_regime.exceptions import ParameterError
from hidden_regime.quantconnect.adding import adder_of_ticker
from hidden_regime.simulator import run_file
from tests.conftest import CASES
from tests.quantconnect.running import HEAD, run

STRATEGY = """
from AlgorithmImports import *
from hidden_regime.quantconnect import HiddenRegimeAlgorithm

class Pairs(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(2016, 8, 1)
        self.set_end_date(2016, 11, 30)
        self.set_benchmark(lambda time: 1.0)
        kind = Resolution.HOUR if self.get_parameter("hourly") else Resolution.DAILY
        self.eur = self.add_forex("EURUSD", Resolution.DAILY).symbol
        self.btc = self.add_crypto("BTCUSD", kind).symbol
        self.days = {}
        self.initialize_regime_detection(self.eur, n_states=2, lookback_days=200)
        self.initialize_regime_detection(self.btc, n_states=2, lookback_days=150)

    def on_data(self, data):
        for symbol in (self.eur, self.btc):
            bar = self._hr.assets[symbol.value].detector.latest_bar
            if bar is not None:
                self.days.setdefault(symbol.value, {})[bar.end_time] = bar
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    path = tmp_path_factory.mktemp("pairs") / "pairs.py"
    path.write_text(STRATEGY)
    market = LeanFolder(CASES / "data", synthetic=True)
    return [run_file(path, market, parameters=given) for given in ({}, {"hourly": "1"})]


def test_a_week_of_currencies_has_five_days_and_none_is_lost_as_clocks_go_back(runs):
    for done in runs:
        assert done.status == "Completed"
        times = [state.time for state in done.algorithm._hr.assets["EURUSD"].states]
        assert {time.weekday() for time in times} == {0, 1, 2, 3, 4}
        november = [time for time in times if date(2016, 11, 4) <= time.date() <= date(2016, 11, 8)]
        assert november == [datetime(2016, 11, 4, 20), datetime(2016, 11, 7, 19), datetime(2016, 11, 8, 19)]


def test_hours_of_a_coin_make_the_days_that_its_daily_bars_are_from_the_first_on(runs):
    daily, hourly = (done.algorithm.days["BTCUSD"] for done in runs)
    common = sorted(daily.keys() & hourly.keys())
    assert len(common) > 100
    # The watch began within this day: it is taken whole, from history.
    assert all(datetime(2016, 8, 2) in [s.time for s in done.algorithm._hr.assets["BTCUSD"].states] for done in runs)
    for end in common:
        assert (end.hour, end.minute) == (0, 0)
        assert hourly[end].close == daily[end].close
        assert hourly[end].volume == pytest.approx(daily[end].volume, rel=1e-9)
        assert (hourly[end].high, hourly[end].low) == (daily[end].high, daily[end].low)


TWO = (
    HEAD
    + """
from hidden_regime.quantconnect.guards.checks import holdings_of

class Two(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(2018, 1, 2)
        self.set_end_date(2018, 1, 20)
        self.set_benchmark(lambda time: 1.0)
        self.one = self.add_crypto("ETHBTC", Resolution.DAILY, Market.COINBASE).symbol
        self.two = self.add_crypto("ETHBTC", Resolution.DAILY, Market.BINANCE).symbol
        ACTION

    def watch(self, asset, **options):
        self.initialize_regime_detection(asset, n_states=2, lookback_days=60, **options)
"""
)


@pytest.fixture(scope="module")
def two_markets(tmp_path_factory):
    """One pair at two markets, at the same prices."""
    folder = tmp_path_factory.mktemp("two") / "data"
    shutil.copytree(CASES / "data" / "crypto", folder / "crypto")
    for kind in ("trade", "quote"):
        name = f"daily/ethbtc_{kind}.zip"
        shutil.copy(folder / "crypto" / "coinbase" / name, folder / "crypto" / "binance" / name)
    return LeanFolder(folder, synthetic=True)


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ('self.watch("ETHBTC")', r"subscribed at binance and coinbase(?s:.*)add_crypto\(\.\.\.\)\.symbol"),
        ("self.watch(self.two); self.watch(self.one)", "ETHBTC at coinbase(?s:.*)ETHBTC at binance is watched"),
        ("self.watch(self.two); self.regime_is_ready(self.one)", "ETHBTC at coinbase(?s:.*)ETHBTC at binance, which is watched"),
        ('self.watch("BTCUSD")', r"Call self\.add_crypto\('BTCUSD', Resolution\.DAILY\) first\."),
        ('self.watch("EURUSD")', r"Call self\.add_forex\('EURUSD', Resolution\.DAILY\) first\."),
        ('self.watch("SPY")', r"Call self\.add_equity\('SPY', Resolution\.DAILY\) first\."),
        ("self.watch(self.two, bars=timedelta(hours=4))", r"self\.add_crypto\('ETHBTC', Resolution\.MINUTE\)"),
    ],
)
def test_one_ticker_at_two_markets_is_never_taken_for_one(tmp_path, two_markets, action, said):
    with pytest.raises(ParameterError, match=said):
        run(tmp_path, two_markets, TWO.replace("ACTION", action))


def test_advice_names_the_method_for_each_pair_that_the_engine_knows():
    wrong = {(kind, ticker) for kind, _, ticker in PAIRS if adder_of_ticker(ticker) != f"add_{kind}"}
    assert len(PAIRS) > 80 and wrong == set()
    assert {adder_of_ticker(ticker) for ticker in ("A", "SPY", "GOOGL", "BRK.B", "BTC")} == {"add_equity"}


def test_of_one_ticker_at_two_markets_the_one_that_is_named_is_watched(tmp_path, two_markets):
    text = (
        TWO.replace("ACTION", "self.watch(self.two)\n        self.held = None")
        + """
    def on_data(self, data):
        if not self.portfolio.invested:
            self.portfolio.cash_book["BTC"].set_amount(10)
            self.market_order(self.one, 1.0)
            self.market_order(self.two, 2.0)
        self.held = {name: held.quantity for name, held in holdings_of(self).items()}
"""
    )
    algorithm = run(tmp_path, two_markets, text).algorithm
    assert algorithm._hr.get(algorithm.two) is algorithm._hr.get("ETHBTC")
    assert algorithm._hr.get().symbol.market == "binance"
    assert algorithm.held == {"ETHBTC at binance": 2.0, "ETHBTC at coinbase": 1.0}
