"""What the C++ lanes promise: a job's bits depend on nothing but the job, and numba says the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime import kernels
from tests.kernels.oracle import random_model

pytestmark = pytest.mark.skipif("native" not in kernels.available(), reason="the C++ kernels were not built here")


def jobs_of(seed: int, n_jobs: int, n_states: int, n_features: int, kind: str, missing: float):
    """Ragged windows of one set of series, with a random start each."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((3, 300, n_features)) * np.exp(rng.normal(0, 1, (3, 300, 1)))
    x[rng.random((3, 300)) < missing] = np.nan
    begin = rng.integers(0, 30, n_jobs)
    jobs = np.stack([rng.integers(0, 3, n_jobs), begin, begin + rng.integers(150, 270, n_jobs)], axis=1)
    models = [random_model(seed + i, n_states, n_features, full=kind in ("full", "tied")) for i in range(n_jobs)]
    parts = [np.stack(p) for p in zip(*models, strict=True)]
    if kind == "tied":
        parts[3][:] = parts[3].mean(axis=1, keepdims=True)
    if kind == "spherical":
        parts[3][:] = np.eye(n_features) * parts[3][:, :, :1, :1]
    options = {"covariance_type": kind, "n_iter": 12, "tol": -np.inf, "floor": np.full((n_jobs, n_features), 1e-2)}
    return x, jobs, parts, options


def take(parts, options, rows):
    return [p[rows] for p in parts], options | {"floor": options["floor"][rows]}


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10_000), st.integers(1, 11), st.integers(1, 9), st.integers(1, 3), st.sampled_from(kernels.COVARIANCES),
    st.sampled_from([0.0, 0.2]))  # fmt: skip
def test_lanes_and_numba_find_the_same(seed, n_jobs, n_states, n_features, kind, missing):
    x, jobs, parts, options = jobs_of(seed, n_jobs, n_states, n_features, kind, missing)
    fits = {}
    for name in ("native", "numba"):
        with kernels.using(name):
            fits[name] = kernels.fit(x, jobs, *parts, None, **options)
    ours, theirs = fits["native"], fits["numba"]
    assert ours.ok.all() and theirs.ok.all()
    np.testing.assert_array_equal(ours.n_iter, theirs.n_iter)
    np.testing.assert_allclose(ours.history, theirs.history, rtol=1e-9)
    # A state of a handful of observations has a covariance of almost no determinant, which no arithmetic carries to nine digits.
    sound = np.linalg.cond(theirs.covars).max(axis=1) < 1e3
    for a, b in zip(ours[:6], theirs[:6], strict=True):
        # Nine digits of the largest: an element near zero is the difference of large ones.
        np.testing.assert_allclose(a[sound], b[sound], rtol=1e-9, atol=1e-9 * max(1.0, float(np.abs(b).max())))


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(2, 21),
    st.integers(1, 9),
    st.integers(1, 2),
    st.sampled_from([0.0, 0.2]),
    st.integers(1, 3),
)
def test_neighbours_order_threads_and_width_change_no_bit(seed, n_jobs, n_states, n_features, missing, threads):
    x, jobs, parts, options = jobs_of(seed, n_jobs, n_states, n_features, "diag", missing)
    with kernels.using("native"):
        whole = kernels.fit(x, jobs, *parts, None, **options)
        order = np.random.default_rng(seed).permutation(n_jobs)
        some, changed = take(parts, options, order)
        mixed = kernels.fit(x, jobs[order], *some, None, **changed, threads=threads)
        for i in range(n_jobs):
            some, changed = take(parts, options, [i])
            alone = kernels.fit(x, jobs[[i]], *some, None, **changed)
            for a, b, c in zip(whole, mixed, alone, strict=True):
                np.testing.assert_array_equal(a[i], c[0])
                np.testing.assert_array_equal(b[list(order).index(i)], c[0])


def test_wide_and_narrow_builds_have_equal_bits():
    native = "hidden_regime.kernels._native"
    module = __import__(native, fromlist=["use"])
    names = [name for name, _ in module.variants()]
    if not {"avx2", "avx512"} <= set(names):
        pytest.skip("this machine runs only one of the builds with a fused multiply-add")
    x, jobs, parts, options = jobs_of(5, 24, 3, 1, "diag", 0.0)
    found = []
    with kernels.using("native"):
        try:
            for name in ("avx512", "avx2"):
                module.use(names.index(name))
                found.append(kernels.fit(x, jobs, *parts, None, **options))
        finally:
            module.use(0)
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a, b)


def test_every_build_agrees():
    module = __import__("hidden_regime.kernels._native", fromlist=["use"])
    x, jobs, parts, options = jobs_of(6, 24, 4, 2, "full", 0.1)
    with kernels.using("numba"):
        expected = kernels.fit(x, jobs, *parts, None, **options)
    with kernels.using("native"):
        try:
            for place in range(len(module.variants())):
                module.use(place)
                found = kernels.fit(x, jobs, *parts, None, **options)
                for a, b in zip(found[:6], expected[:6], strict=True):
                    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)
        finally:
            module.use(0)


@pytest.mark.parametrize("name", kernels.available())
def test_a_weight_of_two_is_the_observation_twice(name):
    x = np.random.default_rng(4).normal(3, 2, (1, 80, 1))
    twice = np.concatenate([x, x[:, :30]], axis=1)
    weights = np.ones((1, 80))
    weights[0, :30] = 2.0
    start = (np.ones((1, 1)), np.ones((1, 1, 1)), np.zeros((1, 1, 1)), np.ones((1, 1, 1, 1)))
    options = {"covariance_type": "diag", "n_iter": 1, "tol": -1.0, "floor": np.zeros((1, 1))}
    with kernels.using(name):
        a = kernels.fit(x, np.array([[0, 0, 80]]), *start, None, weights=weights, **options)
        b = kernels.fit(twice, np.array([[0, 0, 110]]), *start, None, **options)
    for found, expected in zip(a[2:6], b[2:6], strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("name", kernels.available())
def test_a_fit_leaves_the_filter_at_the_end(name):
    x, jobs, parts, options = jobs_of(8, 9, 3, 2, "full", 0.1)
    with kernels.using(name):
        fit = kernels.fit(x, jobs, *parts, None, **options)
        rows = kernels.filter(x, jobs, fit.startprob, fit.transmat, fit.means, fit.covars, covariance_type="full").filtered
    for j, (_, begin, end) in enumerate(jobs):
        np.testing.assert_allclose(fit.filtered[j], rows[j, end - begin - 1], atol=1e-9)


def test_one_symbol_is_exported():
    import shutil
    import subprocess

    if shutil.which("nm") is None:
        pytest.skip("nm is not installed")
    path = __import__("hidden_regime.kernels._native", fromlist=["__file__"]).__file__
    symbols = subprocess.run(["nm", "-D", "--defined-only", path], capture_output=True, text=True, check=True).stdout.split("\n")
    assert [line.split()[-1] for line in symbols if line] == ["PyInit__native"]


@pytest.mark.parametrize("ticker", ["SPY", "AAPL"])
def test_both_backends_see_the_same_regimes_on_the_reference_market(ticker):
    from pathlib import Path

    from hidden_regime import GaussianHMM, RegimeDetector
    from hidden_regime.data import LeanFolder

    frame = LeanFolder(Path(__file__).parents[1] / "cases" / "data", synthetic=True).load(ticker).frame().iloc[:2000]
    returns = np.log(frame["close"]).diff().dropna().to_numpy()[:, None]
    seen = {}
    for name in ("native", "numba"):
        with kernels.using(name):
            states = RegimeDetector(3, lookback=252).run(frame)
            seen[name] = states["regime"].tolist(), states["state"].tolist(), GaussianHMM(3).fit(returns).predict(returns)
    assert seen["native"][0] == seen["numba"][0]
    assert seen["native"][1] == seen["numba"][1]
    np.testing.assert_array_equal(seen["native"][2], seen["numba"][2])
