"""The jump model against every path there is, and against what is known of it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime import JumpModel, load_dataset
from hidden_regime.models.jump_descent import Problem, descend
from hidden_regime.models.jump_moves import best_different, moved_centers
from tests.models.jump_oracles import index_features, least_objective, simulated_features


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 3), st.floats(0, 8))
def test_paths_are_the_best_of_all(seed, k, penalty):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(60, 2)) * rng.choice([0.5, 2.0], (60, 1))
    model = JumpModel(k, penalty=penalty).fit(X)
    z = (X[:7] - model._center) / model._scale
    losses = 0.5 * ((z[:, None] - model._standard_centers) ** 2).sum(axis=2)

    def cost(path):
        return sum(losses[t, s] for t, s in enumerate(path)) + penalty * sum(a != b for a, b in itertools.pairwise(path))

    def best(n):
        return min(itertools.product(range(k), repeat=n), key=cost)

    assert cost(model.predict(X[:7])) == pytest.approx(cost(best(7)))
    for n in range(1, 8):
        assert cost((*best(n)[:-1], model.predict_online(X[:7])[n - 1])) <= cost(best(n)) + 1e-9
    # The probabilities are those of exp(-cost) over all paths.
    paths = list(itertools.product(range(k), repeat=7))
    weights = np.exp(-np.array([cost(p) for p in paths]))
    share = np.array([[weights[[p[t] == s for p in paths]].sum() for s in range(k)] for t in range(7)]) / weights.sum()
    np.testing.assert_allclose(model.predict_proba(X[:7]), share, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000),
    st.sampled_from([(2, 11, True), (2, 11, False), (3, 10, False)]),
    st.sampled_from([0.0, 0.3, 1.0, 2.0, 5.0]),
)
def test_no_path_of_all_is_better(seed, size, penalty):
    k, n, gaps = size
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2)) * rng.choice([0.5, 2.0], (n, 1)) + rng.choice([0.0, 3.0], (n, 1))
    if gaps:
        x[rng.integers(n, size=2), [0, 1]] = np.nan
    model = JumpModel(k, penalty=penalty).fit(x)
    least = least_objective((x - model._center) / model._scale, k, penalty)
    assert model.objective_ == pytest.approx(least, abs=1e-9)


INDEX = {
    (2, 0): 3624.8840, (2, 5): 4020.2926, (2, 20): 4555.2208, (2, 50): 4953.2766, (2, 100): 5433.3685, (2, 200): 5956.7586,
    (3, 10): 3356.0863, (3, 150): 5281.2111, (3, 200): 5531.2111,
}  # fmt: skip
"""By states and penalty: the best of 80 starts, each of the best twelve ends moved on."""


@pytest.mark.parametrize(("k", "penalty"), INDEX)
def test_the_defaults_find_the_optimum_of_an_index(k, penalty):
    assert JumpModel(k, penalty=penalty).fit(index_features()).objective_ < INDEX[k, penalty] * (1 + 1e-6)


SIMULATED = {
    (250, 1, 10.0): 1651.2546, (250, 3, 120.0): 1789.0165, (500, 0, 120.0): 3639.8466, (500, 10, 10.0): 3178.3439,
    (1000, 10, 46.0): 7042.7875, (1000, 11, 120.0): 7478.3704,
}  # fmt: skip
"""By rows, path and penalty: the best of 160 starts and more, where ten starts without moves end in something worse."""


@pytest.mark.parametrize(("n", "which", "penalty"), SIMULATED)
def test_the_defaults_find_the_optimum_of_simulations(n, which, penalty):
    x = simulated_features(n, which)
    model = JumpModel(2, penalty=penalty).fit(x)
    assert model.objective_ < SIMULATED[n, which, penalty] * (1 + 1e-6)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    own = sum(((z[model.path_ == s] - z[model.path_ == s].mean(axis=0)) ** 2).sum() for s in set(model.path_.tolist())) / 2
    assert model.objective_ == pytest.approx(own + penalty * (np.diff(model.path_) != 0).sum(), rel=1e-9)


def test_a_move_is_worth_what_it_says():
    """One stretch of any length to one state: the centers after it are those of the best such path."""
    rng = np.random.default_rng(1)
    z = rng.normal(size=(24, 2))
    z[8:14] += 3.0
    z[3, 0] = np.nan
    problem = Problem(z, np.array([[0, 0, 15], [0, 15, 24]]), 4.0 * (1 - np.eye(3)))
    path = np.repeat([0, 1, 2], 8)

    def cost(of):
        seen = [(z[of == s], np.nanmean(z[of == s], axis=0)) for s in set(of.tolist())]
        return sum(np.nansum((rows - mean) ** 2) for rows, mean in seen) / 2 + problem.changes(of)

    tried = []
    for begin, end in ((0, 15), (15, 24)):
        for i, j, s in itertools.product(range(begin, end), range(begin + 1, end + 1), range(3)):
            if j > i and (path[i:j] != s).any():
                other = path.copy()
                other[i:j] = s
                tried.append((cost(other), other))
    best = min(tried, key=lambda pair: pair[0])[1]
    found = moved_centers(problem, path, np.zeros((3, 2)), 1)
    np.testing.assert_allclose(found[0], problem.centers(best[None], np.zeros((1, 3, 2)))[0])


def test_descents_at_once_are_those_alone():
    rng = np.random.default_rng(2)
    z = rng.normal(size=(60, 3))
    z[rng.random((60, 3)) < 0.1] = np.nan
    problem, starts = Problem(z, np.array([[0, 0, 25], [0, 25, 60]]), 2.0 * (1 - np.eye(2))), rng.normal(size=(7, 2, 3))
    found = descend(problem, starts, 50, 1e-9)
    for i, start in enumerate(starts):
        alone = descend(problem, start[None], 50, 1e-9)
        np.testing.assert_array_equal(alone.paths[0], found.paths[i])
        assert alone.histories[0] == found.histories[i]
        assert (np.diff(found.histories[i]) <= 0).all()
    ends = found.objective[best_different(found)]
    assert ends[0] == found.objective.min() and (np.diff(ends) > 0).all()


def test_a_larger_penalty_means_fewer_changes():
    close = load_dataset("sp500")["close"]
    returns = np.log(close).diff().dropna()
    X = np.column_stack([returns, np.log(returns.abs().ewm(halflife=10).mean())])
    changes = [int((np.diff(JumpModel(2, penalty=p).fit(X).path_) != 0).sum()) for p in (0, 5, 15, 35, 70, 150)]
    assert changes == sorted(changes, reverse=True)
    assert changes[0] > 5 * changes[-1]


def test_without_a_penalty_it_is_k_means():
    from sklearn.cluster import KMeans

    X = np.random.default_rng(0).normal(size=(300, 2))
    model = JumpModel(3, penalty=0.0, standardise=False, n_init=20).fit(X)
    assert model.objective_ == pytest.approx(KMeans(3, n_init=20, random_state=0).fit(X).inertia_ / 2, rel=0.01)


def test_units_change_nothing():
    X = np.concatenate([np.random.default_rng(0).normal(0, 1, 200), np.random.default_rng(1).normal(3, 1, 200)])[:, None]
    a, b = JumpModel(2, penalty=10).fit(X), JumpModel(2, penalty=10).fit(X / 100 + 5)
    np.testing.assert_array_equal(a.path_, b.path_)


def test_limits_are_named():
    X = np.random.default_rng(0).normal(size=(50, 1))
    for options, name in (({"penalty": -1}, "penalty"), ({"n_states": 51}, "n_states"), ({"init": "kmeans"}, "init")):
        with pytest.raises(ValueError, match=f"hidden_regime: {name} = "):
            JumpModel(**options).fit(X)


def test_missing_features_leave_the_moments_alone():
    rng = np.random.default_rng(0)
    X = np.column_stack([np.repeat([0.0, 5.0], 200) + rng.normal(size=400), rng.normal(size=400)])
    X[::2, 1] = np.nan
    model = JumpModel(2, penalty=10).fit(X)
    np.testing.assert_allclose(model.covars_[:, 1, 1], 1.0, atol=0.25)


def test_its_forecast_is_its_score():
    X = load_dataset("sp500")["close"].pct_change().dropna().to_numpy()[:600, None]
    model = JumpModel(2, penalty=10).fit(X)
    assert model.forecast(X[:599]).log_density(X[599:])[0] == pytest.approx(model.score_samples(X)[599], abs=1e-9)
