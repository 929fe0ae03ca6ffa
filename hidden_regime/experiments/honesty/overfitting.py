"""Probability of backtest overfitting: does the best half the time stay above the middle in the other half?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.checks import finite, whole
from hidden_regime.kernels.results import Floats

MOST_BLOCKS = 24
"""Which make 2.7 million combinations."""
FLAT = 1e-12
"""Share of the mean square that a variance is at least: below it, rounding is all there is."""


@dataclass(frozen=True, eq=False)
class Overfitting:
    """What combinatorially symmetric cross-validation found.

    Attributes
    ----------
    value : float
        Probability of backtest overfitting: share of logits of at most 0.
    logits : (n_combinations,)
        log(omega / (1 - omega)) of each, in rising order; omega is the rank out of sample of the trial that was best in sample,
        over n_trials + 1.
    n_combinations : int
        Ways to take half of the blocks.
    n_days, n_trials, n_blocks : int
        Days that were used: those beyond a multiple of `n_blocks` are left out at the end.
    """

    value: float
    logits: Floats
    n_combinations: int
    n_days: int
    n_trials: int
    n_blocks: int

    def __repr__(self) -> str:
        of = f"{self.n_trials:,} trials over {self.n_days:,} days"
        return f"<Overfitting: {self.value:.4f} for {of}, {self.n_combinations:,} combinations of {self.n_blocks} blocks>"


def pbo(returns: npt.ArrayLike, *, n_blocks: int = 16) -> Overfitting:
    """Probability of backtest overfitting (PBO), by combinatorially symmetric cross-validation.

    The days are cut into blocks. For each half of the blocks, the trial with the best Sharpe ratio in it is ranked by its Sharpe
    ratio in the other half, from 1 (worst) to N (best); omega = rank / (N + 1), and PBO is the share of omegas of at most 1/2.

    Parameters
    ----------
    returns : (n_days, n_trials)
        Returns of trading days, **a row for each day and a column for each trial**. The transpose can't be told from a short
        study of many trials: the result says how many days and trials it took.
    n_blocks : int
        Even, from 2 to 24.

    Returns
    -------
    Overfitting
        One number says little: on pure noise it is anything from 0.2 to 0.85 (`pbo_noise_band`).

    Raises
    ------
    ParameterError
        Fewer than two trials or two days a block, an odd number of blocks, a number that isn't finite.

    Notes
    -----
    Ties take the mean of their ranks; among equals in sample, the first column is the best. So trials that are all the same have
    PBO 1: the choice among them was worth nothing. Half the days without any return have the Sharpe ratio 0; with the same return
    on each day, infinity in the direction of that.

    References
    ----------
    Bailey, Borwein, López de Prado and Zhu (2017), The probability of backtest overfitting, Journal of Computational Finance
    20(4).

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(0).normal(0, 0.01, (1024, 50))
    >>> pbo(noise)
    <Overfitting: 0.3364 for 50 trials over 1,024 days, 12,870 combinations of 16 blocks>
    >>> noise[:, 7] += 0.003
    >>> pbo(noise).value
    0.0
    """
    x = finite(returns, "returns", 2, "a matrix of returns: a row for each trading day, a column for each trial")
    n_blocks = checked_blocks(n_blocks, *x.shape)
    length = len(x) // n_blocks
    blocks = x[: length * n_blocks].reshape(n_blocks, length, -1)
    ranks = out_of_sample_ranks(np.stack([blocks.sum(axis=1), (blocks**2).sum(axis=1)], axis=1), length)
    omega = ranks / (x.shape[1] + 1.0)
    logits = np.log(omega / (1.0 - omega))
    return Overfitting(share_overfitted(ranks, x.shape[1]), logits, len(ranks), length * n_blocks, x.shape[1], n_blocks)


def checked_blocks(n_blocks: int, n_days: int, n_trials: int) -> int:
    """The number of blocks, if days and trials allow for it."""
    expected = f"an even integer from 2 to {MOST_BLOCKS}"
    if whole("n_blocks", n_blocks, expected, low=2) > MOST_BLOCKS or n_blocks % 2:
        raise ParameterError("n_blocks", n_blocks, expected)
    if n_trials < 2:
        raise ParameterError("returns", f"{n_days} days (rows) of {n_trials} trials (columns)", "at least two trials")
    if n_days < 2 * n_blocks:
        raise ParameterError(
            "returns", f"{n_days} days (rows) of {n_trials} trials (columns)", f"two days for each of {n_blocks} blocks",
            "Take fewer blocks, or a longer range; rows are days.",
        )  # fmt: skip
    return int(n_blocks)


def share_overfitted(ranks: Floats, n_trials: int) -> float:
    """Share of ranks that aren't above the middle one."""
    return float((ranks <= (n_trials + 1) / 2.0).mean())


def out_of_sample_ranks(sums: Floats, length: int) -> Floats:
    """Rank in the other half of the trial that is best in one half, for each half of the blocks, in rising order.

    Parameters
    ----------
    sums : (n_blocks, 2, n_trials)
        Sum of the returns of each block, and of their squares: all that a Sharpe ratio needs.
    length : int
        Days of a block.

    Notes
    -----
    A half is a subset of the first blocks and one of the last, so that the sums of few subsets make those of all halves: the
    table of subsets has 2^(n_blocks / 2) rows, and memory doesn't grow with the combinations. Sums run element by element, so
    that columns that are equal stay equal to the last bit, which a product of matrices wouldn't promise.
    """
    middle = len(sums) // 2
    early, late = _sums_of_subsets(sums[:middle]), _sums_of_subsets(sums[middle:])
    every = len(early) - 1
    sizes = np.array([int(subset).bit_count() for subset in range(len(early))])
    of_size = [np.flatnonzero(sizes == size) for size in range(middle + 1)]
    ranks = []
    for subset in range(len(late) // 2):  # a half and the other one are met together, so without those that have the last block
        others = of_size[middle - sizes[subset]]
        one = _sharpes(late[subset] + early[others], length * middle)
        other = _sharpes(late[every - subset] + early[every - others], length * middle)
        ranks += [_ranks(one, other), _ranks(other, one)]
    found: Floats = np.sort(np.concatenate(ranks))
    return found


def _sums_of_subsets(blocks: Floats) -> Floats:
    """Row i is the sum of the blocks whose bits are set in i."""
    table = np.zeros((1, *blocks.shape[1:]))
    for block in blocks:
        table = np.concatenate([table, table + block])
    return table


def _sharpes(sums: Floats, n: int) -> Floats:
    """Sharpe ratios of (n_halves, 2, n_trials) sums over n days."""
    total, squares = sums[:, 0], sums[:, 1]
    away = squares - total**2 / n
    flat = away <= FLAT * squares
    if not flat.any():
        ratios: Floats = total / np.sqrt(away * (n * n / (n - 1.0)))
        return ratios
    ends = np.where(total == 0.0, 0.0, np.copysign(math.inf, total))
    return np.where(flat, ends, total / np.sqrt(np.where(flat, 1.0, away) * (n * n / (n - 1.0))))


def _ranks(inside: Floats, outside: Floats) -> Floats:
    chosen = outside[np.arange(len(inside)), inside.argmax(axis=1)][:, None]
    ranks: Floats = (outside < chosen).sum(axis=1) + ((outside == chosen).sum(axis=1) + 1) / 2.0
    return ranks
