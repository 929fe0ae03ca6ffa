"""Which state of a new model continues which of the old one, and which states are no states."""

from __future__ import annotations

from functools import cache

import numpy as np

from hidden_regime import kernels
from hidden_regime.kernels.results import Booleans, Floats, Integers
from hidden_regime.models.arrays import distances
from hidden_regime.models.assignment import assign

CLOSEST, TOLD, LEAST = 0.1, 10.0, 2.0
"""Nats within which two states are one, nats by which a state's observations must tell it from another, and observations of a
state that isn't empty."""


def match_states(old: Floats, new: Floats, means: Floats, new_means: Floats, scale: Floats, shared: Floats) -> Integers:
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
    shared : (n, n_states)
        Observations besides those that the state of each place stands for in both models: those that are remembered. Without
        them, states that the observations don't visit would change places by the rounding of probabilities.
    """
    away = distances(means, new_means, scale)
    tie = 1e-9 * old.shape[1] * away / np.maximum(away.max(axis=(1, 2), keepdims=True), 1e-300)
    return assign(tie - kernels.overlaps(old, new) - shared[:, :, None] * np.eye(shared.shape[1]))


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
def pairs(n: int) -> tuple[Integers, Integers]:
    """Both places of each pair of n states."""
    one, other = np.triu_indices(n, 1)
    return one, other


def _log_determinants(covars: Floats) -> Floats:
    if covars.shape[-1] == 1:
        return np.asarray(np.log(covars[..., 0, 0]))
    if covars.shape[-1] > 2:
        return np.asarray(np.linalg.slogdet(covars)[1])
    return np.asarray(np.log(covars[..., 0, 0] * covars[..., 1, 1] - covars[..., 0, 1] * covars[..., 1, 0]))


def states_alike(means: Floats, covars: Floats, weight: Floats, *, closest: float = CLOSEST, told: float = TOLD) -> Booleans:
    """Which pairs of states of each model are one regime, (n, n_pairs), in the order of `pairs`.

    They are where the mean of both Kullback-Leibler divergences is below `closest`, in nats: one density in two shades. And where
    the rarer one rests on so few observations that, at its divergence, these tell it from the other by less than `told` nats.

    Parameters
    ----------
    means : (n, n_states, n_features)
    covars : (n, n_states, n_features, n_features)
    weight : (n, n_states)
        Observations that each state rests on.
    """
    one, other = pairs(means.shape[1])
    inverse, log_det = _inverses(covars), _log_determinants(covars)
    gap = means[:, one] - means[:, other]

    def divergence(here: Integers, there: Integers) -> Floats:  # of Gaussians, twice that from `here` to `there`
        away = inverse[:, there] * (covars[:, here] + gap[..., :, None] * gap[..., None, :])
        return np.asarray(away.sum(axis=(2, 3)) - means.shape[2] + log_det[:, there] - log_det[:, here])

    forth, back = divergence(one, other), divergence(other, one)
    rarer = np.where(weight[:, one] < weight[:, other], weight[:, one] * forth, weight[:, other] * back)
    return np.asarray((forth + back < 4.0 * closest) | (rarer < 2.0 * told))


def doubtful_states(weight: Floats, alike: Booleans, *, least: float = LEAST) -> list[str]:
    """Which states of each model hold (almost) nothing, and which are one regime; empty where all is well.

    Parameters
    ----------
    weight : (n, n_states)
        Observations that each state rests on.
    alike : (n, n_pairs)
        Of `states_alike`.
    least : float
        A state of fewer observations is empty.
    """
    said: dict[int, list[str]] = {}
    full = weight >= least
    if not full.all():
        for n, k in np.argwhere(~full).tolist():
            said.setdefault(n, []).append(f"state {k} is empty")
    if alike.any():
        one, other = pairs(weight.shape[1])
        for n, pair in np.argwhere(alike & full[:, one] & full[:, other]).tolist():
            said.setdefault(n, []).append(f"states {one[pair]} and {other[pair]} can't be told apart")
    return ["; ".join(said.get(n, ())) for n in range(len(weight))] if said else [""] * len(weight)


@cache
def grouped(alike: tuple[bool, ...], n_states: int) -> tuple[int, ...]:
    """Group of each state of one model, where pairs that are alike share one; numbered by their first states."""
    group = list(range(n_states))
    for i, j, same in zip(*(places.tolist() for places in pairs(n_states)), alike, strict=True):
        if same:
            kept, gone = sorted((group[i], group[j]))
            group = [kept if g == gone else g for g in group]
    return tuple(group)
