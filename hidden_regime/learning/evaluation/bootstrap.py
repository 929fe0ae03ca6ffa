"""How far figures may be off: rows drawn again in blocks, for labels overlap and markets remember."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hidden_regime.experiments.honesty.resampling import stationary_draws
from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.learning.evaluation.figures import FIGURES, brier_losses, figures, log_losses


@dataclass(frozen=True)
class Interval:
    """A figure with the middle 95% of what it is in resamples."""

    value: float
    low: float
    high: float


def usual_block(lives: Integers, n: int) -> float:
    """Mean length of blocks: twice a label's life, or the cube root of the rows if that is longer."""
    return float(max(2.0 * float(np.mean(lives)), n ** (1.0 / 3.0), 1.0))


def intervals(y: Floats, p: Floats, prior: Floats, block: float, n_resamples: int, seed: int) -> dict[str, Interval]:
    """Of all figures, and of `log_loss_gain` and `brier_gain`: the losses of the prior less those of the model.

    Parameters
    ----------
    y, p, prior : (n,)
        Labels, the model's probabilities, and those of a model that knows the training's share of 1 alone.
    block : float
        Mean length of a block in rows.
    n_resamples, seed : int
    """
    losses, counts = _Losses(y, p, prior), _Counts(y, p)
    own = figures(y, p) | losses.means(np.ones(len(y)))
    found: dict[str, list[float]] = {name: [] for name in (*FIGURES, *losses.gains)}
    for rows in stationary_draws(len(y), block, n_resamples, seed):
        times = np.bincount(rows, minlength=len(y)).astype(np.float64)
        again = losses.means(times) | counts.figures(times)
        for name, values in found.items():
            values.append(again[name])
    return {name: _interval(own[name], np.array(values)) for name, values in found.items()}


class _Losses:
    """Means over rows that come several times."""

    def __init__(self, y: Floats, p: Floats, prior: Floats) -> None:
        self.gains = ("log_loss_gain", "brier_gain")
        model, other = (np.stack([log_losses(y, said), brier_losses(y, said)]) for said in (p, prior))
        self.rows = np.concatenate([model, other - model])

    def means(self, times: Floats) -> dict[str, float]:
        values = (self.rows @ times / times.sum()).tolist()
        return dict(zip(("log_loss", "brier", *self.gains), values, strict=True))


class _Counts:
    """Figures of what was said and came, of rows that come several times: without sorting them anew."""

    def __init__(self, y: Floats, p: Floats) -> None:
        said, self.came = p > 0.5, y > 0.5
        self.cells = np.stack([said & self.came, said & ~self.came, ~said & self.came, ~said & ~self.came]).astype(np.float64)
        values, place = np.unique(p, return_inverse=True)
        self.place, self.levels = place.ravel(), len(values)

    def figures(self, times: Floats) -> dict[str, float]:
        true_up, false_up, false_down, true_down = (self.cells @ times).tolist()
        came, n = true_up + false_down, float(times.sum())
        nothing = float("nan")
        ones, zeros = (np.bincount(self.place, times * side, minlength=self.levels) for side in (self.came, ~self.came))
        below = np.cumsum(zeros) - 0.5 * zeros
        pairs = came * (n - came)
        return {
            "auc": float(ones @ below) / pairs if pairs else nothing, "accuracy": (true_up + true_down) / n,
            "precision": true_up / (true_up + false_up) if true_up + false_up else nothing,
            "recall": true_up / came if came else nothing,
            "f1": 2 * true_up / (2 * true_up + false_up + false_down) if true_up + false_up + false_down else nothing,
        }  # fmt: skip


def _interval(value: float, drawn: Floats) -> Interval:
    known = drawn[np.isfinite(drawn)]
    if not len(known):
        return Interval(value, float("nan"), float("nan"))
    low, high = np.quantile(known, [0.025, 0.975]).tolist()
    return Interval(value, low, high)
