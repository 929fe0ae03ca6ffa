"""Covariances of largest likelihood, as a kind allows them, from weighted rows."""

from __future__ import annotations

import numpy as np

from hidden_regime.kernels.results import Floats
from hidden_regime.kernels.shared_covariance import raised


def constrain(covars: Floats, weight: Floats, kind: str, floor: Floats) -> Floats:
    """The covariances of largest likelihood that this kind allows, none of whose conditional variances is below the floor."""
    d = covars.shape[-1]
    if kind == "tied":
        covars = np.tile((weight[:, None, None] * covars).sum(axis=0) / weight.sum(), (len(covars), 1, 1))
    if kind == "spherical":
        level = np.maximum(np.einsum("kii->k", covars) / d, floor.max())
        return np.asarray(level[:, None, None] * np.eye(d))
    if kind == "diag":
        return np.asarray(np.maximum(np.einsum("kii->ki", covars), floor)[:, :, None] * np.eye(d))
    return np.stack([raised(c, floor)[0] for c in covars])


def shaped(covars: Floats, kind: str) -> Floats:
    """Covariances (n_states, n_features, n_features) in the shape of what is free in them."""
    if kind == "diag":
        return np.asarray(np.einsum("kii->ki", covars).copy())
    if kind == "spherical":
        return np.asarray(covars[:, 0, 0].copy())
    return np.asarray(covars[0]) if kind == "tied" else covars


def outer_sums(share: Floats, away: Floats) -> Floats:
    """Sum over t of share(t, k) away(t, k) away(t, k)', (n_states, n_features, n_features).

    Row by row, and not by BLAS or einsum, whose last bits depend on where in memory the arrays happen to lie.
    """
    d = away.shape[2]
    out = np.empty((share.shape[1], d, d))
    for i in range(d):
        for j in range(i + 1):
            out[:, i, j] = out[:, j, i] = (share * away[:, :, i] * away[:, :, j]).sum(axis=0)
    return out
