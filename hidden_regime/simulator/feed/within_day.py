"""Hourly and minute bars of one security, filled forward inside sessions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import numpy as np

from hidden_regime.data.intraday import IntradayBars
from hidden_regime.data.market import Asset
from hidden_regime.simulator.clock import MIDNIGHT, Session, TradingCalendar
from hidden_regime.simulator.enums import DataNormalizationMode, Resolution
from hidden_regime.simulator.feed.adjustment import Adjustment
from hidden_regime.simulator.objects.bars import TradeBar
from hidden_regime.simulator.objects.symbol import Symbol


def _minutes(moment: datetime) -> int:
    return moment.hour * 60 + moment.minute


class IntradayFeed:
    """Hourly or minute bars in a mode's prices, read a day at a time."""

    since = datetime.min
    """What ended by then doesn't arrive."""

    def __init__(self, asset: Asset, data: IntradayBars | None, symbol: Symbol, mode: DataNormalizationMode,
                 resolution: Resolution, calendar: TradingCalendar, *, fill_forward: bool = True, extended: bool = False,
                 first: date = date.min, until: date = date.max, history: bool = False) -> None:  # fmt: skip
        self.asset, self.symbol, self.mode, self.resolution = asset, symbol, mode, resolution
        self.fill_forward, self._extended = fill_forward, extended
        self._adjustment = Adjustment(asset, mode, first, until=until, history=history)
        self._data, self._calendar = data, calendar
        self.minutes = 60 if resolution == Resolution.HOUR else 1
        self._last: TradeBar | None = None

    def real(self, session: Session) -> list[TradeBar]:
        """What was traded in a session."""
        if self._data is None or (self.asset.last_day is not None and session.date > self.asset.last_day):
            return []
        if self.asset.first_day is not None and session.date < self.asset.first_day:
            return []
        rows = self._data.rows(session.date)
        if not rows:
            return []
        if not self._extended:
            opened, closed = _minutes(session.open), _minutes(session.close)
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

    def arrivals(self, session: Session, smallest: int) -> list[tuple[datetime, TradeBar]]:
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

    def _repeat(
        self, bars: list[TradeBar], session: Session, pace: int, last: TradeBar | None
    ) -> list[tuple[datetime, TradeBar]]:
        """Bars with the repeats between them: a bar of volume 0 that ends when the last one did."""
        if not bars:
            return []
        own = {bar.end_time: bar for bar in bars}
        midnight = datetime.combine(session.date, MIDNIGHT)
        opened = _minutes(session.open) // pace * pace
        times = {midnight + timedelta(minutes=m) for m in range(opened + pace, _minutes(session.close) + 1, pace)}
        out = []
        for moment in sorted(times | own.keys()):
            bar = own.get(moment)
            if bar is not None:
                last = bar
            elif last is not None:
                bar = TradeBar(last.time, self.symbol, last.open, last.high, last.low, last.close, 0.0, end_time=last.end_time,
                               is_fill_forward=True)  # fmt: skip
            if bar is not None:
                out.append((moment, bar))
        return out

    def _fill(self, found: list[TradeBar], session: Session, last: TradeBar | None) -> list[TradeBar]:
        delisted = self.asset.last_day is not None and session.date > self.asset.last_day
        if delisted or (last is None and not found):
            return found
        midnight, length = datetime.combine(session.date, MIDNIGHT), timedelta(minutes=self.minutes)
        by_end = {bar.end_time: bar for bar in found}
        opened = _minutes(session.open) // self.minutes * self.minutes
        for minute in range(opened + self.minutes, _minutes(session.close) + 1, self.minutes):
            by_end.setdefault(midnight + timedelta(minutes=minute), None)  # type: ignore[arg-type]
        out = []
        for end in sorted(by_end):
            bar = by_end[end]
            if bar is None:
                if last is None:
                    continue
                bar = TradeBar(
                    end - length, self.symbol, last.open, last.high, last.low, last.close, 0.0, end_time=end, is_fill_forward=True
                )
            last = bar
            out.append(bar)
        return out

    def between(self, start: datetime, end: datetime, *, fill_forward: bool | None = None) -> Iterator[TradeBar]:
        """Bars that ended after `start` and by `end`."""
        fill = self.fill_forward if fill_forward is None else fill_forward
        last: TradeBar | None = None
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
