"""The C++ boundary takes what it is meant to take and refuses all else, whatever comes.

`.ci/sanitize` runs these tests under AddressSanitizer and UndefinedBehaviorSanitizer.
"""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime import kernels
from hidden_regime.kernels.call import Call

pytestmark = pytest.mark.skipif("native" not in kernels.available(), reason="the C++ kernels were not built here")

NUMBERS = ("kind", "backward", "tol", "has_prior", "threads")
ARRAYS = tuple(name for name in Call._fields if name not in NUMBERS)


def native():
    return importlib.import_module("hidden_regime.kernels._native")


def arguments(n_jobs=3, n_states=2, n_features=1, n_samples=20, kind=0, n_iter=3, keep=False, seed=0, weighted=False,
              tailed=False):  # fmt: skip
    """Arguments of `run` that are right."""
    rng = np.random.default_rng(seed)
    full = kind in (1, 3)
    m = 1 if kind == 4 else 1 + n_features + (n_features * (n_features + 1) // 2 if full else n_features)
    d = 0 if kind == 4 else n_features
    width = n_states if kind == 4 else n_features
    moments = np.ones((n_jobs, n_states, m))
    moments[:, :, 1 : 1 + d] = rng.normal(size=(n_jobs, n_states, d))
    i = 1 + d
    for a in range(d):
        for b in range(0 if full else a, a + 1):
            moments[:, :, i] = moments[:, :, 1 + a] * moments[:, :, 1 + b] + (1.0 if a == b else 0.0)
            i += 1
    rows = n_jobs if keep else 0
    return {
        "observations": rng.normal(size=(2, n_samples, width)), "weights": np.ones((2, n_samples) if weighted else (0, 0)),
        "jobs": np.array([[j % 2, 0, max(n_samples - j % 3, 0)] for j in range(n_jobs)], np.int64).reshape(n_jobs, 3),
        "tails": np.full((n_jobs if tailed else 0, n_states, 2), 6.0), "center": np.zeros((n_jobs, d)), "kind": kind, "backward": False, "tol": -1.0,
        "has_prior": False, "threads": 2, "floor": np.full((n_jobs, d), 0.01),
        "prior_counts": np.zeros((n_jobs, n_states + 1, n_states)), "prior_sums": np.zeros((n_jobs, n_states, m)),
        "chain": np.full((n_jobs, n_states + 1, n_states), 1 / n_states), "moments": moments, "coefficients": np.zeros(moments.shape),
        "counts": np.zeros((n_jobs, n_states + 1, n_states)), "sums": np.zeros(moments.shape),
        "posterior": np.zeros((rows, n_samples, n_states)), "logs": np.zeros((rows, n_samples)), "scores": np.zeros((n_jobs, 2)),
        "status": np.zeros((n_jobs, 3), np.int64), "history": np.zeros((n_jobs, n_iter + 1)), "final": np.zeros((n_jobs, n_states)),
    }  # fmt: skip


def call(given):
    native().run(Call(**given))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 20),
    st.integers(1, 10),
    st.integers(1, 8),
    st.integers(0, 4),
    st.integers(0, 4),
    st.booleans(),
    st.integers(1, 40),
    st.booleans(),
)
def test_every_shape_that_is_right_is_taken(n_jobs, n_states, n_features, kind, n_iter, keep, n_samples, weighted):
    n_iter = 0 if kind == 4 else n_iter
    tailed = keep and n_iter == 0 and kind < 2
    given = arguments(n_jobs, n_states, n_features, n_samples, kind, n_iter, keep, weighted=weighted, tailed=tailed)
    given["final"][:] = np.nan
    call(given)
    lengths = given["jobs"][:, 2] - given["jobs"][:, 1]
    np.testing.assert_allclose(given["final"][lengths > 0].sum(axis=1), 1.0)  # each job was filtered to its end


def spoil(array: np.ndarray, how: str):
    if how == "longer":
        return np.concatenate([array, array], axis=-1)
    if how == "shorter":
        return array[..., :-1].copy()
    if how == "flat":
        return array.ravel().copy()
    if how == "deeper":
        return array[None].copy()
    if how == "strided":
        return np.repeat(array, 2, axis=-1)[..., ::2]
    if how == "float32":
        return array.astype(np.float32)
    if how == "big-endian":
        return array.astype(array.dtype.newbyteorder(">"))
    if how == "objects":
        return array.astype(object)
    if how == "list":
        return array.tolist()
    return None


HOW = ("longer", "shorter", "flat", "deeper", "strided", "float32", "big-endian", "objects", "list", "nothing")


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(ARRAYS), st.sampled_from(HOW))
def test_whatever_is_wrong_is_refused(name, how):
    tailed = name == "tails"  # a fit has none, and what is empty is of any stride
    given = arguments(n_features=2, kind=1, keep=True, weighted=True, tailed=tailed, n_iter=0 if tailed else 3)
    given[name] = spoil(given[name], how)
    if (name, how) in {("history", "longer"), ("history", "shorter")}:  # more or fewer iterations
        call(given)
        assert np.isfinite(given["history"]).all()
        return
    with pytest.raises((TypeError, ValueError, BufferError)):
        call(given)


def test_what_is_written_must_be_writable():
    for name in ("chain", "moments", "coefficients", "counts", "sums", "scores", "status", "history", "final"):
        given = arguments()
        given[name].flags.writeable = False
        with pytest.raises((ValueError, BufferError)):
            call(given)
    given = arguments()
    given["observations"].flags.writeable = False
    call(given)
    assert np.isfinite(given["scores"]).all()


@pytest.mark.parametrize(
    ("name", "value"),
    [("jobs", [[0, 0, 21]]), ("jobs", [[2, 0, 5]]), ("jobs", [[-1, 0, 5]]), ("jobs", [[0, -1, 5]]), ("jobs", [[0, 6, 5]]),
     ("jobs", [[0, 0, 2**62]])],
)  # fmt: skip
def test_places_outside_the_arrays_are_refused(name, value):
    given = arguments(n_jobs=1)
    given[name] = np.array(value, np.int64)
    with pytest.raises(ValueError, match=name):
        call(given)


def test_numbers_out_of_range_are_refused():
    for name, value in (("kind", 5), ("kind", -1)):
        with pytest.raises(ValueError, match="kind"):
            call(arguments() | {name: value})
    with pytest.raises(TypeError):
        call(arguments() | {"tol": "small"})
    for threads in (-5, 0, 1, 64):
        given = arguments() | {"threads": threads}
        call(given)
        assert np.isfinite(given["scores"]).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([np.nan, np.inf, -np.inf, 1e308, -1e308, 5e-324, 0.0]), st.integers(0, 3))
def test_wild_numbers_crash_nothing(seed, value, kind):
    """Fails by ending the process, or under the sanitizers: what is right to answer is asked elsewhere."""
    given = arguments(n_jobs=5, n_states=3, n_features=2, kind=kind, seed=seed)
    rng = np.random.default_rng(seed)
    for name in ("observations", "chain", "moments", "floor", "prior_sums", "center"):
        if rng.random() < 0.5:
            array = given[name].reshape(-1)
            array[rng.integers(0, len(array), 3)] = value
    call(given)


def test_a_million_rows():
    given = arguments(n_jobs=2, n_samples=1_000_000, n_iter=1)
    call(given)
    assert np.isfinite(given["scores"]).all()


def test_decode_checks_its_arrays():
    rows, lengths, start, chain = np.zeros((2, 5, 3)), np.array([5, 4]), np.zeros((2, 3)), np.zeros((2, 3, 3))
    out = np.zeros((2, 5), np.int64), np.zeros(2)
    native().decode(rows, lengths, start, chain, *out)
    for bad in ((rows, np.array([6, 4]), start, chain), (rows[:1], lengths, start, chain), (rows, lengths, chain, start),
                (rows.astype(int), lengths, start, chain), (rows, np.array([-1, 2]), start, chain)):  # fmt: skip
        with pytest.raises((TypeError, ValueError)):
            native().decode(*bad, *out)
