"""Probability vectors on a grid, and what changing from one to another costs a continuous jump model."""

from __future__ import annotations

import itertools
import math

import numpy as np

from hidden_regime.kernels.results import Floats, Integers


def divisions(grid_size: float) -> int:
    """Steps from 0 to 1 of a grid whose steps are at least this large."""
    return int(1.0 / grid_size + 1e-9)


def n_points(n_states: int, n_divisions: int) -> int:
    """How many points the grid has."""
    return math.comb(n_divisions + n_states - 1, n_states - 1)


def grid_points(n_states: int, n_divisions: int) -> Integers:
    """All vectors of counts of at least 0 that sum to n_divisions, (n_points, n_states): over n_divisions, probabilities.

    The corners come in the order of their states, so that a tie goes to the lower state.

    Examples
    --------
    >>> grid_points(2, 2).tolist()
    [[2, 0], [1, 1], [0, 2]]
    """
    bars = itertools.combinations(range(n_divisions + n_states - 1), n_states - 1)
    edges = np.array([(-1, *places, n_divisions + n_states - 1) for places in bars], np.int64)
    return np.ascontiguousarray((np.diff(edges, axis=1) - 1)[::-1])


def prices(points: Integers, penalty: float, *, mode_loss: bool) -> Floats:
    """Price of each change, from row to column, (n_points, n_points): penalty / 4 times the square of the L1 distance.

    With `mode_loss` each row gets the logarithm of its sum of exp(-price) besides, less that of the first: then exp(-price) has
    rows of equal sums, and is a matrix of transition probabilities but for a constant.
    """
    away = np.abs(points[:, None] - points).sum(axis=2)
    price = penalty * (away / (2.0 * points[0].sum())) ** 2
    if mode_loss:
        # In order of size, so that rows of the same prices have the same sum to the last bit.
        mass = np.log(np.exp(-np.sort(price, axis=1)).sum(axis=1))
        price = price + (mass - mass[0])[:, None]
    return np.asarray(price)
