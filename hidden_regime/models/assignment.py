"""Which of the new states continues which old one: minimum-cost assignment of many small tables at once."""

from __future__ import annotations

from functools import cache
from itertools import permutations

import numpy as np

from hidden_regime.kernels.results import Floats, Integers

FEW = 4
"""Up to this many states, all orders are tried; above it the Hungarian method (Kuhn 1955) is faster."""


@cache
def _orders(n: int) -> Integers:
    return np.array(list(permutations(range(n))))


def assign(cost: Floats) -> Integers:
    """Column of each row such that the costs add up to the least; between equals the earlier order.

    Parameters
    ----------
    cost : (n_tables, n, n)

    Returns
    -------
    (n_tables, n) int
    """
    n = cost.shape[1]
    if n > FEW:
        from scipy.optimize import linear_sum_assignment

        return np.array([linear_sum_assignment(table)[1] for table in cost]).reshape(cost.shape[:2])
    orders = _orders(n)
    total = cost[:, 0, orders[:, 0]]
    for i in range(1, n):
        total = total + cost[:, i, orders[:, i]]
    best: Integers = orders[total.argmin(axis=1)]
    return best
