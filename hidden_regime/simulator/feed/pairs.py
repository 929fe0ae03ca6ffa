"""Trades or quotes of a pair as a subscription shows them: one after the other by their ends in UTC, gaps filled."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain, islice
from operator import itemgetter
from typing import Any

import numpy as np

from hidden_regime.data.pairs.bars import DAY, EPOCH, Floats, Minutes, PairBars, minutes_of
from hidden_regime.data.pairs.hours import PairHours
from hidden_regime.data.zones import Zone
from hidden_regime.simulator.objects.bars import TradeBar
from hidden_regime.simulator.objects.quotes import Bar, QuoteBar
from hidden_regime.simulator.objects.symbol import Symbol

MINUTE = timedelta(minutes=1)
BLOCK = {1: DAY, 60: 32 * DAY, DAY: 1024 * DAY}
"""Minutes that are read at once, by length of bar: so few that memory stays flat."""
AROUND = 2 * DAY
AT_ONCE = 1024
WHEN = itemgetter(0)
Arrival = tuple[datetime, Any]
"""When data come (UTC), and the data."""


def naive_times(minutes: Minutes) -> list[datetime]:
    """Naive times by their minutes since 1970."""
    found: list[datetime] = minutes.astype("datetime64[m]").astype("datetime64[us]").tolist()
    return found


def zone_offset(zone: Zone, starts: Minutes) -> Minutes:
    """What has to be added to times in UTC (minutes) to have a zone's."""
    if zone.is_utc or not len(starts):
        return np.zeros(len(starts), np.int64)
    changes = np.array([minutes_of(change) for change in zone.changes], np.int64)
    offsets = np.array([offset // MINUTE for offset in zone.offsets], np.int64)
    found: Minutes = offsets[np.searchsorted(changes, starts, side="right")]
    return found


class PairFeed:
    """Bars of one kind of one pair.

    Parameters
    ----------
    bars : PairBars
    symbol : Symbol
    hours : PairHours
        When its market is open: only then is anything repeated.
    fill_forward : bool
    """

    def __init__(self, bars: PairBars, symbol: Symbol, hours: PairHours, *, fill_forward: bool = True) -> None:
        self._bars, self.symbol, self._hours = bars, symbol, hours
        self._zone, self._data_zone = hours.zones
        self.minutes, self.quotes = bars.minutes, bars.quotes
        self._length = self.minutes * MINUTE
        self._fills = fill_forward
        self._blocks: Iterator[list[Arrival]] = iter(())
        self._waiting: list[Arrival] = []
        self._place = 0

    def rename(self, symbol: Symbol) -> None:
        """Make bars of another object of an equal symbol."""
        self.symbol = symbol
        for _, bar in self._waiting[self._place :]:
            bar.symbol = symbol

    def start(self, first: datetime, last: datetime, pace: int) -> None:
        """Begin to deliver what ends from a time on and starts by another (exchange time), repeated each `pace` minutes."""
        self._blocks = self._in_blocks(first, last, pace)
        self._waiting, self._place = [], 0

    def _fetch(self) -> bool:
        """Whether anything is left to come."""
        while self._place >= len(self._waiting):
            found = next(self._blocks, None)
            if found is None:
                return False
            self._waiting, self._place = found, 0
        return True

    @property
    def pending(self) -> datetime | None:
        """When the next data come (UTC), if there are any."""
        return self._waiting[self._place][0] if self._fetch() else None

    def take(self, until: datetime) -> list[Arrival]:
        """What comes before a time (UTC) and hasn't been delivered."""
        out: list[Arrival] = []
        while self._fetch():
            place = bisect_left(self._waiting, until, self._place, key=WHEN)
            out += self._waiting[self._place : place]
            self._place = place
            if place < len(self._waiting):
                break
        return out

    # What there is -------------------------------------------------------------------------------------------------------
    def arrivals(self, first: datetime, last: datetime, pace: int, *, fills: bool | None = None) -> Iterator[Arrival]:
        """Data with the times (UTC) at which they come."""
        return chain.from_iterable(self._in_blocks(first, last, pace, fills=fills))

    def _in_blocks(self, first: datetime, last: datetime, pace: int, *, fills: bool | None = None) -> Iterator[list[Arrival]]:
        """The same, as many at once as are read at once."""
        own = self._own(first, last)
        if not (self._fills if fills is None else fills):
            yield from own
        elif self._hours.always and pace >= self.minutes and self._zone.is_utc:
            yield from self._round_the_clock(own, last)
        else:
            filled = self._filled(chain.from_iterable(own), last, pace)
            while block := list(islice(filled, AT_ONCE)):
                yield block

    def _read(self, first: datetime, last: datetime) -> Iterator[tuple[Minutes, Floats]]:
        """Rows by starts in UTC, in blocks, of a time in which all that is asked for lies."""
        begin, end = minutes_of(first) - AROUND, minutes_of(last) + AROUND
        known = self._bars.days
        if known is None:
            return
        begin = max(begin, minutes_of(datetime.combine(known[0], datetime.min.time())) - AROUND)
        end = min(end, minutes_of(datetime.combine(known[1], datetime.min.time())) + AROUND)
        step = BLOCK[self.minutes]
        while begin < end:
            starts, values = self._bars.between(begin, min(begin + step, end))
            if len(starts):
                yield starts, values
            begin += step

    def _kept(self, first: datetime, last: datetime) -> Iterator[tuple[Minutes, Minutes, Floats]]:
        """Starts and ends in exchange time, and the numbers, of what ends from a time on and starts by another."""
        previous = -1
        begin, end = minutes_of(first), minutes_of(last)
        for starts, values in self._read(first, last):
            local = starts + zone_offset(self._zone, starts)
            # Once read on, a bar that ends by the one before is left out; so are those that end before the beginning.
            ends = local + self.minutes
            latest = np.maximum.accumulate(np.concatenate([[previous], ends[:-1]]))
            kept = (ends > latest) & (ends >= begin) & (local <= end)
            previous = max(previous, int(ends.max()))
            yield local[kept], ends[kept], values[kept]
            if (local > end).any():
                return

    def _own(self, first: datetime, last: datetime) -> Iterator[list[Arrival]]:
        """What happened."""
        last_bid: Any = None
        last_ask: Any = None
        for starts, ends, values in self._kept(first, last):
            opens, closes = naive_times(starts), naive_times(ends)
            in_utc = closes if self._zone.is_utc else [self._zone.to_utc(moment) for moment in closes]
            found = zip(opens, closes, in_utc, values.tolist(), strict=True)
            if not self.quotes:
                yield [
                    (utc, TradeBar(start, self.symbol, row[0], row[1], row[2], row[3], row[4], end_time=stop))
                    for start, stop, utc, row in found
                ]
            else:
                out: list[Arrival] = []
                for start, stop, utc, (b1, b2, b3, b4, bids, a1, a2, a3, a4, asks) in found:
                    bid = Bar(b1, b2, b3, b4) if b1 or b2 or b3 or b4 else None
                    ask = Bar(a1, a2, a3, a4) if a1 or a2 or a3 or a4 else None
                    quote = QuoteBar(start, self.symbol, bid, bids, ask, asks, end_time=stop)
                    if bid is None:
                        quote.bid = last_bid
                    if ask is None:
                        quote.ask = last_ask
                    last_bid, last_ask = quote.bid, quote.ask
                    out.append((utc, quote))
                yield out

    def _repeated(self, bar: Any, time: datetime, end: datetime) -> Any:
        """The last bar at another time."""
        if self.quotes:
            return QuoteBar(
                time, self.symbol, bar.bid, bar.last_bid_size, bar.ask, bar.last_ask_size, end_time=end, is_fill_forward=True
            )
        return TradeBar(time, self.symbol, bar.open, bar.high, bar.low, bar.close, 0.0, end_time=end, is_fill_forward=True)

    # Gaps ----------------------------------------------------------------------------------------------------------------
    def _round_the_clock(self, own: Iterator[list[Arrival]], last: datetime) -> Iterator[list[Arrival]]:
        """Gaps of a market that never closes are filled until the end of the request."""
        length = self._length
        due: datetime | None = None
        bar: Any = None
        for block in own:
            out: list[Arrival] = []
            for found in block:
                end = found[0]
                while due is not None and due < end:
                    bar = self._repeated(bar, due - length, due)
                    out.append((due, bar))
                    due += length
                bar = found[1]
                due = end + length
                out.append(found)
            yield out
        final = EPOCH + (last - EPOCH) // length * length + length
        out = []
        while due is not None and due <= final and due - length < last:
            bar = self._repeated(bar, due - length, due)
            out.append((due, bar))
            due += length
            if len(out) >= AT_ONCE:
                yield out
                out = []
        yield out

    def _filled(self, own: Iterator[Arrival], last: datetime, pace: int) -> Iterator[Arrival]:
        """Gaps are filled while the market is open, as LEAN's fill-forward enumerator does it."""
        step = pace * MINUTE
        previous: Any = None
        for found in own:
            bar = found[1]
            if previous is not None:
                while previous.end_time < last:
                    filled = self._before(previous, bar.time, bar.end_time, step)
                    if filled is None:
                        break
                    previous = filled[1]
                    yield filled
                else:
                    if self._before(previous, bar.time, bar.end_time, step) is not None:
                        return
            previous = bar
            yield found
        if previous is None:
            return
        begin = self._rounded(last, self._length)
        end = begin + self._length
        while previous.end_time < last:
            filled = self._before(previous, begin, end, step)
            if filled is None:
                if self._hours.is_open_during(begin, end) and previous.end_time != end:
                    yield self._zone.to_utc(end), self._repeated(previous, begin, end)
                return
            previous = filled[1]
            yield filled

    def _rounded(self, local: datetime, length: timedelta) -> datetime:
        """A time cut to a multiple of a length in the data's zone."""
        utc = self._zone.to_utc(local)
        there = self._data_zone.from_utc(utc)
        midnight = datetime.combine(there.date(), datetime.min.time())
        there = midnight + (there - midnight) // length * length
        return self._zone.from_utc(self._data_zone.to_utc(there))

    def _before(self, previous: Any, start: datetime, end: datetime, step: timedelta) -> Arrival | None:
        """The next repeat of a bar before another one, if there is any."""
        zone, length = self._zone, self._length
        before, begin, stop = zone.to_utc(previous.time), zone.to_utc(start), zone.to_utc(end)
        if stop < before or not _gap(before, begin, step, length):
            return None
        if previous.is_fill_forward:
            rounded = zone.to_utc(self._rounded(start, stop - begin))
            if not _gap(before, rounded, step, length):
                return None
        for origin, span in self._candidates(previous.end_time, step):
            utc = zone.to_utc(self._rounded(origin, span)) + span
            if not utc < begin + length:
                return None
            local = zone.from_utc(utc)
            if self._hours.is_open_during(local - span, local):
                return utc, self._repeated(previous, zone.from_utc(utc - length), local)
        return None

    def _candidates(self, end: datetime, step: timedelta) -> Iterator[tuple[datetime, timedelta]]:
        """Starts and lengths of what may come next after a bar's end, in LEAN's order."""
        hours, length = self._hours, self._length
        small, large = min(step, length), max(step, length)
        if hours.is_open_during(end, end + small):
            yield end, small
        if small == large:
            opened = hours.next_open(end)
            if opened is not None:
                yield opened, small
            return
        found = []
        start = self._rounded(end, large)
        if hours.is_open_during(start, start + large):
            found.append((start, large))
        opened = hours.next_open(end)
        if opened is not None:
            found.append((opened, small))
        yield from sorted(found, key=lambda item: item[0] + item[1])

    # History -------------------------------------------------------------------------------------------------------------
    def between(self, start: datetime, end: datetime, *, fill_forward: bool | None = None) -> list[Any]:
        """Data that ended after `start` and by `end` (exchange time), as a request for history brings them."""
        fills = self._fills if fill_forward is None else fill_forward
        out, real = [], False
        for _, bar in self.arrivals(start, end, self.minutes, fills=fills):
            if bar.end_time > end:
                break
            real = real or not bar.is_fill_forward
            if bar.end_time > start and real:
                out.append(bar)
        return out


def _gap(before: datetime, after: datetime, step: timedelta, length: timedelta) -> bool:
    away = after - before
    return away > step or away > length


class NoPairFeed:
    """Data of a pair that there are none of."""

    pending: datetime | None = None
    quotes = False

    def __init__(self, minutes: int) -> None:
        self.minutes = minutes

    def rename(self, symbol: Symbol) -> None:
        """No data."""

    def start(self, first: datetime, last: datetime, pace: int) -> None:
        """Nothing to begin."""

    def take(self, until: datetime) -> list[Arrival]:
        """None."""
        return []

    def between(self, start: datetime, end: datetime, *, fill_forward: bool | None = None) -> list[Any]:
        """None."""
        return []


def ends_of(bars: PairBars, hours: PairHours) -> tuple[list[datetime], list[float]]:
    """Ends (UTC) and closes of all bars: halfway between bid and ask of quotes."""
    known = bars.days
    if known is None:
        return [], []
    first = minutes_of(datetime.combine(known[0], datetime.min.time())) - DAY
    last = minutes_of(datetime.combine(known[1], datetime.min.time())) + 2 * DAY
    starts, values = bars.between(first, last)
    zone = hours.zones[0]
    local = starts + zone_offset(zone, starts) + bars.minutes
    times = [zone.to_utc(EPOCH + int(minute) * MINUTE) for minute in local]
    closes = (values[:, 3] + values[:, 8]) / 2.0 if bars.quotes else values[:, 3]
    return times, closes.tolist()


__all__ = ["NoPairFeed", "PairFeed", "ends_of", "naive_times"]
