"""Which backend serves the kernels: the C++ extension where it was built, numba elsewhere, an accelerator where asked for.

`HIDDEN_REGIME_BACKEND` in the environment, "native", "numba" or "jax", asks for one of them.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hidden_regime.exceptions import MissingDependencyError, ParameterError

ACCELERATOR = "jax"
"""Name of the backend that is never chosen by itself, see `accelerated`."""

_chosen: list[str] = []


def available() -> tuple[str, ...]:
    """Names of the backends that may be chosen here without being asked for, the preferred one first."""
    try:
        built = importlib.util.find_spec("hidden_regime.kernels._native") is not None
    except ModuleNotFoundError:  # in a bundle the package has no folder of its own
        built = False
    return ("native", "numba") if built else ("numba",)


def _check(parameter: str, name: str, remedy: str = "") -> None:
    """Raise unless there is such a backend here."""
    if name == ACCELERATOR:
        if importlib.util.find_spec(ACCELERATOR) is None:
            raise MissingDependencyError(f"{parameter} = {name!r} needs JAX: pip install 'hidden-regime[gpu]'.")
    elif name not in available():
        raise ParameterError(parameter, name, f"one of {(*available(), ACCELERATOR)}", remedy)


def backend() -> str:
    """Name of the backend that serves the kernels: "native", "numba" or "jax"."""
    if not _chosen:
        asked = os.environ.get("HIDDEN_REGIME_BACKEND", "")
        if asked:
            _check("HIDDEN_REGIME_BACKEND", asked, "Unset it, or reinstall with a C++ compiler.")
        _chosen.append(asked or available()[0])
    return _chosen[-1]


def arithmetic() -> str:
    """Whose last bits the kernels give: equal names give equal bits, other names agree to the stated tolerance."""
    name = backend()
    if name == ACCELERATOR:  # which leaves part of the work to the CPU's kernels
        return f"{module().arithmetic()}-{_arithmetic(available()[0])}"
    return _arithmetic(name)


def _arithmetic(name: str) -> str:
    if name == "native":
        # The builds that fuse a multiplication with an addition agree bit for bit; the portable one can't fuse.
        return "native" if module(name).use() != "portable" else "native-portable"
    return name


def module(name: str = "") -> Any:
    """The module of a backend, by default of the one in use; numba and JAX are imported when they are needed only."""
    name = name or backend()
    if name == "native":
        from hidden_regime.kernels import _native  # type: ignore[attr-defined]

        return _native
    if name == ACCELERATOR:
        # By its name as a text, so that no bundle for LEAN takes it along.
        return importlib.import_module("hidden_regime.kernels.accelerated")
    from hidden_regime.kernels import compiled

    return compiled


@contextmanager
def using(name: str) -> Iterator[None]:
    """Serve the kernels by another backend for a while: for comparisons, or for one large task on an accelerator."""
    _check("name", name)
    before = backend()
    _chosen.append(name)
    try:
        yield
    finally:
        _chosen[:] = [before]
