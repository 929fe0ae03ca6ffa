"""The posterior of a regime model covers what it says, where the world is drawn from the prior."""

from __future__ import annotations

import numpy as np
import pytest

from hidden_regime.exceptions import ParameterError
from hidden_regime.quantconnect.learned.posterior import PosteriorDraws, RegimePrior, sample_posterior

PRIOR = RegimePrior()


def worlds(count, length, seed):
    """Series of the prior's own worlds, a bar longer."""
    rng = np.random.default_rng(seed)
    variance = PRIOR.rate / rng.gamma(PRIOR.shape, size=(count, 2))
    mean = np.sqrt(variance / PRIOR.pull) * rng.standard_normal((count, 2))
    stay = rng.beta(PRIOR.stay, PRIOR.leave, (count, 2))
    state = rng.integers(0, 2, count)
    rows, out = np.arange(count), np.empty((count, length + 1))
    for t in range(length + 1):
        if t:
            state = np.where(rng.random(count) < stay[rows, state], state, 1 - state)
        out[:, t] = mean[rows, state] + np.sqrt(variance[rows, state]) * rng.standard_normal(count)
    return out


def test_intervals_of_90_percent_hold_90_of_100_next_returns():
    """2,000 series: three standard errors are 2 in 100."""
    series = worlds(2000, 60, 0)
    draws = sample_posterior(series[:, :-1], n_draws=40, burn=30, scale=1.0, seed=1)
    low, high = draws.interval(0.9)
    inside = (series[:, -1] >= low) & (series[:, -1] <= high)
    assert 0.88 <= inside.mean() <= 0.92


def test_a_share_rises_with_the_posterior_mean():
    rng = np.random.default_rng(0)
    base = rng.normal(0.0, 0.01, 150)
    series = np.stack([base + shift for shift in (-0.004, 0.0, 0.002, 0.004)])
    draws = sample_posterior(series, n_draws=80, burn=40, scale=0.01)
    shares = draws.share(0.5, 100.0)
    assert (np.diff(shares) >= 0).all()
    assert shares[0] == 0.0
    assert shares[-1] > shares[1]
    unsure = PosteriorDraws(draws.mean, 2 * draws.sd).share(0.5, 100.0)
    assert (unsure[shares > 0] < shares[shares > 0]).all()


def test_two_regimes_are_told_apart():
    rng = np.random.default_rng(3)
    calm, wild = rng.normal(0.001, 0.005, 150), rng.normal(-0.001, 0.02, 150)
    ends_calm = sample_posterior(np.concatenate([wild, calm]), n_draws=40, burn=40)
    ends_wild = sample_posterior(np.concatenate([calm, wild]), n_draws=40, burn=40)
    assert ends_calm.predictive()[1][0] < 0.5 * ends_wild.predictive()[1][0]
    again = sample_posterior(np.concatenate([calm, wild]), n_draws=40, burn=40)
    assert (again.mean == ends_wild.mean).all()


def test_what_can_t_be_sampled_is_named():
    for wrong in ([0.1] * 5, [0.01] * 50, [np.nan] * 50):
        with pytest.raises(ParameterError, match="returns"):
            sample_posterior(wrong)
    with pytest.raises(ParameterError, match="n_states"):
        sample_posterior(np.random.default_rng(0).normal(size=50), 0)
