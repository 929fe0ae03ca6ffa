"""A table that grows at its end and forgets at its beginning, in one piece of memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hidden_regime.kernels.results import Floats


class GrowingTable:
    """Rows of numbers, oldest first. What it gives out are views: they hold until the next change.

    Parameters
    ----------
    width : int
        Numbers in a row.
    """

    def __init__(self, width: int) -> None:
        self._table = np.empty((64, width))
        self._begin = self._end = 0

    @property
    def width(self) -> int:
        """Numbers in a row."""
        return self._table.shape[1]

    def __len__(self) -> int:
        return self._end - self._begin

    def _make_room(self, count: int) -> None:
        if self._end + count <= len(self._table):
            return
        kept = self.table
        # Half of it free after each move, so that a row costs the same however many there are.
        capacity = max(len(self._table), 2 * (len(kept) + count))
        into = np.empty((capacity, self._table.shape[1]))
        into[: len(kept)] = kept
        self._table, self._begin, self._end = into, 0, len(kept)

    def append(self, row: Sequence[float] | Floats) -> None:
        """Add a row."""
        if self._end == len(self._table):
            self._make_room(1)
        self._table[self._end] = row
        self._end += 1

    def extend(self, rows: Floats) -> None:
        """Add several rows."""
        self._make_room(len(rows))
        self._table[self._end : self._end + len(rows)] = rows
        self._end += len(rows)

    def drop(self, count: int) -> None:
        """Forget the oldest `count` rows."""
        self._begin += count

    def replace(self, table: Floats) -> None:
        """Hold these rows instead. They are not copied until a row is added, so nobody may change them."""
        self._table, self._begin, self._end = table, 0, len(table)

    @property
    def table(self) -> Floats:
        """All rows, (n_rows, width)."""
        return self._table[self._begin : self._end]

    @property
    def newest(self) -> Floats:
        """The last row."""
        row: Floats = self._table[self._end - 1]
        return row

    def latest(self, count: int) -> Floats:
        """The last `count` rows, or all where there are fewer."""
        return self._table[max(self._begin, self._end - count) : self._end]
