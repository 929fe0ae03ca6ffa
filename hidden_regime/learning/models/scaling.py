"""Standardising in the fold: mean and spread of the rows that train, and of no other."""

from __future__ import annotations

from typing import Any

import numpy as np

from hidden_regime.exceptions import MissingDependencyError
from hidden_regime.kernels.results import Floats


def standardise(X: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Rows with mean 0 and standard deviation 1 by weight, their means, and their deviations: 1 of what never varies."""
    share = weight / weight.sum()
    mean = share @ X
    spread = np.sqrt(share @ (X - mean) ** 2)
    scale = np.where(spread > 1e-12 * np.maximum(np.abs(mean), 1.0), spread, 1.0)
    return (X - mean) / scale, mean, scale


def split_soft(X: Floats, y: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Rows with labels 0 and 1 alone: one between is both, by its share of the weight."""
    if np.isin(y, (0.0, 1.0)).all():
        return X, y, weight
    both = np.concatenate([weight * y, weight * (1.0 - y)])
    kept = both > 0.0
    doubled = np.concatenate([np.ones(len(y)), np.zeros(len(y))])
    return np.concatenate([X, X])[kept], doubled[kept], both[kept]


def sklearn_part(name: str) -> Any:
    """A part of scikit-learn."""
    import importlib

    try:
        return importlib.import_module(f"sklearn.{name}")
    except ImportError as error:
        raise MissingDependencyError("learned models need scikit-learn: pip install 'hidden-regime[ml]'.") from error
