"""Forecasts of returns against integrals, an enumeration of all paths of states, and simulation."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from hidden_regime.exceptions import ParameterError
from hidden_regime.regimes.density import BELIEF, SHARE, ReturnForecast, forecast_returns
from hidden_regime.regimes.moving_scale import moving_scale

MEANS, SDS = np.array([-0.002, 0.0, 0.001]), np.array([0.022, 0.011, 0.006])
CHANCES = np.array([0.2, 0.5, 0.3])
CHAIN = np.array([[0.95, 0.04, 0.01], [0.02, 0.95, 0.03], [0.005, 0.015, 0.98]])
RNG = np.random.default_rng(8)
RETURNS = 0.015 * RNG.standard_t(5, 252)
LOG_RANGES = np.log(0.012) + 0.3 * RNG.standard_normal(252)


def made(steps: int = 1, ranges: np.ndarray | None = LOG_RANGES, returns: np.ndarray = RETURNS) -> ReturnForecast:
    return forecast_returns(returns, ranges, MEANS, SDS, CHANCES, CHAIN, steps, names=("Bear", "Sideways", "Bull"))


@pytest.mark.parametrize("ranges", [LOG_RANGES, None], ids=["ranges", "returns alone"])
def test_the_next_bar_is_a_mixture_of_the_states_at_the_scale_of_now(ranges):
    """Written out once more, state by state."""
    forecast, p = made(ranges=ranges), CHANCES @ CHAIN
    scale = moving_scale(RETURNS, ranges, drift=float(p @ MEANS) / 3)
    total, mean, square = 0.0, 0.0, 0.0
    for k in range(3):
        variance = 0.2 * SDS[k] ** 2 + 0.8 * scale.level
        z = (-0.02 - MEANS[k] / 3) / np.sqrt(variance)
        total += p[k] * np.exp(scale.shape.log_density(z)) / np.sqrt(variance)
        mean += p[k] * MEANS[k] / 3
        square += p[k] * (variance + (MEANS[k] / 3) ** 2)
    assert forecast.log_density(-0.02)[0] == pytest.approx(np.log(total), rel=1e-10)
    assert forecast.mean[0] == pytest.approx(mean, rel=1e-10)
    assert forecast.sd[0] == pytest.approx(np.sqrt(square - mean**2), rel=1e-10)
    np.testing.assert_allclose(forecast.probabilities[0], p, rtol=1e-12)


def test_each_bars_density_has_mass_one_and_its_own_mean_and_deviation():
    forecast = made(30)
    for h in (0, 29):
        edges = [-np.inf, *np.linspace(-0.1, 0.1, 9), np.inf]
        moments = [
            sum(
                integrate.quad(lambda x, h=h, m=m: x**m * np.exp(forecast.log_density(x)[h]), a, b, epsabs=1e-12)[0]
                for a, b in zip(edges, edges[1:], strict=False)
            )
            for m in range(3)
        ]
        assert moments[0] == pytest.approx(1.0, abs=1e-7)
        assert moments[1] == pytest.approx(forecast.mean[h], abs=1e-7)
        assert np.sqrt(moments[2] - moments[1] ** 2) == pytest.approx(forecast.sd[h], rel=1e-4)


@pytest.mark.parametrize("x", [-0.08, -0.01, 0.0, 0.03])
def test_the_distribution_is_the_integral_of_the_density(x):
    forecast = made(10)
    for h in (0, 9):
        edges = [-np.inf, *np.linspace(-0.1, x, 5)]
        below = sum(
            integrate.quad(lambda y, h=h: np.exp(forecast.log_density(y)[h]), a, b, epsabs=1e-12)[0]
            for a, b in zip(edges, edges[1:], strict=False)
        )
        assert forecast.cdf(x)[h] == pytest.approx(below, abs=1e-8)


@settings(deadline=None)
@given(st.floats(1e-4, 1.0 - 1e-4))
def test_quantiles_invert_the_distribution(q):
    forecast = made(4)
    np.testing.assert_allclose(forecast.cdf(forecast.quantile(q)), q, rtol=1e-9)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_any_window_and_model_give_a_distribution(seed, k):
    rng = np.random.default_rng(seed)
    chain = rng.dirichlet(np.ones(k), k)
    n = int(rng.integers(0, 80))
    ranges = np.where(rng.random(n) < 0.2, np.nan, rng.normal(-5, 1, n))
    forecast = forecast_returns(
        0.01 * rng.standard_t(3, n),
        ranges,
        rng.normal(0, 1e-3, k),
        rng.uniform(1e-3, 0.1, k),
        rng.dirichlet(np.ones(k)),
        chain,
        5,
    )
    np.testing.assert_allclose(forecast.probabilities.sum(axis=1), 1.0, rtol=1e-12)
    quantiles = np.array([forecast.quantile(q) for q in (0.01, 0.05, 0.5, 0.95, 0.99)])
    assert (np.diff(quantiles, axis=0) > 0).all()
    assert np.isfinite(forecast.log_density(quantiles)).all()
    assert (forecast.sd > 0).all()


@pytest.mark.parametrize("ranges", [LOG_RANGES, None], ids=["ranges", "returns alone"])
def test_later_bars_are_what_all_paths_of_states_say(ranges):
    """Along one path of states the expected scale is a plain recursion; here all 3^5 are gone through."""
    steps = 5
    forecast = made(steps, ranges)
    keep, level = forecast.scale.keep, forecast.scale.level
    weight, variance = np.zeros((steps, 3)), np.zeros((steps, 3))
    total, total_square = 0.0, 0.0
    for path in product(range(3), repeat=steps):
        chance = (CHANCES @ CHAIN)[path[0]] * np.prod([CHAIN[i, j] for i, j in zip(path, path[1:], strict=False)])
        g, spread = level, 0.0
        for h, k in enumerate(path):
            v = (1 - SHARE) * SDS[k] ** 2 + SHARE * g
            weight[h, k] += chance
            variance[h, k] += chance * v
            spread += v
            g = keep * g + (1 - keep) * v
        mean = BELIEF * MEANS[list(path)].sum()
        total += chance * mean
        total_square += chance * (spread + mean**2)
    np.testing.assert_allclose(forecast.probabilities, weight, rtol=1e-10)
    np.testing.assert_allclose(forecast.deviations**2, variance / weight, rtol=1e-10)
    assert forecast.total_mean == pytest.approx(total, rel=1e-10)
    assert forecast.total_sd == pytest.approx(np.sqrt(total_square - total**2), rel=1e-10)


def test_far_ahead_nothing_of_now_is_left():
    values, vectors = np.linalg.eig(CHAIN.T)
    stationary = np.real(vectors[:, np.argmax(np.real(values))])
    stationary /= stationary.sum()
    wild, calm = made(4000, returns=3 * RETURNS), made(4000, returns=RETURNS / 3)
    for forecast in (wild, calm):
        np.testing.assert_allclose(forecast.probabilities[-1], stationary, rtol=1e-8)
        within = (forecast.probabilities[-1] * forecast.deviations[-1] ** 2).sum()
        assert within == pytest.approx(stationary @ SDS**2, rel=1e-8)
    np.testing.assert_allclose(wild.deviations[-1], calm.deviations[-1], rtol=1e-8)
    assert wild.sd[0] > 4 * calm.sd[0]


@pytest.mark.parametrize("ranges", [LOG_RANGES, None], ids=["ranges", "returns alone"])
def test_simulated_paths_have_the_moments_and_the_quantiles_forecast(ranges):
    forecast = made(10, ranges)
    paths = forecast.simulate(200_000, seed=1)
    np.testing.assert_allclose(paths.mean(axis=0), forecast.mean, atol=5 * 0.015 / np.sqrt(200_000))
    np.testing.assert_allclose(paths.std(axis=0), forecast.sd, rtol=0.02)
    assert paths.sum(axis=1).std() == pytest.approx(forecast.total_sd, rel=0.02)
    for q in (0.01, 0.05, 0.5, 0.95):
        # The next bar's density is exact; that of the tenth takes the scale at its expectation.
        assert np.quantile(paths[:, 0], q) == pytest.approx(forecast.quantile(q)[0], abs=2e-4 if q > 0.02 else 8e-4)
    assert forecast.quantile(0.05)[9] == pytest.approx(np.quantile(paths[:, 9], 0.05), rel=0.05)
    assert np.quantile(paths[:, 9], 0.001) < forecast.quantile(0.001)[9]


def test_totals_come_from_the_paths_of_a_seed():
    forecast = made(5)
    one = forecast.total_quantile(0.05, n_paths=2000, seed=3)
    assert one == forecast.total_quantile(0.05, n_paths=2000, seed=3)
    assert one == np.quantile(forecast.simulate(2000, seed=3).sum(axis=1), 0.05)
    assert one != forecast.total_quantile(0.05, n_paths=2000, seed=4)


def test_falls_make_the_bars_after_wilder():
    paths = made(2).simulate(200_000)
    size = np.abs(paths[:, 1])
    assert size[paths[:, 0] < -0.02].mean() > 1.05 * size[paths[:, 0] > 0.02].mean()


def test_a_window_that_says_nothing_leaves_the_states_alone():
    forecast = made(3, LOG_RANGES[:5], RETURNS[:5])
    np.testing.assert_allclose(forecast.deviations, np.tile(SDS, (3, 1)), rtol=1e-12)
    assert np.isfinite(forecast.simulate(100)).all()


def test_a_state_that_cant_be_reached_takes_no_part():
    chain = np.array([[0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.0, 0.0, 1.0]])
    three = forecast_returns(RETURNS, LOG_RANGES, MEANS, SDS, [0.5, 0.5, 0.0], chain, 4)
    two = forecast_returns(RETURNS, LOG_RANGES, MEANS[:2], SDS[:2], [0.5, 0.5], chain[:2, :2], 4)
    np.testing.assert_allclose(three.quantile(0.01), two.quantile(0.01), rtol=1e-12)
    np.testing.assert_allclose(three.log_density(0.01), two.log_density(0.01), rtol=1e-12)
    assert three.total_sd == pytest.approx(two.total_sd, rel=1e-12)


def test_it_is_in_the_units_of_the_returns():
    percent = forecast_returns(100 * RETURNS, LOG_RANGES + np.log(100), 100 * MEANS, 100 * SDS, CHANCES, CHAIN, 3)
    np.testing.assert_allclose(percent.quantile(0.05), 100 * made(3).quantile(0.05), rtol=1e-9)


def test_numbers_of_a_known_window(prices):
    """So that no constant changes unseen."""
    from hidden_regime.bars.features import log_range, log_return
    from hidden_regime.bars.frames import frame_to_bars

    bars = list(frame_to_bars(prices.iloc[:253]))
    returns = [log_return(bars[i : i + 2]) for i in range(252)]
    ranges = [log_range(bars[i + 1 : i + 2]) for i in range(252)]
    forecast = forecast_returns(returns, ranges, MEANS, SDS, CHANCES, CHAIN, 21)
    found = [forecast.sd[0], forecast.sd[20], *forecast.quantile(0.01)[[0, 20]], forecast.total_sd]
    assert found == pytest.approx([0.01017811562, 0.01114302956, -0.02621853322, -0.02967846986, 0.0495832538], rel=1e-8)
    assert forecast.names == ("0", "1", "2")
    assert "21 bars from 3 states" in repr(forecast)


def test_states_of_one_name_are_one_regime():
    forecast = forecast_returns(RETURNS, None, MEANS, SDS, CHANCES, CHAIN, 4, names=("Calm", "Wild", "Calm"))
    assert list(forecast.regimes) == ["Calm", "Wild"]
    np.testing.assert_allclose(forecast.regimes["Calm"], forecast.probabilities[:, [0, 2]].sum(axis=1), rtol=1e-12)
    forecast.regimes["Wild"][:] = 0.0
    assert (forecast.probabilities > 0.0).all()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("means", {"means": [0.0, 0.0]}),
        ("sds", {"sds": [0.01, 0.0, 0.01]}),
        ("sds", {"sds": [[0.01]]}),
        ("transmat", {"transmat": np.eye(2)}),
        ("steps", {"steps": 0}),
        ("steps", {"steps": True}),
        ("steps", {"steps": 1.5}),
        ("log_ranges", {"log_ranges": LOG_RANGES[1:]}),
    ],
)
def test_what_does_not_belong_together_is_named(name, change):
    given = {
        "returns": RETURNS,
        "log_ranges": LOG_RANGES,
        "means": MEANS,
        "sds": SDS,
        "probabilities": CHANCES,
        "transmat": CHAIN,
    }
    with pytest.raises(ParameterError, match=name):
        forecast_returns(**given | change)


@pytest.mark.parametrize("q", [0.0, 1.0, -0.1, float("nan")])
def test_quantiles_are_of_probabilities(q):
    with pytest.raises(ParameterError, match="q = "):
        made().quantile(q)
    with pytest.raises(ParameterError, match="q = "):
        made().total_quantile(q)
