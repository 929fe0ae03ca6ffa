"""What a security's subscription brings within the day, filled forward inside sessions: bars of hours, minutes and seconds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from hidden_regime.data.intraday import BarRows, IntradayBars, IntradayQuotes
from hidden_regime.data.market import Asset, Floats
from hidden_regime.simulator.clock import MIDNIGHT, Session, TradingCalendar
from hidden_regime.simulator.enums import DataNormalizationMode, Resolution
from hidden_regime.simulator.feed.adjustment import Adjustment
from hidden_regime.simulator.feed.panel import FILLED, REAL, Column, Kinds, Panel
from hidden_regime.simulator.lengths import MINUTE, SECOND
from hidden_regime.simulator.objects.bars import TradeBar
from hidden_regime.simulator.objects.quotes import QuoteBar
from hidden_regime.simulator.objects.symbol import Symbol

B = TypeVar("B", TradeBar, QuoteBar)
S = TypeVar("S", IntradayBars, IntradayQuotes)
Minutes = npt.NDArray[np.int64]
PRICES = ("open", "high", "low", "close")
NOTHING = BarRows(np.empty(0, np.int64), np.empty((0, 5)))


UNITS = {Resolution.HOUR: (MINUTE, 60), Resolution.MINUTE: (MINUTE, 1), Resolution.SECOND: (SECOND, 1)}
"""In what times are counted, and how many of them a bar lasts."""


def in_units(moment: datetime, unit: timedelta) -> int:
    """Minutes or seconds after midnight."""
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    return seconds if unit == SECOND else seconds // 60


class WithinDay(Generic[B, S]):
    """Data of hours, minutes or seconds in a mode's prices, read a day at a time. A kind of data says what is real and repeats
    it."""

    since = datetime.min
    """What ended by then doesn't arrive."""

    def __init__(self, asset: Asset, data: S | None, symbol: Symbol, mode: DataNormalizationMode,
                 resolution: Resolution, calendar: TradingCalendar, *, fill_forward: bool = True, extended: bool = False,
                 first: date = date.min, until: date = date.max, history: bool = False) -> None:  # fmt: skip
        self.asset, self.symbol, self.mode, self.resolution = asset, symbol, mode, resolution
        self.fill_forward, self._extended = fill_forward, extended
        self._adjustment = Adjustment(asset, mode, first, until=until, history=history)
        self._data: S | None = data
        self._calendar = calendar
        self.unit, self.length = UNITS[resolution]
        self.minutes: float = self.length * (self.unit / MINUTE)
        self._last: B | None = None

    def is_listed(self, session: Session) -> bool:
        """Whether the asset was listed on the day of a session."""
        first, last = self.asset.first_day, self.asset.last_day
        return (first is None or session.date >= first) and (last is None or session.date <= last)

    def real(self, session: Session) -> list[B]:
        """What happened in a session."""
        raise NotImplementedError  # pragma: no cover

    def repeated(self, last: B, time: datetime, end_time: datetime) -> B:
        """The last bar at another time."""
        raise NotImplementedError  # pragma: no cover

    def _places(self, session: Session) -> tuple[int, int]:
        """Open and close of a session, in units after midnight."""
        return in_units(session.open, self.unit), in_units(session.close, self.unit)

    def arrivals(self, session: Session, smallest: float) -> list[tuple[datetime, B]]:
        """Bars of a session, filled forward, with the times at which they come.

        Where the run has finer data, the last bar is repeated at their pace, with its own times.
        """
        last, bars = self._last, self.real(session)
        if self.since >= session.open:
            bars = [bar for bar in bars if bar.end_time > self.since]
        if self.fill_forward:
            bars = self._fill(bars, session, last)
        if bars:
            self._last = bars[-1]
        if smallest >= self.minutes or not self.fill_forward:
            return [(bar.end_time, bar) for bar in bars]
        return self._repeat(bars, session, smallest, last)

    @property
    def carried(self) -> B | None:
        """What a feed of more bars must know to go on in this one's place: the bar that it repeats."""
        return self._last

    @carried.setter
    def carried(self, carried: B | None) -> None:
        self._last = carried

    def restart(self, since: datetime) -> None:
        """Begin anew after a time: nothing is repeated before the next real bar."""
        self._last, self.since = None, since

    def rename(self, symbol: Symbol) -> None:
        """Make bars of another object of an equal symbol."""
        self.symbol = symbol

    def _repeat(self, bars: list[B], session: Session, pace: float, last: B | None) -> list[tuple[datetime, B]]:
        """Bars with the repeats between them: a bar of volume 0 that ends when the last one did."""
        if not bars:
            return []
        own = {bar.end_time: bar for bar in bars}
        midnight = datetime.combine(session.date, MIDNIGHT)
        step = round(pace * 60)
        opened, closed = in_units(session.open, SECOND) // step * step, in_units(session.close, SECOND)
        times = {midnight + timedelta(seconds=s) for s in range(opened + step, closed + 1, step)}
        out = []
        for moment in sorted(times | own.keys()):
            bar = own.get(moment)
            if bar is not None:
                last = bar
            elif last is not None:
                bar = self.repeated(last, last.time, last.end_time)
            if bar is not None:
                out.append((moment, bar))
        return out

    def _is_over(self, session: Session) -> bool:
        """Whether the listing ended before a session."""
        return self.asset.last_day is not None and session.date > self.asset.last_day

    def _fill(self, found: list[B], session: Session, last: B | None) -> list[B]:
        if self._is_over(session) or (last is None and not found):
            return found
        midnight, length = datetime.combine(session.date, MIDNIGHT), self.length * self.unit
        by_end = {bar.end_time: bar for bar in found}
        opened, closed = self._places(session)
        for place in range(opened // self.length * self.length + self.length, closed + 1, self.length):
            by_end.setdefault(midnight + place * self.unit, None)  # type: ignore[arg-type]
        out = []
        for end in sorted(by_end):
            bar = by_end[end]
            if bar is None:
                if last is None:
                    continue
                bar = self.repeated(last, end - length, end)
            last = bar
            out.append(bar)
        return out

    def between(self, start: datetime, end: datetime, *, fill_forward: bool | None = None) -> Iterator[B]:
        """Bars that ended after `start` and by `end`."""
        fill = self.fill_forward if fill_forward is None else fill_forward
        last: B | None = None
        for session in self._calendar.between(start.date(), end.date()):
            bars = self.real(session)
            if fill:
                bars = self._fill(bars, session, last)
            for bar in bars:
                if start < bar.end_time <= end:
                    if last is None and bar.is_fill_forward:
                        continue
                    last = bar
                    yield bar


class IntradayFeed(WithinDay[TradeBar, IntradayBars]):
    """Bars of hours, minutes or seconds."""

    _panel: Panel | None = None

    def _traded(self, session: Session) -> BarRows:
        """What was traded in a session, in the mode's prices."""
        found = self._data.find(session.date) if self._data is not None and self.is_listed(session) else None
        if found is None:
            return NOTHING
        starts, values = found
        if not self._extended:
            opened, closed = self._places(session)
            inside = (starts + self.length > opened) & (starts < closed)
            if not inside.all():
                starts, values = starts[inside], values[inside]
        return BarRows(starts, self._adjustment.day(session.date, values)) if len(starts) else NOTHING

    def real(self, session: Session) -> list[TradeBar]:
        """What was traded in a session."""
        starts, values = self._traded(session)
        midnight, length = datetime.combine(session.date, MIDNIGHT), self.length * self.unit
        out = []
        for place, value in zip(starts.tolist(), values.tolist(), strict=True):
            start = midnight + place * self.unit
            out.append(TradeBar(start, self.symbol, *value, end_time=start + length))
        return out

    def column(self, session: Session) -> tuple[Minutes, Column]:
        """The same as `arrivals`, at its own pace: minutes or seconds after midnight at which bars end, and the bars."""
        starts, values = self._traded(session)
        ends = starts + self.length
        if self.since >= session.open:
            later = ends > (self.since - datetime.combine(session.date, MIDNIGHT)) / self.unit
            ends, values = ends[later], values[later]
        kinds = np.full(len(ends), REAL, np.int8)
        if self.fill_forward and not self._is_over(session):
            ends, values, kinds = self._filled(ends, values, session)
        column = Column(self.symbol, values, kinds)
        if len(ends):
            end = datetime.combine(session.date, MIDNIGHT) + int(ends[-1]) * self.unit
            self._last = TradeBar(end - self.length * self.unit, self.symbol, *values[-1].tolist(), end_time=end)
        return ends, column

    def _filled(self, own: Minutes, values: Floats, session: Session) -> tuple[Minutes, Floats, Kinds]:
        """A session's rows with repeats of the last one, of volume 0, wherever a bar should end and none does."""
        opened, closed = self._places(session)
        due = np.arange(opened // self.length * self.length + self.length, closed + 1, self.length)
        if np.array_equal(own, due):
            return own, values, np.full(len(own), REAL, np.int8)
        ends = np.union1d(own, due)
        source = np.searchsorted(own, ends, side="right")
        before = [0.0] * 5 if self._last is None else [getattr(self._last, name) for name in PRICES] + [0.0]
        found = np.vstack([before, values])[source]
        kinds = np.where(np.isin(ends, own), REAL, FILLED).astype(np.int8)
        found[kinds == FILLED, 4] = 0.0
        begun = np.ones(len(ends), np.bool_) if self._last is not None else source > 0
        return ends[begun], found[begun], kinds[begun]

    def hand_over(self, column: Column, panel: Panel) -> None:
        """From now on a panel delivers."""
        self._panel = panel

    def rename(self, symbol: Symbol) -> None:
        """Make bars of another object of an equal symbol."""
        super().rename(symbol)
        if self._panel is not None:
            self._panel.rename(symbol)

    def repeated(self, last: TradeBar, time: datetime, end_time: datetime) -> TradeBar:
        """The last bar at another time, without volume."""
        return TradeBar(
            time, self.symbol, last.open, last.high, last.low, last.close, 0.0, end_time=end_time, is_fill_forward=True
        )
