"""The kernels against path enumeration, against hmmlearn, and against themselves."""

from __future__ import annotations

import logging

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime import kernels
from hidden_regime.kernels import reference
from tests.kernels.oracle import enumerate_paths, log_density, random_model

shapes = st.tuples(st.integers(0, 10_000), st.integers(1, 3), st.integers(1, 3), st.integers(1, 6), st.booleans())


def one_job(n: int) -> np.ndarray:
    return np.array([[0, 0, n]])


def batched(model):
    return [np.asarray(part)[None] for part in model]


@settings(max_examples=40, deadline=None)
@given(shapes, st.booleans())
def test_filter_smooth_and_decode_agree_with_enumeration(shape, missing):
    seed, k, d, n, full = shape
    model = random_model(seed, k, d, full=full)
    x = np.random.default_rng(seed + 1).normal(0, 2, (n, d))
    if missing:
        x[n // 2, 0] = np.nan
    likelihood, smoothed, best, best_value = enumerate_paths(x, *model)

    out = kernels.smooth(x[None], one_job(n), *batched(model), covariance_type="full" if full else "diag")
    np.testing.assert_allclose(out.smoothed[0], smoothed, atol=1e-10)
    assert out.log_likelihood[0].sum() == pytest.approx(likelihood, abs=1e-9)

    filtered = kernels.filter(x[None], one_job(n), *batched(model), covariance_type="full" if full else "diag").filtered[0]
    for t in range(n):
        _, until, _, _ = enumerate_paths(x[: t + 1], *model)
        np.testing.assert_allclose(filtered[t], until[-1], atol=1e-10)

    startprob, transmat, means, covars = model
    densities = np.array([[log_density(row, *state) for state in zip(means, covars, strict=True)] for row in x])
    decoded = kernels.decode_densities(densities[None], one_job(n), np.log(startprob)[None], np.log(transmat)[None])
    assert decoded.log_probability[0] == pytest.approx(best_value, abs=1e-9)
    assert tuple(decoded.states[0]) == best


@pytest.mark.parametrize(("kind", "full"), [("diag", False), ("full", True)])
@pytest.mark.parametrize(("n_states", "n_features"), [(2, 1), (3, 2), (4, 3)])
def test_em_equals_hmmlearn_from_the_same_start(kind, full, n_states, n_features):
    from hmmlearn.hmm import GaussianHMM

    logging.getLogger("hmmlearn").setLevel(logging.CRITICAL)
    rng = np.random.default_rng(n_states)
    x = np.concatenate([rng.normal(0, s, (150, n_features)) for s in (0.5, 1.0, 2.5)])
    startprob, transmat = np.full(n_states, 1 / n_states), np.full((n_states, n_states), 0.1 / max(n_states - 1, 1))
    np.fill_diagonal(transmat, 0.9)
    transmat /= transmat.sum(axis=1, keepdims=True)
    means = rng.normal(0, 0.5, (n_states, n_features))
    covars = np.eye(n_features) * np.linspace(0.5, 4, n_states)[:, None, None]
    theirs = GaussianHMM(n_states, kind, n_iter=40, tol=-np.inf, init_params="", covars_prior=0, covars_weight=1, min_covar=0)
    theirs.startprob_, theirs.transmat_, theirs.means_ = startprob, transmat, means
    theirs.covars_ = covars if full else np.einsum("kii->ki", covars)
    theirs.fit(x)

    ours = kernels.fit(x[None], one_job(len(x)), *batched((startprob, transmat, means, covars)),
                       kernels.no_prior(1, n_states, n_features), covariance_type="full" if full else "diag", n_iter=40, tol=-np.inf,
                       floor=np.zeros((1, n_features)))  # fmt: skip
    np.testing.assert_allclose(ours.startprob[0], theirs.startprob_, atol=1e-8)
    np.testing.assert_allclose(ours.transmat[0], theirs.transmat_, atol=1e-8)
    np.testing.assert_allclose(ours.means[0], theirs.means_, atol=1e-8)
    np.testing.assert_allclose(ours.covars[0], theirs.covars_, atol=1e-8)
    assert ours.log_likelihood[0] == pytest.approx(theirs.score(x), abs=1e-7)
    assert ours.n_iter[0] == 40


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 3), st.booleans(), st.booleans(), st.floats(0, 0.3))
def test_the_objective_never_falls(seed, k, d, full, with_prior, floor):
    rng = np.random.default_rng(seed)
    x = rng.standard_t(3, (80, d)) * rng.choice([0.3, 3.0], (80, 1))
    x[rng.random(80) < 0.1] = np.nan
    prior = kernels.no_prior(1, k, d)
    if with_prior:
        prior.transmat[:] = 5 * np.eye(k)
        prior.startprob[:] = 1.0
        prior.weight[:] = 20.0
        prior.means[:] = rng.normal(0, 1, (k, d))
        prior.covars[:] = np.eye(d)
    out = kernels.fit(x[None], one_job(80), *batched(random_model(seed, k, d, full=full)), prior, covariance_type="full" if full else "diag", n_iter=25, tol=-1.0,
                      floor=floor * np.nanvar(x, axis=0)[None])  # fmt: skip
    history = out.history[0, : out.n_iter[0] + 1]
    if out.ok[0]:
        assert (np.diff(history) >= -1e-8 * np.abs(history[1:]).max()).all()
        assert out.objective[0] == history[-1]


def test_a_step_equals_the_row_of_the_filter_bit_for_bit():
    models = [random_model(s, 3, 2, full=True) for s in range(4)]
    parts = [np.stack(p) for p in zip(*models, strict=True)]
    x = np.random.default_rng(0).normal(0, 2, (4, 50, 2))
    x[1, 10] = np.nan
    jobs = np.array([[s, 0, 50] for s in range(4)])
    whole = kernels.filter(x, jobs, *parts, covariance_type="full")
    probabilities, first = parts[0], True
    for t in range(50):
        out = kernels.step(x[:, t], probabilities, *parts[1:], covariance_type="full", first=first)
        assert (out.filtered == whole.filtered[:, t]).all()
        assert (out.log_likelihood == whole.log_likelihood[:, t]).all()
        probabilities, first = out.filtered, False


def test_a_job_does_not_depend_on_its_batch():
    x = np.random.default_rng(0).normal(0, 1, (2, 120, 2))
    jobs = np.array([[0, 0, 60], [0, 30, 120], [1, 10, 100]])
    models = [random_model(s, 3, 2, full=False) for s in range(3)]
    parts = [np.stack(p) for p in zip(*models, strict=True)]
    options = {"covariance_type": "diag", "n_iter": 15, "tol": 0.0, "floor": np.full((3, 2), 1e-3)}
    together = kernels.fit(x, jobs, *parts, kernels.no_prior(3, 3, 2), **options)
    for j, (series, begin, end) in enumerate(jobs):
        window = x[series : series + 1, begin:end]
        options["floor"] = np.full((1, 2), 1e-3)
        alone = kernels.fit(window, one_job(end - begin), *(p[j : j + 1] for p in parts), kernels.no_prior(1, 3, 2), **options)
        for a, b in zip(together, alone, strict=True):
            np.testing.assert_array_equal(a[j], b[0])


def test_an_m_step_takes_the_moments_under_the_smoothed_probabilities():
    model = random_model(3, 3, 2, full=True)
    x = np.random.default_rng(1).normal(0, 2, (40, 2))
    x[5] = np.nan
    smoothed = kernels.smooth(x[None], one_job(40), *batched(model), covariance_type="full").smoothed[0]
    out = kernels.fit(x[None], one_job(40), *batched(model), None, covariance_type="full", n_iter=1, tol=-np.inf,
                      floor=np.zeros((1, 2)))  # fmt: skip
    seen = ~np.isnan(x).any(axis=1)
    weight = smoothed[seen].sum(axis=0)
    means = smoothed[seen].T @ x[seen] / weight[:, None]
    away = x[seen][:, None] - means
    covars = np.einsum("tk,tki,tkj->kij", smoothed[seen], away, away) / weight[:, None, None]
    np.testing.assert_allclose(out.means[0], means, rtol=1e-10)
    np.testing.assert_allclose(out.covars[0], covars, rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(out.startprob[0], smoothed[0], rtol=1e-12)
    # Of the rows that have one after them, a state's share of the transitions out of it.
    np.testing.assert_allclose(smoothed[:-1].sum(axis=0) @ out.transmat[0], smoothed[1:].sum(axis=0), rtol=1e-10)


@settings(max_examples=40, deadline=None)
@given(shapes)
def test_the_reference_agrees_with_enumeration_and_the_kernels_with_it(shape):
    seed, k, d, n, full = shape
    startprob, transmat, means, covars = random_model(seed, k, d, full=full)
    startprob[0] = 0.0 if k > 1 else 1.0  # what is impossible is no error
    startprob /= startprob.sum()
    x = np.random.default_rng(seed + 1).normal(0, 2, (n, d))
    densities = np.array([[log_density(row, *state) for state in zip(means, covars, strict=True)] for row in x])
    filtered, log_likelihood = reference.filter_densities(densities, startprob, transmat)
    smoothed = reference.smooth_filtered(filtered, transmat)
    likelihood, expected, _, _ = enumerate_paths(x, np.maximum(startprob, 1e-300), transmat, means, covars)
    np.testing.assert_allclose(smoothed, expected, atol=1e-10)
    assert log_likelihood.sum() == pytest.approx(likelihood, abs=1e-9)
    rows, _, _ = kernels.smooth_densities(densities[None], one_job(n), startprob[None], transmat[None])
    np.testing.assert_allclose(rows.smoothed[0], smoothed, atol=1e-10)
    rows = kernels.filter_densities(densities[None], one_job(n), startprob[None], transmat[None])
    np.testing.assert_allclose(rows.filtered[0], filtered, atol=1e-10)
    np.testing.assert_allclose(rows.log_likelihood[0], log_likelihood, atol=1e-9)


def test_an_observation_that_no_reachable_state_explains_stays_finite():
    startprob, transmat = np.array([1.0, 0.0]), np.array([[1.0, 0.0], [0.0, 1.0]])
    means, covars = np.array([[0.0], [100.0]]), np.full((2, 1, 1), 0.01)
    x = np.array([[0.0], [100.0], [0.0]])
    out = kernels.filter(x[None], one_job(3), *batched((startprob, transmat, means, covars)), covariance_type="diag")
    assert np.isfinite(out.log_likelihood).all()
    np.testing.assert_allclose(out.filtered[0], [[1, 0]] * 3)
    assert out.log_likelihood[0, 1] == pytest.approx(-0.5 * 100**2 / 0.01, rel=1e-3)


def test_smoothing_survives_observations_that_nothing_explains():
    rng = np.random.default_rng(0)
    startprob, transmat = np.array([1.0, 0.0]), np.array([[1.0, 1e-300], [0.0, 1.0]])
    means, covars = np.array([[0.0], [50.0]]), np.full((2, 1, 1), 1e-4)
    x = np.concatenate([rng.normal(50.0, 0.01, (50, 1)), rng.normal(0.0, 0.01, (50, 1))])
    out = kernels.smooth(x[None], one_job(100), *batched((startprob, transmat, means, covars)), covariance_type="diag")
    assert np.isfinite(out.smoothed).all()
    np.testing.assert_allclose(out.smoothed[0].sum(axis=1), 1.0)


@pytest.mark.parametrize("full", [False, True])
def test_a_narrow_state_far_from_the_others_keeps_its_variance(full):
    startprob, transmat = np.full(2, 0.5), np.array([[0.9, 0.1], [0.1, 0.9]])
    means, covars = np.array([[0.0, 0.0], [1.0, 1.0]]), np.stack([np.eye(2) * 1e-18, np.eye(2)])
    x = np.array([[[0.0, 0.0], [1.0, 1.0], [0.5, 0.0]]])
    out = kernels.filter(
        x, one_job(3), *batched((startprob, transmat, means, covars)), covariance_type="full" if full else "diag"
    )
    assert out.filtered[0, 0, 0] == pytest.approx(1.0)
    assert out.filtered[0, 1, 1] == pytest.approx(1.0)


def test_the_floor_holds_and_without_one_a_collapse_is_reported():
    x = np.concatenate([np.zeros((30, 1)), np.random.default_rng(0).normal(5, 1, (30, 1))])
    start = ([0.5, 0.5], [[0.9, 0.1], [0.1, 0.9]], [[0.0], [5.0]], [[[1.0]], [[1.0]]])
    model = batched([np.array(p) for p in start])
    kept = kernels.fit(
        x[None],
        one_job(60),
        *model,
        kernels.no_prior(1, 2, 1),
        covariance_type="diag",
        n_iter=50,
        tol=0.0,
        floor=np.array([[0.01]]),
    )
    assert kept.ok[0]
    assert kept.covars[0].min() == pytest.approx(0.01)
    lost = kernels.fit(
        x[None],
        one_job(60),
        *model,
        kernels.no_prior(1, 2, 1),
        covariance_type="diag",
        n_iter=500,
        tol=-1.0,
        floor=np.array([[0.0]]),
    )
    assert not lost.ok[0]


def test_a_covariance_that_is_none_is_refused():
    model = random_model(0, 2, 2, full=True)
    bad = (*model[:3], -model[3])
    with pytest.raises(np.linalg.LinAlgError, match="job 0"):
        kernels.filter(np.zeros((1, 3, 2)), one_job(3), *batched(bad), covariance_type="full")


def test_the_backend_has_a_name(backend):
    assert kernels.backend() == backend
    assert kernels.available()[-1] == "numba"
