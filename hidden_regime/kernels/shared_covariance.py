"""EM with covariances that states or features share, over numba's E-step.

These two kinds stay out of the compiled loop: every strategy would pay for their compilation at each cold start, and few
use them. The answers are the C++ kernels'.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hidden_regime.kernels.call import COVARIANCES, Call
from hidden_regime.kernels.results import Floats


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


def run(e_step: Callable[[Call], Any], call: Call) -> None:
    """Fit every job in its turn.

    Parameters
    ----------
    e_step : callable
        Filters and smooths a call of one job, and sums its statistics.
    call : Call
    """
    tied = call.kind == COVARIANCES.index("tied")
    for job in range(len(call.jobs)):
        _fit(e_step, call.part(job, job + 1), tied)


def _fit(e_step: Callable[[Call], Any], job: Call, tied: bool) -> None:
    """Fit a call of one job."""
    shape = (1, job.longest, job.moments.shape[1])
    chain, moments, floor, prior_counts, prior_sums = (
        part[0] for part in (job.chain, job.moments, job.floor, job.prior_counts, job.prior_sums)
    )
    inner = job._replace(
        kind=COVARIANCES.index("full" if tied else "diag"), backward=True, tol=0.0, has_prior=False, threads=1,
        prior_counts=np.zeros(job.chain.shape), prior_sums=np.zeros(job.moments.shape), posterior=np.empty(shape),
        logs=np.empty(shape[:2]), scores=np.zeros((1, 2)), status=np.zeros((1, 3), np.int64),
        history=np.zeros((1, 1)))  # fmt: skip
    now, share = moments.copy(), 0.0
    for i in range(job.history.shape[1]):
        if i > 0:
            total = job.counts[0] + prior_counts
            rows = total.sum(axis=1, keepdims=True)
            chain[:] = np.where(rows > 0.0, total / np.where(rows > 0.0, rows, 1.0), chain)
            now, share = job.sums[0].copy(), 1.0
        moments[:], ok = _covariances(now + share * prior_sums, moments, floor, tied)
        if ok:
            e_step(inner)
        job.status[0, 2] = ok and inner.status[0, 2]
        if not job.status[0, 2]:
            return
        given = prior_counts > 0.0
        score = inner.scores[0, 0] + float((prior_counts[given] * np.log(chain[given])).sum())
        score += float((prior_sums * job.coefficients[0]).sum())
        job.status[0, :2] = i, i > 0 and score - job.scores[0, 1] < job.tol
        job.scores[0] = inner.scores[0, 0], score
        job.history[0, i] = score
        if job.status[0, 1]:
            return
