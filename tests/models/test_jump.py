"""The jump model against every path there is, and against what is known of it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime import JumpModel, load_dataset


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
