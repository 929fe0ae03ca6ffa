"""Bars of given features have these features."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.bars.bar import Bar
from hidden_regime.bars.features import FEATURES
from hidden_regime.experiments.regime_paths.ranges import bars_with, day_features, lead_features

RETURNS = st.floats(-0.3, 0.3)
RANGES = st.floats(-6.5, -1.5)
SHARES = st.floats(0.0, 1.0)


def features_of(price: float, bar: np.ndarray) -> list[float]:
    """Return and range of a bar as a detector sees them."""
    opened, high, low, close = price * np.exp(bar)
    bars = [Bar(datetime(2020, 1, 2), price, price, price, price), Bar(datetime(2020, 1, 3), opened, high, low, close)]
    return [FEATURES[name].value(bars) for name in ("log_return", "log_range")]


@settings(max_examples=300, deadline=None)
@given(RETURNS, RANGES, RETURNS, SHARES)
def test_return_and_range_come_back(value, scale, night, above):
    bars, clipped = bars_with(*(np.array([part]) for part in (value, scale, night, above)))
    opened, high, low, close = bars[0]
    assert close == value
    assert high >= max(opened, close)
    assert low <= min(opened, close)
    assert opened == night or clipped[0]
    assert day_features(bars)[0] == pytest.approx([value, scale], abs=1e-12)
    # Prices have sixteen digits, of which a narrow bar's range needs the last.
    digits = 16 * np.finfo(float).eps / np.exp(scale)
    assert features_of(100.0, bars[0]) == pytest.approx([value, scale], abs=max(1e-12, digits))


def test_a_body_wider_than_its_range_goes_to_the_night():
    scale = np.log(0.01)
    bars, clipped = bars_with(np.array([0.05, 0.01]), np.array([scale, scale]), np.zeros(2), np.array([0.3, 0.3]))
    most = 0.01 * np.sqrt(2.0 / (1.0 - 2.0 * (2.0 * np.log(2.0) - 1.0)))
    assert clipped.tolist() == [True, False]
    assert bars[0] == pytest.approx([0.05 - most, 0.05, 0.05 - most, 0.05], abs=1e-15)
    # By hand: R^2 = 2 (v + (2 ln 2 - 1) c^2), of which the body leaves R - c, three tenths above it.
    beyond = np.sqrt(2.0 * (0.0001 + 0.3862943611198906 * 0.0001)) - 0.01
    assert bars[1] == pytest.approx([0.0, 0.01 + 0.3 * beyond, -0.7 * beyond, 0.01], abs=1e-15)


def test_the_lead_is_the_mean_of_those_that_have_a_range():
    flat = [0.02, 0.02, 0.02, 0.02]
    first, second = [0.0, 0.02, -0.01, 0.01], [0.01, 0.03, -0.02, -0.01]
    logs = np.array([[first, first, flat], [second, flat, flat]])
    own = day_features(logs)
    assert np.isnan(own[1, 1:, 1]).all()
    found = lead_features(logs)
    assert found[0] == pytest.approx(own[:, 0].mean(axis=0))
    assert found[1] == pytest.approx([0.015, own[0, 1, 1]])
    assert np.isnan(found[2]).all()
