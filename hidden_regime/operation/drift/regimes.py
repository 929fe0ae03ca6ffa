"""How well regimes of tomorrow are forecast by how they followed each other in the backtest."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hidden_regime.kernels.results import Floats, Integers


def chain_of(codes: Integers, n_regimes: int) -> Floats:
    """Probabilities of the next regime by today's, (n_regimes, n_regimes), from a past; each was seen once more than it was."""
    counts = np.ones((n_regimes, n_regimes))
    np.add.at(counts, (codes[:-1], codes[1:]), 1.0)
    return np.asarray(counts / counts.sum(axis=1, keepdims=True), dtype=np.float64)


def log_losses(chain: Floats, codes: Integers) -> Floats:
    """What each day's regime was missed by, in nats: -ln of the probability that it had the day before; (n_days - 1,)."""
    return np.asarray(-np.log(chain[codes[:-1], codes[1:]]), dtype=np.float64)


def drawn_losses(codes: Integers, n_regimes: int, past: npt.NDArray[np.int64], live: npt.NDArray[np.int64]) -> Floats:
    """The mean log loss of each pair of draws, (n_draws,): its chain from the one, its days from the other.

    A step that leads from one block into another was never seen, and is left out of both.
    """
    out = np.empty(len(past))
    for i in range(len(past)):
        a, b = past[i], live[i]
        steps = a[1:] == a[:-1] + 1
        counts = np.ones((n_regimes, n_regimes))
        np.add.at(counts, (codes[a[:-1]][steps], codes[a[1:]][steps]), 1.0)
        chain = counts / counts.sum(axis=1, keepdims=True)
        whole = b[1:] == b[:-1] + 1
        losses = -np.log(chain[codes[b[:-1]][whole], codes[b[1:]][whole]])
        out[i] = losses.mean() if len(losses) else 0.0
    return out


def mean_run(codes: Integers) -> float:
    """Mean number of days that a regime lasts."""
    return len(codes) / (1 + int(np.count_nonzero(codes[1:] != codes[:-1])))
