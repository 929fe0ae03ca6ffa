"""Alpha model, indicators, risk model and universes: against the detector alone, in the engine's framework."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from hidden_regime import RegimeDetector
from hidden_regime.data import make_market
from hidden_regime.exceptions import ParameterError, RegimeNameError
from hidden_regime.quantconnect.framework.alpha_model import HiddenRegimeAlphaModel
from hidden_regime.quantconnect.framework.risk_model import RegimeRiskManagementModel
from hidden_regime.quantconnect.framework.universe_selection import MultiRegimeUniverseSelection, RegimeBasedUniverseSelection
from hidden_regime.quantconnect.indicators import (
    RegimeConfidenceIndicator,
    RegimeIndicator,
    RegimeStrengthIndicator,
    create_confidence_indicator,
    create_regime_indicator,
    create_strength_indicator,
)
from hidden_regime.quantconnect.tracking import trackers_of
from hidden_regime.regimes.palette import PALETTE
from hidden_regime.simulator import run_file

HEAD = """from AlgorithmImports import *
from hidden_regime.quantconnect import HiddenRegimeAlgorithm, HiddenRegimeAlphaModel, RegimeRiskManagementModel
from hidden_regime.quantconnect import MultiRegimeUniverseSelection, RegimeBasedUniverseSelection
from hidden_regime.quantconnect.indicators import *

TICKERS = ("SYN_MARKET", "SYN_GROWTH")


def symbols(tickers=TICKERS):
    return [Symbol.create(t, SecurityType.EQUITY, Market.USA) for t in tickers]

"""


@pytest.fixture(scope="module")
def market():
    return make_market(n_days=900, seed=5).market


def run(tmp_path, market, text, name="strategy.py", **options):
    path = tmp_path / name
    path.write_text(HEAD + text)
    done = run_file(path, market, **options)
    if done.error is not None:
        raise done.error
    return done.algorithm


def alone(market, ticker, start, lookback, *, more=0, **options):
    """Regimes of the detector over the bars that a strategy which starts on `start` sees, and so many `more` before."""
    frame = market.load(ticker).frame().round(12)
    first = frame.index.get_loc(start) - lookback - 1 - more
    found = RegimeDetector(3, lookback=lookback, **options).run(frame.iloc[first:])
    return found[found["regime"].notna()]


ALPHA = """
class Framework(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2011, 6, 1)
        self.set_end_date(2012, 12, 31)
        self.universe_settings.resolution = Resolution.DAILY
        self.add_universe_selection(ManualUniverseSelectionModel(symbols()))
        self.seen = []
        self.alpha_model = HiddenRegimeAlphaModel(3, 120, confidence_threshold=0.7, retrain_frequency="monthly", **OPTIONS)
        self.set_alpha(self.alpha_model)
        self.set_portfolio_construction(EqualWeightingPortfolioConstructionModel())
        self.set_risk_management(NullRiskManagementModel())
        self.set_execution(ImmediateExecutionModel())
        self.insights_generated += lambda sender, found: self.seen.extend((self.time, i.symbol.value, i.direction, i.confidence, i.close_time_utc) for i in found.insights)
"""


def test_insights_are_those_of_the_detector(tmp_path, market):
    algorithm = run(tmp_path, market, "OPTIONS = {}\n" + ALPHA)
    assert len(algorithm.seen) > 40
    assert len(algorithm._sim.book.orders) > 4
    for ticker in ("SYN_MARKET", "SYN_GROWTH"):
        states = alone(market, ticker, "2011-06-01", 120, retrain="monthly").loc["2011-06-01":]
        by_day = {time.date(): row for time, row in states.iterrows()}
        mine = [(time, *rest) for time, name, *rest in algorithm.seen if name == ticker]
        last = None
        for time, direction, confidence, _ in mine:
            row = by_day[time.date()]
            assert confidence == pytest.approx(row["confidence"], abs=1e-9)
            assert confidence >= 0.7
            assert int(direction) == {"Bull": 1, "Bear": -1, "Sideways": 0}[row["regime"]]
            last = direction
        assert last is not None
        directions = [int(d) for _, d, _, _ in mine]
        changes = [(a, b) for (a, *_), (b, *_) in zip(mine, mine[1:], strict=False)]
        for (before, now), same in zip(changes, (a == b for a, b in zip(directions, directions[1:], strict=False)), strict=True):
            if same:  # an equal one is emitted only when the last has run out
                assert np.busday_count(before.date(), now.date()) >= 5


def test_the_layer_says_where_regimes_are_kept(tmp_path, market):
    text = "OPTIONS = {}\n" + ALPHA.replace("Framework(QCAlgorithm)", "Framework(HiddenRegimeAlgorithm)")
    own: list = []
    algorithm = run(tmp_path, market, text, prepare=lambda made: own.extend(trackers_of(made)))
    models = algorithm.alpha_model, RegimeRiskManagementModel(), SimpleNamespace(_hr="somebody else's")
    found = trackers_of(algorithm, *models)
    assert found[:1] == own and not own[0].assets
    assert sorted(found[1].assets) == ["SYN_GROWTH", "SYN_MARKET"] and found[1].trainings > 20
    assert len(found) == 3 and not found[2].assets


def test_an_alpha_model_that_may_not_fall(tmp_path, market):
    algorithm = run(tmp_path, market, 'OPTIONS = {"long_only": True}\n' + ALPHA)
    assert {int(d) for _, _, d, _, _ in algorithm.seen} == {0, 1}
    held = dict.fromkeys(("SYN_MARKET", "SYN_GROWTH"), 0.0)
    for order in algorithm._sim.book.orders.values():
        held[order.symbol.value] += order.quantity
        assert held[order.symbol.value] >= 0


def test_an_alpha_model_of_the_users_own_names(tmp_path, market):
    text = 'OPTIONS = {"naming": lambda m: ["Calm", "Mid", "Crisis"]}\n'
    algorithm = run(tmp_path, market, text + ALPHA)
    assert {int(d) for _, _, d, _, _ in algorithm.seen} <= {0, -1}


RISK = """
class Risky(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2011, 6, 1)
        self.set_end_date(2012, 12, 31)
        self.universe_settings.resolution = Resolution.DAILY
        self.add_universe_selection(ManualUniverseSelectionModel(symbols()))
        self.add_alpha(ConstantAlphaModel(InsightType.PRICE, InsightDirection.UP, timedelta(30)))
        self.set_portfolio_construction(EqualWeightingPortfolioConstructionModel(Resolution.DAILY))
        self.risk_model = RegimeRiskManagementModel(SCALES, MARKET, lookback_days=120, retrain_frequency="monthly")
        self.add_risk_management(self.risk_model)
        self.set_execution(ImmediateExecutionModel())
        self.held = []

    def on_end_of_day(self, symbol):
        if symbol == "SYN_MARKET":
            self.held.append((self.time.date(), self.portfolio["SYN_MARKET"].holdings_value / self.portfolio.total_portfolio_value))
"""


@pytest.mark.parametrize("ticker", [None, "SYN_MARKET"])
def test_risk_follows_the_regime(tmp_path, market, ticker):
    head = f'SCALES, MARKET = {{"Bull": 1.0, "Sideways": 0.6, "Bear": 0.0}}, {ticker!r}\n'
    algorithm = run(tmp_path, market, head + RISK)
    states = alone(market, "SYN_MARKET", "2011-06-01", 120, retrain="monthly")
    regimes = {time.date(): regime for time, regime in states["regime"].items()}
    shares = {name: [] for name in ("Bull", "Sideways", "Bear")}
    days = [day for day, _ in algorithm.held]
    for (_, share), (_, _), two_before in zip(algorithm.held[2:], algorithm.held[1:], days, strict=False):
        yesterday = days[days.index(two_before) + 1]
        if regimes.get(two_before) == regimes.get(yesterday):
            shares[regimes[yesterday]].append(share)
    for name, wanted in (("Bull", 0.5), ("Sideways", 0.3), ("Bear", 0.0)):
        assert len(shares[name]) > 10
        assert shares[name][-1] == pytest.approx(wanted, abs=0.03)


INDICATORS = """
class Charted(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2011, 6, 1)
        self.set_end_date(2012, 6, 29)
        symbol = self.add_equity("SYN_MARKET", Resolution.DAILY).symbol
        self.seen = []
        self.regime = RegimeIndicator("regime", 120).attach(self, symbol)
        self.sure = RegimeConfidenceIndicator("sure", 120).attach(self, symbol, Resolution.DAILY)
        self.strong = RegimeStrengthIndicator("strong", 10, 120).attach(self, symbol)
        self.cold = RegimeIndicator("cold", 120)
        self.register_indicator(symbol, self.cold, Resolution.DAILY)
        self.ready_at_once = [x.is_ready for x in (self.regime, self.sure, self.strong, self.cold)]

    def on_data(self, data):
        self.seen.append((self.time, self.regime.current.value, self.sure.current.value, self.strong.current.value, self.regime.regime, self.cold.is_ready))
        self.plot("regimes", "value", self.regime.current.value)
"""


def test_indicators_warm_up_and_give_the_detectors_numbers(tmp_path, market):
    algorithm = run(tmp_path, market, INDICATORS)
    assert algorithm.ready_at_once == [True, True, True, False]
    states = alone(market, "SYN_MARKET", "2011-06-01", 120)
    by_day = {time.date(): row for time, row in states.iterrows()}
    longer = alone(
        market, "SYN_MARKET", "2011-06-01", 120, more=10
    )  # it looks back on ten regimes, so it begins before the others
    earlier = {time.date(): [*longer["regime"].iloc[i - 9 : i + 1]] for i, time in enumerate(longer.index) if i > 8}
    assert len(algorithm.seen) > 250
    for n, (time, value, sure, strong, regime, cold) in enumerate(algorithm.seen):
        row = by_day[time.date()]
        assert regime == row["regime"]
        assert value == PALETTE[regime].score
        assert sure == pytest.approx(row["confidence"], abs=1e-9)
        assert cold == (n >= 120)
        latest = earlier[time.date()]
        assert strong == pytest.approx(latest.count(latest[-1]) / 10)


class Point:
    def __init__(self, end_time, value):
        self.end_time, self.value = end_time, value


def test_indicators_take_data_points(market):
    frame = market.load("SYN_MARKET").frame().iloc[:200]
    indicator = create_regime_indicator("r", 60)
    ready = [indicator.update(Point(time, close)) for time, close in frame["close"].items()]
    assert ready.index(True) == 60
    before = indicator.state
    assert indicator.update(Point(frame.index[-1], 1.0))
    assert indicator.state is before  # a time that was seen
    states = RegimeDetector(lookback=60).run(frame[["close"]])
    assert indicator.regime == states["regime"].iloc[-1]
    assert indicator.confidence == pytest.approx(states["confidence"].iloc[-1])
    sure = create_confidence_indicator()
    assert sure.update(Point(frame.index[0], 0.25))
    assert sure.value == 0.25
    sure.set_confidence(0.5)
    assert sure.value == 0.5
    with pytest.raises(ParameterError, match="confidence"):
        sure.set_confidence(1.5)
    strong = create_strength_indicator(lookback=4)
    assert [strong.update(Point(t, v)) for t, v in zip(frame.index, [1, 1, 0, 1], strict=False)] == [False, False, False, True]
    assert strong.value == 0.75
    for kind in (RegimeIndicator, RegimeConfidenceIndicator, RegimeStrengthIndicator):
        fresh = kind("name")
        assert (fresh.name, fresh.regime, fresh.confidence, fresh.is_ready) == ("name", None, 0.0, False)


UNIVERSE = """
class Chosen(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2011, 6, 1)
        self.set_end_date(2012, 12, 31)
        self.universe_settings.resolution = Resolution.DAILY
        self.model = MODEL
        self.set_universe_selection(self.model)
        self.members = []

    def on_data(self, data):
        self.members.append((self.time, sorted(s.value for s in self.active_securities.keys())))
"""


def test_a_universe_of_what_is_in_a_good_regime(tmp_path, market):
    model = 'RegimeBasedUniverseSelection(["Bull"], 0.6, 2, candidates=["SYN_MARKET", "SYN_GROWTH", "SYN_BONDS"], lookback_days=120, retrain_frequency="monthly")'
    algorithm = run(tmp_path, market, UNIVERSE.replace("MODEL", model))
    assert len(algorithm.members) > 250
    states = {t: alone(market, t, "2011-06-01", 120, retrain="monthly") for t in ("SYN_MARKET", "SYN_GROWTH", "SYN_BONDS")}
    checked = 0
    for time, members in algorithm.members:
        week = time.date().isocalendar()[:2]
        chosen_on = next(t for t, _ in algorithm.members if t.date().isocalendar()[:2] == week).date()
        known = {t: s[s.index < str(chosen_on)].iloc[-1] for t, s in states.items()}
        fit = sorted(
            (t for t, row in known.items() if row["regime"] == "Bull" and row["confidence"] >= 0.6),
            key=lambda t: (-known[t]["confidence"], t),
        )
        if members:  # an asset is delivered from the session after it was chosen
            assert set(members) <= set(fit[:2])
            checked += 1
    assert checked > 100
    assert {len(m) for _, m in algorithm.members} >= {1, 2}


def test_a_list_for_each_regime(tmp_path, market):
    model = 'MultiRegimeUniverseSelection({"Bull": ["SYN_GROWTH"], "Bear": ["SYN_BONDS"]}, "weekly", market="SYN_MARKET", lookback_days=120, retrain_frequency="monthly")'
    algorithm = run(tmp_path, market, UNIVERSE.replace("MODEL", model))
    held = {tuple(m) for _, m in algorithm.members}
    assert {("SYN_GROWTH",), ("SYN_BONDS",)} <= held
    assert algorithm.model.current_regime in ("Bull", "Sideways", "Bear")
    algorithm.model.update_regime("Bear")
    assert [s.value for s in algorithm.model._chosen] == ["SYN_BONDS"]
    with pytest.raises(RegimeNameError, match="new_regime"):
        algorithm.model.update_regime("Boom")


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: HiddenRegimeAlphaModel(confidence_threshold=2), ParameterError, "confidence_threshold"),
        (lambda: HiddenRegimeAlphaModel(insight_period_days=0), ParameterError, "insight_period_days"),
        (lambda: HiddenRegimeAlphaModel(resolution="hour"), ParameterError, "daily bars"),
        (lambda: HiddenRegimeAlphaModel(n_states=0), ParameterError, "n_states"),
        (lambda: RegimeRiskManagementModel({"Bull": 1}), RegimeNameError, "scales"),
        (lambda: RegimeRiskManagementModel({"Bull": 1, "Bear": -1, "Sideways": 1}), ParameterError, "at least 0"),
        (lambda: RegimeRiskManagementModel(min_confidence=-1), ParameterError, "min_confidence"),
        (lambda: RegimeBasedUniverseSelection(["High"]), RegimeNameError, "favorable_regimes"),
        (lambda: RegimeBasedUniverseSelection([]), RegimeNameError, "favorable_regimes"),
        (lambda: RegimeBasedUniverseSelection(min_confidence=7), ParameterError, "min_confidence"),
        (lambda: RegimeBasedUniverseSelection(max_securities=0), ParameterError, "max_securities"),
        (lambda: RegimeBasedUniverseSelection(candidates="SPY"), ParameterError, "candidates"),
        (lambda: RegimeBasedUniverseSelection(rebalance_frequency=3), ParameterError, "rebalance_frequency"),
        (lambda: MultiRegimeUniverseSelection({"Boom": ["SPY"]}), RegimeNameError, "universes"),
        (lambda: RegimeStrengthIndicator(lookback=0), ParameterError, "lookback"),
    ],
)
def test_wrong_parameters_are_named(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_defaults_are_the_known_ones():
    model = HiddenRegimeAlphaModel()
    assert (model.confidence_threshold, model.insight_period.days) == (0.6, 5)
    assert MultiRegimeUniverseSelection()._candidates.options["n_states"] == 4
    assert RegimeBasedUniverseSelection().favorable_regimes == ("Bull",)
    assert RegimeRiskManagementModel().scales == {"Bear": 0.5, "Sideways": 0.75, "Bull": 1.0}
