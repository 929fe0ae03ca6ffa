"""The kernels' functions: arrays in, named tuples out. They allocate and convert; the loops are in `compiled`."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

import numpy as np

from hidden_regime.kernels import compiled
from hidden_regime.kernels.results import (
    Decoded,
    Filtered,
    Fit,
    Floats,
    Integers,
    Prior,
    Smoothed,
    Statistics,
    Step,
)


class _Outcome(NamedTuple):
    chain: Floats
    moments: Floats
    coefficients: Floats
    center: Floats
    counts: Floats
    sums: Floats
    posterior: Floats
    logs: Floats
    scores: Floats
    status: Integers
    history: Floats


def no_prior(n_jobs: int, n_states: int, n_features: int) -> Prior:
    """A prior that says nothing."""
    return Prior(
        np.zeros((n_jobs, n_states)),
        np.zeros((n_jobs, n_states, n_states)),
        np.zeros((n_jobs, n_states)),
        np.zeros((n_jobs, n_states, n_features)),
        np.zeros((n_jobs, n_states, n_features, n_features)),
    )


def _n_monomials(n_features: int, full: bool) -> int:
    return 1 + n_features + (n_features * (n_features + 1) // 2 if full else n_features)


def _to_moments(weight: Floats | None, means: Floats, covars: Floats, center: Floats, full: bool) -> Floats:
    """Sums of the monomials (1, u_i, u_i u_j) of `weight` observations, or of one, with these means and covariances."""
    n_features = means.shape[-1]
    u = means - center[:, None, :]
    out = np.empty((*means.shape[:-1], _n_monomials(n_features, full)))
    out[..., 0] = 1.0
    out[..., 1 : 1 + n_features] = u
    m = 1 + n_features
    for i in range(n_features):
        for j in range(0 if full else i, i + 1):
            out[..., m] = covars[..., i, j] + u[..., i] * u[..., j]
            m += 1
    return out if weight is None else out * weight[..., None]


def _from_moments(sums: Floats, center: Floats, full: bool) -> tuple[Floats, Floats, Floats]:
    """Weight, means and covariances from sums of monomials; where there is no weight, zeros."""
    n_features = center.shape[-1]
    weight = sums[..., 0]
    mean = sums / np.where(weight > 0.0, weight, 1.0)[..., None]
    u = mean[..., 1 : 1 + n_features]
    covars = np.zeros((*weight.shape, n_features, n_features))
    m = 1 + n_features
    for i in range(n_features):
        for j in range(0 if full else i, i + 1):
            covars[..., i, j] = mean[..., m] - u[..., i] * u[..., j]
            covars[..., j, i] = covars[..., i, j]
            m += 1
    return weight, u + center[:, None, :], covars


def _longest(jobs: Integers) -> int:
    return int((jobs[:, 2] - jobs[:, 1]).max()) if len(jobs) else 0


def _recursions(observations: Floats, jobs: Integers, startprob: Floats, transmat: Floats, means: Floats, covars: Floats, *,
                full: bool, backward: bool, keep: bool, prior: Prior | None = None, n_iter: int = 0, tol: float = 0.0,
                floor: Floats | None = None) -> _Outcome:  # fmt: skip
    """Allocate everything and call the one compiled function; `keep` the probabilities of each job."""
    n_jobs, n_states, n_features = means.shape
    longest = _longest(jobs)
    center = means.sum(axis=1) / n_states
    moments = _to_moments(None, means, covars, center, full)
    sums = np.zeros(moments.shape)
    prior_counts, prior_sums = np.zeros((n_jobs, n_states + 1, n_states)), np.zeros(moments.shape)
    if prior is not None:
        prior_counts[:, :-1], prior_counts[:, -1] = prior.transmat, prior.startprob
        prior_sums[:] = _to_moments(prior.weight, prior.means, prior.covars, center, full)
    posterior = np.full((n_jobs if keep else 1, longest, n_states), np.nan)
    width = max(n_states, n_features)
    chain = np.concatenate([transmat, startprob[:, None]], axis=1)
    out = _Outcome(
        chain, moments, np.zeros(moments.shape), center, np.zeros(chain.shape), sums, posterior,
        np.full(posterior.shape[:2], np.nan), np.full((n_jobs, 2), np.nan), np.zeros((n_jobs, 3), np.int64),
        np.full((n_jobs, n_iter + 1), np.nan))  # fmt: skip
    compiled._run(
        np.ascontiguousarray(observations, dtype=np.float64), np.ascontiguousarray(jobs, dtype=np.int64), center, full,
        backward, n_iter, tol, np.zeros((n_jobs, n_features)) if floor is None else np.ascontiguousarray(floor),
        prior_counts, prior_sums, out.chain, out.moments,
        out.coefficients, out.counts, out.sums, out.posterior, out.logs, out.scores, out.status, out.history,
        np.empty((longest, moments.shape[2])), np.empty((3, width)),
        np.empty((2, n_features, n_features)))  # fmt: skip
    return out


def _pass(observations: Floats, jobs: Integers, startprob: Floats, transmat: Floats, means: Floats, covars: Floats,
          full: bool, backward: bool, keep: bool) -> _Outcome:  # fmt: skip
    # Parameters become moments and variances again; a state far narrower than it is remote would lose its variance to
    # rounding without a floor at what it has.
    variances = np.einsum("...ii->...i", covars)
    if full:
        with suppress(np.linalg.LinAlgError):
            variances = np.einsum("...ii->...i", np.linalg.cholesky(covars)) ** 2
    floor = np.maximum(variances.min(axis=1), 0.0)
    out = _recursions(
        observations, jobs, startprob, transmat, means, covars, full=full, backward=backward, keep=keep, floor=floor
    )
    if not out.status[:, 2].all() or (variances <= 0.0).any():
        raise np.linalg.LinAlgError(f"covars of job {int(np.argmin(out.status[:, 2]))} are not positive definite")
    return out


def fit(observations: Floats, jobs: Integers, startprob: Floats, transmat: Floats, means: Floats, covars: Floats,
        prior: Prior, *, full: bool, n_iter: int, tol: float, floor: Floats) -> Fit:  # fmt: skip
    """Expectation-maximisation of each job from its own start.

    Parameters
    ----------
    observations : (n_series, n_samples, n_features)
        Float64; rows with NaN are missing.
    jobs : (n_jobs, 3) int64
        Series, begin and end of each window.
    startprob, transmat, means, covars
        Starting values with a leading axis of jobs; `covars` (n_jobs, n_states, n_features, n_features).
    prior : Prior
        Pseudo-counts; `no_prior` for maximum likelihood.
    full : bool
        Whether covariances between features are free.
    n_iter : int
        Largest number of M-steps.
    tol : float
        Stop when the objective gains less than this, in nats.
    floor : (n_jobs, n_features)
        Least variance of each feature given those before it.
    """
    out = _recursions(observations, jobs, startprob, transmat, means, covars, full=full, backward=False, keep=False,
                      prior=prior, n_iter=n_iter, tol=tol, floor=floor)  # fmt: skip
    _, fitted, spread = _from_moments(out.moments, out.center, full)
    n_iter_, converged, ok = out.status.T
    return Fit(out.chain[:, -1], out.chain[:, :-1], fitted, spread, out.scores[:, 0], out.scores[:, 1], n_iter_,
               converged > 0, ok > 0, out.history)  # fmt: skip


def filter(observations: Floats, jobs: Integers, startprob: Floats, transmat: Floats, means: Floats, covars: Floats, *,
           full: bool) -> Filtered:  # fmt: skip
    """Filtered probabilities of each job. Shapes as in `fit`."""
    out = _pass(observations, jobs, startprob, transmat, means, covars, full, False, True)
    return Filtered(out.posterior, out.logs)


def smooth(observations: Floats, jobs: Integers, startprob: Floats, transmat: Floats, means: Floats, covars: Floats, *,
           full: bool) -> Smoothed:  # fmt: skip
    """Smoothed probabilities of each job (hindsight). Shapes as in `fit`."""
    out = _pass(observations, jobs, startprob, transmat, means, covars, full, True, True)
    return Smoothed(out.posterior, out.logs)


def statistics(observations: Floats, jobs: Integers, startprob: Floats, transmat: Floats, means: Floats, covars: Floats, *,
               full: bool) -> Statistics:  # fmt: skip
    """Expected sufficient statistics of each job. Shapes as in `fit`."""
    out = _pass(observations, jobs, startprob, transmat, means, covars, full, True, False)
    return Statistics(out.counts[:, -1], out.counts[:, :-1], *_from_moments(out.sums, out.center, full))


def decode(observations: Floats, jobs: Integers, startprob: Floats, transmat: Floats, means: Floats, covars: Floats, *,
           full: bool) -> Decoded:  # fmt: skip
    """Viterbi's most probable path of each job (hindsight); ties go to the lower state. Shapes as in `fit`."""
    n_jobs, n_states, _ = means.shape
    longest = _longest(jobs)
    states, log_probability = np.full((n_jobs, longest), -1, np.int64), np.full(n_jobs, np.nan)
    with np.errstate(divide="ignore"):
        log_startprob, log_transmat = np.log(startprob), np.log(transmat)
    # Coefficients of the log-densities come from a filter over nothing: one formula for every kernel.
    empty = jobs.copy()
    empty[:, 2] = empty[:, 1]
    out = _pass(observations, empty, startprob, transmat, means, covars, full, False, True)
    for job, (series, begin, end) in enumerate(jobs):
        x = observations[series, begin:end]
        rows = _to_moments(None, x[None], np.zeros((*x.shape, x.shape[1]))[None], out.center[[job]], full)
        rows[np.isnan(rows).any(axis=2)] = 0.0
        log_probability[job] = compiled._decode(
            np.ascontiguousarray(rows[0] @ out.coefficients[job].T), end - begin, log_startprob[job], log_transmat[job],
            *np.empty((2, n_states)), np.empty((longest, n_states), np.int64), states[job])  # fmt: skip
    return Decoded(states, log_probability)


def step(observations: Floats, probabilities: Floats, transmat: Floats, means: Floats, covars: Floats, *, full: bool,
         first: bool = False) -> Step:  # fmt: skip
    """One filter step of many series at once, equal bit for bit to the same row of `filter`.

    Parameters
    ----------
    observations : (n_series, n_features)
        The newest observation of each series.
    probabilities : (n_series, n_states)
        Filtered probabilities of the step before; with `first`, startprob.
    """
    n_series, n_states = probabilities.shape
    predicted = probabilities
    if not first:
        predicted = np.zeros((n_series, n_states))
        for i in range(n_states):  # the compiled recursion's order of summation
            predicted += probabilities[:, i, None] * transmat[:, i]
    jobs = np.zeros((n_series, 3), np.int64)
    jobs[:, 0], jobs[:, 2] = np.arange(n_series), 1
    out = _pass(observations[:, None], jobs, predicted, transmat, means, covars, full, False, True)
    return Step(out.posterior[:, 0], out.logs[:, 0])
