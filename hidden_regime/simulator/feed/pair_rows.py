"""Minutes of a pair whose market never closes, as rows of numbers: most of them nobody looks at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hidden_regime.data.pairs.bars import DAY, EPOCH, Floats, Minutes, PairBars, moment_of
from hidden_regime.data.pairs.hours import PairHours
from hidden_regime.simulator.feed.pairs import MINUTE, Arrival, PairFeed, naive_times
from hidden_regime.simulator.objects.bars import TradeBar
from hidden_regime.simulator.objects.quotes import Bar, QuoteBar
from hidden_regime.simulator.objects.symbol import Symbol

BID, ASK = slice(0, 5), slice(5, 10)


class PairRows(NamedTuple):
    """Bars that follow each other minute by minute: their ends (minutes since 1970), prices and sizes, and which are real."""

    ends: Minutes
    values: Floats
    real: npt.NDArray[np.bool_]

    def part(self, low: int, high: int | None) -> PairRows:
        """Some of them."""
        return PairRows(self.ends[low:high], self.values[low:high], self.real[low:high])

    @property
    def is_whole(self) -> bool:
        """Whether no price or size is missing, but for the volume of repeats."""
        checked = self.values if self.values.shape[1] > 5 else self.values[:, :4]
        return bool((checked > 0.0).all())


def no_rows(*, quotes: bool) -> PairRows:
    """None."""
    return PairRows(np.empty(0, np.int64), np.empty((0, 10 if quotes else 5)), np.empty(0, np.bool_))


def _joined(one: PairRows, other: PairRows) -> PairRows:
    return PairRows(*(np.concatenate(pair) for pair in zip(one, other, strict=True)))


def _carried(values: Floats, before: Floats | None) -> Floats:
    """Quotes in which a side without prices has those of the quote before, and no size."""
    values = values.copy()
    for side in (BID, ASK):
        prices = values[:, side] if before is None else np.vstack([before[side], values[:, side]])
        there: npt.NDArray[np.bool_] = (prices[:, :4] != 0.0).any(axis=1)
        source = np.maximum.accumulate(np.where(there, np.arange(len(there)), 0))
        found = prices[source]
        found[~there, 4] = 0.0
        values[:, side] = found[len(found) - len(values) :]
    return values


def _gapless(ends: Minutes, values: Floats, before: PairRows | None, *, quotes: bool) -> PairRows:
    """Bars with repeats of the last one wherever a minute has none, from the one after `before` on."""
    first = int(ends[0] if before is None else before.ends[-1] + 1)
    at = ends - first
    real = np.zeros(int(at[-1]) + 1, np.bool_)
    real[at] = True
    source = np.cumsum(real)
    found = np.vstack([values[:1] if before is None else before.values[-1:], values])[source]
    if not quotes:
        found[~real, 4] = 0.0
    return PairRows(np.arange(first, first + len(real), dtype=np.int64), found, real)


class RowFeed(PairFeed):
    """Trades or quotes of minutes of one pair, gaps filled. What comes can be looked at as rows before it is taken as bars."""

    def __init__(self, bars: PairBars, symbol: Symbol, hours: PairHours) -> None:
        super().__init__(bars, symbol, hours)
        self._none = no_rows(quotes=bars.quotes)
        self._coming: Iterator[PairRows] = iter(())
        self._rows = self._none

    @staticmethod
    def is_one(bars: PairBars, hours: PairHours) -> bool:
        """Whether bars come by the minute, of a market that never closes and counts in UTC."""
        return bars.minutes == 1 and hours.always and hours.zones[0].is_utc

    def rename(self, symbol: Symbol) -> None:
        """Make bars of another object of an equal symbol."""
        self.symbol = symbol

    def start(self, first: datetime, last: datetime, pace: int) -> None:
        """Begin to deliver what ends from a time on and starts by another. No pace is faster than minutes."""
        self._coming, self._rows = self._all(first, last), self._none

    def _all(self, first: datetime, last: datetime) -> Iterator[PairRows]:
        """Everything, a block that was read after the other; the last bar is repeated until the end of the request."""
        before: PairRows | None = None
        for starts, _, values in self._kept(first, last):
            if starts.size == 0:
                continue
            if self.quotes:
                values = _carried(values, None if before is None else before.values[-1])
            found = _gapless(starts + 1, values, before, quotes=self.quotes)
            before = found.part(-1, None)
            yield found
        if before is None:
            return
        final = -((EPOCH - last) // MINUTE)  # rounded up
        for begin in range(int(before.ends[-1]), final, DAY):
            ends = np.arange(begin + 1, min(begin + DAY, final) + 1, dtype=np.int64)
            values = np.repeat(before.values, len(ends), axis=0)
            if not self.quotes:
                values[:, 4] = 0.0
            yield PairRows(ends, values, np.zeros(len(ends), np.bool_))

    def _fetch(self) -> bool:
        """Whether anything is left to come."""
        while not len(self._rows.ends):
            found = next(self._coming, None)
            if found is None:
                return False
            self._rows = found
        return True

    @property
    def pending(self) -> datetime | None:
        """When the next data come (UTC), if there are any."""
        return moment_of(int(self._rows.ends[0])) if self._fetch() else None

    def _ready(self, until: datetime) -> int:
        """How many rows come before a time: all of them have been read by then."""
        limit = -((EPOCH - until) // MINUTE)
        if not self._fetch():
            return 0
        while self._rows.ends[-1] < limit - 1 and (found := next(self._coming, None)) is not None:
            self._rows = _joined(self._rows, found)
        return int(np.searchsorted(self._rows.ends, limit))

    def look(self, until: datetime) -> PairRows:
        """What comes before a time (UTC) and hasn't been delivered."""
        count = self._ready(until)
        return self._rows.part(0, count)

    def skip(self, until: datetime) -> None:
        """Deliver it: it comes as rows."""
        count = self._ready(until)
        self._rows = self._rows.part(count, None)

    def take(self, until: datetime) -> list[Arrival]:
        """Deliver it as bars."""
        found = self.look(until)
        self.skip(until)
        starts, ends, symbol = naive_times(found.ends - 1), naive_times(found.ends), self.symbol
        rows = zip(starts, ends, found.values.tolist(), found.real.tolist(), strict=True)
        if self.quotes:
            return [(end, quote_of(symbol, start, end, row, real)) for start, end, row, real in rows]
        return [
            (end, TradeBar(start, symbol, row[0], row[1], row[2], row[3], row[4], end_time=end, is_fill_forward=not real))
            for start, end, row, real in rows
        ]


def quote_of(symbol: Symbol, start: datetime, end: datetime, row: list[float], real: bool) -> QuoteBar:
    """A row of quotes as a bar. A side whose prices are zero is none."""
    b1, b2, b3, b4, bids, a1, a2, a3, a4, asks = row
    bid = Bar(b1, b2, b3, b4) if b1 or b2 or b3 or b4 else None
    ask = Bar(a1, a2, a3, a4) if a1 or a2 or a3 or a4 else None
    return QuoteBar(start, symbol, bid, bids, ask, asks, end_time=end, is_fill_forward=not real)


__all__ = ["PairRows", "RowFeed", "no_rows", "quote_of"]
