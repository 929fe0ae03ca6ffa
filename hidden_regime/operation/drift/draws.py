"""What would be seen where nothing has changed: the past drawn again, once as the past and once as what came after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hidden_regime.experiments.honesty.resampling import stationary_draws
from hidden_regime.kernels.results import Floats

N_DRAWS = 999
"""How many: the smallest p that they can give is one in a thousand."""


@dataclass(frozen=True)
class Draws:
    """Places of days, drawn in blocks.

    Attributes
    ----------
    past : (n_draws, n_past) of int64
        Each a past that might as well have been.
    live : (n_draws, n_live) of int64
        Each what might as well have come after it.
    """

    past: npt.NDArray[np.int64]
    live: npt.NDArray[np.int64]


def drawn(n_past: int, n_live: int, block: float, *, n_draws: int = N_DRAWS, seed: int = 0) -> Draws:
    """Draw pairs of a past and of what came after, both from the same past.

    A statistic of such a pair has in it that the past is a sample, too: a reference of 250 days isn't the truth.

    Parameters
    ----------
    n_past, n_live : int
        Lengths of what was seen. Both are drawn from the past alone.
    block : float
        Mean length of the blocks of the stationary bootstrap.
    n_draws, seed : int
    """
    past = np.stack(list(stationary_draws(n_past, block, n_draws, seed)))
    rounds = -(-n_live // n_past)
    longer = [np.stack(list(stationary_draws(n_past, block, n_draws, seed + 1 + i))) for i in range(rounds)]
    return Draws(past, np.concatenate(longer, axis=1)[:, :n_live])


def p_value(statistic: float, drawn_statistics: Floats) -> float:
    """Share of the draws, itself among them, whose statistic is at least as large."""
    return float((1 + np.count_nonzero(drawn_statistics >= statistic - 1e-12)) / (1 + len(drawn_statistics)))
