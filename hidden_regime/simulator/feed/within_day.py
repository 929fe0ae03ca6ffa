"""Hourly and minute bars of one security, filled forward inside sessions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import numpy as np

from hidden_regime.data.intraday import IntradayBars
from hidden_regime.data.market import Asset
from hidden_regime.simulator.clock import MIDNIGHT, Session, TradingCalendar
from hidden_regime.simulator.enums import DataNormalizationMode, Resolution
from hidden_regime.simulator.feed.adjustment import adjust
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
                 first: date = date.min) -> None:  # fmt: skip
        self.asset, self.symbol, self.mode, self.resolution = asset, symbol, mode, resolution
        self.fill_forward, self._extended, self._first = fill_forward, extended, first
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
        values = adjust(self.asset, [session.date] * len(rows), np.array([row[1:] for row in rows]), self.mode, self._first)
        midnight, length = datetime.combine(session.date, MIDNIGHT), timedelta(minutes=self.minutes)
        out = []
        for row, value in zip(rows, values.tolist(), strict=True):
            start = midnight + timedelta(minutes=row[0])
            out.append(TradeBar(start, self.symbol, *value, end_time=start + length))
        return out

    def bars(self, session: Session, smallest: int) -> list[TradeBar]:
        """Bars of a session, in order, filled forward at the pace of the run's finest data."""
        found = self.real(session)
        if self.since >= session.open:
            found = [bar for bar in found if bar.end_time > self.since]
        if not self.fill_forward:
            return found
        out = self._fill(found, session, min(smallest, self.minutes), self._last)
        if out:
            self._last = out[-1]
        return out

    def restart(self, since: datetime) -> None:
        """Begin anew after a time: nothing is repeated before the next real bar."""
        self._last, self.since = None, since

    def _fill(self, found: list[TradeBar], session: Session, pace: int, last: TradeBar | None) -> list[TradeBar]:
        delisted = self.asset.last_day is not None and session.date > self.asset.last_day
        if delisted or (last is None and not found):
            return found
        midnight, length = datetime.combine(session.date, MIDNIGHT), timedelta(minutes=self.minutes)
        by_end = {bar.end_time: bar for bar in found}
        opened = _minutes(session.open) // pace * pace
        for minute in range(opened + pace, _minutes(session.close) + 1, pace):
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
                bars = self._fill(bars, session, self.minutes, last)
            for bar in bars:
                if start < bar.end_time <= end:
                    if last is None and bar.is_fill_forward:
                        continue
                    last = bar
                    yield bar
