"""Transition probabilities as a multinomial logistic function of covariates, and the coefficients of largest likelihood."""

from __future__ import annotations

import numpy as np

from hidden_regime.kernels.results import Floats

N_STEPS = 50
"""Largest number of Newton steps of an M-step: any that rises will do, and the next M-step goes on from it."""

ACCURACY = 1e-9
"""Gradient, as a share of the transitions counted, at which the coefficients are found. It also keeps those of a transition that
was never seen from going on for ever: its probability is then about as small."""

NEVER = 1e-300
"""Count in place of none where the logarithm of counts is the answer."""


def log_transitions(coefs: Floats, covariates: Floats) -> Floats:
    """log P(state_t = j | state_t-1 = i, z_t), (n_samples, n_states, n_states): the log-softmax over j of coefs[i, j] . (1, z_t).

    Parameters
    ----------
    coefs : (n_states, n_states, 1 + n_covariates)
    covariates : (n_samples, n_covariates)
    """
    scores = np.empty((len(covariates), *coefs.shape[:2]))
    scores[:] = coefs[:, :, 0]
    for c in range(covariates.shape[1]):  # in one order, whatever the number of rows
        scores += coefs[:, :, c + 1] * covariates[:, c, None, None]
    scores -= scores.max(axis=2, keepdims=True)
    scores -= np.log(np.exp(scores).sum(axis=2, keepdims=True))
    return scores


def transitions(coefs: Floats, covariates: Floats) -> Floats:
    """P(state_t = j | state_t-1 = i, z_t), (n_samples, n_states, n_states)."""
    p = np.exp(log_transitions(coefs, covariates))
    return np.asarray(p / p.sum(axis=2, keepdims=True))


def of_counts(counts: Floats) -> Floats:
    """Intercepts (n_states, n_states) whose transition probabilities are the shares of these counts."""
    logs = np.log(np.maximum(counts, NEVER))
    return np.asarray(logs - np.diagonal(logs)[:, None])


def maximise(moved: Floats, covariates: Floats, coefs: Floats, ridge: float) -> Floats:
    """Coefficients of the largest expected log-likelihood of the transitions, less ridge / 2 times the squared slopes.

    Newton's method on each state's row with step halving: the function is concave, and it never falls.

    Parameters
    ----------
    moved : (n_samples, n_states, n_states)
        Expected transitions into each row.
    covariates : (n_samples, n_covariates)
    coefs : (n_states, n_states, 1 + n_covariates)
        Where to begin. The diagonal is the reference: zeros.
    ridge : float
    """
    if not covariates.shape[1]:
        counts = moved.sum(axis=0)
        seen = counts.sum(axis=1) > 0.0
        return np.where(seen[:, None, None], of_counts(counts)[:, :, None], coefs)
    out = coefs.copy()
    design = np.concatenate([np.ones((len(covariates), 1)), covariates], axis=1)
    for i in range(len(coefs)):
        others = [j for j in range(len(coefs)) if j != i]
        if others and moved[:, i].sum() > 1e-12:
            out[i, others] = _row(moved[:, i], i, others, design, coefs[i], ridge)
    return out


def _row(moved: Floats, i: int, others: list[int], design: Floats, coefs: Floats, ridge: float) -> Floats:
    weight, wanted = moved.sum(axis=1), moved[:, others]
    penalty = np.full((len(others), design.shape[1]), ridge)
    penalty[:, 0] = 0.0

    def value(beta: Floats) -> tuple[float, Floats]:
        full = np.zeros(coefs.shape)
        full[others] = beta
        logs = log_transitions(full[None], design[:, 1:])[:, 0]
        return float((moved * logs).sum() - 0.5 * (penalty * beta**2).sum()), np.exp(logs[:, others])

    beta = coefs[others].copy()
    now, p = value(beta)
    for _ in range(N_STEPS):
        gradient = ((wanted - weight[:, None] * p)[:, :, None] * design[:, None, :]).sum(axis=0) - penalty * beta
        if np.abs(gradient).max() <= ACCURACY * (1.0 + weight.sum()):
            break
        step = _newton(gradient, weight, p, design, penalty)
        for _ in range(40):
            then, q = value(beta + step)
            if then > now:
                break
            step = 0.5 * step
        else:
            break
        beta, now, p = beta + step, then, q
    return beta


def _newton(gradient: Floats, weight: Floats, p: Floats, design: Floats, penalty: Floats) -> Floats:
    """The step of Newton's method, which a little weight on the diagonal keeps finite where the data say nothing."""
    m, c = gradient.shape
    curvature = np.zeros((m, c, m, c))
    outer = design[:, :, None] * design[:, None, :]
    for a in range(m):
        for b in range(m):
            share = weight * p[:, a] * ((a == b) - p[:, b])
            curvature[a, :, b] = (share[:, None, None] * outer).sum(axis=0)
    flat = curvature.reshape(m * c, m * c) + np.diag(penalty.ravel())
    flat += (1e-10 * np.trace(flat) / (m * c) + 1e-12) * np.eye(m * c)
    return np.asarray(np.linalg.solve(flat, gradient.ravel()).reshape(m, c))
