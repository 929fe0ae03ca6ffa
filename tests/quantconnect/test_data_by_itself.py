"""Bars by themselves: other resolutions, universes, gaps, restarts, and other people's base classes."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hidden_regime.data import make_market
from hidden_regime.exceptions import ParameterError
from hidden_regime.quantconnect import HiddenRegimeAlgorithmOptimized, with_regimes
from hidden_regime.quantconnect._lean import PRIVATE
from hidden_regime.simulator.object_store import ObjectStore
from tests.quantconnect.running import HEAD, orders, run


@pytest.fixture(scope="module")
def market():
    return make_market(n_days=900, seed=5).market


def states(done, ticker):
    return done.algorithm._hr.assets[ticker].states


RESOLUTIONS = (
    HEAD
    + """
class Spy(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(2015, 3, 2)
        self.set_end_date(2015, 3, 20)
        self.add_equity("SPY", Resolution[self.get_parameter("resolution", "DAILY")])
        self.initialize_regime_detection("SPY", lookback_days=126, retrain_frequency="weekly")
"""
)


@pytest.mark.parametrize("resolution", ["HOUR", "MINUTE"])
def test_hourly_and_minute_subscriptions_see_a_bar_a_day(tmp_path, reference_market, resolution):
    text = RESOLUTIONS.replace('Resolution[self.get_parameter("resolution", "DAILY")]', f"Resolution.{resolution}")
    runs = [run(tmp_path, reference_market, t) for t in (text.replace(f"Resolution.{resolution}", "Resolution.DAILY"), text)]
    daily, finer = (states(done, "SPY") for done in runs)
    assert [s.time for s in finer] == [s.time for s in daily]
    assert len({s.time.date() for s in daily if s.time.year == 2015 and s.time.month == 3}) == 15
    assert [a for a in finer if a.time.month < 3] == [b for b in daily if b.time.month < 3]  # history is of days in any case
    # Prices of hours and minutes are rounded for themselves, so the days that they make are the same to that.
    rows = [done.algorithm._hr.assets["SPY"].detector.course.rows.table[:, 0] for done in runs]
    np.testing.assert_allclose(rows[1], rows[0], atol=2e-4)


def test_a_missing_bar_is_no_observation(tmp_path, reference_market):
    text = (
        HEAD
        + """
class Gap(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(2013, 1, 2)
        self.set_end_date(2014, 12, 31)
        self.add_equity("XGAP", Resolution.DAILY)
        self.initialize_regime_detection("XGAP", lookback_days=60, retrain_frequency="weekly")
"""
    )
    found = states(run(tmp_path, reference_market, text), "XGAP")
    days = list(reference_market.load("XGAP").dates)
    assert {s.time.date() for s in found} <= set(days)
    assert found


UNIVERSE = (
    HEAD
    + """
class Comings(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(2011, 7, 1)
        self.set_end_date(2012, 12, 31)
        self.universe_settings.resolution = Resolution.DAILY
        self.add_universe("mine", self.choose)
        self.log_of_it = []

    def choose(self, when):
        return ["SYN_MARKET"] if ALWAYS or when.month % 3 else ["SYN_GROWTH"]

    def on_securities_changed(self, changes):
        for security in changes.added_securities:
            self.initialize_regime_detection(security.symbol, lookback_days=100, retrain_frequency="monthly")
        self.log_of_it.append((self.time, sorted(s.symbol.value for s in changes.removed_securities)))
"""
)


def test_an_asset_that_a_universe_drops_and_takes_again_goes_on(tmp_path, market):
    always = run(tmp_path, market, "ALWAYS = True\n" + UNIVERSE)
    changing = run(tmp_path, market, "ALWAYS = False\n" + UNIVERSE)
    assert len(changing.algorithm.log_of_it) > 8
    whole, parts = states(always, "SYN_MARKET"), states(changing, "SYN_MARKET")
    # What it missed came from history when it returned: the same bars, the same trainings, the same regimes.
    assert [s.time for s in parts] == [s.time for s in whole if s.time <= parts[-1].time]
    assert parts == whole[: len(parts)]


def test_an_asset_returns_by_itself_where_the_strategy_says_nothing(tmp_path, market):
    text = UNIVERSE.replace(
        "            self.initialize_regime_detection",
        "            if security.symbol.value not in self._hr.assets:\n                self.initialize_regime_detection",
    )
    told, silent = (run(tmp_path, market, "ALWAYS = False\n" + t) for t in (UNIVERSE, text))
    assert states(told, "SYN_MARKET") == states(silent, "SYN_MARKET")


def test_other_options_on_return_start_anew(tmp_path, market):
    text = UNIVERSE.replace("lookback_days=100", "lookback_days=100 + self.time.month % 2")
    algorithm = run(tmp_path, market, "ALWAYS = False\n" + text).algorithm
    assert algorithm._hr.assets["SYN_MARKET"].detector.lookback in (100, 101)


RESTART = (
    HEAD
    + """
class Again(HiddenRegimeAlgorithmOptimized):
    def initialize(self):
        self.set_start_date(*map(int, self.get_parameter("start").split("-")))
        self.set_end_date(*map(int, self.get_parameter("end").split("-")))
        self.enable_restarts()
        for ticker in TICKERS:
            self.add_equity(ticker, Resolution.DAILY, data_normalization_mode=DataNormalizationMode[MODE])
            self.initialize_regime_detection(ticker, lookback_days=100, retrain_frequency="monthly")
        self.known_at_once = {t: self.regime_is_ready(t) for t in TICKERS}
"""
)


def again(tmp_path, market, start, end, store, tickers=("SYN_MARKET", "SYN_GROWTH"), mode="ADJUSTED", text=RESTART):
    head = f"TICKERS = {tickers!r}\n"
    text = text.replace("DataNormalizationMode[MODE]", f"DataNormalizationMode.{mode}")
    return run(tmp_path, market, head + text, parameters={"start": start, "end": end}, store=store._root())


def test_a_strategy_started_again_goes_on_where_it_stopped(tmp_path, market):
    whole = again(tmp_path, market, "2011-06-01", "2012-12-31", ObjectStore(tmp_path / "a"))
    first = again(tmp_path, market, "2011-06-01", "2012-02-15", ObjectStore(tmp_path / "b"))
    second = again(tmp_path, market, "2012-03-05", "2012-12-31", ObjectStore(tmp_path / "b"))
    assert second.algorithm.known_at_once == {"SYN_MARKET": True, "SYN_GROWTH": True}
    for ticker in ("SYN_MARKET", "SYN_GROWTH"):
        begin, rest = states(first, ticker), states(second, ticker)
        assert begin + rest == states(whole, ticker)
        assert rest[0].trained_at <= begin[-1].time  # the kept model, not a new one


@pytest.mark.parametrize("mode", ["ADJUSTED", "RAW", "SPLIT_ADJUSTED"])
@pytest.mark.parametrize("stopped", ["2014-05-30", "2014-06-06"])
def test_a_split_while_nothing_ran_is_no_crash(tmp_path, reference_market, mode, stopped):
    """AAPL splits 7:1 on 2014-06-09 and pays a dividend on 2014-06-16: the run starts on the one day or on the other."""
    started = "2014-06-16" if stopped == "2014-05-30" else "2014-06-09"
    store = ObjectStore(tmp_path / "store")
    again(tmp_path, reference_market, "2014-01-02", stopped, store, ("AAPL",), mode)
    second = again(tmp_path, reference_market, started, "2014-12-31", store, ("AAPL",), mode)
    whole = again(tmp_path, reference_market, "2014-01-02", "2014-12-31", ObjectStore(tmp_path / "o"), ("AAPL",), mode)
    by_day = {s.time: s for s in states(whole, "AAPL")}
    for state in states(second, "AAPL"):
        assert state.regime == by_day[state.time].regime
        # in raw prices an event's factor is rounded to cents, so that what was seen live differs from history by a little
        assert state.log_likelihood == pytest.approx(by_day[state.time].log_likelihood, abs=0.02)


def test_what_is_kept_under_other_options_or_damaged_is_said_and_left(tmp_path, market):
    store = ObjectStore(tmp_path / "store")
    again(tmp_path, market, "2011-06-01", "2012-02-15", store)
    other = RESTART.replace("lookback_days=100", "lookback_days=90")
    done = again(tmp_path, market, "2012-03-05", "2012-04-30", store, text=other)
    assert any("other options" in line for line in done.algorithm._sim.logs.lines)
    key = "hidden_regime/regimes_0"
    kept = json.loads(store.read(key))
    kept["assets"]["SYN_MARKET"].pop("rows")
    for text, words in ((json.dumps(kept), "can't be read"), ("{", "can't be read"), ('{"format": 9}', "format 9")):
        store.save(key, text)
        done = again(tmp_path, market, "2012-03-05", "2012-04-30", store, text=other)
        assert any(words in line for line in done.algorithm._sim.logs.lines)
        assert done.algorithm.known_at_once["SYN_MARKET"]


OWN = RESTART.replace('retrain_frequency="monthly"', "retrain_frequency=first_of_month, features=FEATURES").replace(
    "class Again",
    """from hidden_regime import Feature

FEATURES = ("log_return", "log_range", Feature("gap", lambda bars: bars[1].open / bars[0].close - 1.0, n_bars=2))


def first_of_month(now, then):
    return (now.year, now.month) != (then.year, then.month)


class Again""",
)


def test_functions_of_ones_own_survive_a_restart(tmp_path, market):
    whole = again(tmp_path, market, "2011-06-01", "2012-12-31", ObjectStore(tmp_path / "a"), text=OWN)
    first = again(tmp_path, market, "2011-06-01", "2012-02-15", ObjectStore(tmp_path / "b"), text=OWN)
    second = again(tmp_path, market, "2012-03-05", "2012-12-31", ObjectStore(tmp_path / "b"), text=OWN)
    begin, rest = states(first, "SYN_GROWTH"), states(second, "SYN_GROWTH")
    assert begin + rest == states(whole, "SYN_GROWTH")
    assert rest[0].trained_at <= begin[-1].time
    lines = (*first.algorithm._sim.logs.lines, *second.algorithm._sim.logs.lines)
    assert not any("can't be kept" in line or "from history" in line for line in lines)


def test_a_function_among_the_options_is_the_strategys_own_after_a_restart(tmp_path, market):
    text = RESTART.replace('retrain_frequency="monthly"', "retrain_frequency=lambda now, then: now.month != then.month")
    whole = again(tmp_path, market, "2011-06-01", "2012-04-30", ObjectStore(tmp_path / "a"), text=text)
    first = again(tmp_path, market, "2011-06-01", "2012-02-15", ObjectStore(tmp_path / "b"), text=text)
    second = again(tmp_path, market, "2012-03-05", "2012-04-30", ObjectStore(tmp_path / "b"), text=text)
    for ticker in ("SYN_MARKET", "SYN_GROWTH"):
        begin, rest = states(first, ticker), states(second, ticker)
        assert begin + rest == states(whole, ticker)
        assert rest[0].trained_at <= begin[-1].time
    assert not [line for line in second.algorithm._sim.logs.lines if "hidden_regime: " in line]


def test_a_strategy_that_was_away_for_years_starts_from_history(tmp_path, market):
    store = ObjectStore(tmp_path / "s")
    again(tmp_path, market, "2011-06-01", "2011-12-30", store)
    kept = json.loads(store.read("hidden_regime/regimes_0"))
    for asset in kept["assets"].values():
        asset["observers"][""]["bars"][-1][0]["time"] = "2011-12-31T16:00:00"  # a day without a session
    store.save("hidden_regime/regimes_0", json.dumps(kept))
    done = again(tmp_path, market, "2012-06-01", "2012-12-31", store)
    assert any("no bar of" in line for line in done.algorithm._sim.logs.lines)
    fresh = again(tmp_path, market, "2012-06-01", "2012-12-31", ObjectStore(tmp_path / "f"))
    # a fresh start asks history for a window's bars, and so did the strategy that found nothing to go on from
    assert states(done, "SYN_MARKET") == states(fresh, "SYN_MARKET")


def test_restarts_must_be_asked_for_before_detection(tmp_path, market):
    text = (
        HEAD
        + """
class Late(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(2012, 6, 1)
        self.add_equity("SYN_MARKET", Resolution.DAILY)
        self.initialize_regime_detection("SYN_MARKET")
        self.enable_restarts()
"""
    )
    with pytest.raises(ParameterError, match="enable_restarts"):
        run(tmp_path, market, text)


@pytest.fixture
def live():
    from hidden_regime.simulator.algorithm import QCAlgorithm

    owner = next(c for c in QCAlgorithm.__mro__ if "live_mode" in vars(c))
    known = vars(owner)["live_mode"]
    type.__setattr__(owner, "live_mode", property(lambda self: True))  # the engine's classes refuse it, as LEAN's do
    yield
    type.__setattr__(owner, "live_mode", known)


def test_live_trading_keeps_and_restores_by_itself(tmp_path, market, live):
    text = RESTART.replace("        self.enable_restarts()\n", "")
    store = ObjectStore(tmp_path / "live")
    first = again(
        tmp_path,
        market,
        "2011-06-01",
        "2012-02-15",
        store,
        text=text + "\n    def on_data(self, data):\n        self.kept = self.object_store.read('hidden_regime/regimes_0')\n",
    )
    assert first.algorithm.kept == store.read("hidden_regime/regimes_0")  # after each bar, the last one included
    second = again(tmp_path, market, "2012-02-16", "2012-12-31", store, text=text)
    assert states(second, "SYN_MARKET")[0].trained_at <= states(first, "SYN_MARKET")[-1].time


THEIRS = (
    HEAD
    + """
class House(QCAlgorithm):
    def __init__(self):
        self.mine = 1

    def initialize(self):
        self.set_start_date(2011, 6, 1)
        self.set_end_date(2012, 12, 31)
        self.prepare()

    def OnData(self, data):
        self.step(data)


class Alpha(with_regimes(House)):
    def prepare(self):
        self.changes = []
        self.enable_caching()
        for ticker in ("SYN_MARKET", "SYN_GROWTH"):
            self.add_equity(ticker, Resolution.DAILY)
            self.initialize_regime_detection(ticker, lookback_days=150, retrain_frequency="monthly")

    def on_regime_change(self, old_regime, new_regime, confidence, ticker):
        self.changes.append((self.time, ticker, old_regime, new_regime))

    def step(self, data):
        for ticker in ("SYN_MARKET", "SYN_GROWTH"):
            if self.regime_is_ready(ticker):
                self.set_holdings(ticker, 0.5 * self.get_regime_allocation(ticker))
"""
)


def test_regimes_for_somebody_elses_class(tmp_path, market):
    plain = THEIRS.replace("with_regimes(House)", "House").replace("House(QCAlgorithm)", "House(HiddenRegimeAlgorithmOptimized)")
    theirs, ours = run(tmp_path, market, THEIRS, "alpha.py"), run(tmp_path, market, plain, "zeta.py")
    assert type(theirs.algorithm).__name__ == "Alpha"
    assert orders(theirs) == orders(ours)
    assert theirs.algorithm.changes == ours.algorithm.changes
    assert theirs.algorithm.get_cache_stats() == ours.algorithm.get_cache_stats() | {
        "seconds_saved": theirs.algorithm.get_cache_stats()["seconds_saved"]
    }
    assert theirs.algorithm.mine == 1


def test_the_factory_hides_its_classes_and_refuses_what_is_no_algorithm():
    from hidden_regime.simulator.algorithm import QCAlgorithm

    made = with_regimes(QCAlgorithm)
    assert made.__module__ == PRIVATE
    assert made.__doc__
    assert with_regimes(HiddenRegimeAlgorithmOptimized) is HiddenRegimeAlgorithmOptimized
    for wrong in (int, "QCAlgorithm", None):
        with pytest.raises(ParameterError, match="QCAlgorithm"):
            with_regimes(wrong)
