"""Whether two runs sent the same orders, and if not, the first that differs: of one strategy in two engines, say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hidden_regime.exceptions import ParameterError

if TYPE_CHECKING:
    from hidden_regime.experiments.result import Result

COMPARED = ("time", "symbol", "type", "quantity", "status", "price", "fee", "tag")
ABSENT = "no order"


@dataclass(frozen=True)
class Agreement:
    """Two runs' orders side by side.

    Attributes
    ----------
    first, second : str
        What the runs are called.
    n_orders : tuple of (int, int)
        How many each has.
    place : int or None
        Of the first order that differs, from 0; None where all are equal.
    differs : tuple of (str, str, str)
        What differs in it: a column, and its value in each.
    """

    first: str
    second: str
    n_orders: tuple[int, int]
    place: int | None = None
    differs: tuple[tuple[str, str, str], ...] = ()

    @property
    def is_equal(self) -> bool:
        """Whether all orders are equal."""
        return self.place is None

    def __str__(self) -> str:
        if self.place is None:
            return f"{self.first} and {self.second}: {self.n_orders[0]} orders, all equal"
        told = "; ".join(f"{name} {one} and {other}" for name, one, other in self.differs)
        return (
            f"{self.first} ({self.n_orders[0]} orders) and {self.second} ({self.n_orders[1]}): "
            f"order {self.place + 1} is the first that differs: {told}"
        )


def agreement(first: Result, second: Result, *, rtol: float = 1e-9) -> Agreement:
    """Compare the orders of two runs one by one.

    Parameters
    ----------
    first, second : Result
    rtol : float
        Up to which relative difference numbers are equal: files round the last digit.

    Returns
    -------
    Agreement

    Raises
    ------
    ParameterError
        One of them is known by its figures alone, as the best trial of a study is.
    """
    for run in (first, second):
        if not len(run.orders) and run.statistics.get("Total Orders", 0.0) > 0:
            raise ParameterError("run", run.name, "a run with its orders", "A study keeps figures alone: run its best set again.")
    rows, others = (_rows(one) for one in (first, second))
    counts = len(rows), len(others)
    for place in range(max(counts)):
        one = rows[place] if place < counts[0] else None
        other = others[place] if place < counts[1] else None
        if one is None or other is None:
            found = ("order", _told(one), _told(other))
            return Agreement(first.name, second.name, counts, place, (found,))
        differs = tuple(
            (name, str(one[name]), str(other[name])) for name in COMPARED if not _is_equal(one[name], other[name], rtol=rtol)
        )
        if differs:
            return Agreement(first.name, second.name, counts, place, differs)
    return Agreement(first.name, second.name, counts)


def _rows(run: Result) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in run.orders[list(COMPARED)].to_dict("records")]


def _is_equal(one: Any, other: Any, *, rtol: float) -> bool:
    if one == other:
        return True
    try:
        a, b = float(one), float(other)
    except (TypeError, ValueError):
        return str(one) == str(other)
    return (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=rtol)


def _told(row: Mapping[str, Any] | None) -> str:
    return ABSENT if row is None else f"{row['time']} {row['symbol']} {row['quantity']:g}"
