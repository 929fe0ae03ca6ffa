"""Days drawn again: the same paths whatever their number, the drawdown whose truth is known, and clusters that need long blocks."""

from __future__ import annotations

import math
import tracemalloc
from datetime import date
from itertools import accumulate

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("arch")

from hidden_regime.exceptions import ParameterError, StudyError
from hidden_regime.experiments import monte_carlo, run_strategy
from hidden_regime.experiments.honesty.resampling import block_length, stationary_draws
from hidden_regime.experiments.simulation import drawing
from hidden_regime.experiments.simulation.drawing import places_of
from hidden_regime.experiments.simulation.figures import curves_of, figures_of
from hidden_regime.experiments.simulation.summary import LEVELS, figure_of
from tests.experiments.simulation.made import exact, returns
from tests.experiments.small import HOLD, three_years, write_strategy


def test_paths_are_the_draws_of_the_stationary_bootstrap():
    made = returns(120)
    found = monte_carlo(made, n_paths=7, block=5.0, seed=3)
    values = made.to_numpy()
    expected = np.stack([values[places] for places in stationary_draws(120, 5.0, 7, 3)])
    own = figures_of(curves_of(expected), 252.0)
    np.testing.assert_allclose(found.paths["total_return"], np.prod(1.0 + expected, axis=1) - 1.0, rtol=1e-9)
    np.testing.assert_allclose(found.paths["drawdown"], own.drawdown, rtol=1e-12)
    curves = curves_of(expected)
    np.testing.assert_allclose(found.fan.values, np.quantile(curves[:, list(found.fan.steps)], LEVELS, axis=0), rtol=1e-12)
    assert found.drawn["block"] == 5.0 and found.fan.steps == tuple(range(121))


def test_a_path_is_the_same_whatever_the_number_of_paths_and_the_pieces(monkeypatch):
    made = returns(100)
    whole = monte_carlo(made, n_paths=50).paths
    monkeypatch.setattr(drawing, "CELLS", 7 * 101)
    told = []
    pieces = monte_carlo(made, n_paths=50, progress=lambda done, total: told.append((done, total))).paths
    pd.testing.assert_frame_equal(pieces, whole)
    assert told[0] == (7, 50) and told[-1] == (50, 50)
    pd.testing.assert_frame_equal(monte_carlo(made, n_paths=20).paths, whole.iloc[:20])
    assert not monte_carlo(made, n_paths=50, seed=1).paths.equals(whole)


@pytest.mark.parametrize("n_steps", [10, 37, 100, 250])
def test_places_of_any_length_go_on_by_one_and_jump_as_often_as_blocks_end(n_steps):
    places = np.stack(list(places_of(37, n_steps, 4.0, 2000, 0)))
    assert places.shape == (2000, n_steps) and places.min() == 0 and places.max() == 36
    # A block ends with probability 1/4; of these 1 in 37 goes on by chance.
    jumps = np.mean((places[:, 1:] - places[:, :-1]) % 37 != 1)
    assert jumps == pytest.approx(0.25 * 36 / 37, abs=4.0 * math.sqrt(0.19 / (2000 * (n_steps - 1))))
    counts = np.bincount(places.ravel(), minlength=37) / places.size
    np.testing.assert_allclose(counts, 1 / 37, rtol=0.12)


def test_the_drawdown_of_a_walk_without_drift_is_the_one_that_is_known():
    truth = 0.01 * (math.sqrt(math.pi * 2520 / 2.0) - 1.1652)
    assert truth == pytest.approx(0.6175, abs=1e-4)
    found = monte_carlo(exact(2520), n_paths=5000, block=1.0)
    falls = -np.log1p(-found.paths["drawdown"].to_numpy())
    assert falls.mean() == pytest.approx(truth, abs=3.0 * falls.std() / math.sqrt(5000))
    # The same of paths that are four times as long as what they are drawn from.
    longer = monte_carlo(exact(630), n_paths=2000, block=1.0, years=10)
    falls = -np.log1p(-longer.paths["drawdown"].to_numpy())
    assert longer.drawn["n_steps"] == 2520
    assert falls.mean() == pytest.approx(truth, abs=3.0 * falls.std() / math.sqrt(2000))


def clustered(rng, n, stay=0.99, calm=0.005, wild=0.025):
    """Log returns of calm and of wild times, of a hundred days each on average."""
    wild_now = np.logical_xor.accumulate(np.append(rng.random() < 0.5, rng.random(n - 1) >= stay))
    return rng.standard_normal(n) * np.where(wild_now, wild, calm)


def spread(falls):
    """How many times larger the drawdown of an unlucky path is than that of a lucky one."""
    low, high = np.quantile(falls, [0.05, 0.95])
    return high / low


def test_clusters_of_volatility_are_kept_by_the_block_that_is_chosen_and_lost_by_single_days():
    """Drawdowns of a year's paths are within 20% of the truth's spread with the chosen block; by single days more than 33% off."""
    rng = np.random.default_rng(9)
    truth = spread(figures_of(curves_of(np.expm1(np.stack([clustered(rng, 250) for _ in range(6000)]))), 252.0).drawdown)
    found = {None: [], 1.0: []}
    for seed in range(4):
        x = clustered(np.random.default_rng(seed + 1), 20_000)
        x = (x - x.mean()) * (math.sqrt((0.005**2 + 0.025**2) / 2.0) / x.std())
        series = pd.Series(np.expm1(x), pd.bdate_range("1900-01-01", periods=len(x)))
        for block, spreads in found.items():
            spreads.append(spread(monte_carlo(series, n_paths=500, years=250 / 252, block=block).paths["drawdown"]))
    chosen, single = np.mean(found[None]), np.mean(found[1.0])
    assert abs(chosen / truth - 1.0) < 0.2
    assert single / truth - 1.0 < -0.33


def test_returns_that_lean_on_the_day_before_are_kept_by_the_block_that_is_chosen():
    """How far a year's paths end apart: within 12% of an AR(1)'s truth with the chosen block; by single days a fifth too little."""
    lean, n_days, n = 0.3, 250, 20_000
    shocks = np.random.default_rng(1).normal(0.0, 0.01, n)
    x = np.array(list(accumulate(shocks, lambda before, now: lean * before + now)))
    lags = np.arange(1, n_days)
    truth = math.sqrt(0.01**2 / (1.0 - lean**2) * (n_days + 2.0 * ((n_days - lags) * lean**lags).sum()))
    series = pd.Series(np.expm1(x - x.mean()), pd.bdate_range("1900-01-01", periods=n))
    ends = {block: np.log1p(monte_carlo(series, n_paths=2000, years=n_days / 252, block=block).paths["total_return"]).std()
            for block in (None, 1.0)}  # fmt: skip
    assert abs(ends[None] / truth - 1.0) < 0.12
    assert ends[1.0] / truth - 1.0 < -0.2


def test_what_only_a_strategy_takes_is_refused_of_what_has_run_already():
    for said in ({"start": date(2010, 6, 1)}, {"end": date(2010, 6, 1)}, {"cash": 5.0}, {"parameters": {"n": 3}}):
        with pytest.raises(ParameterError, match=f"{next(iter(said))} = .*nothing with what has run already"):
            monte_carlo(returns(50), n_paths=5, **said)


def test_the_block_is_the_longer_of_what_returns_and_squares_ask_for():
    x = np.expm1(clustered(np.random.default_rng(0), 2000))
    series = pd.Series(x, pd.bdate_range("2000-01-03", periods=2000))
    found = monte_carlo(series, n_paths=10)
    assert found.drawn["block"] == pytest.approx(block_length(x, squares=True), rel=1e-9)
    assert found.drawn["block"] > 2.0 * block_length(x)


def test_memory_is_flat():
    made = returns(3024)
    block_length(made)  # arch is imported
    monte_carlo(made, n_paths=5, block=20.0)
    tracemalloc.start()
    monte_carlo(made, n_paths=1000, block=20.0)
    few = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    monte_carlo(made, n_paths=2000, block=20.0)
    many = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert many - few < 1000 * 3024 * 8 / 2  # what is kept of a thousand paths, and nowhere near all their days


def test_probabilities_have_the_errors_of_their_number_of_paths():
    found = monte_carlo(returns(250, deviation=0.02), n_paths=400, ruin=0.9, drawdowns=(0.3, 0.1))
    assert [(one.what, one.level) for one in found.probabilities] == [
        ("loss", None), ("ruin", 0.9), ("drawdown", 0.1), ("drawdown", 0.3)]  # fmt: skip
    table = found.paths
    for one, happened in zip(
        found.probabilities,
        (table["total_return"] < 0, table["lowest"] < 0.9, table["drawdown"] >= 0.1, table["drawdown"] >= 0.3),
        strict=True,
    ):
        p = happened.mean()
        assert (one.count, one.n, one.value) == (happened.sum(), 400, p)
        assert one.se == pytest.approx(math.sqrt(p * (1 - p) / 400))
        assert (one.bound is None) == (0 < p < 1)


def test_errors_of_quantiles_are_what_they_scatter_by():
    rng = np.random.default_rng(0)
    many = [figure_of("cagr", rng.normal(0, 1, 2000), None, same_length=True) for _ in range(200)]
    for i in (1, 3, 5):
        scatter = np.std([one.quantiles[i] for one in many])
        assert np.mean([one.errors[i] for one in many]) == pytest.approx(scatter, rel=0.2)


def test_where_the_source_lies():
    values = np.array([1.0, 2.0, 2.0, 3.0, np.nan])
    assert figure_of("sharpe", values, 2.0, same_length=True).place == 0.5
    assert figure_of("sharpe", values, 0.0, same_length=True).place == 0.0
    assert figure_of("drawdown", values, 2.0, same_length=False).place is None
    assert figure_of("sharpe", values, 2.0, same_length=False).place == 0.5
    assert figure_of("sharpe", values[-1:], 2.0, same_length=True).quantiles == ()
    made = returns(300)
    found = monte_carlo(made, n_paths=300)
    assert found["total_return"].source == pytest.approx((1 + made).prod() - 1)
    assert found["total_return"].place == np.mean(found.paths["total_return"] < found["total_return"].source)
    other = monte_carlo(made, n_paths=30, years=2)
    assert other["drawdown"].place is None and other["cagr"].place is not None and other.drawn["n_steps"] == 504
    assert other.fan.source[-1] is None and other.fan.source[0] == 1.0


def test_a_strategy_is_run_and_its_days_are_drawn(tmp_path):
    path = write_strategy(tmp_path, HOLD, "hold.py")
    found = monte_carlo(path, data=three_years(), n_paths=20, store=None)
    run = run_strategy(path, three_years())
    assert found.spec["name"] == "hold" and found["total_return"].source == pytest.approx((1 + run.returns).prod() - 1)
    pd.testing.assert_frame_equal(monte_carlo(run, n_paths=20).paths, found.paths)


@pytest.mark.parametrize(
    ("said", "match"),
    [
        ({"kind": "dice"}, "kind = 'dice': expected one of bootstrap, trades, parameters, regime-paths"),
        ({"n_paths": 0}, "n_paths = 0"),
        ({"block": 0.5}, r"block = 0\.5: expected a mean length"),
        ({"kind": "trades", "block": 2.0}, "nothing with kind='trades'"),
        ({"space": {"a": [1]}}, "nothing with kind='bootstrap'"),
        ({"years": 0.0}, "years"),
        ({"kind": "parameters", "years": 1.0}, "Give start and end"),
        ({"ruin": 1.0}, "ruin = 1.0: expected a share of the start"),
        ({"drawdowns": (30,)}, r"0\.3 is thirty percent"),
        ({"drawdowns": 0.3}, "fractions between 0 and 1"),
        ({"seed": -1}, "seed"),
        ({"n_states": 0}, "n_states"),
        ({"kind": "parameters"}, "a strategy, or the folder of a study"),
        ({"kind": "regime-paths"}, "a strategy, or the folder of a study"),
    ],
)
def test_what_it_refuses(said, match):
    with pytest.raises(ParameterError, match=match):
        monte_carlo(returns(50), **said)


def test_a_source_without_returns_is_refused():
    with pytest.raises(ParameterError, match="at least three trading days"):
        monte_carlo(returns(1))
    with pytest.raises(StudyError, match="at least two to draw from"):
        monte_carlo(returns(50), kind="trades")


def test_it_is_said_where_few_blocks_make_all_paths():
    assert any("about 2.5 blocks" in note for note in monte_carlo(returns(50), n_paths=5, block=20.0).notes)
    assert monte_carlo(returns(50), n_paths=5, block=2.0).notes == ()
