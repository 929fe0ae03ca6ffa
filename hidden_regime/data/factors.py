"""Factor files: how dividends and splits turn raw prices into adjusted ones."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class FactorRow(NamedTuple):
    """Factors of all bars up to and including `date`, and the raw close of that day (0 where there is no event)."""

    date: date
    price_factor: float
    split_factor: float
    reference_price: float


class DividendEvent(NamedTuple):
    """Cash of `distribution` a share, known after the close of `previous`."""

    previous: date
    distribution: float
    reference_price: float


class SplitEvent(NamedTuple):
    """Old shares become 1 / `factor` new ones after the close of `previous`."""

    previous: date
    factor: float
    reference_price: float


class FactorFile:
    """Rows of a factor file in rising order of dates.

    Parameters
    ----------
    rows : sequence of FactorRow
        Empty for an asset that needs no adjustment.
    """

    def __init__(self, rows: Sequence[FactorRow] = ()) -> None:
        self.rows = sorted(rows)

    def factors(self, dates: Sequence[date]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Price and split factor of each of some rising dates: those of the first row that isn't before it."""
        n = len(dates)
        price, split = np.ones(n), np.ones(n)
        begin = 0
        for row in self.rows:
            end = bisect_right(dates, row.date, begin)
            price[begin:end], split[begin:end] = row.price_factor, row.split_factor
            begin = end
        return price, split

    def dividends(self) -> list[DividendEvent]:
        """Distributions that the rows imply, rounded to cents."""
        out = []
        for row, following in zip(self.rows, self.rows[1:], strict=False):
            if row.reference_price > 0 and row.price_factor != following.price_factor:
                amount = round(row.reference_price * (1.0 - row.price_factor / following.price_factor), 2)
                out.append(DividendEvent(row.date, amount, row.reference_price))
        return out

    def splits(self) -> list[SplitEvent]:
        """Splits that the rows imply."""
        return [
            SplitEvent(row.date, row.split_factor / following.split_factor, row.reference_price)
            for row, following in zip(self.rows, self.rows[1:], strict=False)
            if row.split_factor != following.split_factor
        ]


def splits_from_adjusted(
    dates: Sequence[date], close: npt.NDArray[np.float64], adjusted: npt.NDArray[np.float64], *, least: float = 0.2
) -> list[FactorRow]:
    """Factor rows of the splits that a column of adjusted closes betrays: its ratio to the raw close jumps by `least`.

    Smaller steps are dividends, which cents round too coarsely to recover.
    """
    ratio = adjusted / close
    step = ratio[:-1] / ratio[1:]
    rows = [FactorRow(dates[-1], 1.0, 1.0, 0.0)]
    split = 1.0
    for i in reversed(np.flatnonzero(np.abs(step - 1.0) > least)):
        split *= 1.0 / round(1.0 / step[i]) if step[i] < 1 else float(round(step[i]))
        rows.append(FactorRow(dates[i], 1.0, split, float(close[i])))
    return rows
