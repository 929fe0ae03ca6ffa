"""Transitions that depend on covariates: against all paths, statsmodels, scipy, and the model without covariates."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import log_softmax

from hidden_regime import CovariateHMM, GaussianHMM
from hidden_regime.exceptions import DataError, NoEvidenceWarning, ParameterError, SavedModelError
from hidden_regime.models import logistic, varying, varying_blocks

CAUSAL = ("filter_proba", "predict_online", "score_samples")


def drawn(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two states whose ends a covariate tells: x, z and the states."""
    rng = np.random.default_rng(seed)
    z, states, x = np.zeros(n), np.zeros(n, int), np.zeros(n)
    for t in range(n):
        z[t] = 0.8 * z[t - 1] + rng.normal() if t else rng.normal()
        leaves = 1 / (1 + np.exp(-((-2.5 + 1.5 * z[t]) if states[t - 1] == 0 else (-2.0 - 1.0 * z[t]))))
        states[t] = (1 - states[t - 1] if rng.random() < leaves else states[t - 1]) if t else 0
        x[t] = (0.0, 1.5)[states[t]] + (1.0, 2.0)[states[t]] * rng.normal()
    return x[:, None], z[:, None], states


def random_model(seed: int, k: int = 3, d: int = 2, c: int = 2) -> CovariateHMM:
    rng = np.random.default_rng(seed)
    factor = rng.normal(0, 1, (k, d, d))
    covars = factor @ factor.transpose(0, 2, 1) + 0.3 * np.eye(d)
    return CovariateHMM.from_parameters(
        rng.dirichlet(np.ones(k)), rng.normal(0, 1, (k, k, 1 + c)), rng.normal(0, 2, (k, d)), covars, covariance_type="full"
    )


def all_paths(model: CovariateHMM, x: np.ndarray, z: np.ndarray):
    """Log-likelihood, smoothed probabilities and best path by adding up all of them; shares nothing with the recursions."""
    from scipy.stats import multivariate_normal

    k, n = len(model.means_), len(x)
    density, steps = np.ones((n, k)), np.empty((n, k, k))
    for t, i in np.ndindex(n, k):
        odds = [math.exp(c[0] + float(np.dot(c[1:], z[t]))) for c in model.coefs_[i]]
        steps[t, i] = np.array(odds) / sum(odds)
        if not np.isnan(x[t]).any():
            density[t, i] = multivariate_normal(model.means_[i], model.covars_[i]).pdf(x[t])
    weights = {}
    for path in itertools.product(range(k), repeat=n):
        weights[path] = model.startprob_[path[0]] * density[0, path[0]]
        for t in range(1, n):
            weights[path] *= steps[t, path[t - 1], path[t]] * density[t, path[t]]
    total, smoothed = sum(weights.values()), np.zeros((n, k))
    for path, p in weights.items():
        smoothed[np.arange(n), path] += p / total
    return math.log(total), smoothed, max(weights, key=weights.get)


@pytest.mark.parametrize("seed", range(4))
def test_the_answers_are_those_of_all_paths(seed):
    model, rng = random_model(seed), np.random.default_rng(seed + 100)
    x, z = rng.normal(0, 2, (6, 2)), rng.normal(0, 1.5, (6, 2))
    x[3] = np.nan
    likelihood, smoothed, path = all_paths(model, x, z)
    assert model.score(x, covariates=z) == pytest.approx(likelihood, abs=1e-10)
    np.testing.assert_allclose(model.predict_proba(x, covariates=z), smoothed, atol=1e-12)
    assert tuple(model.predict(x, covariates=z)) == path
    for t in range(1, 7):
        np.testing.assert_allclose(model.filter_proba(x, covariates=z)[t - 1], all_paths(model, x[:t], z[:t])[1][-1], atol=1e-12)
    parts = [model.score(x[:2], covariates=z[:2]), model.score(x[2:], covariates=z[2:])]
    assert model.score(x, lengths=(2, 4), covariates=z) == pytest.approx(sum(parts), abs=1e-10)
    np.testing.assert_allclose(model.transmat_at(z[1]), np.exp(log_softmax(model.coefs_ @ [1.0, *z[1]], axis=1)), atol=1e-14)


# statsmodels 0.15.0, for a series x and a covariate z of drawn(400, seed=12):
#   mod = MarkovRegression(x, k_regimes=2, switching_variance=True, exog_tvtp=np.column_stack([np.ones(400), z]))
#   res = mod.smooth([2.5, -2.0, -1.5, -1.0, 0.0, 1.5, 1.0, 4.0])     # p[i->0] by intercept, then by slope; const; sigma2
#   res.llf, res.filtered_marginal_probabilities[ROWS, 0], res.smoothed_marginal_probabilities[ROWS, 0]
#   res.initial_probabilities                                         # of the row before the first: stationary under z[0]
#   best = mod.fit(start_params=[...the same...], maxiter=500); best.llf, best.params
ROWS = [0, 1, 57, 200, 399]
INITIAL = [0.6147774976, 0.3852225024]
LIKELIHOOD = -697.9814403786377
FILTERED = [6.5455605486e-01, 1.1907283525e-04, 9.0754580180e-01, 9.5831326851e-01, 9.6165838656e-01]
SMOOTHED = [2.8615499715e-01, 2.9977383287e-04, 9.6151206712e-01, 2.9765114230e-01, 9.6165838656e-01]
BEST = -694.3347251697257
BEST_PARAMS = [1.6583764663, -1.4789768159, -1.5450899952, -0.8977105539, 0.0259640343, 1.2953744456, 0.8337939169, 3.521128826]


def as_ours(params, initial, first):
    """A model of statsmodels' parameters: its logits are those of going to state 0, its start is one transition earlier."""
    stay, leave = params[[0, 2]], params[[1, 3]]
    coefs = np.zeros((2, 2, 2))
    coefs[0, 1], coefs[1, 0] = -stay, leave
    means, covars = params[4:6, None], params[6:, None]
    before = CovariateHMM.from_parameters(initial, coefs, means, covars)
    return CovariateHMM.from_parameters(np.array(initial) @ before.transmat_at(first), coefs, means, covars)


def test_statsmodels_recorded_numbers():
    x, z, _ = drawn(400, 12)
    model = as_ours(np.array([2.5, -2.0, -1.5, -1.0, 0.0, 1.5, 1.0, 4.0]), INITIAL, z[0])
    assert model.score(x, covariates=z) == pytest.approx(LIKELIHOOD, abs=1e-7)
    np.testing.assert_allclose(model.filter_proba(x, covariates=z)[ROWS, 0], FILTERED, atol=1e-9)
    np.testing.assert_allclose(model.predict_proba(x, covariates=z)[ROWS, 0], SMOOTHED, atol=1e-9)


def test_the_maximum_is_statsmodels():
    x, z, _ = drawn(400, 12)
    model = CovariateHMM(2, ridge=0.0, tol=1e-9, min_covar=0.0, n_iter=5000, order_by="volatility").fit(x, covariates=z)
    found = np.array([*-model.coefs_[0, 1, :1], *model.coefs_[1, 0, :1], *-model.coefs_[0, 1, 1:], *model.coefs_[1, 0, 1:],
                      *model.means_[:, 0], *model.covars_[:, 0]])  # fmt: skip
    # Ours has a free first state, theirs the stationary one, worth at most the log of its probability.
    assert BEST - 1e-6 < model.log_likelihood_ < BEST + 1.0
    np.testing.assert_allclose(found, BEST_PARAMS, atol=0.1)  # a quarter of a standard error
    stationary = CovariateHMM.from_parameters(
        [0.5, 0.5], model.coefs_, model.means_, model.covars_, covariate_means=z[0]
    ).stationary_distribution()
    assert BEST - 0.1 < as_ours(found, stationary, z[0]).score(x, covariates=z) < BEST + 1e-6


def test_statsmodels_itself():
    regression = pytest.importorskip("statsmodels.tsa.regime_switching.markov_regression")
    for seed in range(3):
        x, z, _ = drawn(200, seed)
        design = np.column_stack([np.ones(len(z)), z])
        params = np.array([2.0, -1.5, -1.0, -0.5, 0.1, 1.2, 0.8, 3.0]) + 0.1 * np.random.default_rng(seed).normal(size=8)
        theirs = regression.MarkovRegression(x[:, 0], k_regimes=2, switching_variance=True, exog_tvtp=design).smooth(params)
        ours = as_ours(params, theirs.initial_probabilities, z[0])
        assert ours.score(x, covariates=z) == pytest.approx(float(theirs.llf), abs=1e-7)
        np.testing.assert_allclose(ours.filter_proba(x, covariates=z), theirs.filtered_marginal_probabilities, atol=1e-9)
        np.testing.assert_allclose(ours.predict_proba(x, covariates=z), theirs.smoothed_marginal_probabilities, atol=1e-8)


@pytest.mark.parametrize("kind", ["diag", "full", "spherical", "tied"])
@pytest.mark.parametrize("covariates", [None, np.full((400, 2), [3.0, -1e6])], ids=["none", "constant"])
def test_without_a_covariate_that_varies_it_is_the_plain_model(kind, covariates):
    x, _, _ = drawn(400, 3)
    x = np.column_stack([x, 0.5 * x[::-1]])
    x[50, 1] = x[51] = np.nan
    options = {"covariance_type": kind, "tol": 1e-10, "n_iter": 5000, "order_by": "mean"}
    plain = GaussianHMM(2, **options).fit(x, lengths=(150, 250))
    model = CovariateHMM(2, **options).fit(x, lengths=(150, 250), covariates=covariates)
    assert model.log_likelihood_ == pytest.approx(plain.log_likelihood_, abs=1e-7)
    for name in ("startprob_", "transmat_", "means_", "covars_"):
        np.testing.assert_allclose(getattr(model, name), getattr(plain, name), atol=1e-5)
    assert model.n_parameters_ == plain.n_parameters_
    # Of the same parameters, the same answers.
    known = CovariateHMM.from_parameters(
        plain.startprob_, np.log(plain.transmat_)[:, :, None], plain.means_, plain.covars_, covariance_type=kind
    )
    for name in ("filter_proba", "predict_proba", "predict", "predict_online", "score_samples", "aic", "bic", "icl"):
        np.testing.assert_allclose(getattr(known, name)(x), getattr(plain, name)(x), atol=1e-9)
    np.testing.assert_allclose(known.forecast(x[:40], 3).quantile(0.1), plain.forecast(x[:40], 3).quantile(0.1), atol=1e-9)


def test_covariates_that_tell_are_found_and_raise_the_likelihood():
    x, z, states = drawn(3000, 5)
    noise = np.random.default_rng(0).normal(size=(3000, 1))
    model = CovariateHMM(2, order_by="mean").fit(x, covariates=np.column_stack([z, noise]))
    plain = GaussianHMM(2).fit(x)
    assert model.log_likelihood_ > plain.log_likelihood_ + 50.0
    assert model.bic(x, covariates=np.column_stack([z, noise])) < plain.bic(x)
    errors = model.standard_errors(x, covariates=np.column_stack([z, noise]))
    truth = np.array([[[0, 0, 0], [-2.5, 1.5, 0]], [[-2.0, -1.0, 0], [0, 0, 0]]])
    for i, j in ((0, 1), (1, 0)):
        assert (np.abs(model.coefs_[i, j] - truth[i, j]) < 3.5 * errors.coefs[i, j]).all()
        assert (errors.coefs[i, j] < 0.6).all()
    assert np.mean(model.predict(x, covariates=np.column_stack([z, noise])) == states) > 0.88


def test_standard_errors_are_the_curvatures():
    """Of a right model, outer products of scores and second differences of the likelihood estimate the same information."""
    x, z, _ = drawn(1500, 8)
    model = CovariateHMM(2, ridge=0.0, tol=1e-8, n_iter=2000).fit(x, covariates=z)
    errors = model.standard_errors(x, covariates=z)
    places = [(0, 1, 0), (0, 1, 1), (1, 0, 0), (1, 0, 1)]

    def score(theta):
        coefs, means, covars = np.zeros((2, 2, 2)), theta[4:6, None], theta[6:, None]
        for place, value in zip(places, theta, strict=False):
            coefs[place] = value
        return CovariateHMM.from_parameters(model.startprob_, coefs, means, covars).score(x, covariates=z)

    at = np.array([*(model.coefs_[place] for place in places), *model.means_[:, 0], *model.covars_[:, 0]])
    h, n = 1e-3 * np.eye(8), range(8)
    curvature = np.zeros((8, 8))
    for i, j in itertools.combinations_with_replacement(n, 2):
        corners = [score(at + a * h[i] + b * h[j]) for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1))]
        curvature[i, j] = curvature[j, i] = (corners[0] - corners[1] - corners[2] + corners[3]) / 4e-6
    expected = np.sqrt(np.diag(np.linalg.inv(-curvature)))
    found = [*(errors.coefs[place] for place in places), *errors.means[:, 0], *errors.covars[:, 0, 0]]
    np.testing.assert_allclose(found, expected, rtol=0.2)
    gradient = np.array([(score(at + h[i]) - score(at - h[i])) / 2e-3 for i in n])
    assert (np.abs(gradient * expected) < 0.01).all()  # a maximum: no step of a hundredth of an error gains a tenth of a nat
    with pytest.raises(ParameterError, match="method"):
        model.standard_errors(x, "bootstrap", covariates=z)


@pytest.mark.parametrize("ridge", [0.0, 0.5])
def test_the_coefficients_are_scipys(ridge):
    rng = np.random.default_rng(4)
    z, moved = rng.normal(size=(60, 2)), rng.random((60, 3, 3))
    found = logistic.maximise(moved, z, np.zeros((3, 3, 3)), ridge)
    for i in range(3):
        others = [j for j in range(3) if j != i]

        def loss(flat, i=i, others=others):
            beta = np.zeros((3, 3))
            beta[others] = flat.reshape(2, 3)
            scores = log_softmax(np.column_stack([np.ones(60), z]) @ beta.T, axis=1)
            return -(moved[:, i] * scores).sum() + 0.5 * ridge * (beta[:, 1:] ** 2).sum()

        expected = minimize(loss, np.zeros(6), tol=1e-12).x.reshape(2, 3)
        np.testing.assert_allclose(found[i, others], expected, atol=1e-5)
        assert (found[i, i] == 0.0).all()


@pytest.mark.parametrize("ridge", [0.0, 1e-3, 1.0])
def test_a_covariate_that_tells_changes_without_fault_keeps_slopes_finite(ridge):
    states = np.repeat([0, 1, 0, 1, 0], 60)
    z = np.r_[0.0, np.diff(states)][:, None]
    x = np.random.default_rng(0).normal(8.0 * states, 1.0)[:, None]
    model = CovariateHMM(2, ridge=ridge, order_by="mean").fit(x, covariates=z)
    assert np.isfinite(model.coefs_).all() and np.abs(model.coefs_).max() < 100.0
    assert model.transmat_at([1.0])[0, 1] > 0.9 and model.transmat_at([0.0])[0, 1] < 0.1
    assert (np.diff(model.history_) > -1e-8).all()
    assert model.log_likelihood_ > GaussianHMM(2).fit(x).log_likelihood_ - 1e-6


def test_a_stronger_ridge_gives_smaller_slopes():
    x, z, _ = drawn(600, 2)
    sizes = [np.abs(CovariateHMM(2, ridge=ridge).fit(x, covariates=z).coefs_[:, :, 1]).max() for ridge in (0.0, 10.0, 1e6)]
    assert sizes[0] > 1.5 * sizes[1] > 1.5 * sizes[2]
    assert sizes[2] < 1e-3


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), k=st.integers(1, 3), c=st.integers(0, 2), parts=st.booleans())
@pytest.mark.filterwarnings("ignore::hidden_regime.exceptions.RegimeWarning")
def test_the_likelihood_never_falls(seed, k, c, parts):
    rng = np.random.default_rng(seed)
    x = rng.normal(0, np.repeat([1.0, 3.0], 40))[:, None] * rng.choice([1e-3, 1.0, 1e4])
    z = rng.normal(rng.normal(0, 100), rng.choice([1e-3, 1.0, 1e3]), (80, c))
    x[rng.random(80) < 0.1] = np.nan
    lengths = (30, 50) if parts else None
    model = CovariateHMM(k, n_iter=30, ridge=float(rng.choice([0.0, 1e-3]))).fit(x, covariates=z, lengths=lengths)
    assert (np.diff(model.history_) >= -1e-8 * max(1.0, abs(model.history_[-1]))).all()
    assert model.score(x, lengths=lengths, covariates=z) == pytest.approx(model.log_likelihood_, abs=1e-6)
    plain = GaussianHMM(k, n_iter=30).fit(x, lengths=lengths)
    assert model.history_[-1] >= plain.log_likelihood_ - 1e-6 * abs(plain.log_likelihood_)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(2, 60), data=st.data())
def test_what_is_causal_is_equal_bit_for_bit_whatever_follows(seed, n, data):
    model, rng = random_model(seed), np.random.default_rng(seed)
    x, z = rng.normal(0, 2, (n, 2)), rng.normal(0, 2, (n, 2))
    x[rng.random((n, 2)) < 0.1] = np.nan
    cut = data.draw(st.integers(1, n - 1))
    other, after = x.copy(), z.copy()
    other[cut:], after[cut:] = 1.0, rng.normal(0, 50, (n - cut, 2))
    for name in CAUSAL:
        ask = getattr(model, name)
        whole = ask(x, covariates=z)[:cut]
        np.testing.assert_array_equal(ask(x[:cut], covariates=z[:cut]), whole)
        np.testing.assert_array_equal(ask(other, covariates=after)[:cut], whole)


@settings(max_examples=4, deadline=None)
@given(scale=st.floats(1e-4, 1e4), unit=st.floats(1e-3, 1e3), shift=st.floats(-10.0, 10.0))
def test_other_units_are_the_same_model(scale, unit, shift):
    x, z, _ = drawn(300, 6)
    model = CovariateHMM(2, order_by="volatility", tol=1e-6).fit(x, covariates=z)
    other = CovariateHMM(2, order_by="volatility", tol=1e-6).fit(scale * x, covariates=unit * (z + shift))
    np.testing.assert_allclose(other.means_, scale * model.means_, rtol=1e-3, atol=1e-3 * scale)
    np.testing.assert_allclose(other.coefs_[:, :, 1], model.coefs_[:, :, 1] / unit, rtol=0.02, atol=1e-3 / unit)
    expected = model.predict_proba(x, covariates=z)
    np.testing.assert_allclose(other.predict_proba(scale * x, covariates=unit * (z + shift)), expected, atol=1e-3)
    assert other.log_likelihood_ == pytest.approx(model.log_likelihood_ - 300 * math.log(scale), abs=1e-3)


def test_nothing_underflows():
    means, covars = [[0.0], [10.0]], [[1.0], [1e-4]]
    coefs = np.array([[[0.0, 0.0], [-900.0, 1.0]], [[-900.0, -1.0], [0.0, 0.0]]])
    model = CovariateHMM.from_parameters([1.0, 0.0], coefs, means, covars)
    x = np.concatenate([np.zeros(3000), [10.0, 1e90, -1e90], np.full(3000, 10.0)])[:, None]
    z = np.zeros(x.shape)
    z[3000] = 1e6
    for name in ("filter_proba", "predict_proba"):
        p = getattr(model, name)(x, covariates=z)
        np.testing.assert_allclose(p.sum(axis=1), 1.0, atol=1e-12)
        np.testing.assert_allclose(p[[0, 2999, 3000, 6000], [0, 0, 1, 1]], 1.0)
    assert model.predict(x, covariates=z).tolist() == [0] * 3000 + [1] * 3003
    assert np.isfinite(model.score_samples(x, covariates=z)).all()
    # A state that the past excludes, and the only one whose density is no nothing: the answer of the logarithms.
    logs, step = np.array([[0.0, 0.0], [-2000.0, 0.0]]), np.array([[[1.0, 0.0], [0.5, 0.5]]] * 2)
    found = varying.forward(logs, np.array([1.0, 0.0]), step)
    assert found.log_likelihood.tolist() == [0.0, -2000.0] and found.filtered[1].tolist() == [1.0, 0.0]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 150), k=st.integers(1, 4), spread=st.sampled_from([1.0, 30.0, 3000.0]))
def test_blocks_at_once_are_rows_one_by_one(seed, n, k, spread):
    """From usual densities to such that no state has a likelihood beside another's, where logarithms have to help."""
    rng = np.random.default_rng(seed)
    logs, startprob = spread * rng.normal(size=(n, k)), rng.dirichlet(np.ones(k))
    step = np.exp(log_softmax(rng.choice([1.0, 100.0]) * rng.normal(size=(n, k, k)), axis=2))
    found = varying.forward(logs, startprob, step)
    expected = varying.backward(found, step)
    likelihood, behind = varying_blocks.smooth(logs, startprob, step)
    assert likelihood == pytest.approx(found.log_likelihood.sum(), rel=1e-10, abs=1e-9)
    np.testing.assert_allclose(behind.smoothed, expected.smoothed, atol=1e-9)
    np.testing.assert_allclose(behind.moved, expected.moved, atol=1e-9)
    np.testing.assert_allclose(behind.moved[1:].sum(axis=(1, 2)), 1.0, atol=1e-9)
    np.testing.assert_allclose(behind.moved[1:].sum(axis=1), behind.smoothed[1:], atol=1e-9)


def test_a_forecast_follows_the_coming_covariates():
    x, z, _ = drawn(300, 9)
    model = CovariateHMM(2).fit(x, covariates=z)
    future = np.array([[1.0], [-2.0], [0.5]])
    forecast = model.forecast(x, 3, covariates=z, future=future)
    now = model.filter_proba(x, covariates=z)[-1]
    for h in range(3):
        now = now @ model.transmat_at(future[h])
        np.testing.assert_allclose(forecast.probabilities[h], now, atol=1e-14)
    held = model.forecast(x, 2, covariates=z)
    np.testing.assert_array_equal(held.probabilities, model.forecast(x, 2, covariates=z, future=z[[-1, -1]]).probabilities)
    paths, states = model.simulate(x, 3, n_paths=20_000, random_state=0, covariates=z, future=future)
    np.testing.assert_allclose((states == 1).mean(axis=0), forecast.probabilities[:, 1], atol=0.02)
    np.testing.assert_allclose(paths.mean(axis=0), forecast.mean, atol=0.06)
    _, states = model.sample(4, random_state=0, state=0, n_paths=20_000, covariates=np.ones((4, 1)))
    expected = np.linalg.matrix_power(model.transmat_at([1.0]), 4)[0]
    assert (states[:, -1] == 0).mean() == pytest.approx(expected[0], abs=0.02)
    assert model.sample(5, random_state=1)[0].shape == (5, 1)


def test_a_lag_may_leave_the_first_row_of_a_sequence_missing():
    x, z, _ = drawn(200, 1)
    frame = pd.DataFrame({"x": x[:, 0], "vix": z[:, 0]})
    lagged = frame[["vix"]].shift(1)
    gap = (np.arange(200) == 150)[:, None]
    model = CovariateHMM(2).fit(frame[["x"]], covariates=lagged)
    assert np.isfinite(model.filter_proba(frame[["x"]], covariates=lagged)).all()
    with pytest.raises(DataError, match=r"covariates hold NaN in row 150.*shift\(1\)"):
        model.filter_proba(x, covariates=lagged.mask(gap))
    two = lagged.mask(gap).to_numpy()
    assert np.isfinite(model.score(x, lengths=(150, 50), covariates=two))
    np.testing.assert_array_equal(z, drawn(200, 1)[1])


def test_wrong_covariates_are_named():
    x, z, _ = drawn(100, 1)
    model = CovariateHMM(2).fit(x, covariates=z)
    for ask in (model.filter_proba, model.predict, model.score, model.forecast, model.bic, model.standard_errors):
        with pytest.raises(ParameterError, match=r"covariates = None.*covariates=\.\.\."):
            ask(x)
    for wrong in (z[:-1], np.column_stack([z, z])):
        with pytest.raises(ParameterError, match="a row for each of 100 rows and 1 columns"):
            model.filter_proba(x, covariates=wrong)
    with pytest.raises(ParameterError, match="future"):
        model.forecast(x, 3, covariates=z, future=z[:2])
    with pytest.raises(ParameterError, match="covariates"):
        CovariateHMM(2).fit(x).filter_proba(x, covariates=z)
    with pytest.raises(DataError, match="covariates"):
        CovariateHMM(2).fit(x, covariates=np.where(z > 1, np.inf, z))
    with pytest.raises(DataError, match="covariates"):
        CovariateHMM(2).fit(x, covariates=[["a"]] * 100)
    for options in (
        {"ridge": -1.0},
        {"ridge": None},
        {"covariance_type": "round"},
        {"init": ()},
        {"init": "kmeans"},
        {"tol": "x"},
    ):
        with pytest.raises(ParameterError, match=next(iter(options))):
            CovariateHMM(2, **options).fit(x)
    for bad in (np.zeros((2, 3, 1)), np.full((2, 2, 1), np.nan), np.zeros((2, 2, 0)), "no"):
        with pytest.raises(ParameterError, match="coefs"):
            CovariateHMM.from_parameters([0.5, 0.5], bad, [[0.0], [1.0]], [[1.0], [1.0]])
    with pytest.raises(ParameterError, match="covariate_means"):
        CovariateHMM.from_parameters([0.5, 0.5], np.zeros((2, 2, 1)), [[0.0], [1.0]], [[1.0], [1.0]], covariate_means=[1.0])


def test_saved_with_covariates_and_in_another_order_it_is_the_same(tmp_path):
    x, z, _ = drawn(300, 4)
    model = CovariateHMM(2, covariance_type="full", order_by="mean").fit(x, covariates=z)
    model.save(tmp_path / "m")
    again = CovariateHMM.load(tmp_path / "m")
    np.testing.assert_array_equal(again.predict_proba(x, covariates=z), model.predict_proba(x, covariates=z))
    np.testing.assert_array_equal(again.coefs_, model.coefs_)
    turned = CovariateHMM.from_dict(model.to_dict()).relabel([1, 0])
    np.testing.assert_allclose(turned.filter_proba(x, covariates=z), model.filter_proba(x, covariates=z)[:, ::-1], atol=1e-12)
    assert (np.diagonal(turned.coefs_[:, :, 1]) == 0.0).all()
    assert turned.score(x, covariates=z) == pytest.approx(model.score(x, covariates=z))
    damaged = model.to_dict()
    damaged["fitted"]["extra"]["coefs"]["array"][0][1][0] += 1.0
    with pytest.raises(SavedModelError, match="coefs"):
        CovariateHMM.from_dict(damaged)


def test_a_state_that_nothing_was_seen_to_follow_has_the_average_row():
    x = np.r_[np.random.default_rng(0).normal(0, 1, 60), 1000.0][:, None]
    z = np.random.default_rng(1).normal(size=(61, 1))
    with pytest.warns(NoEvidenceWarning, match="average row"):
        model = CovariateHMM(2, order_by="mean", init=("kmeans",)).fit(x, covariates=z)
    assert model.transmat_[1, 0] > 0.9
    assert (model.coefs_[1, :, 1] == 0.0).all()


def test_fit_predict_and_lengths_agree():
    x, z, _ = drawn(200, 7)
    model = CovariateHMM(2)
    found = model.fit_predict(x, covariates=z, lengths=(80, 120))
    np.testing.assert_array_equal(found, model.predict(x, (80, 120), covariates=z))
    np.testing.assert_array_equal(
        found, np.r_[model.predict(x[:80], covariates=z[:80]), model.predict(x[80:], covariates=z[80:])]
    )
    assert model.score(x, (80, 120), covariates=z) == pytest.approx(model.log_likelihood_, abs=1e-8)
