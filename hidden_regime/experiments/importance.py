"""How much of an objective's variance each parameter explains alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hidden_regime.kernels.results import Floats

BINS = 5
"""Groups of equal ranks that a number with more values is cut into, unless the sets are a complete grid."""
SAME = 1e-12
"""Values that differ by less than this share of the largest differ by rounding."""


def is_complete_grid(columns: Sequence[Sequence[object]]) -> bool:
    """Whether different sets are all combinations of their values: then effects don't mix."""
    return bool(columns) and len(columns[0]) == math.prod(len(set(column)) for column in columns) > 0


def main_effects(columns: Sequence[Sequence[object]], values: Sequence[float]) -> list[float | None]:
    """Share of the variance of the values that each parameter explains alone.

    Parameters
    ----------
    columns : sequence of sequences
        For each parameter its value in each set: numbers, or texts without order. No two sets are equal.
    values : sequence of float
        The objective of each set.

    Returns
    -------
    list of float or None
        From 0 to 1; None where the values don't differ, or every set is a group by itself.

    Notes
    -----
    Over the groups g of sets with one value of the parameter, share = sum n_g (mean_g - mean)^2 / sum (y - mean)^2. On a complete
    grid that is exactly the main effect of the functional analysis of variance: shares sum to 1 less what parameters do
    together. Other designs (random, tpe, a grid with failures) mix effects, and k groups of n sets explain (k - 1) / (n - 1) of
    pure noise: numbers of more than 5 values are cut into 5 groups of equal ranks, and the share is lowered to
    1 - (1 - share) (n - 1) / (n - k), at least 0. It weighs a region by how often the search went there.

    References
    ----------
    Hutter, Hoos and Leyton-Brown (2014), An efficient approach for assessing hyperparameter importance, ICML; Kelley (1935), An
    unbiased correlation ratio measure, PNAS 21, for the correction.

    Examples
    --------
    >>> main_effects([[1, 1, 2, 2], ["a", "b", "a", "b"]], [0.0, 1.0, 3.0, 4.0])
    [0.9, 0.1]
    """
    y = np.asarray(values, dtype=np.float64)
    largest = float(np.abs(y).max(initial=0.0))
    if len(y) < 2 or largest == 0.0:
        return [None] * len(columns)
    y = y / largest  # shares don't depend on the unit, and squares of the smallest numbers would be 0
    if np.ptp(y) <= SAME:
        return [None] * len(columns)
    exact = is_complete_grid(columns)
    return [_share(_groups(column, exact), y, exact) for column in columns]


def _groups(column: Sequence[object], exact: bool) -> npt.NDArray[np.int64]:
    if all(isinstance(value, (int, float)) for value in column):
        numbers = np.asarray(column, dtype=np.float64)
        found, codes = np.unique(numbers, return_inverse=True)
        if exact or len(found) <= BINS:
            return codes.ravel().astype(np.int64)
        # Equal numbers stay together: each goes by its middle rank.
        middle = np.cumsum(np.bincount(codes.ravel())) - np.bincount(codes.ravel()) / 2.0
        return np.minimum((middle * BINS / len(numbers)).astype(np.int64), BINS - 1)[codes.ravel()]
    order = {value: i for i, value in enumerate(dict.fromkeys(column))}
    return np.array([order[value] for value in column], dtype=np.int64)


def _share(groups: npt.NDArray[np.int64], y: Floats, exact: bool) -> float | None:
    counts = np.bincount(groups)
    counts = counts[counts > 0]
    n, k = len(y), len(counts)
    if k == 1:
        return 0.0
    means = np.array([y[groups == g].mean() for g in np.unique(groups)])
    share = float(np.sum(counts * (means - y.mean()) ** 2) / np.sum((y - y.mean()) ** 2))
    if not exact:
        if n <= k:
            return None
        share = 1.0 - (1.0 - share) * (n - 1) / (n - k)
    return min(max(share, 0.0), 1.0)
