"""Where EM starts: deterministic or seeded, never from the global random generator."""

from __future__ import annotations

import numpy as np

from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.models.arrays import summed
from hidden_regime.models.parameters import Parameters

STAY = 0.95
"""Probability of staying in a state at every start: regimes last."""

SMOOTHING = 5
"""Bars on either side over which the ranking by volatility averages; all of them lie in the window."""


def volatility_ranking(observations: Floats, column: int = 0, *, is_volatility: bool = False) -> Floats:
    """How volatile it was around each observation: a centred mean of |x - mean(x)|, or of x itself.

    Parameters
    ----------
    observations : (n_samples, n_features)
    column : int
        Feature to use.
    is_volatility : bool
        The feature measures volatility itself (such as a range), so its value counts and not its deviation.
    """
    x = observations[:, column]
    x = np.where(np.isnan(x), np.nanmean(x), x)
    return np.asarray(local_means((x if is_volatility else np.abs(x - x.mean()))[None])[0])


def local_means(values: Floats) -> Floats:
    """Mean around each of (n, n_samples) values, over `SMOOTHING` on either side as far as there are so many."""
    n, length = values.shape
    padded = np.zeros((n, length + 1))
    np.cumsum(values, axis=1, out=padded[:, 1:])
    right = np.minimum(np.arange(length) + SMOOTHING + 1, length)
    left = np.maximum(np.arange(length) - SMOOTHING, 0)
    return np.asarray((padded[:, right] - padded[:, left]) / (right - left))


def _chains(n: int, n_states: int) -> tuple[Floats, Floats]:
    """First probabilities and transitions of n starts."""
    transmat = np.full((n, n_states, n_states), (1.0 - STAY) / max(n_states - 1, 1))
    transmat[:, np.arange(n_states), np.arange(n_states)] = STAY if n_states > 1 else 1.0
    return np.full((n, n_states), 1.0 / n_states), transmat


def from_ordered(observations: Floats, n_states: int) -> list[Floats]:
    """Starts from equal shares of complete windows (n, n_samples, n_features) that are in the order of rank.

    Returns
    -------
    list
        startprob, transmat, means and covars with a leading axis of n.
    """
    n, length, n_features = observations.shape
    overall = observations - (summed(observations, 1) / length)[:, None]
    whole = summed(overall * overall, 1) / length
    means, covars = np.empty((n, n_states, n_features)), np.zeros((n, n_states, n_features, n_features))
    edges = [-(-k * length // n_states) for k in range(n_states + 1)]
    spread = np.zeros((n, n_features, n_features))
    spread.reshape(n, -1)[:, :: n_features + 1] = whole
    for k in range(n_states):
        members = observations[:, edges[k] : edges[k + 1]]
        count = members.shape[1]
        means[:, k] = summed(members, 1) / count
        if count <= n_features:
            covars[:, k] = spread
            continue
        away = members - means[:, None, k]
        covars[:, k] = summed(away[..., None] * away[..., None, :], 1) / count + 1e-2 * spread
    return [*_chains(n, n_states), means, covars]


def from_groups(observations: Floats, groups: Integers, n_states: int) -> Parameters:
    """Start whose states have the moments of given groups of observations; a group too small for its own moments gets
    the spread of the whole window.

    Parameters
    ----------
    observations : (n_samples, n_features)
    groups : (n_samples,) int
        Group of each observation.
    """
    complete = ~np.isnan(observations).any(axis=1)
    x, groups = observations[complete], groups[complete]
    n_features = x.shape[1]
    overall = x.var(axis=0)
    means = np.tile(x.mean(axis=0), (n_states, 1))
    covars = np.tile(np.diag(overall), (n_states, 1, 1))
    for k in range(n_states):
        members = x[groups == k]
        if len(members):
            means[k] = members.mean(axis=0)
        if len(members) > n_features:
            away = members - means[k]
            products = (away[:, :, None] * away[:, None, :]).sum(axis=0)  # not by BLAS: see Evidence.plus
            covars[k] = products / len(members) + 1e-2 * np.diag(overall)
    startprob, transmat = _chains(1, n_states)
    return Parameters(startprob[0], transmat[0], means, covars)


def from_ranking(observations: Floats, ranking: Floats, n_states: int) -> Parameters:
    """Start from equal shares of the observations by rank, calmest first."""
    order = np.argsort(ranking, kind="stable")
    groups = np.empty(len(ranking), np.int64)
    groups[order] = np.arange(len(ranking)) * n_states // len(ranking)
    return from_groups(observations, groups, n_states)


def from_kmeans(observations: Floats, n_states: int, generator: np.random.Generator, *, n_iter: int = 30) -> Parameters:
    """Start from Lloyd's clusters of the standardised observations, seeded by k-means++ (Arthur, Vassilvitskii 2007)."""
    complete = ~np.isnan(observations).any(axis=1)
    x = observations[complete]
    z = (x - x.mean(axis=0)) / np.where(x.std(axis=0) > 0, x.std(axis=0), 1.0)
    centers = z[[int(generator.integers(len(z)))]]
    while len(centers) < n_states:
        away = ((z[:, None] - centers) ** 2).sum(axis=2).min(axis=1)
        total = away.sum()
        pick = generator.choice(len(z), p=away / total) if total > 0 else generator.integers(len(z))
        centers = np.vstack([centers, z[pick]])
    labels = np.zeros(len(z), np.int64)
    for _ in range(n_iter):
        nearest = ((z[:, None] - centers) ** 2).sum(axis=2).argmin(axis=1)
        if _ and (nearest == labels).all():
            break
        labels = nearest
        for k in range(n_states):
            if (labels == k).any():
                centers[k] = z[labels == k].mean(axis=0)
    groups = np.zeros(len(observations), np.int64)
    groups[complete] = labels
    return from_groups(observations, groups, n_states)


def from_random(observations: Floats, n_states: int, generator: np.random.Generator) -> Parameters:
    """Start with means and variances drawn around those of the window."""
    x = observations[~np.isnan(observations).any(axis=1)]
    sd = np.where(x.std(axis=0) > 0, x.std(axis=0), 1.0)
    n_features = x.shape[1]
    means = x.mean(axis=0) + 0.5 * sd * generator.standard_normal((n_states, n_features))
    spread = sd * np.exp(generator.uniform(-1.2, 0.8, (n_states, n_features)))
    stay = generator.uniform(0.6, 0.99, n_states)
    transmat = np.tile(((1.0 - stay) / max(n_states - 1, 1))[:, None], (1, n_states))
    np.fill_diagonal(transmat, stay if n_states > 1 else 1.0)
    covars = np.stack([np.diag(s**2) for s in spread])
    return Parameters(np.full(n_states, 1.0 / n_states), transmat, means, covars)
