"""The Gaussian hidden Markov model that a path of states describes."""

from __future__ import annotations

import numpy as np

from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.models.parameters import Parameters


def described_by(x: Floats, path: Integers, shares: Floats, means: Floats, jobs: Integers) -> Parameters:
    """Moments of each state and shares of its changes, each state with one imagined bar of the whole sample.

    Parameters
    ----------
    x : (n_samples, n_features)
        Observations; NaN is missing.
    path : (n_samples,)
        States.
    shares : (n_samples, n_states)
        How much of each row belongs to each state.
    means : (n_states, n_features)
    jobs : (n_sequences, 3)
        Sequences that have nothing to do with each other.
    """
    k, d = means.shape
    overall, covars = np.diag(np.nanvar(x, axis=0)), np.empty((k, d, d))
    for s in range(k):
        own = shares[:, s] > 0
        rows, weight = x[own] - means[s], shares[own, s, None]
        seen = (~np.isnan(rows)).astype(float)
        away = np.nan_to_num(rows)
        spread = ((weight * away).T @ away + overall) / ((weight * seen).T @ seen + 1)
        # Pairs counted apart need not make a covariance; its nearest one has no negative eigenvalue.
        values, vectors = np.linalg.eigh((spread + spread.T) / 2)
        covars[s] = (vectors * np.maximum(values, 1e-6 * values[-1])) @ vectors.T
    counts = np.full((k, k), 1.0 / k)
    first = np.full(k, 1.0 / k)
    for _, begin, end in jobs.tolist():
        np.add.at(counts, (path[begin : end - 1], path[begin + 1 : end]), 1.0)
        first[path[begin]] += 1.0
    return Parameters(first / first.sum(), counts / counts.sum(axis=1, keepdims=True), means, covars)
