"""Rows of trades and quotes of several pairs: bars are made when somebody looks at them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hidden_regime.data.pairs.bars import Floats, Minutes
from hidden_regime.simulator.feed.pair_rows import PairRows, quote_of
from hidden_regime.simulator.feed.pairs import naive_times
from hidden_regime.simulator.feed.panel import FILLED, REAL, Column, Panel
from hidden_regime.simulator.feed.panels import times_of
from hidden_regime.simulator.objects.quotes import DIGITS, LARGEST, TWICE, QuoteBar, between
from hidden_regime.simulator.objects.symbol import Symbol


class Quotes(Panel):
    """Quotes of the same moments as a panel of trades: columns of ten numbers."""

    def bar(self, place: int, row: int) -> QuoteBar:  # type: ignore[override]
        """The quote of a column in a row, which has one: always the same object."""
        known = self._made[place]
        made: QuoteBar | None = known.get(row)
        if made is None:
            column = self.columns[place]
            made = known[row] = quote_of(
                column.symbol, self.starts[row], self.ends[row], column.numbers(row), column.traded[row] == row
            )
        return made


class PairPanel(Panel):
    """Trades of some pairs, a row a minute, and beside them their quotes."""

    def __init__(self, ends: Minutes, trades: Sequence[Column], quotes: Sequence[Column]) -> None:
        times = naive_times(ends)
        starts = naive_times(ends - 1)
        super().__init__(starts, times, trades)
        self.quoted: Quotes = Quotes(starts, times, quotes)

    def lasts(self, place: int, price: float, row: int) -> list[float]:
        """Price of a pair's last data at each row: of a quote the middle. Until others come after a row it is the one given."""
        trades, quotes = self.columns[place], self.quoted.columns[place]
        traded, quoted = np.array(trades.traded), np.array(quotes.traded)
        latest = np.where(quoted >= traded, middles(quotes.values)[quoted], trades.values[traded, 3])
        latest[np.maximum(traded, quoted) <= row] = price
        found: list[float] = latest.tolist()
        return found


def middles(quotes: Floats) -> Floats:
    """Closes halfway between bid and ask, as `between` reckons them one by one."""
    bid, ask = quotes[:, 3], quotes[:, 8]
    low, high = np.rint(bid * DIGITS), np.rint(ask * DIGITS)
    found: Floats = (low + high) / TWICE
    exact = (low / DIGITS == bid) & (high / DIGITS == ask) & (low > 0) & (low < LARGEST) & (high > 0) & (high < LARGEST)
    for row in np.flatnonzero(~exact).tolist():
        found[row] = between(float(bid[row]), float(ask[row]))
    return found


def panel_of(found: Sequence[tuple[Symbol, PairRows, PairRows]]) -> PairPanel:
    """A panel of symbols with their trades and quotes."""
    ends = times_of([rows.ends for _, *both in found for rows in both if len(rows.ends)] or [found[0][1].ends])
    columns = [[_column(symbol, rows, ends) for rows in both] for symbol, *both in found]
    return PairPanel(ends, [trades for trades, _ in columns], [quotes for _, quotes in columns])


def _column(symbol: Symbol, rows: PairRows, ends: Minutes) -> Column:
    """Rows at the times of a panel."""
    kinds = np.where(rows.real, REAL, FILLED).astype(np.int8)
    if len(rows.ends) == len(ends):
        return Column(symbol, rows.values, kinds)
    at = np.searchsorted(ends, rows.ends)
    values, placed = np.zeros((len(ends), rows.values.shape[1])), np.zeros(len(ends), np.int8)
    values[at], placed[at] = rows.values, kinds
    return Column(symbol, values, placed)


__all__ = ["PairPanel", "panel_of"]
