"""The kernels in numba: plain scalar loops over independent jobs, compiled once and cached.

A job is a stretch [begin, end) of one series, so rolling windows share one array without copies. The recursions are
free of logarithms (Rabiner 1989, section V.A): densities are divided by the largest of their row, forward
probabilities are normalised at each step, and the logarithms of both are summed. The backward pass works on
probabilities alone (Kim 1994).

A chain is one array of n_states + 1 rows: the transitions from each state, then the start. A Gaussian's log-density is
linear in the monomials (1, u_i, u_i u_j) of the centred observation u, so all covariances are one kernel and the M-step
needs the sums of the same monomials. A weight multiplies all monomials of its observation; a missing one (a row with
NaN) weighs nothing: density 1 in every state and no share in the sums. `fastmath` stays off, it would change sums.

What a cold start compiles is what a first bar in the cloud waits for, and each loop, each element of an array and each
branch costs there: few functions, few types, no slices, and of two ways to write a loop the one with fewer.
`python -m benchmarks startup` measures it.
"""

from __future__ import annotations

import gc
import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache

import numpy as np
from numba import njit, typeof
from numba.core import config
from numba.core.compiler_lock import global_compiler_lock

from hidden_regime.kernels import shared_covariance

FULL, SPHERICAL, TIED, GIVEN = 1, 2, 3, 4  # as in `COVARIANCES`
TINY, FARTHEST = 1e-280, 1e300
LOG_2PI = math.log(2.0 * math.pi)
ALIKE = np.ones((1, 1))  # the weights of observations that count once each
_options = {"cache": True, "nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True, "no_rewrites": True}


def _kept(function):
    """Compiled, and kept for the next process where a folder for it can be written: a cloud may have none."""
    try:
        return njit(**_options)(function)
    except RuntimeError:
        return njit(**_options | {"cache": False})(function)


@contextmanager
def _quickly() -> Iterator[None]:
    """Leave out what LLVM does for long loops: those over a few states only get longer by it, and take longer to compile.

    numba has no option for that of one function. Its lock keeps compilations in other threads waiting meanwhile. Of all that a
    compilation allocates nothing can be collected before its end, so nobody looks for it.
    """
    with global_compiler_lock:
        before, collecting = (config.OPT, config.LOOP_VECTORIZE), gc.isenabled()
        config.OPT, config.LOOP_VECTORIZE = type(config.OPT)(min(config.OPT, 1)), 0
        gc.disable()
        try:
            yield
        finally:
            config.OPT, config.LOOP_VECTORIZE = before
            if collecting:
                gc.enable()


@_kept
def _run(observations, weights, jobs, chain, moments, tails, center, floor, prior_counts, prior_sums, coefficients, counts, sums,
         posterior, logs, scores, status, history, final, kind, backward, tol, has_prior, threads, monomials, place, lower,
         inverse, left, variance, peak, density, predicted):  # fmt: skip
    """Everything that needs a forward pass: with no M-step it filters (and with `backward` smooths), otherwise it runs EM.

    It takes the fields of a `Call` (a test compares the names), then scratch. Not the `Call` itself: numba's cache would
    remember the module of its class, and could not be read once that had moved, as in a bundle it may. `posterior` and `logs`
    have a row for each job, or a single one that all jobs share. `sums` come with the start's moments: these take the place of
    sums, so that parameters become coefficients by one formula.

    One function, because LLVM works on a function again wherever another calls it: five that call each other took twice as
    long to compile as one.

    Scratch: monomials (longest, n_monomials); place (n_features + 1, n_features + 1), which monomial u_i u_j is; lower and
    inverse, of its shape, and left and variance (n_features + 1,) are the M-step's; peak (n_states,), each state's log-density
    at its own mean; density (n_states,); predicted (longest, n_states).
    """
    _, n_states, n_monomials = moments.shape
    n_jobs, n_features = center.shape
    _, n_scores = history.shape
    n_iter = n_scores - 1
    alone, w = int(kind != FULL), min(weights.size - 1, 1)  # variances alone; 0 where there are no weights
    for job in range(n_jobs):
        series, begin = jobs[job, 0], jobs[job, 1]
        n = jobs[job, 2] - begin
        row = min(job, len(posterior) - 1)

        # Monomials about the job's center; u_0 = 1. A missing one only gets a weight of 0: nothing else of it is read.
        for t in range(n):
            monomials[t, 0] = weights[w * series, w * (begin + t)]
            m = 1 + n_features
            for i in range(1, n_features + 1):
                value = observations[series, begin + t, i - 1] - center[job, i - 1]
                if math.isnan(value):
                    monomials[t, 0] = 0.0
                monomials[t, i] = value * monomials[t, 0]
                for j in range(1 + alone * (i - 1), i + 1):
                    monomials[t, m] = value * monomials[t, j]
                    m += 1

        for iteration in range(n_iter + 1):
            # M-step: the chain's rows, then the Gaussian of largest likelihood for each state's sums. With the constant u_0 among
            # the features, mean and covariance are one matrix of second moments, factored as L D L': column 0 of L is the mean,
            # and D are the variances of each feature given those before it. Each enters the likelihood by itself, so raising it
            # to the floor gives the best covariance above the floor and EM stays monotone. A state without evidence keeps what
            # it has. `left` is D, `variance` D after it was raised, `inverse` that of L.
            fine = True
            for k in range(n_states + 1):
                if iteration > 0:
                    total = 0.0
                    for j in range(n_states):
                        counts[job, k, j] += prior_counts[job, k, j]
                        total += counts[job, k, j]
                    if total > 0.0:
                        for j in range(n_states):
                            chain[job, k, j] = counts[job, k, j] / total
                if k == n_states:
                    break
                if iteration > 0:
                    for m in range(n_monomials):
                        sums[job, k, m] += prior_sums[job, k, m]
                weight = sums[job, k, 0]
                if weight > 1e-12:
                    constant = -0.5 * n_features * LOG_2PI
                    for i in range(1, n_features + 1):
                        second, value = 0.0, 0.0
                        for j in range(0, i + 1, 1 + alone * (i - 1)):
                            second = sums[job, k, place[i, j]] / weight
                            value = second
                            for p in range(j):
                                value -= lower[i, p] * lower[j, p] * left[p]
                            if j < i:
                                slope = value / left[j] if left[j] > 0.0 else 0.0
                                lower[i, j] = slope
                                inverse[i, j] = -slope
                                for p in range(j):
                                    inverse[i, p] -= slope * inverse[j, p]
                        # Nothing but rounding is left of a feature that those before it determine; to divide by it would make
                        # up a slope. And a variance that collapsed to the rounding of its second moment is no variance, unless
                        # a floor holds it up.
                        left[i] = value if value > 1e-11 * second else 0.0
                        least = floor[job, i - 1]
                        value = max(left[i], least)
                        if not (value > 1e-14 * second or least > 1e-24 * second) or not 0.0 < value < 1e300:
                            fine = False
                            break
                        variance[i] = value
                        constant -= 0.5 * math.log(value)
                        constant -= 0.5 * inverse[i, 0] * inverse[i, 0] / value
                    if not fine:
                        break
                    coefficients[job, k, 0] = constant
                    moments[job, k, 0] = 1.0
                    peak[k] = constant
                    for i in range(1, n_features + 1):
                        for j in range(0, i + 1, 1 + alone * (i - 1)):
                            value, moment = 0.0, 0.0
                            for p in range(n_features, -1, -1):
                                value -= inverse[p, i] * inverse[p, j] / variance[p]
                                moment += lower[i, p] * lower[j, p] * variance[p]
                            if i == j:
                                value *= 0.5
                            coefficients[job, k, place[i, j]] = value
                            moments[job, k, place[i, j]] = moment
                            peak[k] += value * lower[i, 0] * lower[j, 0]
            status[job, 2] = fine
            if not fine:
                break

            # Forward: filtered probabilities into `posterior`, log predictive densities into `logs`.
            likelihood = 0.0
            for t in range(n):
                top = -np.inf
                for k in range(n_states):
                    value = 0.0
                    if kind == GIVEN:
                        value = observations[series, begin + t, k]
                    elif monomials[t, 0] != 0.0:
                        for m in range(n_monomials):
                            value += coefficients[job, k, m] * monomials[t, m]
                        if len(tails):
                            # A Student-t's density is made of the distance, half of which is missing to the peak.
                            distance = 2.0 * (peak[k] - value)
                            distance = max(distance, 0.0) if distance < FARTHEST else FARTHEST
                            half = 0.5 * (tails[job, k, 0] + n_features)
                            value = peak[k] + tails[job, k, 1] - half * math.log1p(distance / tails[job, k, 0])
                    density[k] = value
                    top = max(top, value)
                    value = chain[job, n_states, k]
                    if t > 0:
                        value = 0.0
                        for i in range(n_states):
                            value += posterior[row, t - 1, i] * chain[job, i, k]
                    predicted[t, k] = value
                total = 0.0
                for k in range(n_states):
                    value = predicted[t, k] * math.exp(density[k] - top)
                    posterior[row, t, k] = value
                    total += value
                if total < TINY:
                    # The only states that explain the observation are (nearly) impossible: the same rule in logarithms.
                    top = -np.inf
                    for k in range(n_states):
                        density[k] += math.log(predicted[t, k])
                        top = max(top, density[k])
                    total = 0.0
                    for k in range(n_states):
                        value = math.exp(density[k] - top)
                        posterior[row, t, k] = value
                        total += value
                for k in range(n_states):
                    posterior[row, t, k] /= total
                value = top + math.log(total)
                logs[row, t] = value
                likelihood += value

            # The objective, which a fit's prior is part of; and room for the sums that come next.
            score = likelihood
            for i in range(n_states + 1):
                for j in range(n_states):
                    if prior_counts[job, i, j] > 0.0:
                        score += prior_counts[job, i, j] * math.log(chain[job, i, j])
                    counts[job, i, j] = 0.0
            for k in range(n_states):
                for m in range(n_monomials):
                    score += prior_sums[job, k, m] * coefficients[job, k, m]
                    sums[job, k, m] = 0.0
            if n_iter == 0:
                score = likelihood
            converged = iteration > 0 and score - scores[job, 1] < tol
            status[job, 0], status[job, 1] = iteration, converged
            scores[job, 0], scores[job, 1] = likelihood, score
            history[job, iteration] = score
            last = converged or iteration == n_iter

            # Backward: smoothed probabilities in place of the filtered ones, and the sums under them. Kim's (1994) recursion,
            # smoothed_t(i) = filtered_t(i) sum_j transmat(i, j) smoothed_t+1(j) / predicted_t+1(j), needs no densities, so an
            # observation that nothing explains can't spoil the rows before it. `predicted` comes to hold the quotients.
            if backward or not last:
                for t in range(n - 1, -1, -1):
                    for i in range(n_states):
                        smoothed = posterior[row, t, i]
                        if t < n - 1:
                            filtered, smoothed = smoothed, 0.0
                            for j in range(n_states):
                                value = filtered * chain[job, i, j] * predicted[t + 1, j]
                                counts[job, i, j] += value
                                smoothed += value
                            posterior[row, t, i] = smoothed
                        counts[job, n_states, i] = smoothed
                        predicted[t, i] = smoothed / predicted[t, i] if predicted[t, i] > 0.0 else 0.0
                        if monomials[t, 0] != 0.0:
                            for m in range(n_monomials):
                                sums[job, i, m] += smoothed * monomials[t, m]
            if last:
                for k in range(n_states):
                    final[job, k] = posterior[row, n - 1, k] if n > 0 else chain[job, n_states, k]
                break


@_kept
def _decode(log_densities, n, log_startprob, log_transmat, best, following, came, states):
    """Viterbi's recursion for one job. Ties go to the lower state."""
    _, n_states = log_densities.shape
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


@cache
def _places(n_features: int, full: bool):
    """Which monomial u_i u_j is, for j <= i and u_0 = 1 (where variances are free alone: for j = 0 and j = i); an identity."""
    place = np.zeros((n_features + 1, n_features + 1), np.int64)
    place[:, 0] = np.arange(n_features + 1)
    pairs = [(i, j) for i in range(1, n_features + 1) for j in range(1 if full else i, i + 1)]
    for m, (i, j) in enumerate(pairs, 1 + n_features):
        place[i, j] = m
    return place, np.eye(n_features + 1)


def run(call):
    """`_run` with the scratch that it needs, and its jobs shared among threads."""
    observations = call.observations
    if not observations.flags.writeable:  # another type of array would be another compilation
        observations = observations.copy()
    call = call._replace(observations=observations, weights=call.weights if call.weights.size else ALIKE)
    if call.kind in (SPHERICAL, TIED):
        shared_covariance.run(run, call)
        return
    np.copyto(call.sums, call.moments)
    n_states, n_monomials, n_features, longest = *call.moments.shape[1:], call.center.shape[1], call.longest
    place, one = _places(n_features, call.kind == FULL)

    def part(begin, end):
        own = call if end - begin == len(call.jobs) else call.part(begin, end)
        if not len(own.posterior):
            own = own._replace(posterior=np.empty((1, longest, n_states)), logs=np.empty((1, longest)))
        arguments = (*own, np.empty((longest, n_monomials)), place, one.copy(), one.copy(), *np.ones((2, n_features + 1)),
                     *np.empty((2, n_states)), np.empty((longest, n_states)))  # fmt: skip
        if not _run.overloads:
            with _quickly():
                _run.compile(tuple(map(typeof, arguments)))
        _run(*arguments)

    n_threads = min(call.threads, len(call.jobs))
    if n_threads < 2:
        if len(call.jobs):
            part(0, len(call.jobs))
        return
    edges = np.linspace(0, len(call.jobs), n_threads + 1).astype(int).tolist()
    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(part, edges[:-1], edges[1:]))


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
