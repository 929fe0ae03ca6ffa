"""Robustness: the same runs for the same seed, intervals that hold nothing where there is nothing."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

from hidden_regime.exceptions import ParameterError
from hidden_regime.learning import evaluate, label, make_features
from hidden_regime.learning.models import Recipe
from hidden_regime.learning.robust import resample, stretch
from tests.learning.worlds import SPEC, dataset, noise, planted

PLAIN = Recipe("logistic", calibration="none")


def test_the_same_seed_has_the_same_runs_and_more_begin_with_those_of_fewer():
    data = dataset(planted(n=500))
    few, many = (resample(PLAIN, data, n, 3) for n in (6, 12))
    assert few.runs.equals(many.runs.iloc[:6])
    assert few.to_html() == resample(PLAIN, data, 6, 3).to_html()
    assert json.loads(few.to_json())["verdict"] == few.verdict
    assert not few.runs["sharpe"].equals(resample(PLAIN, data, 6, 4).runs["sharpe"])


def test_stretches_train_on_labels_that_have_ended():
    data = dataset(planted(n=600), horizon=8)
    runs = resample(PLAIN, data, 8, 0).runs
    for row in runs.itertuples():
        begin, length = stretch(len(data), row.run, 0)
        assert length >= len(data) // 2
        edge = begin + round(length * 0.6)
        assert row.test_rows == begin + length - edge
        assert row.train_rows == edge - begin - 8  # those of a label of 8 bars that hadn't ended
        assert row.tested_from == str(data.labels.times[edge])[:10]


def test_a_signal_is_robust_and_noise_is_not():
    found = resample(PLAIN, dataset(planted(n=1200)), 30, 0)
    assert found.verdict == "robust"
    assert found.interval("auc")[1] > 0.5
    held = {"sharpe": 0, "difference": 0}
    for seed in range(40):
        runs = resample(PLAIN, dataset(noise(seed, 300)), 30, seed)
        for name in held:
            _, low, high = runs.interval(name)
            held[name] += low <= 0.0 <= high
    assert min(held.values()) >= 36  # of single tests, and so wider than the error of all days


def test_a_market_that_never_closes_has_a_year_of_365_days():
    """The same bars by weekdays and by every day: nothing but the scale of a year differs."""
    frame = planted(n=400)
    every_day = frame.set_axis(pd.date_range("2005-01-03", periods=len(frame)))
    usual, coins = (resample(PLAIN, dataset(one), 3, 0).runs for one in (frame, every_day))
    np.testing.assert_allclose(coins["sharpe"], usual["sharpe"] * math.sqrt(365 / 252))
    np.testing.assert_allclose(coins["difference"], usual["difference"] * math.sqrt(365 / 252))
    assert coins["drawdown"].equals(usual["drawdown"])
    found, other = (
        evaluate(PLAIN, make_features(one, SPEC), label(one, "sign", horizon=1), n_resamples=99) for one in (frame, every_day)
    )
    for one, two in zip(found.earned, other.earned, strict=True):
        assert two.sharpe == pytest.approx(one.sharpe * math.sqrt(365 / 252))
        assert two.total == one.total
    assert other.luck.difference == pytest.approx(found.luck.difference * math.sqrt(365 / 252))


def test_wrong_questions_are_named():
    data = dataset(planted(n=400))
    for wrong in ({"n_runs": 0}, {"seed": -1}, {"train": 0.95}):
        with pytest.raises(ParameterError, match=next(iter(wrong))):
            resample(PLAIN, data, **wrong)
