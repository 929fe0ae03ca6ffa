"""Features equal plain formulas, look at no later bar, and say what they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hidden_regime.exceptions import CausalityError, DataError, ParameterError
from hidden_regime.learning import FeatureSpec, make_features
from hidden_regime.learning.features.dictionary import dictionary, feature_files
from hidden_regime.learning.features.spec import USUAL
from hidden_regime.quantconnect.learned.column import MEASURED, OF_REGIMES, Column, read_columns
from hidden_regime.testing import check_causal_function


def wilder(close, n):
    """RSI by its definition: first means, then Wilder's recursion."""
    moves = np.diff(close)
    gains, losses = np.maximum(moves, 0), np.maximum(-moves, 0)
    out = np.full(len(close), np.nan)
    up, down = gains[:n].mean(), losses[:n].mean()
    for i in range(n, len(close)):
        if i > n:
            up, down = (up * (n - 1) + gains[i - 1]) / n, (down * (n - 1) + losses[i - 1]) / n
        out[i] = 100 - 100 / (1 + up / down)
    return out


def formulas(frame):
    """The same columns by pandas."""
    close = frame["close"]
    logs = np.log(close).diff()
    ema = close.ewm(span=10, adjust=False).mean()
    seeded = close.copy()
    seeded[:10] = np.nan
    seeded.iloc[9] = close.iloc[:10].mean()  # LEAN begins with the plain mean
    started = seeded.iloc[9:].ewm(span=10, adjust=False).mean().reindex(close.index)
    return {
        "return_5": np.log(close / close.shift(5)), "rsi_14": pd.Series(wilder(close.to_numpy(), 14), close.index),
        "sma_gap_10": close / close.rolling(10).mean() - 1, "ema_gap_10": (close / ema - 1, close / started - 1),
        "volatility_20": logs.rolling(20).std(ddof=0),
        "zscore_20": (close - close.rolling(20).mean()) / close.rolling(20).std(ddof=0),
        "range_10": np.log(frame["high"] / frame["low"]).rolling(10).mean(), "drawdown_30": close / close.rolling(30).max() - 1,
    }  # fmt: skip


def test_columns_equal_their_formulas(prices):
    frame = prices.iloc[:300]
    spec = FeatureSpec(
        ["return:5", "rsi:14", "sma-gap:10", "ema-gap:10", "volatility:20", "zscore:20", "range:10", "drawdown:30"]
    )
    table = make_features(frame, spec).table
    for name, expected in formulas(frame).items():
        either = expected if isinstance(expected, tuple) else (expected,)
        both = [np.allclose(table[name], one.where(table[name].notna()), rtol=1e-9, atol=1e-12, equal_nan=True) for one in either]
        assert any(both), name
        assert table[name].notna().sum() >= 270 - 1
        if len(either) == 1:
            assert (table[name].isna() == either[0].isna()).all(), name


def test_columns_are_the_engines_indicators(prices):
    from hidden_regime.simulator.indicators import ExponentialMovingAverage, RelativeStrengthIndex

    frame = prices.iloc[:120]
    table = make_features(frame, FeatureSpec(["rsi:14", "ema-gap:10"])).table
    rsi, ema = RelativeStrengthIndex(14), ExponentialMovingAverage(10)
    for time, close in zip(frame.index.to_pydatetime(), frame["close"].tolist(), strict=True):
        rsi.update(time, close)
        ema.update(time, close)
    assert table["rsi_14"].iloc[-1] == rsi.current.value
    assert table["ema_gap_10"].iloc[-1] == pytest.approx(frame["close"].iloc[-1] / ema.current.value - 1, rel=1e-12)


def test_regimes_are_those_of_a_detector(prices):
    frame = prices.iloc[:420]
    spec = FeatureSpec(["probability:Bear", "probability:Bull@2", "age", "confidence", "expected-duration"], {"lookback": 120})
    features = make_features(frame, spec)
    states = spec.detector().run(prices)  # more bars change nothing
    states = states.iloc[:420]
    known = states["regime"].notna()
    pd.testing.assert_series_equal(features.table["probability_Bear"], states["prob_Bear"].where(known), check_names=False)
    pd.testing.assert_series_equal(features.table["probability_Bull_lag2"], states["prob_Bull"].shift(2), check_names=False)
    pd.testing.assert_series_equal(features.table["age"], states["duration"].astype(float).where(known), check_names=False)
    again = make_features(frame, spec, regimes=features.regimes)
    pd.testing.assert_frame_equal(again.table, features.table)
    with pytest.raises(DataError, match="other times"):
        make_features(frame.iloc[1:], spec, regimes=features.regimes)
    late = FeatureSpec(["age"], {"lookback": 240}).detector().run(frame)  # trained on bars that come later
    names = [name for name in late.columns if name.startswith("prob_")]
    hindsight = features.regimes.copy()
    hindsight[names] = late[names].bfill()
    for told in (hindsight, hindsight.assign(regime=hindsight["regime"].bfill()), late):
        with pytest.raises(CausalityError, match="aren't what the spec's detector says"):
            make_features(frame, spec, regimes=told)


def test_every_kind_of_column_looks_at_no_later_bar(prices):
    texts = [f"{kind}:12" for kind in MEASURED] + [
        "probability:Bear",
        "confidence",
        "age",
        "expected-duration",
        "rsi:5@3",
        "age@2",
    ]
    assert {Column.read(text).kind for text in texts} == {*MEASURED, *OF_REGIMES}
    spec = FeatureSpec(texts, {"lookback": 60})
    check_causal_function(lambda frame: make_features(frame, spec).table, prices.iloc[:220], cuts=[120, 200])


def test_a_planted_look_ahead_is_named(prices):
    frame = prices.iloc[:200]
    leak = {"tomorrow": lambda f: f["close"].shift(-1) / f["close"]}
    with pytest.raises(CausalityError, match="looks ahead"):
        make_features(frame, FeatureSpec(["rsi:14"]), own=leak)
    fair = {"body": lambda f: f["close"] / f["open"] - 1}
    made = make_features(frame, FeatureSpec(["rsi:14"]), own=fair)
    assert list(made.table) == ["rsi_14", "body"]
    with pytest.raises(ParameterError, match="no other column"):
        make_features(frame, FeatureSpec(["rsi:14"]), own={"rsi_14": fair["body"]})


@pytest.mark.parametrize(
    "leak",
    [
        lambda f: f["close"].where(np.arange(len(f)) % 13 > 0).bfill(),  # a gap now and then, filled from the next row
        lambda f: f["close"].rolling(20).mean().bfill(),  # the first rows alone
        lambda f: f["close"].rolling(5, center=True).mean(),
        lambda f: f["close"] / f["close"].max(),
    ],
)
def test_look_aheads_of_few_rows_are_named_too(prices, leak):
    with pytest.raises(CausalityError, match="looks ahead"):
        make_features(prices.iloc[:700], FeatureSpec(["rsi:14"]), own={"mine": leak})


def test_columns_of_ones_own_are_numbers(prices):
    frame = prices.iloc[:120]
    for wrong in (lambda f: np.full(len(f), np.inf), lambda f: ["x"] * len(f), lambda f: f[["open", "close"]]):
        with pytest.raises(DataError, match="'mine' of one's own"):
            make_features(frame, FeatureSpec(["rsi:14"]), own={"mine": wrong})
    with pytest.raises(ParameterError, match="own"):
        make_features(frame, FeatureSpec(["rsi:14"]), own={"mine": None})
    for wrong in ([1.0], frame.iloc[:0], None):
        with pytest.raises(ParameterError, match="frame"):
            make_features(wrong)
    with pytest.raises(ParameterError, match="FeatureSpec"):
        make_features(frame, ["rsi:14"])


def test_no_column_depends_on_the_unit_of_prices(prices):
    frame = prices.iloc[:200]
    spec = FeatureSpec([f"{kind}:12" for kind in MEASURED])
    halved = frame * 0.5
    a, b = (make_features(one, spec).table for one in (frame, halved))
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "text", ["rsi", "rsi:0", "rsi:x", "rsi:9999", "age:3", "probability", "nonsense:3", "rsi:14@9999", 7, "return:5@-1"]
)
def test_columns_that_are_none_are_named(text):
    with pytest.raises(ParameterError, match="column"):
        Column.read(text)


def test_specs_are_checked():
    for wrong in ([], "rsi:14", ["rsi:14", "rsi:14"]):
        with pytest.raises(ParameterError, match="columns"):
            read_columns(wrong)
    with pytest.raises(ParameterError, match="Bear, Bull"):
        FeatureSpec(["probability:Sideways"], {"n_states": 2})
    with pytest.raises(ParameterError, match="no such option"):
        FeatureSpec(["age"], {"states": 2})
    with pytest.raises(ParameterError, match="which a file can hold"):
        FeatureSpec(["age"], {"naming": len})
    spec = FeatureSpec(regimes={"challengers": ["volatility", "kmeans"]})
    assert [one.text for one in spec.columns] == list(USUAL)
    assert FeatureSpec(**spec.to_dict()).digest == spec.digest != FeatureSpec().digest


def test_a_data_set_says_what_it_is_and_is_the_same_each_time(prices):
    frame = prices.iloc[:300]
    spec = FeatureSpec(["rsi:14@1", "age"], {"lookback": 120})
    features = make_features(frame, spec)
    files = feature_files(features, "a | packaged set")
    assert files == feature_files(make_features(frame, spec), "a | packaged set")
    told = dictionary(features)
    rsi, age = told["columns"]
    assert rsi["what"] == "relative strength index of 14 bars, Wilder's averages, 0 to 100; 1 bar before"
    assert rsi["missing"] == 15 == rsi["from_bar"] - 1
    assert rsi["first"] == str(frame.index[15])[:10]
    assert age["source"] == "regimes"
    assert told["complete_rows"] == len(features.complete) == 300 - 120
    assert "| rsi_14_lag1 | rsi:14@1 |" in files["README.md"]
    assert "a / packaged set" in files["README.md"]
    odd = make_features(frame, spec, own={"<img src=x>|": lambda f: f["close"] / f["open"]})
    page = feature_files(odd, "<script>")["README.md"]
    assert "<script>" not in page and "<img" not in page and "&lt;img src=x&gt;/ |" in page
