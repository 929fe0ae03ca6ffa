"""Whether there are regimes at all: no of noise and of volatility that clusters, yes where levels come back."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from hidden_regime.models.presence import (
    FEWEST,
    FEWEST_ROWS,
    THRESHOLD,
    _averages,
    _best,
    _student,
    evidence,
    presence,
    price,
    supported,
)

N_BARS = 1008


def garch(rng, n, alpha, beta):
    """Returns of a GARCH(1,1) with Student-t(7) shocks, and log ranges of its scale."""
    z, variance = rng.standard_t(7, n + 300) * math.sqrt(5 / 7), np.ones(n + 300)
    for t in range(1, n + 300):
        variance[t] = 1 - alpha - beta + (alpha * z[t - 1] ** 2 + beta) * variance[t - 1]
    sd = np.sqrt(variance[300:])
    return 0.01 * sd * z[300:], np.log(0.01 * sd) + 0.25 * rng.standard_normal(n) + 0.1 * (np.abs(z[300:]) - 0.8)


NOISE = {
    "normal": lambda rng, n: (rng.standard_normal(n), 0.25 * rng.standard_normal(n)),
    "student": lambda rng, n: (rng.standard_t(4, n), 0.25 * rng.standard_t(6, n)),
    "garch": lambda rng, n: garch(rng, n, 0.08, 0.90),
    "quick garch": lambda rng, n: garch(rng, n, 0.15, 0.80),
}
NUMBERS = [1, 2, 3, 4]


def says(x):
    """The number of states that evidence speaks for."""
    return supported(NUMBERS, evidence(x, NUMBERS, [len(x)]))


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


@pytest.mark.parametrize("make", NOISE.values(), ids=NOISE)
def test_of_markets_without_regimes_it_says_no(make):
    assert share_of_yes(lambda rng: make(rng, N_BARS)) <= 0.05


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


@pytest.mark.parametrize("make", NOISE.values(), ids=NOISE)
@pytest.mark.parametrize("ranges", [False, True])
def test_evidence_of_noise_is_for_one_state(make, ranges):
    said = [says(np.column_stack(make(np.random.default_rng(seed), 300))[:, : 1 + ranges]) for seed in range(20)]
    assert said.count(1) >= 19


@pytest.mark.parametrize(("sds", "duration"), [((0.006, 0.018), 60.0), ((0.005, 0.011, 0.024), 40.0)])
def test_evidence_of_regimes_counts_them(sds, duration):
    said = [says(np.column_stack(switching(np.random.default_rng(seed), 504, sds, duration))) for seed in range(10)]
    assert said.count(len(sds)) >= 8


def test_levels_that_return_are_regimes_and_a_random_walk_has_none():
    rng = np.random.default_rng(0)
    level = np.repeat([0.0, 3.0, 0.0, 3.0], 150) + rng.standard_normal(600)
    assert says(level[:, None]) == 2
    assert says(np.cumsum(rng.standard_normal(600))[:, None]) == 1


def test_evidence_of_sequences_adds_up_and_the_feature_that_says_most_counts():
    one, two = (np.column_stack(switching(np.random.default_rng(seed), 300, (0.006, 0.021), 60.0)) for seed in (0, 1))
    both = np.concatenate([one, two])[:, 1:]
    apart = np.add(evidence(one[:, 1:], NUMBERS, [300]), evidence(two[:, 1:], NUMBERS, [300]))
    np.testing.assert_allclose(evidence(both, NUMBERS, [300, 300]), apart, atol=1e-9)
    pure = np.random.default_rng(2).standard_normal((300, 1))
    noise, alone = (evidence(x, NUMBERS, [300]) for x in (pure, one[:, 1:]))
    beside = evidence(np.column_stack([pure, one[:, 1:]]), NUMBERS, [300])
    np.testing.assert_allclose(beside, np.maximum(noise, alone), atol=3.0)  # but for what each says of the other


def test_evidence_has_no_unit_and_leaves_out_what_is_missing():
    x = np.column_stack(switching(np.random.default_rng(3), 400, (0.006, 0.021), 60.0))
    plain = evidence(x, NUMBERS, [400])
    np.testing.assert_allclose(evidence(x * [100.0, 1.0] + [3.0, math.log(100.0)], NUMBERS, [400]), plain, atol=0.1)
    gone = np.random.default_rng(4).random(400) < 0.1
    holes = np.where(gone[:, None], math.nan, x)
    np.testing.assert_allclose(evidence(holes, NUMBERS, [400]), evidence(x[~gone], NUMBERS, [int((~gone).sum())]), atol=1e-6)


def test_where_nothing_can_be_asked_the_fewest_states_are_said():
    few = np.random.default_rng(0).normal(size=(FEWEST_ROWS - 1, 1))
    flat = np.ones((300, 2))
    for x in (few, flat, np.full((300, 1), math.nan)):
        nats = evidence(x, NUMBERS, [len(x)])
        assert nats[0] == 0.0 and np.isnan(nats[1:]).all()
        assert supported(NUMBERS, nats) == 1 and supported([3, 2], nats[2:][::-1]) == 2


def test_odd_features_are_no_trouble():
    t = np.arange(300.0)
    for column in (t, t % 5, (t % 2 == 0) * 1.0, np.where(t == 150, 1.0, 0.0), np.exp(t / 10)):
        assert says(column[:, None]) in NUMBERS


@pytest.mark.parametrize(
    ("nats", "expected"), [([0, 5.9, 13.9, 21.9], 1), ([0, 6.1, 13.9, 5], 2), ([0, 7, 15.1, 23], 3), ([0, -3, 15, 30], 4)]
)
def test_each_state_has_to_be_worth_its_price(nats, expected):
    assert supported(NUMBERS, nats) == expected
    assert [price(k) for k in NUMBERS] == [0.0, 6.0, 14.0, 22.0]
