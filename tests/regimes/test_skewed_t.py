"""The skewed Student-t against integrals, SciPy and the arch package; its shape against plain loops and large samples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from hidden_regime.regimes.skewed_t import (
    DEGREES,
    DEGREES_SPREAD,
    SKEW_SPREAD,
    SKEWS,
    USUAL_DEGREES,
    SkewedT,
    estimate_shape,
)

SHAPES = [(3.5, -0.3), (6.0, 0.0), (8.0, 0.2), (30.0, -0.05)]


def density(shape: SkewedT, z: float) -> float:
    return math.exp(float(shape.log_density(np.array(z))))


@pytest.mark.parametrize(("degrees", "skew"), SHAPES)
def test_it_has_mass_one_mean_zero_and_variance_one(degrees, skew):
    shape = SkewedT(degrees, skew)
    for power, expected in ((0, 1.0), (1, 0.0), (2, 1.0)):
        parts = [
            integrate.quad(lambda z, p=power: z**p * density(shape, z), a, b, limit=200)[0]
            for a, b in ((-np.inf, -1.0), (-1.0, 1.0), (1.0, np.inf))
        ]
        assert sum(parts) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("degrees", "skew"), SHAPES)
@pytest.mark.parametrize("z", [-6.0, -0.7, 0.0, 0.1, 4.0])
def test_the_distribution_is_the_integral_of_the_density(degrees, skew, z):
    shape = SkewedT(degrees, skew)
    below = integrate.quad(lambda x: density(shape, x), -np.inf, min(z, -1.0))[0]
    below += integrate.quad(lambda x: density(shape, x), min(z, -1.0), z)[0]
    assert float(shape.cdf(np.array(z))) == pytest.approx(below, abs=1e-7)


def test_without_skew_it_is_students():
    z = np.linspace(-8.0, 8.0, 33)
    plain = stats.t(5.0, scale=math.sqrt(3.0 / 5.0))
    np.testing.assert_allclose(SkewedT(5.0, 0.0).log_density(z), plain.logpdf(z), rtol=1e-12)
    np.testing.assert_allclose(SkewedT(5.0, 0.0).cdf(z), plain.cdf(z), rtol=1e-10)


def test_it_is_the_one_of_the_arch_package():
    univariate = pytest.importorskip("arch.univariate")
    z = np.array([-4.0, -1.0, -0.1, 0.3, 2.5])
    for degrees, skew in SHAPES:
        theirs = univariate.SkewStudent()
        parameters = np.array([degrees, skew])
        ours = SkewedT(degrees, skew)
        logs = theirs.loglikelihood(parameters, z, np.ones(len(z)), individual=True)
        np.testing.assert_allclose(ours.log_density(z), logs, rtol=1e-10)
        np.testing.assert_allclose(ours.cdf(z), theirs.cdf(z, parameters), rtol=1e-8)


@settings(deadline=None)
@given(st.floats(2.5, 50.0), st.floats(-0.6, 0.6), st.floats(1e-6, 1.0 - 1e-6))
def test_quantiles_invert_the_distribution(degrees, skew, q):
    shape = SkewedT(degrees, skew)
    assert float(shape.cdf(shape.quantile(q))) == pytest.approx(q, rel=1e-7)


def test_the_far_tail_of_falls_keeps_its_digits():
    shape = SkewedT(6.0, -0.2)
    tail = integrate.quad(lambda z: density(shape, z), -np.inf, -60.0, epsabs=0.0)[0]
    assert float(shape.cdf(np.array(-60.0))) == pytest.approx(tail, rel=1e-8)


def test_the_shape_is_the_posterior_mean_over_the_grid():
    """Against three loops and math alone."""
    shocks = np.random.default_rng(0).standard_t(4.0, 30) / math.sqrt(2.0)
    weights, degrees, skews = [], [], []
    for n in DEGREES:
        for skew in SKEWS:
            log = -0.5 * (skew / SKEW_SPREAD) ** 2 - 0.5 * (math.log(n / USUAL_DEGREES) / DEGREES_SPREAD) ** 2
            for z in shocks:
                log += math.log(density(SkewedT(n, skew), z))
            weights.append(math.exp(log))
            degrees.append(math.log(n))
            skews.append(skew)
    found = estimate_shape(np.concatenate([shocks, [np.nan]]))
    assert found.degrees == pytest.approx(math.exp(np.average(degrees, weights=weights)), rel=1e-10)
    assert found.skew == pytest.approx(np.average(skews, weights=weights), rel=1e-8)


def test_without_shocks_the_priors_answer():
    found = estimate_shape(np.empty(0))
    assert found.skew == pytest.approx(0.0, abs=1e-15)
    assert found.degrees == pytest.approx(USUAL_DEGREES, rel=0.05)


@pytest.mark.parametrize(("degrees", "skew"), [(4.5, -0.2), (11.0, 0.15)])
def test_many_shocks_tell_the_shape(degrees, skew):
    shocks = SkewedT(degrees, skew).quantile(np.random.default_rng(1).random(20_000))
    found = estimate_shape(shocks)
    assert found.degrees == pytest.approx(degrees, rel=0.1)
    assert found.skew == pytest.approx(skew, abs=0.03)


def test_the_mirrored_market_has_the_mirrored_skew():
    shocks = SkewedT(5.0, -0.2).quantile(np.random.default_rng(2).random(252))
    one, other = estimate_shape(shocks), estimate_shape(-shocks)
    assert other.skew == pytest.approx(-one.skew, rel=1e-9)
    assert other.degrees == pytest.approx(one.degrees, rel=1e-9)


@pytest.mark.parametrize(("degrees", "skew"), SHAPES)
def test_draws_have_the_distribution(degrees, skew):
    shape = SkewedT(degrees, skew)
    draws = shape.sample((200, 100), np.random.default_rng(4))
    assert draws.shape == (200, 100)
    assert stats.kstest(draws.ravel(), shape.cdf).pvalue > 0.01
