"""Features: the built-in ones by their formulas, and those of a user's own, which see what they asked for and nothing later."""

from __future__ import annotations

import copy
import json
import math
import pickle
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hidden_regime import Bar, Column, Feature, MarketDetector, RegimeDetector, RegimeResult, find_regimes, load_dataset
from hidden_regime.bars.features import FEATURES
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.bars.observer import Observer
from hidden_regime.exceptions import FeatureError, MissingColumnError, NonNumericError, ParameterError, SavedModelError
from hidden_regime.many.run import run_many
from hidden_regime.testing import check_causal

GAP = Feature("gap", lambda bars: math.log(bars[1].open / bars[0].close), n_bars=2)
SPREAD = Feature("spread", lambda bars: math.log(bars[-1].high / bars[-1].low), is_volatility=True)
OPTIONS = {"n_states": 2, "lookback": 100, "retrain": 20}


@pytest.fixture(scope="module")
def frame():
    out = load_dataset("aapl").iloc[:260].copy()
    out["log_volume"] = np.log(out["volume"])
    return out


prices = st.tuples(*[st.floats(1.0, 100.0)] * 6)


@given(prices)
def test_gaps_are_seen_by_their_formulas(given_prices):
    before, a, b, c, d, _ = given_prices
    low, *middle, high = sorted((a, b, c, d))
    bars = [Bar(datetime(2020, 1, 1), before, before, before, before), Bar(datetime(2020, 1, 2), middle[0], high, low, middle[1])]
    gap = math.log(middle[0] / before)
    within = 0.5 * math.log(high / low) ** 2 - (2 * math.log(2) - 1) * math.log(middle[1] / middle[0]) ** 2
    assert FEATURES["overnight_return"].value(bars) == pytest.approx(gap)
    found, variance = FEATURES["log_range_with_gap"].value(bars), gap**2 + within
    assert (math.isnan(found) and variance < 2e-16) or found == pytest.approx(0.5 * math.log(variance))


def test_a_feature_of_ones_own_is_shown_its_memory_and_no_more(frame):
    shown = []
    own = Feature("own", lambda bars: float(shown.append([bar.end_time for bar in bars]) or len(bars)), n_bars=3)
    observer = Observer(("log_return", "volume_zscore", own))
    rows = [observer.observe(bar) for bar in frame_to_bars(frame.iloc[:70])]
    assert rows[0] is None and math.isnan(rows[1][2]) and rows[2][2] == 3.0
    times = [bar.end_time for bar in frame_to_bars(frame.iloc[:70])]
    assert shown == [times[i - 3 : i] for i in range(3, 71)]


@pytest.mark.parametrize(
    "features",
    [("log_return", "log_range", GAP), ("log_return", SPREAD), (SPREAD,), (Column("log_volume"), SPREAD), (GAP, "log_realised_volatility")],
    ids=["beside", "instead of the range", "without the return", "a column", "another built-in one"],
)  # fmt: skip
def test_own_features_look_ahead_nowhere_and_stream_as_they_run(frame, features):
    check_causal(lambda: RegimeDetector(features=features, **OPTIONS), frame.iloc[:230])


def test_an_own_feature_equal_to_a_built_in_one_gives_its_regimes(frame):
    built_in = RegimeDetector(features=("log_return", "overnight_return"), **OPTIONS).run(frame)
    own = RegimeDetector(features=("log_return", GAP), **OPTIONS).run(frame)
    with_gap = frame.assign(gap=np.log(frame["open"] / frame["close"].shift()))
    column = RegimeDetector(features=("log_return", Column("gap")), **OPTIONS).run(with_gap)
    pd.testing.assert_frame_equal(own, built_in)
    pd.testing.assert_frame_equal(column, built_in, rtol=1e-9)


def test_regimes_are_named_by_returns_that_the_model_does_not_see():
    """Against the names that the market's own regimes have: calm days rise and wild days fall."""
    rng = np.random.default_rng(0)
    wild = np.repeat(np.arange(16) % 2, 40)
    moves = np.where(wild, rng.normal(-0.01, 0.03, 640), rng.normal(0.003, 0.005, 640))
    close = 100 * np.exp(np.cumsum(moves))
    size = np.where(wild, 3.0, 1.0) * np.exp(rng.normal(0, 0.2, 640))
    frame = pd.DataFrame({"close": close, "size": np.log(size)}, pd.bdate_range("2015-01-01", periods=640))
    detector = RegimeDetector(2, lookback=250, features=(Column("size", is_volatility=True),))
    states = detector.run(frame)
    known = states["regime"].notna().to_numpy()
    assert (states["regime"][known] == np.where(wild[known], "Bear", "Bull")).mean() > 0.97
    window = np.log(frame["close"]).diff().iloc[-250:].to_numpy()
    trained = int(frame.index.get_loc(detector.model.trained_at)) + 1
    window = np.log(frame["close"]).diff().iloc[trained - 250 : trained].to_numpy()
    mine = wild[trained - 250 : trained] == (states["regime"].iloc[-1] == "Bear")
    mean, sd = detector.expected_moments
    assert mean == pytest.approx(window[mine].mean(), abs=2e-3)
    assert sd == pytest.approx(window[mine].std(), rel=0.15)


def test_one_bar_at_a_time_in_any_form(frame):
    options = OPTIONS | {"features": ("log_return", Column("log_volume"))}
    states = RegimeDetector(**options).run(frame)
    forms = {
        "row": lambda time, row: row,
        "mapping": lambda time, row: {"time": time, **row},
        "bar": lambda time, row: Bar(time, *row[:5]).with_columns({"log_volume": row["log_volume"]}),
    }
    for make in forms.values():
        detector = RegimeDetector(**options)
        for time, row in frame.iterrows():
            state = detector.update(make(time, row))
        assert state.confidence == states["confidence"].iloc[-1]


def test_a_bar_with_columns_is_a_bar():
    bar = Bar(datetime(2020, 1, 1), 1.0, 2.0, 0.5, 1.5, 7.0)
    wide = bar.with_columns({"vix": 14.0})
    time, *_, volume = wide
    assert (wide == bar, wide.columns, bar.columns, time, volume) == (True, {"vix": 14.0}, {}, bar.end_time, 7.0)
    for again in (pickle.loads(pickle.dumps(wide)), copy.deepcopy(wide)):
        assert (again, again.columns) == (wide, {"vix": 14.0})


def test_several_assets_and_a_market_have_them_too(frame):
    frames = {"a": frame, "b": frame.iloc[20:]}
    features = ("log_return", GAP, Column("log_volume"))
    found = run_many(frames, RegimeDetector(features=features, **OPTIONS))
    for name, one in frames.items():
        pd.testing.assert_frame_equal(found.states[name], RegimeDetector(features=features, **OPTIONS).run(one), check_freq=False)
    market = MarketDetector(features=features, **OPTIONS).run(frames)
    assert market["regime"].notna().sum() > 100


def test_a_saved_detector_goes_on_with_a_like_one(frame, tmp_path):
    options = OPTIONS | {"features": ("log_return", GAP, Column("log_volume")), "naming": lambda moments: ["low", "high"]}
    whole = RegimeDetector(**options).run(frame)
    detector = RegimeDetector(**options)
    detector.run(frame.iloc[:150])
    detector.save(tmp_path / "kept")
    again = RegimeDetector.load(tmp_path / "kept", like=RegimeDetector(**options))
    assert again.options == detector.options
    pd.testing.assert_frame_equal(again.extend(frame.iloc[150:]), whole.iloc[150:], check_freq=False)
    with pytest.raises(SavedModelError, match=r"features needs a function of your own.*like=RegimeDetector\(features="):
        RegimeDetector.load(tmp_path / "kept")
    with pytest.raises(ParameterError, match="like = 5"):
        RegimeDetector.load(tmp_path / "kept", like=5)
    other = RegimeDetector(**options | {"features": ("log_return", SPREAD, Column("log_volume"))})
    with pytest.raises(SavedModelError, match=r"features was.*'gap'.*'spread'"):
        RegimeDetector.load(tmp_path / "kept", like=other)


def test_a_saved_result_goes_on_with_a_like_detector(frame, tmp_path):
    detector = RegimeDetector(features=("log_return", GAP), **OPTIONS)
    result = find_regimes(frame.iloc[:200], detector)
    result.save(tmp_path / "kept")
    again = RegimeResult.load(tmp_path / "kept", like=detector)
    pd.testing.assert_frame_equal(again.states, result.states)
    pd.testing.assert_frame_equal(again.detector.extend(frame.iloc[200:]), result.detector.extend(frame.iloc[200:]))
    with pytest.raises(SavedModelError, match="like="):
        RegimeResult.load(tmp_path / "kept")


def test_columns_alone_need_no_like_one(frame, tmp_path):
    options = OPTIONS | {"features": (Column("log_volume"), "log_range")}
    detector = RegimeDetector(**options)
    detector.run(frame.iloc[:150])
    again = RegimeDetector.from_dict(json.loads(json.dumps(detector.to_dict())))
    assert again.options == detector.options
    assert again.expected_moments == detector.expected_moments
    pd.testing.assert_frame_equal(again.extend(frame.iloc[150:]), detector.extend(frame.iloc[150:]))


def fails(bars):
    raise ZeroDivisionError("by nothing")


@pytest.mark.parametrize(
    ("function", "words"),
    [(fails, "'own' failed at the bar of 2000-.*ZeroDivisionError: by nothing"), (lambda bars: "x", "ValueError"), (lambda bars: math.inf, "is inf")],
)  # fmt: skip
def test_a_feature_that_fails_is_named_and_the_bar_is_not_taken(frame, function, words):
    calls = iter([False] * 30 + [True] + [False] * 100)
    own = Feature("own", lambda bars: function(bars) if next(calls) else 1.0 + bars[-1].volume)
    bars = list(frame_to_bars(frame.iloc[:120]))
    detector = RegimeDetector(features=("log_return", own), **OPTIONS)
    for bar in bars[:31]:
        detector.update(bar)
    with pytest.raises(FeatureError, match=words):
        detector.update(bars[31])
    for bar in bars[31:]:
        detector.update(bar)
    assert len(detector.course.rows) == 119


def test_a_market_takes_all_bars_or_none(frame):
    calls = iter([False] * 3 + [True] + [False] * 600)
    own = Feature("own", lambda bars: fails(bars) if next(calls) else 1.0)
    detector = MarketDetector(features=("log_return", own), **OPTIONS)
    bars = list(frame_to_bars(frame.iloc[:4]))
    for bar in bars[:2]:
        detector.update({"a": bar, "b": bar})
    with pytest.raises(FeatureError):
        detector.update({"a": bars[2], "b": bars[2]})
    detector.update({"a": bars[2], "b": bars[2]})
    assert len(detector.course.rows) == 2


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [(lambda f: f.drop(columns="log_volume"), MissingColumnError, "'log_volume' once, which is a feature"),
     (lambda f: f.assign(log_volume="many"), NonNumericError, "log_volume"),
     (lambda f: f.assign(log_volume=np.inf), FeatureError, "finite number, or NaN")],
)  # fmt: skip
def test_wrong_columns_are_named(frame, change, error, words):
    with pytest.raises(error, match=words):
        RegimeDetector(features=("log_return", Column("log_volume")), **OPTIONS).run(change(frame))


def test_a_bar_without_the_column_says_how_to_give_it(frame):
    detector = RegimeDetector(features=("log_return", Column("log_volume")), **OPTIONS)
    detector.update(Bar(datetime(2020, 1, 1), 1.0, 1.0, 1.0, 1.0))
    with pytest.raises(FeatureError, match=r"bar.with_columns\(\{'log_volume': value\}\)"):
        detector.update(Bar(datetime(2020, 1, 2), 1.0, 1.0, 1.0, 1.0))


def test_gaps_of_a_column_are_missing_values(frame):
    holes = frame.assign(log_volume=frame["log_volume"].where(np.arange(len(frame)) % 7 > 0))
    states = RegimeDetector(features=("log_return", Column("log_volume")), **OPTIONS).run(holes)
    assert states["regime"].notna().sum() == len(frame) - 100


@pytest.mark.parametrize(
    ("make", "name"),
    [(lambda: Feature("", abs), "name"), (lambda: Feature("x", 3), "function"), (lambda: Feature("x", abs, 0), "n_bars"),
     (lambda: Feature("x", abs, True), "n_bars"), (lambda: Column(3), "name"), (lambda: Column("x", "yes"), "is_volatility"),
     (lambda: RegimeDetector(features=(GAP, GAP)), "features"), (lambda: RegimeDetector(features=(abs,)), "features")],
)  # fmt: skip
def test_wrong_features_are_named(make, name):
    with pytest.raises(ParameterError, match=f"hidden_regime: {name} = "):
        make()


def test_a_split_moves_the_prices_and_not_the_columns():
    observer = Observer(("log_return", Column("vix")))
    begin = datetime(2020, 1, 1)
    observer.see(Bar(begin + timedelta(days=i), 8.0, 8.0, 8.0, 8.0, 2.0).with_columns({"vix": 14.0}) for i in range(2))
    observer.rescale(0.5)
    assert [(bar.close, bar.volume, bar.columns) for bar in observer.bars] == [(4.0, 4.0, {"vix": 14.0})] * 2
