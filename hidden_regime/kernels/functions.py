"""The kernels' functions: arrays in, named tuples out. They allocate and convert; the loops are in the backend."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from hidden_regime.kernels import backends
from hidden_regime.kernels.call import COVARIANCES, Call
from hidden_regime.kernels.results import (
    Booleans,
    Decoded,
    Filtered,
    Fit,
    Floats,
    Integers,
    Prior,
    Smoothed,
    Step,
)

_GIVEN = len(COVARIANCES)
_NO_WEIGHTS = np.empty((0, 0))


def no_prior(n_jobs: int, n_states: int, n_features: int) -> Prior:
    """A prior that says nothing."""
    return Prior(
        np.zeros((n_jobs, n_states)),
        np.zeros((n_jobs, n_states, n_states)),
        np.zeros((n_jobs, n_states)),
        np.zeros((n_jobs, n_states, n_features)),
        np.zeros((n_jobs, n_states, n_features, n_features)),
    )


@cache
def _constant(degrees: float, n_features: int) -> float:
    half = 0.5 * n_features
    return math.lgamma(0.5 * degrees + half) - math.lgamma(0.5 * degrees) + half * math.log(2.0 / degrees)


def tails(degrees: Floats, n_features: int) -> Floats:
    """What makes Student-t densities of Gaussian ones, for `filter`, `smooth` and `step`.

    With the squared Mahalanobis distance D of an observation of d features by the matrix S, which is then a scale and no
    covariance, and nu degrees of freedom::

        log t(x) = log N(mean; mean, S) + c - (nu + d) / 2 log(1 + D / nu)
        c = lgamma((nu + d) / 2) - lgamma(nu / 2) + d / 2 log(2 / nu)

    Parameters
    ----------
    degrees : (..., n_states)
    n_features : int

    Returns
    -------
    (..., n_states, 2)
        nu and c.
    """
    out = np.empty((*degrees.shape, 2))
    out[..., 0] = degrees
    out[..., 1] = np.array([_constant(nu, n_features) for nu in degrees.ravel().tolist()]).reshape(degrees.shape)
    return out


def _is_full(covariance_type: str) -> bool:
    return covariance_type in ("full", "tied")


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


def _unknown(*shape: int) -> Floats:
    """NaN everywhere: `np.full` in half the time, which a call for one row feels."""
    out = np.empty(shape)
    out.fill(np.nan)
    return out


def _run(observations: Floats, jobs: Integers, chain: Floats, moments: Floats, center: Floats, *, kind: int, backward: bool,
         keep: bool, floor: Floats, prior_counts: Floats | None = None, prior_sums: Floats | None = None, n_iter: int = 0,
         tol: float = 0.0, weights: Floats | None = None, tails: Floats | None = None, threads: int = 1) -> Call:  # fmt: skip
    """Allocate everything and call the backend; `keep` the probabilities of each job. What else there is, `Call` says."""
    n_jobs, n_states = moments.shape[:2]
    lengths = jobs[:, 2] - jobs[:, 1]
    longest = int(lengths.max()) if n_jobs else 0
    posterior = np.empty((n_jobs if keep else 0, longest, n_states))
    logs = np.empty(posterior.shape[:2])
    if keep and n_jobs and lengths.min() < longest:
        posterior[:], logs[:] = np.nan, np.nan
    call = Call(
        observations=np.ascontiguousarray(observations, dtype=np.float64),
        weights=_NO_WEIGHTS if weights is None else np.ascontiguousarray(weights, np.float64),
        jobs=np.ascontiguousarray(jobs, dtype=np.int64),
        chain=chain,
        moments=moments,
        tails=np.empty((0, n_states, 2)) if tails is None else np.ascontiguousarray(tails, np.float64),
        center=center,
        floor=np.ascontiguousarray(floor, np.float64),
        prior_counts=np.zeros(chain.shape) if prior_counts is None else prior_counts,
        prior_sums=np.zeros(moments.shape) if prior_sums is None else prior_sums,
        coefficients=np.zeros(moments.shape),
        counts=np.zeros(chain.shape),
        sums=np.zeros(moments.shape),
        posterior=posterior,
        logs=logs,
        scores=_unknown(n_jobs, 2),
        status=np.zeros((n_jobs, 3), np.int64),
        history=_unknown(n_jobs, n_iter + 1),
        final=_unknown(n_jobs, n_states),
        kind=kind,
        backward=backward,
        tol=float(tol),
        has_prior=prior_counts is not None,
        threads=int(threads),
    )
    backends.module().run(call)
    return call


def _chain(startprob: Floats, transmat: Floats) -> Floats:
    return np.concatenate([transmat, startprob[:, None]], axis=1)


def _conditional_variances(covars: Floats) -> Floats:
    """Variance of each feature given those before it (D of L D L'), of matrices with leading axes; at most 0 if it has none."""
    n = covars.shape[-1]
    lower, out = np.zeros(covars.shape), np.zeros(covars.shape[:-1])
    for i in range(n):
        for j in range(i):
            value = covars[..., i, j] - (lower[..., i, :j] * lower[..., j, :j] * out[..., :j]).sum(axis=-1)
            lower[..., i, j] = value / np.where(out[..., j] == 0.0, 1.0, out[..., j])
        out[..., i] = covars[..., i, i] - (lower[..., i, :i] ** 2 * out[..., :i]).sum(axis=-1)
    return out


def _pass_where_possible(observations: Floats, jobs: Integers, startprob: Floats, transmat: Floats, means: Floats,
                         covars: Floats, covariance_type: str, backward: bool, keep: bool, tails: Floats | None,
                         threads: int = 1) -> tuple[Call, Booleans]:  # fmt: skip
    """A pass over each job, and where its covariances are positive definite."""
    # Parameters become moments and variances again; a state far narrower than it is remote would lose its variance to
    # rounding without a floor at what it has.
    full = _is_full(covariance_type)
    variances = _conditional_variances(covars) if full else np.diagonal(covars, axis1=-2, axis2=-1)
    center = means.sum(axis=1) / means.shape[1]
    floor = variances.min(axis=1)
    out = _run(observations, jobs, _chain(startprob, transmat), _to_moments(None, means, covars, center, full), center,
               kind=int(full), backward=backward, keep=keep, floor=np.maximum(floor, 0.0), tails=tails,
               threads=threads)  # fmt: skip
    return out, (out.status[:, 2] > 0) & (floor > 0.0).all(axis=1)


def _pass(observations: Floats, jobs: Integers, startprob: Floats, transmat: Floats, means: Floats, covars: Floats,
          covariance_type: str, backward: bool, keep: bool, tails: Floats | None) -> Call:  # fmt: skip
    out, ok = _pass_where_possible(observations, jobs, startprob, transmat, means, covars, covariance_type, backward, keep, tails)
    if not ok.all():
        raise np.linalg.LinAlgError(f"covars of job {int(np.argmin(ok))} are not positive definite")
    return out


def fit(observations: Floats, jobs: Integers, startprob: Floats, transmat: Floats, means: Floats, covars: Floats,
        prior: Prior | None, *, covariance_type: str, n_iter: int, tol: float, floor: Floats, weights: Floats | None = None,
        threads: int = 1) -> Fit:  # fmt: skip
    """Expectation-maximisation of each job from its own start. A job's result depends on no other job.

    Parameters
    ----------
    observations : (n_series, n_samples, n_features)
        Float64; rows with NaN are missing.
    jobs : (n_jobs, 3) int64
        Series, begin and end of each window: rolling windows share one array without copies.
    startprob, transmat, means, covars
        Starting values with a leading axis of jobs; `covars` (n_jobs, n_states, n_features, n_features).
    prior : Prior or None
        Pseudo-counts; None for maximum likelihood.
    covariance_type : str
        One of `COVARIANCES`.
    n_iter : int
        Largest number of M-steps.
    tol : float
        Stop when the objective gains less than this, in nats.
    floor : (n_jobs, n_features)
        Least variance of each feature given those before it.
    weights : (n_series, n_samples), optional
        The power to which each observation's density is raised: 0 for one that is missing, 1 for one that counts.
    threads : int
        Threads that share the jobs.
    """
    full = _is_full(covariance_type)
    center = means.sum(axis=1) / means.shape[1]
    counts = sums = None
    if prior is not None:
        counts = _chain(prior.startprob, prior.transmat)
        sums = _to_moments(prior.weight, prior.means, prior.covars, center, full)
    out = _run(observations, jobs, _chain(startprob, transmat), _to_moments(None, means, covars, center, full), center,
               kind=COVARIANCES.index(covariance_type), backward=False, keep=False, floor=floor, prior_counts=counts,
               prior_sums=sums, n_iter=n_iter, tol=tol, weights=weights, threads=threads)  # fmt: skip
    _, fitted, spread = _from_moments(out.moments, out.center, full)
    n_iter_, converged, ok = out.status.T
    return Fit(out.chain[:, -1], out.chain[:, :-1], fitted, spread, out.scores[:, 0], out.scores[:, 1], n_iter_,
               converged > 0, ok > 0, out.history, out.final)  # fmt: skip


def filter(observations: Floats, jobs: Integers, startprob: Floats, transmat: Floats, means: Floats, covars: Floats, *,
           covariance_type: str, tails: Floats | None = None) -> Filtered:  # fmt: skip
    """Filtered probabilities of each job, by the recursion of `reference.filter_densities`. Shapes as in `fit`.

    With `tails` (n_jobs, n_states, 2), which the function of this name makes, densities are Student-t and `covars` their scales.
    """
    out = _pass(observations, jobs, startprob, transmat, means, covars, covariance_type, False, True, tails)
    return Filtered(out.posterior, out.logs)


def smooth(observations: Floats, jobs: Integers, startprob: Floats, transmat: Floats, means: Floats, covars: Floats, *,
           covariance_type: str, tails: Floats | None = None) -> Smoothed:  # fmt: skip
    """Smoothed probabilities of each job (hindsight), by `reference.smooth_filtered`. Shapes and tails as in `filter`."""
    out = _pass(observations, jobs, startprob, transmat, means, covars, covariance_type, True, True, tails)
    return Smoothed(out.posterior, out.logs)


def smooth_where_possible(observations: Floats, jobs: Integers, startprob: Floats, transmat: Floats, means: Floats,
                          covars: Floats, *, covariance_type: str, tails: Floats | None = None,
                          threads: int = 1) -> tuple[Smoothed, Booleans]:  # fmt: skip
    """As `smooth`; and which jobs have positive definite covariances (n_jobs,): the rows of the others mean nothing."""
    out, ok = _pass_where_possible(observations, jobs, startprob, transmat, means, covars, covariance_type, True, True, tails,
                                   threads)  # fmt: skip
    return Smoothed(out.posterior, out.logs), ok


def _given(log_densities: Floats, jobs: Integers, startprob: Floats, transmat: Floats, backward: bool) -> Call:
    n_jobs, n_states = startprob.shape
    nothing, empty = np.zeros((n_jobs, n_states, 1)), np.zeros((n_jobs, 0))
    return _run(log_densities, jobs, _chain(startprob, transmat), nothing, empty, kind=_GIVEN, backward=backward, keep=True,
                floor=empty)  # fmt: skip


def filter_densities(log_densities: Floats, jobs: Integers, startprob: Floats, transmat: Floats) -> Filtered:
    """Filtered probabilities where the emissions are anything: from log p(x_t | state), (n_series, n_samples, n_states)."""
    out = _given(log_densities, jobs, startprob, transmat, False)
    return Filtered(out.posterior, out.logs)


def smooth_densities(
    log_densities: Floats, jobs: Integers, startprob: Floats, transmat: Floats
) -> tuple[Smoothed, Floats, Floats]:
    """Smoothed probabilities, expected first states (n_jobs, n_states) and transitions (n_jobs, n_states, n_states)."""
    out = _given(log_densities, jobs, startprob, transmat, True)
    return Smoothed(out.posterior, out.logs), out.counts[:, -1], out.counts[:, :-1]


def decode_densities(log_densities: Floats, jobs: Integers, log_startprob: Floats, log_transmat: Floats) -> Decoded:
    """Path of the largest sum of log-densities and logarithms of the chain; ties go to the lower state.

    With negative losses and jump penalties in place of the logarithms it is the dynamic programme of a jump model.
    """
    lengths = jobs[:, 2] - jobs[:, 1]
    longest = int(lengths.max()) if len(jobs) else 0
    rows = np.zeros((len(jobs), longest, log_startprob.shape[1]))
    for job, (series, begin, end) in enumerate(jobs):
        rows[job, : end - begin] = log_densities[series, begin:end]
    states, log_probability = np.full((len(jobs), longest), -1, np.int64), np.full(len(jobs), np.nan)
    backends.module().decode(rows, np.ascontiguousarray(lengths), np.ascontiguousarray(log_startprob),
                           np.ascontiguousarray(log_transmat), states, log_probability)  # fmt: skip
    return Decoded(states, log_probability)


def overlaps(first: Floats, second: Floats) -> Floats:
    """Expected number of rows that two models give to each pair of their states, (n, n_states, n_states).

    Parameters
    ----------
    first, second : (n, n_samples, n_states)
        Probabilities of the states of both models. Rows that only the second has don't count.
    """
    out = np.zeros((len(first), first.shape[2], second.shape[2]))
    backends.module().overlaps(np.ascontiguousarray(first), np.ascontiguousarray(second), out)
    return out


def sample_states(startprob: Floats, transmat: Floats, uniforms: Floats) -> Integers:
    """Paths of the chain, one for each row of uniform numbers.

    Parameters
    ----------
    startprob : (n_states,)
    transmat : (n_states, n_states)
    uniforms : (n_paths, n_samples)
        In [0, 1).
    """
    n_paths, n_samples = uniforms.shape
    states, last = np.empty((n_paths, n_samples), np.int64), len(startprob) - 1
    first, after = np.cumsum(startprob), np.cumsum(transmat, axis=1)
    for t in range(n_samples):
        edges = first[None] if t == 0 else after[states[:, t - 1]]
        states[:, t] = np.minimum((uniforms[:, t, None] >= edges).sum(axis=1), last)
    return states


def step(observations: Floats, probabilities: Floats, transmat: Floats, means: Floats, covars: Floats, *, covariance_type: str,
         tails: Floats | None = None, first: bool = False) -> Step:  # fmt: skip
    """One filter step of many series at once, equal bit for bit to the same row of `filter`, tails as there.

    Parameters
    ----------
    observations : (n_series, n_features)
        The newest observation of each series.
    probabilities : (n_series, n_states)
        Filtered probabilities of the step before; with `first`, startprob.
    """
    n_series, n_states = probabilities.shape
    backend = backends.module()
    # C++ alone has it; sums of more numbers take another order in numpy.
    if backends.backend() == "native" and n_states < 8 and means.shape[2] < 8:
        filtered, logs, ok = np.empty((n_series, n_states)), np.empty(n_series), np.empty(n_series, np.int64)
        tails = np.empty((0, n_states, 2)) if tails is None else tails
        arrays = (np.ascontiguousarray(a, np.float64) for a in (observations, probabilities, transmat, means, covars, tails))
        backend.step(*arrays, _is_full(covariance_type), first, filtered, logs, ok)
        if not ok.all():
            raise np.linalg.LinAlgError(f"covars of series {int(np.argmin(ok))} are not positive definite")
        return Step(filtered, logs)
    predicted = probabilities
    if not first:
        predicted = np.zeros((n_series, n_states))
        for i in range(n_states):  # the recursion's order of summation
            predicted += probabilities[:, i, None] * transmat[:, i]
    jobs = np.zeros((n_series, 3), np.int64)
    jobs[:, 0], jobs[:, 2] = np.arange(n_series), 1
    out = _pass(observations[:, None], jobs, predicted, transmat, means, covars, covariance_type, False, True, tails)
    return Step(out.posterior[:, 0], out.logs[:, 0])
