"""Expectation-maximisation for what the compiled kernels leave out: other densities, single missing features, several sequences.

The E-step's recursions are the kernels'; the M-step is the density's own, see `models.emissions`. Weights are powers of the
densities.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from hidden_regime import kernels
from hidden_regime.kernels.results import Floats
from hidden_regime.models.covariances import constrain
from hidden_regime.models.inputs import sequence_jobs
from hidden_regime.models.parameters import Evidence, Parameters

if TYPE_CHECKING:
    from hidden_regime.models.task import Task


def _log_prior(p: Parameters, counts: Floats, prior: Evidence) -> float:
    chain = np.concatenate([p.transmat, p.startprob[None]])
    score = float((counts[counts > 0] * np.log(chain[counts > 0])).sum())
    return sum(p.density.log_prior(p, prior).tolist(), score)


def fit(task: Task, start: Parameters, counts: Floats, prior: Evidence, floor: Floats) -> tuple[kernels.Fit, Parameters]:
    """EM from one start.

    Parameters
    ----------
    task : Task
    start : Parameters
        Of the task's density.
    counts : (n_states + 1, n_states)
        Pseudo-counts of transitions, then of the first state.
    prior : Evidence
        Pseudo-observations of each state.
    floor : (n_features,)

    Returns
    -------
    Fit
        With a leading axis of one job, as the kernels give it.
    Parameters
    """
    x, density = task.observations, start.density
    p = start.but(covars=constrain(start.covars, np.ones(task.n_states), task.covariance_type, floor))
    weights = np.ones(len(x)) if task.weights is None else task.weights
    jobs = sequence_jobs(task.lengths or (len(x),))
    history = np.full((1, task.n_iter + 1), np.nan)
    likelihood, converged, ok, last = math.nan, False, True, 0
    final = np.full((1, task.n_states), np.nan)
    for i in range(task.n_iter + 1):
        try:
            logs = weights[:, None] * density.log_density(x, p)
        except np.linalg.LinAlgError:
            ok = False
            break
        n = len(jobs)
        out, first, moved = kernels.smooth_densities(
            logs[None], jobs, np.tile(p.startprob, (n, 1)), np.tile(p.transmat, (n, 1, 1))
        )
        likelihood = float(np.nansum(out.log_likelihood))
        final[0] = out.smoothed[-1, jobs[-1, 2] - jobs[-1, 1] - 1]  # at the end there is no later observation
        history[0, i], last = likelihood + _log_prior(p, counts, prior), i
        converged = i > 0 and history[0, i] - history[0, i - 1] < task.tol
        if converged or i == task.n_iter:
            break
        gamma = np.concatenate([out.smoothed[j, : end - begin] for j, (_, begin, end) in enumerate(jobs)])
        chain = np.concatenate([moved.sum(axis=0), first.sum(axis=0)[None]]) + counts
        rows = chain.sum(axis=1, keepdims=True)
        chain = np.where(rows > 0, chain / np.where(rows > 0, rows, 1.0), np.concatenate([p.transmat, p.startprob[None]]))
        p = p.but(transmat=chain[:-1], startprob=chain[-1])
        p = density.maximise(x, gamma * weights[:, None], p, task.covariance_type, floor, prior, fixed=task.degrees is not None)
    one = np.array
    fitted = kernels.Fit(
        p.startprob[None], p.transmat[None], p.means[None], p.covars[None], one([likelihood]), one([history[0, last]]),
        one([last]), one([converged]), one([ok and bool(np.isfinite(history[0, last]))]), history, final)  # fmt: skip
    return fitted, p
