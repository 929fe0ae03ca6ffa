"""When the accelerator's backend serves: where it is asked for, and not otherwise. Needs no JAX."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from hidden_regime import kernels
from hidden_regime.exceptions import MissingDependencyError, ParameterError
from hidden_regime.kernels import backends


@pytest.fixture
def without_jax(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "jax" else find(name, *rest))


def test_it_is_never_chosen_by_itself(monkeypatch):
    monkeypatch.delenv("HIDDEN_REGIME_BACKEND", raising=False)
    monkeypatch.setattr(backends, "_chosen", [])
    assert backends.ACCELERATOR not in kernels.available()
    assert kernels.backend() == kernels.available()[0]


def test_where_it_is_missing_the_error_says_what_to_install(without_jax, monkeypatch):
    with (
        pytest.raises(MissingDependencyError, match=r"name = 'jax' needs JAX: pip install 'hidden-regime\[gpu\]'"),
        kernels.using("jax"),
    ):
        pass
    monkeypatch.setenv("HIDDEN_REGIME_BACKEND", "jax")
    monkeypatch.setattr(backends, "_chosen", [])
    with pytest.raises(MissingDependencyError, match="HIDDEN_REGIME_BACKEND = 'jax'"):
        kernels.backend()


def test_another_name_is_refused_and_the_error_knows_all():
    with pytest.raises(ParameterError, match=r"'cuda': expected one of .*'numba', 'jax'"), kernels.using("cuda"):
        pass


def test_nothing_imports_jax_that_was_not_asked_to():
    code = "import sys, numpy as np; from hidden_regime import kernels; kernels.arithmetic();" \
           "kernels.overlaps(np.ones((1, 3, 2)), np.ones((1, 3, 2))); print('jax' in sys.modules)"  # fmt: skip
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"


def test_its_arithmetic_has_a_name_of_its_own(backend):
    pytest.importorskip("jax")
    before = kernels.arithmetic()
    with kernels.using("jax"):
        name = kernels.arithmetic()
        assert kernels.backend() == "jax"
    assert name.startswith("jax-") and name != before
    with kernels.using(kernels.available()[0]):
        assert name.endswith(f"-{kernels.arithmetic()}")  # whose kernels do the rest of the work
    assert kernels.backend() == backend
