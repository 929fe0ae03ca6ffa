"""What a security's subscription brings within the day, filled forward inside sessions: hourly and minute bars."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Generic, TypeVar

import numpy as np

from hidden_regime.data.intraday import IntradayBars, IntradayQuotes
from hidden_regime.data.market import Asset
from hidden_regime.simulator.clock import MIDNIGHT, Session, TradingCalendar
from hidden_regime.simulator.enums import DataNormalizationMode, Resolution
from hidden_regime.simulator.feed.adjustment import Adjustment
from hidden_regime.simulator.objects.bars import TradeBar
from hidden_regime.simulator.objects.quotes import QuoteBar
from hidden_regime.simulator.objects.symbol import Symbol

B = TypeVar("B", TradeBar, QuoteBar)
S = TypeVar("S", IntradayBars, IntradayQuotes)


def in_minutes(moment: datetime) -> int:
    """Minutes after midnight."""
    return moment.hour * 60 + moment.minute


class WithinDay(Generic[B, S]):
    """Data of hours or minutes in a mode's prices, read a day at a time. A kind of data says what is real, and repeats it."""

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
        self.minutes = 60 if resolution == Resolution.HOUR else 1
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

    def arrivals(self, session: Session, smallest: int) -> list[tuple[datetime, B]]:
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

    def restart(self, since: datetime) -> None:
        """Begin anew after a time: nothing is repeated before the next real bar."""
        self._last, self.since = None, since

    def rename(self, symbol: Symbol) -> None:
        """Make bars of another object of an equal symbol."""
        self.symbol = symbol

    def _repeat(self, bars: list[B], session: Session, pace: int, last: B | None) -> list[tuple[datetime, B]]:
        """Bars with the repeats between them: a bar of volume 0 that ends when the last one did."""
        if not bars:
            return []
        own = {bar.end_time: bar for bar in bars}
        midnight = datetime.combine(session.date, MIDNIGHT)
        opened = in_minutes(session.open) // pace * pace
        times = {midnight + timedelta(minutes=m) for m in range(opened + pace, in_minutes(session.close) + 1, pace)}
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

    def _fill(self, found: list[B], session: Session, last: B | None) -> list[B]:
        delisted = self.asset.last_day is not None and session.date > self.asset.last_day
        if delisted or (last is None and not found):
            return found
        midnight, length = datetime.combine(session.date, MIDNIGHT), timedelta(minutes=self.minutes)
        by_end = {bar.end_time: bar for bar in found}
        opened = in_minutes(session.open) // self.minutes * self.minutes
        for minute in range(opened + self.minutes, in_minutes(session.close) + 1, self.minutes):
            by_end.setdefault(midnight + timedelta(minutes=minute), None)  # type: ignore[arg-type]
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
    """Hourly or minute bars."""

    def real(self, session: Session) -> list[TradeBar]:
        """What was traded in a session."""
        rows = self._data.rows(session.date) if self._data is not None and self.is_listed(session) else []
        if not rows:
            return []
        if not self._extended:
            opened, closed = in_minutes(session.open), in_minutes(session.close)
            rows = [row for row in rows if row[0] + self.minutes > opened and row[0] < closed]
        if not rows:
            return []
        values = self._adjustment.day(session.date, np.array([row[1:] for row in rows]))
        midnight, length = datetime.combine(session.date, MIDNIGHT), timedelta(minutes=self.minutes)
        out = []
        for row, value in zip(rows, values.tolist(), strict=True):
            start = midnight + timedelta(minutes=row[0])
            out.append(TradeBar(start, self.symbol, *value, end_time=start + length))
        return out

    def repeated(self, last: TradeBar, time: datetime, end_time: datetime) -> TradeBar:
        """The last bar at another time, without volume."""
        return TradeBar(
            time, self.symbol, last.open, last.high, last.low, last.close, 0.0, end_time=end_time, is_fill_forward=True
        )
