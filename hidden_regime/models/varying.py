"""The recursions of a hidden Markov model whose transition probabilities differ from row to row.

Row t of `transitions` leads from the state of row t - 1 into the state of row t; row 0 of a sequence is led into by nothing.
Everything is scaled by the likelihood of each row, so nothing underflows in long series; a row that no state of any weight
explains, where the scaled sum would vanish, is taken in logarithms.

What goes from row to row is in plain numbers: of two to six states that is faster than numpy, whose call costs more than the
sums, and its bits depend on nothing but the numbers. Whatever can be said of all rows at once is in numpy.
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
    tops, weights = top.tolist(), np.exp(logs - top[:, None]).tolist()
    columns = transitions.transpose(0, 2, 1).tolist()
    predicted, filtered, scores = [], [], []
    now: list[float] = startprob.tolist()
    for t, weight in enumerate(weights):
        before = [_dot(now, column) for column in columns[t]] if t else now
        joint = [p * w for p, w in zip(before, weight, strict=True)]
        total = 0.0
        for value in joint:
            total += value
        if total > LEAST:
            now, score = [value / total for value in joint], math.log(total) + tops[t]
        else:
            now, score = _in_logarithms(before, logs[t])
        predicted.append(before)
        filtered.append(now)
        scores.append(score)
    return Forward(np.array(predicted), np.array(filtered), np.array(scores))


def _dot(a: list[float], b: list[float]) -> float:
    """Sum of products in their order: `sum` adds floats in another way from Python 3.12 on."""
    total = 0.0
    for x, y in zip(a, b, strict=True):
        total += x * y
    return total


def _in_logarithms(predicted: list[float], logs: Floats) -> tuple[list[float], float]:
    with np.errstate(divide="ignore"):
        joint = np.log(np.array(predicted)) + logs
    total = float(np.logaddexp.reduce(joint))
    return np.exp(joint - total).tolist(), total


def backward(found: Forward, transitions: Floats) -> Backward:
    """The smoother of one sequence (Kim 1994): every factor is a probability, so none overflows.

    P(i, j) = P(state_t-1 = i | state_t = j, x_1..t-1) P(state_t = j | x_1..T)
    """
    came, moved = came_from(found, transitions), np.zeros(transitions.shape)
    now: list[float] = found.filtered[-1].tolist()
    behind = [now]
    for row in reversed(came.tolist()):
        now = [_dot(way, now) for way in row]
        total = _dot(now, [1.0] * len(now))
        now = [value / total for value in now]  # what rounding took
        behind.append(now)
    smoothed = np.array(behind[::-1])
    moved[1:] = came * smoothed[1:, None, :]
    return Backward(smoothed, moved)


def came_from(found: Forward, transitions: Floats) -> Floats:
    """P(state_t-1 = i | state_t = j, x_1..t-1) of all rows but the first, (n_samples - 1, n_states, n_states)."""
    after = found.predicted[1:, None, :]
    joint = found.filtered[:-1, :, None] * transitions[1:]
    return np.divide(joint, after, out=np.zeros(joint.shape), where=after > 0.0)


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
