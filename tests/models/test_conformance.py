"""What every model answers for. A new model is a line in MODELS."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.base import clone

from hidden_regime import (
    AutoregressiveHMM,
    ContinuousJumpModel,
    CovariateHMM,
    GaussianHMM,
    JumpModel,
    SparseJumpModel,
    StudentTHMM,
)
from hidden_regime.exceptions import DataError, NotFittedError, ParameterError, SavedModelError


def by_place(lengths):
    """A covariate that is told by a row's place in its sequence, for a suite that passes none."""
    return np.concatenate([np.cos(0.3 * np.arange(n)) for n in lengths])[:, None]


class ByPlace(CovariateHMM):
    """The model with that covariate."""

    def fit(self, X, y=None, *, covariates=None, lengths=None):
        return super().fit(X, y, covariates=by_place(lengths or (len(X),)), lengths=lengths)

    def _covariates(self, covariates, n_samples, lengths):
        return super()._covariates(by_place(lengths) if covariates is None else covariates, n_samples, lengths)

    def forecast(self, X, steps=1, **options):
        return super().forecast(X, steps, **options, future=by_place((len(X) + steps,))[len(X) :])

    def sample(self, n_samples=1, random_state=None, **options):
        return super().sample(n_samples, random_state, **options, covariates=by_place((n_samples,)))


MODELS = {
    "gaussian-diag": lambda **options: GaussianHMM(2, covariance_type="diag", **options),
    "gaussian-full": lambda **options: GaussianHMM(2, covariance_type="full", **options),
    "gaussian-spherical": lambda **options: GaussianHMM(2, covariance_type="spherical", **options),
    "gaussian-tied": lambda **options: GaussianHMM(2, covariance_type="tied", **options),
    "gaussian-priors": lambda **options: GaussianHMM(2, transmat_prior=2.0, startprob_prior=2.0, prior_weight=5.0, **options),
    "student-diag": lambda **options: StudentTHMM(2, **options),
    "student-full": lambda **options: StudentTHMM(2, covariance_type="full", **options),
    "student-tied": lambda **options: StudentTHMM(2, covariance_type="tied", degrees=8.0, **options),
    "student-fixed": lambda **options: StudentTHMM(2, degrees=5.0, covariance_type="spherical", **options),
    "jump": lambda **options: JumpModel(2, penalty=5.0, **options),
    "covariate-none": lambda **options: CovariateHMM(2, **options),
    "covariate": lambda **options: ByPlace(2, **options),
    "autoregressive": lambda **options: AutoregressiveHMM(2, **options),
    "autoregressive-shared": lambda **options: AutoregressiveHMM(2, order=2, switching_ar=False, **options),
    "jump-sparse": lambda **options: SparseJumpModel(2, penalty=5.0, max_features=1.8, **options),
    "jump-continuous": lambda **options: ContinuousJumpModel(2, penalty=10.0, **options),
    "gaussian-sticky": lambda **options: GaussianHMM(2, stay_duration=50.0, stay_weight=20.0, **options),
}


@pytest.fixture(params=MODELS.values(), ids=MODELS.keys())
def make(request):
    return request.param


@pytest.fixture(scope="module")
def X():
    rng = np.random.default_rng(11)
    level = np.repeat([0.5, 2.0, 0.5, 2.0], 100)[:, None]
    x = rng.normal(0, 1, (400, 2)) * level + np.array([0.0, 4.0]) * level
    x[37] = np.nan
    x[[60, 170, 171, 390], [0, 1, 1, 0]] = np.nan
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
    np.testing.assert_allclose(drawn.std(axis=0), np.nanstd(X, axis=0), rtol=0.35)
    np.testing.assert_array_equal(model.sample(50, random_state=3)[0], model.sample(50, random_state=3)[0])


def test_wrong_uses_are_named(make, X):
    for method in ("predict", "predict_proba", "filter_proba", "predict_online", "score", "aic", "bic", "icl", "forecast"):
        with pytest.raises(NotFittedError, match="call fit"):
            getattr(make(), method)(X)
    with pytest.raises(DataError, match="1 features"):
        make().fit(X).predict(X[:, :1])
    with pytest.raises(ParameterError, match="n_iter"):
        make(n_iter=0).fit(X)


def test_sequences_have_nothing_to_do_with_each_other(make, X):
    lengths = (150, 250)
    model = make().fit(X, lengths=lengths)
    assert model.score(X, lengths=lengths) == pytest.approx(model.log_likelihood_, abs=1e-8)
    for method in ("filter_proba", "predict_online", "predict_proba", "predict", "score_samples"):
        parts = [getattr(model, method)(X[:150]), getattr(model, method)(X[150:])]
        np.testing.assert_array_equal(getattr(model, method)(X, lengths=lengths), np.concatenate(parts))
    with pytest.raises(ParameterError, match="lengths"):
        model.predict(X, lengths=(150, 251))


def heavier(model):
    """The model with every prior worth twice as much: Dirichlet's are parameters, one above their pseudo-counts."""
    given = model.get_params()
    twice = {name: 2 * given[name] for name in ("prior_weight", "stay_weight", "ridge") if given.get(name)}
    twice |= {name: 2 * given[name] - 1 for name in ("transmat_prior", "startprob_prior") if given.get(name) is not None}
    return model.set_params(**twice)


def test_a_sequence_twice_says_what_it_says_once(make, X):
    to_the_end = {} if isinstance(make(), JumpModel) else {"tol": 1e-10}
    once = make().set_params(**to_the_end).fit(X)
    twice = heavier(make()).set_params(**to_the_end).fit(np.concatenate([X, X]), lengths=(400, 400))
    np.testing.assert_allclose(twice.means_, once.means_, atol=1e-7)
    # A jump model adds one imagined bar to each state, which no option can make two.
    error, spread = (4e-3, 0.03) if isinstance(once, JumpModel) else (1e-9, 1e-7)
    np.testing.assert_allclose(twice.covars_, once.covars_, atol=spread)
    assert twice.log_likelihood_ == pytest.approx(2 * once.log_likelihood_, rel=error)
    np.testing.assert_allclose(twice.transmat_, once.transmat_, atol=error)


def test_a_missing_feature_is_no_observation_of_it(make, X):
    model = make().fit(X)
    rows = X[:30].copy()
    rows[10, 0] = np.nan
    other = rows.copy()
    np.testing.assert_array_equal(model.filter_proba(rows)[:10], model.filter_proba(X[:30])[:10])
    assert np.isfinite(model.filter_proba(other)).all()
    nothing = np.full((3, 2), np.nan)
    steps = model.transmat_at(by_place((3,))) if isinstance(model, ByPlace) else [model.transmat_] * 3
    expected = [model.startprob_, model.startprob_ @ steps[1], model.startprob_ @ steps[1] @ steps[2]]
    if not isinstance(model, JumpModel):
        np.testing.assert_allclose(model.filter_proba(nothing), expected, atol=1e-12)
    np.testing.assert_allclose(model.score_samples(nothing), 0.0, atol=1e-12)


def test_saved_and_loaded_it_is_the_same(make, X, tmp_path):
    model = make().fit(X)
    model.save(tmp_path / "model")
    for again in (type(model).load(tmp_path / "model"), type(model).from_dict(json.loads(json.dumps(model.to_dict())))):
        assert repr(again) == repr(model)
        for method in ("filter_proba", "predict", "score_samples"):
            np.testing.assert_array_equal(getattr(again, method)(X), getattr(model, method)(X))
        np.testing.assert_array_equal(again.history_, model.history_)
        assert again.restarts_.equals(model.restarts_)
        assert again.bic(X) == model.bic(X)


def test_damaged_and_newer_files_are_refused(make, X, tmp_path):
    model, path = make().fit(X), tmp_path / "model"
    model.save(path)
    content = path.read_bytes()
    for bad in (b"", b"PK", content[:-7], content[:300] + b"x" + content[301:], content[:40]):
        path.write_bytes(bad)
        with pytest.raises(SavedModelError):
            type(model).load(path)
    plain = model.to_dict()
    for change in ({"format": 99}, {"format": "1"}, {"class": "Other"}, {"options": {"colour": 1}}, {"fitted": {}}):
        with pytest.raises(SavedModelError):
            type(model).from_dict(plain | change)
    with pytest.raises(SavedModelError, match="read"):
        type(model).from_dict({})


def test_forecasts_are_densities(make, X):
    model = make().fit(X)
    forecast = model.forecast(X, steps=4)
    assert forecast.probabilities.shape == (4, 2)
    low, middle, high = (forecast.quantile(q, feature=1) for q in (0.01, 0.5, 0.99))
    assert (low < middle).all() and (middle < high).all()
    drawn = model.sample(40_000, random_state=1)[0]
    far = model.forecast(X, steps=400)
    np.testing.assert_allclose(far.mean[-1], drawn.mean(axis=0), atol=0.15 * drawn.std())
    np.testing.assert_allclose(far.variance[-1], drawn.var(axis=0), rtol=0.35)
    np.testing.assert_allclose(far.quantile(0.5, 0)[-1], np.median(drawn[:, 0]), atol=0.1)
    assert np.isfinite(forecast.log_density(np.full((4, 2), 50.0))).all()


def test_the_long_run_is_stationary(make, X):
    model = make().fit(X)
    pi = model.stationary_distribution()
    np.testing.assert_allclose(pi @ model.transmat_, pi, atol=1e-12)


def test_standard_errors_shrink_with_data(make, X):
    model = make().fit(X)
    errors = model.standard_errors(X)
    assert errors.means.shape == (2, 2)
    assert (errors.means > 0).all()
    # The mean of n draws is known to sd / sqrt(n), here of about 200 in each state.
    spread = np.sqrt(np.einsum("kii->ki", model._parameters.covars))
    assert (errors.means < 3 * spread / np.sqrt(200)).all()
    assert (errors.means > 0.4 * spread / np.sqrt(200)).all()
    assert errors.indistinguishable(feature=0, z=3.0) == [(0, 1)]
    assert errors.indistinguishable(feature=1) == []
    assert list(errors.table()["same_as"])[2:] == [(), ()]


NOT_FOR_SERIES = {
    "check_sample_weight_equivalence_on_dense_data": "a row twice is another series; a weight is a power of its density",
    "check_sample_weight_equivalence_on_sparse_data": "the same, of a sparse table",
    "check_methods_sample_order_invariance": "rows are in order of time",
    "check_methods_subset_invariance": "a row is known from those around it",
    "check_fit1d": "one column may come flat",
}


ASKED_BY_SCIKIT_LEARN = [
    GaussianHMM(2),
    StudentTHMM(2, n_iter=30),
    JumpModel(2),
    CovariateHMM(2),
    AutoregressiveHMM(2),
    SparseJumpModel(2, n_init=2),
    ContinuousJumpModel(2, n_init=2, grid_size=0.25),
]


@pytest.mark.parametrize("model", ASKED_BY_SCIKIT_LEARN, ids=lambda m: type(m).__name__)
@pytest.mark.filterwarnings("ignore")
def test_scikit_learns_own_checks(model):
    from sklearn.utils.estimator_checks import check_estimator

    results = check_estimator(model, on_fail=None, on_skip=None)
    failed = {r["check_name"] for r in results if r["status"] == "failed"}
    # No more than these, and each of these as long as it is needed.
    assert failed == {r["check_name"] for r in results} & set(NOT_FOR_SERIES)
    assert len(results) > 35
