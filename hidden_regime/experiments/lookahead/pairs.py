"""Currencies and coins without what is hidden: each bar becomes known as it ends, in UTC."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from datetime import date, datetime, timedelta

import numpy as np

from hidden_regime.data.pairs.bars import DAY, Floats, Minutes, PairBars, Rows, minutes_of
from hidden_regime.data.pairs.folder import PairFolder
from hidden_regime.data.pairs.pair import Pair
from hidden_regime.data.pairs.tables import PairTables
from hidden_regime.data.zones import zone_of
from hidden_regime.experiments.lookahead.future import CUT, JITTER, Future, last_of

NEW_YORK = zone_of("America/New_York")
Change = Callable[[Rows], Rows]
SIDES = {False: (slice(0, 5),), True: (slice(0, 5), slice(5, 10))}
LOOK_BACK = (2, 40)
"""Days in which the last known price is looked for, at first nearby."""


def in_utc(future: Future) -> Future:
    """The same of what bears times in UTC."""
    until = future.until if future.until == datetime.max else NEW_YORK.to_utc(future.until)
    return Future(NEW_YORK.to_utc(future.moment), future.how, until, future.only, future.seed)


def end_of_utc_day(day: date) -> datetime:
    """When a day of UTC becomes known, in UTC."""
    return datetime.combine(day, datetime.min.time()) + timedelta(days=1)


def is_twice(moment: datetime) -> bool:
    """Whether New York's clocks show a time twice, so that nobody can tell what was known by it."""
    utc = NEW_YORK.to_utc(moment)
    return NEW_YORK.from_utc(utc + timedelta(hours=1)) == moment


# Rows --------------------------------------------------------------------------------------------------------------------
def hidden_rows(rows: Rows, minutes: int, ticker: str, future: Future, anchor: float) -> Rows:
    """Rows of bars of a length without what is hidden; `future` is in UTC, `anchor` the last price that is known."""
    starts, values = rows
    until = np.iinfo(np.int64).max if future.until == datetime.max else minutes_of(future.until)
    hidden = (starts + minutes > minutes_of(future.moment)) & (starts + minutes <= until)
    if not hidden.any():
        return rows
    if future.how == CUT:
        return starts[~hidden], values[~hidden]
    changed, jitter = values.copy(), _jitter(starts[hidden], ticker, future.seed)
    quotes = values.shape[1] == 10
    for side in SIDES[quotes]:
        own = values[hidden, side]
        turned = np.column_stack([future.turned(own[:, column], anchor, jitter) for column in (0, 2, 1, 3)])
        there = own[:, :4].any(axis=1, keepdims=True) if quotes else True
        changed[hidden, side] = np.column_stack([np.where(there, turned, 0.0), own[:, 4] * np.exp(30.0 * jitter)])
    if quotes:
        crossed = hidden & (changed[:, 3] > changed[:, 8]) & (changed[:, 8] > 0.0)
        changed[crossed] = changed[crossed][:, [5, 6, 7, 8, 4, 0, 1, 2, 3, 9]]
    return starts, changed


def _jitter(starts: Minutes, ticker: str, seed: int) -> Floats:
    """Logarithms of factors, for a row the same in whichever block it is read."""
    mixed = starts.astype(np.uint64) + np.uint64((zlib.crc32(ticker.encode()) << 20) + seed)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):  # splitmix64
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    unit = (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53
    return np.asarray(JITTER * np.sqrt(12.0) * (unit - 0.5))


def _closes(rows: Rows) -> Floats:
    values = rows[1]
    return values[:, 3] if values.shape[1] == 5 else np.maximum(values[:, 3], values[:, 8])


def _anchor(bars: PairBars, future: Future) -> float:
    """The last price that is known; of bars that all are hidden the first."""
    now = minutes_of(future.moment)
    for days in LOOK_BACK:
        starts, values = bars.between(now - days * DAY, now)
        known = _closes((starts, values))[starts + bars.minutes <= now]
        if (known > 0.0).any():
            return last_of(known)
    first = bars.days
    if first is None:
        return 1.0
    begin = minutes_of(datetime.combine(first[0], datetime.min.time()))
    return last_of(_closes(bars.between(begin, begin + DAY))[:1])


# Bars --------------------------------------------------------------------------------------------------------------------
class SeenBars:
    """Bars of a pair of which some are gone or others.

    Parameters
    ----------
    bars : PairBars
    change : callable
        What is seen of rows.
    days : (date, date)
        Between which days anything is.
    """

    def __init__(self, bars: PairBars, change: Change, days: tuple[date, date]) -> None:
        self.minutes, self.quotes = bars.minutes, bars.quotes
        self._bars, self._change, self._days = bars, change, days

    def between(self, first: int, last: int) -> Rows:
        """See `PairBars.between`."""
        return self._change(self._bars.between(first, last))

    @property
    def days(self) -> tuple[date, date] | None:
        """See `PairBars.days`."""
        found = self._bars.days
        if found is None:
            return None
        first, last = max(found[0], self._days[0]), min(found[1], self._days[1])
        return (first, last) if first <= last else None


def hidden_bars(bars: PairBars, ticker: str, future: Future) -> SeenBars:
    """Bars without what is hidden; `future` is in UTC."""
    anchor = 1.0 if future.how == CUT else _anchor(bars, future)
    cut = future.how == CUT and future.until == datetime.max
    return SeenBars(
        bars, lambda rows: hidden_rows(rows, bars.minutes, ticker, future, anchor),
        (date.min, future.moment.date() if cut else date.max),
    )  # fmt: skip


def _begun(rows: Rows, first: date) -> Rows:
    kept = rows[0] >= minutes_of(datetime.combine(first, datetime.min.time()))
    return rows[0][kept], rows[1][kept]


# Pairs -------------------------------------------------------------------------------------------------------------------
class SeenFolder(PairFolder):
    """The pairs of a data folder, each seen through what makes other bars of its own."""

    def __init__(self, base: PairFolder, seen: Callable[[PairBars, str], PairBars]) -> None:
        super().__init__(base.path, base.markets)
        self._base, self._seen = base, seen

    def _open(self, kind: str, market: str, ticker: str, minutes: int, *, quotes: bool) -> PairBars | None:
        found = self._base.bars(kind, market, ticker, minutes, quotes=quotes)
        return None if found is None else self._seen(found, ticker)


def hidden_folder(base: PairFolder, future: Future) -> PairFolder:
    """Pairs of a data folder without what is hidden."""
    utc = in_utc(future)
    return SeenFolder(base, lambda bars, ticker: bars if utc.of(ticker) is None else hidden_bars(bars, ticker, utc))


def begun_folder(base: PairFolder, first: date) -> PairFolder:
    """Pairs of a data folder that begin later."""
    return SeenFolder(base, lambda bars, ticker: SeenBars(bars, lambda rows: _begun(rows, first), (first, date.max)))


def hidden_tables(base: PairTables, future: Future) -> PairTables:
    """Pairs of tables without what is hidden."""
    utc = in_utc(future)

    def seen(pair: Pair, minutes: int, quotes: bool) -> Rows:
        bars = pair.bars(minutes, quotes=quotes)
        assert bars is not None
        rows = bars.starts, bars.values
        if utc.of(pair.name.ticker) is None:
            return rows
        return hidden_rows(rows, minutes, pair.name.ticker, utc, _anchor(bars, utc))

    return _each(base, seen)


def begun_tables(base: PairTables, first: date) -> PairTables:
    """Pairs of tables that begin later."""
    return _each(base, lambda pair, minutes, quotes: _begun(pair.given[minutes, quotes], first))


def _each(base: PairTables, seen: Callable[[Pair, int, bool], Rows]) -> PairTables:
    return PairTables(
        Pair(pair.name, {(minutes, quotes): seen(pair, minutes, quotes) for minutes, quotes in pair.given})
        for pair in base.by_ticker.values()
    )
