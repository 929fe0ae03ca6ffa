"""Figures of predicted probabilities, as scikit-learn has them, without it: they are taken hundreds of times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hidden_regime.kernels.results import Floats, Integers

LEAST = 1e-12
"""Probabilities are held this far from 0 and 1 in a log loss."""
FIGURES = ("log_loss", "brier", "auc", "accuracy", "precision", "recall", "f1")


@dataclass(frozen=True)
class Confusion:
    """Rows by what was said and what came."""

    true_up: int
    false_up: int
    false_down: int
    true_down: int


def log_losses(y: Floats, p: Floats) -> Floats:
    """Loss of each row in nats, (n,); labels may lie between 0 and 1."""
    q = np.clip(p, LEAST, 1.0 - LEAST)
    return np.asarray(-(y * np.log(q) + (1.0 - y) * np.log(1.0 - q)))


def brier_losses(y: Floats, p: Floats) -> Floats:
    """Squared error of each row, (n,)."""
    return np.asarray((p - y) ** 2)


def auc(y: Floats, p: Floats) -> float:
    """Probability that a row of 1 has a higher probability than one of 0, ties half; NaN where there are none of either."""
    ones = y > 0.5
    n1, n0 = int(ones.sum()), int((~ones).sum())
    if not n1 or not n0:
        return float("nan")
    _, place, counts = np.unique(p, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2.0
    return float((ranks[place.ravel()][ones].sum() - n1 * (n1 + 1) / 2.0) / (n1 * n0))


def confusion(y: Floats, p: Floats, threshold: float = 0.5) -> Confusion:
    """Counts, where more than the threshold says 1."""
    said, came = p > threshold, y > 0.5
    return Confusion(
        int((said & came).sum()), int((said & ~came).sum()), int((~said & came).sum()), int((~said & ~came).sum())
    )  # fmt: skip


def figures(y: Floats, p: Floats) -> dict[str, float]:
    """All of `FIGURES`; NaN where one has no value, such as a precision of nothing said.

    Examples
    --------
    >>> import numpy as np
    >>> found = figures(np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.9, 0.2, 0.4, 0.6]))
    >>> round(found["auc"], 2), found["accuracy"], round(found["brier"], 4)
    (0.75, 0.5, 0.1925)
    """
    c = confusion(y, p)
    said, came, n = c.true_up + c.false_up, c.true_up + c.false_down, len(y)
    nothing = float("nan")
    both = 2 * c.true_up + c.false_up + c.false_down
    return {
        "log_loss": float(log_losses(y, p).mean()), "brier": float(brier_losses(y, p).mean()), "auc": auc(y, p),
        "accuracy": (c.true_up + c.true_down) / n if n else nothing, "precision": c.true_up / said if said else nothing,
        "recall": c.true_up / came if came else nothing, "f1": 2 * c.true_up / both if both else nothing,
    }  # fmt: skip


class Reliability(NamedTuple):
    """Bins of equal numbers of rows by what was said.

    Attributes
    ----------
    said, came : (n_bins,)
        Mean probability, and share of 1.
    rows : (n_bins,)
    error : float
        Mean distance of the two, by rows (expected calibration error).
    """

    said: Floats
    came: Floats
    rows: Integers
    error: float


def reliability(y: Floats, p: Floats, bins: int = 10) -> Reliability:
    """What was said against what came; equal probabilities share a bin."""
    order = np.sort(p)
    edges = np.unique(order[np.minimum((np.arange(1, bins) * len(p)) // bins, len(p) - 1)]) if len(p) else np.empty(0)
    place = np.searchsorted(edges, p, side="right")
    rows = np.bincount(place, minlength=len(edges) + 1)
    kept = rows > 0
    said, came = (np.bincount(place, weights=values, minlength=len(edges) + 1)[kept] / rows[kept] for values in (p, y))
    return Reliability(said, came, rows[kept], float((rows[kept] * np.abs(said - came)).sum() / max(len(p), 1)))
