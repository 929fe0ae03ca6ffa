"""The best of many: published numbers, closed forms, and what the corrections are for: noise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.honesty import (
    deflated_sharpe,
    expected_best_sharpe,
    minimum_backtest_length,
    probabilistic_sharpe,
    return_moments,
)

YEAR = 250
PUBLISHED = {"sharpe": 2.5 / math.sqrt(YEAR), "n_obs": 5 * YEAR, "variance": 0.5 / YEAR}


@pytest.mark.parametrize(("n", "formula", "exact"), [(10, 1.5746, 1.5388), (100, 2.5306, 2.5076), (1000, 3.2551, 3.2414)])
def test_the_expected_best_by_formula_and_exactly(n, formula, exact):
    assert expected_best_sharpe(n) == pytest.approx(formula, abs=5e-5)
    assert expected_best_sharpe(n, exact=True) == pytest.approx(exact, abs=5e-5)


@pytest.mark.parametrize(("n", "known"), [(2, 1 / math.sqrt(math.pi)), (3, 1.5 / math.sqrt(math.pi)), (5, 1.1629644736)])
def test_the_exact_one_has_its_closed_forms(n, known):
    assert expected_best_sharpe(n, exact=True) == pytest.approx(known, abs=1e-10)


@settings(deadline=None)
@given(n=st.floats(1, 1e12), more=st.floats(0.01, 5), variance=st.floats(1e-6, 10))
def test_more_trials_have_a_better_best_in_the_unit_of_the_variance(n, more, variance):
    for exact in (False, True):
        best = expected_best_sharpe(n, variance=variance, exact=exact)
        assert 0.0 <= best <= expected_best_sharpe(n * (1 + more), variance=variance, exact=exact)
        assert best == pytest.approx(math.sqrt(variance) * expected_best_sharpe(n, exact=exact), rel=1e-12)


def test_the_best_of_one_is_none_and_of_very_many_is_finite():
    assert expected_best_sharpe(1) == expected_best_sharpe(1, exact=True) == 0.0
    assert expected_best_sharpe(1.001) == 0.0
    assert expected_best_sharpe(1e200) == pytest.approx(expected_best_sharpe(1e200, exact=True), rel=1e-3)


def test_the_deflated_sharpe_as_published():
    by_luck = expected_best_sharpe(100, variance=PUBLISHED["variance"])
    assert by_luck == pytest.approx(0.1132, abs=5e-5)
    shape = {"skew": -3.0, "kurtosis": 10.0}
    assert deflated_sharpe(n_trials=100, **PUBLISHED, **shape) == pytest.approx(0.9004, abs=5e-5)
    assert deflated_sharpe(n_trials=46, **PUBLISHED, **shape) == pytest.approx(0.9505, abs=5e-5)
    assert deflated_sharpe(n_trials=88, **PUBLISHED) == pytest.approx(0.9505, abs=5e-5)


@pytest.mark.parametrize(("n", "years", "abs_"), [(7, 1.92, 5e-3), (45, 5.0, 5e-2), (100, 6.4, 5e-2)])
def test_the_minimum_backtest_length_as_published(n, years, abs_):
    assert minimum_backtest_length(n) == pytest.approx(years, abs=abs_)
    assert minimum_backtest_length(n, sharpe=1 / math.sqrt(YEAR)) == pytest.approx(YEAR * minimum_backtest_length(n))
    assert minimum_backtest_length(n, sharpe=2.0) == pytest.approx(minimum_backtest_length(n) / 4)


def test_the_ways_to_say_it_agree():
    rng = np.random.default_rng(3)
    trials = rng.normal(0.0003, 0.01, (800, 12))
    sharpes = [return_moments(column).sharpe for column in trials.T]
    best = trials[:, int(np.argmax(sharpes))]
    found = deflated_sharpe(n_trials=12, trial_sharpes=sharpes, returns=best)
    variance = float(np.var(sharpes, ddof=1))
    assert found == deflated_sharpe(n_trials=12, variance=variance, **return_moments(best)._asdict())
    assert found < probabilistic_sharpe(returns=best) == deflated_sharpe(n_trials=1, variance=variance, returns=best)


def test_of_400_families_of_noise_the_best_is_significant_but_not_when_deflated():
    plain = deflated = 0
    for seed in range(400):
        x = np.random.default_rng(seed).normal(0, 0.01, (1000, 50))
        sharpes = x.mean(axis=0) / x.std(axis=0, ddof=1)
        best = return_moments(x[:, sharpes.argmax()])._asdict()
        plain += probabilistic_sharpe(**best) > 0.95
        deflated += deflated_sharpe(n_trials=50, trial_sharpes=sharpes, **best) > 0.95
    assert (plain, deflated) == (371, 2)  # 92.8% and 0.5%


@pytest.mark.parametrize(
    ("options", "match"),
    [({}, "variance"), ({"variance": 0.1, "trial_sharpes": [0.1, 0.2]}, "or else"), ({"trial_sharpes": [0.1]}, "at least two"),
     ({"trial_sharpes": [0.1, math.nan]}, r"trial_sharpes\[1\]"), ({"variance": -0.1}, "variance = -0.1"),
     ({"variance": 0.1, "n_trials": 0.5}, "n_trials = 0.5"), ({"variance": 0.1, "n_trials": math.inf}, "n_trials = inf")],
)  # fmt: skip
def test_what_does_not_go_together_is_named(options, match):
    with pytest.raises(ParameterError, match=match):
        deflated_sharpe(**({"n_trials": 5, "sharpe": 0.1, "n_obs": 100} | options))


def test_no_ratio_to_be_lucky_about():
    with pytest.raises(ParameterError, match="above 0"):
        minimum_backtest_length(10, sharpe=0.0)
