"""What is said of a state whose successor was never seen, such as one that the last bar alone is in."""

from __future__ import annotations

import numpy as np

from hidden_regime import kernels
from hidden_regime.kernels.results import Floats
from hidden_regime.models.inputs import sequence_jobs
from hidden_regime.models.parameters import Parameters

LEAST = 1e-6
"""Transitions, out of a state, that are evidence: less can't be told from the rounding of the recursions."""


def with_average_rows(
    p: Parameters, x: Floats, lengths: tuple[int, ...], counts: Floats, mask: Floats | None
) -> tuple[Parameters, list[int]]:
    """The model with the average row of transitions where the likelihood says nothing of a row, and which states are so.

    EM leaves such a row as the start had it, and a forecast from there would be the start's. The average row is how often each
    state follows at all; the likelihood is the same with any.

    Parameters
    ----------
    p : Parameters
    x : (n_samples, n_features)
    lengths : tuple of int
    counts : (n_states, n_states)
        The prior's pseudo-counts: they are evidence.
    mask : (n_states, n_states), optional
        0 where a transition is impossible.

    Returns
    -------
    Parameters
    list of int
        States that hold observations, and have no transition out of them.
    """
    n_states = len(p.means)
    if n_states == 1 or (counts.sum(axis=1) >= LEAST).all():
        return p, []
    jobs = sequence_jobs(lengths)
    n = len(jobs)
    chain = np.tile(p.startprob, (n, 1)), np.tile(p.transmat, (n, 1, 1))
    out, _, moved = kernels.smooth_densities(p.log_density(x)[None], jobs, *chain)
    seen = moved.sum(axis=0) + counts
    possible = np.ones((n_states, n_states)) if mask is None else mask
    free = possible.sum(axis=1) > 1
    unseen = np.flatnonzero((seen.sum(axis=1) < LEAST) & free)
    total = seen.sum(axis=0)
    transmat = p.transmat.copy()
    for k in unseen.tolist():
        row = total * possible[k]
        if row.sum() > 0:
            transmat[k] = row / row.sum()
    held = np.nansum(out.smoothed, axis=(0, 1))
    return p.but(transmat=transmat), [k for k in unseen.tolist() if held[k] >= LEAST]
