"""GaussianHMM as its users meet it."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone

from hidden_regime import GaussianHMM
from hidden_regime.exceptions import (
    ConstantDataError,
    ConvergenceWarning,
    DataError,
    NotFittedError,
    ParameterError,
    TrainingError,
    WindowTooShortError,
)


def test_it_finds_what_made_the_data():
    truth = GaussianHMM(2, startprob_init=[0.5, 0.5], transmat_init=[[0.98, 0.02], [0.05, 0.95]], means_init=[[0.1], [-0.3]],
                        covars_init=[[0.5], [6.0]], init=(), n_iter=1, tol=1e9)  # fmt: skip
    truth.fit(np.random.default_rng(0).normal(size=(50, 1)))
    truth._parameters = truth._own_start(1)
    X, states = truth.sample(5000, random_state=1)
    model = GaussianHMM(2, covariance_type="full").fit(X)
    order = np.argsort(model.covars_.ravel())
    np.testing.assert_allclose(model.covars_.ravel()[order], [0.5, 6.0], rtol=0.1)
    np.testing.assert_allclose(np.diag(model.transmat_)[order], [0.98, 0.95], atol=0.02)
    assert (order.argsort()[model.predict(X)] == states).mean() > 0.95


def test_one_state_is_a_plain_gaussian():
    X = np.random.default_rng(3).normal(size=(200, 1))
    a = GaussianHMM(1).fit(X)
    assert a.log_likelihood_ == pytest.approx(-0.5 * 200 * (np.log(2 * np.pi * X.var()) + 1), abs=1e-9)
    assert a.n_parameters_ == 2
    assert a.aic(X) == pytest.approx(4 - 2 * a.log_likelihood_)
    assert a.bic(X) == pytest.approx(2 * np.log(200) - 2 * a.log_likelihood_)


@pytest.mark.parametrize("kind", ["diag", "full"])
def test_attributes_have_the_documented_shapes(two_regimes, kind):
    X = np.hstack([two_regimes, np.abs(two_regimes)])
    model = GaussianHMM(3, covariance_type=kind).fit(X)
    assert model.startprob_.shape == (3,)
    assert model.transmat_.shape == (3, 3)
    assert model.means_.shape == (3, 2)
    assert model.covars_.shape == ((3, 2) if kind == "diag" else (3, 2, 2))
    np.testing.assert_allclose(model.transmat_.sum(axis=1), 1.0)
    assert (np.diff(model.history_) > -1e-9 * abs(model.history_[-1])).all()
    assert len(model.history_) == model.n_iter_ + 1
    assert [r.chosen for r in model.restarts_].count(True) == 1
    assert model.log_likelihood_ == pytest.approx(model.score(X), abs=1e-6)


def test_the_unit_of_the_data_changes_nothing(two_regimes):
    a, b = GaussianHMM(2).fit(two_regimes), GaussianHMM(2).fit(two_regimes / 100.0 + 7.0)
    assert (a.predict(two_regimes) == b.predict(two_regimes / 100.0 + 7.0)).all()
    np.testing.assert_allclose(b.covars_ * 1e4, a.covars_, rtol=1e-6)


def test_causal_answers_do_not_know_the_future(two_regimes):
    model = GaussianHMM(2).fit(two_regimes)
    whole = model.filter_proba(two_regimes)
    assert (model.filter_proba(two_regimes[:400]) == whole[:400]).all()
    assert (model.predict_online(two_regimes) == whole.argmax(axis=1)).all()
    assert not np.array_equal(model.predict_proba(two_regimes[:400]), model.predict_proba(two_regimes)[:400])


def test_missing_rows_say_nothing(two_regimes):
    X = two_regimes.copy()
    X[100:110] = np.nan
    model = GaussianHMM(2).fit(X)
    filtered = model.filter_proba(X)
    assert np.isfinite(filtered).all()
    np.testing.assert_allclose(filtered[105], filtered[104] @ model.transmat_)


def test_equal_seeds_give_equal_models(two_regimes):
    a = GaussianHMM(3, init=("random", "kmeans"), random_state=4).fit(two_regimes)
    b = GaussianHMM(3, init=("random", "kmeans"), random_state=4).fit(two_regimes)
    np.testing.assert_array_equal(a.means_, b.means_)


def test_scikit_learn_can_clone_it_and_set_it():
    model = GaussianHMM(4, covariance_type="full", tol=0.5)
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    assert copy.set_params(n_states=2).n_states == 2
    assert repr(model) == "GaussianHMM(n_states=4, covariance_type='full', tol=0.5)"
    with pytest.raises(ParameterError, match="n_components"):
        model.set_params(n_components=2)


def test_scikit_learns_tools_take_it(two_regimes):
    from sklearn.model_selection import KFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    scores = cross_val_score(GaussianHMM(2), two_regimes, cv=KFold(3))
    assert np.isfinite(scores).all()
    pipeline = make_pipeline(StandardScaler(), GaussianHMM(2)).fit(two_regimes)
    assert (pipeline.predict(two_regimes) == GaussianHMM(2).fit(two_regimes).predict(two_regimes)).all()


def test_it_says_when_it_did_not_converge(two_regimes):
    with pytest.warns(ConvergenceWarning, match="Raise n_iter"):
        model = GaussianHMM(3, n_iter=2).fit(two_regimes)
    assert not model.converged_


@pytest.mark.parametrize(
    ("options", "name"),
    [({"n_states": 0}, "n_states"), ({"n_states": 2.5}, "n_states"), ({"n_states": True}, "n_states"), ({"n_iter": 0}, "n_iter"),
     ({"min_covar": -1.0}, "min_covar"), ({"covariance_type": "tied"}, "covariance_type"), ({"init": ("best",)}, "init"),
     ({"init": ()}, "init"), ({"stay_duration": 0.5}, "stay_duration"), ({"n_states": 601}, "n_states"),
     ({"means_init": [[0.0]]}, "startprob_init")],
)  # fmt: skip
def test_wrong_options_are_named(two_regimes, options, name):
    with pytest.raises(ParameterError, match=f"hidden_regime: {name} = "):
        GaussianHMM(**options).fit(two_regimes)


@pytest.mark.parametrize(
    ("X", "error"),
    [(np.ones((50, 1)), ConstantDataError), (np.full((50, 1), 0.1), ConstantDataError), ([["a"], ["b"]], DataError),
     (np.zeros((0, 1)), DataError), ([[np.inf], [1.0], [2.0], [3.0]], DataError), (np.zeros((3, 2, 2)), DataError),
     (np.full((50, 1), np.nan), WindowTooShortError)],
)  # fmt: skip
def test_wrong_data_get_their_own_error(X, error):
    with pytest.raises(error, match=r"expected|regimes can only"):
        GaussianHMM(2).fit(X)


def test_an_unfitted_model_says_so(two_regimes):
    with pytest.raises(NotFittedError, match="call fit"):
        GaussianHMM(2).predict(two_regimes)
    with pytest.raises(NotFittedError, match="call fit"):
        GaussianHMM(2).sample()
    with pytest.raises(DataError, match="2 features"):
        GaussianHMM(2).fit(two_regimes).predict(np.zeros((5, 2)))


def test_a_collapse_is_an_error_and_no_nan():
    X = np.concatenate([np.zeros((30, 1)), np.random.default_rng(0).normal(5, 1, (30, 1))])
    with pytest.raises(TrainingError, match="min_covar"):
        GaussianHMM(2, min_covar=0.0, init=("volatility",), tol=-1.0).fit(X)


def test_persistence_prior_lengthens_stays(two_regimes):
    free = GaussianHMM(2).fit(two_regimes).transmat_
    held = GaussianHMM(2, stay_duration=500.0, stay_weight=2000.0).fit(two_regimes).transmat_
    assert np.diag(held).min() >= np.diag(free).min()
    assert np.diag(held) == pytest.approx(1 - 1 / 500, abs=2e-3)
