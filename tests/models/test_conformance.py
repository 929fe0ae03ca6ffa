"""What every model answers for. A new model is a line in MODELS."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone

from hidden_regime import GaussianHMM
from hidden_regime.exceptions import DataError, NotFittedError, ParameterError

MODELS = {
    "gaussian-diag": lambda **options: GaussianHMM(2, covariance_type="diag", **options),
    "gaussian-full": lambda **options: GaussianHMM(2, covariance_type="full", **options),
    "gaussian-sticky": lambda **options: GaussianHMM(2, stay_duration=50.0, stay_weight=20.0, **options),
}


@pytest.fixture(params=MODELS.values(), ids=MODELS.keys())
def make(request):
    return request.param


@pytest.fixture(scope="module")
def X():
    rng = np.random.default_rng(11)
    x = rng.normal(0, 1, (400, 2)) * np.repeat([0.5, 2.0, 0.5, 2.0], 100)[:, None]
    x[37] = np.nan
    return x


def test_fitting_leaves_options_and_data_alone(make, X):
    model, before = make(), X.copy()
    options = model.get_params()
    assert model.fit(X) is model
    assert model.get_params() == options
    np.testing.assert_array_equal(X, before)
    assert clone(model).get_params() == options


def test_equal_fits_are_equal_bit_for_bit(make, X):
    a, b = make().fit(X), make().fit(X)
    np.testing.assert_array_equal(a.filter_proba(X), b.filter_proba(X))
    refitted = a.fit(X[:200]).fit(X)
    np.testing.assert_array_equal(refitted.filter_proba(X), b.filter_proba(X))


def test_the_objective_never_falls_and_is_reported(make, X):
    model = make().fit(X)
    assert (np.diff(model.history_) >= -1e-9 * abs(model.history_[-1])).all()
    assert len(model.history_) == model.n_iter_ + 1
    assert model.converged_
    assert model.score(X) == pytest.approx(model.log_likelihood_, abs=1e-8)
    assert model.score_samples(X).sum() == pytest.approx(model.score(X))


def test_probabilities_are_probabilities(make, X):
    model = make().fit(X)
    for p in (model.filter_proba(X), model.predict_proba(X), model.transmat_, model.startprob_[None]):
        assert (p >= 0).all()
        np.testing.assert_allclose(p.sum(axis=1), 1.0)
    np.testing.assert_allclose(model.filter_proba(X)[-1], model.predict_proba(X)[-1], atol=1e-12)


def test_causal_answers_know_no_future(make, X):
    model = make().fit(X)
    for n in (1, 38, 250):
        np.testing.assert_array_equal(model.filter_proba(X[:n]), model.filter_proba(X)[:n])
        np.testing.assert_array_equal(model.predict_online(X[:n]), model.predict_online(X)[:n])
        np.testing.assert_array_equal(model.score_samples(X[:n]), model.score_samples(X)[:n])


def test_it_finds_the_two_stretches(make, X):
    states = make().fit(X).predict(X)
    agreement = np.mean(states == np.repeat([0, 1, 0, 1], 100))
    assert max(agreement, 1 - agreement) > 0.95


def test_samples_look_like_the_data(make, X):
    model = make().fit(X)
    drawn, states = model.sample(20_000, random_state=3)
    assert drawn.shape == (20_000, 2)
    assert set(states) <= {0, 1}
    np.testing.assert_allclose(drawn.std(axis=0), np.nanstd(X, axis=0), rtol=0.15)
    np.testing.assert_array_equal(model.sample(50, random_state=3)[0], model.sample(50, random_state=3)[0])


def test_wrong_uses_are_named(make, X):
    for method in ("predict", "predict_proba", "filter_proba", "predict_online", "score", "aic", "bic", "icl", "forecast"):
        with pytest.raises(NotFittedError, match="call fit"):
            getattr(make(), method)(X)
    with pytest.raises(DataError, match="1 features"):
        make().fit(X).predict(X[:, :1])
    with pytest.raises(ParameterError, match="n_iter"):
        make(n_iter=0).fit(X)
