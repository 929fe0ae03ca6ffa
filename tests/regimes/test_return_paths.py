"""Paths of returns against their recursion written out, integrals, and the autocorrelation that a formula has."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from hidden_regime.regimes.density import forecast_returns
from hidden_regime.regimes.moving_scale import LEVERAGE, LEVERAGE_SQUARES, MovingScale
from hidden_regime.regimes.return_paths import FARTHEST, ReturnPaths, return_paths
from hidden_regime.regimes.skewed_t import SkewedT

MEANS, OWN = np.array([-0.001, 0.0005]), np.array([4e-4, 5e-5])
CHAIN, FIRST = np.array([[0.96, 0.04], [0.02, 0.98]]), np.array([0.3, 0.7])
SHAPE = SkewedT(30.0, -0.1)
SCALES = {
    "ranges": MovingScale(2e-4, 0.88, SHAPE, has_range=True, slope=0.25, noise=0.4, offset=-0.6),
    "squares": MovingScale(2e-4, 0.93, SHAPE, has_range=False),
}


@pytest.fixture(params=SCALES)
def scale(request) -> MovingScale:
    return SCALES[request.param]


def draw(scale: MovingScale, n_steps: int, n_paths: int, share: float = 0.8, seed: int = 0, **options) -> ReturnPaths:
    return return_paths(scale, MEANS, OWN, FIRST, CHAIN, share, n_steps, n_paths, np.random.default_rng(seed), **options)


def expectation(scale: MovingScale, function, powers: int = 1) -> float:
    """E of function(z) x^powers over shocks and noise, x as a bar tells it, of any mean."""

    def inside(z: float) -> float:
        near = min(max(z, -FARTHEST), FARTHEST)
        if scale.has_range:
            x = math.exp(scale.slope * abs(near) - LEVERAGE * near)
        else:
            x = near**2 * (1.0 - LEVERAGE_SQUARES * math.copysign(1.0, near))
        return function(z) * x**powers * math.exp(float(SHAPE.log_density(np.array(z))))

    edges = [-40.0, -FARTHEST, 0.0, FARTHEST, 40.0]
    total = sum(integrate.quad(inside, a, b, limit=200)[0] for a, b in zip(edges, edges[1:], strict=False))
    return total * math.exp(0.5 * (powers * scale.noise) ** 2)


def test_each_path_is_the_recursion_written_out(scale):
    """Step by step in plain numbers; the noise is what the ranges drawn leave over."""
    z = SHAPE.quantile(np.random.default_rng(1).random((5, 60)))
    paths, usual = draw(scale, 60, 5, shocks=z), expectation(scale, lambda _: 1.0)
    for i in range(5):
        g = scale.level
        for h in range(60):
            v = 0.2 * OWN[paths.states[i, h]] + 0.8 * g
            assert paths.deviations[i, h] == pytest.approx(math.sqrt(v), rel=2e-3)
            assert paths.returns[i, h] == pytest.approx(MEANS[paths.states[i, h]] + paths.deviations[i, h] * z[i, h], abs=1e-15)
            near = min(max(z[i, h], -FARTHEST), FARTHEST)
            if scale.has_range:
                told = math.exp(2 * paths.log_ranges[i, h] - scale.offset - LEVERAGE * near) / paths.deviations[i, h] ** 2
            else:
                told = near**2 * (1.0 - LEVERAGE_SQUARES * np.sign(near))
            g = scale.keep * g + (1.0 - scale.keep) * v * told / usual
    assert (paths.log_ranges is not None) == scale.has_range


def test_squares_are_correlated_as_the_formula_says(scale):
    """With one state V' = (1 - share) (1 - keep) own + A V, A = keep + share (1 - keep) x, is a GARCH whose moments are those of A and z."""
    own, share, n = 1e-4, 0.5, 600
    rng = np.random.default_rng(2)
    one = return_paths(scale._replace(level=own), np.zeros(1), np.array([own]), np.ones(1), np.eye(1), share, n, 6000, rng)
    usual, part = expectation(scale, lambda _: 1.0), share * (1.0 - scale.keep)
    a = scale.keep + part
    square = scale.keep**2 + 2 * scale.keep * part + part**2 * expectation(scale, lambda _: 1.0, 2) / usual**2
    with_z = scale.keep + part * expectation(scale, lambda z: z * z) / usual
    fourth = integrate.quad(lambda z: z**4 * math.exp(float(SHAPE.log_density(np.array(z)))), -80, 80, limit=400, points=[0])[0]
    omega = (1.0 - share) * (1.0 - scale.keep) * own
    second = (omega**2 + 2 * omega * a * own) / (1.0 - square)  # E[V^2]
    first = (second * with_z + omega * own - own**2) / (second * fourth - own**2)
    r2 = one.returns[:, 200:] ** 2 - own
    assert first > 0.05 and square < 0.97
    for lag in (1, 5, 20):
        found = (r2[:, lag:] * r2[:, :-lag]).mean() / (r2**2).mean()
        assert found == pytest.approx(a ** (lag - 1) * first, abs=0.005)


def test_without_a_share_a_states_bars_are_independent(scale):
    paths = draw(scale, 400, 1000, share=0.0)
    assert paths.log_ranges is None
    for k in range(2):
        r = paths.returns[paths.states == k]
        assert r.mean() == pytest.approx(MEANS[k], abs=5 * math.sqrt(OWN[k] / len(r)))
        assert r.std() == pytest.approx(math.sqrt(OWN[k]), rel=0.01)
    stays = (paths.states[:, 1:] == 0) & (paths.states[:, :-1] == 0)
    r2 = (paths.returns - MEANS[paths.states]) ** 2
    assert abs(np.corrcoef(r2[:, :-1][stays], r2[:, 1:][stays])[0, 1]) < 0.01


def test_each_states_variance_is_the_expected_one_at_every_step(scale):
    rng = np.random.default_rng(5)
    window, ranges = 0.012 * rng.standard_t(8, 252), np.log(0.01) + 0.2 * rng.standard_normal(252)
    forecast = forecast_returns(window, ranges if scale.has_range else None, MEANS, np.sqrt(OWN), FIRST, CHAIN, 40)
    paths = forecast.draw(100_000, np.random.default_rng(6))
    for h in (0, 1, 10, 39):
        for k in range(2):
            now = paths.states[:, h] == k
            assert now.mean() == pytest.approx(forecast.probabilities[h, k], abs=0.008)
            assert (paths.deviations[now, h] ** 2).mean() == pytest.approx(forecast.deviations[h, k] ** 2, rel=0.03)


def test_states_follow_the_chain(scale):
    states = draw(scale, 300, 500).states
    for i in range(2):
        after = states[:, 1:][states[:, :-1] == i]
        assert (after == 0).mean() == pytest.approx(CHAIN[i, 0], abs=0.004)
    assert (states[:, 0] == 0).mean() == pytest.approx(FIRST[0], abs=0.06)


def test_a_path_is_the_same_alone_and_among_many():
    """One path answers its own shocks: nothing is divided by what the others drew."""
    z, scale = SHAPE.quantile(np.random.default_rng(3).random((50, 80))), SCALES["squares"]
    rng = [np.random.default_rng(0) for _ in range(2)]
    many = return_paths(scale, np.zeros(1), OWN[:1], np.ones(1), np.eye(1), 0.8, 80, 50, rng[0], shocks=z)
    alone = return_paths(scale, np.zeros(1), OWN[:1], np.ones(1), np.eye(1), 0.8, 80, 1, rng[1], shocks=z[:1])
    assert (alone.returns == many.returns[:1]).all()
    assert np.ptp(alone.deviations) > 0.2 * alone.deviations.mean()


def test_assets_move_together_where_their_shocks_do():
    normal = np.random.default_rng(4).multivariate_normal([0, 0], [[1.0, 0.6], [0.6, 1.0]], (200, 250))
    ranks = stats.norm.cdf(normal)
    returns = [draw(s, 250, 200, seed=i, shocks=s.shape.quantile(ranks[..., i])).returns for i, s in enumerate(SCALES.values())]
    assert np.corrcoef(returns[0].ravel(), returns[1].ravel())[0, 1] == pytest.approx(0.6, abs=0.15)
    apart = [draw(s, 250, 200, seed=i).returns.ravel() for i, s in enumerate(SCALES.values())]
    assert abs(np.corrcoef(*apart)[0, 1]) < 0.02
