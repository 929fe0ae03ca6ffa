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
from hidden_regime.models.chain import sample_paths
from hidden_regime.models.parameters import Evidence, Parameters


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


def test_bic_counts_the_rows_that_hold_anything():
    """k ln n - 2 ln L: a row of which a feature is missing counts, one of which all are doesn't; nor does it in `icl`."""
    rng = np.random.default_rng(8)
    x = rng.normal(size=(120, 2))
    x[10:40, 1] = x[40:50, 0] = np.nan
    x[100:107] = np.nan
    alone = GaussianHMM(1).fit(x)
    assert alone.n_parameters_ == 4
    assert alone.bic(x) == pytest.approx(4 * np.log(113) - 2 * alone.score(x), abs=1e-9)
    assert alone.icl(x) == pytest.approx(alone.bic(x), abs=1e-9)
    # Of one state with diagonal covariances each feature is a Gaussian by itself.
    by_feature = [x[~np.isnan(x[:, i]), i] for i in (0, 1)]
    likelihood = sum(-0.5 * len(v) * (np.log(2 * np.pi * v.var()) + 1) for v in by_feature)
    assert alone.bic(x) == pytest.approx(4 * np.log(113) - 2 * likelihood, abs=1e-3)
    two = GaussianHMM(2).fit(x)
    assert two.bic(x) == pytest.approx(two.n_parameters_ * np.log(113) - 2 * two.score(x), abs=1e-9)
    assert two.bic(x, lengths=(60, 60)) == pytest.approx(
        two.n_parameters_ * np.log(113) - 2 * two.score(x, lengths=(60, 60)), abs=1e-9
    )
    assert two.aic(x) == pytest.approx(2 * two.n_parameters_ - 2 * two.score(x), abs=1e-9)


@pytest.mark.parametrize(("kind", "shape"), [("diag", (3, 2)), ("full", (3, 2, 2)), ("spherical", (3,)), ("tied", (2, 2))])
def test_attributes_have_the_documented_shapes(two_regimes, kind, shape):
    X = np.hstack([two_regimes, np.abs(two_regimes)])
    model = GaussianHMM(3, covariance_type=kind).fit(X)
    assert model.startprob_.shape == (3,)
    assert model.transmat_.shape == (3, 3)
    assert model.means_.shape == (3, 2)
    assert model.covars_.shape == shape
    np.testing.assert_allclose(model.transmat_.sum(axis=1), 1.0)
    assert (np.diff(model.history_) > -1e-9 * abs(model.history_[-1])).all()
    assert len(model.history_) == model.n_iter_ + 1
    assert model.restarts_["chosen"].sum() == 1
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
     ({"min_covar": -1.0}, "min_covar"), ({"covariance_type": "best"}, "covariance_type"), ({"n_init": -1}, "n_init"), ({"half_life": 0.0}, "half_life"),
     ({"transmat_prior": 0.5}, "transmat_prior"), ({"startprob_prior": [1, 2, 3, 4, 5]}, "startprob_prior"),
     ({"transmat_mask": [[0, 0], [1, 1]]}, "transmat_mask"), ({"transmat_mask": "up"}, "transmat_mask"),
     ({"means_prior": 0.0}, "prior_weight"), ({"means_prior": [1, 2], "prior_weight": 1}, "means_prior"),
     ({"covars_prior": -1.0, "prior_weight": 1}, "covars_prior"), ({"margin": -1}, "margin"), ({"init": ("best",)}, "init"),
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


def test_the_careful_path_finds_what_the_fast_one_finds(two_regimes):
    """General EM (which a second sequence of one row forces) against the kernels, for every covariance type and option."""
    from hidden_regime.models import em_python
    from hidden_regime.models.prior import prior_of
    from hidden_regime.models.starts import starts_of
    from hidden_regime.models.training import Task, train

    x = np.hstack([two_regimes, np.abs(two_regimes) + 0.1 * np.random.default_rng(0).normal(size=two_regimes.shape)])
    x[40] = np.nan
    weights = 0.5 ** (np.arange(len(x))[::-1] / 150.0)
    memory = Evidence(np.array([5.0, 9.0]), np.zeros((2, 2)), np.tile(np.eye(2), (2, 1, 1)))
    for kind in ("diag", "full", "spherical", "tied"):
        for options in ({}, {"weights": weights}, {"memory": memory, "stay_weight": 10.0, "stay_duration": 20.0}):
            task = Task(x, 2, covariance_type=kind, n_iter=15, tol=-np.inf, **options)
            fast = train([task])[0]
            start = starts_of(task)[0][1]
            first, transitions, *moments = (part[0] for part in prior_of([task]))
            counts = np.concatenate([transitions, first[None]])
            slow, _ = em_python.fit(task, start, counts, Evidence(*moments), task.min_covar * np.nanvar(x, axis=0))
            np.testing.assert_allclose(slow.history[0], fast.history, rtol=1e-9)
            np.testing.assert_allclose(slow.means[0], fast.parameters.means, atol=1e-8)
            np.testing.assert_allclose(slow.covars[0], fast.parameters.covars, atol=1e-8)
            np.testing.assert_allclose(slow.transmat[0], fast.parameters.transmat, atol=1e-8)


def test_a_mask_rules_transitions_out(two_regimes):
    model = GaussianHMM(3, transmat_mask="left-to-right", transmat_prior=1.5).fit(two_regimes)
    assert (np.tril(model.transmat_, -1) == 0).all()
    free = GaussianHMM(3, transmat_prior=1.5).fit(two_regimes)
    assert model.n_parameters_ == free.n_parameters_ - 3


def test_forgetting_follows_the_newest(two_regimes):
    drifting = np.concatenate([np.random.default_rng(0).normal(0, 1, 300), np.random.default_rng(1).normal(5, 1, 300)])[:, None]
    assert GaussianHMM(1).fit(drifting).means_[0, 0] == pytest.approx(2.5, abs=0.2)
    assert GaussianHMM(1, half_life=30).fit(drifting).means_[0, 0] == pytest.approx(5.0, abs=0.3)
    with pytest.raises(ParameterError, match="sample_weight"):
        GaussianHMM(1).fit(drifting, sample_weight=np.zeros(600))


def test_priors_pull(two_regimes):
    model = GaussianHMM(2, means_prior=[7.0], covars_prior=[4.0], prior_weight=1e7).fit(two_regimes)
    np.testing.assert_allclose(model.means_, 7.0, atol=0.01)
    np.testing.assert_allclose(model.covars_, 4.0, atol=0.05)


def test_more_starts_are_never_worse_and_a_warm_one_goes_on(two_regimes):
    one, many = GaussianHMM(3).fit(two_regimes), GaussianHMM(3, n_init=5).fit(two_regimes)
    assert len(many.restarts_) == 7
    assert many.log_likelihood_ >= one.log_likelihood_ - 1e-6
    again = GaussianHMM(3, warm_start=True, margin=1e9)
    again.fit(two_regimes[:400])
    again.fit(two_regimes)
    assert again.restarts_.loc[again.restarts_["chosen"], "start"].tolist() == ["warm"]


def test_bootstrap_and_scores_agree():
    truth = Parameters(
        np.array([0.5, 0.5]), np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([[0.0], [2.0]]), np.array([[[1.0]], [[4.0]]])
    )
    X = sample_paths(truth, 1, 1500, np.random.default_rng(0))[0][0]
    model = GaussianHMM(2).fit(X)
    scores, bootstrap = model.standard_errors(X), model.standard_errors(X, "bootstrap", n_samples=150)
    np.testing.assert_allclose(scores.means, bootstrap.means, rtol=0.3)
    np.testing.assert_allclose(np.einsum("kii->ki", scores.covars), np.einsum("kii->ki", bootstrap.covars), rtol=0.3)
    np.testing.assert_allclose(scores.transmat, bootstrap.transmat, rtol=0.4)
    np.testing.assert_allclose(scores.mean_differences()[1, 0], bootstrap.mean_differences()[1, 0], rtol=0.3)


def test_standard_errors_know_no_unit(two_regimes):
    sizes = [GaussianHMM(2).fit(two_regimes * c).standard_errors(two_regimes * c).transmat for c in (1.0, 1e-3)]
    np.testing.assert_allclose(sizes[0], sizes[1], rtol=1e-3)
    model = GaussianHMM(2).fit(two_regimes, lengths=(300, 300))
    assert np.isfinite(model.standard_errors(two_regimes, lengths=(300, 300)).means).all()


def test_left_to_right_follows_time():
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(mean, 1, 100) for mean in (3, 9, 0, 6)])[:, None]
    free = GaussianHMM(4, n_init=10).fit(X)
    ordered = GaussianHMM(4, transmat_mask="left-to-right").fit(X)
    assert ordered.log_likelihood_ == pytest.approx(free.log_likelihood_, abs=1.0)
    assert (np.diff(ordered.predict(X)) >= 0).all()


@pytest.mark.parametrize("kind", ["diag", "full", "spherical", "tied"])
def test_fitted_covariances_are_a_start(two_regimes, kind):
    X = np.hstack([two_regimes, np.abs(two_regimes)])
    a = GaussianHMM(2, covariance_type=kind).fit(X)
    own = {"startprob_init": a.startprob_, "transmat_init": a.transmat_, "means_init": a.means_, "covars_init": a.covars_}
    b = GaussianHMM(2, covariance_type=kind, init=(), **own).fit(X)
    assert b.history_[0] == pytest.approx(a.history_[-1], abs=1e-6)
