"""The kernels in numba: plain scalar loops over independent jobs, compiled once and cached.

A job is a stretch [begin, end) of one series, so rolling windows share one array without copies. The recursions are
free of logarithms (Rabiner 1989, section V.A): densities are divided by the largest of their row, forward
probabilities are normalised at each step, and the logarithms of both are summed. The backward pass works on
probabilities alone (Kim 1994).

A chain is one array of n_states + 1 rows: the transitions from each state, then the start. A Gaussian's log-density is
linear in the monomials (1, u_i, u_i u_j) of the centred observation u, so all covariances are one kernel and the M-step
needs the sums of the same monomials. A weight multiplies all monomials of its observation; a missing one (a row with
NaN) weighs nothing: density 1 in every state and no share in the sums. `fastmath` stays off, it would change sums.

Few functions, few types and no slices: what a cold start compiles must stay under two seconds.
"""

from __future__ import annotations

import itertools
import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit

from hidden_regime.kernels import shared_covariance

FULL, SPHERICAL, TIED, GIVEN = 1, 2, 3, 4  # as in `COVARIANCES`
TINY, FARTHEST = 1e-280, 1e300
LOG_2PI = math.log(2.0 * math.pi)
_outer = {"cache": True, "nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
_inner = _outer | {"no_cpython_wrapper": True, "cache": False}


def _kept(function):
    """Compiled, and kept for the next process where a folder for it can be written: a cloud may have none."""
    try:
        return njit(**_outer)(function)
    except RuntimeError:
        return njit(**_outer | {"cache": False})(function)


@njit(**_inner)
def _expand(observations, weights, series, begin, n, job, center, kind, monomials):
    """Monomials of each observation of a job about the job's center; log-densities are taken as they are."""
    n_features = observations.shape[2]
    for t in range(n):
        if kind == GIVEN:
            for k in range(n_features):
                monomials[t, k] = observations[series, begin + t, k]
            continue
        weight = weights[series, begin + t] if len(weights) else 1.0
        monomials[t, 0] = weight
        m = 1 + n_features
        for i in range(n_features):
            u = observations[series, begin + t, i] - center[job, i]
            if u != u:
                monomials[t, 0] = 0.0
            monomials[t, 1 + i] = weight * u
            for j in range(0 if kind == FULL else i, i + 1):
                monomials[t, m] = u * monomials[t, 1 + j]
                m += 1
        if monomials[t, 0] == 0.0:
            for i in range(m):
                monomials[t, i] = 0.0


@njit(**_inner)
def _forward(monomials, n, chain, coefficients, moments, tails, n_features, job, kind, work, alpha, logs, row):
    """Filtered probabilities into `alpha`, log predictive densities into `logs`. Returns the log-likelihood.

    work[0] holds log-densities, work[1] the predicted probabilities, work[2] each state's log-density at its own mean: what is
    below it is half the squared distance, which a Student-t's density is made of.
    """
    n_states, n_monomials = coefficients.shape[1], coefficients.shape[2]
    likelihood = 0.0
    if len(tails):
        for k in range(n_states):
            work[2, k] = coefficients[job, k, 0]
            m = 1 + n_features
            for i in range(n_features):
                work[2, k] += coefficients[job, k, 1 + i] * moments[job, k, 1 + i]
                for j in range(0 if kind == FULL else i, i + 1):
                    work[2, k] += coefficients[job, k, m] * moments[job, k, 1 + i] * moments[job, k, 1 + j]
                    m += 1
    for t in range(n):
        top = -np.inf
        for k in range(n_states):
            value = monomials[t, k] if kind == GIVEN else 0.0
            if kind != GIVEN:
                for m in range(n_monomials):
                    value += coefficients[job, k, m] * monomials[t, m]
            if len(tails) and monomials[t, 0] != 0.0:
                distance = 2.0 * (work[2, k] - value)
                distance = max(distance, 0.0) if distance < FARTHEST else FARTHEST
                half = 0.5 * (tails[job, k, 0] + n_features)
                value = work[2, k] + tails[job, k, 1] - half * math.log1p(distance / tails[job, k, 0])
            work[0, k] = value
            top = max(top, value)
            if t == 0:
                work[1, k] = chain[job, n_states, k]
            else:
                work[1, k] = 0.0
                for i in range(n_states):
                    work[1, k] += alpha[row, t - 1, i] * chain[job, i, k]
        total = 0.0
        for k in range(n_states):
            alpha[row, t, k] = work[1, k] * math.exp(work[0, k] - top)
            total += alpha[row, t, k]
        if total < TINY:
            # The only states that explain the observation are (nearly) impossible: the same rule in logarithms.
            top = -np.inf
            for k in range(n_states):
                work[0, k] += math.log(work[1, k])
                top = max(top, work[0, k])
            total = 0.0
            for k in range(n_states):
                alpha[row, t, k] = math.exp(work[0, k] - top)
                total += alpha[row, t, k]
        for k in range(n_states):
            alpha[row, t, k] /= total
        logs[row, t] = top + math.log(total)
        likelihood += logs[row, t]
    return likelihood


@njit(**_inner)
def _backward(monomials, n, chain, job, kind, work, alpha, row, counts, sums):
    """Overwrite `alpha` with the smoothed probabilities and sum transitions, first state and monomials under them.

    Kim's (1994) recursion: smoothed_t(i) = filtered_t(i) sum_j transmat(i, j) smoothed_t+1(j) / predicted_t+1(j). It needs
    no densities, so an observation that nothing explains can't spoil the rows before it. work[0] holds the quotients.
    """
    n_states, n_monomials = sums.shape[1], sums.shape[2]
    for k in range(n_states):
        for j in range(n_states):
            counts[job, k, j] = 0.0
        for m in range(n_monomials):
            sums[job, k, m] = 0.0
    for t in range(n - 1, -1, -1):
        if t < n - 1:
            for j in range(n_states):
                predicted = 0.0
                for i in range(n_states):
                    predicted += alpha[row, t, i] * chain[job, i, j]
                work[0, j] = alpha[row, t + 1, j] / predicted if predicted > 0.0 else 0.0
            for i in range(n_states):
                total = 0.0
                for j in range(n_states):
                    value = alpha[row, t, i] * chain[job, i, j] * work[0, j]
                    counts[job, i, j] += value
                    total += value
                alpha[row, t, i] = total
        for k in range(n_states):
            counts[job, n_states, k] = alpha[row, t, k]
            if kind != GIVEN:
                for m in range(n_monomials):
                    sums[job, k, m] += alpha[row, t, k] * monomials[t, m]


@njit(**_inner)
def _maximise(sums, share, prior_sums, floor, job, full, work, matrix, moments, coefficients):
    """Gaussian of largest likelihood for each state's sums of monomials (plus `share` of the prior's).

    Writes its moments and the coefficients of its log-density; False if one is singular. The covariance is factored as
    L D L', whose D are the variances of each feature given those before it. Each enters the likelihood by itself, so
    raising it to the floor gives the best covariance above the floor and EM stays monotone. A state without evidence
    keeps what it has. work[0] is the mean, work[1] the whitened mean, work[2] D before it is raised; matrix[0] holds L
    and D, matrix[1] L's inverse.
    """
    n_states, n_features = moments.shape[1], floor.shape[1]
    for k in range(n_states):
        n = sums[job, k, 0] + share * prior_sums[job, k, 0]
        if n > 1e-12:
            constant = -0.5 * n_features * LOG_2PI
            m = 1 + n_features
            for i in range(n_features):
                work[0, i] = (sums[job, k, 1 + i] + share * prior_sums[job, k, 1 + i]) / n
                work[1, i] = 0.0
                second = 0.0
                for j in range(i + 1):
                    value = 0.0
                    if full or i == j:
                        second = (sums[job, k, m] + share * prior_sums[job, k, m]) / n
                        value = second - work[0, i] * work[0, j]
                        m += 1
                    for p in range(j):
                        value -= matrix[0, i, p] * matrix[0, j, p] * work[2, p]
                    if i == j:
                        # Nothing but rounding is left of a feature that those before it determine; to divide by it would
                        # make up a slope.
                        work[2, i] = value if value > 1e-11 * second else 0.0
                    else:
                        matrix[0, i, j] = value / work[2, j] if work[2, j] > 0.0 else 0.0
                matrix[0, i, i] = max(work[2, i], floor[job, i])
                # A variance that collapsed to the rounding of its second moment is no variance, unless a floor holds it up.
                if not (matrix[0, i, i] > 1e-14 * second or floor[job, i] > 1e-24 * second) or not 0.0 < matrix[0, i, i] < 1e300:
                    return False
                constant -= 0.5 * math.log(matrix[0, i, i])
                for j in range(i + 1):
                    value = 1.0
                    if j < i:
                        value = 0.0
                        for p in range(j, i):
                            value -= matrix[0, i, p] * matrix[1, p, j]
                    matrix[1, i, j] = value
                    work[1, i] += value * work[0, j]
                constant -= 0.5 * work[1, i] * work[1, i] / matrix[0, i, i]
            coefficients[job, k, 0] = constant
            moments[job, k, 0] = 1.0
            m = 1 + n_features
            for i in range(n_features):
                moments[job, k, 1 + i] = work[0, i]
                value = 0.0
                for p in range(i, n_features):
                    value += matrix[1, p, i] * work[1, p] / matrix[0, p, p]
                coefficients[job, k, 1 + i] = value
                for j in range(0 if full else i, i + 1):
                    value = 0.0
                    for p in range(i, n_features):
                        value -= matrix[1, p, i] * matrix[1, p, j] / matrix[0, p, p]
                    coefficients[job, k, m] = 0.5 * value if i == j else value
                    value = matrix[0, i, j] * matrix[0, j, j] if j < i else matrix[0, i, i]
                    for p in range(j):
                        value += matrix[0, i, p] * matrix[0, j, p] * matrix[0, p, p]
                    moments[job, k, m] = value + work[0, i] * work[0, j]
                    m += 1
    return True


@_kept
def _run(observations, weights, jobs, chain, moments, tails, center, floor, prior_counts, prior_sums, coefficients, counts, sums,
         posterior, logs, scores, status, history, final, kind, backward, tol, has_prior, threads, monomials, work,
         matrix):  # fmt: skip
    """Everything that needs a forward pass, in one function, so that a cold start compiles the recursions once.

    With no M-step it filters (and with `backward` smooths and sums statistics); otherwise it runs EM. `posterior` and
    `logs` have a row for each job, or a single one that all jobs share.

    It takes the fields of a `Call` (a test compares the names), then scratch. Not the `Call` itself: numba's cache would
    remember the module of its class, and could not be read once that had moved, as in a bundle it may.
    """
    n_iter = history.shape[1] - 1
    n_states, n_monomials = moments.shape[1], moments.shape[2]
    for job in range(jobs.shape[0]):
        n = jobs[job, 2] - jobs[job, 1]
        row = job if posterior.shape[0] > 1 else 0
        _expand(observations, weights, jobs[job, 0], jobs[job, 1], n, job, center, kind, monomials)
        for iteration in range(n_iter + 1):
            if iteration > 0:
                for i in range(n_states + 1):
                    total = 0.0
                    for j in range(n_states):
                        total += counts[job, i, j] + prior_counts[job, i, j]
                    for j in range(n_states):
                        if total > 0.0:
                            chain[job, i, j] = (counts[job, i, j] + prior_counts[job, i, j]) / total
            # The start's own moments take the place of sums, so that parameters become coefficients by one formula.
            if iteration == 0:
                for k in range(n_states):
                    for m in range(n_monomials):
                        sums[job, k, m] = moments[job, k, m]
            share = 1.0 if iteration > 0 else 0.0
            status[job, 2] = kind == GIVEN or _maximise(
                sums, share, prior_sums, floor, job, kind == FULL, work, matrix, moments, coefficients
            )
            if not status[job, 2]:
                break
            score = _forward(monomials, n, chain, coefficients, moments, tails, observations.shape[2], job, kind, work,
                             posterior, logs, row)  # fmt: skip
            scores[job, 0] = score
            if n_iter > 0:
                for i in range(n_states + 1):
                    for j in range(n_states):
                        if prior_counts[job, i, j] > 0.0:
                            score += prior_counts[job, i, j] * math.log(chain[job, i, j])
                for k in range(n_states):
                    for m in range(n_monomials):
                        score += prior_sums[job, k, m] * coefficients[job, k, m]
            status[job, 0] = iteration
            status[job, 1] = iteration > 0 and score - scores[job, 1] < tol
            scores[job, 1] = score
            history[job, iteration] = score
            last = status[job, 1] or iteration == n_iter
            if backward or not last:
                _backward(monomials, n, chain, job, kind, work, posterior, row, counts, sums)
            if last:
                for k in range(n_states):
                    final[job, k] = posterior[row, n - 1, k] if n > 0 else chain[job, n_states, k]
                break


@_kept
def _decode(log_densities, n, log_startprob, log_transmat, best, following, came, states):
    """Viterbi's recursion for one job. Ties go to the lower state."""
    n_states = log_densities.shape[1]
    for t in range(n):
        for j in range(n_states):
            top, origin = log_startprob[j], 0
            if t > 0:
                top = best[0] + log_transmat[0, j]
                for i in range(1, n_states):
                    if best[i] + log_transmat[i, j] > top:
                        top, origin = best[i] + log_transmat[i, j], i
            came[t, j] = origin
            following[j] = top + log_densities[t, j]
        for j in range(n_states):
            best[j] = following[j]
    last = 0
    for k in range(n_states):
        if best[k] > best[last]:
            last = k
    top = best[last]
    for t in range(n - 1, -1, -1):
        states[t] = last
        last = came[t, last]
    return top


def run(call):
    """`_run` with the scratch that it needs, and its jobs shared among threads."""
    if not call.observations.flags.writeable:  # another type of array would be another compilation
        call = call._replace(observations=call.observations.copy())
    if call.kind in (SPHERICAL, TIED):
        shared_covariance.run(run, call)
        return
    n_states, n_monomials, n_features, longest = *call.moments.shape[1:], call.observations.shape[2], call.longest

    def part(begin, end):
        own = call if end - begin == len(call.jobs) else call.part(begin, end)
        if not len(own.posterior):
            own = own._replace(posterior=np.empty((1, longest, n_states)), logs=np.empty((1, longest)))
        _run(*own, np.empty((longest, max(n_monomials, n_states))), np.empty((3, max(n_states, n_features))),
             np.empty((2, n_features, n_features)))  # fmt: skip

    edges = np.linspace(0, len(call.jobs), max(min(call.threads, len(call.jobs)), 1) + 1).astype(int)
    spans = [(begin, end) for begin, end in itertools.pairwise(edges.tolist()) if end > begin]
    if len(spans) < 2:
        for span in spans:
            part(*span)
        return
    with ThreadPoolExecutor(len(spans)) as pool:
        list(pool.map(lambda span: part(*span), spans))


def overlaps(first, second, out):
    """Sums over the rows of products of both tables' columns into `out`; numpy has it, so nothing need be compiled."""
    for i in range(first.shape[2]):
        out[:, i] = (first[:, :, i, None] * second[:, : first.shape[1]]).sum(axis=1)


def decode(log_densities, lengths, log_startprob, log_transmat, states, log_probability):
    """Viterbi's path of each job into `states`, its log-probability into `log_probability`."""
    n_jobs, longest, n_states = log_densities.shape
    came = np.empty((longest, n_states), np.int64)
    for job in range(n_jobs):
        log_probability[job] = _decode(
            log_densities[job], lengths[job], log_startprob[job], log_transmat[job], *np.zeros((2, n_states)), came, states[job]
        )
