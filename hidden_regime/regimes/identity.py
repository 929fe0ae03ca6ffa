"""Which state of a new model continues which of the old one, and which states are no states."""

from __future__ import annotations

from functools import cache

import numpy as np

from hidden_regime import kernels
from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.models.arrays import distances
from hidden_regime.models.assignment import assign


def match_states(old: Floats, new: Floats, means: Floats, new_means: Floats, scale: Floats) -> Integers:
    """Order of the new states of many models that keeps identity: result[n, i] is the new state that continues old state i.

    Minimum-cost assignment (Kuhn 1955) on the overlap of both models' probabilities over the same observations; the
    distance of emissions decides only between equals.

    Parameters
    ----------
    old, new : (n, n_samples, n_states)
        Probabilities of the states of both models. Rows that only the new one has don't count.
    means, new_means : (n, n_states, n_features)
        Means of both models.
    scale : (n, n_features)
        Standard deviation of each feature.
    """
    away = distances(means, new_means, scale)
    tie = 1e-9 * old.shape[1] * away / np.maximum(away.max(axis=(1, 2), keepdims=True), 1e-300)
    return assign(tie - kernels.overlaps(old, new))


def _inverses(covars: Floats) -> Floats:
    """Of many small matrices; one or two features, which most models have, need no call of LAPACK for each."""
    if covars.shape[-1] == 1:
        return np.asarray(1.0 / covars)
    if covars.shape[-1] > 2:
        return np.asarray(np.linalg.inv(covars), np.float64)
    out = covars[..., ::-1, ::-1] * np.array([[1.0, -1.0], [-1.0, 1.0]])
    out /= (covars[..., 0, 0] * covars[..., 1, 1] - covars[..., 0, 1] * covars[..., 1, 0])[..., None, None]
    return np.asarray(out)


@cache
def _pairs(n: int) -> tuple[Integers, Integers]:
    one, other = np.triu_indices(n, 1)
    return one, other


def doubtful_states(means: Floats, covars: Floats, weight: Floats, *, least: float = 2.0, closest: float = 0.05) -> list[str]:
    """Which states of each model hold (almost) nothing, and which pairs are (almost) the same; empty where all is well.

    Parameters
    ----------
    means : (n, n_states, n_features)
    covars : (n, n_states, n_features, n_features)
    weight : (n, n_states)
        Observations that each state rests on.
    least : float
        A state of fewer observations is empty.
    closest : float
        Two states whose symmetric Kullback-Leibler divergence is smaller, in nats, are the same.
    """
    n_states, n_features = means.shape[1:]
    said: dict[int, list[str]] = {}
    full = weight >= least
    if not full.all():
        for n, k in np.argwhere(~full).tolist():
            said.setdefault(n, []).append(f"state {k} is empty")
    one, other = _pairs(n_states)
    inverse = _inverses(covars)
    gap = means[:, one] - means[:, other]
    across = inverse[:, one] * covars[:, other].swapaxes(2, 3) + inverse[:, other] * covars[:, one].swapaxes(2, 3)
    across += gap[..., None] * (inverse[:, one] + inverse[:, other]) * gap[..., None, :]
    alike = across.sum(axis=(2, 3)) < 4.0 * closest + 2 * n_features
    if alike.any():
        for n, pair in np.argwhere(alike & full[:, one] & full[:, other]).tolist():
            said.setdefault(n, []).append(f"states {one[pair]} and {other[pair]} can't be told apart")
    return ["; ".join(said.get(n, ())) for n in range(len(means))] if said else [""] * len(means)
