"""The stitched curve: days once each, figures of the whole."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.honesty import minimum_track_record, probabilistic_sharpe, return_moments, sharpe_se
from hidden_regime.experiments.stitched import stitch, stitched_figures


def test_windows_without_dates_follow_each_other():
    assert stitch([[0.1, 0.2], [], [0.3]]).tolist() == [0.1, 0.2, 0.3]
    assert stitch([[0.1], [0.2]], [None, None]).tolist() == [0.1, 0.2]
    assert stitch([]).shape == (0,)


@settings(deadline=None)
@given(data=st.data(), n=st.integers(1, 5))
def test_a_day_has_the_mean_of_the_windows_that_tested_it(data, n):
    days = [data.draw(st.lists(st.integers(0, 20), unique=True, max_size=10)) for _ in range(n)]
    returns = [data.draw(st.lists(st.floats(-1, 1), min_size=len(d), max_size=len(d))) for d in days]
    of_day = {}
    for window, own in zip(days, returns, strict=True):
        for day, value in zip(window, own, strict=True):
            of_day.setdefault(day, []).append(value)
    dates = [np.array(window, dtype="datetime64[D]") if window else None for window in days]
    expected = [np.mean(of_day[day]) for day in sorted(of_day)]
    np.testing.assert_allclose(stitch(returns, dates), expected, rtol=1e-12, atol=1e-15)


def test_every_return_has_its_date_or_none_has():
    with pytest.raises(ParameterError, match=r"dates\[1\]"):
        stitch([[0.1], [0.2]], [["2020-01-01"], None])
    with pytest.raises(ParameterError, match=r"returns\[0\]"):
        stitch([[math.nan]])


def test_figures_are_those_of_all_days():
    x = np.random.default_rng(0).normal(0.001, 0.01, 500)
    found, m = stitched_figures(x, 252), return_moments(x)
    se = sharpe_se(m.sharpe, 500, skew=m.skew, kurtosis=m.kurtosis)
    assert (found.sharpe, found.skew, found.kurtosis, found.n_days) == (m.sharpe, m.skew, m.kurtosis, 500)
    assert (found.se, found.annual_se) == (se, se * math.sqrt(252))
    assert found.annual_sharpe == m.sharpe * math.sqrt(252)
    assert found.psr == probabilistic_sharpe(returns=x)
    assert found.minimum_track_record == minimum_track_record(sharpe=m.sharpe, skew=m.skew, kurtosis=m.kurtosis)
    assert (found.minimum_track_record > 500) == (found.psr < 0.95)


@pytest.mark.parametrize("returns", [[], [0.1], [0.0, 0.0, 0.0]])
def test_a_curve_that_never_moves_has_no_figures(returns):
    assert stitched_figures(np.array(returns)) is None
