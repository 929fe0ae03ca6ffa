"""Figures of curves, against figures worked out one by one, and the drawdown of a walk whose truth is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.experiments.simulation.figures import absorbed, curves_of, figures_of, sampled_steps

RETURNS = st.lists(st.floats(-0.5, 0.8), min_size=1, max_size=30)


def by_hand(returns, per_year):
    value = peak = lowest = 1.0
    fall = under = longest = 0
    for one in returns:
        value *= 1.0 + one
        lowest = min(lowest, value)
        under = 0 if value >= peak else under + 1
        peak = max(peak, value)
        longest, fall = max(longest, under), max(fall, 1.0 - value / peak)
    return value - 1.0, value ** (per_year / len(returns)) - 1.0, fall, longest, lowest


@given(RETURNS, st.sampled_from([12.0, 252.0]))
@settings(max_examples=150, deadline=None)
def test_figures_are_those_of_a_walk_through_the_days(returns, per_year):
    found = figures_of(curves_of(np.array([returns, returns[::-1]])), per_year)
    for i, own in enumerate((returns, returns[::-1])):
        total, cagr, fall, longest, lowest = by_hand(own, per_year)
        assert found.total_return[i] == pytest.approx(total, rel=1e-9, abs=1e-12)
        assert found.cagr[i] == pytest.approx(cagr, rel=1e-9, abs=1e-12)
        assert found.drawdown[i] == pytest.approx(fall, abs=1e-12)
        assert found.under_water[i] == longest
        assert found.lowest[i] == pytest.approx(lowest, rel=1e-12)


def test_sharpe_is_mean_over_deviation_and_nothing_without_one():
    x = np.random.default_rng(0).normal(0.001, 0.01, (3, 250))
    np.testing.assert_allclose(
        figures_of(curves_of(x), 252.0).sharpe, x.mean(axis=1) / x.std(axis=1, ddof=1) * math.sqrt(252.0), rtol=1e-9)  # fmt: skip
    assert np.isnan(figures_of(curves_of(np.array([[0.0] * 9, [0.01] * 9])), 252.0).sharpe).all()
    assert np.isnan(figures_of(curves_of(np.array([[0.1]])), 252.0).sharpe).all()


def test_what_is_lost_whole_stays_lost():
    curves = curves_of(np.array([[0.1, -1.5, 3.0, 0.1]]))
    np.testing.assert_allclose(curves, [[1.0, 1.1, 0.0, 0.0, 0.0]])
    found = figures_of(curves, 252.0)
    assert (found.total_return[0], found.cagr[0], found.drawdown[0], found.lowest[0]) == (-1.0, -1.0, 1.0, 0.0)
    assert found.under_water[0] == 3 and np.isfinite(found.sharpe[0])
    np.testing.assert_allclose(absorbed(np.array([[200.0, 100.0, -50.0, 300.0]])), [[1.0, 0.5, 0.0, 0.0]])


@given(st.integers(1, 5000))
def test_steps_begin_and_end_with_the_path(n):
    steps = sampled_steps(n)
    assert steps[0] == 0 and steps[-1] == n and (np.diff(steps) > 0).all()
    assert len(steps) == min(n + 1, 201)
