"""Whether a strategy has sent no order for longer than it used to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

QUANTILE = 0.99
"""Of 100 gaps without a change, one is longer."""


@dataclass(frozen=True)
class Silence:
    """How long there was no order.

    Attributes
    ----------
    days : int
        Trading days since the last one.
    limit : float
        Trading days that 99 of 100 gaps of the backtest don't pass; of fewer than 100 gaps the longest one.
    n_gaps : int
    """

    days: int
    limit: float
    n_gaps: int

    @property
    def is_long(self) -> bool:
        """Whether it is longer than that."""
        return self.days > self.limit


def gaps_of(days: Sequence[date], orders: Sequence[date]) -> list[int]:
    """Trading days between orders that follow each other: (n_days_with_orders - 1,).

    Examples
    --------
    >>> week = [date(2024, 1, day) for day in (1, 2, 3, 4, 5, 8)]
    >>> gaps_of(week, [week[0], week[0], week[3], week[5]])
    [3, 2]
    """
    places = sorted({int(np.searchsorted(np.array(days, "M8[D]"), np.datetime64(one))) for one in set(orders)})
    return [b - a for a, b in zip(places, places[1:], strict=False)]


def silence_of(past_gaps: Sequence[int], days: Sequence[date], orders: Sequence[date]) -> Silence | None:
    """How long there was no order, against a backtest's gaps; None where it had none.

    Parameters
    ----------
    past_gaps : sequence of int
        As `gaps_of` has them.
    days : sequence of date
        Trading days since the deployment began, rising.
    orders : sequence of date
        Days of its orders.
    """
    if not past_gaps or not days:
        return None
    limit = float(np.quantile(np.array(past_gaps), QUANTILE, method="inverted_cdf"))
    last = max(orders, default=days[0])
    return Silence(sum(day > last for day in days), limit, len(past_gaps))
