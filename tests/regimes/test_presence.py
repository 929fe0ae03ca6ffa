"""Whether there are regimes at all: no of noise and of volatility that clusters, yes where levels come back."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from hidden_regime.regimes.presence import FEWEST, THRESHOLD, _averages, _best, _student, presence

N_BARS = 1008


def garch(rng, n, alpha, beta):
    """Returns of a GARCH(1,1) with Student-t(7) shocks, and log ranges of its scale."""
    z, variance = rng.standard_t(7, n + 300) * math.sqrt(5 / 7), np.ones(n + 300)
    for t in range(1, n + 300):
        variance[t] = 1 - alpha - beta + (alpha * z[t - 1] ** 2 + beta) * variance[t - 1]
    sd = np.sqrt(variance[300:])
    return 0.01 * sd * z[300:], np.log(0.01 * sd) + 0.25 * rng.standard_normal(n) + 0.1 * (np.abs(z[300:]) - 0.8)


def switching(rng, n, sds, duration):
    """Returns of regimes that last `duration` bars, and their log ranges."""
    state = np.cumsum(rng.random(n) < 1.0 / duration) % len(sds)
    sd = np.array(sds)[state]
    return sd * rng.standard_t(6, n) * math.sqrt(4 / 6), np.log(sd) + 0.25 * rng.standard_normal(n)


def share_of_yes(make, n_series=20):
    """Share of series with ranges of which regimes are said."""
    found = []
    for seed in range(n_series):
        returns, log_ranges = make(np.random.default_rng(seed))
        found.append(presence(log_ranges, 3, is_volatility=True, returns=returns) > THRESHOLD)
    return np.mean(found)


@pytest.mark.parametrize(
    "make",
    [lambda rng: (rng.standard_normal(N_BARS), 0.25 * rng.standard_normal(N_BARS)),
     lambda rng: (rng.standard_t(4, N_BARS), 0.25 * rng.standard_t(6, N_BARS)),
     lambda rng: garch(rng, N_BARS, 0.08, 0.90), lambda rng: garch(rng, N_BARS, 0.15, 0.80)],
    ids=["normal", "student", "garch", "quick garch"],
)  # fmt: skip
def test_of_markets_without_regimes_it_says_no(make):
    assert share_of_yes(make) <= 0.05


def test_of_markets_with_regimes_it_says_yes():
    assert share_of_yes(lambda rng: switching(rng, N_BARS, (0.006, 0.0095, 0.021), 80.0)) >= 0.95


def test_returns_alone_tell_it_later():
    returns, _ = switching(np.random.default_rng(1), 2016, (0.006, 0.021), 120.0)
    assert presence(returns, 2, is_volatility=False) > THRESHOLD
    noise = np.random.default_rng(2).standard_t(5, 2016)
    assert presence(noise, 2, is_volatility=False) < THRESHOLD
    clustered, _ = garch(np.random.default_rng(3), 2016, 0.08, 0.90)
    assert presence(clustered, 2, is_volatility=False) < THRESHOLD


def test_the_unit_does_not_matter():
    returns, log_ranges = switching(np.random.default_rng(4), N_BARS, (0.006, 0.021), 80.0)
    one = presence(log_ranges, 2, is_volatility=True, returns=returns)
    percent = presence(log_ranges + math.log(100.0), 2, is_volatility=True, returns=100.0 * returns)
    assert percent == pytest.approx(one, abs=1e-3)


def test_missing_bars_are_left_out():
    returns, log_ranges = switching(np.random.default_rng(5), N_BARS, (0.006, 0.021), 80.0)
    gone = np.random.default_rng(6).random(N_BARS) < 0.1
    with_gaps = np.where(gone, np.nan, log_ranges)
    expected = presence(log_ranges[~gone], 2, is_volatility=True, returns=returns[~gone])
    assert presence(with_gaps, 2, is_volatility=True, returns=returns) == expected


def test_what_it_cannot_say():
    few = np.random.default_rng(0).normal(size=FEWEST - 1)
    assert math.isnan(presence(few, 3, is_volatility=True))
    assert math.isnan(presence(np.ones(N_BARS), 3, is_volatility=True))
    assert math.isnan(presence(np.random.default_rng(0).normal(size=N_BARS), 1, is_volatility=True))


def test_densities_are_scipys():
    x = np.linspace(-4, 6, 11)
    expected = stats.t.logpdf(x, 6.0, loc=1.0, scale=2.0)
    np.testing.assert_allclose(_student(((x - 1.0) / 2.0) ** 2, math.log(2.0), 6.0), expected, atol=1e-12)


def test_the_best_scale_is_near_the_best_likelihood():
    x = 0.3 + 2.0 * np.random.default_rng(0).standard_t(6, 3000)
    location, scale = stats.t.fit(x, fdf=6.0)[1:]
    expected = stats.t.logpdf(x, 6.0, location, scale).sum()
    assert expected - 0.5 < _best(x, np.zeros(len(x))) < expected + 3.0  # another of its degrees may be better


def test_averages_know_no_later_bar():
    y = np.random.default_rng(0).normal(size=200)
    for span, average in zip((1, 5, 22, 66), _averages(y), strict=True):
        assert average[0] == 0.0
        for t in (1, 3, 50, 199):
            assert average[t] == pytest.approx(y[max(t - span, 0) : t].mean(), abs=1e-12)
