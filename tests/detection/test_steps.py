"""Many detectors in step: each says what it would say alone, whoever else is there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime import RegimeDetector
from hidden_regime.bars.bar import Bar
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.detection.accept import accept
from hidden_regime.detection.advance import advance
from hidden_regime.detection.prepare import prepare
from hidden_regime.exceptions import TrainingError
from hidden_regime.models.training import train


def prices(seed: int, n: int, kind: str) -> list[Bar]:
    """Bars of a market with two moods; some without a range, some without a price that moves."""
    rng = np.random.default_rng(seed)
    sd = np.where((np.arange(n) // 40) % 2, 0.02, 0.005)
    close = 50 * np.exp(np.cumsum(rng.normal(0.0003, sd)))
    wide = np.exp(np.abs(rng.normal(0, sd)) + 1e-4)
    if kind == "gaps":
        wide = np.where(rng.random(n) < 0.05, 1.0, wide)
    if kind == "closes":
        wide = np.ones(n)
    if kind == "flat":
        close = np.where(np.arange(n) > n // 2, close[n // 2], close)
        wide = np.where(np.arange(n) > n // 2, 1.0, wide)
    open_ = (
        close
        if kind in ("gaps", "closes", "flat")
        else np.clip(close * np.exp(rng.normal(0, sd / 3)), close / wide, close * wide)
    )
    frame = pd.DataFrame(
        {"open": open_, "high": close * wide, "low": close / wide, "close": close}, pd.bdate_range("2020-01-01", periods=n)
    )
    return list(frame_to_bars(frame))


OPTIONS = [
    {"retrain": "daily", "challenge_every": 5},
    {"retrain": 3, "challengers": ("volatility", "random", "kmeans"), "challenge_every": 6},
    {"retrain": "weekly", "n_states": 3},
    {"retrain": 7, "covariance_type": "full", "memory": 0.0},
    {"retrain": 4, "stay_weight": 0.0, "min_bars": 45},
    {"retrain": 9, "features": ("log_return",), "n_states": 4, "hysteresis": 0.0},
    {"retrain": 40, "emission": "student_t", "n_iter": 8},
]


def alone(bars: list[Bar], options: dict) -> tuple[list, RegimeDetector]:
    detector = RegimeDetector(**({"n_states": 2, "lookback": 60} | options))
    return [detector.update(bar) for bar in bars], detector


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.sampled_from(["plain", "gaps", "closes", "flat"]), st.sampled_from(OPTIONS),
                          st.integers(0, 30)), min_size=2, max_size=9), st.integers(1, 2))  # fmt: skip
def test_together_is_as_alone(assets, threads):
    n = 110
    bars = [prices(seed, n, kind)[late:] for seed, kind, _, late in assets]
    expected = [alone(b, options) for b, (_, _, options, _) in zip(bars, assets, strict=True)]
    detectors = [RegimeDetector(**({"n_states": 2, "lookback": 60} | options)) for _, _, options, _ in assets]
    found: list[list] = [[] for _ in assets]
    for t in range(n):
        present = [i for i, (*_, late) in enumerate(assets) if t >= late]
        due = [i for i in present if detectors[i].observe(bars[i][t - assets[i][3]])]
        results = dict(zip(due, train(prepare([detectors[i].course for i in due]), threads=threads), strict=True))
        some = [detectors[i].course for i in present]
        for i, state in zip(present, advance(some, accept(some, [results.get(i) for i in present])), strict=True):
            found[i].append(state)
    for (states, single), mine, detector in zip(expected, found, detectors, strict=True):
        assert mine == states
        assert (detector.n_trainings, str(detector.error)) == (single.n_trainings, str(single.error))
        if single.model is not None:
            for a, b in zip(single.model.parameters, detector.model.parameters, strict=True):
                np.testing.assert_array_equal(a, b)


def test_memory_that_lies_elsewhere_changes_no_bit():
    """numpy's logarithm of a view, in some versions, depends on it."""
    rng = np.random.default_rng(0)
    bars = prices(2, 90, "gaps")
    first = alone(bars, {"retrain": "daily"})[0]
    for _ in range(8):
        held = [np.empty(int(rng.integers(1, 4000))) for _ in range(int(rng.integers(0, 60)))]
        assert alone(bars, {"retrain": "daily"})[0] == first
        del held


def test_challengers_run_only_so_often(monkeypatch):
    """Fifteen bars must lie between two trainings that try them, whatever the schedule."""
    bars = prices(0, 140, "plain")
    detector = RegimeDetector(2, lookback=60, retrain="daily", challenge_every=15)
    tried = []
    for t, bar in enumerate(bars):
        task = detector.push(bar)
        if task is not None and task.starts:
            tried.append(t)
        detector.adopt(None if task is None else train([task])[0])
    assert tried == [60, 75, 90, 105, 120, 135]
    always = RegimeDetector(2, lookback=60, retrain=5, challenge_every=1)
    tasks = []
    for bar in bars:
        tasks.append(task := always.push(bar))
        always.adopt(None if task is None else train([task])[0])
    assert all(task.starts for task in tasks if task is not None)


@pytest.mark.parametrize(("retrain", "half_life"), [(20, 40.0), (7, 40.0), (33, 10.0)])
def test_memory_halves_with_the_bars_that_leave_and_not_with_the_trainings(retrain, half_life):
    """Each bar that leaves the window weighs one, and half as much `half_life` bars later."""
    detector, expected, weights = RegimeDetector(2, lookback=60, retrain=retrain, memory=half_life), [0.0], []
    for bar in prices(1, 300, "plain"):
        task = detector.push(bar)
        if task is not None:
            weights.append(task.memory.weight.sum() if task.memory is not None else 0.0)
        detector.adopt(None if task is None else train([task])[0])
    for _ in weights[1:]:
        expected.append(expected[-1] * 2.0 ** (-retrain / half_life) + retrain)
    assert len(weights) == 1 + (300 - 61) // retrain
    np.testing.assert_allclose(weights, expected, rtol=1e-6)


def test_a_result_that_fails_is_that_assets_error_alone():
    bars = [prices(i, 61, "plain") for i in range(3)]
    detectors = [RegimeDetector(2, lookback=60) for _ in bars]
    for t in range(61):
        due = [d.observe(b[t]) for d, b in zip(detectors, bars, strict=True)]
    assert due == [True] * 3
    results = train(prepare([d.course for d in detectors]))
    results[1] = TrainingError("no luck")
    assert results[2].parameters.covars.flags.writeable
    results[2].parameters.covars[:] = -1.0
    courses = [d.course for d in detectors]
    states = advance(courses, accept(courses, results))
    assert [s is None for s in states] == [False, True, True]
    assert "no luck" in str(detectors[1].error)
    assert "not positive definite" in str(detectors[2].error) and "min_covar" in str(detectors[2].error)
    assert states[0] == alone(bars[0], {})[0][-1]


@pytest.mark.parametrize("count", [1, 63, 64, 65, 130])
def test_blocks_change_nothing(count):
    bars = [prices(i % 7, 66, "plain") for i in range(count)]
    detectors = [RegimeDetector(2, lookback=60, retrain="daily") for _ in bars]
    for t in range(66):
        due = [i for i, d in enumerate(detectors) if d.observe(bars[i][t])]
        results = dict(zip(due, train(prepare([detectors[i].course for i in due])), strict=True))
        courses = [d.course for d in detectors]
        states = advance(courses, accept(courses, [results.get(i) for i in range(count)]))
    expected = [alone(bars[i], {"retrain": "daily"})[0][-1] for i in range(min(count, 7))]
    assert [states[i] == expected[i % 7] for i in range(count)] == [True] * count
