"""Models of known parameters, states in an order, and fitted attributes that can't be set by half."""

from __future__ import annotations

import copy
import json
import pickle

import numpy as np
import pytest
import scipy.stats as st

from hidden_regime import ContinuousJumpModel, GaussianHMM, JumpModel, SparseJumpModel, StudentTHMM
from hidden_regime.exceptions import NotFittedError, ParameterError

MODELS = [
    lambda **o: GaussianHMM(3, **o),
    lambda **o: GaussianHMM(3, covariance_type="full", **o),
    lambda **o: GaussianHMM(3, covariance_type="spherical", **o),
    lambda **o: StudentTHMM(3, degrees=6.0, **o),
    lambda **o: JumpModel(3, penalty=5.0, **o),
    lambda **o: SparseJumpModel(3, penalty=5.0, **o),
    lambda **o: ContinuousJumpModel(3, penalty=5.0, grid_size=0.33, **o),
]
IDS = ["diag", "full", "spherical", "student", "jump", "sparse", "continuous"]


@pytest.fixture(params=MODELS, ids=IDS)
def make(request):
    return request.param


def series(seed=0):
    rng = np.random.default_rng(seed)
    level = np.repeat([3.0, 0.5, 1.2, 0.5, 3.0, 0.5], 120)[:, None]
    mean = np.repeat([[-4.0, 1.0], [2.0, 0.0], [0.0, 6.0], [2.0, 0.0], [-4.0, 1.0], [2.0, 0.0]], 120, axis=0)
    return mean + level * rng.normal(size=(720, 2))


def brute_force(x, startprob, transmat, density):
    """Likelihood of a few rows by adding up all paths."""
    k, total = len(startprob), 0.0
    for path in np.ndindex(*[k] * len(x)):
        p = startprob[path[0]] * density(path[0], x[0])
        for t in range(1, len(x)):
            p *= transmat[path[t - 1], path[t]] * density(path[t], x[t])
        total += p
    return np.log(total)


def test_known_parameters_answer_as_all_paths_do():
    startprob, transmat = np.array([0.3, 0.7]), np.array([[0.9, 0.1], [0.25, 0.75]])
    means, covars = np.array([[0.0, 1.0], [2.0, -1.0]]), np.array([[[1.0, 0.3], [0.3, 2.0]], [[4.0, -0.5], [-0.5, 1.0]]])
    x = np.random.default_rng(0).normal(size=(6, 2))
    model = GaussianHMM.from_parameters(startprob, transmat, means, covars, covariance_type="full")
    expected = brute_force(x, startprob, transmat, lambda k, row: st.multivariate_normal(means[k], covars[k]).pdf(row))
    assert model.score(x) == pytest.approx(expected, abs=1e-10)
    tails = StudentTHMM.from_parameters(startprob, transmat, means, covars, covariance_type="full", degrees=5.0)
    expected = brute_force(x, startprob, transmat, lambda k, row: st.multivariate_t(means[k], covars[k] * 3 / 5, df=5).pdf(row))
    assert tails.score(x) == pytest.approx(expected, abs=1e-10)
    np.testing.assert_allclose(tails.covars_, covars)


def test_what_was_fitted_can_be_given_again(make):
    x = series()
    model = make().fit(x)
    if isinstance(model, JumpModel):
        assert not hasattr(model, "from_parameters")
        return
    options = {name: value for name, value in model.get_params().items() if name != "n_states"}
    again = type(model).from_parameters(model.startprob_, model.transmat_, model.means_, model.covars_, **options)
    np.testing.assert_allclose(again.filter_proba(x), model.filter_proba(x), atol=1e-12)
    assert again.score(x) == pytest.approx(model.score(x), abs=1e-8)
    assert again.bic(x) == pytest.approx(model.bic(x))
    restored = type(model).from_dict(json.loads(json.dumps(again.to_dict())))
    np.testing.assert_array_equal(restored.filter_proba(x), again.filter_proba(x))
    drawn = again.sample(3, random_state=1, n_paths=2)
    assert drawn[0].shape == (2, 3, 2) and drawn[1].shape == (2, 3)
    assert again.fit(x).n_iter_ > 0


@pytest.mark.parametrize(
    ("change", "named"),
    [({"startprob": [0.5, 0.6]}, "startprob"), ({"transmat": [[1.0, 0.0]]}, "transmat"), ({"means": [0.0, 1.0]}, "means"),
     ({"covars": [[1.0], [-1.0]]}, "covars"), ({"covars": [[1.0], [np.nan]]}, "covars"), ({"means": [[0.0], [np.inf]]}, "means"),
     ({"transmat": [[-1.0, 2.0], [0.5, 0.5]]}, "transmat"), ({"startprob": "no"}, "startprob")],
)  # fmt: skip
def test_what_is_no_model_is_named(change, named):
    given = {"startprob": [0.5, 0.5], "transmat": [[0.9, 0.1], [0.2, 0.8]], "means": [[0.0], [1.0]], "covars": [[1.0], [2.0]]}
    with pytest.raises(ParameterError, match=named):
        GaussianHMM.from_parameters(**given | change)
    with pytest.raises(ParameterError, match="degrees"):
        StudentTHMM.from_parameters(**given)


def test_fitted_attributes_cant_be_set(make):
    x = series()
    model = make().fit(x)
    names = [
        n
        for n in ("startprob_", "transmat_", "means_", "covars_", "degrees_", "scales_", "centers_", "weights_", "proba_")
        if hasattr(model, n)
    ]
    before = model.filter_proba(x)
    for name in names:
        assert not hasattr(make(), name)
        with pytest.raises(NotFittedError, match="call fit"):
            getattr(make(), name)
        with pytest.raises(ParameterError, match=f"{name} = "):
            setattr(model, name, np.zeros_like(getattr(model, name)))
        with pytest.raises(ValueError, match="read-only"):
            getattr(model, name)[...] = 0.0
    np.testing.assert_array_equal(model.filter_proba(x), before)
    for again in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(again.filter_proba(x), before)
        with pytest.raises(ParameterError):
            again.means_ = 0.0


@pytest.mark.parametrize(("name", "value"), [("n_states", 2), ("covariance_type", "tied"), ("degrees", 9.0), ("penalty", 1.0)])
def test_options_that_the_parameters_belong_to_cant_change_without_a_fit(make, name, value):
    x = series()
    model = make().fit(x)
    if name not in model.get_params():
        return
    before, score = getattr(model, name), model.score(x)
    for change in (lambda m, v: setattr(m, name, v), lambda m, v: m.set_params(**{name: v})):
        change(model, value)
        for ask in (model.filter_proba, model.predict, model.score, model.bic, model.forecast):
            with pytest.raises(ParameterError, match=f"{name} = .*fit"):
                ask(x)
        with pytest.raises(ParameterError, match=name):
            model.to_dict()
        change(model, before)  # the remedies
        assert model.score(x) == score
    assert getattr(model.set_params(**{name: value}).fit(x), name) == value


@pytest.mark.parametrize("order_by", ["volatility", "mean", "share"])
def test_states_come_in_the_order_that_was_asked_for(make, order_by):
    x = series()
    for seed in range(3):
        model = make(order_by=order_by, init=("random",), n_init=6, random_state=seed).fit(x)
        other = make(init=("random",), n_init=6, random_state=seed).fit(x)
        deviations = model._parameters.deviations.prod(axis=1)
        keys = {"volatility": deviations, "mean": model.means_[:, 0], "share": -model.stationary_distribution()}
        assert (np.diff(keys[order_by]) >= 0).all()
        assert model.score(x) == pytest.approx(other.score(x), abs=1e-8)
        assert model.log_likelihood_ == pytest.approx(other.log_likelihood_, abs=1e-8)
        to = [int(np.abs(model.means_ - mean).sum(axis=1).argmin()) for mean in other.means_]
        np.testing.assert_array_equal(np.array(to)[other.predict(x)], model.predict(x))
        np.testing.assert_allclose(model.filter_proba(x)[:, to], other.filter_proba(x), atol=1e-9)
        if isinstance(model, JumpModel):
            np.testing.assert_array_equal(model.path_, model.predict(x))


def test_an_order_is_one_of_three_and_not_beside_a_mask():
    for make in (GaussianHMM, StudentTHMM, JumpModel):
        with pytest.raises(ParameterError, match="order_by"):
            make(2, order_by="size").fit(series())
    with pytest.raises(ParameterError, match="transmat_mask"):
        GaussianHMM(2, order_by="mean", transmat_mask="left-to-right").fit(series())


def test_scenarios_begin_where_the_data_end(make):
    x = series()
    model = make().fit(x)
    drawn, states = model.simulate(x, 4, n_paths=20_000, random_state=0)
    assert drawn.shape == (20_000, 4, 2)
    forecast = model.forecast(x, 4)
    shares = np.stack([(states == k).mean(axis=0) for k in range(3)], axis=1)
    np.testing.assert_allclose(shares, forecast.probabilities, atol=0.02)
    np.testing.assert_allclose(drawn.mean(axis=0), forecast.mean, atol=0.1)
    assert not np.array_equal(model.simulate(x, 4)[0], model.simulate(x, 4)[0])
    for wrong in ({"steps": 0}, {"steps": 1, "n_paths": 0}, {"steps": 1.5}):
        with pytest.raises(ParameterError):
            model.simulate(x, **wrong)
