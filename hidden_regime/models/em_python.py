"""Expectation-maximisation for what the fast kernels leave out: Student-t emissions, single missing features, several sequences.

The E-step's recursions are the kernels'. A Student-t is a Gaussian whose precision has a gamma-distributed factor u (Liu and
Rubin 1995, "ML estimation of the t distribution using EM and its extensions, ECM and ECME", Statistica Sinica 5); a missing
feature is a second thing to expect. Both make the M-step one of weighted moments. Weights are powers of the densities.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq
from scipy.special import digamma, gammaln

from hidden_regime import kernels
from hidden_regime.kernels.pooled import raised
from hidden_regime.kernels.results import Floats
from hidden_regime.models.densities import log_densities, patterns
from hidden_regime.models.parameters import Evidence, Parameters

if TYPE_CHECKING:
    from hidden_regime.models.training import Task

FEWEST_DEGREES, MOST_DEGREES = 2.1, 200.0
"""Degrees of freedom stay between a variance that just exists and what no sample can tell from a Gaussian."""

FIRST_DEGREES = 8.0
"""Degrees of freedom at the start."""


def stretches(n_samples: int, lengths: tuple[int, ...]) -> np.ndarray:
    """Jobs of the sequences that lie one after the other in one series."""
    ends = np.cumsum(lengths or (n_samples,))
    return np.stack([np.zeros(len(ends), np.int64), np.concatenate([[0], ends[:-1]]), ends], axis=1)


def constrain(covars: Floats, weight: Floats, kind: str, floor: Floats) -> Floats:
    """The covariances of largest likelihood that this kind allows, none of whose conditional variances is below the floor."""
    d = covars.shape[-1]
    if kind == "tied":
        covars = np.tile((weight[:, None, None] * covars).sum(axis=0) / weight.sum(), (len(covars), 1, 1))
    if kind == "spherical":
        level = np.maximum(np.einsum("kii->k", covars) / d, floor.max())
        return np.asarray(level[:, None, None] * np.eye(d))
    if kind == "diag":
        return np.asarray(np.maximum(np.einsum("kii->ki", covars), floor)[:, :, None] * np.eye(d))
    return np.stack([raised(c, floor)[0] for c in covars])


def outer_sums(share: Floats, away: Floats) -> Floats:
    """Sum over t of share(t, k) away(t, k) away(t, k)', (n_states, n_features, n_features).

    Row by row, and not by BLAS or einsum, whose last bits depend on where in memory the arrays happen to lie.
    """
    d = away.shape[2]
    out = np.empty((share.shape[1], d, d))
    for i in range(d):
        for j in range(i + 1):
            out[:, i, j] = out[:, j, i] = (share * away[:, :, i] * away[:, :, j]).sum(axis=0)
    return out


def _degrees(x: Floats, gamma: Floats, p: Parameters) -> Floats:
    """Degrees of freedom of largest likelihood of each state, given the probabilities of the states and all else."""
    assert p.degrees is not None
    parts = [(len(q.seen), q.distance, gamma[q.rows]) for q in patterns(x, p)]
    out = p.degrees.copy()
    for k in np.flatnonzero(gamma.sum(axis=0) > 1e-12):

        def slope(nu: float, k: int = int(k)) -> float:
            total = 0.0
            for d, distance, g in parts:
                u = (nu + d) / (nu + distance[:, k])
                rows = digamma(0.5 * (nu + d)) - digamma(0.5 * nu) + 1.0 - u + np.log(u) + math.log(nu / (nu + d))
                total += float((g[:, k] * rows).sum())
            return total

        def likelihood(nu: float, k: int = int(k)) -> float:
            total = 0.0
            for d, distance, g in parts:
                constant = gammaln(0.5 * (nu + d)) - gammaln(0.5 * nu) - 0.5 * d * math.log(nu)
                total += float((g[:, k] * (constant - 0.5 * (nu + d) * np.log1p(distance[:, k] / nu))).sum())
            return total

        candidates = [float(out[k]), FEWEST_DEGREES, MOST_DEGREES]
        if slope(FEWEST_DEGREES) > 0.0 > slope(MOST_DEGREES):
            candidates.append(float(brentq(slope, FEWEST_DEGREES, MOST_DEGREES, xtol=1e-8)))
        out[k] = max(candidates, key=likelihood)
    return out


def maximise(
    x: Floats, gamma: Floats, p: Parameters, kind: str, floor: Floats, prior: Evidence, *, free_degrees: bool
) -> Parameters:
    """Emissions that raise the expected log-likelihood most, given the (weighted) probabilities `gamma` of the states."""
    n_states, d = p.means.shape
    weight, scaled = np.zeros(n_states), prior.weight.copy()
    total = prior.weight[:, None] * prior.means
    filled: list[tuple[Floats, Floats, Floats]] = []
    spread = np.zeros((n_states, d, d))
    for pattern in patterns(x, p):
        g = gamma[pattern.rows]
        u = np.ones(pattern.distance.shape)
        if p.degrees is not None:
            seen = len(pattern.seen)
            u = (p.degrees + seen) / (p.degrees + pattern.distance)
        full = np.empty((len(g), n_states, d))
        full[:, :, pattern.seen] = x[pattern.rows][:, None, pattern.seen]
        for k in range(n_states):
            if len(pattern.lost):
                c = p.covars[k]
                slope = np.linalg.solve(c[np.ix_(pattern.seen, pattern.seen)], c[np.ix_(pattern.seen, pattern.lost)])
                for place, i in enumerate(pattern.lost):
                    full[:, k, i] = p.means[k, i]
                    for j in range(len(pattern.seen)):
                        full[:, k, i] += pattern.away[:, k, j] * slope[j, place]
                rest = c[np.ix_(pattern.lost, pattern.lost)] - (
                    c[np.ix_(pattern.lost, pattern.seen)][:, :, None] * slope[None]
                ).sum(axis=1)
                spread[k][np.ix_(pattern.lost, pattern.lost)] += g[:, k].sum() * rest
        weight += g.sum(axis=0)
        scaled += (g * u).sum(axis=0)
        total += ((g * u)[:, :, None] * full).sum(axis=0)
        filled.append((g * u, full, g))
    found = weight + prior.weight > 1e-12
    means = np.where(found[:, None], total / np.where(found, scaled, 1.0)[:, None], p.means)
    for share, full, _ in filled:
        away = full - means
        spread += outer_sums(share, away)
    before = prior.means - means
    spread += prior.weight[:, None, None] * (prior.covars + before[:, :, None] * before[:, None, :])
    count = np.where(found, weight + prior.weight, 1.0)
    covars = np.where(found[:, None, None], spread / count[:, None, None], p.covars)
    covars = constrain(covars, np.where(found, count, 0.0), kind, floor)
    if kind != "tied":
        covars = np.where(found[:, None, None], covars, p.covars)
    p = p._replace(means=means, covars=covars)
    # The degrees see the likelihood itself, not the expectation over u: the same ascent in far fewer steps (Liu and Rubin's
    # ECME).
    return p._replace(degrees=_degrees(x, gamma, p)) if p.degrees is not None and free_degrees else p


def _log_prior(p: Parameters, counts: Floats, prior: Evidence) -> float:
    chain = np.concatenate([p.transmat, p.startprob[None]])
    score = float((counts[counts > 0] * np.log(chain[counts > 0])).sum())
    for k in np.flatnonzero(prior.weight > 0):
        away = prior.means[k] - p.means[k]
        spread = prior.covars[k] + np.outer(away, away)
        logdet = np.linalg.slogdet(2 * math.pi * p.covars[k])[1]
        score -= 0.5 * prior.weight[k] * (logdet + np.trace(np.linalg.solve(p.covars[k], spread)))
    return score


def fit(task: Task, start: Parameters, counts: Floats, prior: Evidence, floor: Floats) -> tuple[kernels.Fit, Floats | None]:
    """EM from one start.

    Parameters
    ----------
    task : Task
    start : Parameters
    counts : (n_states + 1, n_states)
        Pseudo-counts of transitions, then of the first state.
    prior : Evidence
        Pseudo-observations of each state.
    floor : (n_features,)

    Returns
    -------
    Fit, degrees
        With a leading axis of one job, as the kernels give it; `degrees` (n_states,) of a Student-t.
    """
    x = task.observations
    p = start._replace(covars=constrain(start.covars, np.ones(task.n_states), task.covariance_type, floor))
    weights = np.ones(len(x)) if task.weights is None else task.weights
    jobs = stretches(len(x), task.lengths)
    history = np.full((1, task.n_iter + 1), np.nan)
    likelihood, converged, ok, last = math.nan, False, True, 0
    final = np.full((1, task.n_states), np.nan)
    for i in range(task.n_iter + 1):
        try:
            logs = weights[:, None] * log_densities(x, p)
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
        p = p._replace(transmat=chain[:-1], startprob=chain[-1])
        p = maximise(x, gamma * weights[:, None], p, task.covariance_type, floor, prior, free_degrees=task.degrees is None)
    one = np.array
    fitted = kernels.Fit(
        p.startprob[None], p.transmat[None], p.means[None], p.covars[None], one([likelihood]), one([history[0, last]]),
        one([last]), one([converged]), one([ok and bool(np.isfinite(history[0, last]))]), history, final)  # fmt: skip
    return fitted, p.degrees
