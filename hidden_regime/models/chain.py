"""What a Markov chain does in the long run, and samples of a hidden Markov model."""

from __future__ import annotations

import numpy as np

from hidden_regime import kernels
from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.models.parameters import Parameters


def stationary_distribution(transmat: Floats, startprob: Floats | None = None) -> Floats:
    """pi with pi = pi transmat, (n_states,).

    Where there is more than one (a chain in parts), the long-run average from `startprob`, by default from all states alike.
    """
    n = len(transmat)
    # The average over a lazy chain converges for every chain, periodic ones too; squaring takes 2^60 steps.
    power = 0.5 * (np.eye(n) + transmat)
    for _ in range(60):
        power = power @ power
        power /= power.sum(axis=1, keepdims=True)
    first = np.full(n, 1.0 / n) if startprob is None else startprob
    return np.asarray(first @ power)


def sample_paths(p: Parameters, n_paths: int, n_samples: int, rng: np.random.Generator) -> tuple[Floats, Integers]:
    """Observations (n_paths, n_samples, n_features) drawn from a model, and the states (n_paths, n_samples) behind them."""
    states = kernels.sample_states(p.startprob, p.transmat, rng.random((n_paths, n_samples)))
    return p.means[states] + p.density.shocks(p, states, rng), states
