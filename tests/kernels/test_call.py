"""The struct that a backend is handed: what Python calls an array is what C++ reads under that name."""

from __future__ import annotations

import importlib
import inspect
import re
import types
import typing

import numpy as np
import pytest

from hidden_regime import kernels
from hidden_regime.kernels import backends, compiled
from hidden_regime.kernels.call import COVARIANCES, Call
from hidden_regime.kernels.results import Floats, Integers
from tests.kernels.oracle import random_model

needs_native = pytest.mark.skipif("native" not in kernels.available(), reason="the C++ kernels were not built here")

LETTERS = {
    "S": "n_series", "N": "n_samples", "D": "n_features", "J": "n_jobs", "K": "n_states", "L": "n_states + 1", "M": "n_monomials",
    "C": "n_features or 0", "R": "n_jobs or 0", "T": "longest", "I": "n_iter + 1", "Q": "n_jobs or 0", "V": "n_series", "W": "n_samples", "2": "2",
    "3": "3",
}  # fmt: skip
"""What `native/problem.hpp` calls a dimension, and what the docstring of `Call` calls it."""


def documented() -> dict[str, str]:
    """Name and shape, or type, of each attribute that the docstring of `Call` tells of, in its order."""
    return dict(re.findall(r"^    (\w+) : (.+)$", Call.__doc__ or "", re.MULTILINE))


def native():
    return importlib.import_module("hidden_regime.kernels._native")


def seen(monkeypatch, **options) -> Call:
    """The call that a fit of three jobs makes, before it is run."""
    calls = []
    monkeypatch.setattr(backends, "module", lambda: types.SimpleNamespace(run=calls.append))
    parts = [np.stack([part] * 3) for part in random_model(1, 2, 2, full=True)]
    x = np.random.default_rng(0).normal(size=(4, 30, 2))
    jobs = np.array([[0, 0, 30], [3, 5, 25], [1, 1, 30]])
    kernels.fit(x, jobs, *parts, None, covariance_type="full", n_iter=6, tol=1e-3, floor=np.full((3, 2), 1e-3), **options)
    return calls[0]


def test_every_field_is_documented():
    assert tuple(documented()) == Call._fields


@needs_native
def test_cpp_reads_the_fields_of_the_same_names_types_and_shapes():
    arrays = [field for field in native().fields() if len(field) == 4]
    numbers = [field for field in native().fields() if len(field) == 2]
    said, hints = documented(), typing.get_type_hints(Call)
    assert [field[0] for field in arrays + numbers] == list(Call._fields)
    for name, dtype, _, letters in arrays:
        assert said[name] == f"({', '.join(LETTERS[letter] for letter in letters)})", name
        assert hints[name] == {"float64": Floats, "int64": Integers}[dtype], name
    for name, kind in numbers:
        assert said[name] == hints[name].__name__ == {"double": "float", "int64_t": "int"}.get(kind, kind), name


@needs_native
def test_cpp_writes_what_is_said_to_be_written():
    text = Call.__doc__ or ""
    said = {name for name in Call._fields if re.search(rf"^    {name} : .*\n.*([Ww]ritten|overwritten)", text, re.MULTILINE)}
    assert {field[0] for field in native().fields() if len(field) == 4 and field[2]} == said


def test_a_call_has_the_shapes_that_are_documented(monkeypatch):
    call = seen(monkeypatch, weights=np.ones((4, 30)))
    sizes = {
        "n_series": 4, "n_samples": 30, "n_features": 2, "n_features or 0": 2, "n_jobs": 3, "n_jobs or 0": 0, "n_states": 2,
        "n_states + 1": 3, "n_monomials": 6, "longest": 30, "n_iter + 1": 7, "2": 2, "3": 3,
    }  # fmt: skip
    assert call.longest == 30
    for name, shape in documented().items():
        if shape.startswith("("):
            assert getattr(call, name).shape == tuple(sizes[axis] for axis in shape[1:-1].split(", ")), name


def test_a_part_writes_into_the_whole(monkeypatch):
    call = seen(monkeypatch)
    part = call.part(1, 3)
    for name, shape in documented().items():
        if shape.startswith("(n_jobs,"):
            array = getattr(call, name)
            assert getattr(part, name).base is not None and np.shares_memory(getattr(part, name), array), name
            np.testing.assert_array_equal(getattr(part, name), array[1:3])
    assert part.observations is call.observations and part.tol == call.tol


def test_numba_takes_the_fields_in_their_order():
    parameters = tuple(inspect.signature(compiled._run.py_func).parameters)
    assert parameters[: len(Call._fields)] == Call._fields
    scratch = ("monomials", "place", "lower", "inverse", "left", "variance", "peak", "density", "predicted")
    assert parameters[len(Call._fields) :] == scratch


@needs_native
def test_cpp_asks_by_name_and_not_by_place(monkeypatch):
    call = seen(monkeypatch)
    copies = {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in call._asdict().items()}
    backwards = types.SimpleNamespace(**dict(reversed(copies.items())))
    native().run(call)
    native().run(backwards)
    for name in Call._fields:
        np.testing.assert_array_equal(getattr(backwards, name), getattr(call, name))
    assert call.status[:, 2].all()
    for name in Call._fields:
        without = types.SimpleNamespace(**{k: v for k, v in copies.items() if k != name})
        with pytest.raises(AttributeError, match=name):
            native().run(without)


def test_numbers_of_the_covariance_types():
    numbers = (compiled.FULL, compiled.SPHERICAL, compiled.TIED, compiled.GIVEN)
    assert numbers == (*(COVARIANCES.index(name) for name in ("full", "spherical", "tied")), len(COVARIANCES))
