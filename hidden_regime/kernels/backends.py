"""Which backend serves the kernels: the C++ extension where it was built, numba elsewhere.

`HIDDEN_REGIME_BACKEND` in the environment, "native" or "numba", asks for one of them.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hidden_regime.exceptions import ParameterError

_chosen: list[str] = []


def available() -> tuple[str, ...]:
    """Names of the backends that can be had here, the preferred one first."""
    try:
        built = importlib.util.find_spec("hidden_regime.kernels._native") is not None
    except ModuleNotFoundError:  # in a bundle the package has no folder of its own
        built = False
    return ("native", "numba") if built else ("numba",)


def backend() -> str:
    """Name of the backend that serves the kernels: "native" or "numba"."""
    if not _chosen:
        asked = os.environ.get("HIDDEN_REGIME_BACKEND", "")
        if asked and asked not in available():
            raise ParameterError(
                "HIDDEN_REGIME_BACKEND", asked, f"one of {available()}", "Unset it, or reinstall with a C++ compiler."
            )
        _chosen.append(asked or available()[0])
    return _chosen[-1]


def arithmetic() -> str:
    """Whose last bits the kernels give: equal names give equal bits, other names agree to the stated tolerance."""
    name = backend()
    if name == "native":
        # The builds that fuse a multiplication with an addition agree bit for bit; the portable one can't fuse.
        return "native" if module().use() != "portable" else "native-portable"
    return name


def module() -> Any:
    """The backend's module; numba is imported when it is needed only."""
    if backend() == "native":
        from hidden_regime.kernels import _native  # type: ignore[attr-defined]

        return _native
    from hidden_regime.kernels import compiled

    return compiled


@contextmanager
def using(name: str) -> Iterator[None]:
    """Serve the kernels by another backend for a while: for comparisons."""
    if name not in available():
        raise ParameterError("name", name, f"one of {available()}")
    before = backend()
    _chosen.append(name)
    try:
        yield
    finally:
        _chosen[:] = [before]
