"""Student-t densities in the kernels: equal to the recursions over log-densities that scipy gives."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hidden_regime import kernels
from hidden_regime.exceptions import ParameterError
from hidden_regime.kernels import reference


@pytest.fixture(params=kernels.available())
def backend(request):
    with kernels.using(request.param):
        yield request.param


def problem(seed, n_states, n_features, full, gaps, n_jobs=9, n=61):
    """Observations, jobs of different lengths, models, and degrees of freedom."""
    rng = np.random.default_rng(seed)
    x = 2.0 * rng.standard_t(3, (n_jobs, n, n_features))
    if gaps:
        x[:, [3, 30, 31, n - 1]] = np.nan
    jobs = np.array([[j, j % 3, n - j % 5] for j in range(n_jobs)])
    root = rng.normal(size=(n_jobs, n_states, n_features, n_features))
    scales = root @ root.swapaxes(-1, -2) + 0.3 * np.eye(n_features)
    parts = (
        rng.dirichlet(np.ones(n_states), n_jobs), rng.dirichlet(2 * np.ones(n_states), (n_jobs, n_states)),
        rng.normal(size=(n_jobs, n_states, n_features)), scales if full else scales * np.eye(n_features),
    )  # fmt: skip
    return x, jobs, parts, rng.uniform(2.5, 30.0, (n_jobs, n_states))


def log_densities(x, means, scales, degrees):
    out = np.zeros((len(x), len(means)))
    seen = ~np.isnan(x).any(axis=1)
    for k in range(len(means)):
        out[seen, k] = stats.multivariate_t.logpdf(x[seen], means[k], scales[k], degrees[k])
    return out


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("n_features", [1, 2, 3])
@pytest.mark.parametrize("n_states", [1, 2, 3, 5])
def test_filter_smoother_and_step_are_those_of_the_densities(backend, n_states, n_features, full, gaps):
    x, jobs, parts, degrees = problem(n_states + n_features, n_states, n_features, full, gaps)
    options = {"covariance_type": "full" if full else "diag", "tails": kernels.tails(degrees, n_features)}
    filtered, smoothed = kernels.filter(x, jobs, *parts, **options), kernels.smooth(x, jobs, *parts, **options)
    newest = np.array([x[job, end - 1] for job, _, end in jobs])
    before = np.array([filtered.filtered[job, end - begin - 2] for job, begin, end in jobs])
    step = kernels.step(newest, before, *parts[1:], **options)
    for job, begin, end in jobs:
        startprob, transmat, means, scales = (part[job] for part in parts)
        expected, logs = reference.filter_densities(
            log_densities(x[job, begin:end], means, scales, degrees[job]), startprob, transmat
        )
        n = end - begin
        np.testing.assert_allclose(filtered.filtered[job, :n], expected, atol=1e-11, rtol=0)
        np.testing.assert_allclose(filtered.log_likelihood[job, :n], logs, atol=1e-10, rtol=0)
        np.testing.assert_allclose(smoothed.smoothed[job, :n], reference.smooth_filtered(expected, transmat), atol=1e-11, rtol=0)
        np.testing.assert_allclose(smoothed.log_likelihood[job, :n], logs, atol=1e-10, rtol=0)
        np.testing.assert_array_equal(step.filtered[job], filtered.filtered[job, n - 1])
        assert step.log_likelihood[job] == filtered.log_likelihood[job, n - 1]


def test_many_degrees_are_a_gaussian(backend):
    x, jobs, parts, _ = problem(0, 3, 2, False, False)
    tails = kernels.tails(np.full((len(jobs), 3), 1e7), 2)
    found = kernels.smooth(x, jobs, *parts, covariance_type="diag", tails=tails)
    gaussian = kernels.smooth(x, jobs, *parts, covariance_type="diag")
    np.testing.assert_allclose(found.smoothed, gaussian.smoothed, atol=1e-5, rtol=0)
    np.testing.assert_allclose(found.log_likelihood, gaussian.log_likelihood, rtol=1e-4)


def test_a_job_does_not_depend_on_its_neighbours(backend):
    x, jobs, parts, degrees = problem(1, 3, 2, False, False)
    together = kernels.smooth(x, jobs, *parts, covariance_type="diag", tails=kernels.tails(degrees, 2)).smoothed
    for job in range(len(jobs)):
        own = slice(job, job + 1)
        alone = kernels.smooth(
            x, jobs[own], *(part[own] for part in parts), covariance_type="diag", tails=kernels.tails(degrees[own], 2)
        )
        np.testing.assert_array_equal(alone.smoothed[0], together[job, : len(alone.smoothed[0])])


def test_what_is_too_far_for_a_distance_is_still_filtered(backend):
    x, jobs, parts, degrees = problem(2, 2, 1, False, False)
    x[:, 20] = 1e200
    out = kernels.smooth(x, jobs, *parts, covariance_type="diag", tails=kernels.tails(degrees, 1))
    lengths = jobs[:, 2] - jobs[:, 1]
    assert all(np.isfinite(out.smoothed[job, :n]).all() for job, n in enumerate(lengths))


def test_degrees_of_a_detector_need_a_variance():
    from hidden_regime import RegimeDetector

    with pytest.raises(ParameterError, match="filter_degrees"):
        RegimeDetector(filter_degrees=2.0)
