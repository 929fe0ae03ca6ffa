"""RegimeDetector: causal, the same in every way of feeding it, honest about failures."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime import Bar, RegimeDetector
from hidden_regime.exceptions import (
    ConstantDataError,
    DuplicateDateError,
    ParameterError,
    TrainingError,
    UnsortedDataError,
)
from hidden_regime.frames import frame_to_bars
from hidden_regime.models.training import train

OPTIONS = [
    {},
    {"retrain": "daily", "n_iter": 5},
    {"retrain": 7, "memory": 0.0, "n_states": 2},
    {"retrain": "never", "covariance_type": "full", "min_bars": 40},
    {"retrain": lambda now, at: now.day == 15 and now != at, "challengers": ("kmeans", "random"), "margin": 0.0},
    {"features": ("log_return", "log_realised_volatility"), "n_states": 4},
    {"features": ("log_return", "log_range", "volume_zscore"), "stay_weight": 0.0},
]


def equal(a: pd.DataFrame, b: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(a, b, check_exact=True)


@pytest.mark.parametrize("options", OPTIONS)
def test_later_bars_change_no_earlier_value(prices, options):
    frame = prices.iloc[:420]
    whole = RegimeDetector(lookback=150, **options).run(frame)
    for n in (200, 233, 301, 419):
        equal(RegimeDetector(lookback=150, **options).run(frame.iloc[:n]), whole.iloc[:n])


@settings(max_examples=15, deadline=None)
@given(st.integers(130, 400), st.integers(0, 1_000))
def test_a_different_future_changes_nothing_before_it(n, seed):
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 400)))
    index = pd.bdate_range("2015-01-01", periods=400)
    one = pd.DataFrame({"close": close}, index=index)
    other = one.copy()
    other.iloc[n:] *= rng.uniform(0.5, 2.0)
    detector = RegimeDetector(2, lookback=100)
    equal(detector.run(one).iloc[:n], detector.run(other).iloc[:n])


@pytest.mark.parametrize("options", OPTIONS)
def test_one_bar_at_a_time_gives_the_same_values(prices, options):
    frame = prices.iloc[:330]
    states = RegimeDetector(lookback=150, **options).run(frame)
    live = RegimeDetector(lookback=150, **options)
    for bar, (_, row) in zip(frame_to_bars(frame), states.iterrows(), strict=True):
        state = live.update(bar)
        if state is None:
            assert row["regime"] is None or pd.isna(row["regime"])
            continue
        assert state.regime == row["regime"]
        assert state.probabilities == tuple(row[f"prob_{k}"] for k in range(live.n_states))
        assert (state.confidence, state.duration, state.log_likelihood) == (
            row["confidence"],
            row["duration"],
            row["log_likelihood"],
        )


def test_training_elsewhere_gives_the_same_values(prices):
    """`push` and `adopt` are what batches and caches use."""
    frame = prices.iloc[:400]
    split = RegimeDetector(lookback=150)
    states = []
    for bar in frame_to_bars(frame):
        task = split.push(bar)
        states.append(split.adopt(None if task is None else train([task, task], threads=2)[1]))
    whole = RegimeDetector(lookback=150)
    assert states == [whole.update(bar) for bar in frame_to_bars(frame)]


def test_the_first_training_comes_when_the_window_is_full(prices):
    states = RegimeDetector(lookback=100).run(prices.iloc[:130])
    assert states["regime"].notna().to_numpy().argmax() == 100  # a hundred returns need 101 bars
    early = RegimeDetector(lookback=100, min_bars=30).run(prices.iloc[:130])
    assert early["regime"].notna().to_numpy().argmax() == 30


def test_it_trains_on_the_first_bar_of_a_month(prices):
    states = RegimeDetector(lookback=100).run(prices.iloc[:400])
    days = pd.DatetimeIndex(states["trained_at"].dropna().unique())
    firsts = prices.index[:400].to_series().groupby([prices.index[:400].year, prices.index[:400].month]).first()
    assert set(days[1:]) <= set(firsts)
    assert (states["trained_at"].dropna() <= states.index[states["trained_at"].notna()]).all()


def test_states_keep_their_identity(reference_market):
    """Nearly every retraining leaves the probabilities of the day before almost as they were."""
    frame = reference_market.load("SPY").frame().iloc[:2500]
    states = RegimeDetector(lookback=252).run(frame)
    known = states[states["regime"].notna()]
    fresh = known["trained_at"] != known["trained_at"].shift()
    jump = known[["prob_0", "prob_1", "prob_2"]].diff().abs().max(axis=1)
    assert fresh.sum() > 90
    assert jump[fresh].median() < 0.2


def test_regimes_are_found_in_a_market_that_has_them(reference_market):
    import csv

    from tests.conftest import CASES

    with (CASES / "data" / "truth.csv").open() as file:
        truth = [("Bull", "Sideways", "Bear")[int(row["state"])] for row in csv.DictReader(file)]
    found = RegimeDetector().run(reference_market.load("SPY").frame().iloc[:3100])["regime"]
    right = [a == b for a, b in zip(found[1100:], truth[1100:3100], strict=True)]
    assert np.mean(right) > 0.8


def constant(n: int) -> pd.DataFrame:
    return pd.DataFrame({"close": np.full(n, 50.0)}, index=pd.bdate_range("2015-01-01", periods=n))


def test_a_window_that_cannot_train_is_an_error_at_first_and_a_note_later(prices):
    with pytest.raises(ConstantDataError, match="constant"):
        RegimeDetector(lookback=60).run(constant(100))
    with pytest.raises(TrainingError, match="can't fill the window"):
        RegimeDetector(lookback=60).run(prices.iloc[:50])

    flat = constant(150)
    flat.index = pd.bdate_range(prices.index[299] + timedelta(days=1), periods=150)
    joined = pd.concat([prices[["close"]].iloc[:300], flat])
    states = RegimeDetector(2, lookback=60).run(joined)
    assert states["error"].iloc[299] == ""
    assert "constant" in states["error"].iloc[-1]
    assert states["regime"].iloc[-1] in ("Bear", "Bull")
    assert states["trained_at"].iloc[-1] < states.index[-60]


def test_a_failed_training_recovers(prices):
    flat = constant(120)
    flat.index = pd.bdate_range("1990-01-01", periods=120)
    after = prices[["close"]].iloc[:300]
    detector = RegimeDetector(2, lookback=60, retrain="weekly")
    states = detector.run(pd.concat([flat, after]))
    assert states["regime"].notna().any()
    assert detector.error is None


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("calm", [1e-4, 1e-9])
def test_a_peg_that_breaks_is_no_crash(seed, calm):
    rng = np.random.default_rng(seed)
    sd = np.where(np.arange(700) // 150 % 2 == 0, calm, 3e-2)
    close = pd.DataFrame(
        {"close": 100 * np.exp(np.cumsum(sd * rng.standard_normal(700)))}, index=pd.bdate_range("2015-01-01", periods=700)
    )
    for options in ({"stay_weight": 0.0, "memory": 0.0}, {"n_states": 4, "memory": 0.0}, {}):
        states = RegimeDetector(lookback=100, **options).run(close)
        known = states[states["regime"].notna()]
        assert known["confidence"].between(0, 1).all()


def test_the_first_training_tries_every_challenger(prices):
    detector = RegimeDetector(lookback=60, challengers=("kmeans", "random"))
    tasks = [task for bar in frame_to_bars(prices.iloc[:61]) if (task := detector.push(bar)) is not None]
    assert [task.starts for task in tasks] == [("volatility", "kmeans", "random")]


def test_close_only_series_work_without_a_range(prices):
    detector = RegimeDetector(lookback=150)
    detector.run(prices[["close"]])
    assert detector.model is not None
    assert detector.model.columns == (0,)
    detector.run(prices)
    assert detector.model.columns == (0, 1)


def test_bars_must_rise(prices):
    detector = RegimeDetector(lookback=50)
    bar = Bar(datetime(2020, 1, 3), 10, 11, 9, 10)
    detector.update(bar)
    with pytest.raises(DuplicateDateError):
        detector.update(bar)
    with pytest.raises(UnsortedDataError):
        detector.update(bar._replace(end_time=datetime(2020, 1, 2)))


def test_a_split_in_raw_prices_is_no_crash(prices):
    raw = prices.copy()
    raw.loc[raw.index[300:], ["open", "high", "low", "close"]] /= 4.0
    straight, corrected = RegimeDetector(lookback=150), RegimeDetector(lookback=150)
    for i, (a, b) in enumerate(zip(frame_to_bars(prices.iloc[:400]), frame_to_bars(raw.iloc[:400]), strict=True)):
        if i == 300:
            corrected.rescale(0.25)
        one, other = straight.update(a), corrected.update(b)
        if one is not None:
            assert one.regime == other.regime
            np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-6)


def test_probabilities_of_regimes_go_by_the_names_of_their_day(reference_market):
    states = RegimeDetector(lookback=252).run(reference_market.load("QQQ").frame().iloc[:1500])
    known = states[states["regime"].notna()]
    by_name = known[["prob_Bear", "prob_Sideways", "prob_Bull"]]
    np.testing.assert_allclose(by_name.sum(axis=1), 1.0)
    own = [row[f"prob_{row['regime']}"] for _, row in known.iterrows()]
    np.testing.assert_allclose(own, known["confidence"], rtol=1e-12)


def test_own_names(prices):
    states = RegimeDetector(2, lookback=100, naming=lambda m: ["calm" if s == m.sd.min() else "wild" for s in m.sd]).run(prices)
    assert set(states["regime"].dropna()) == {"calm", "wild"}
    with pytest.raises(ParameterError, match="naming"):
        RegimeDetector(2, lookback=100, naming=lambda m: ["one"]).run(prices)


@pytest.mark.parametrize(
    ("options", "name"),
    [({"n_states": 0}, "n_states"), ({"n_states": 300}, "n_states"), ({"lookback": 1}, "lookback"), ({"retrain": "hourly"}, "retrain"),
     ({"retrain": 0}, "retrain"), ({"min_bars": 500}, "min_bars"), ({"features": "log_range"}, "features"),
     ({"features": ("log_range",)}, "features"), ({"covariance_type": "best"}, "covariance_type"), ({"memory": -1}, "memory"),
     ({"challengers": ("best",)}, "challengers"), ({"stay_duration": 0}, "stay_duration"), ({"tol": float("nan")}, "tol"),
     ({"random_state": -1}, "random_state"), ({"n_iter": True}, "n_iter")],
)  # fmt: skip
def test_wrong_options_are_named(options, name):
    with pytest.raises(ParameterError, match=f"hidden_regime: {name} = "):
        RegimeDetector(**options)
