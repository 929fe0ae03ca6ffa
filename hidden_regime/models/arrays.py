"""Arrays over many tasks or models at once, with a leading axis of these.

Sums run along one's own axes, so its bits are the same whatever else is in the arrays.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hidden_regime import kernels
from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.models.parameters import Parameters


def piled(parts: Sequence[Floats]) -> Floats:
    """Arrays of one shape as one with a leading axis: `np.stack`, with less ado."""
    return np.concatenate(parts).reshape(len(parts), *parts[0].shape)


def stacked(models: Sequence[Parameters]) -> list[Floats]:
    """startprob, transmat, means and covars of some models, each with a leading axis."""
    return [piled(part) for part in list(zip(*models, strict=True))[:4]]


def stacked_tails(models: Sequence[Parameters]) -> Floats | None:
    """What the kernels take for the Student-t densities of some models, which are all of these or all Gaussian."""
    degrees = [p.degrees for p in models if p.degrees is not None]
    return kernels.tails(piled(degrees), models[0].means.shape[1]) if degrees else None


def summed(x: Floats, axis: int) -> Floats:
    """Sums along an axis, term after term: the order in which np.sum adds, and so its last bits, goes by how an array lies in
    memory, and kernels in another language find the same bits this way."""
    return np.asarray(np.cumsum(x, axis=axis).take(-1, axis=axis))


def by_feature(x: Floats) -> Floats:
    """Windows (n, n_samples, n_features) as (n, n_features, n_samples), along whose last axis sums are fast."""
    return np.ascontiguousarray(x.swapaxes(1, 2))


def means_and_variances(series: Floats) -> tuple[Floats, Floats]:
    """Of each feature of complete windows (n, n_features, n_samples)."""
    mean = summed(series, 2) / series.shape[2]
    away = series - mean[:, :, None]
    return mean, summed(away * away, 2) / series.shape[2]


def distances(old: Floats, new: Floats, scale: Floats) -> Floats:
    """Squared distance (n, n_old, n_new) between means (n, n_states, n_features), each feature by its scale (n, n_features)."""
    away = (old[:, :, None] - new[:, None]) / scale[:, None, None]
    return np.asarray((away * away).sum(axis=3))


def reordered(part: Floats, order: Integers, *, both: bool = False) -> Floats:
    """Arrays (n, n_states, ...) with state order[:, k] in place k; `both` for transitions, whose columns are states too."""
    rows = np.arange(len(part))[:, None]
    return part[rows[:, :, None], order[:, :, None], order[:, None, :]] if both else part[rows, order]
