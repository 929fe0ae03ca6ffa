"""Weights against closed forms and brute force, and that no day of them knows a later one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.exceptions import ParameterError, StudyError
from hidden_regime.experiments.sources import result_of
from hidden_regime.operation.portfolio import build_portfolio
from hidden_regime.operation.portfolio.covariances import by_regime
from hidden_regime.operation.portfolio.market_regimes import market_regimes
from hidden_regime.operation.portfolio.optimising import optimal_weights, shrunk
from hidden_regime.operation.portfolio.walking import rebalancings
from hidden_regime.operation.portfolio.weights import EQUAL_LINE
from tests.operation.portfolio.oracles import account, hrp, least_variance_of_two, ledoit_wolf

DAYS = pd.bdate_range("2020-01-02", periods=300)
ASKED = {"min_days": 60, "lookback": 120, "n_resamples": 200}


def panel(seed=0, n=3, days=DAYS):
    rng = np.random.default_rng(seed)
    mixed = rng.normal(0, 0.01, (len(days), n)) @ rng.normal(0.4, 0.5, (n, n)) + rng.normal(0.0004, 0.004, (len(days), n))
    return [pd.Series(mixed[:, i], index=days, name=f"s{i}") for i in range(n)]


def random_covariance(seed, n):
    a = np.random.default_rng(seed).normal(size=(n, n))
    return 1e-4 * (a @ a.T + 0.2 * np.eye(n))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_the_least_variance_of_two_is_the_closed_form(seed):
    c, returns = random_covariance(seed, 2), np.random.default_rng(seed).normal(0, 0.01, (30, 2))
    np.testing.assert_allclose(optimal_weights("min-vol", returns, c), least_variance_of_two(c), atol=2e-4)


@pytest.mark.parametrize("seed", range(5))
def test_the_most_sharpe_of_two_is_the_closed_form(seed):
    c, rng = random_covariance(seed, 2), np.random.default_rng(seed)
    returns = rng.normal([0.001, 0.0008], 1e-5, (200, 2))
    wanted = np.linalg.solve(c, returns.mean(axis=0))
    wanted = wanted / wanted.sum() if (wanted > 0).all() else None
    found = optimal_weights("max-sharpe", returns, c)
    best = found @ returns.mean(axis=0) / np.sqrt(found @ c @ found)
    grid = np.linspace(0, 1, 2001)[:, None] * [1, -1] + [0, 1]
    ratios = grid @ returns.mean(axis=0) / np.sqrt(np.einsum("ij,jk,ik->i", grid, c, grid))
    assert best >= ratios.max() - 1e-6 * abs(ratios.max())
    if wanted is not None:
        np.testing.assert_allclose(found, wanted, atol=2e-3)


def test_where_no_mean_is_above_zero_the_least_variance_is_held():
    c, returns = random_covariance(3, 2), np.random.default_rng(0).normal(-0.01, 0.001, (50, 2))
    np.testing.assert_array_equal(optimal_weights("max-sharpe", returns, c), optimal_weights("min-vol", returns, c))


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("seed", range(6))
def test_hierarchical_risk_parity_is_the_recursion_by_brute_force(seed, n):
    c = random_covariance(100 * n + seed, n)
    found = optimal_weights("hrp", np.random.default_rng(seed).normal(0, 0.01, (40, n)), c)
    assert np.abs(hrp(c) - found).max(axis=1).min() < 1e-9
    assert found.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("seed", range(4))
def test_covariances_are_shrunk_as_ledoit_and_wolf_say(seed):
    returns = np.random.default_rng(seed).normal(0, 0.01, (25 + 10 * seed, 4))
    np.testing.assert_allclose(shrunk(returns), ledoit_wolf(returns), rtol=1e-9)


@given(st.integers(0, 10_000), st.integers(1, 4))
def test_regimes_that_are_as_likely_as_they_were_give_the_covariance_of_all_days(seed, n_states):
    rng = np.random.default_rng(seed)
    returns, known = rng.normal(0, 0.01, (60, 3)), rng.dirichlet(np.ones(n_states), 60)
    found = by_regime(returns, known, known.mean(axis=0), np.eye(3), prior_days=0.0)
    np.testing.assert_allclose(found, np.cov(returns.T, bias=True), rtol=1e-9, atol=1e-18)


def test_a_regime_weighs_its_own_days():
    rng = np.random.default_rng(1)
    calm, wild = rng.normal(0, 0.005, (400, 2)), rng.normal(0, 0.02, (100, 2))
    returns, known = np.vstack([calm, wild]), np.vstack([np.tile([1.0, 0.0], (400, 1)), np.tile([0.0, 1.0], (100, 1))])
    known[:3] = np.nan
    pooled = shrunk(returns)
    quiet, loud = (by_regime(returns, known, now, pooled, prior_days=60.0) for now in np.eye(2))
    assert quiet.trace() < pooled.trace() < loud.trace()
    scatter = (wild - wild.mean(axis=0)).T @ (wild - wild.mean(axis=0))
    np.testing.assert_allclose(loud, (scatter + 60 * pooled) / 160, rtol=1e-9)


def test_what_a_regime_is_known_by_ends_on_its_own_day():
    table = pd.DataFrame(
        {"prob_0": 1.0, "prob_Bear": [np.nan, 0.2, 0.9], "prob_Bull": [np.nan, 0.8, 0.1]},
        index=pd.to_datetime(["2020-01-02", "2020-01-03", "2020-01-06"]),
    )
    known = market_regimes(table)
    assert known.names == ("Bear", "Bull")
    days = np.array(["2020-01-01", "2020-01-02", "2020-01-05", "2020-01-06", "2020-03-06"], "datetime64[D]")
    assert known.at(days)[:, 0].round(3).tolist()[2:4] == [0.2, 0.9]
    assert np.isnan(known.at(days)[[0, 1, 4]]).all()


@pytest.mark.parametrize(("method", "covariance"), [("hrp", "ledoit-wolf"), ("min-vol", "regime"), ("max-sharpe", "ledoit-wolf")])
def test_a_changed_future_leaves_past_weights_alone(method, covariance):
    results, cut = panel(), DAYS[200]
    rng = np.random.default_rng(9)
    market = pd.Series(100 * np.exp(np.cumsum(rng.normal(0, 0.01, 600))), index=pd.bdate_range(end=DAYS[-1], periods=600))
    other = [one.where(one.index < cut, one * -3 + 0.01) for one in results]
    moved = market.where(market.index < cut, market * rng.uniform(0.5, 1.5, 600))
    asked = ASKED | {"covariance": covariance}
    first = build_portfolio(results, method, market=market if covariance == "regime" else None, **asked)
    second = build_portfolio(other, method, market=moved if covariance == "regime" else None, **asked)
    past = first.weights.index <= cut
    assert 3 < past.sum() < len(past)
    pd.testing.assert_frame_equal(first.weights[past], second.weights[past], check_exact=True)
    assert not np.allclose(first.weights[~past], second.weights[~past])
    if covariance == "regime":
        assert [line.name for line in first.lines[:3]] == ["min-vol, regime", "min-vol, ledoit-wolf", EQUAL_LINE]
        assert not np.allclose(first.returns.iloc[:, 0], first.returns.iloc[:, 1])


def test_weights_are_those_of_the_days_before_and_returns_those_of_an_account():
    results = panel()
    found = build_portfolio(results, "min-vol", cost=0.01, **ASKED)
    returns = np.column_stack(results)
    places = rebalancings(DAYS.to_numpy().astype("datetime64[D]"), "monthly", 60)
    assert found.weights.index.tolist() == DAYS[places].tolist()
    assert [day.day for day in found.weights.index] == [
        min(d.day for d in DAYS if (d.year, d.month) == (day.year, day.month)) for day in found.weights.index
    ]
    for place, row in zip(places, found.weights.to_numpy(), strict=True):
        past = returns[max(0, place - 120) : place]
        np.testing.assert_allclose(row, optimal_weights("min-vol", past, shrunk(past)), atol=1e-7)
    for name, weights in (("min-vol", found.weights.to_numpy()), (EQUAL_LINE, np.full((len(places), 3), 1 / 3))):
        money = account(returns, places, weights, 0.01)
        np.testing.assert_allclose(np.cumprod(1 + found.returns[name]), money, rtol=1e-12)
    assert found.table().loc["min-vol", "cost"] == pytest.approx(0.01 * found.table().loc["min-vol", "turnover"])
    np.testing.assert_allclose(
        list(found.latest.values()), optimal_weights("min-vol", returns[-120:], shrunk(returns[-120:])), atol=1e-7
    )


def test_equal_weights_are_equal_and_exact():
    found = build_portfolio(panel(n=4), "equal", "quarterly", **ASKED)
    assert set(found.latest.values()) == {0.25}
    assert (found.weights == 0.25).to_numpy().all()
    assert [line.name for line in found.lines] == [EQUAL_LINE, "s0", "s1", "s2", "s3"]
    assert "nothing to compare" in found.headline


@pytest.mark.parametrize(("days", "year"), [(DAYS, 252), (pd.date_range("2020-01-02", periods=300), 365)])
def test_figures_are_those_of_the_returns(days, year):
    """Coins' returns come every day, and a year of them has 365."""
    found = build_portfolio(panel(days=days), "hrp", **ASKED)
    returns = found.returns[EQUAL_LINE]
    line = found.table().loc[EQUAL_LINE]
    curve = (1 + returns).cumprod()
    assert line["sharpe"] == pytest.approx(returns.mean() / returns.std() * year**0.5)
    assert line["annual_return"] == pytest.approx(curve.iloc[-1] ** (year / len(returns)) - 1)
    assert line["drawdown"] == pytest.approx(float((1 - curve / curve.cummax().clip(lower=1)).max()))
    assert 0 <= found.difference["p"] <= 1 and "than with equal weights" in found.headline


@pytest.mark.parametrize(
    ("asked", "said"),
    [({"method": "best"}, "one of hrp"), ({"rebalance": "yearly"}, "one of daily"), ({"covariance": "regime"}, "prices of a market"),
     ({"covariance": "own"}, "one of ledoit-wolf"), ({"cost": -1}, "a fraction"), ({"cost": 0.5}, "a fraction"), ({"market": [1.0]}, "covariance regime"), ({"min_days": 3}, "at least 20"),
     ({"lookback": 30}, "at least min_days")],
)  # fmt: skip
def test_what_cannot_be_is_named(asked, said):
    with pytest.raises(ParameterError, match=said):
        build_portfolio(panel(), **{"min_days": 60} | asked)


def test_results_that_cannot_be_weighed_are_refused(tmp_path):
    flat = pd.Series(0.0, index=DAYS, name="flat")
    with pytest.raises(ParameterError, match="at least two"):
        build_portfolio(panel()[:1])
    with pytest.raises(StudyError, match=r"flat can't be weighed: its equity never moves"):
        build_portfolio([*panel(), flat])
    with pytest.raises(StudyError, match="no period begins after 290"):
        build_portfolio(panel(), min_days=290)
    first = result_of(panel()[0])
    for places in ([0, 1, 1, 2, *range(3, 100)], list(range(100))[::-1]):
        with pytest.raises(StudyError, match="days don't rise"):
            build_portfolio([replace(first, equity=first.equity.iloc[places]), panel()[1]])
    (tmp_path / "study.json").write_text("{}")
    with pytest.raises(ParameterError, match="chosen on its own"):
        build_portfolio([tmp_path, panel()[0]])
    with pytest.raises(ParameterError, match="the folder of a walk-forward"):
        build_portfolio([tmp_path / "nothing", panel()[0]])
    with pytest.raises(ParameterError, match="prices by date"):
        build_portfolio(panel(), covariance="regime", market=[1, 2])


def test_equal_names_are_told_apart():
    one, other = panel(n=2)
    assert list(build_portfolio([one, other.rename("s0")], "equal", **ASKED).latest) == ["s0 (1)", "s0 (2)"]
