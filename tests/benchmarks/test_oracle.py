"""Filters that know the reference market: the density of a sum of two Student-t variables, and the chain."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from benchmarks.truths import oracle, reference
from benchmarks.truths.oracle import ASSETS, DURATION, MARKET_SD, STEP, TRANSMAT, WILDER


def test_a_student_density_is_scipys():
    x = np.linspace(-0.1, 0.1, 7)
    scale = 0.01 * np.sqrt(4 / 6)
    assert oracle.unit_t_density(x, 6.0, 0.01) == pytest.approx(stats.t.pdf(x, 6.0, scale=scale), rel=1e-12)


@pytest.mark.parametrize(("sd", "noise"), [(0.0060, 0.0006), (0.0095, 0.0045), (0.0263, 0.0195)])
def test_the_density_of_a_sum_is_the_integral(sd, noise):
    grid, density = oracle.density_of_sum(sd, noise)
    assert density.sum() * STEP == pytest.approx(1.0, abs=1e-12)
    assert (grid**2 * density).sum() * STEP == pytest.approx(sd**2 + noise**2, rel=1e-2)  # a tail of power 4 is cut off
    market, own = (lambda x, d=d, s=s: oracle.unit_t_density(np.asarray(x), d, s) for d, s in ((6.0, sd), (5.0, noise)))
    for at in (0.0, 0.5 * sd, -3 * sd, 8 * sd):
        whole = integrate.quad(lambda u, at=at: float(market(at - u) * own(u)), -0.4, 0.4, points=[0.0, at], limit=500)[0]
        assert np.interp(at, grid, density) == pytest.approx(whole, rel=1e-4)


def test_the_chain_stays_as_long_as_it_should():
    assert TRANSMAT.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-12)
    assert 1 / (1 - np.diagonal(TRANSMAT)) == pytest.approx(DURATION)


def test_the_truth_holds_its_regimes_as_the_chain_does():
    truth = reference.truth()
    shares = np.linalg.matrix_power(TRANSMAT, 20_000)[0]
    assert np.bincount(truth) / len(truth) == pytest.approx(shares, abs=0.12)  # some fifty regimes
    counts = np.zeros((3, 3))
    np.add.at(counts, (truth[:-1], truth[1:]), 1)
    assert (counts / counts.sum(axis=1, keepdims=True)).diagonal() == pytest.approx(np.diagonal(TRANSMAT), abs=0.015)


@pytest.mark.parametrize("ticker", ["QQQ", "IWM", "AAPL"])
def test_assets_are_what_the_data_were_made_with(ticker):
    """Of beta 1.10 and noise .0050, IWM would fail."""
    asset, index = ASSETS[ticker], reference.series_of("SPY", 5000)
    spy, own = (np.diff(np.log(reference.series_of(name, 5000).frame["close"].to_numpy())) for name in ("SPY", ticker))
    calm = index.truth[1:] > 0
    slope = np.polyfit(spy, own, 1)[0]
    noise = (own - asset.beta * spy)[calm]
    assert slope == pytest.approx(asset.beta, abs=0.02)
    assert noise.mean() == pytest.approx(asset.drift, abs=3 * asset.noise / np.sqrt(len(noise)))
    assert noise.std() == pytest.approx(asset.noise, rel=0.06)


def test_the_filter_is_hamiltons():
    rng = np.random.default_rng(0)
    logs = rng.normal(size=(30, 3))
    expected, now = [], np.full(3, 1 / 3)
    for t, row in enumerate(np.exp(logs)):
        now = (now if t == 0 else now @ TRANSMAT) * row
        now = now / now.sum()
        expected.append(now)
    assert oracle.filtered(logs) == pytest.approx(np.array(expected), rel=1e-10)


def test_gaussian_densities_are_scipys():
    rng = np.random.default_rng(1)
    x, means = rng.normal(size=(5, 2)), rng.normal(size=(3, 2))
    covars = np.array([np.diag(rng.uniform(0.5, 2, 2)) + 0.2 for _ in range(3)])
    expected = [[stats.multivariate_normal.logpdf(row, m, c) for m, c in zip(means, covars, strict=True)] for row in x]
    assert oracle.gaussian_densities(x, means, covars) == pytest.approx(np.array(expected), rel=1e-10)


def test_a_truer_density_is_likelier():
    asset = ASSETS["IWM"]
    x, truth = reference._whole("IWM")
    own = np.arange(len(x)), truth
    variance = (asset.beta * MARKET_SD) ** 2 + (asset.noise * WILDER) ** 2
    gaussian = oracle.gaussian_densities(x[:, :1], oracle.means_of(asset)[:, None], variance[:, None, None])
    assert oracle.student_densities(x[:, 0], asset)[own].mean() > gaussian[own].mean() + 0.01
