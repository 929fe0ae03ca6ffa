"""Daily bars of one security, a row a session, filled forward."""

from __future__ import annotations

import warnings
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import numpy as np

from hidden_regime.data.market import Asset, Floats
from hidden_regime.exceptions import RegimeWarning
from hidden_regime.simulator.clock import Session, TradingCalendar
from hidden_regime.simulator.enums import DataNormalizationMode, Resolution
from hidden_regime.simulator.feed.adjustment import Adjustment
from hidden_regime.simulator.feed.panel import FILLED, MISSING, REAL, Column, Panel
from hidden_regime.simulator.objects.bars import TradeBar
from hidden_regime.simulator.objects.symbol import Symbol

BLOCK = 64
"""Sessions of a panel."""
Row = tuple[float, float, float, float, float]


class DailyFeed:
    """Daily bars in a mode's prices.

    A session without a bar repeats the last one with volume 0 unless `fill_forward` is off; so do the sessions after the
    last bar, unless the listing ended.
    """

    resolution = Resolution.DAILY
    minutes = 24 * 60
    since = datetime.min
    """What ended by then doesn't arrive."""

    def __init__(self, asset: Asset, symbol: Symbol, mode: DataNormalizationMode, calendar: TradingCalendar,
                 *, fill_forward: bool = True, first: date = date.min, until: date = date.max,
                 history: bool = False) -> None:  # fmt: skip
        self.symbol, self.asset, self.mode, self.fill_forward = symbol, asset, mode, fill_forward
        self._calendar = calendar
        self._began = False
        self._handed: tuple[Column, Panel] | None = None
        """What delivers its bars, where they aren't asked for one by one."""
        self._own_sessions: list[Session] = []
        self._closes: list[datetime] = []
        place = calendar.places
        rows = list(map(place.get, asset.dates))
        inside: list[int] | slice = slice(None)
        if None in rows:
            inside = [i for i, row in enumerate(rows) if row is not None]
            closed = next(day for day in asset.dates if day not in place)
            if calendar.days and calendar.days[0] <= closed <= calendar.days[-1]:
                count = sum(1 for day in asset.dates if day not in place)
                warnings.warn(
                    RegimeWarning(f"hidden_regime: {symbol} has {count} bars on days without a session (first {closed})."),
                    stacklevel=2,
                )  # fmt: skip
        at = np.array([row for row in rows if row is not None], np.int64)
        raw = np.column_stack([asset.open, asset.high, asset.low, asset.close, asset.volume])[inside]
        dates = [day for day, row in zip(asset.dates, rows, strict=True) if row is not None]
        own = Adjustment(asset, mode, first, until=until, history=history).rows(dates, raw)
        self.offset = int(at[0]) if len(at) else len(calendar.days)
        n = int(at[-1]) - self.offset + 1 if len(at) else 0
        self.kinds = np.zeros(n, np.int8)
        self.values: Floats = np.zeros((n, 5))
        if n:
            at -= self.offset
            self.kinds[at] = REAL
            if fill_forward:
                source = np.searchsorted(at, np.arange(n), side="right") - 1
                self.values = own[source]
                gap = self.kinds == MISSING
                self.values[gap, 4] = 0.0
                self.kinds[gap] = FILLED
            else:
                self.values[at] = own
        self._tail = asset.last_day is None and fill_forward and n > 0

    def _row(self, place: int) -> Row:
        return tuple(self.values[place].tolist())

    @property
    def _has_begun(self) -> bool:
        """Whether a bar that traded was handed out: before, nothing is repeated."""
        if not self._began and self._handed is not None:
            column, panel = self._handed
            self._began = panel.handed >= 0 and column.traded[panel.handed] >= 0
        return self._began

    @property
    def carried(self) -> bool:
        """What a feed of more bars must know to go on in this one's place: whether a bar that traded was handed out."""
        return self._has_begun

    @carried.setter
    def carried(self, carried: bool) -> None:
        self._began = carried

    def bar_at(self, number: int, session: Session) -> TradeBar | None:
        """Bar of a session by its number in the calendar, as it arrives: nothing is repeated before the first real bar."""
        place = number - self.offset
        if place < 0:
            return None
        if place >= len(self.kinds):
            if not self._tail or not self._has_begun:
                return None
            self._extend(place + BLOCK)
        kind = self.kinds[place]
        if kind == MISSING:
            return None
        if not self._has_begun:
            if kind == FILLED or session.close <= self.since:
                return None
            self._began = True
        return TradeBar(
            session.open, self.symbol, *self._row(place), None, end_time=session.close, is_fill_forward=bool(kind == FILLED)
        )

    def column(self, number: int, sessions: Sequence[Session]) -> Column:
        """The same of consecutive sessions from a number on. Whoever puts it into a panel says so by `hand_over`."""
        begun = self._has_begun
        if self._tail:
            self._extend(number + len(sessions) - self.offset)
        values, kinds = np.zeros((len(sessions), 5)), np.zeros(len(sessions), np.int8)
        first = max(self.offset - number, 0)
        known = self.kinds[max(number - self.offset, 0) : max(number + len(sessions) - self.offset, 0)]
        kinds[first : first + len(known)] = known
        values[first : first + len(known)] = self.values[max(number - self.offset, 0) :][: len(known)]
        if not begun:
            begins = [row for row in np.flatnonzero(kinds == REAL).tolist() if sessions[row].close > self.since]
            kinds[: begins[0] if begins else None] = MISSING
        return Column(self.symbol, values, kinds)

    def hand_over(self, column: Column, panel: Panel) -> None:
        """From now on a panel delivers."""
        self._handed = column, panel

    def restart(self, since: datetime) -> None:
        """Begin anew after a time: nothing is repeated before the next real bar."""
        self._began, self._handed, self.since = False, None, since

    def rename(self, symbol: Symbol) -> None:
        """Make bars of another object of an equal symbol."""
        self.symbol = symbol
        if self._handed is not None:
            self._handed[1].rename(symbol)

    def _extend(self, place: int) -> None:
        """Repeat the last bar until a place: a listing that goes on."""
        more = min(place, len(self._calendar.sessions) - self.offset) - len(self.kinds)
        if more > 0:
            last = self.values[-1].copy()
            last[4] = 0.0
            self.values = np.vstack([self.values, np.tile(last, (more, 1))])
            self.kinds = np.concatenate([self.kinds, np.full(more, FILLED, np.int8)])
            self._closes = []

    def arrivals(self, session: Session, smallest: float) -> list[tuple[datetime, TradeBar]]:
        """Bars of a session with the times at which they come.

        Where the run has finer data, the last bar is repeated at their pace until the close, with its own times.
        """
        number = self._calendar.at_or_after(session.date)
        out: list[tuple[datetime, TradeBar]] = []
        if smallest < self.minutes and self._has_begun and self.fill_forward:
            out = self._repeat(number, session, smallest)
        bar = self.bar_at(number, session)
        return out if bar is None else [*out, (session.close, bar)]

    def _repeat(self, number: int, session: Session, smallest: float) -> list[tuple[datetime, TradeBar]]:
        place = min(number - self.offset, len(self.kinds)) - 1
        while place >= 0 and self.kinds[place] == MISSING:
            place -= 1
        if place < 0 or (number - self.offset >= len(self.kinds) and not self._tail):
            return []
        row, before = self._row(place), self._calendar.sessions[number - 1]
        step = timedelta(minutes=smallest)
        floor = session.open
        if smallest >= 1:
            floor = floor.replace(minute=int(floor.minute // smallest * smallest) if smallest < 60 else 0)
        out, moment = [], floor + step
        while moment < session.close:
            bar = TradeBar(before.open, self.symbol, *row[:4], 0.0, end_time=before.close, is_fill_forward=True)
            out.append((moment, bar))
            moment += step
        return out

    # History -------------------------------------------------------------------------------------------------------------
    def between(self, start: datetime, end: datetime, *, fill_forward: bool | None = None) -> Iterator[TradeBar]:
        """Bars that ended after `start` and by `end`."""
        rows, sessions = self.window(start, end, fill_forward=fill_forward)
        for i in rows.tolist():
            session = sessions[i]
            row = self._row(i)
            yield TradeBar(session.open, self.symbol, *row, end_time=session.close, is_fill_forward=bool(self.kinds[i] == FILLED))

    def window(self, start: datetime, end: datetime, *, fill_forward: bool | None = None) -> tuple[np.ndarray, list[Session]]:
        """Places of those bars among this feed's rows, and the sessions of all rows."""
        if self._tail:
            self._extend(self._calendar.at_or_after(end.date() + timedelta(days=1)) - self.offset)
        sessions = self._sessions()
        low, high = bisect_right(self._closes, start), bisect_right(self._closes, end)
        keep = np.arange(low, high)
        if len(keep):
            kinds = self.kinds[keep]
            real = np.flatnonzero(kinds == REAL)
            allowed = (kinds == REAL) if fill_forward is False else (kinds != MISSING)
            if len(real):
                allowed[: real[0]] = False
            else:
                allowed[:] = False
            keep = keep[allowed]
        return keep, sessions

    def _sessions(self) -> list[Session]:
        if len(self._closes) != len(self.kinds):
            self._own_sessions = self._calendar.sessions[self.offset : self.offset + len(self.kinds)]
            self._closes = [session.close for session in self._own_sessions]
        return self._own_sessions
