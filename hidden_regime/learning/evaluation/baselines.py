"""What knows nothing, or next to it: the class prior, holding, and the sign of the last return."""

from __future__ import annotations

import numpy as np

from hidden_regime.bars.frames import frame_to_columns
from hidden_regime.kernels.results import Floats
from hidden_regime.learning.crossing import Fold
from hidden_regime.learning.dataset import Dataset

BACK = 20
"""Bars whose return is momentum."""


def momentum(data: Dataset) -> Floats:
    """Whether the close is above that of `BACK` bars before, of each row, 1 or 0."""
    closes = frame_to_columns(data.frame)[3]
    t0 = data.labels.t0
    return np.asarray((closes[t0] > closes[np.maximum(t0 - BACK, 0)]).astype(float))


def momentum_probability(data: Dataset, folds: list[Fold]) -> Floats:
    """Share of 1 in the training after rising and after falling prices, each with its own, (n_rows,); means over folds."""
    rises = momentum(data)
    total, count = np.zeros(len(data)), np.zeros(len(data))
    for fold in folds:
        train, test = fold.split.train, fold.split.test
        y, weight = data.y[train], data.weight[train]
        for side in (0.0, 1.0):
            own, asked = rises[train] == side, test[rises[test] == side]
            # As if two rows more had come, of what is usual: a side that hardly came says little.
            usual = float(weight @ y / weight.sum())
            share = (float(weight[own] @ y[own]) + 2.0 * usual) / (float(weight[own].sum()) + 2.0)
            total[asked] += share
        count[test] += 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(count > 0.0, total / count, np.nan)


def next_returns(data: Dataset) -> Floats:
    """Return from the open of the bar after each row's to the open after that one, (n_rows,): what an order given after the bar
    earns in a bar; NaN of the last. Without opens, of closes from the bar's own on, a bar later.
    """
    opens, _, _, closes = frame_to_columns(data.frame)[:4]
    priced = closes if np.array_equal(opens, closes) else opens
    moved = np.full(len(priced), np.nan)
    moved[:-2] = priced[2:] / priced[1:-1] - 1.0
    return moved[data.labels.t0]
