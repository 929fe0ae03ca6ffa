"""Errors of one Sharpe ratio: published numbers, sums written out, simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments import honesty
from hidden_regime.experiments.honesty import (
    lo_eta,
    minimum_track_record,
    probabilistic_sharpe,
    return_moments,
    sharpe_se,
)

SKEWED = {"skew": -2.448, "kurtosis": 10.164}


def test_exported_names_exist():
    assert all(hasattr(honesty, name) for name in honesty.__all__)
    assert sorted(honesty.__all__) == honesty.__all__


@pytest.mark.parametrize(("sharpe", "n", "se"), [(0.5, 12, 0.306), (0.5, 60, 0.137), (1, 60, 0.158), (3, 60, 0.303)])
def test_los_errors_of_independent_returns(sharpe, n, se):
    assert sharpe_se(sharpe, n, ddof=0) == pytest.approx(se, abs=5e-4)


def test_six_months_of_days_have_an_error_of_1_41_a_year():
    assert sharpe_se(0.0, 126, ddof=0) * math.sqrt(252) == pytest.approx(1.41, abs=5e-3)


def test_mertens_error_is_that_of_the_sp500():
    from hidden_regime.data import load_dataset

    m = return_moments(load_dataset("sp500")["close"].pct_change().to_numpy()[1:])
    se = sharpe_se(m.sharpe, m.n_obs, skew=m.skew, kurtosis=m.kurtosis)
    assert m.n_obs == 5030
    assert se * math.sqrt(252) == pytest.approx(0.224, abs=5e-4)


def test_mertens_error_is_that_of_simulated_skewed_returns():
    rng, shape = np.random.default_rng(0), 4.0  # of a gamma distribution: skewness 1, kurtosis 4.5
    x = rng.gamma(shape, 1.0, (20_000, 500)) - shape + 0.6
    sharpes = x.mean(axis=1) / x.std(axis=1, ddof=1)
    assert sharpes.std() == pytest.approx(sharpe_se(0.3, 500, skew=1.0, kurtosis=4.5), rel=0.02)
    assert sharpes.std() != pytest.approx(sharpe_se(0.3, 500), rel=0.1)


@pytest.mark.parametrize(("rho", "eta"), [(-0.2, 4.171), (0, 3.464), (0.2, 2.879), (0.5, 2.121), (0.9, 1.207)])
def test_los_factors_from_months_to_a_year(rho, eta):
    assert lo_eta(12, rho) == pytest.approx(eta, abs=5e-4)


@settings(deadline=None)
@given(q=st.integers(1, 40), rho=st.floats(-0.95, 0.95))
def test_los_factor_is_the_ratio_of_a_sum(q, rho):
    lags = np.abs(np.subtract.outer(np.arange(q), np.arange(q)))
    variance = (float(rho) ** lags).sum()  # of the sum of q returns of variance 1
    assert lo_eta(q, rho) == pytest.approx(q / math.sqrt(variance), rel=1e-9)
    assert lo_eta(q, [rho**k for k in range(1, q)]) == pytest.approx(lo_eta(q, rho), rel=1e-9)


def test_lags_beyond_those_that_are_given_are_nothing():
    assert lo_eta(12, [0.3]) == lo_eta(12, [0.3] + [0.0] * 10)
    assert lo_eta(1, 0.5) == 1.0
    assert lo_eta(12, []) == pytest.approx(math.sqrt(12))


@pytest.mark.parametrize(
    ("q", "rho", "match"),
    [(0, 0.1, "q = 0"), (2.0, 0.1, "q = 2.0"), (12, 1.5, "between"), (12, math.nan, "rho"), (3, [0.1, 0.1, 0.1], "at most q - 1"),
     (12, [0.2, 1.1], "between"), (4, [-0.9], "variance of its sums"), (12, "much", "rho")],
)  # fmt: skip
def test_autocorrelations_that_no_series_has_are_refused(q, rho, match):
    with pytest.raises(ParameterError, match=match):
        lo_eta(q, rho)


def test_probabilistic_sharpe_and_track_record_as_published():
    assert probabilistic_sharpe(sharpe=0.458, n_obs=24, **SKEWED) == pytest.approx(0.9134, abs=5e-5)
    assert probabilistic_sharpe(sharpe=0.458, n_obs=24) == pytest.approx(0.9817, abs=5e-5)
    assert minimum_track_record(sharpe=0.458, **SKEWED) == pytest.approx(34.56, abs=5e-3)
    assert minimum_track_record(sharpe=0.458) == pytest.approx(15.25, abs=5e-3)


@settings(deadline=None)
@given(
    sharpe=st.floats(0.01, 2),
    skew=st.floats(-2, 2),
    more=st.floats(0, 20),
    benchmark=st.floats(-0.1, 0.0),
    p=st.floats(0.51, 0.999),
)
def test_a_record_of_the_minimum_length_is_just_long_enough(sharpe, skew, more, benchmark, p):
    shape = {"sharpe": sharpe, "skew": skew, "kurtosis": 1.01 + skew**2 + more, "benchmark": benchmark}
    least = minimum_track_record(**shape, confidence=p)
    enough = math.ceil(least) + 1
    assert probabilistic_sharpe(**shape, n_obs=enough) >= p
    if least > 3.0:
        assert probabilistic_sharpe(**shape, n_obs=math.floor(least) - 1) < p


def test_no_record_is_long_enough_for_a_ratio_below_the_benchmark():
    assert minimum_track_record(sharpe=-0.1) == math.inf
    assert minimum_track_record(sharpe=0.1, benchmark=0.1) == math.inf


def test_moments_are_scipys_and_go_with_the_returns():
    x = np.random.default_rng(1).standard_t(5, 300) * 0.01 + 0.001
    m = return_moments(x)
    assert m.skew == pytest.approx(stats.skew(x), rel=1e-9)
    assert m.kurtosis == pytest.approx(stats.kurtosis(x, fisher=False), rel=1e-9)
    assert m.sharpe == pytest.approx(x.mean() / x.std(ddof=1), rel=1e-12)
    assert probabilistic_sharpe(returns=x) == probabilistic_sharpe(**m._asdict())
    assert minimum_track_record(returns=x) == minimum_track_record(sharpe=m.sharpe, skew=m.skew, kurtosis=m.kurtosis)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 10**6), scale=st.floats(1e-3, 1e3))
def test_leverage_changes_nothing(seed, scale):
    x = np.random.default_rng(seed).normal(0.01, 0.1, 50)
    np.testing.assert_allclose(return_moments(scale * x), return_moments(x), rtol=1e-8, atol=1e-9)


def test_two_outcomes_leave_no_error():
    # Of returns that are a or b alone with the same share, the Sharpe ratio 1 / 1 has the spread 1 + 0 = 1; skewed enough, 0.
    assert probabilistic_sharpe(sharpe=2.0, n_obs=10, skew=1.0, kurtosis=2.0) == 1.0
    assert probabilistic_sharpe(sharpe=2.0, n_obs=10, skew=1.0, kurtosis=2.0, benchmark=2.0) == 0.5
    assert probabilistic_sharpe(sharpe=2.0, n_obs=10, skew=1.0, kurtosis=2.0, benchmark=2.1) == 0.0


@pytest.mark.parametrize(
    ("returns", "match"),
    [([0.01], "at least two"), ([0.0, 0.0, 0.0], "differ"), ([0.1] * 7, "differ"), ([0.01, math.nan], r"returns\[1\] = nan"),
     ([0.01, math.inf], "finite"), ([[0.01, 0.02]], "one dimension"), (["a", "b"], "one dimension"), ([1e-200, -1e-200], "differ")],
)  # fmt: skip
def test_returns_without_a_sharpe_ratio_are_named(returns, match):
    with pytest.raises(ParameterError, match=match):
        probabilistic_sharpe(returns=returns)


@pytest.mark.parametrize(
    ("options", "match"),
    [({}, "sharpe = None"), ({"sharpe": 0.1}, "n_obs = None"), ({"returns": [0.1, 0.2], "sharpe": 0.1}, "nothing beside returns"),
     ({"sharpe": 0.1, "n_obs": 1}, "n_obs = 1"), ({"sharpe": math.nan, "n_obs": 9}, "sharpe = nan"),
     ({"sharpe": 0.1, "n_obs": 9, "kurtosis": 0.0}, "add 3"), ({"sharpe": 0.1, "n_obs": 9, "skew": 3.0, "kurtosis": 9.0}, "add 3"),
     ({"sharpe": 0.1, "n_obs": 9, "benchmark": math.nan}, "benchmark")],
)  # fmt: skip
def test_what_does_not_go_together_is_named(options, match):
    with pytest.raises(ParameterError, match=match):
        probabilistic_sharpe(**options)


@pytest.mark.parametrize("confidence", [0.5, 1.0, 0.0, True])
def test_a_confidence_that_none_is(confidence):
    with pytest.raises(ParameterError, match="confidence"):
        minimum_track_record(sharpe=0.1, confidence=confidence)


def test_errors_count_by_one_or_by_none():
    with pytest.raises(ParameterError, match="ddof"):
        sharpe_se(0.1, 10, ddof=2)
    assert sharpe_se(0.1, 10) == pytest.approx(sharpe_se(0.1, 9, ddof=0))
