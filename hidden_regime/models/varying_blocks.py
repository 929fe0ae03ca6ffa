"""The smoother of `varying`, for fits: the same numbers but for rounding, several times faster in long sequences.

A sequence is cut into blocks that are worked on at once. What a block does is known before it is known what comes into it: a
filter from each state of its beginning, and the likelihood that each has. Then the blocks are joined one after the other, and
what came into each is carried through it, again at once. How the blocks are cut depends on the length of the sequence, so a row's
last bits do too: the causal answers are those of `varying`, whose rows depend on nothing after them.
"""

from __future__ import annotations

import math

import numpy as np

from hidden_regime.kernels.results import Floats
from hidden_regime.models import varying
from hidden_regime.models.varying import LEAST, Backward, Forward


def smooth(logs: Floats, startprob: Floats, transitions: Floats) -> tuple[float, Backward]:
    """Log-likelihood of one sequence, and its smoothed states and transitions; shapes as in `varying`."""
    found = _forward(logs, startprob, transitions)
    if found is None:  # a sum that vanished: row by row, where logarithms help
        found = varying.forward(logs, startprob, transitions)
        return float(found.log_likelihood.sum()), varying.backward(found, transitions)
    return float(found.log_likelihood.sum()), _backward(found, transitions)


def _cut(rows: Floats, length: int, filling: Floats) -> Floats:
    """Rows (n, ...) as (n_blocks, length, ...), the last block filled up with rows that change nothing."""
    n_blocks = -(-len(rows) // length)
    whole = np.concatenate([rows, np.broadcast_to(filling, (n_blocks * length - len(rows), *rows.shape[1:]))])
    return np.asarray(whole.reshape(n_blocks, length, *rows.shape[1:]))


def _length(n_samples: int) -> int:
    return math.ceil(math.sqrt(n_samples))


def _forward(logs: Floats, startprob: Floats, transitions: Floats) -> Forward | None:
    n, k = logs.shape
    length, same = _length(n), np.eye(k)
    top = logs.max(axis=1)
    weights = _cut(np.exp(logs - top[:, None]), length, np.ones(k))
    steps = _cut(np.concatenate([same[None], transitions[1:]]), length, same)
    ends, scales = np.tile(same, (len(steps), 1, 1)), np.zeros((len(steps), k))
    for t in range(length):
        ends = (ends[:, :, :, None] * steps[:, t, None]).sum(axis=2) * weights[:, t, None]
        total = ends.sum(axis=2)
        if not (total > LEAST).all():
            return None
        ends /= total[:, :, None]
        scales += np.log(total)
    came = np.empty((len(steps), k))
    came[0] = startprob
    for b in range(1, len(steps)):
        share = came[b - 1] * np.exp(scales[b - 1] - scales[b - 1].max())
        if not share.sum() > LEAST:
            return None
        now = (share[:, None] * ends[b - 1]).sum(axis=0)
        came[b] = now / now.sum()
    predicted, filtered, totals = (np.empty((len(steps), length, k)) for _ in range(3))
    for t in range(length):
        predicted[:, t] = (came[:, :, None] * steps[:, t]).sum(axis=1)
        joint = predicted[:, t] * weights[:, t]
        totals[:, t] = total = joint.sum(axis=1, keepdims=True)
        if not (total > LEAST).all():
            return None
        filtered[:, t] = came = joint / total
    flat = (part.reshape(-1, k)[:n] for part in (predicted, filtered, totals))
    before, after, total = flat
    return Forward(before, after, np.log(total[:, 0]) + top)


def _backward(found: Forward, transitions: Floats) -> Backward:
    """Kim's smoother: each block is a matrix whose columns are probabilities, so nothing needs a scale."""
    filtered = found.filtered
    n, k = filtered.shape
    came, moved = varying.came_from(found, transitions), np.zeros(transitions.shape)
    if n == 1:
        return Backward(filtered.copy(), moved)
    length = _length(n - 1)
    steps = _cut(came, length, np.eye(k))
    whole = steps[:, -1]
    for t in range(length - 2, -1, -1):
        whole = (steps[:, t, :, :, None] * whole[:, None]).sum(axis=2)
    now = np.empty((len(steps), k))
    now[-1] = filtered[-1]
    for b in range(len(steps) - 1, 0, -1):
        now[b - 1] = (whole[b] * now[b]).sum(axis=1)
        now[b - 1] /= now[b - 1].sum()
    smoothed = np.empty((len(steps), length, k))
    for t in range(length - 1, -1, -1):
        now = (steps[:, t] * now[:, None]).sum(axis=2)
        smoothed[:, t] = now
    rows = np.concatenate([smoothed.reshape(-1, k)[: n - 1], filtered[-1:]])
    rows /= rows.sum(axis=1, keepdims=True)  # what rounding took
    moved[1:] = came * rows[1:, None, :]
    return Backward(rows, moved)
