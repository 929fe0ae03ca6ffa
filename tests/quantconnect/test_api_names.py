"""The names that people know: signals, adapters, configuration, performance."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import hidden_regime.quantconnect as face
import hidden_regime.quantconnect.performance as performance
from hidden_regime.data import make_market
from hidden_regime.exceptions import (
    DataError,
    DuplicateDateError,
    InvalidPriceError,
    MissingColumnError,
    ParameterError,
    RegimeNameError,
    UnsortedDataError,
)
from hidden_regime.quantconnect.by_hand.config import MultiAssetRegimeConfig, QuantConnectConfig, RegimeTradingConfig
from hidden_regime.quantconnect.by_hand.data_adapter import (
    HistoryDataAdapter,
    QuantConnectDataAdapter,
    RollingWindowDataAdapter,
    create_dataframe_from_bars,
)
from hidden_regime.quantconnect.by_hand.signal_adapter import (
    MultiAssetSignalAdapter,
    RegimeSignalAdapter,
    SignalDirection,
    SignalStrength,
)
from hidden_regime.quantconnect.performance import (
    BatchRegimeUpdater,
    CachedRegimeDetector,
    OptimizedMultiAssetUpdater,
    RegimeDetectionBenchmark,
    RegimeModelCache,
    create_batch_updater,
    create_cached_detector,
)
from hidden_regime.regimes import RegimeState
from hidden_regime.signals import make_signal
from hidden_regime.simulator import run_file

DAY = datetime(2020, 1, 2, 16)


def test_every_name_is_there():
    for module in (face, performance):
        assert sorted(module.__all__) == sorted(module._HOMES)
        for name in module.__all__:
            found = getattr(module, name)
            assert found.__doc__, name
        with pytest.raises(AttributeError, match="it has"):
            module.no_such_name


# Signals


@pytest.mark.parametrize(
    ("confidence", "strength"),
    [(0.95, "STRONG"), (0.8, "STRONG"), (0.79, "MODERATE"), (0.6, "MODERATE"), (0.4, "WEAK"), (0.39, "VERY_WEAK")],
)
def test_strength_goes_by_confidence(confidence, strength):
    assert RegimeSignalAdapter().generate_signal("Bull", 0, confidence, DAY).strength.name == strength


def test_signals_of_one_asset():
    assert SignalStrength.NONE is SignalStrength.VERY_WEAK
    adapter = RegimeSignalAdapter(min_confidence=0.5)
    assert adapter.regime_allocations == {"Bull": 1.0, "Bear": 0.0, "Sideways": 0.5, "Crisis": 0.0}
    first = adapter.generate_signal("Bull", 2, 0.9, DAY, win_rate=0.6)
    assert (first.direction, first.allocation, first.metadata) == (SignalDirection.LONG, 1.0, {"win_rate": 0.6})
    assert adapter.has_regime_changed(first)
    assert adapter.get_allocation_change(first) == 1.0
    second = adapter.generate_signal("Sideways", 1, 0.7, DAY + timedelta(1))
    assert adapter.last_signal is second
    assert adapter.has_regime_changed(second)  # against the one before, not against itself
    assert adapter.get_allocation_change(second) == -0.5
    third = adapter.generate_signal("Sideways", 1, 0.3, DAY + timedelta(2))
    assert not adapter.has_regime_changed(third)
    assert (third.allocation, third.direction) == (0.0, SignalDirection.NEUTRAL)
    assert not third.is_actionable(0.5)
    assert first.should_rebalance(0.85)
    assert not first.should_rebalance(0.95)
    short = RegimeSignalAdapter({"Down": -0.5}).generate_signal("Down", 0, 1.0, DAY)
    assert short.direction is SignalDirection.SHORT


@pytest.mark.parametrize(
    ("act", "error"),
    [(lambda: RegimeSignalAdapter().generate_signal("High", 0, 0.9, DAY), RegimeNameError),
     (lambda: RegimeSignalAdapter().generate_signal("Bull", 0, 1.9, DAY), ParameterError),
     (lambda: RegimeSignalAdapter({}), ParameterError), (lambda: RegimeSignalAdapter({"Bull": "all"}), ParameterError),
     (lambda: RegimeSignalAdapter(min_confidence=3), ParameterError),
     (lambda: RegimeSignalAdapter().from_pipeline_result(pd.DataFrame()), DataError),
     (lambda: RegimeSignalAdapter().from_pipeline_result(pd.DataFrame({"regime": [None], "state": [-1]})), DataError),
     (lambda: MultiAssetSignalAdapter(concentration_limit=0), ParameterError),
     (lambda: MultiAssetSignalAdapter(method="best"), ParameterError)],
)  # fmt: skip
def test_wrong_signals_are_named(act, error):
    with pytest.raises(error):
        act()


def signals(**regimes):
    adapter = RegimeSignalAdapter()
    return {t: adapter.generate_signal(r, 0, c, DAY, expected_volatility=v) for t, (r, c, v) in regimes.items()}


def test_shares_of_several_assets():
    given = signals(A=("Bull", 0.9, 0.01), B=("Sideways", 0.6, 0.02), C=("Bear", 0.9, 0.04))
    expected = {
        "equal_weight": {"A": 0.5, "B": 0.5},
        "confidence": {"A": 0.6, "B": 0.4},
        "regime_score": {"A": 0.75, "B": 0.25},
        "risk_parity": {"A": 2 / 3, "B": 1 / 3},
    }
    for method, shares in expected.items():
        adapter = MultiAssetSignalAdapter(concentration_limit=1.0, method=method)
        for ticker, signal in given.items():
            adapter.add_asset_signal(ticker, signal)
        assert adapter.calculate_portfolio_allocations() == pytest.approx({**shares, "C": 0.0})
    adapter = MultiAssetSignalAdapter(equal_weight=False, concentration_limit=0.5)
    for ticker, signal in given.items():
        adapter.add_asset_signal(ticker, signal)
    assert adapter.method == "confidence"
    assert adapter.calculate_portfolio_allocations() == pytest.approx({"A": 0.5, "B": 0.4, "C": 0.0})
    assert adapter.calculate_portfolio_allocations(["Crisis"]) == {"A": 0.0, "B": 0.0, "C": 0.0}
    assert adapter.get_regime_summary() == {"Bull": 1, "Sideways": 1, "Bear": 1}
    assert adapter.get_asset_signal("A") is given["A"]
    adapter.clear()
    assert adapter.calculate_portfolio_allocations() == {}
    parity = MultiAssetSignalAdapter(method="risk_parity")
    parity.add_asset_signal("A", RegimeSignalAdapter().generate_signal("Bull", 0, 0.9, DAY))
    with pytest.raises(ParameterError, match=r"volatilities\['A'\]"):
        parity.calculate_portfolio_allocations()
    assert parity.calculate_portfolio_allocations(volatilities={"A": 0.2}) == {"A": 0.5}


# Data


def test_bars_kept_by_hand():
    adapter = QuantConnectDataAdapter(lookback_days=3)
    assert adapter.get_latest_price() is None
    for n in range(5):
        adapter.add_bar(DAY + timedelta(n), 10 + n, 11 + n, 9 + n, 10.5 + n, 100 * n)
    frame = adapter.to_dataframe()
    assert list(frame.columns) == ["Open", "High", "Low", "Close", "Volume"]
    assert list(frame["Close"]) == [12.5, 13.5, 14.5]
    assert (frame.index[-1], len(adapter), adapter.get_latest_price()) == (DAY + timedelta(4), 3, 14.5)
    assert adapter.is_ready(3) and not adapter.is_ready()
    with pytest.raises(DuplicateDateError):
        adapter.add_bar(DAY + timedelta(4), 10, 11, 9, 10, 1)
    with pytest.raises(UnsortedDataError):
        adapter.add_bar(DAY, 10, 11, 9, 10, 1)
    with pytest.raises(InvalidPriceError):
        adapter.add_bar(DAY + timedelta(9), 10, 9, 11, 10, 1)
    adapter.clear()
    with pytest.raises(DataError, match="at least 2"):
        adapter.to_dataframe()
    with pytest.raises(ParameterError, match="lookback_days"):
        QuantConnectDataAdapter(0)


def test_bars_of_lean_in_either_spelling_and_mappings():
    snake = SimpleNamespace(end_time=DAY, time=DAY - timedelta(hours=6), open=1.0, high=2.0, low=0.5, close=1.5, volume=7)
    pascal = SimpleNamespace(EndTime=DAY + timedelta(1), Open=1.0, High=2.0, Low=0.5, Close=1.6)
    mapping = {"Time": DAY + timedelta(2), "Open": 1.0, "High": 2.0, "Low": 0.5, "Close": 1.7, "Volume": 9}
    frame = create_dataframe_from_bars([snake, pascal, mapping])
    assert list(frame["Close"]) == [1.5, 1.6, 1.7]
    assert frame.index[0] == DAY
    assert np.isnan(frame["Volume"].iloc[1])
    window = RollingWindowDataAdapter(window_size=2)
    for bar in (snake, pascal, mapping):
        window.update(bar)
    assert (window.count, window.window_size, window.get_latest_price()) == (2, 2, 1.7)
    with pytest.raises(MissingColumnError, match="Close"):
        window.update({"Time": DAY + timedelta(3), "Open": 1.0, "High": 2.0, "Low": 0.5})


HISTORY = """from AlgorithmImports import *


class Past(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2011, 6, 1)
        self.set_end_date(2011, 6, 3)
        both = [self.add_equity(t, Resolution.DAILY).symbol for t in ("SYN_MARKET", "SYN_GROWTH")]
        self.both, self.one = self.history(both, 30, Resolution.DAILY), self.history(both[0], 30, Resolution.DAILY)
        self.nothing = self.history(both[0], 0, Resolution.DAILY)
"""


def test_history_of_every_symbol(tmp_path):
    market = make_market(n_days=500, seed=5).market
    path = tmp_path / "past.py"
    path.write_text(HISTORY)
    algorithm = run_file(path, market).algorithm
    found = HistoryDataAdapter.convert_history(algorithm.both)
    assert sorted(found) == ["SYN_GROWTH", "SYN_MARKET"]
    one = HistoryDataAdapter.convert_history(algorithm.one)
    pd.testing.assert_frame_equal(one, found["SYN_MARKET"])
    prices = market.load("SYN_MARKET").frame()["close"]
    np.testing.assert_allclose(one["Close"], prices[prices.index < "2011-06-01"].iloc[-30:], rtol=1e-9)
    plain = HistoryDataAdapter.convert_history(algorithm.one.droplevel(0))
    pd.testing.assert_frame_equal(plain, one)
    with pytest.raises(DataError, match="empty"):
        HistoryDataAdapter.convert_history(algorithm.nothing)
    with pytest.raises(MissingColumnError, match="close"):
        HistoryDataAdapter.convert_history(algorithm.one.drop(columns="close"))


# Configuration


CONFIGURED = """from AlgorithmImports import *
from hidden_regime.quantconnect import HiddenRegimeAlgorithmOptimized, QuantConnectConfig, RegimeTradingConfig


class Configured(HiddenRegimeAlgorithmOptimized):
    def initialize(self):
        self.set_start_date(2011, 6, 1)
        self.set_end_date(2012, 6, 29)
        self.told = []
        for ticker in ("SYN_MARKET", "SYN_GROWTH"):
            self.add_equity(ticker, Resolution.DAILY)
        config = QuantConnectConfig(**CONFIG)
        config.apply(self, "SYN_MARKET", trading=RegimeTradingConfig.create_conservative())
        config.apply(self, "SYN_GROWTH", n_states=2)
        self.warming = 0

    def on_data(self, data):
        self.warming += self.is_warming_up

    def on_regime_change(self, old, new, confidence, ticker):
        self.told.append((ticker, old, new))
"""


def configured(tmp_path, **config):
    path = tmp_path / "configured.py"
    path.write_text(f"CONFIG = {config!r}\n" + CONFIGURED)
    done = run_file(path, make_market(n_days=700, seed=5).market)
    if done.error is not None:
        raise done.error
    done.algorithm._sim.logs.flush()
    return done.algorithm


def test_every_field_of_the_configuration_acts(tmp_path):
    on = configured(tmp_path, lookback_days=100, retrain_frequency="monthly", warmup_days=20, min_confidence=0.5)
    asset = on._hr.assets["SYN_MARKET"]
    assert (asset.detector.lookback, asset.detector.retrain, asset.min_confidence) == (100, "monthly", 0.5)
    assert asset.allocations == {"Bear": 0.0, "Sideways": 0.3, "Bull": 0.6}
    assert on._hr.assets["SYN_GROWTH"].allocations == {"Bear": 0.0, "Bull": 1.0}
    assert on.warming == 20
    assert on.get_cache_stats()["total_requests"] > 0
    lines = [line for line in on._sim.logs.lines if " -> " in line]
    assert len(lines) == len(on.told) > 4  # one a change, with two assets set up
    off = configured(
        tmp_path, lookback_days=100, retrain_frequency="monthly", warmup_days=0, use_cache=False, log_regime_changes=False
    )
    assert not off.warming
    assert off.get_cache_stats() is None
    assert not [line for line in off._sim.logs.lines if " -> " in line]
    assert off.told


def test_shares_by_the_trading_configuration():
    given = signals(A=("Bull", 0.9, 0.01), B=("Bear", 0.9, 0.03))
    config = RegimeTradingConfig()
    assert config.target_weights(given) == {"A": 0.5}  # B's 0 is what is held
    assert config.target_weights(given, {"A": 0.45, "B": 0.3}) == {"B": 0.0}
    parity = RegimeTradingConfig({"Bull": 1.0, "Bear": 1.0, "Sideways": 0.5}, use_risk_parity=True, cash_regime=None)
    assert parity.target_weights(given) == pytest.approx({"A": 0.75, "B": 0.25})
    assert parity.target_weights(given, volatilities={"A": 1, "B": 1}) == pytest.approx({"A": 0.5, "B": 0.5})
    levered = RegimeTradingConfig({"Bull": 3.0, "Bear": -1.0}, max_leverage=1.0, cash_regime=None)
    assert levered.target_weights(given) == pytest.approx({"A": 0.75, "B": -0.25})
    assert RegimeTradingConfig({"Bull": 1.0, "Bear": -1.0}).get_allocation("Bear") == 0.0
    assert RegimeTradingConfig.create_market_neutral().allocations_for(2) == {"Bear": -0.5, "Bull": 0.5}
    assert RegimeTradingConfig.create_aggressive().get_allocation("Bear") == 0.2
    assert RegimeTradingConfig.create_conservative().allocations_for(3) == {"Bear": 0.0, "Sideways": 0.3, "Bull": 0.6}
    with pytest.raises(RegimeNameError, match="Weak Bear"):
        config.allocations_for(5)


def test_a_signal_below_its_confidence_holds_nothing_anywhere():
    adapter = RegimeSignalAdapter(min_confidence=0.7)
    given = {"A": adapter.generate_signal("Bull", 2, 0.5, DAY), "B": adapter.generate_signal("Bull", 2, 0.9, DAY)}
    assert RegimeTradingConfig().target_weights(given, {"A": 0.4}) == {"A": 0.0, "B": 1.0}
    assert MultiAssetRegimeConfig(["A", "B"], concentration_limit=1.0).target_weights(given) == {"A": 0.0, "B": 1.0}


def test_shares_by_the_configuration_of_several_assets():
    given = signals(A=("Bull", 0.9, 0.01), B=("Bull", 0.6, 0.03), C=("Bull", 0.6, 0.03))
    assert MultiAssetRegimeConfig(["A", "B", "C"]).target_weights(given) == pytest.approx({"A": 1 / 3, "B": 1 / 3, "C": 1 / 3})
    parity = MultiAssetRegimeConfig.create_risk_parity(["A", "B", "C"])
    assert parity.target_weights(given) == pytest.approx({"A": 0.4, "B": 0.2, "C": 0.2})
    assert parity.target_weights(given, ["Bear"]) == {"A": 0.0, "B": 0.0, "C": 0.0}
    weekly = MultiAssetRegimeConfig({"A": {"n_states": 2}})
    assert weekly.is_due(DAY, None)
    assert not weekly.is_due(DAY + timedelta(1), DAY)
    assert weekly.is_due(DAY + timedelta(4), DAY)
    called = []
    weekly.apply(SimpleNamespace(initialize_regime_detection=lambda ticker, **options: called.append((ticker, options))))
    assert called == [("A", {"n_states": 2})]


@pytest.mark.parametrize(
    ("make", "words"),
    [(lambda: QuantConnectConfig(lookback_days=1), "lookback_days"), (lambda: QuantConnectConfig(warmup_days=-1), "warmup_days"),
     (lambda: QuantConnectConfig(retrain_frequency="often"), "retrain"), (lambda: QuantConnectConfig(min_confidence=2), "min_confidence"),
     (lambda: RegimeTradingConfig({"Bull": None}), "regime_allocations"), (lambda: RegimeTradingConfig({"Bull": 1.0}), "cash_regime"),
     (lambda: RegimeTradingConfig(rebalance_threshold=2), "rebalance_threshold"), (lambda: RegimeTradingConfig(max_leverage=-1), "max_leverage"),
     (lambda: RegimeTradingConfig().get_allocation("High"), "regime_name"), (lambda: MultiAssetRegimeConfig("SPY"), "assets"),
     (lambda: MultiAssetRegimeConfig(["A"], concentration_limit=2), "concentration_limit"),
     (lambda: MultiAssetRegimeConfig(["A"], rebalance_frequency="often"), "retrain")],
)  # fmt: skip
def test_wrong_configurations_are_named(make, words):
    with pytest.raises(ParameterError, match=words):
        make()


# Performance


def frame(n=50, seed=0):
    values = np.random.default_rng(seed).normal(size=(n, 2))
    return pd.DataFrame(values, columns=["open", "close"], index=pd.date_range("2020-01-01", periods=n))


def test_a_cache_looks_at_everything():
    cache = RegimeModelCache(max_cache_size=2)
    data = frame()
    cache.put("SPY", 3, data, {"tol": 0.1}, "model")
    assert cache.get("SPY", 3, data.copy(), {"tol": 0.1}) == "model"
    inner = data.copy()
    inner.iloc[20, 0] += 1e-12  # neither the first nor the last row
    for other in (("QQQ", 3, data, {"tol": 0.1}), ("SPY", 2, data, {"tol": 0.1}), ("SPY", 3, inner, {"tol": 0.1}),
                  ("SPY", 3, data, {"tol": 0.2}), ("SPY", 3, data.rename(columns={"open": "high"}), {"tol": 0.1}),
                  ("SPY", 3, data.shift(freq="D"), {"tol": 0.1}), ("SPY", 3, data["close"], {"tol": 0.1}),
                  ("SPY", 3, data.to_numpy(), {"tol": 0.1}), ("SPY", 3, data.assign(open="x"), {"tol": 0.1})):  # fmt: skip
        assert cache.get(*other) is None
    assert cache.get_stats() == {
        "cache_size": 1,
        "max_cache_size": 2,
        "hit_count": 1,
        "miss_count": 9,
        "hit_rate": 0.1,
        "total_requests": 10,
        "evictions": 0,
    }
    cache.put("A", 3, data, {}, 1)
    cache.get("SPY", 3, data, {"tol": 0.1})
    cache.put("B", 3, data, {}, 2)
    assert cache.get("A", 3, data, {}) is None  # unused for longest
    assert cache.get("SPY", 3, data, {"tol": 0.1}) == "model"
    assert cache.get_stats()["evictions"] == 1
    cache.clear()
    assert cache.get_stats()["total_requests"] == 0
    with pytest.raises(ParameterError, match="config"):
        cache.get("A", 3, data, {"naming": lambda m: m})
    with pytest.raises(ParameterError, match="max_cache_size"):
        RegimeModelCache(0)


def trained(detector, data, days, n_states=3):
    models = []
    for day in days:
        made = []
        got = detector.get_or_train(
            "SPY", n_states, data[:day], {}, lambda day=day, made=made: made.append(1) or f"model of {day}"
        )
        models.append((got, bool(made)))
    return models


@pytest.mark.parametrize(("frequency", "trainings"), [("never", 1), ("daily", 40), ("weekly", 6), ("monthly", 2), (10, 4)])
def test_retraining_goes_by_market_time(frequency, trainings):
    data = frame(60)
    detector = create_cached_detector(frequency, force_retrain_days=365)
    found = trained(detector, data, range(20, 60))
    assert sum(made for _, made in found) == trainings
    again = CachedRegimeDetector(detector.cache, frequency, force_retrain_days=365)
    second = trained(again, data, range(20, 60))
    assert [m for m, _ in second] == [m for m, _ in found]
    assert not any(made for _, made in second)  # the cache is read
    assert again.get_cache_stats()["hit_count"] == trainings


def test_a_run_that_begins_again_gets_no_model_of_later_days():
    data = frame(60)
    detector = create_cached_detector("weekly")
    first, *_, later = trained(detector, data, (20, 40, 60))
    assert trained(detector, data, (20,)) == [(first[0], False)]  # from the cache, and not the one in use
    assert later[0] == "model of 60"
    with pytest.raises(ParameterError, match="without a zone"):
        detector.get_or_train("SPY", 3, data.tz_localize("UTC"), {}, lambda: 1)


def test_an_old_model_is_trained_in_any_case_and_another_question_too():
    data = frame(60)
    detector = CachedRegimeDetector(retrain_frequency="monthly", force_retrain_days=5)
    assert sum(made for _, made in trained(detector, data, range(20, 30))) == 2
    assert not detector.should_retrain("SPY")
    assert detector.should_retrain("SPY", data.index[29] + timedelta(40))
    assert detector.should_retrain("NEW")
    assert trained(detector, data, [29], n_states=2) == [("model of 29", True)]
    with pytest.raises(ParameterError, match="now"):
        detector.get_or_train("SPY", 3, np.zeros(3), {}, lambda: 1)
    assert detector.get_or_train("Z", 3, np.zeros(3), {}, lambda: 1, now=DAY) == 1


def test_a_history_of_leans_knows_its_market_time():
    index = pd.MultiIndex.from_product([["SPY"], pd.date_range("2020-01-01", periods=3)], names=["symbol", "time"])
    detector = CachedRegimeDetector()
    detector.get_or_train("SPY", 3, pd.DataFrame({"close": [1.0, 2.0, 3.0]}, index), {}, lambda: 1)
    assert detector.last_train_dates["SPY"] == pd.Timestamp("2020-01-03")
    for wrong in ({"retrain_frequency": "adaptive"}, {"retrain_frequency": "hourly"}, {"force_retrain_days": 0}):
        with pytest.raises(ParameterError):
            CachedRegimeDetector(**wrong)


@pytest.mark.parametrize("parallel", [True, False])
def test_one_assets_failure_is_its_own(parallel):
    assets = [f"A{n}" for n in range(9)]

    def update(ticker, data, pipeline):
        if ticker == "A3":
            raise ValueError("no luck")
        return data + pipeline

    updater = BatchRegimeUpdater(max_workers=3, use_parallel=parallel)
    data, pipes = {a: n for n, a in enumerate(assets)}, {a: 100 for a in assets if a != "A5"}
    found = updater.batch_update(assets, data, pipes, update)
    assert list(found) == assets
    assert found["A7"] == 107
    assert found["A3"]["error"] == "no luck"
    assert isinstance(found["A3"]["exception"], ValueError)
    assert "A5" in found["A5"]["error"]
    plain = updater.batch_update(["A0"], {"A0": 4}, {"A0": SimpleNamespace(update=lambda data: data * 2)})
    assert plain == {"A0": 8}


def test_work_is_done_by_as_many_threads_as_asked():
    seen, gate = set(), threading.Barrier(3, timeout=10)

    def update(ticker, data, pipeline):
        gate.wait()  # nobody passes unless three are here at once
        seen.add(threading.get_ident())

    assets = ["A", "B", "C"]
    BatchRegimeUpdater(max_workers=3).batch_update(assets, dict.fromkeys(assets), dict.fromkeys(assets), update)
    assert len(seen) == 3


def test_whose_turn_it_is():
    assets = list("ABCDE")
    staggered = OptimizedMultiAssetUpdater(assets, "staggered", batch_size=2)
    assert [staggered.get_assets_to_update() for _ in range(4)] == [["A", "B"], ["C", "D"], ["E"], ["A", "B"]]
    assert OptimizedMultiAssetUpdater(assets, "synchronized").get_assets_to_update() == assets
    demand = OptimizedMultiAssetUpdater(assets, "on_demand")
    assert demand.get_assets_to_update() == []
    demand.request("D", "B", "D")
    assert demand.get_assets_to_update() == ["D", "B"]
    assert demand.get_assets_to_update() == []
    assert staggered.create_batches(assets) == [["A", "B"], ["C", "D"], ["E"]]
    made = create_batch_updater(assets, 2, False, "synchronized", batch_size=2)
    assert made.update_due(dict.fromkeys(assets, 1), dict.fromkeys(assets), lambda ticker, data, pipeline: ticker) == {
        a: a for a in assets
    }
    ready, unready = QuantConnectDataAdapter(), QuantConnectDataAdapter()
    for n in range(40):
        ready.add_bar(DAY + timedelta(n), 1.0, 1.0, 1.0, 1.0)
    assert list(made.batch_collect_data(["A", "B", "C"], {"A": ready, "B": unready})) == ["A"]
    for act in (lambda: demand.request("Z"), lambda: OptimizedMultiAssetUpdater("ABC"), lambda: OptimizedMultiAssetUpdater(assets, "often"),
                lambda: OptimizedMultiAssetUpdater(assets, batch_size=0), lambda: BatchRegimeUpdater(0),
                lambda: BatchRegimeUpdater().update_due({}, {})):  # fmt: skip
        with pytest.raises(ParameterError):
            act()


def test_scenarios_side_by_side(capsys):
    benchmark, made = RegimeDetectionBenchmark(), []
    slow = benchmark.benchmark_scenario("slow", lambda: made.append(1), lambda given: sum(range(200_000)), iterations=3)
    benchmark.benchmark_scenario("fast", None, lambda: None, iterations=1)
    assert len(made) == 3
    assert slow["min_time"] <= slow["median_time"] <= slow["max_time"] <= slow["total_time"]
    compared = benchmark.compare_scenarios("slow", "fast")
    assert compared["speedup"] == pytest.approx(slow["median_time"] / benchmark.results["fast"]["median_time"])
    benchmark.print_results()
    assert "slow" in capsys.readouterr().out
    with pytest.raises(ParameterError, match="comparison"):
        benchmark.compare_scenarios("slow", "nothing")
    with pytest.raises(ParameterError, match="iterations"):
        benchmark.benchmark_scenario("x", None, lambda: None, iterations=0)


@pytest.mark.parametrize("wrong", [True, "sure", None, -0.1, 1.1, float("nan")])
def test_a_least_confidence_is_a_probability(wrong):
    for make, name in (
        (RegimeSignalAdapter, "min_confidence"), (QuantConnectConfig, "min_confidence"),
        (face.HiddenRegimeAlphaModel, "confidence_threshold"), (face.RegimeRiskManagementModel, "min_confidence"),
        (face.RegimeBasedUniverseSelection, "min_confidence"),
    ):  # fmt: skip
        with pytest.raises(ParameterError, match=f"{name} .*probability from 0 to 1"):
            make(**{name: wrong})


def test_both_makers_of_signals_agree():
    state = RegimeState(DAY, "Bull", 1, (0.3, 0.7), ("Bear", "Bull"), 0.7, 3, 20.0, 1.0, DAY, False, "", "")
    for least in (0.7, 0.71):
        by_state = make_signal(state, {"Bull": 0.5, "Bear": 0.0}, least)
        by_hand = RegimeSignalAdapter({"Bull": 0.5, "Bear": 0.0}, least).generate_signal(
            "Bull", 1, 0.7, state.time, **by_state.metadata
        )
        assert by_state == by_hand
        assert by_state.allocation == (0.5 if least == 0.7 else 0.0)
        assert ("suppressed" in by_state.metadata) == (least > 0.7)
