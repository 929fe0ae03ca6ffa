"""The accelerator's backend, on whatever device JAX has here: the same fits as the CPU's kernels, job by job."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime import kernels
from hidden_regime.kernels.backends import ACCELERATOR
from tests.kernels.oracle import enumerate_paths, random_model

jax = pytest.importorskip("jax")

CASES = [(1, 1, "diag"), (3, 1, "diag"), (2, 2, "full"), (3, 2, "diag"), (2, 2, "spherical"), (3, 2, "tied")]
"""States, features and covariances: few, for each is compiled."""

LONGEST, ROWS = 120, 150


def jobs_of(
    seed: int, case, n_jobs: int, *, missing: float = 0.0, prior: bool = False, weighted: bool = False, shortest: int = 80
):
    """Arguments of a fit of ragged windows of three series, of which the first job is the longest."""
    n_states, d, kind = case
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((3, ROWS, d)) * np.exp(rng.normal(0, 1, (3, ROWS, 1)))
    x[rng.random((3, ROWS)) < missing] = np.nan
    begin, length = rng.integers(0, ROWS - LONGEST, n_jobs), rng.integers(shortest, LONGEST + 1, n_jobs)
    length[0] = LONGEST
    jobs = np.stack([rng.integers(0, 3, n_jobs), begin, begin + length], axis=1)
    models = [random_model(seed + i, n_states, d, full=kind in ("full", "tied")) for i in range(n_jobs)]
    startprob, transmat, means, covars = (np.stack(p) for p in zip(*models, strict=True))
    if kind == "tied":
        covars[:] = covars.mean(axis=1, keepdims=True)
    if kind == "spherical":
        covars[:] = np.eye(d) * covars[:, :, :1, :1]
    given_prior = kernels.no_prior(n_jobs, n_states, d) if prior else None
    if given_prior is not None:
        given_prior.startprob[:] = 0.5
        given_prior.transmat[:] = 3.0 * np.eye(n_states)
        given_prior.weight[:] = rng.uniform(2, 9, (n_jobs, n_states))
        given_prior.means[:] = rng.normal(0, 1, (n_jobs, n_states, d))
        given_prior.covars[:] = np.eye(d)
    return {
        "observations": x, "jobs": jobs, "startprob": startprob, "transmat": transmat, "means": means, "covars": covars,
        "prior": given_prior, "covariance_type": kind, "n_iter": 12, "tol": -np.inf, "floor": np.full((n_jobs, d), 0.2),
        "weights": rng.choice([0.0, 0.5, 1.0, 2.0], (3, ROWS)) if weighted else None,
    }  # fmt: skip


def accelerated(arguments, **options) -> kernels.Fit:
    with kernels.using(ACCELERATOR):
        return kernels.fit(**arguments | options)


def only(arguments, rows):
    """The same for some of the jobs."""
    own = {name: arguments[name][rows] for name in ("jobs", "startprob", "transmat", "means", "covars", "floor")}
    prior = arguments["prior"]
    return arguments | own | {"prior": prior and kernels.Prior(*(part[rows] for part in prior))}


def steady(arguments, fits: kernels.Fit) -> np.ndarray:
    """Jobs whose fit a change of its start's last digits doesn't move: where a state hangs on a few rows, rounding decides."""
    nudge = 1.0 + 1e-14 * np.random.default_rng(0).choice([-1.0, 1.0], arguments["means"].shape)
    again = kernels.fit(**arguments | {"means": arguments["means"] * nudge})
    return np.array([
        all(np.allclose(a, b, rtol=1e-11, atol=1e-11, equal_nan=True) for a, b in zip(*pair, strict=True))
        for pair in zip(zip(*again, strict=True), zip(*fits, strict=True), strict=True)
    ])  # fmt: skip


def assert_the_same(ours: kernels.Fit, theirs: kernels.Fit, *, tolerance: float = 1e-9):
    for name in ("n_iter", "converged", "ok"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name), err_msg=name)
    np.testing.assert_allclose(ours.history, theirs.history, rtol=tolerance, atol=tolerance)
    for name in ("startprob", "transmat", "means", "covars", "log_likelihood", "objective", "filtered"):
        a, b = getattr(ours, name)[theirs.ok], getattr(theirs, name)[theirs.ok]
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance, err_msg=name)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(CASES), st.integers(1, 14), st.sampled_from([0.0, 0.2]), st.booleans(),
       st.booleans(), st.sampled_from([-np.inf, 1e-2]))  # fmt: skip
def test_it_finds_what_the_other_kernels_find(seed, case, n_jobs, missing, prior, weighted, tol):
    arguments = jobs_of(seed, case, n_jobs, missing=missing, prior=prior, weighted=weighted) | {"tol": tol}
    ours, theirs = accelerated(arguments), kernels.fit(**arguments)
    rows = steady(arguments, theirs)
    assert_the_same(*(kernels.Fit(*(part[rows] for part in fit)) for fit in (ours, theirs)))


def test_most_fits_are_steady():
    arguments = [jobs_of(seed, case, 14) for case in CASES for seed in range(3)]
    assert np.mean([steady(given_, kernels.fit(**given_)).mean() for given_ in arguments]) > 0.8


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6), st.booleans())
def test_an_iteration_agrees_with_the_enumeration_of_all_paths(seed, n, missing):
    model = random_model(seed, 2, 2, full=True)
    x = np.random.default_rng(seed + 1).normal(0, 2, (n, 2))
    if missing:
        x[n // 2, 0] = np.nan
    fit = accelerated({
        "observations": x[None], "jobs": np.array([[0, 0, n]]), **dict(zip(("startprob", "transmat", "means", "covars"),
        (part[None] for part in model), strict=True)), "prior": None, "covariance_type": "full", "n_iter": 1, "tol": -np.inf,
        "floor": np.full((1, 2), 1e-1)})  # fmt: skip
    likelihood, smoothed, _, _ = enumerate_paths(x, *model)
    seen = ~np.isnan(x).any(axis=1)
    assert fit.history[0, 0] == pytest.approx(likelihood, abs=1e-9)
    np.testing.assert_allclose(fit.startprob[0], smoothed[0], atol=1e-10)
    weight = smoothed[seen].sum(axis=0)
    known = weight > 1e-9  # a state without evidence keeps what it has
    np.testing.assert_allclose(fit.means[0][known], (smoothed[seen].T @ x[seen] / weight[:, None])[known], atol=1e-8)
    np.testing.assert_allclose(smoothed[:-1].sum(axis=0) @ fit.transmat[0], smoothed[1:].sum(axis=0), atol=1e-9)
    after = [np.maximum(fit.startprob[0], 1e-300), np.maximum(fit.transmat[0], 1e-300), fit.means[0], fit.covars[0]]
    likelihood, smoothed, _, _ = enumerate_paths(x, *after)
    assert fit.log_likelihood[0] == pytest.approx(likelihood, rel=1e-8, abs=1e-8)
    np.testing.assert_allclose(fit.filtered[0], smoothed[-1], atol=1e-8)


@pytest.mark.parametrize("case", [(3, 1, "diag"), (2, 2, "full")])
def test_each_job_stops_by_itself_and_depends_on_no_other(case, monkeypatch):
    from hidden_regime.kernels import accelerated as module

    monkeypatch.setattr(module, "WIDTHS", {jax.default_backend(): (16,)})
    arguments = jobs_of(7, case, 50, missing=0.1, prior=True) | {"tol": 1e-3, "n_iter": 90}
    together = accelerated(arguments)
    assert_the_same(together, kernels.fit(**arguments))
    assert len(set(together.n_iter)) > 10 and together.n_iter.max() > 3 * together.n_iter.min()
    assert together.n_iter.max() > module.MOST_ITERATIONS  # so that a fit goes on from one look at the lanes to the next
    for rows in (slice(3, 4), slice(20, 45)):
        for a, b in zip(accelerated(only(arguments, rows)), together, strict=True):
            np.testing.assert_array_equal(a, b[rows])


def test_jobs_beyond_the_budget_wait_for_a_lane(monkeypatch):
    from hidden_regime.kernels import accelerated as module

    each = module.lane_bytes(module.rows_of(LONGEST), 2, 2, 6)
    arguments = jobs_of(3, (2, 2, "full"), 40)
    assert module.width_of(40, each) > 16
    whole = accelerated(arguments)
    monkeypatch.setattr(module, "BUDGET", 20 * each)
    assert module.width_of(40, each) * each <= module.BUDGET
    for a, b in zip(accelerated(arguments), whole, strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_a_lane_takes_is_within_what_is_said():
    from hidden_regime.kernels import accelerated as module
    from hidden_regime.kernels.accelerated_steps import advance

    n_rows, d, n_states, m = module.rows_of(LONGEST), 2, 2, 6
    with jax.enable_x64(True):
        lanes, window = module._no_lanes(16, n_rows, d, n_states, m)
        options = {"kind": kernels.COVARIANCES.index("full"), "unroll": 1, "most": module.MOST_ITERATIONS}
        program = advance().lower(lanes, window, np.int64(1), np.float64(0), np.int64(0), **options).compile()
    memory = program.memory_analysis()
    taken = memory.argument_size_in_bytes + memory.output_size_in_bytes + memory.temp_size_in_bytes
    assert taken <= 16 * module.lane_bytes(n_rows, d, n_states, m)


def test_windows_of_very_different_lengths_and_of_none():
    arguments = jobs_of(11, (2, 2, "full"), 12, shortest=20)
    arguments["jobs"][1:4, 2] = arguments["jobs"][1:4, 1] + np.array([0, 17, 31])
    arguments["jobs"][4, 2] = arguments["jobs"][4, 1] + 1
    found = accelerated(arguments)
    with kernels.using(kernels.available()[0]):  # which has the window without rows
        assert_the_same(found, kernels.fit(**arguments))


@pytest.mark.parametrize("end", [50, 26])  # with rows after those that nothing explains, and none
def test_a_row_that_nothing_reachable_explains_is_left_to_the_careful_recursion(end):
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(0, 0.1, (1, 25, 2)), rng.normal(100, 0.1, (1, 25, 2))], axis=1)
    arguments = jobs_of(0, (2, 2, "full"), 2) | {
        "observations": x, "jobs": np.array([[0, 0, end], [0, 0, 25]]), "startprob": np.tile([1.0, 0.0], (2, 1)),
        "transmat": np.tile([[1.0, 0.0], [0.5, 0.5]], (2, 1, 1)), "means": np.tile([[[0.0, 0.0], [100.0, 100.0]]], (2, 1, 1)),
        "covars": np.tile(0.01 * np.eye(2), (2, 2, 1, 1))}  # fmt: skip
    found = accelerated(arguments)
    with kernels.using(kernels.available()[0]):
        expected = kernels.fit(**arguments)
    assert np.isfinite(found.history[0, 0]) and found.history[0, 0] < -1e4
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a[0], b[0])
    assert_the_same(found, expected)


def test_a_collapse_is_reported_and_a_floor_prevents_it():
    x = np.random.default_rng(0).normal(5, 1, (1, 60, 2))
    x[0, :30] = 0.0
    arguments = jobs_of(0, (2, 2, "full"), 1) | {
        "observations": x, "jobs": np.array([[0, 0, 60]]), "means": np.array([[[0.0, 0.0], [5.0, 5.0]]]),
        "covars": np.tile(np.eye(2), (1, 2, 1, 1)), "n_iter": 80}  # fmt: skip
    for floor in (0.0, 0.01):
        found, expected = (fit(floor) for fit in (lambda f: accelerated(arguments, floor=np.full((1, 2), f)),
                                                  lambda f: kernels.fit(**arguments | {"floor": np.full((1, 2), f)})))  # fmt: skip
        assert found.ok[0] == (floor > 0.0)
        assert_the_same(found, expected)
        assert np.isfinite(found.means).all()


def test_one_pass_over_the_data_is_the_cpus():
    arguments = jobs_of(2, (2, 2, "full"), 3, missing=0.1)
    given_ = [arguments[name] for name in ("observations", "jobs", "startprob", "transmat", "means", "covars")]
    tails = kernels.tails(np.full((3, 2), 5.0), 2)
    densities = np.random.default_rng(0).normal(size=(3, 30, 2))
    jobs = np.array([[0, 0, 30], [1, 0, 30], [2, 5, 30]])

    def answers():
        yield kernels.filter(*given_, covariance_type="full")
        yield kernels.smooth(*given_, covariance_type="full", tails=tails)
        yield kernels.smooth_where_possible(*given_, covariance_type="full")[0]
        yield kernels.filter_densities(densities, jobs, *given_[2:4])
        yield kernels.decode_densities(densities, jobs, *map(np.log, given_[2:4]))
        yield kernels.step(given_[0][:, 30], *given_[2:], covariance_type="full", tails=tails)
        yield (kernels.overlaps(densities, densities),)

    with kernels.using(ACCELERATOR):
        found = list(answers())
    with kernels.using(kernels.available()[0]):
        for ours, theirs in zip(found, answers(), strict=True):
            for a, b in zip(ours, theirs, strict=True):
                np.testing.assert_array_equal(a, b)


def test_more_states_than_pay_are_the_cpus():
    from hidden_regime.kernels import accelerated as module

    arguments = jobs_of(1, (module.MOST_STATES + 1, 1, "diag"), 2)
    found = accelerated(arguments)
    with kernels.using(kernels.available()[0]):
        for a, b in zip(found, kernels.fit(**arguments), strict=True):
            np.testing.assert_array_equal(a, b)


def test_a_call_without_jobs():
    fit = accelerated(only(jobs_of(1, (2, 2, "full"), 2), slice(0, 0)))
    assert fit.means.shape == (0, 2, 2)


def test_the_rest_of_the_process_keeps_its_precision():
    accelerated(jobs_of(1, (2, 2, "full"), 2))
    assert jax.numpy.ones(1).dtype == np.float32


@given(st.integers(1, 100_000))
def test_windows_are_padded_by_an_eighth_at_most(length):
    from hidden_regime.kernels.accelerated import rows_of

    assert length <= rows_of(length) <= max(length * 9 / 8 + 1, length + 15)
    assert rows_of(rows_of(length)) == rows_of(length)


def test_models_train_by_it():
    from hidden_regime.models.training import Task, train

    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(0, s, (60, 1)) for s in (0.5, 2.0, 0.5, 2.0)])
    with kernels.using(ACCELERATOR):
        found = train([Task(x, 2)])[0]
    expected = train([Task(x, 2)])[0]
    assert found.log_likelihood == pytest.approx(expected.log_likelihood, abs=1e-7)
    np.testing.assert_allclose(found.parameters.means, expected.parameters.means, atol=1e-8)
