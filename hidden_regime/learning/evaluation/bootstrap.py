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
    gains = {
        "log_loss_gain": log_losses(y, prior) - log_losses(y, p),
        "brier_gain": brier_losses(y, prior) - brier_losses(y, p),
    }
    own = figures(y, p) | {name: float(values.mean()) for name, values in gains.items()}
    found: dict[str, list[float]] = {name: [] for name in own}
    for rows in stationary_draws(len(y), block, n_resamples, seed):
        again = figures(y[rows], p[rows])
        for name in FIGURES:
            found[name].append(again[name])
        for name, values in gains.items():
            found[name].append(float(values[rows].mean()))
    return {name: _interval(own[name], np.array(values)) for name, values in found.items()}


def _interval(value: float, drawn: Floats) -> Interval:
    known = drawn[np.isfinite(drawn)]
    if not len(known):
        return Interval(value, float("nan"), float("nan"))
    low, high = np.quantile(known, [0.025, 0.975]).tolist()
    return Interval(value, low, high)
