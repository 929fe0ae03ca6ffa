"""The kernels' step of a bar against the reference: the same bits, whatever is asked for and whoever takes which bar."""

from __future__ import annotations

import copy
import json
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime import RegimeDetector, kernels
from hidden_regime.bars.bar import Bar
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.cache import CachingTrainer, MemoryStore
from hidden_regime.detection.step import step, step_openly
from hidden_regime.many.run import run_many
from hidden_regime.models.training import train

native = pytest.mark.skipif(not kernels.can_follow(), reason="the C++ kernels aren't built, or aren't in use")

OPTIONS = [
    {"retrain": "daily"},
    {"retrain": "daily", "n_states": 4, "challenge_every": 1},
    {"retrain": "daily", "covariance_type": "full", "lookback": 30, "n_states": 2},
    {"retrain": "daily", "covariance_type": "tied", "memory": 0.0},
    {"retrain": 3, "covariance_type": "spherical", "stay_weight": 0.0, "stagger": "A"},
    {"retrain": 2, "stay_weight": 0.0, "memory": 0.0, "filter_degrees": None},
    {"retrain": "weekly", "min_duration": 4, "challengers": ()},
    {"retrain": "monthly", "hysteresis": 0.0, "n_iter": 1},
    {"retrain": "quarterly", "stagger": "B"},
    {"retrain": "never"},
    {"retrain": "daily", "features": ("log_range", "log_return")},
    {"retrain": 4, "features": ("log_return",), "min_bars": 20},
    {"retrain": "daily", "features": ("log_return", "log_range", "overnight_return"), "covariance_type": "full"},
    {"retrain": 5, "features": ("log_range",)},  # regimes are named by a return that no model sees: the reference's
    {"retrain": 6, "order_by": "volatility"},
    {"retrain": 6, "n_states": 5},
]


def market(seed: int, n: int, trouble: str = "") -> pd.DataFrame:
    """Prices of several moods; with a split, a close that is taken back, a lone high, or bars without a range."""
    rng = np.random.default_rng(seed)
    sd = np.array([0.004, 0.012, 0.03])[(np.arange(n) // rng.integers(15, 60)) % 3]
    steps = rng.normal(0.0004, sd)
    at = n * 2 // 3
    if trouble == "split":
        steps[at] -= np.log(2.0)
    if trouble == "taken back":
        steps[at] += 0.6
        steps[at + 1] -= 0.6
    close = 80.0 * np.exp(np.cumsum(steps))
    opens = np.concatenate([[close[0]], close[:-1]]) * np.exp(rng.normal(0.0, sd / 3))
    wide = np.exp(np.abs(rng.normal(0.0, sd, (2, n))))
    high, low = np.maximum(close, opens) * wide[0], np.minimum(close, opens) / wide[1]
    if trouble == "high":
        high[at] *= 3.0
    if trouble == "no range":
        still = rng.random(n) < 0.02
        high, low, opens = (np.where(still, close, part) for part in (high, low, opens))
    index = pd.bdate_range("2019-01-02", periods=n)
    return pd.DataFrame({"open": opens, "high": high, "low": low, "close": close}, index)


def openly(frame: pd.DataFrame, options: dict) -> tuple[list, RegimeDetector]:
    """What the reference says of each bar."""
    detector = RegimeDetector(**options)
    states = []
    for bar in frame_to_bars(frame):
        states += step_openly([detector.course], [detector.offer(bar)])
        detector.mend()
    return states, detector


def content(detector: RegimeDetector) -> str:
    """All that a detector knows."""
    return json.dumps(detector.to_dict(), default=str)


TROUBLES = ("", "split", "taken back", "high", "no range")


@native
@settings(max_examples=40, deadline=None)
@given(st.sampled_from(OPTIONS), st.integers(0, 10_000), st.sampled_from(TROUBLES), st.integers(2, 9))
def test_bars_taken_by_the_kernels_are_the_references(options, seed, trouble, look):
    options = {"n_states": 3, "lookback": 40} | options
    frame = market(seed, 130, trouble)
    expected, reference = openly(frame, options)
    mine, watched = RegimeDetector(**options), RegimeDetector(**options)
    for t, (bar, state) in enumerate(zip(frame_to_bars(frame), expected, strict=True)):
        assert mine.update(bar) == state
        assert watched.update(bar) == state
        if t % look == 0:
            assert watched.course.time == bar.end_time  # somebody looks at its fields: it opens, and closes again
    assert content(mine) == content(watched) == content(reference)
    known = options["n_states"] <= 4 and "order_by" not in options and options.get("features") != ("log_range",)
    mine.update(bar_after(frame))
    assert (mine.course_as_is.slate is not None) == known or trouble


def bar_after(frame: pd.DataFrame) -> Bar:
    """A quiet bar after a frame's last."""
    last = frame.iloc[-1]
    end = (frame.index[-1] + pd.Timedelta(days=1)).to_pydatetime()
    return Bar(end, last["close"], last["close"] * 1.004, last["close"] * 0.996, last["close"] * 1.001)


@native
@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("options", OPTIONS[:4])
def test_a_history_at_once_is_its_bars_one_by_one(options, trouble):
    options = {"n_states": 3, "lookback": 40} | options
    frames = {f"A{i}": market(i, 110 + 7 * i, trouble) for i in range(3)}
    many = run_many(frames, RegimeDetector(**options), max_workers=1)
    for name, frame in frames.items():
        states, reference = openly(frame, options)
        alone = RegimeDetector(**options)
        pd.testing.assert_frame_equal(alone.run(frame), many.states[name])
        assert alone.state == states[-1] == many.detectors[name].state
        assert content(alone) == content(many.detectors[name]) == content(reference)
        row = many.states[name].iloc[-1]
        assert (row["regime"], row["notes"], row["trained_at"]) == (states[-1].regime, states[-1].notes, states[-1].trained_at)
        found = many.states[name]["log_likelihood"].dropna().tolist()
        assert found == [state.log_likelihood for state in states if state is not None]


@native
def test_whether_there_are_regimes_is_asked_at_the_same_bars():
    frame = market(3, 1100)
    options = {"n_states": 2, "lookback": 120, "retrain": "weekly"}
    states, reference = openly(frame, options)
    mine = RegimeDetector(**options)
    found = mine.run(frame)
    assert mine.evidence_of_regimes == reference.evidence_of_regimes and content(mine) == content(reference)
    assert found["notes"].tolist() == ["" if state is None else state.notes for state in states]


@native
def test_somebody_elses_trainings_are_asked_for_and_change_nothing():
    frame, options = market(5, 160), {"n_states": 2, "lookback": 50, "retrain": 4}
    expected, _ = openly(frame, options)
    cache = CachingTrainer(train, MemoryStore(100))
    detector = RegimeDetector(**options)
    found = []
    for bar in frame_to_bars(frame):
        found += step([detector.course_as_is], [detector.offer(bar)], cache, elsewhere=True)
    assert found == expected
    assert cache.trainings == detector.n_trainings == len({state.trained_at for state in expected if state is not None})
    assert detector.course_as_is.slate is not None  # between trainings the kernels take it further


@native
def test_a_copy_or_a_pickle_is_open_and_goes_on():
    frame, options = market(6, 120), {"n_states": 2, "lookback": 50}
    expected, _ = openly(frame, options)
    bars, detector = list(frame_to_bars(frame)), RegimeDetector(**options)
    for bar in bars[:-1]:
        detector.update(bar)
    assert detector.course_as_is.slate is not None
    for one in (pickle.loads(pickle.dumps(detector)), copy.deepcopy(detector), detector):
        assert one.course_as_is.slate is None  # another machine may have no such kernels
        assert one.update(bars[-1]) == expected[-1]


def test_another_backend_goes_on_from_where_the_kernels_stood():
    if not kernels.can_follow():
        pytest.skip("the C++ kernels aren't built, or aren't in use")
    frame, options = market(8, 120), {"n_states": 2, "lookback": 50, "retrain": 30}
    expected, _ = openly(frame, options)
    detector, found = RegimeDetector(**options), []
    for t, bar in enumerate(frame_to_bars(frame)):
        with kernels.using("numba" if 60 <= t < 64 else "native"):
            found.append(detector.update(bar))
    assert [state.regime for state in found if state is not None] == [state.regime for state in expected if state is not None]
    for state, other in zip(found, expected, strict=True):
        assert state is None or state.probabilities == pytest.approx(other.probabilities, abs=1e-9)


@native
def test_the_boundary_refuses_what_would_reach_outside():
    detector = RegimeDetector(2, lookback=40)
    detector.run(market(1, 60))
    slate = detector.course_as_is.slate
    rules, row, spent = slate.rules.numbers, [0.001, -4.0], np.zeros(3)
    (told,) = kernels.follow_bar([slate.numbers.copy()], rules, [row], [0.0], True, spent)
    assert len(told) == 13 and sum(told[-1]) == pytest.approx(1.0) and spent[2] > 0.0
    for numbers, given_rules, given_row, what in (
        (slate.numbers[:-1].copy(), rules, row, "whole rows"),
        (slate.numbers[:50].copy(), rules, row, "whole rows"),
        (slate.numbers.copy(), rules[:-1].copy(), row, "another number"),
        (slate.numbers.copy(), rules, row[:1], "each feature"),
        (slate.numbers.copy(), np.where(np.arange(len(rules)) == 0, 9.0, rules), row, "n_states"),
        (slate.numbers.copy(), np.where(np.arange(len(rules)) == 3, 7.0, rules), row, "places"),
        (np.where(np.arange(len(slate.numbers)) == 0, 1e9, slate.numbers), rules, row, "within its table"),
        (np.where(np.arange(len(slate.numbers)) == 1, np.nan, slate.numbers), rules, row, "within its table"),
    ):
        with pytest.raises(ValueError, match=what):
            kernels.follow_bar([numbers], given_rules, [given_row], [0.0], True, spent)
    with pytest.raises(TypeError, match="float64"):
        kernels.follow_bar([slate.numbers.astype(np.float32)], rules, [row], [0.0], True, spent)
    with pytest.raises(TypeError):
        kernels.follow_bar([slate.numbers.copy()], rules, [["a", "b"]], [0.0], True, spent)
    with pytest.raises(ValueError, match="as many"):
        kernels.follow_bar([slate.numbers], rules, [], [0.0], True, spent)
    rows, told, progress = np.array([row]), np.empty((1, 14)), np.zeros((1, 2), np.int64)
    with pytest.raises(ValueError, match="as many"):
        kernels.follow([slate.numbers], [rows], [np.zeros(1)], [], rules, progress, True, spent)
    progress[0, 0] = 5
    with pytest.raises(ValueError, match="places of bars"):
        kernels.follow([slate.numbers], [rows], [np.zeros(1)], [told], rules, progress, True, spent)
