"""The scores of densities against sums written out, and that no density knows the day that it is about."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from benchmarks.densities.ours import our_densities
from benchmarks.densities.rivals import range_ewma
from benchmarks.densities.scores import christoffersen, hac_t, kupiec
from benchmarks.densities.series import LOOKBACK, series_of
from hidden_regime import load_dataset


def test_the_t_statistic_is_a_double_sum_over_pairs_of_days():
    lead = np.convolve(np.random.default_rng(0).standard_normal(60), np.ones(4), "valid") + 0.3
    n, away, total = len(lead), lead - lead.mean(), 0.0
    for i in range(n):
        for j in range(n):
            total += max(0.0, 1.0 - abs(i - j) / 6.0) * away[i] * away[j]
    assert hac_t(lead, lags=5) == pytest.approx(lead.mean() / (np.sqrt(total) / n), rel=1e-12)


def test_without_lags_it_is_the_plain_one():
    lead = np.random.default_rng(1).standard_normal(50)
    assert hac_t(lead, lags=0) == pytest.approx(lead.mean() / lead.std() * np.sqrt(50), rel=1e-12)


@pytest.mark.parametrize("count", [0, 3, 10, 25])
def test_kupiecs_ratio_is_that_of_two_binomials(count):
    hits = np.arange(500) < count
    ratio = 2 * (stats.binom.logpmf(count, 500, count / 500) - stats.binom.logpmf(count, 500, 0.02))
    assert kupiec(hits, 0.02) == pytest.approx(stats.chi2.sf(ratio, 1), rel=1e-8)


def test_christoffersens_ratio_is_that_of_a_chain_and_of_one_coin():
    hits = np.random.default_rng(2).random(400) < 0.1
    before, after = hits[:-1], hits[1:]
    chain = sum(stats.bernoulli.logpmf(after[before == a], after[before == a].mean()).sum() for a in (False, True))
    coin = stats.bernoulli.logpmf(after, after.mean()).sum()
    apart, both = christoffersen(hits, 0.05)
    assert apart == pytest.approx(stats.chi2.sf(2 * (chain - coin), 1), rel=1e-8)
    assert stats.chi2.isf(both, 2) == pytest.approx(2 * (chain - coin) + stats.chi2.isf(kupiec(hits, 0.05), 1), rel=1e-6)


def test_hits_in_a_row_are_told_from_hits_apart():
    row, apart = np.zeros(1000), np.zeros(1000)
    row[100:150] = 1.0
    apart[::20] = 1.0
    assert kupiec(row, 0.05) == kupiec(apart, 0.05) > 0.99
    assert christoffersen(row, 0.05)[0] < 1e-6
    assert christoffersen(apart, 0.05)[0] > 0.01


def test_no_density_knows_the_day_that_it_is_about():
    frame = load_dataset("sp500").iloc[: LOOKBACK + 40]
    other = frame.copy()
    other.iloc[-1, :4] *= 0.9
    for make in (our_densities, lambda series: {"ranges": range_ewma(series)}):
        one, two = make(series_of("one", frame)), make(series_of("other", other))
        for title, density in one.items():
            assert np.isfinite(density.log[LOOKBACK + 1 :]).all()
            np.testing.assert_array_equal(density.log[:-1], two[title].log[:-1])
            assert two[title].below[-1] < 1e-3 < density.below[-1]
