"""What PBO is on noise: the panels themselves, and the band that is drawn without them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2, ks_2samp, kstest, norm

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.honesty import pbo, pbo_noise_band
from hidden_regime.experiments.honesty.noise_band import _noise


def panel(seed, correlation=0.0, n_days=1000, n_trials=50):
    rng = np.random.default_rng(seed)
    own = rng.normal(0, 0.01, (n_days, n_trials))
    if not correlation:
        return own
    return np.sqrt(1 - correlation) * own + np.sqrt(correlation) * rng.normal(0, 0.01, (n_days, 1))


def test_sixty_panels_of_noise_say_little():
    values = np.array([pbo(panel(100 + i), n_blocks=8).value for i in range(60)])
    assert values.mean() == pytest.approx(0.514, abs=5e-4)
    assert values.std() == pytest.approx(0.194, abs=5e-4)
    assert np.quantile(values, [0.05, 0.95]) == pytest.approx([0.20, 0.86], abs=5e-3)
    assert (values < 0.25).mean() == pytest.approx(0.08, abs=5e-3)


@pytest.mark.parametrize("correlation", [0.0, 0.77])
def test_the_band_is_that_of_whole_panels(correlation):
    band = pbo_noise_band(160, 10, n_blocks=4, correlation=correlation, n_panels=1500, seed=1)
    whole = [pbo(panel(i, correlation, 160, 10), n_blocks=4).value for i in range(1500)]
    assert ks_2samp(band.values, whole).pvalue > 0.05
    assert band.mean == pytest.approx(np.mean(whole), abs=0.02)
    assert band.sd == pytest.approx(np.std(whole), abs=0.015)


@pytest.mark.parametrize("length", [2, 5])
def test_blocks_are_drawn_as_sums_of_correlated_days_are_distributed(length):
    rho = 0.6
    drawn = np.array([_noise(np.random.default_rng([5, i]), 2, length, 2, rho)[0].ravel() for i in range(20_000)])
    alike, none = np.array([[1.0, rho], [rho, 1.0]]), np.zeros((2, 2))
    covariance = np.block([[length * alike, none], [none, 2 * length * alike**2]])
    np.testing.assert_allclose(drawn.mean(axis=0), [0, 0, length, length], atol=0.08)
    np.testing.assert_allclose(np.cov(drawn.T), covariance, atol=0.1 * length)
    for i in range(2):
        assert kstest(drawn[:, i], norm(scale=length**0.5).cdf).pvalue > 0.01
        assert kstest(drawn[:, 2 + i], chi2(length).cdf).pvalue > 0.01


def test_a_seed_has_its_band_and_more_panels_begin_with_the_same():
    band, again = (pbo_noise_band(200, 8, n_blocks=4, n_panels=30, seed=2) for _ in range(2))
    np.testing.assert_array_equal(band.values, again.values)
    more = pbo_noise_band(200, 8, n_blocks=4, n_panels=31, seed=2).values.tolist()
    assert set(band.values) <= set(more)
    assert pbo_noise_band(200, 8, n_blocks=4, n_panels=30, seed=3).values.tolist() != band.values.tolist()


def test_the_band_holds_what_it_says():
    band = pbo_noise_band(400, 20, n_blocks=8, n_panels=200)
    assert 0.0 <= band.low < band.mean < band.high <= 1.0
    assert band.share_up_to(band.high) >= 0.95
    assert band.share_up_to(-0.1) == 0.0 and band.share_up_to(1.0) == 1.0
    assert repr(band).startswith(f"<NoiseBand: {band.low:.2f} to {band.high:.2f}")
    wide = pbo_noise_band(400, 20, n_blocks=8, n_panels=200, quantiles=(0.0, 1.0))
    assert (wide.low, wide.high) == (wide.values[0], wide.values[-1])


@pytest.mark.parametrize(
    ("options", "match"),
    [({"correlation": 1.0}, "below 1"), ({"correlation": -0.1}, "correlation"), ({"n_panels": 0}, "n_panels"), ({"n_blocks": 5}, "even"),
     ({"quantiles": (0.9, 0.1)}, "quantiles"), ({"seed": -1}, "seed"), ({"n_trials": 1}, "n_trials"), ({"n_days": 20}, "20 days")],
)  # fmt: skip
def test_shapes_that_no_study_has_are_named(options, match):
    with pytest.raises(ParameterError, match=match):
        pbo_noise_band(**({"n_days": 400, "n_trials": 20} | options))
