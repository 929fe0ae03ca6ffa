"""Many assets at once say what each says alone; a cache filled beforehand leaves nothing to train."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hidden_regime import RegimeDetector, find_regimes, kernels
from hidden_regime.cache import ObjectPacks
from hidden_regime.data import make_market
from hidden_regime.exceptions import (
    ConstantDataError,
    DataError,
    InvalidPriceError,
    MissingColumnError,
    ParameterError,
    TrainingError,
)
from hidden_regime.many.run import precompute, run_many
from hidden_regime.simulator import run_file
from hidden_regime.simulator.object_store import ObjectStore

OPTIONS = {"n_states": 2, "lookback": 60, "retrain": "weekly", "challenge_every": 10}


def frame(seed: int, n: int = 150, late: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    sd = np.where((np.arange(n) // 40) % 2, 0.02, 0.005)
    close = 50 * np.exp(np.cumsum(rng.normal(0.0003, sd)))
    wide = np.exp(np.abs(rng.normal(0, sd)) + 1e-3)
    table = {"open": close / np.sqrt(wide), "high": close * wide, "low": close / wide, "close": close}
    return pd.DataFrame(table, pd.bdate_range("2020-01-01", periods=n)).iloc[late:]


@pytest.fixture(scope="module")
def frames():
    out = {f"A{i}": frame(i, late=7 * (i % 3)) for i in range(7)}
    out["HOLES"] = frame(9).drop(frame(9).index[[70, 71, 90, 120]])
    return out


def same(found, expected) -> None:
    assert list(found) == list(expected)
    for name, states in expected.items():
        pd.testing.assert_frame_equal(found[name], states, check_exact=True, obj=name)


def test_many_are_as_alone(frames):
    expected = {name: RegimeDetector(**OPTIONS).run(f) for name, f in frames.items()}
    found = run_many(frames, RegimeDetector(**OPTIONS))
    same(found.states, expected)
    assert (found.errors, found.statistics) == ({}, {})
    backwards = dict(reversed(frames.items()))
    same(run_many(backwards, RegimeDetector(**OPTIONS), max_workers=2).states, dict(reversed(expected.items())))
    same(run_many(frames, RegimeDetector(**OPTIONS), backend="threading", max_workers=3).states, expected)


@pytest.mark.parametrize("backend", ["kernel", "threading"])
def test_results_have_statistics_and_pictures_and_go_on(frames, backend):
    some = {name: frames[name].iloc[:120] for name in ("A0", "HOLES")} | {
        "FLAT": frames["A0"].assign(close=1.0, open=1.0, high=1.0, low=1.0)
    }
    found = run_many(some, RegimeDetector(**OPTIONS), backend=backend, max_workers=2)
    assert (list(found.results), list(found.results.errors)) == (["A0", "HOLES"], ["FLAT"])
    alone = find_regimes(some["A0"], RegimeDetector(**OPTIONS))
    result = found.results["A0"]
    pd.testing.assert_frame_equal(result.statistics, alone.statistics)
    assert (result.name, result.summary["trainings"]) == ("A0", alone.summary["trainings"])
    assert len(result.plot().data) == len(alone.plot().data) > 1
    for name in found.states:
        whole = RegimeDetector(**OPTIONS).run(frames[name])
        rest = frames[name].loc[some[name].index[-1] :].iloc[1:]
        pd.testing.assert_frame_equal(found.detectors[name].extend(rest), whole.loc[rest.index], check_freq=False)


def test_an_assets_failure_is_its_own(frames):
    bad = frame(1)
    bad.iloc[100, 2] = bad.iloc[100, 1] * 2
    flat = frame(2)
    flat[:] = 50.0
    wrong = {"BAD": bad, "FLAT": flat, "SHORT": frame(3).iloc[:20], "EMPTY": frame(4)[["open"]]}
    mixed = {"BAD": wrong["BAD"], **frames, **{k: v for k, v in wrong.items() if k != "BAD"}}
    for backend in ("kernel", "threading"):
        found = run_many(mixed, RegimeDetector(**OPTIONS), backend=backend)
        same(found.states, run_many(frames, RegimeDetector(**OPTIONS)).states)
        assert {k: type(e) for k, e in found.errors.items()} == {
            "BAD": InvalidPriceError, "FLAT": ConstantDataError, "SHORT": TrainingError, "EMPTY": MissingColumnError}  # fmt: skip
        assert "SHORT: 20 bars can't fill the window" in str(found.errors["SHORT"])


def test_a_cache_is_filled_once_whoever_fills_it(frames, tmp_path):
    plain = run_many(frames, RegimeDetector(**OPTIONS))
    first = precompute(frames, RegimeDetector(**OPTIONS), store=tmp_path)
    second = precompute(
        dict(reversed(frames.items())), RegimeDetector(**OPTIONS), store=tmp_path, backend="threading", max_workers=2
    )
    same(first.states, plain.states)
    same(dict(sorted(second.states.items())), dict(sorted(plain.states.items())))
    assert first.statistics["trainings"] == first.statistics["miss_count"] > 100
    assert (second.statistics["trainings"], second.statistics["hit_rate"]) == (0, 1.0)
    assert second.statistics["hit_count"] == first.statistics["trainings"]


def test_wrong_questions_are_named(frames, tmp_path):
    with pytest.raises(ParameterError, match="at least one asset"):
        run_many({})
    with pytest.raises(ParameterError, match="backend = 'spark'"):
        run_many(frames, backend="spark")
    with pytest.raises(ParameterError, match="max_workers = 0"):
        run_many(frames, max_workers=0)
    with pytest.raises(DataError, match="A0 has times without a zone, B times of UTC"):
        run_many(frames | {"B": frames["A1"].tz_localize("UTC")})
    with pytest.raises(ParameterError, match="store = 3"):
        precompute(frames, store=3)


STRATEGY = """from AlgorithmImports import *
from hidden_regime.quantconnect import HiddenRegimeAlgorithmOptimized

class Headline(HiddenRegimeAlgorithmOptimized):
    def initialize(self):
        self.set_start_date(2011, 6, 1)
        self.set_end_date(2012, 6, 30)
        self.enable_caching(store={store})
        self.enable_batch_updates()
        self.wanted = False
        self.tickers = ("SYN_MARKET", "SYN_GROWTH", "SYN_BONDS")
        for ticker in self.tickers:
            self.add_equity(ticker, Resolution.DAILY)
            self.initialize_regime_detection(ticker, lookback_days=150, retrain_frequency="weekly")

    def on_regime_change(self, *facts):
        self.wanted = True

    def on_data(self, data):
        if self.wanted:
            self.wanted = False
            scale = float(self.get_parameter("scale", 0.3))
            self.set_holdings([PortfolioTarget(t, scale * self.get_regime_allocation(t)) for t in self.tickers])
"""


@pytest.fixture(scope="module")
def market():
    return make_market(n_days=800, seed=5).market


def run(path, market, cache, **options):
    path.write_text(STRATEGY.format(store=cache))
    done = run_file(path, market, **options)
    assert done.error is None
    orders = [(o.time, o.symbol.value, o.quantity, o.price) for o in done.algorithm._sim.book.orders.values()]
    return orders, done.algorithm.get_cache_stats(), done


def test_what_is_computed_beforehand_leaves_a_backtest_nothing_to_train(market, tmp_path):
    seen = {}
    expected, plain, done = run(tmp_path / "a.py", market, None)
    for tracked in done.algorithm._hr.assets.values():
        seen[tracked.ticker] = market.load(tracked.ticker).frame()
    detector = RegimeDetector(3, lookback=150, retrain="weekly")
    made = precompute(seen, detector, store=tmp_path / "models", start=pd.Timestamp("2011-06-01"))
    orders, stats, _ = run(tmp_path / "b.py", market, repr(str(tmp_path / "models")))
    assert orders == expected
    assert len(orders) > 10
    assert made.errors == {}
    assert stats["total_requests"] == plain["total_requests"] > 150
    assert (stats["trainings"], stats["hit_rate"]) == (0, 1.0)


def test_models_travel_in_an_object_store(market, tmp_path):
    """One run keeps its models there; the next, with the same object store, reads a few objects and trains nothing."""
    objects = tmp_path / "objects"
    expected, first, _ = run(tmp_path / "a.py", market, "self.object_store", store=objects)
    orders, second, _ = run(tmp_path / "a.py", market, "self.object_store", store=objects)
    assert orders == expected
    assert first["trainings"] == second["hit_count"] > 150
    assert second["trainings"] == 0
    assert len(list(objects.iterdir())) == 1


def test_models_of_the_cpp_kernels_are_read_where_only_numba_is(market, tmp_path):
    """What precompute puts into an object store serves a cloud without a compiler."""
    if len(kernels.available()) < 2:
        pytest.skip("the C++ kernels were not built here")
    frames = {ticker: market.load(ticker).frame() for ticker in ("SYN_MARKET", "SYN_GROWTH", "SYN_BONDS")}
    objects = ObjectPacks(ObjectStore(tmp_path / "objects"))
    with kernels.using("native"):
        name, detector = kernels.arithmetic(), RegimeDetector(3, lookback=150, retrain="weekly")
        precompute(frames, detector, store=objects, start=pd.Timestamp("2011-06-01"))
        expected, *_ = run(tmp_path / "a.py", market, None)
    with kernels.using("numba"):
        orders, stats, _ = run(tmp_path / "b.py", market, f"self.object_store, arithmetic={name!r}", store=tmp_path / "objects")
    assert (stats["trainings"], stats["hit_rate"]) == (0, 1.0)
    assert orders == expected


def test_a_sweep_over_allocations_trains_as_often_as_one_run(market, tmp_path):
    store = repr(str(tmp_path / "models"))
    trainings, orders = 0, set()
    for trial in range(20):
        made, stats, _ = run(tmp_path / "a.py", market, store, parameters={"scale": str(0.1 + trial / 100)})
        trainings += stats["trainings"]
        orders.add(tuple(made))
        if trial == 0:
            once = stats["trainings"]
    assert trainings == once > 150
    assert len(orders) > 15
