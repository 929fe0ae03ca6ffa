"""Versions of the libraries that have a hand in a model."""

from __future__ import annotations

import importlib.metadata
import platform

import hidden_regime

LIBRARIES = ("numpy", "pandas", "scipy", "scikit-learn", "lightgbm", "xgboost", "skops", "optuna")


def versions() -> dict[str, str]:
    """Of what had a hand in it."""
    found = {"python": platform.python_version(), "hidden-regime": hidden_regime.__version__}
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
