"""The latest days of a series against those that a model was trained on: one p for each question that is asked of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hidden_regime.experiments.honesty.resampling import block_length
from hidden_regime.kernels.results import Floats
from hidden_regime.operation.drift.distributions import (
    counts_of,
    edges_of,
    ks_distance,
    ks_distances,
    stability_index,
    stability_indices,
)
from hidden_regime.operation.drift.draws import N_DRAWS, drawn, p_value
from hidden_regime.operation.drift.regimes import chain_of, drawn_losses, log_losses, mean_run

LATEST = 60
"""Days that are compared with the past."""
KS, PSI, LOSS = "ks", "psi", "log-loss"


@dataclass(frozen=True)
class Distance:
    """How far the latest days are from the past, by a measure.

    Attributes
    ----------
    subject : str
        Such as "AAPL log_return".
    measure : str
        "ks", "psi" or "log-loss".
    value : float
    usual : float
        What half of all windows without a change lie below.
    p : float
        Share of windows without a change that are at least as far.
    """

    subject: str
    measure: str
    value: float
    usual: float
    p: float


def distances(subject: str, past: Floats, live: Floats, *, n_draws: int = N_DRAWS, seed: int = 0) -> list[Distance]:
    """Distances of values from the past's.

    Parameters
    ----------
    subject : str
    past, live : (n_past,), (n_live,)
        The latest 60 of the second count.
    n_draws, seed : int
    """
    live = live[-LATEST:]
    draws = drawn(len(past), len(live), block_length(past, squares=True), n_draws=n_draws, seed=seed)
    ranks = np.unique(past, return_inverse=True)[1].astype(np.int64)
    ks = ks_distances(ranks, draws.past, draws.live)
    edges = edges_of(past)
    codes = np.searchsorted(edges, past, side="right").astype(np.int64)
    new = np.searchsorted(edges, live, side="right").astype(np.int64)
    n = len(edges) + 1
    psi = stability_indices(codes, n, draws.past, draws.live)
    return [
        _distance(subject, KS, ks_distance(past, live), ks),
        _distance(subject, PSI, float(stability_index(counts_of(codes, n), counts_of(new, n))), psi),
    ]


def regime_distances(subject: str, past: list[str], live: list[str], *, n_draws: int = N_DRAWS, seed: int = 0) -> list[Distance]:
    """Distances of regimes: how often each is, and how well one day's forecasts the next one's.

    Parameters
    ----------
    subject : str
    past, live : list of str
        Names by bar; the latest 60 of the second count.
    n_draws, seed : int
    """
    live = live[-LATEST:]
    names = {name: i for i, name in enumerate(sorted({*past, *live}))}
    a, b = (np.array([names[name] for name in given], dtype=np.int64) for given in (past, live))
    # A regime lasts for longer than moves cluster: a block holds two of them on average.
    draws = drawn(len(a), len(b), max(2.0 * mean_run(a), 1.0), n_draws=n_draws, seed=seed)
    psi = stability_indices(a, len(names), draws.past, draws.live)
    loss = float(log_losses(chain_of(a, len(names)), b).mean())
    return [
        _distance(subject, PSI, float(stability_index(counts_of(a, len(names)), counts_of(b, len(names)))), psi),
        _distance(subject, LOSS, loss, drawn_losses(a, len(names), draws.past, draws.live)),
    ]


def _distance(subject: str, measure: str, value: float, found: Floats) -> Distance:
    return Distance(subject, measure, value, float(np.median(found)), p_value(value, found))
