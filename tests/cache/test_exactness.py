"""What changes a model is a miss, what leaves it alone is a hit, and neither changes a number."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime import RegimeDetector, kernels
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.cache import CachingTrainer, FolderStore, MemoryStore
from hidden_regime.models.training import train

BASE = {"n_states": 2, "lookback": 60, "retrain": 10, "challenge_every": 1}
MODEL = {
    "n_states": 3, "lookback": 61, "retrain": 7, "min_bars": 50, "features": ("log_return",), "covariance_type": "full", "n_iter": 3,
    "tol": 1e-2, "min_covar": 1e-2, "stay_duration": 50.0, "stay_weight": 50.0, "memory": 100.0, "challengers": ("random",),
    "challenge_every": 15, "margin": 1.0, "random_state": 1, "emission": "student_t", "stagger": "b", "order_by": "volatility",
    "filter_degrees": None,
}  # fmt: skip
BESIDES = {"hysteresis": 0.0, "min_duration": 5, "naming": lambda moments: ["A", "B"], "time_of_day": True}  # of days: none


def market(seed: int = 0, n: int = 90) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    sd = np.where((np.arange(n) // 25) % 2, 0.02, 0.005)
    close = 50 * np.exp(np.cumsum(rng.normal(0.0003, sd)))
    wide = np.exp(np.abs(rng.normal(0, sd)) + 1e-3)
    frame = {"open": close / np.sqrt(wide), "high": close * wide, "low": close / wide, "close": close}
    return pd.DataFrame(frame, pd.bdate_range("2020-01-01", periods=n))


def run(frame: pd.DataFrame, options: dict, trainer) -> list:
    detector = RegimeDetector(**(BASE | options))
    states = []
    for bar in frame_to_bars(frame):
        task = detector.push(bar)
        states.append(detector.adopt(None if task is None else trainer([task])[0]))
    return states


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = FolderStore(tmp_path_factory.mktemp("models"))
    run(market(), {}, CachingTrainer(train, MemoryStore(50), folder))
    return folder


def test_the_tables_name_every_option_of_the_detector():
    names = set(RegimeDetector.__init__.__annotations__) - {"return"}
    assert names == set(MODEL) | set(BESIDES)


class ReadOnly(FolderStore):
    """So that one example doesn't fill the cache for the next."""

    def put(self, key, content): ...


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(MODEL)), st.sampled_from([None, *sorted(BESIDES)]))
def test_every_option_of_the_model_is_a_miss(store, name, besides):
    options = {name: MODEL[name]}
    if besides is not None and not (besides == "naming" and name == "n_states"):
        options[besides] = BESIDES[besides]
    trainer = CachingTrainer(train, MemoryStore(50), ReadOnly(store.folder))
    assert run(market(), options, trainer) == run(market(), options, train)
    # The first training knows nothing yet of the memory, of what was filtered, of later challengers or of the schedule: there it
    # is the same one.
    later = name in ("retrain", "memory", "challenge_every", "stagger", "order_by", "filter_degrees")
    assert (trainer.statistics()["hit_count"] > 0) == later
    assert trainer.statistics()["trainings"] > 0


@pytest.mark.parametrize("name", [None, *sorted(BESIDES)])
def test_what_leaves_the_model_alone_is_a_hit(store, name):
    options = {} if name is None else {name: BESIDES[name]}
    trainer = CachingTrainer(train, MemoryStore(50), ReadOnly(store.folder))
    assert run(market(), options, trainer) == run(market(), options, train)
    assert (trainer.statistics()["trainings"], trainer.statistics()["hit_rate"]) == (0, 1.0)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 60), st.sampled_from(["open", "high", "low", "close"]), st.integers(1, 40))
def test_a_price_in_the_window_is_a_miss(store, row, column, ulps):
    frame = market()
    value = float(frame.iloc[row][column])
    frame.iloc[row, frame.columns.get_loc(column)] = value * (1 + ulps * 2e-13)
    trainer = CachingTrainer(train, MemoryStore(50), ReadOnly(store.folder))
    assert run(frame, {}, trainer) == run(frame, {}, train)
    assert trainer.statistics()["hit_count"] == 0


def test_a_price_after_the_window_changes_no_earlier_training(store):
    frame = market()
    frame.iloc[-5:] *= 1.5
    trainer = CachingTrainer(train, MemoryStore(50), ReadOnly(store.folder))
    run(frame, {}, trainer)
    assert trainer.statistics()["hit_count"] == 3  # after 60, 70 and 80 observations; the bar that jumps comes with the 85th


def test_the_kernels_version_is_a_miss(store, monkeypatch):
    monkeypatch.setattr(kernels, "VERSION", kernels.VERSION + 1)
    trainer = CachingTrainer(train, MemoryStore(50), ReadOnly(store.folder))
    run(market(), {}, trainer)
    assert trainer.statistics()["hit_count"] == 0
