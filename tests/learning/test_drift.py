"""Drift: false alarms as stated, decay seen in time, columns that moved named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from hidden_regime import load_dataset
from hidden_regime.exceptions import ParameterError
from hidden_regime.learning import ModelFile, Registry, drift_of, train
from hidden_regime.learning.drift import DecayAlarm, column_drift, inactivity, ks_distance, memory, psi


def autocorrelated(rng, n, phi=0.2):
    shocks = rng.normal(0, 1, n + 20)
    out = np.zeros(n + 20)
    for t in range(1, n + 20):
        out[t] = phi * out[t - 1] + shocks[t]
    return out[20:]


def test_false_alarms_come_as_often_as_stated_on_1000_clean_series():
    rng = np.random.default_rng(0)
    alarms = []
    for _ in range(4):  # four references, for one may be lucky
        alarm = DecayAlarm(autocorrelated(rng, 4000), horizon=120, false_alarms=0.05, n_resamples=400)
        steps = np.array([autocorrelated(rng, 120) for _ in range(250)])
        moved = np.concatenate([np.zeros((250, 1)), np.cumsum((alarm.mean - steps) / alarm.sd - alarm.slack, axis=1)], axis=1)
        alarms += ((moved - np.minimum.accumulate(moved, axis=1)).max(axis=1) > alarm.limit).tolist()
    assert len(alarms) == 1000
    assert 0.03 <= np.mean(alarms) <= 0.075


def test_a_decay_alarms_within_60_bars():
    rng = np.random.default_rng(1)
    reference = rng.normal(0.1, 1.0, 2000)
    found = []
    for _ in range(20):
        alarm = DecayAlarm(reference, horizon=250, n_resamples=200)
        assert alarm.take_all(rng.normal(0.1, 1.0, 20)) is None or alarm.alarmed_at <= 20
        at = alarm.take_all(rng.normal(-0.7, 1.0, 60))
        found.append(at is not None and at <= 80)
    assert np.mean(found) >= 0.95


def test_the_sum_is_the_one_that_the_limit_was_made_of():
    rng = np.random.default_rng(2)
    alarm = DecayAlarm(rng.normal(0, 1, 500), n_resamples=99)
    values = rng.normal(-0.2, 1, 50)
    walk = np.concatenate([[0], np.cumsum((alarm.mean - values) / alarm.sd - alarm.slack)])
    alarm.take_all(values)
    assert alarm.total == pytest.approx((walk - np.minimum.accumulate(walk))[-1])


def test_distances_are_those_of_scipy_and_of_the_formula():
    rng = np.random.default_rng(0)
    reference, now = rng.normal(size=4000), rng.normal(0.3, 1.2, 800)
    points = np.quantile(reference, np.linspace(0, 1, 2001))
    assert ks_distance(points, now) == pytest.approx(stats.ks_2samp(reference, now).statistic, abs=5e-3)
    edges = np.quantile(reference, np.linspace(0, 1, 11)[1:-1])
    q = (np.bincount(np.searchsorted(edges, now), minlength=10) + 0.5) / (800 + 5)
    assert psi(points, now) == pytest.approx(((q - 0.1) * np.log(q / 0.1)).sum(), abs=2e-3)
    assert psi(points, reference) < 0.001
    assert psi([3.0] * 21, [3.0] * 100) < 0.1  # what never varied and doesn't


def test_columns_that_moved_are_named():
    rng = np.random.default_rng(0)
    reference = {name: np.quantile(rng.normal(size=3000), np.linspace(0, 1, 21)).tolist() for name in ("same", "other")}
    table = pd.DataFrame({"same": rng.normal(size=600), "other": rng.normal(2, 1, 600)})
    found = {one.name: one for one in column_drift(reference, table, 3000)}
    assert not found["same"].moved
    assert found["other"].moved
    assert found["other"].ks > 0.5
    with pytest.raises(ParameterError, match="all columns"):
        column_drift(reference, table[["same"]], 3000)


def test_inactivity_counts_bars_since_a_change():
    assert inactivity([0, 0, 1, 1, 1], [0, 1, 1, 0]) == (2, 2)
    assert inactivity([1, 1, 1], [0, 0, 0, 1]) == (3, 3)


@pytest.mark.parametrize(
    "wrong", [{"reference": [1.0] * 100}, {"horizon": 0}, {"false_alarms": 1.0}, {"slack": -1}, {"n_resamples": 5}]
)
def test_wrong_alarms_are_named(wrong):
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        DecayAlarm(**({"reference": np.random.default_rng(0).normal(size=100)} | wrong))


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.9])
def test_a_columns_memory_is_that_of_its_process(phi):
    """Of an autoregression (1 + phi) / (1 - phi) bars."""
    rng = np.random.default_rng(0)
    found = np.mean([memory(autocorrelated(rng, 20_000, phi)) for _ in range(4)])
    assert found == pytest.approx((1 + phi) / (1 - phi), rel=0.2)
    assert memory([1.0] * 50) == 1.0


def test_columns_that_remember_long_are_called_moved_less_easily():
    rng = np.random.default_rng(4)
    moved = {True: 0, False: 0}
    for _ in range(20):
        then, now = autocorrelated(rng, 1500, 0.98), autocorrelated(rng, 500, 0.98)
        reference = {"slow": np.quantile(then, np.linspace(0, 1, 21)).tolist()}
        for knows in moved:
            apart = {"slow": memory(then) if knows else 1.0}
            moved[knows] += column_drift(reference, pd.DataFrame({"slow": now}), 1500, apart)[0].moved
    assert moved[True] <= 2 < moved[False]


def test_a_model_is_looked_at_on_days_of_any_time_zone_from_its_first_bar_on(tmp_path):
    config = ModelFile(
        "up", {"source": "sp500", "end": "2000-12-29"}, {"columns": ["return:5", "age"], "regimes": {"lookback": 120}},
        validation={"n_splits": 2, "n_resamples": 99})  # fmt: skip
    entry = Registry(tmp_path).add(train(config))
    frame = load_dataset("sp500").loc[:"2001-06-29"]
    found = drift_of(entry, frame)
    assert drift_of(entry, frame.tz_localize("America/New_York")).to_dict() == found.to_dict()
    assert found.first > entry.facts()["trained_until"]
    with pytest.raises(ParameterError, match="from 1999-01-04 on"):
        drift_of(entry, frame.loc["1999-06":])
