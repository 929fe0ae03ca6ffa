"""Moments that LEAN has and a plain backtest hasn't: found by reading what real LEAN does."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from hidden_regime import Bar, RegimeDetector
from hidden_regime.data import make_market
from hidden_regime.exceptions import ParameterError
from hidden_regime.quantconnect._lean import TradeBar
from hidden_regime.quantconnect.bars_from_lean import catch_up, joins
from hidden_regime.quantconnect.framework.alpha_model import HiddenRegimeAlphaModel
from hidden_regime.quantconnect.framework.risk_model import RegimeRiskManagementModel
from hidden_regime.quantconnect.framework.universe_selection import MultiRegimeUniverseSelection, RegimeBasedUniverseSelection
from hidden_regime.quantconnect.indicators import RegimeIndicator
from hidden_regime.quantconnect.restart import Keeper
from hidden_regime.quantconnect.tracking import Tracked
from tests.quantconnect.running import HEAD, orders, run


@pytest.fixture(scope="module")
def market():
    return make_market(n_days=900, seed=5).market


def largest_return(detector):
    return float(np.abs(detector.course.rows.table[:, 0]).max())


UNIVERSE = (
    HEAD
    + """
from hidden_regime.quantconnect import RegimeBasedUniverseSelection


class Raw(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2014, 5, 1)
        self.set_end_date(2014, 8, 29)
        self.universe_settings.resolution = Resolution.DAILY
        self.universe_settings.data_normalization_mode = DataNormalizationMode.RAW
        self.model = RegimeBasedUniverseSelection(["Bull", "Sideways", "Bear"], 0.0, candidates=["AAPL"], lookback_days=60)
        self.set_universe_selection(self.model)
"""
)


def test_a_universe_in_raw_prices_chooses_by_adjusted_ones(tmp_path, reference_market):
    """AAPL splits 7:1 on 2014-06-09."""
    model = run(tmp_path, reference_market, UNIVERSE).algorithm.model
    assert largest_return(model._candidates.detectors["AAPL"]) < 0.5


LATE_MODE = (
    HEAD
    + """
class Late(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(2014, 5, 1)
        self.set_end_date(2014, 8, 29)
        self.asset = self.add_equity("AAPL", Resolution.DAILY)
        self.initialize_regime_detection("AAPL", lookback_days=60)
        if LATE:
            self.asset.set_data_normalization_mode(DataNormalizationMode.RAW)
"""
)


def test_prices_that_become_raw_after_the_set_up(tmp_path, reference_market):
    late, usual = (
        run(tmp_path, reference_market, f"LATE = {late}\n" + LATE_MODE).algorithm._hr.assets["AAPL"] for late in (True, False)
    )
    assert largest_return(late.detector) < 0.5
    assert [s.regime for s in late.states[-60:]] == [s.regime for s in usual.states[-60:]]


EMITTED = (
    HEAD
    + """
from hidden_regime.quantconnect import RegimeRiskManagementModel


class Emits(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2014, 5, 1)
        self.set_end_date(2014, 8, 29)
        self.universe_settings.resolution = Resolution.DAILY
        self.universe_settings.data_normalization_mode = DataNormalizationMode.RAW
        self.asset = Symbol.create("AAPL", SecurityType.EQUITY, Market.USA)
        self.set_universe_selection(ManualUniverseSelectionModel([self.asset]))
        self.set_portfolio_construction(EqualWeightingPortfolioConstructionModel())
        self.model = RegimeRiskManagementModel(lookback_days=60)
        self.set_risk_management(self.model)
        self.set_execution(ImmediateExecutionModel())
        for minute in (35, 36, 37):
            self.schedule.on(self.date_rules.every_day(), self.time_rules.at(9, minute), self.emit)

    def emit(self):
        if not self.is_warming_up:
            self.emit_insights(Insight.price(self.asset, timedelta(1), InsightDirection.UP))
"""
)


def test_a_split_is_applied_once_however_often_its_slice_is_seen(tmp_path, reference_market):
    model = run(tmp_path, reference_market, EMITTED).algorithm.model
    assert largest_return(model._follower.tracker.assets["AAPL"].detector) < 0.5


def test_targets_are_whole_lots():
    def algorithm(lot):
        return SimpleNamespace(securities={"X": SimpleNamespace(symbol_properties=SimpleNamespace(lot_size=lot))})

    lots = RegimeRiskManagementModel._lots
    assert lots(algorithm(1.0), "X", 10.9) == 10
    assert lots(algorithm(1.0), "X", -10.9) == -10
    assert lots(algorithm(0.0001), "X", 0.37) == pytest.approx(0.37)


class Broken:
    def contains_key(self, *arguments):
        raise OSError("the disk is gone")

    save = contains_key


def test_a_store_that_fails_is_said_once_and_trading_goes_on():
    said = []
    keeper = Keeper(Broken(), "key", said.append)
    assert keeper.restore("A", RegimeDetector()) is None
    for _ in range(3):
        keeper.save([Tracked("A", "A", RegimeDetector(), {}, 0.0)])
    assert len(said) == 2
    assert "can't be read" in said[0]
    assert "OSError" in said[1]


def test_a_history_that_lags_behind_costs_no_model():
    def bar(day, close=10.0):
        return SimpleNamespace(end_time=datetime(2020, 1, day, 16), close=close)

    kept = Bar(datetime(2020, 1, 8, 16), 10.0, 10.0, 10.0, 10.0)
    detector, now = RegimeDetector(), datetime(2020, 1, 8, 16, 20)
    detector.observe(kept)
    assert joins(detector, kept, [bar(6), bar(7)], now)
    assert joins(detector, kept, [], now)
    assert not joins(detector, kept, [bar(7), bar(9)], now)
    assert not joins(detector, kept, [], datetime(2020, 1, 2))
    assert detector.latest_bar == kept
    assert joins(detector, kept, [bar(7), bar(8, 5.0)], now)
    assert detector.latest_bar.close == 5.0


class Lagging:
    """An algorithm whose history has these days."""

    securities = SimpleNamespace(contains_key=lambda symbol: False)

    def __init__(self, days, now):
        self.time, self.lines = now, []
        self.history = {TradeBar: lambda symbol, *window, data_normalization_mode: days}

    def log(self, line):
        self.lines.append(line)


def test_a_detector_is_kept_unless_history_goes_on_without_its_latest_bar():
    def bar(day):
        end = datetime(2020, 1, day, 16)
        return SimpleNamespace(end_time=end, time=end - timedelta(hours=7), close=10.0, is_fill_forward=False)

    kept, now = Bar(datetime(2020, 1, 8, 16), 10.0, 10.0, 10.0, 10.0), datetime(2020, 1, 9, 16, 20)
    detector = RegimeDetector(2)
    detector.observe(kept)
    late, gone = Lagging([bar(7)], now), Lagging([bar(7), bar(9)], now)
    assert catch_up(late, "A", "A", detector)[0] is detector
    fresh, history = catch_up(gone, "A", "A", detector)
    assert fresh.latest_bar is None and fresh.options == detector.options and len(history) == 2
    assert (late.lines, len(gone.lines)) == ([], 1)


RESTART = (
    HEAD
    + """
class Again(HiddenRegimeAlgorithmOptimized):
    def initialize(self):
        self.set_start_date(*map(int, self.get_parameter("start").split("-")))
        self.set_end_date(*map(int, self.get_parameter("end").split("-")))
        self.enable_restarts()
        self.add_equity("SYN_MARKET", Resolution.DAILY)
        self.initialize_regime_detection("SYN_MARKET", lookback_days=100, retrain_frequency="monthly")
        self.enable_caching(retrain_frequency="daily")
        self.kept = self._hr.assets["SYN_MARKET"].detector.n_trainings
"""
)


def test_another_schedule_is_no_other_model(tmp_path, market):
    spans = ({"start": "2011-06-01", "end": "2011-12-30"}, {"start": "2012-01-03", "end": "2012-03-30"})
    first, second = (run(tmp_path, market, RESTART, parameters=span, store=tmp_path / "s").algorithm for span in spans)
    assert second.kept >= first._hr.assets["SYN_MARKET"].detector.n_trainings > 100
    assert second._hr.assets["SYN_MARKET"].detector.n_trainings > second.kept + 40  # daily, not monthly


def test_a_base_in_a_module_whose_name_begins_like_the_entrys(tmp_path, market):
    base = HEAD + "\n\nclass NBase(HiddenRegimeAlgorithm):\n    def initialize(self):\n        raise ValueError('the base ran')\n"
    (tmp_path / "main_base.py").write_text(base)
    text = HEAD + (
        "from main_base import NBase\n\n\nclass Alpha(NBase):\n    def initialize(self):\n        self.set_start_date(2012, 1, 3)\n"
        "        self.set_end_date(2012, 1, 31)\n        self.add_equity('SYN_MARKET', Resolution.DAILY)\n"
    )
    assert type(run(tmp_path, market, text, "main.py").algorithm).__name__ == "Alpha"


def test_an_indicator_that_is_reset_looks_at_no_later_bar(market):
    frame = market.load("SYN_MARKET").frame().iloc[:200]
    bars = [
        SimpleNamespace(end_time=t, open=r.open, high=r.high, low=r.low, close=r.close, volume=1.0, is_fill_forward=False)
        for t, r in frame.iterrows()
    ]
    indicator = RegimeIndicator("r", 60)
    live = [(indicator.update(bar), indicator.value)[1] for bar in bars]
    indicator.reset()
    assert (indicator.state, indicator.value) == (None, 0.0)
    assert [(indicator.update(bar), indicator.value)[1] for bar in bars] == live


HOOK = (
    HEAD
    + """
class Unset(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(2011, 6, 1)
        self.set_end_date(2012, 12, 31)
        for ticker in ("SYN_MARKET", "SYN_GROWTH"):
            self.add_equity(ticker, Resolution.DAILY)
            self.initialize_regime_detection(ticker, lookback_days=100)
        self.consolidate("SYN_GROWTH", Resolution.DAILY, lambda bar: self.current_regime)

    def on_regime_change(self, *facts):
        self.count += 1
"""
)


def test_a_hooks_own_mistake_is_not_taken_for_a_missing_property(tmp_path, market):
    with pytest.raises(Exception, match="count") as caught:
        run(tmp_path, market, HOOK)
    assert "current_regime" not in str(caught.value)


BY_HAND = (
    HEAD
    + """
class Hours(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(2015, 3, 2)
        self.set_end_date(2015, 4, 30)
        self.add_equity("SPY", Resolution.HOUR)
        self.initialize_regime_detection("SPY", lookback_days=60)

    def on_data(self, data):
        if HAND and data.bars.get("SPY") is not None:
            self.on_tradebar("SPY", data.bars["SPY"])
        if self.regime_is_ready("SPY"):
            self.set_holdings("SPY", self.get_regime_allocation("SPY"))
"""
)


def test_hours_given_by_hand_are_no_days(tmp_path, reference_market):
    hand, alone = (run(tmp_path, reference_market, f"HAND = {hand}\n" + BY_HAND) for hand in (True, False))
    assert hand.algorithm._hr.assets["SPY"].states == alone.algorithm._hr.assets["SPY"].states
    assert orders(hand) == orders(alone)


NOON = (
    HEAD
    + """
class Noon(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(2015, 3, 2)
        self.set_end_date(2015, 3, 13)
        self.add_equity("SPY", Resolution.HOUR)
        self.begun = False
        self.schedule.on(self.date_rules.every_day(), self.time_rules.at(12, 30), self.begin)

    def begin(self):
        if not self.begun:
            self.begun = True
            self.initialize_regime_detection("SPY", lookback_days=60)
"""
)


def test_a_watch_that_begins_at_noon_takes_no_half_day_for_a_day(tmp_path, reference_market):
    tracked = run(tmp_path, reference_market, NOON).algorithm._hr.assets["SPY"]
    frame = reference_market.load("SPY").frame()
    day = frame.loc["2015-03-02"]
    row = tracked.detector.course.rows.table[-10]
    before = frame["close"].shift().loc["2015-03-02"]
    assert row[0] == pytest.approx(np.log(day["close"] / before), abs=1e-6)
    o, h, low, c = (np.log(day[name]) for name in ("open", "high", "low", "close"))
    assert row[1] == pytest.approx(0.5 * np.log(0.5 * (h - low) ** 2 - (2 * np.log(2) - 1) * (c - o) ** 2), abs=1e-6)


ENDED = (
    BY_HAND.replace("HAND and", "False and")
    .replace('"SPY"', '"QQQ"')
    .replace("2015, 3, 2", "2014, 11, 3")
    .replace("2015, 4, 30", "2015, 3, 31")
)


def test_hours_that_lean_makes_up_are_no_observations(tmp_path, reference_market):
    """The hourly bars of QQQ end with 2014; LEAN repeats the last of them, and a day of repeats has lost its flag."""
    tracked = run(tmp_path, reference_market, ENDED).algorithm._hr.assets["QQQ"]
    assert tracked.states[-1].time.date() == datetime(2014, 12, 31).date()


@pytest.mark.parametrize(
    ("make", "words"),
    [(lambda: HiddenRegimeAlphaModel(retrain_frequency="fortnightly"), "retrain_frequency = 'fortnightly'"),
     (lambda: HiddenRegimeAlphaModel(lookback=10), "lookback_days instead"), (lambda: HiddenRegimeAlphaModel(lookback_days="252"), "lookback_days = '252'"),
     (lambda: HiddenRegimeAlphaModel(lookbak=10), "no such option"), (lambda: RegimeIndicator("r", 1), "window_size"),
     (lambda: RegimeIndicator("r", retrain="daily"), "retrain_frequency instead"),
     (lambda: RegimeRiskManagementModel(retrain="daily"), "retrain_frequency instead"),
     (lambda: RegimeBasedUniverseSelection(retrain_frequency="x"), "retrain_frequency"),
     (lambda: RegimeIndicator("r", stagger=True), "name of the asset"),
     (lambda: RegimeRiskManagementModel(naming=lambda m: ["a", "b", "c"]), "usual names"),
     (lambda: RegimeBasedUniverseSelection(naming=lambda m: ["a", "b", "c"]), "usual names"),
     (lambda: MultiRegimeUniverseSelection(lookback=3), "lookback_days instead")],
)  # fmt: skip
def test_options_are_named_as_they_were_typed(make, words):
    with pytest.raises(ParameterError, match=words):
        make()


def test_staggered_models_of_the_framework():
    assert HiddenRegimeAlphaModel(stagger=True)._follower.options["stagger"] is True
    detectors = RegimeBasedUniverseSelection(stagger=True)._candidates.detectors
    assert {name: detector.stagger for name, detector in detectors.items()} == {name: name for name in detectors}
