"""Memmel's test: by the delta method written out, by simulation, and of a strategy against itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.honesty import sharpe_difference


def pair(seed, n=400, correlation=0.6, means=(0.001, 0.0)):
    shared = np.random.default_rng(seed).multivariate_normal([0, 0], [[1, correlation], [correlation, 1]], n)
    return shared * [0.01, 0.02] + means


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), correlation=st.floats(-0.9, 0.9))
def test_the_error_is_that_of_the_delta_method(seed, correlation):
    x, y = pair(seed, correlation=correlation).T
    c, n = np.cov(x, y), len(x)
    # Of means and variances of normal returns, and how the difference moves with each.
    covariance = np.zeros((4, 4))
    covariance[:2, :2], covariance[2:, 2:] = c, 2 * c**2
    (a, _), (_, b) = c
    gradient = np.array([1 / math.sqrt(a), -1 / math.sqrt(b), -x.mean() / (2 * a**1.5), y.mean() / (2 * b**1.5)])
    found = sharpe_difference(x, y)
    assert found.se == pytest.approx(math.sqrt(gradient @ covariance @ gradient / n), rel=1e-9)
    assert found.z == pytest.approx(found.difference / found.se)
    assert 0.0 <= found.p <= 1.0


def test_equal_ratios_are_rejected_as_often_as_said():
    p = [sharpe_difference(*pair(seed, means=(0.0005, 0.001)).T).p for seed in range(2000)]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.012)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), scale=st.floats(0.01, 100))
def test_a_strategy_against_itself_at_any_leverage(seed, scale):
    x = np.random.default_rng(seed).normal(0.001, 0.01, 60)
    found = sharpe_difference(x, scale * x)
    assert found.difference == pytest.approx(0.0, abs=1e-12)
    assert found.p == 1.0
    itself = sharpe_difference(x, x)
    assert (itself.difference, itself.p, itself.correlation) == (0.0, 1.0, pytest.approx(1.0))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_other_way_round_is_the_other_sign(seed):
    x, y = pair(seed).T
    there, back = sharpe_difference(x, y), sharpe_difference(y, x)
    assert (there.difference, there.z) == (pytest.approx(-back.difference), pytest.approx(-back.z))
    assert there.p == pytest.approx(back.p)


@pytest.mark.parametrize(
    ("first", "second", "match"),
    [([0.1, 0.2, 0.3], [0.1, 0.2], "3 returns, as first"), ([0.1, math.nan], [0.1, 0.2], r"first\[1\]"),
     ([0.0, 0.0], [0.1, 0.2], "differ"), ([0.1], [0.1], "at least two"), ([[0.1]], [0.1], "first")],
)  # fmt: skip
def test_what_can_not_be_paired_is_named(first, second, match):
    with pytest.raises(ParameterError, match=match):
        sharpe_difference(first, second)
