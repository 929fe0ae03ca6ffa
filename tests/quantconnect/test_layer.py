"""The LEAN layer in the embedded engine: bars by themselves, hooks untouched, options that change no order."""

from __future__ import annotations

import inspect
import itertools
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from hidden_regime import RegimeDetector
from hidden_regime.data import make_market
from hidden_regime.exceptions import ParameterError, RegimeNameError
from hidden_regime.quantconnect import HiddenRegimeAlgorithm, HiddenRegimeAlgorithmOptimized, OptimizedMultiAssetExample
from hidden_regime.quantconnect._lean import IN_LEAN, PRIVATE
from hidden_regime.simulator import Engine, run_file
from tests.conftest import CASES
from tests.quantconnect.running import HEAD, orders, run

PLAIN = (
    HEAD
    + """
class Regimes(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(2011, 6, 1)
        self.set_end_date(2012, 12, 31)
        self.changes, self.bars = [], 0
        for ticker in ("SYN_MARKET", "SYN_GROWTH"):
            self.add_equity(ticker, Resolution.DAILY)
            self.initialize_regime_detection(ticker, lookback_days=150, retrain_frequency="monthly")

    def on_regime_change(self, old_regime, new_regime, confidence, ticker):
        self.changes.append((self.time, ticker, old_regime, new_regime, confidence))

    def on_data(self, data):
        self.bars += 1
        for ticker in ("SYN_MARKET", "SYN_GROWTH"):
            if self.regime_is_ready(ticker):
                self.set_holdings(ticker, 0.5 * self.get_regime_allocation(ticker))
"""
)


@pytest.fixture(scope="module")
def market():
    return make_market(n_days=900, seed=5).market


def states(done):
    return {ticker: tracked.states for ticker, tracked in done.algorithm._hr.assets.items()}


def test_regimes_in_a_strategy_are_those_of_the_detector(tmp_path, market):
    done = run(tmp_path, market, PLAIN)
    assert orders(done)
    assert done.algorithm.changes
    for ticker, found in states(done).items():
        frame = market.load(ticker).frame().round(12)
        first = frame.index.get_loc("2011-06-01") - 151
        alone = RegimeDetector(3, lookback=150, retrain="monthly").run(frame.iloc[first:])
        alone = alone[alone["regime"].notna()]
        by_day = {state.time.date(): state for state in found}
        for time, row in alone.loc["2011-06-01":"2012-12-31"].iterrows():
            assert by_day[time.date()].regime == row["regime"]
            assert by_day[time.date()].confidence == pytest.approx(row["confidence"], abs=1e-9)


OPTIONS = {
    "caching": "self.enable_caching()",
    "batching": "self.enable_batch_updates(max_workers=2)",
    "profiling": "self.enable_profiling()",
}


def optimized(*chosen: str, late: bool = False) -> str:
    text = PLAIN.replace("class Regimes(HiddenRegimeAlgorithm)", "class Regimes(HiddenRegimeAlgorithmOptimized)")
    lines = "".join(f"        {OPTIONS[name]}\n" for name in chosen)
    mark = "\n    def on_regime_change" if late else "        self.set_start_date"
    return text.replace(mark, lines + mark if not late else "\n" + lines + mark, 1)


def test_no_option_changes_an_order_or_a_regime(tmp_path, market):
    base = run(tmp_path, market, PLAIN)
    for n in range(4):
        for chosen in itertools.combinations(OPTIONS, n):
            for late in (False, True):
                done = run(tmp_path, market, optimized(*chosen, late=late))
                assert orders(done) == orders(base)
                assert states(done) == states(base)
                assert done.algorithm.changes == base.algorithm.changes


def test_a_second_run_trains_nothing(tmp_path, market):
    text = optimized("caching").replace("enable_caching()", f"enable_caching(store={str(tmp_path / 'models')!r})")
    first, second = run(tmp_path, market, text), run(tmp_path, market, text)
    a, b = first.algorithm.get_cache_stats(), second.algorithm.get_cache_stats()
    assert (a["hit_count"], b["miss_count"], b["trainings"], b["hit_rate"]) == (0, 0, 0, 1.0)
    assert a["trainings"] == b["hit_count"] == b["total_requests"] > 30
    assert (first.algorithm._hr.trainings, second.algorithm._hr.trainings) == (a["trainings"], 0)
    assert orders(first) == orders(second)


def test_what_is_off_says_none_and_what_is_on_is_measured(tmp_path, market):
    off = run(tmp_path, market, optimized()).algorithm
    assert off.get_cache_stats() is None
    assert off.get_profiling_stats() is None
    on = run(tmp_path, market, optimized("caching", "profiling")).algorithm
    stats = on._hr.profiler.get_stats()
    assert stats["filter"]["call_count"] > 370
    assert 0 < stats["train"]["total_time"] <= on._hr.seconds
    assert "filter" in on.get_profiling_stats()
    on.log_performance_summary()
    on._sim.logs.flush()
    assert any("regime cache" in line for line in on._sim.logs.lines)
    assert on.batch_update_regimes(["SYN_MARKET", "SYN_GROWTH"]) == {"SYN_MARKET": True, "SYN_GROWTH": True}


def test_a_bar_given_by_hand_as_well_changes_nothing(tmp_path, market):
    text = PLAIN.replace(
        "        self.bars += 1\n", "        for kv in data.bars:\n            self.on_tradebar(kv.key, kv.value)\n"
    )
    assert orders(run(tmp_path, market, text)) == orders(run(tmp_path, market, PLAIN))


def test_pascal_hooks_a_forgotten_super_and_a_base_in_the_same_file(tmp_path, market):
    text = PLAIN.replace("class Regimes(HiddenRegimeAlgorithm)", "class ZBase(HiddenRegimeAlgorithm)")
    text = text.replace("def on_data", "def OnData").replace("def initialize", "def Initialize")
    text += "\n\nclass Mine(ZBase):\n    def __init__(self):\n        self.mine = 1\n"
    done = run(tmp_path, market, text, name="hidden.py")
    assert type(done.algorithm).__name__ == "Mine"
    assert done.algorithm.bars > 300
    assert orders(done) == orders(run(tmp_path, market, PLAIN))


def test_our_classes_hide_from_leans_loader():
    for cls in (HiddenRegimeAlgorithm, HiddenRegimeAlgorithmOptimized, OptimizedMultiAssetExample):
        assert cls.__module__ == PRIVATE
        assert PRIVATE.startswith("_")
        assert inspect.getdoc(cls)
    assert sys.modules[PRIVATE] is not None
    assert "class HiddenRegimeAlgorithm" in inspect.getsource(HiddenRegimeAlgorithm)
    assert not IN_LEAN
    hooks = {
        "initialize",
        "on_data",
        "on_splits",
        "on_dividends",
        "on_order_event",
        "on_end_of_day",
        "on_securities_changed",
        "on_warmup_finished",
    }
    for cls in (HiddenRegimeAlgorithm, HiddenRegimeAlgorithmOptimized):
        assert not hooks & set(vars(cls))


def test_attributes_speak_of_the_first_asset(tmp_path, market):
    algorithm = run(tmp_path, market, PLAIN).algorithm
    last = algorithm._hr.assets["SYN_MARKET"].states[-1]
    assert (algorithm.current_regime, algorithm.regime_confidence, algorithm.regime_state) == (
        last.regime,
        last.confidence,
        last.state,
    )
    signal = algorithm.get_regime_signal(algorithm.symbol("SYN_GROWTH"))
    assert signal.regime_name == algorithm._hr.assets["SYN_GROWTH"].states[-1].regime
    with pytest.raises(ParameterError, match="'NOPE'"):
        algorithm.get_regime_signal("NOPE")


@pytest.mark.parametrize(
    ("line", "error", "words"),
    [("self.initialize_regime_detection('NOPE')", ParameterError, "add_equity"),
     ("self.initialize_regime_detection('SYN_MARKET', n_states=0)", ParameterError, "n_states"),
     ("self.initialize_regime_detection('SYN_MARKET', regime_allocations={'Bull': 1, 'Bear': 0, 'Sideways': 0, 'Crisis': 0})", RegimeNameError, "Crisis"),
     ("self.initialize_regime_detection('SYN_MARKET', retrain_frequency='hourly')", ParameterError, "retrain"),
     ("self.initialize_regime_detection('SYN_MARKET', min_confidence=2)", ParameterError, "min_confidence"),
     ("self.get_regime_signal('SYN_MARKET')", ParameterError, "initialize_regime_detection"),
     ("[self.initialize_regime_detection('SYN_MARKET') for _ in range(2)]", ParameterError, "watched"),
     ("self.enable_caching(0)", ParameterError, "max_cache_size"), ("self.enable_batch_updates(0)", ParameterError, "max_workers"),
     ("self.enable_caching(retrain_frequency='often')", ParameterError, "retrain")],
)  # fmt: skip
def test_wrong_set_ups_are_named(tmp_path, market, line, error, words):
    text = (
        HEAD
        + f"""
class Wrong(HiddenRegimeAlgorithmOptimized):
    def initialize(self):
        self.set_start_date(2011, 6, 1)
        self.add_equity("SYN_MARKET", Resolution.DAILY)
        {line}
"""
    )
    with pytest.raises(error, match=words):
        run(tmp_path, market, text)


def test_min_confidence_holds_nothing_when_unsure(tmp_path, market):
    text = PLAIN.replace('retrain_frequency="monthly"', 'retrain_frequency="monthly", min_confidence=1.0')
    assert len(orders(run(tmp_path, market, text))) < len(orders(run(tmp_path, market, PLAIN)))


def test_another_schedule_for_all_assets(tmp_path, market):
    text = optimized("caching").replace("enable_caching()", "enable_caching(retrain_frequency='quarterly')")
    assert run(tmp_path, market, text).algorithm._hr.trainings < run(tmp_path, market, PLAIN).algorithm._hr.trainings / 2


RAW = (
    HEAD
    + """
class Split(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(2014, 1, 2)
        self.set_end_date(2014, 12, 31)
        mode = DataNormalizationMode.RAW if self.get_parameter("raw", 0) else DataNormalizationMode.ADJUSTED
        self.add_equity("AAPL", Resolution.DAILY, data_normalization_mode=mode)
        self.initialize_regime_detection("AAPL", retrain_frequency="monthly")
        self.splits = 0

    def OnSplits(self, splits):
        self.splits += 1
"""
)


def test_a_split_in_raw_prices_is_no_crash_and_the_users_hook_runs_too(tmp_path, reference_market):
    raw = run(tmp_path, reference_market, RAW, parameters={"raw": "1"})
    adjusted = run(tmp_path, reference_market, RAW)
    assert raw.algorithm.splits == adjusted.algorithm.splits == 2
    a, b = states(raw)["AAPL"], states(adjusted)["AAPL"]
    on_split = next((x, y) for x, y in zip(a, b, strict=True) if x.time.date() == date(2014, 6, 9))
    assert on_split[0].log_likelihood == pytest.approx(on_split[1].log_likelihood, abs=0.5)  # an 86% crash is -10,000 nats
    assert not on_split[0].changed


@pytest.mark.parametrize("start", ["2014, 1, 2", "2014, 7, 1"])
@pytest.mark.parametrize("warm", ["", "        self.set_warm_up(100, Resolution.DAILY)\n"])
def test_raw_prices_see_what_adjusted_ones_see(tmp_path, reference_market, start, warm):
    """Splits and dividends before the start, in warm-up and in the run: the observations are the same to rounding."""
    text = RAW.replace("2014, 1, 2", start).replace("        self.splits = 0\n", "        self.splits = 0\n" + warm)
    text = text.replace('retrain_frequency="monthly"', 'lookback_days=126, retrain_frequency="monthly"')
    raw = run(tmp_path, reference_market, text, parameters={"raw": "1"}).algorithm._hr.assets["AAPL"].detector
    adjusted = run(tmp_path, reference_market, text).algorithm._hr.assets["AAPL"].detector
    a, b = raw.course.rows.table, adjusted.course.rows.table
    np.testing.assert_allclose(a[:, 0], b[:, 0], atol=5e-4)  # a distribution is rounded to cents
    np.testing.assert_allclose(a[:, 1], b[:, 1], atol=1e-9)


def test_a_longer_bar_of_seen_days_is_no_new_one(tmp_path, market):
    text = PLAIN.replace(
        "        self.changes, self.bars",
        "        self.add_equity('SYN_MARKET', Resolution.DAILY)\n        self.consolidate('SYN_MARKET', Calendar.WEEKLY, lambda bar: self.on_tradebar('SYN_MARKET', bar))\n        self.changes, self.bars",
    )
    assert orders(run(tmp_path, market, text)) == orders(run(tmp_path, market, PLAIN))


def test_before_detection_is_set_up_nothing_is_known(tmp_path, market):
    text = (
        HEAD
        + """
class Early(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(2012, 1, 3)
        self.set_end_date(2012, 1, 31)
        self.add_equity("SYN_MARKET", Resolution.DAILY)
        self.known = (self.current_regime, self.regime_confidence, self.regime_state, self.regime_is_ready("SYN_MARKET"))
"""
    )
    assert run(tmp_path, market, text).algorithm.known == (None, 0.0, None, False)


def test_a_name_that_occurs_without_an_allocation_is_an_error_of_ours(tmp_path, market):
    text = PLAIN.replace(
        'retrain_frequency="monthly"', 'naming=lambda m: ["Calm", "Mid", "Panic"], regime_allocations={"Calm": 1.0}'
    )
    with pytest.raises(RegimeNameError, match="which occurred"):
        run(tmp_path, market, text)


def test_names_of_ones_own_need_allocations_where_they_are_asked_for(tmp_path, market):
    text = PLAIN.replace('retrain_frequency="monthly"', 'naming=lambda m: ["Calm", "Mid", "Panic"]')
    with pytest.raises(ParameterError, match=r"regime_allocations.*a share for each name.*Pass them to initialize"):
        run(tmp_path, market, text)
    told = run(tmp_path, market, text.replace("0.5 * self.get_regime_allocation(ticker)", "0.5"))
    assert {state.regime for found in states(told).values() for state in found} == {"Calm", "Mid", "Panic"}


def test_numpy_numbers_are_numbers_with_and_without_a_cache(tmp_path, market):
    text = optimized("caching").replace(
        "lookback_days=150", "n_states=np.int64(3), lookback_days=np.int64(150), tol=np.float32(1e-3)"
    )
    plain = PLAIN.replace("lookback_days=150", "n_states=np.int64(3), lookback_days=np.int64(150), tol=np.float32(1e-3)")
    assert orders(run(tmp_path, market, text)) == orders(run(tmp_path, market, plain))


def test_the_example_and_the_template_are_one_strategy(reference_market):
    parameters = {"assets": "SPY,QQQ", "defensive": "TLT", "start": "2010-01-04", "end": "2011-12-30"}
    template = run_file(Path("quantconnect_templates") / "optimized_multi_asset.py", reference_market, parameters=parameters)
    example = Engine(OptimizedMultiAssetExample(), reference_market, parameters=parameters).run()
    assert template.error is None
    assert example.error is None
    assert orders(template) == orders(example)
    assert len(orders(template)) > 20


def test_a_strategy_holds_more_in_true_bulls_than_in_true_bears(tmp_path, reference_market):
    import csv

    with (CASES / "data" / "truth.csv").open() as file:
        truth = {row["date"]: int(row["state"]) for row in csv.DictReader(file)}
    text = (
        PLAIN.replace("SYN_MARKET", "SPY")
        .replace("SYN_GROWTH", "QQQ")
        .replace("2011, 6, 1", "2008, 1, 2")
        .replace("2012, 12", "2013, 12")
    )
    done = run(tmp_path, reference_market, text)
    held = {0: [], 2: []}
    for state in states(done)["SPY"]:
        true = truth[state.time.strftime("%Y%m%d")]
        if true in held and state.time.date() >= date(2008, 1, 2):
            held[true].append({"Bull": 1.0, "Sideways": 0.5, "Bear": 0.0}[state.regime])
    assert sum(held[0]) / len(held[0]) > sum(held[2]) / len(held[2]) + 0.5
