"""Hidden Markov models by enumerating every path: slow, obvious, and shares nothing with the kernels."""

from __future__ import annotations

import itertools
import math

import numpy as np


def log_density(x: np.ndarray, mean: np.ndarray, covar: np.ndarray) -> float:
    """Log-density of a Gaussian; 0 for a missing observation."""
    if np.isnan(x).any():
        return 0.0
    away = x - mean
    return float(-0.5 * (len(x) * math.log(2 * math.pi) + np.linalg.slogdet(covar)[1] + away @ np.linalg.solve(covar, away)))


def enumerate_paths(x, startprob, transmat, means, covars):
    """Log-likelihood, smoothed probabilities (whose last row is filtered), best path and its log-probability."""
    n, k = len(x), len(startprob)
    weights = {}
    for path in itertools.product(range(k), repeat=n):
        value = math.log(startprob[path[0]])
        value += sum(math.log(transmat[a, b]) for a, b in itertools.pairwise(path))
        value += sum(log_density(x[t], means[s], covars[s]) for t, s in enumerate(path))
        weights[path] = value
    top = max(weights.values())
    total = sum(math.exp(v - top) for v in weights.values())
    smoothed = np.zeros((n, k))
    for path, value in weights.items():
        for t, s in enumerate(path):
            smoothed[t, s] += math.exp(value - top) / total
    best = max(weights, key=weights.get)
    return top + math.log(total), smoothed, best, weights[best]


def random_model(seed: int, n_states: int, n_features: int, *, full: bool):
    """A model with nothing special about it."""
    rng = np.random.default_rng(seed)
    startprob = rng.dirichlet(np.ones(n_states))
    transmat = rng.dirichlet(np.ones(n_states) * 2, n_states)
    means = rng.normal(0, 2, (n_states, n_features))
    factor = rng.normal(0, 1, (n_states, n_features, n_features))
    covars = factor @ factor.transpose(0, 2, 1) + 0.3 * np.eye(n_features)
    if not full:
        covars = covars * np.eye(n_features)
    return startprob, transmat, means, covars
