"""The recursions of a hidden Markov model whose transition probabilities differ from row to row.

Row t of `transitions` leads from the state of row t - 1 into the state of row t; row 0 of a sequence is led into by nothing.
Everything is scaled by the likelihood of each row, so nothing underflows in long series; a row that no state of any weight
explains, where the scaled sum would vanish, is taken in logarithms. Sums are in numpy's own order, row by row, and not by BLAS,
whose last bits depend on where in memory the arrays happen to lie.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from hidden_regime.kernels.results import Floats, Integers

LEAST = 1e-280
"""A scaled sum below this has lost digits to underflow."""


class Forward(NamedTuple):
    """What the past says: P(state_t | x_1..t-1), P(state_t | x_1..t) and log p(x_t | x_1..t-1). Causal."""

    predicted: Floats
    filtered: Floats
    log_likelihood: Floats


class Backward(NamedTuple):
    """What the whole series says: P(state_t | x_1..T), and P(state_t-1 = i, state_t = j | x_1..T), zeros in row 0. Hindsight."""

    smoothed: Floats
    moved: Floats


def forward(logs: Floats, startprob: Floats, transitions: Floats) -> Forward:
    """The filter of one sequence.

    Parameters
    ----------
    logs : (n_samples, n_states)
        log p(x_t | state); a row of zeros for a missing observation.
    startprob : (n_states,)
    transitions : (n_samples, n_states, n_states)
    """
    top = logs.max(axis=1)
    weights = np.exp(logs - top[:, None])
    predicted, filtered, scores = np.empty(logs.shape), np.empty(logs.shape), np.empty(len(logs))
    before = startprob
    for t in range(len(logs)):
        if t:
            before = (filtered[t - 1][:, None] * transitions[t]).sum(axis=0)
        predicted[t] = before
        joint = before * weights[t]
        total = float(joint.sum())
        if total > LEAST:
            filtered[t], scores[t] = joint / total, math.log(total) + top[t]
        else:
            filtered[t], scores[t] = _in_logarithms(before, logs[t])
    return Forward(predicted, filtered, scores)


def _in_logarithms(predicted: Floats, logs: Floats) -> tuple[Floats, float]:
    with np.errstate(divide="ignore"):
        joint = np.log(predicted) + logs
    total = float(np.logaddexp.reduce(joint))
    return np.exp(joint - total), total


def backward(found: Forward, transitions: Floats) -> Backward:
    """The smoother of one sequence (Kim 1994): every factor is a probability, so none overflows.

    P(i, j) = P(state_t-1 = i | state_t = j, x_1..t-1) P(state_t = j | x_1..T)
    """
    predicted, filtered, _ = found
    moved, smoothed = np.zeros(transitions.shape), filtered.copy()
    if len(filtered) > 1:
        # P(state_t-1 = i | state_t = j, x_1..t-1), of all rows at once.
        possible = predicted[1:, None, :] > 0.0
        came = np.divide(filtered[:-1, :, None] * transitions[1:], predicted[1:, None, :], out=moved[1:], where=possible)
        for t in range(len(filtered) - 2, -1, -1):
            smoothed[t] = (came[t] * smoothed[t + 1]).sum(axis=1)
            smoothed[t] /= smoothed[t].sum()  # what rounding took
        moved[1:] = came * smoothed[1:, None, :]
    return Backward(smoothed, moved)


def best_path(logs: Floats, startprob: Floats, transitions: Floats) -> Integers:
    """Most probable path (Viterbi) of one sequence, (n_samples,); ties go to the lower state."""
    with np.errstate(divide="ignore"):
        value, steps = np.log(startprob) + logs[0], np.log(transitions)
    back = np.zeros(logs.shape, np.int64)
    for t in range(1, len(logs)):
        ways = value[:, None] + steps[t]
        back[t] = ways.argmax(axis=0)
        value = ways.max(axis=0) + logs[t]
    path = np.empty(len(logs), np.int64)
    path[-1] = int(value.argmax())
    for t in range(len(logs) - 1, 0, -1):
        path[t - 1] = back[t, path[t]]
    return path


def draw_states(startprob: Floats, transitions: Floats, uniforms: Floats) -> Integers:
    """Paths of the chain, one for each row of uniform numbers (n_paths, n_samples)."""
    n_paths, n_samples = uniforms.shape
    states, last = np.empty((n_paths, n_samples), np.int64), len(startprob) - 1
    after = np.cumsum(transitions, axis=2)
    first = np.cumsum(startprob)
    for t in range(n_samples):
        edges = first[None] if t == 0 else after[t][states[:, t - 1]]
        states[:, t] = np.minimum((uniforms[:, t, None] >= edges).sum(axis=1), last)
    return states
