"""States in a chosen order: the same regimes, names and confidence, in other places, at every training."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from hidden_regime import Column, RegimeDetector, load_dataset
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.exceptions import ParameterError
from hidden_regime.models.chain import stationary_distribution
from hidden_regime.models.training import train
from hidden_regime.testing import check_causal

OPTIONS = {"n_states": 3, "lookback": 150, "retrain": 20}
BY_NAME = [
    "regime",
    "confidence",
    "duration",
    "expected_duration",
    "log_likelihood",
    "changed",
    "prob_Bear",
    "prob_Sideways",
    "prob_Bull",
]


@pytest.fixture(scope="module")
def frame():
    return load_dataset("sp500").iloc[4300:4800]


def models(frame, **options):
    """The detector, and its model after each training."""
    detector, found = RegimeDetector(**OPTIONS, **options), []
    for bar in frame_to_bars(frame):
        detector.update(bar)
        if detector.model is not None and (not found or found[-1] is not detector.model):
            found.append(detector.model)
    return detector, found


KEYS = {
    "mean": lambda p: p.means[:, 0],
    "volatility": lambda p: p.deviations[:, 0],
    "share": lambda p: -stationary_distribution(p.transmat, p.startprob),
    "log_range": lambda p: p.means[:, 1],
}


@pytest.mark.parametrize("order_by", KEYS)
def test_every_training_has_the_order_and_nothing_else_is_another(frame, order_by):
    _, found = models(frame, features=("log_return", "log_range"), order_by=order_by)
    assert len(found) > 15
    for model in found:
        assert (np.diff(KEYS[order_by](model.parameters)) >= 0).all()
    _, own = models(frame, features=("log_return", "log_range"), order_by=KEYS[order_by])
    for a, b in zip(found, own, strict=True):
        assert a.names == b.names
        np.testing.assert_array_equal(a.parameters.means, b.parameters.means)


def test_regimes_are_the_same_in_any_order(frame):
    """Sums over the states round in their order, so only nearly."""
    plain = RegimeDetector(**OPTIONS).run(frame)
    for order_by in ("mean", "volatility"):
        other = RegimeDetector(**OPTIONS, order_by=order_by).run(frame)
        assert (other["regime"].dropna() == plain["regime"].dropna()).mean() > 0.99
        np.testing.assert_allclose(other["confidence"], plain["confidence"], atol=0.02, equal_nan=True)


def test_an_order_is_causal_saved_and_gone_on_with(frame, tmp_path):
    check_causal(lambda: RegimeDetector(2, lookback=100, retrain=10, order_by="volatility"), frame.iloc[:240])
    whole = RegimeDetector(**OPTIONS, order_by="volatility").run(frame)
    detector = RegimeDetector(**OPTIONS, order_by="volatility")
    detector.run(frame.iloc[:300])
    detector.save(tmp_path / "kept")
    rest = RegimeDetector.load(tmp_path / "kept").extend(frame.iloc[300:])
    pd.testing.assert_frame_equal(rest, whole.iloc[300:], check_freq=False)


def test_returns_give_the_order_where_the_model_does_not_see_them(frame):
    wide = frame.assign(size=np.log(np.log(frame["close"]).diff().abs() + 1e-3))
    detector = RegimeDetector(2, lookback=150, retrain=20, features=(Column("size", is_volatility=True),), order_by="volatility")
    detector.run(wide)
    calm, wild = detector.model.returns[1]
    assert calm < wild


def test_relabelled_states_stay_so_through_trainings_and_files(frame):
    order = [2, 0, 1]
    plain = RegimeDetector(**OPTIONS).run(frame)
    detector = RegimeDetector(**OPTIONS)
    detector.run(frame.iloc[:300])
    before, prior = detector.state, detector.prior_shares
    assert detector.relabel(order) is detector
    assert detector.state.probabilities == tuple(before.probabilities[k] for k in order)
    assert (detector.state.regime, detector.state.confidence) == (before.regime, before.confidence)
    assert detector.state.names[detector.state.state] == before.regime
    np.testing.assert_array_equal(detector.prior_shares, prior[order])
    again = RegimeDetector.from_dict(json.loads(json.dumps(detector.to_dict())))
    rest = detector.extend(frame.iloc[300:])
    pd.testing.assert_frame_equal(again.extend(frame.iloc[300:]), rest)
    old = plain.iloc[300:]
    assert rest["trained_at"].nunique() > 5
    assert (rest["regime"] == old["regime"]).mean() > 0.99
    for place, state in enumerate(order):
        np.testing.assert_allclose(rest[f"prob_{place}"], old[f"prob_{state}"], atol=0.05)
    for name in BY_NAME[6:]:
        np.testing.assert_allclose(rest[name], old[name], atol=0.05)


def test_there_and_back_is_nothing(frame):
    a, b = RegimeDetector(**OPTIONS), RegimeDetector(**OPTIONS)
    for detector in (a, b):
        detector.run(frame.iloc[:300])
    a.relabel([2, 0, 1]).relabel([1, 2, 0])
    assert a.to_dict() == b.to_dict()
    pd.testing.assert_frame_equal(a.extend(frame.iloc[300:]), b.extend(frame.iloc[300:]))


@pytest.mark.parametrize("order", [[0, 1], [0, 0, 1], [0, 1, 3], "abc", 5, [0.5, 1, 2]])
def test_wrong_orders_are_named(frame, order):
    with pytest.raises(ParameterError, match=r"hidden_regime: order = .*each of the states 0 to 2 once"):
        RegimeDetector(**OPTIONS).relabel(order)


@pytest.mark.parametrize("order_by", ["volatilty", 3, ("mean",), "volume_zscore"])
def test_wrong_keys_are_named(order_by):
    with pytest.raises(ParameterError, match=r"hidden_regime: order_by = .*'log_return', 'log_range'"):
        RegimeDetector(order_by=order_by)


def test_a_key_that_is_no_number_for_each_state_is_an_error_of_that_training(frame):
    with pytest.raises(ParameterError, match="a number for each of 3 states"):
        RegimeDetector(**OPTIONS, order_by=lambda p: [1.0]).run(frame)
    with pytest.raises(ParameterError, match="order_by = 'mean' decides"):
        RegimeDetector(**OPTIONS, order_by="mean").relabel([0, 1, 2])


def test_a_model_that_cannot_be_used_leaves_what_is_remembered_where_it_stands(frame):
    detector = RegimeDetector(**OPTIONS, order_by=lambda p: -p.means[:, 0])
    bars = list(frame_to_bars(frame))
    for bar in bars[:400]:
        detector.update(bar)
    model = detector.model
    detector.set_schedule(1)
    task = detector.push(bars[400])
    (result,) = train([task])
    result.parameters.means[:, 0] *= -1.0  # another order, of states that are the same by their ranges
    result.parameters.covars[:] = -1.0
    kept = [part.copy() for part in detector.course.evidence]
    detector.adopt(result)
    assert "not positive definite" in str(detector.error)
    assert detector.model is model
    for part, before in zip(detector.course.evidence, kept, strict=True):
        np.testing.assert_array_equal(part, before)
