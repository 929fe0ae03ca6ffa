"""EM with covariances that states or features share, over numba's E-step.

These two kinds stay out of the compiled loop: every strategy would pay for their compilation at each cold start, and few
use them. The answers are the C++ kernels'.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hidden_regime.kernels.results import Floats, Integers


def raised(c: Floats, floor: Floats) -> tuple[Floats, bool]:
    """The covariance whose conditional variances are raised to the floor, from its lower triangle; and whether all are above 0.

    See the compiled M-step: in L D L' each of D enters the likelihood by itself.
    """
    d = len(floor)
    lower, variances = np.eye(d), np.zeros(d)
    for i in range(d):
        for j in range(i):
            value = c[i, j] - (lower[i, :j] * lower[j, :j] * variances[:j]).sum()
            lower[i, j] = value / variances[j] if variances[j] > 0.0 else 0.0
        value = c[i, i] - (lower[i, :i] ** 2 * variances[:i]).sum()
        variances[i] = value if value > 1e-11 * c[i, i] else 0.0
    variances = np.maximum(variances, floor)
    return (lower[:, None, :] * variances * lower[None]).sum(axis=2), bool((variances > 0.0).all())


def _covariances(sums: Floats, before: Floats, floor: Floats, tied: bool) -> tuple[Floats, bool]:
    """Moments (n_states, n_monomials) of largest likelihood, from sums of monomials; and whether they exist."""
    n_states, d = len(sums), len(floor)
    count = sums[:, 0]
    seen = count > 1e-12
    mean = np.where(seen[:, None], sums[:, 1 : 1 + d] / np.where(seen, count, 1.0)[:, None], before[:, 1 : 1 + d])
    second = sums[:, 1 + d :] / np.where(seen, count, 1.0)[:, None]
    rows, columns = np.tril_indices(d) if tied else (np.arange(d), np.arange(d))
    spread = second - mean[:, rows] * mean[:, columns]
    if tied:
        pooled = (count[seen, None] * spread[seen]).sum(axis=0) / count[seen].sum()
        c = np.zeros((d, d))
        c[rows, columns] = pooled
        full, ok = raised(c, floor)
        covars = np.tile(full[rows, columns], (n_states, 1))
    else:
        level = np.maximum(spread.mean(axis=1), floor.max())
        ok = bool((level[seen] > 0.0).all())
        covars = np.tile(level[:, None], (1, d))
    out = before.copy()
    use = np.full(n_states, True) if tied else seen
    out[use, 0] = 1.0
    out[use, 1 : 1 + d] = mean[use]
    out[use, 1 + d :] = (covars + mean[:, rows] * mean[:, columns])[use]
    return out, ok


def run(e_step: Callable[..., Any], observations: Floats, weights: Floats | None, jobs: Integers, follows: Integers,
        center: Floats, tied: bool, tol: float, blend: float, floor: Floats, prior_counts: Floats, prior_sums: Floats,
        chain: Floats, moments: Floats, coefficients: Floats, counts: Floats, sums: Floats, scores: Floats, status: Integers,
        history: Floats, final: Floats) -> None:  # fmt: skip
    """Fit every job in its turn; the arguments are those of the backends' `run`."""
    n_states, longest = moments.shape[1], int((jobs[:, 2] - jobs[:, 1]).max(initial=0))
    kind = 1 if tied else 0
    for job in range(len(jobs)):
        p = slice(job, job + 1)
        if follows[job] >= 0:
            chain[job] = (1.0 - blend) * chain[follows[job]] + blend / n_states
            moments[job] = moments[follows[job]]
        now, share = moments[job].copy(), 0.0
        alpha, logs = np.empty((1, longest, n_states)), np.empty((1, longest))
        for i in range(history.shape[1]):
            if i > 0:
                total = counts[job] + prior_counts[job]
                rows = total.sum(axis=1, keepdims=True)
                chain[job] = np.where(rows > 0.0, total / np.where(rows > 0.0, rows, 1.0), chain[job])
                now, share = sums[job].copy(), 1.0
            moments[job], ok = _covariances(now + share * prior_sums[job], moments[job], floor[job], tied)
            one = np.zeros((1, 2)), np.zeros((1, 3), np.int64), np.zeros((1, 1))
            if ok:
                e_step(observations, weights, jobs[p], np.full(1, -1), center[p], kind, True, 0.0, 0.0, False, 1, floor[p],
                       np.zeros(chain[p].shape), np.zeros(moments[p].shape), chain[p], moments[p], coefficients[p], counts[p],
                       sums[p], alpha, logs, *one, final[p])  # fmt: skip
            status[job, 2] = ok and one[1][0, 2]
            if not status[job, 2]:
                break
            given = prior_counts[job] > 0.0
            score = one[0][0, 0] + float((prior_counts[job][given] * np.log(chain[job][given])).sum())
            score += float((prior_sums[job] * coefficients[job]).sum())
            status[job, :2] = i, i > 0 and score - scores[job, 1] < tol
            scores[job] = one[0][0, 0], score
            history[job, i] = score
            if status[job, 1]:
                break
