"""Regimes of currencies and coins: which of their days are observed, and when."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from hidden_regime.simulator import run_file

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
    from hidden_regime.data import LeanFolder
    from tests.conftest import CASES

    path = tmp_path_factory.mktemp("pairs") / "pairs.py"
    path.write_text(STRATEGY)
    market = LeanFolder(CASES / "data", synthetic=True)
    return [run_file(path, market, parameters=given) for given in ({}, {"hourly": "1"})]


def test_a_week_of_currencies_has_five_days_and_none_is_lost_as_clocks_go_back(runs):
    for run in runs:
        assert run.status == "Completed"
        times = [state.time for state in run.algorithm._hr.assets["EURUSD"].states]
        assert {time.weekday() for time in times} == {0, 1, 2, 3, 4}
        november = [time for time in times if date(2016, 11, 4) <= time.date() <= date(2016, 11, 8)]
        assert november == [datetime(2016, 11, 4, 20), datetime(2016, 11, 7, 19), datetime(2016, 11, 8, 19)]


def test_hours_of_a_coin_make_the_days_that_its_daily_bars_are_from_the_first_on(runs):
    daily, hourly = (run.algorithm.days["BTCUSD"] for run in runs)
    common = sorted(daily.keys() & hourly.keys())
    assert len(common) > 100
    # The watch began within this day: it is taken whole, from history.
    assert all(datetime(2016, 8, 2) in [s.time for s in run.algorithm._hr.assets["BTCUSD"].states] for run in runs)
    for end in common:
        assert (end.hour, end.minute) == (0, 0)
        assert hourly[end].close == daily[end].close
        assert hourly[end].volume == pytest.approx(daily[end].volume, rel=1e-9)
        assert (hourly[end].high, hourly[end].low) == (daily[end].high, daily[end].low)
