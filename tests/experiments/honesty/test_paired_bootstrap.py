"""The paired bootstrap: its error by its definition, its p by the resamples themselves, and how often it is wrong."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.exceptions import ParameterError

pytest.importorskip("arch")

from hidden_regime.experiments.honesty import sharpe_difference, sharpe_difference_bootstrap, sharpe_interval
from hidden_regime.experiments.honesty.resampling import block_length, stationary_draws


def pair(seed, n=300, phi=0.0, correlation=0.6, mean=0.05):
    """AR(1) returns of equal Sharpe ratios and different deviations."""
    shocks = np.random.default_rng(seed).multivariate_normal([0, 0], [[1, correlation], [correlation, 1]], n + 50)
    out = np.zeros((n + 50, 2))
    for t in range(1, n + 50):
        out[t] = phi * out[t - 1] + shocks[t]
    return ((out[50:] * math.sqrt(1 - phi**2) + mean) * [0.01, 0.013]).T


def sharpe(x):
    return x.mean() / x.std(ddof=1)


def error_by_definition(x, y, block):
    """Of the mean of what each day contributes: all pairs of days, each weighing by how far they are apart."""
    parts = []
    for series in (x, y):
        u = (series - series.mean()) / series.std(ddof=1)
        parts.append(u - sharpe(series) * (u**2 - 1) / 2)
    z = parts[0] - parts[1]
    z = z - z.mean()
    n = len(z)
    apart = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    return math.sqrt(z @ (1 - 1 / block) ** apart @ z) / n


def test_error_p_and_interval_are_those_of_the_definition():
    x, y = pair(3, 120)
    y = y + 0.0015
    found = sharpe_difference_bootstrap(x, y, block=4.0, n_resamples=199, seed=7)
    d, se = sharpe(x) - sharpe(y), error_by_definition(x, y, 4.0)
    assert (found.difference, found.se) == (pytest.approx(d), pytest.approx(se))
    t = [abs(sharpe(x[i]) - sharpe(y[i]) - d) / error_by_definition(x[i], y[i], 4.0) for i in stationary_draws(120, 4.0, 199, 7)]
    assert found.p == pytest.approx((1 + np.sum(np.array(t) >= abs(d) / se)) / 200)
    assert 0.0 < found.p < 0.5
    assert (found.low, found.high) == pytest.approx((d - se * sorted(t)[189], d + se * sorted(t)[189]))
    assert found.luck == pytest.approx(se * sorted(t)[189])
    assert found[5:] == (4.0, 199)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), shift=st.floats(-0.003, 0.003))
def test_interval_and_p_never_contradict_each_other(seed, shift):
    x, y = pair(seed, 80)
    found = sharpe_difference_bootstrap(x, y + shift, block=3.0, n_resamples=99)
    assert (found.p <= 0.05) == (found.low > 0.0 or found.high < 0.0)
    back = sharpe_difference_bootstrap(y + shift, x, block=3.0, n_resamples=99)
    assert (back.difference, back.p) == (pytest.approx(-found.difference), found.p)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), scale=st.floats(0.01, 100))
def test_a_strategy_against_itself_at_any_leverage(seed, scale):
    x, _ = pair(seed, 60)
    found = sharpe_difference_bootstrap(x, scale * x, n_resamples=99)
    assert (found.difference, found.se, found.p) == (0.0, 0.0, 1.0)


def test_the_block_is_the_longest_that_is_asked_for():
    x, y = pair(0, 400, phi=0.5)
    found = sharpe_difference_bootstrap(x, y, n_resamples=99)
    assert found.block == max(block_length(x), block_length(y), block_length(x - y)) > 2.0
    assert sharpe_difference_bootstrap(x, y, n_resamples=99) == found
    assert sharpe_difference_bootstrap(x, y, n_resamples=99, seed=1) != found


def test_a_resample_without_a_move_counts_against_the_difference():
    x = np.zeros(40)
    x[5] = 0.01
    y = np.random.default_rng(0).normal(-0.01, 0.01, 40)
    found = sharpe_difference_bootstrap(x, y, block=1.0, n_resamples=199)
    still = sum(not (i == 5).any() for i in stationary_draws(40, 1.0, 199, 0))
    assert found.p >= (1 + still) / 200 > 0.3
    assert (found.low, found.high) == (-math.inf, math.inf)


def test_equal_ratios_are_rejected_as_often_as_said_and_by_memmel_too_often():
    """200 pairs with autocorrelation 0.3: a rate of 5 in 100 gives more than 20 in 1 of 1,000 such tests, one of 15 in 975."""
    pairs = [pair(seed, 400, phi=0.3) for seed in range(200)]
    ours = sum(sharpe_difference_bootstrap(x, y, n_resamples=199).p <= 0.05 for x, y in pairs)
    assert 1 <= ours <= 20
    assert sum(sharpe_difference(x, y).p <= 0.05 for x, y in pairs) > 20


def test_a_real_difference_is_found():
    found = [sharpe_difference_bootstrap(x + 0.002, y, n_resamples=199).p for x, y in (pair(s, 400) for s in range(30))]
    assert sum(p <= 0.05 for p in found) >= 25


def test_an_interval_of_one_ratio_holds_it_as_often_as_said():
    held = 0
    for seed in range(150):
        x, _ = pair(seed, 300, phi=0.2)
        found = sharpe_interval(x, n_resamples=199)
        assert found.sharpe == pytest.approx(sharpe(x))
        held += found.low <= 0.05 <= found.high
    assert 133 <= held <= 149  # 1 of 1,000 tests has fewer at 95 in 100


def test_the_error_of_one_ratio_is_that_of_the_definition():
    x, _ = pair(3, 120)
    still = np.zeros(120)
    u = (x - x.mean()) / x.std(ddof=1)
    z = u - sharpe(x) * (u**2 - 1) / 2
    apart = np.abs(np.subtract.outer(np.arange(120), np.arange(120)))
    z -= z.mean()
    assert sharpe_interval(x, block=5.0, n_resamples=99).se == pytest.approx(math.sqrt(z @ 0.8**apart @ z) / 120)
    with pytest.raises(ParameterError, match="differ"):
        sharpe_interval(still)


@pytest.mark.parametrize(
    ("options", "match"),
    [({"second": [0.1, 0.2]}, "3 returns, as first"), ({"second": [0.1, 0.1, 0.1]}, "differ"), ({"block": 0.5}, "at least 1"),
     ({"n_resamples": 98}, "at least 99"), ({"seed": -1}, "seed"), ({"first": [0.1, math.nan, 0.2]}, r"first\[1\]")],
)  # fmt: skip
def test_what_can_not_be_compared_is_named(options, match):
    with pytest.raises(ParameterError, match=match):
        sharpe_difference_bootstrap(**{"first": [0.1, 0.2, 0.4], "second": [0.1, 0.3, 0.2]} | options)
