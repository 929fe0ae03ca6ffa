"""Labels equal a brute force over paths, and end when they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hidden_regime.exceptions import CausalityError, DataError, ParameterError
from hidden_regime.learning import FeatureSpec, label, make_features
from hidden_regime.learning.labels import check_label_function, concurrency, uniqueness


def path(seed, n=60):
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, n)))
    opens = np.concatenate([[100], close[:-1]]) * np.exp(rng.normal(0, 0.01, n))
    high = np.maximum(opens, close) * np.exp(np.abs(rng.normal(0, 0.01, n)))
    low = np.minimum(opens, close) * np.exp(-np.abs(rng.normal(0, 0.01, n)))
    return pd.DataFrame({"open": opens, "high": high, "low": low, "close": close}, pd.bdate_range("2020-01-01", periods=n))


def by_hand(frame, t, horizon, up, down, bars, tie, at_end, entry, side=1):
    """One label, bar by bar as a person would look."""
    o, h, low, c = (frame[name].to_numpy() for name in ("open", "high", "low", "close"))
    if t < bars or t + horizon >= len(frame):
        return None
    sd = np.sqrt(np.mean([np.log(c[i] / c[i - 1]) ** 2 for i in range(t - bars + 1, t + 1)])) * np.sqrt(horizon)
    begin = c[t] if entry == "close" else o[t + 1]
    ups, downs = (up, down) if side > 0 else (down, up)
    upper, lower = begin * np.exp(ups * sd), begin * np.exp(-downs * sd)
    for i in range(t + 1, t + horizon + 1):
        if o[i] >= upper:
            return 1, i, o[i] / begin - 1
        if o[i] <= lower:
            return -1, i, o[i] / begin - 1
        rises, falls = h[i] >= upper, low[i] <= lower
        if rises and falls:
            near_up = np.log(upper / o[i]) < np.log(o[i] / lower)
            rises = {"up": True, "down": False, "open": near_up}[tie]
            falls = not rises
        if rises:
            return 1, i, upper / begin - 1
        if falls:
            return -1, i, lower / begin - 1
    gained = c[t + horizon] / begin - 1
    return (0 if at_end == "zero" else 1 if gained > 0 else -1), t + horizon, gained


def test_triple_barriers_agree_with_a_brute_force_on_1000_paths():
    ties = 0
    for seed in range(1000):
        frame = path(seed, 18)
        rng = np.random.default_rng(seed + 10_000)
        tie, at_end, entry = (rng.choice(one) for one in (["down", "up", "open"], ["sign", "zero"], ["close", "open"]))
        horizon, up, down = int(rng.integers(1, 8)), float(rng.uniform(0.2, 1.5)), float(rng.uniform(0.2, 1.5))
        labels = label(frame, horizon=horizon, up=up, down=down, volatility=5, tie=tie, at_end=at_end, entry=entry)
        rows = {int(row.t0): row for row in labels.table.itertuples()}
        for t in range(len(frame)):
            expected = by_hand(frame, t, horizon, up, down, 5, tie, at_end, entry)
            if expected is None:
                assert t not in rows
                continue
            value, t1, ret = expected
            row = rows[t]
            assert (row.value, row.t1) == (value, t1)
            assert row.ret == pytest.approx(ret, abs=1e-12)
            assert row.ended == frame.index[t1]
        if seed >= 150:
            continue
        both = [[by_hand(frame, t, horizon, up, down, 5, rule, "sign", "close") for t in range(18)] for rule in ("up", "down")]
        ties += both[0] != both[1]
    assert ties > 8  # the rule was asked for


def test_ties_go_by_the_rule():
    frame = pd.DataFrame(
        {"open": [100, 100, 101, 101.0], "high": [100, 101, 101, 130], "low": [100, 100, 101, 70], "close": [100, 101, 101, 101.0]},
        pd.bdate_range("2020-01-01", periods=4))  # fmt: skip
    values = [label(frame, horizon=1, volatility=2, tie=tie).value.tolist() for tie in ("down", "up", "open")]
    assert values == [[-1.0], [1.0], [-1.0]]  # equally near in logs: down


def test_signs_and_returns():
    frame = path(3)
    for entry in ("close", "open"):
        returns = label(frame, "return", horizon=4, entry=entry)
        begin = frame["close"] if entry == "close" else frame["open"].shift(-1)
        expected = (frame["close"].shift(-4) / begin - 1).dropna()
        np.testing.assert_allclose(returns.value, expected, rtol=1e-12)
        signs = label(frame, "sign", horizon=4, entry=entry)
        assert (signs.value == (expected > 0)).all()
        assert (signs.t1 - signs.t0 == 4).all()


def test_meta_labels_ask_whether_a_position_gains():
    frame = path(5)
    side = np.random.default_rng(0).choice([-1, 0, 1], len(frame))
    labels = label(frame, "meta", horizon=5, volatility=5, side=side, up=1.2, down=0.7)
    assert set(labels.t0.tolist()) == {t for t in range(5, len(frame) - 5) if side[t]}
    for row in labels.table.itertuples():
        _, t1, ret = by_hand(frame, row.t0, 5, 1.2, 0.7, 5, "down", "sign", "close", side[row.t0])
        assert row.t1 == t1
        assert row.ret == pytest.approx(ret * side[row.t0], abs=1e-12)
        assert row.value == float(ret * side[row.t0] > 0)
    with pytest.raises(ParameterError, match="side"):
        label(frame, "meta", side=[2] * len(frame))


def test_soft_labels_are_filtered_probabilities_that_sum_to_one(prices):
    frame = prices.iloc[:400]
    regimes = make_features(frame, FeatureSpec(["age"], {"lookback": 120})).regimes
    labels = label(frame, "regime", horizon=7, regimes=regimes, regime="Bear")
    np.testing.assert_allclose(labels.probabilities.sum(axis=1), 1.0, atol=1e-12)
    at = 50
    t0 = int(labels.t0[at])
    assert labels.value[at] == regimes["prob_Bear"].iloc[t0 + 7]
    p = labels.probabilities.iloc[at].to_numpy()
    assert labels.uncertainty.iloc[at] == pytest.approx(-sum(x * np.log(x) for x in p if x > 0) / np.log(3))
    assert labels.uncertainty.between(0, 1 + 1e-12).all()
    assert len(labels.at(labels.times[:10]).probabilities) == 10
    with pytest.raises(ParameterError, match="regimes"):
        label(frame, "regime", regimes=regimes.iloc[1:])
    with pytest.raises(ParameterError, match="Sideways"):
        label(frame, "regime", regimes=regimes, regime="Crisis")


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), min_size=1, max_size=20))
def test_uniqueness_equals_a_count_by_hand(lives):
    t0, t1 = np.array([a for a, _ in lives]), np.array([a + n for a, n in lives])
    count = [sum(a < bar <= b for a, b in zip(t0, t1, strict=True)) for bar in range(45)]
    assert concurrency(t0, t1, 45).tolist() == count
    expected = [np.mean([1 / count[bar] for bar in range(a + 1, b + 1)]) for a, b in zip(t0, t1, strict=True)]
    np.testing.assert_allclose(uniqueness(t0, t1, 45), expected, rtol=1e-9)


@pytest.mark.parametrize("kind", ["sign", "return", "triple-barrier"])
@pytest.mark.parametrize("entry", ["close", "open"])
def test_labels_end_when_they_say(kind, entry, prices):
    check_label_function(lambda f: label(f, kind, horizon=6, entry=entry), prices.iloc[:300])


def test_a_label_that_ends_later_than_it_says_is_caught(prices):
    def wrong(frame):
        found = label(frame, horizon=10)
        return replace(found, table=found.table.assign(t1=found.t0 + 1))

    with pytest.raises(CausalityError, match="looks ahead of its end"):
        check_label_function(wrong, prices.iloc[:200])

    def standardised(frame):  # by a volatility of all bars
        found = label(frame, "return", horizon=3)
        return replace(found, table=found.table.assign(value=found.value / frame["close"].pct_change().std()))

    with pytest.raises(CausalityError, match="'value'"):
        check_label_function(standardised, prices.iloc[:200])


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "x"},
        {"horizon": 0},
        {"up": 0},
        {"volatility": 1},
        {"up": 1e9},
        {"tie": "x"},
        {"at_end": "x"},
        {"entry": "x"},
        {"down": -1},
    ],
)
def test_wrong_questions_are_named(wrong):
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        label(path(1), **wrong)


def test_too_few_bars_are_said():
    with pytest.raises(DataError, match="more than the horizon"):
        label(path(1, 8), horizon=8)
