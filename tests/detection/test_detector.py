"""RegimeDetector: causal, the same in every way of feeding it, honest about failures."""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime import Bar, MarketDetector, RegimeDetector
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.data.synthetic import Regime, make_market
from hidden_regime.exceptions import (
    CausalityError,
    ConstantDataError,
    DuplicateDateError,
    ParameterError,
    SavedModelError,
    TrainingError,
    UnsortedDataError,
)
from hidden_regime.models.training import train
from hidden_regime.regimes.identity import doubtful_states, states_alike
from hidden_regime.testing import check_causal, check_causal_function
from tests.golden.markets import hidden_for_years

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
    frame = prices.iloc[:400]
    states = RegimeDetector(lookback=100).run(frame)
    first = frame.index[100]  # the window is full
    months = frame.index.to_series().groupby([frame.index.year, frame.index.month]).first()
    expected = [first, *(day for day in months if day > first)]
    assert len(expected) == 16
    assert list(pd.DatetimeIndex(states["trained_at"].dropna().unique())) == expected
    at = states.loc[first:, "trained_at"]
    assert (at == [max(day for day in expected if day <= now) for now in at.index]).all()


def test_states_keep_their_identity(reference_market):
    """Nearly every retraining leaves the probabilities of the day before almost as they were."""
    frame = reference_market.load("SPY").frame().iloc[:2500]
    states = RegimeDetector(lookback=252).run(frame)
    known = states[states["regime"].notna()]
    fresh = known["trained_at"] != known["trained_at"].shift()
    jump = known[["prob_0", "prob_1", "prob_2"]].diff().abs().max(axis=1)
    assert fresh.sum() == 108
    # Half of them move it by less than 4%, where a bar like any other moves it by 2; a fifth of them by more than a quarter.
    assert jump[fresh].median() < 0.05
    assert (jump[fresh] > 0.25).mean() < 0.25


def test_regimes_are_found_in_a_market_that_has_them(reference_market):
    import csv

    from tests.conftest import CASES

    with (CASES / "data" / "truth.csv").open() as file:
        truth = [("Bull", "Sideways", "Bear")[int(row["state"])] for row in csv.DictReader(file)]
    found = RegimeDetector().run(reference_market.load("SPY").frame().iloc[:3100])["regime"]
    right = [a == b for a, b in zip(found[1100:], truth[1100:3100], strict=True)]
    assert np.mean(right) > 0.88


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
        assert len(known) == 600
        assert set(known["error"]) == {""}
        p = known[[f"prob_{k}" for k in range(options.get("n_states", 3))]]
        np.testing.assert_allclose(p.sum(axis=1), 1.0)
        assert np.isfinite(known["log_likelihood"]).all() and (known["expected_duration"] >= 1.0).all()
    # With its memory it calls the broken peg a Bear from the third day on, and the peg that holds again is none for long.
    wild = pd.Series(sd > calm, close.index)[known.index]
    assert (known.loc[wild, "regime"] == "Bear").mean() > 0.98
    assert (known.loc[~wild, "regime"] == "Bear").mean() < 0.2


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
     ({"features": ("range",)}, "features"), ({"features": ()}, "features"), ({"features": 7}, "features"),
     ({"features": ("log_range", "log_range")}, "features"), ({"covariance_type": "best"}, "covariance_type"), ({"memory": -1}, "memory"),
     ({"challengers": ("best",)}, "challengers"), ({"stay_duration": 0}, "stay_duration"), ({"tol": float("nan")}, "tol"),
     ({"random_state": -1}, "random_state"), ({"n_iter": True}, "n_iter")],
)  # fmt: skip
def test_wrong_options_are_named(options, name):
    with pytest.raises(ParameterError, match=f"hidden_regime: {name} = "):
        RegimeDetector(**options)


@pytest.mark.parametrize(
    "options", [{}, {"retrain": 10, "emission": "student_t", "n_iter": 15}, {"hysteresis": 0.3, "min_duration": 5}]
)
def test_a_restart_in_the_middle_changes_no_number(prices, options):
    bars = list(frame_to_bars(prices.iloc[:240]))
    whole, first = RegimeDetector(2, lookback=100, **options), RegimeDetector(2, lookback=100, **options)
    expected = [whole.update(bar) for bar in bars]
    for stop in (60, 130, 170):
        first = RegimeDetector(2, lookback=100, **options)
        for bar in bars[:stop]:
            first.update(bar)
        again = RegimeDetector.from_dict(json.loads(json.dumps(first.to_dict())))
        assert again.state == first.state
        assert [again.update(bar) for bar in bars[stop:]] == expected[stop:]


def test_saved_detectors_are_checked(prices):
    detector = RegimeDetector(2, lookback=60)
    for bar in frame_to_bars(prices.iloc[:70]):
        detector.update(bar)
    plain = detector.to_dict()
    for change in ({"format": 9}, {"class": "Other"}, {"rows": "x"}, {"options": {"n_states": 0}}):
        with pytest.raises(SavedModelError):
            RegimeDetector.from_dict(plain | change)


def test_a_regime_lasts_and_needs_a_lead(prices):
    plain = RegimeDetector(3, lookback=100).run(prices)["regime"].dropna()
    steady = RegimeDetector(3, lookback=100, min_duration=10, hysteresis=0.4).run(prices)["regime"].dropna()
    flips = lambda regime: int((regime != regime.shift()).sum())
    assert flips(steady) < flips(plain)
    runs = steady.groupby((steady != steady.shift()).cumsum()).size()
    assert (runs.iloc[:-1] >= 10).all()


def test_student_t_detectors_find_regimes_too():
    """Against the regimes that drew the market, whose shocks are a Student-t's of three degrees."""
    made = make_market(
        n_days=520, seed=7, shocks=3.0, regimes=(Regime("Bear", -0.001, 0.025, 60.0), Regime("Bull", 0.0008, 0.006, 60.0))
    )
    states = RegimeDetector(2, lookback=200, emission="student_t", n_iter=40).run(made.market.load("SYN_MARKET").frame())
    known = states[states["regime"].notna()]
    np.testing.assert_allclose(known[["prob_0", "prob_1"]].sum(axis=1), 1.0)
    right = known["regime"] == list(made.truth[-len(known) :])
    assert right.mean() > 0.98


def test_empty_and_equal_states_are_reported():
    means, covars = np.array([[0.0], [0.01], [5.0]]), np.ones((3, 1, 1))
    weight = np.array([50.0, 60.0, 0.5])
    both, spread, weights = (
        np.stack([means, means + np.array([[0.0], [9.0], [0.0]])]),
        np.stack([covars, covars]),
        np.stack([weight, weight]),
    )
    said = doubtful_states(weights, states_alike(both, spread, weights))
    assert said == ["state 2 is empty; states 0 and 1 can't be told apart", "state 2 is empty"]
    apart = states_alike(means[None, 1:], covars[None, 1:], np.array([[50.0, 60.0]]))
    assert doubtful_states(np.array([[50.0, 60.0]]), apart) == [""]


def test_a_state_that_only_memory_knows_is_not_empty():
    """For more than a year no bar of the window is a Bear's; what left the window holds that state, so it keeps its name."""
    made = hidden_for_years()
    states = RegimeDetector(2).run(made.market.load("HIDDEN").frame().iloc[300:1400])
    calm = states.iloc[900 - 300 : 1400 - 300]
    assert set(made.truth[900 - 252 : 1400]) == {"Bull"}
    assert set(calm["notes"]) == {""}
    assert (calm["prob_Bear"] < 0.5).mean() > 0.98
    forgetful = RegimeDetector(2, memory=0.0).run(made.market.load("HIDDEN").frame().iloc[300:1400]).iloc[600:]
    assert (forgetful["prob_Bear"] > 0.5).mean() > 0.2


class Leaking(RegimeDetector):
    """Looks at the last close of the whole frame."""

    def run(self, frame):
        states = super().run(frame)
        return states.assign(confidence=states["confidence"] * frame["close"].iloc[-1])


def test_the_checker_passes_ours_and_catches_a_leak(prices):
    frame = prices.iloc[:220]
    for options in (
        {},
        {"retrain": 7, "challengers": ("kmeans",)},
        {"min_duration": 4},
        {"memory": 0.0, "covariance_type": "full"},
    ):
        check_causal(lambda options=options: RegimeDetector(2, lookback=100, **options), frame, cuts=(150, 210))
    with pytest.raises(CausalityError, match=r"'confidence' .* looks ahead"):
        check_causal(lambda: Leaking(2, lookback=100), frame)
    with pytest.raises(CausalityError, match="looks ahead"):
        check_causal_function(lambda f: f["close"].rolling(5, center=True).mean(), frame)
    with pytest.raises(CausalityError, match="rows"):
        check_causal_function(lambda f: f["close"].dropna().iloc[1:], frame)
    with pytest.raises(ParameterError, match="cuts"):
        check_causal_function(lambda f: f["close"], frame, cuts=(0,))


def test_a_model_fitted_before_is_causal(prices):
    from hidden_regime import GaussianHMM, JumpModel, StudentTHMM

    returns = np.log(prices["close"]).diff().iloc[1:].to_frame()
    for model in (GaussianHMM(2), StudentTHMM(2), JumpModel(2)):
        model.fit(returns.iloc[:150])
        for method in (model.filter_proba, model.predict_online, model.score_samples):
            check_causal_function(lambda f, method=method: method(f.to_numpy()), returns)
        with pytest.raises(CausalityError):
            check_causal_function(lambda f, model=model: model.predict_proba(f.to_numpy()), returns)


def test_a_market_is_the_mean_of_its_assets(prices):
    one = RegimeDetector(2, lookback=100).run(prices)
    same = MarketDetector(2, lookback=100).run({"A": prices, "B": prices})
    np.testing.assert_allclose(same["prob_0"], one["prob_0"], atol=1e-6)
    late = MarketDetector(2, lookback=100).run({"A": prices, "B": prices.iloc[150:]})
    np.testing.assert_allclose(late["prob_0"].iloc[:150], one["prob_0"].iloc[:150], atol=1e-6)
    detector = MarketDetector(2, lookback=100)
    bars = list(frame_to_bars(prices.iloc[:160]))
    states = [detector.update({"A": bar, "B": bar}) for bar in bars]
    assert states[-1].probabilities[0] == same["prob_0"].iloc[159]
    again = MarketDetector.from_dict(json.loads(json.dumps(detector.to_dict())))
    assert again.state == detector.state
    with pytest.raises(ValueError, match="one moment"):
        detector.update({"A": bars[0], "B": bars[1]})
    with pytest.raises(ParameterError, match="min_share"):
        MarketDetector(2, min_share=0.0)
    with pytest.raises(ParameterError, match="ticker"):
        detector.rescale(2.0, "C")


def test_an_autumn_night_has_its_hour_twice():
    index = pd.date_range("2023-11-01", periods=200, freq="h", tz="America/New_York")
    close = np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, 200)))
    states = RegimeDetector(2, lookback=60).run(pd.DataFrame({"close": close}, index=index))
    assert states["regime"].notna().sum() == 140


def test_times_with_a_fixed_offset_are_saved(prices):
    bars = [bar._replace(end_time=pd.Timestamp(bar.end_time).tz_localize("-05:00")) for bar in frame_to_bars(prices.iloc[:90])]
    for convert in (lambda t: t, lambda t: t.to_pydatetime()):
        detector = RegimeDetector(2, lookback=60)
        for bar in bars:
            detector.update(bar._replace(end_time=convert(bar.end_time)))
        assert RegimeDetector.from_dict(json.loads(json.dumps(detector.to_dict()))).state == detector.state


def test_a_crash_without_a_range_is_still_a_crash(prices):
    frame = prices.iloc[:200].copy()
    price = frame["close"].iloc[-2] * 0.85
    frame.iloc[-1, :4] = price
    states = RegimeDetector(2, lookback=100, hysteresis=0.0, retrain="never").run(frame)
    assert states["regime"].iloc[-1] == "Bear"
    assert states["log_likelihood"].iloc[-1] < -5


def test_bars_of_one_moment_are_taken_all_or_none(prices):
    bars = list(frame_to_bars(prices.iloc[:3]))
    detector = MarketDetector(2, lookback=60)
    with pytest.raises(ValueError, match="positive"):
        detector.update({"A": bars[0], "B": bars[0]._replace(close=-1.0)})
    detector.update({"A": bars[0], "B": bars[0]})
    detector.update({"A": bars[1], "B": bars[1]})


@pytest.mark.parametrize("emission", ["gaussian", "student_t"])
def test_whatever_stands_in_a_saved_detector_is_refused_or_works(prices, emission):
    detector = RegimeDetector(2, lookback=60, n_iter=15, emission=emission)
    *bars, last = frame_to_bars(prices.iloc[:80])
    for bar in bars:
        detector.update(bar)
    text = json.dumps(detector.to_dict())
    rng = np.random.default_rng(0)
    hostile = [None, True, -1, 10**400, math.inf, math.nan, "x", "../../etc/passwd", {}, [], [[1e308]], [-1.0, 2.0], 10**9]
    refused = 0
    for _ in range(150):
        content = json.loads(text)
        inner, key = content, str(rng.choice(sorted(content)))
        while isinstance(inner[key], (dict, list)) and inner[key] and rng.random() < 0.7:
            inner = inner[key]
            keys = sorted(inner) if isinstance(inner, dict) else range(len(inner))
            key = keys[int(rng.integers(len(keys)))]
        inner[key] = hostile[int(rng.integers(len(hostile)))]
        try:
            again = RegimeDetector.from_dict(content)
        except SavedModelError:
            refused += 1
            continue
        if again.model is not None and again.state is not None:
            assert sum(again.state.probabilities) == pytest.approx(1.0, abs=1e-5)
            assert (np.linalg.eigvalsh(again.model.parameters.covars) > 0).all()
            assert repr(again)
    assert refused > 75
    assert RegimeDetector.from_dict(json.loads(text)).update(last) == detector.update(last)
