"""The sparse jump model: its weights against an optimiser's, its choice against what is known, its fits against its authors'."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from hidden_regime import JumpModel, SparseJumpModel
from hidden_regime.exceptions import ParameterError, SavedModelError
from hidden_regime.models.feature_weights import best_weights, between_squares
from tests.models.jump_oracles import index_features, stretches


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.floats(0.01, 9), st.sampled_from([0.0, 1.0, 2.0])), min_size=1, max_size=6), st.floats(1, 3))
def test_weights_are_those_of_an_optimiser(gains, kappa):
    a = np.array([*gains, 2.0])
    w = best_weights(a, kappa)
    assert (w >= 0).all() and w @ w <= 1 + 1e-12 and w.sum() <= kappa + 1e-12
    n = len(a)
    bounds = [
        {"type": "ineq", "fun": lambda v: 1 - v @ v, "jac": lambda v: -2 * v},
        {"type": "ineq", "fun": lambda v: kappa - v.sum(), "jac": lambda v: -np.ones(n)},
    ]
    found = minimize(lambda v: -v @ a, np.full(n, 0.5 / n), jac=lambda v: -a, bounds=[(0, 1)] * n, constraints=bounds,
                     method="SLSQP", options={"ftol": 1e-12, "maxiter": 500})  # fmt: skip
    assert w @ a == pytest.approx(-found.fun, rel=1e-6)


def test_weights_between_the_bounds():
    gains = np.array([5.0, 3.0, 2.0, 0.5])
    np.testing.assert_allclose(best_weights(gains, 2.0), gains / np.linalg.norm(gains))
    np.testing.assert_array_equal(best_weights(gains, 1.0), [1, 0, 0, 0])
    assert best_weights(gains, 1.5).sum() == pytest.approx(1.5)
    assert best_weights(np.ones(4), 1.0) @ np.ones(4) == pytest.approx(1.0)  # no one of them is better


def test_squares_between_are_all_less_those_within():
    rng = np.random.default_rng(0)
    z, path = rng.normal(size=(50, 3)), rng.integers(3, size=50)
    z[::7, 1] = np.nan
    total = np.nansum((z - np.nanmean(z, axis=0)) ** 2, axis=0)
    within = sum(np.nansum((z[path == s] - np.nanmean(z[path == s], axis=0)) ** 2, axis=0) for s in range(3))
    np.testing.assert_allclose(between_squares(z, path, 3), total - within)


@pytest.mark.parametrize("max_features", [1, 2, 100])
def test_the_feature_that_tells_is_selected(max_features):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(300, 8))
    x[150:, 5] += 3
    model = SparseJumpModel(2, penalty=10, max_features=max_features).fit(x)
    assert model.weights_.argmax() == 5 and model.weights_[5] > 0.95
    assert model.selected_[5] and model.selected_.sum() <= {1: 1, 2: 8, 100: 8}[max_features]
    assert model.weights_.sum() ** 2 <= max_features + 1e-9
    np.testing.assert_array_equal(np.flatnonzero(np.diff(model.path_)), [149])


def test_what_is_maximised_is_what_it_says():
    x, _ = stretches()
    model = SparseJumpModel(2, penalty=5, max_features=3).fit(x)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    value = model.weights_ @ between_squares(z, model.path_, 2) / 2 - 5 / np.sqrt(5) * (np.diff(model.path_) != 0).sum()
    assert -model.objective_ == model.history_[-1] == pytest.approx(value)
    np.testing.assert_allclose(model.weights_, best_weights(between_squares(z, model.path_, 2), np.sqrt(3)))
    means = [x[model.path_ == s].mean(axis=0) for s in (0, 1)]
    np.testing.assert_allclose(model.centers_, means)


def test_with_equal_weights_it_is_a_jump_model():
    x = stretches()[0][:, [1]]
    plain, sparse = JumpModel(2, penalty=4).fit(x), SparseJumpModel(2, penalty=4).fit(x)
    np.testing.assert_array_equal(sparse.path_, plain.path_)
    np.testing.assert_allclose(sparse.filter_proba(x), plain.filter_proba(x), atol=1e-12)
    twice = np.repeat(x, 2, axis=1)
    plain, sparse = JumpModel(2, penalty=4).fit(twice), SparseJumpModel(2, penalty=4).fit(twice)
    np.testing.assert_allclose(sparse.weights_, np.sqrt(0.5))
    np.testing.assert_array_equal(sparse.path_, plain.path_)
    np.testing.assert_array_equal(sparse.predict_online(twice), plain.predict_online(twice))


THEIRS = {
    (1.5, 5.0): [0.0, 0.9659258256943293, 0.0, 0.25881904732211714, 0.0],
    (3.0, 5.0): [0.015084953096199945, 0.9394344152181127, 0.008150467413257709, 0.3422932644341304, 0.002077185080901672],
}
"""Weights of jumpmodels 0.1.1 (`max_feats`, `jump_penalty`, fifty starts)."""


@pytest.mark.parametrize(("max_features", "penalty"), THEIRS)
def test_the_authors_package_has_the_same_weights(max_features, penalty):
    model = SparseJumpModel(2, penalty=penalty, max_features=max_features).fit(stretches()[0])
    np.testing.assert_allclose(model.weights_, THEIRS[max_features, penalty], atol=1e-7)
    np.testing.assert_array_equal(np.flatnonzero(np.diff(model.path_)) + 1, [80, 120, 220, 250])


@pytest.mark.parametrize(("max_features", "theirs"), [(1.5, 461.8435), (2.0, 522.7985)])
def test_it_finds_what_equal_weights_hide(max_features, theirs):
    """From equal weights alone, as jumpmodels 0.1.1 starts, the model of an index ends in something worse."""
    model = SparseJumpModel(2, penalty=50, max_features=max_features).fit(index_features()[1000:2500])
    assert -model.objective_ > theirs + 10


def test_one_state_says_nothing_of_features():
    x = np.random.default_rng(0).normal(size=(60, 4))
    for model in (SparseJumpModel(1).fit(x), SparseJumpModel(2, penalty=700).fit(x)):
        assert model.converged_ and len(set(model.path_.tolist())) == 1
        np.testing.assert_allclose(model.weights_, 0.5)


def test_wrong_options_and_damaged_weights_are_named():
    x, _ = stretches()
    for wrong in (0.5, "2", True, float("nan")):
        with pytest.raises(ParameterError, match=r"max_features = .*at least 1"):
            SparseJumpModel(2, max_features=wrong).fit(x)
    model = SparseJumpModel(2, penalty=5).fit(x)
    with pytest.raises(ParameterError, match="weights_"):
        model.weights_ = np.ones(5)
    content = model.to_dict()
    for wrong in ([1.0], [-0.1, 0.5, 0.1, 0.1, 0.1], [1.0] * 5, [0.0] * 5):
        content["fitted"]["extra"]["weights"] = {"array": wrong, "dtype": "float64"}
        with pytest.raises(SavedModelError, match="weights"):
            SparseJumpModel.from_dict(content)
    del content["fitted"]["extra"]["weights"]
    with pytest.raises(SavedModelError, match="weights"):
        SparseJumpModel.from_dict(content)
