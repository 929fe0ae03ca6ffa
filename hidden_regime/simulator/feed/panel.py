"""Bars of several securities that arrive together, as columns of numbers: a bar is made when somebody looks at it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, MutableMapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from hidden_regime.simulator.objects.bars import TradeBar
from hidden_regime.simulator.objects.symbol import Symbol

FEW = 8
"""Rows after whose looks a column is taken for one that is looked at often."""
MISSING, REAL, FILLED = 0, 1, 2
"""No bar, a bar that traded, and one that repeats the last."""
Kinds = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float64]


class Column:
    """Consecutive bars of one security, a row a moment of its panel.

    Parameters
    ----------
    symbol : Symbol
    values : array of shape (n_rows, 5)
        Open, high, low, close and volume.
    kinds : array of shape (n_rows,)
        What each row is. Values of missing ones mean nothing.
    """

    def __init__(self, symbol: Symbol, values: Floats, kinds: Kinds) -> None:
        self.symbol, self.values, self.kinds = symbol, values, kinds
        rows = np.arange(len(kinds))
        self.is_whole = bool((kinds == REAL).all())
        """Whether every row has a bar that traded."""
        self.told: list[int] = rows.tolist()
        """Of each row the last one until then that has a bar, or -1."""
        self.traded = self.told
        """The same of bars that traded."""
        if not self.is_whole:
            self.told = np.maximum.accumulate(np.where(kinds == MISSING, -1, rows)).tolist()
            self.traded = np.maximum.accumulate(np.where(kinds == REAL, rows, -1)).tolist()
        self.closes: list[float] = values[:, 3].tolist()
        self._looks = 0
        self._rows: list[list[float]] = []

    def numbers(self, row: int) -> list[float]:
        """Numbers of a row. Who looks at a few looks at many: from then on all are at hand."""
        if not self._rows:
            self._looks += 1
            if self._looks < FEW:
                found: list[float] = self.values[row].tolist()
                return found
            self._rows = self.values.tolist()
        return self._rows[row]

    def has(self, row: int) -> bool:
        """Whether a row has a bar."""
        return self.told[row] == row

    def closes_between(self, before: int, row: int) -> list[float]:
        """Closes of the bars after a row and until another."""
        found = self.closes[before + 1 : row + 1]
        if self.is_whole:
            return found
        return [close for at, close in enumerate(found, before + 1) if self.told[at] == at]

    def prices_from(self, row: int, price: float) -> Floats:
        """Last price at each row from one on, whose price is known: bars that repeat another bring none."""
        if self.is_whole:
            return self.values[row:, 3]
        traded = np.array(self.traded[row:]) - row
        traded[0] = 0
        found = self.values[row:, 3].copy()
        found[0] = price
        prices: Floats = found[np.maximum(traded, 0)]
        return prices


class Panel:
    """Columns of the same moments.

    `row` is the latest that has arrived: setting it lets a bar of every security arrive. `handed` is the latest that was
    handed out as a moment to come.

    Parameters
    ----------
    starts, ends : sequence of datetime
        When the bars of each row begin, and when they end and arrive.
    columns : sequence of Column
        In the order in which securities stand in a moment.
    """

    def __init__(self, starts: Sequence[datetime], ends: Sequence[datetime], columns: Sequence[Column]) -> None:
        self.starts, self.ends, self.columns = starts, ends, columns
        self.row = self.handed = -1
        self.symbols = tuple(column.symbol for column in columns)
        self.places = {symbol: place for place, symbol in enumerate(self.symbols)}
        self.counts: list[int] = np.sum([column.kinds != MISSING for column in columns], axis=0).tolist()
        """Number of bars of each row."""
        self._made: defaultdict[int, dict[int, Any]] = defaultdict(dict)  # few columns are looked at

    quoted: Panel | None = None
    """Quotes of the same rows, of pairs alone."""

    def bar(self, place: int, row: int) -> TradeBar:
        """The bar of a column in a row, which has one: always the same object."""
        known = self._made[place]
        made: TradeBar | None = known.get(row)
        if made is None:
            column = self.columns[place]
            opened, high, low, close, volume = column.numbers(row)
            made = known[row] = TradeBar(
                self.starts[row], column.symbol, opened, high, low, close, volume, end_time=self.ends[row],
                is_fill_forward=column.traded[row] != row,
            )  # fmt: skip
        return made

    def bars(self, row: int) -> list[TradeBar]:
        """All bars of a row."""
        return [self.bar(place, row) for place, column in enumerate(self.columns) if column.has(row)]

    def quotes(self, row: int) -> list[Any]:
        """All quotes of a row."""
        return [] if self.quoted is None else self.quoted.bars(row)

    def rename(self, fresh: Symbol) -> None:
        """From now on make bars of another object of an equal symbol. Slices keep the symbols that they were made with."""
        place = self.places[fresh]
        self.columns[place].symbol = fresh
        self.symbols = (*self.symbols[:place], fresh, *self.symbols[place + 1 :])


NO_PANEL = Panel([], [], [])
"""What a security follows that gets its bars one by one."""


class RowBars(MutableMapping[Symbol, TradeBar]):
    """Bars of one row of a panel by symbol. Like any dictionary it can be written to, and is a whole one from then on."""

    __slots__ = ("_panel", "_row", "_symbols", "_whole")

    def __init__(self, panel: Panel, row: int) -> None:
        self._panel, self._row, self._symbols = panel, row, panel.symbols
        self._whole: dict[Symbol, TradeBar] | None = None

    def __getitem__(self, symbol: Symbol) -> TradeBar:
        if self._whole is not None:
            return self._whole[symbol]
        place = self._panel.places[symbol]
        if not self._panel.columns[place].has(self._row):
            raise KeyError(symbol)
        return self._panel.bar(place, self._row)

    def get(self, symbol: Symbol, default: Any = None) -> Any:
        """The bar of a symbol, or the default."""
        if self._whole is not None:
            return self._whole.get(symbol, default)
        place = self._panel.places.get(symbol)
        if place is None or not self._panel.columns[place].has(self._row):
            return default
        return self._panel.bar(place, self._row)

    def __contains__(self, symbol: object) -> bool:
        if self._whole is not None:
            return symbol in self._whole
        place = self._panel.places.get(symbol)  # type: ignore[call-overload]
        return place is not None and self._panel.columns[place].has(self._row)

    def __iter__(self) -> Iterator[Symbol]:
        if self._whole is not None:
            return iter(self._whole)
        return (symbol for symbol, column in zip(self._symbols, self._panel.columns, strict=True) if column.has(self._row))

    def __len__(self) -> int:
        return self._panel.counts[self._row] if self._whole is None else len(self._whole)

    def _written(self) -> dict[Symbol, TradeBar]:
        if self._whole is None:
            self._whole = dict(self.items())
        return self._whole

    def __setitem__(self, symbol: Symbol, bar: TradeBar) -> None:
        self._written()[symbol] = bar

    def __delitem__(self, symbol: Symbol) -> None:
        del self._written()[symbol]
