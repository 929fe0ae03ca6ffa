"""Factor files: how dividends and splits turn raw prices into adjusted ones."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hidden_regime.data.decimals import ONE, SystemDecimal


class Written(NamedTuple):
    """Numbers of a row as its file writes them, trailing zeros included: the digits that LEAN calculates with."""

    price_factor: SystemDecimal
    split_factor: SystemDecimal
    reference_price: SystemDecimal


class FactorRow(NamedTuple):
    """Factors of all bars up to and including `date`, and the raw close of that day (0 where there is no event).

    `written` is there where the row comes from a file of LEAN's.
    """

    date: date
    price_factor: float
    split_factor: float
    reference_price: float
    written: Written | None = None


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
        self.rows = sorted(rows, key=lambda row: row.date)
        self._days = [row.date for row in self.rows]

    @property
    def exact(self) -> bool:
        """Whether LEAN's own digits are known."""
        return all(row.written is not None for row in self.rows)

    def place(self, day: date) -> int:
        """The place among the rows that a day has: that of the first row that isn't before it.

        A day after the last row is at one place more than there are rows.
        """
        return bisect_left(self._days, day)

    def places(self, dates: Sequence[date]) -> npt.NDArray[np.intp]:
        """The places of some rising dates."""
        ends = [bisect_right(dates, day) for day in self._days]
        return np.searchsorted(ends, np.arange(len(dates)), side="right")

    def factors(self, dates: Sequence[date]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Price and split factor of each of some rising dates."""
        price = np.array([*(row.price_factor for row in self.rows), 1.0])
        split = np.array([*(row.split_factor for row in self.rows), 1.0])
        places = self.places(dates)
        return price[places], split[places]

    def written(self, *, dividends: bool) -> list[SystemDecimal]:
        """What prices at each place are multiplied by, in LEAN's digits: for splits, and perhaps for dividends too."""
        rows = [row.written for row in self.rows if row.written is not None]
        return [*(row.price_factor * row.split_factor if dividends else row.split_factor for row in rows), ONE]

    def dividends(self) -> list[DividendEvent]:
        """Distributions that the rows imply, rounded to cents."""
        out = []
        for row, following in zip(self.rows, self.rows[1:], strict=False):
            if row.reference_price > 0 and row.price_factor != following.price_factor:
                out.append(DividendEvent(row.date, _distribution(row, following), row.reference_price))
        return out

    def splits(self) -> list[SplitEvent]:
        """Splits that the rows imply."""
        return [
            SplitEvent(row.date, _split_factor(row, following), row.reference_price)
            for row, following in zip(self.rows, self.rows[1:], strict=False)
            if row.split_factor != following.split_factor
        ]


def _distribution(row: FactorRow, following: FactorRow) -> float:
    if row.written is None or following.written is None:
        return round(row.reference_price * (1.0 - row.price_factor / following.price_factor), 2)
    close, ratio = row.written.reference_price, row.written.price_factor / following.written.price_factor
    return float((close - close * ratio).round(2))


def _split_factor(row: FactorRow, following: FactorRow) -> float:
    if row.written is None or following.written is None:
        return row.split_factor / following.split_factor
    return float(row.written.split_factor / following.written.split_factor)


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
