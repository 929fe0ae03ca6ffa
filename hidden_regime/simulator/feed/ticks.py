"""Ticks of one security, as they come. Nothing is filled forward, and suspicious ones don't arrive, as in LEAN."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from hidden_regime.data.market import Asset, Floats
from hidden_regime.data.ticks import IntradayTicks, TickRows
from hidden_regime.simulator.clock import MIDNIGHT, Session, TradingCalendar
from hidden_regime.simulator.enums import DataNormalizationMode
from hidden_regime.simulator.feed.adjustment import Adjustment
from hidden_regime.simulator.objects.symbol import Symbol
from hidden_regime.simulator.objects.ticks import Tick

MILLISECOND = timedelta(milliseconds=1)


def _after_midnight(moment: datetime) -> float:
    return (moment - datetime.combine(moment.date(), MIDNIGHT)) / MILLISECOND


def _halfway(bid: float, ask: float) -> float:
    """The price halfway, as decimals have it; the other where one is zero."""
    return float(Decimal(repr(bid)) + Decimal(repr(ask))) / 2.0 if bid and ask else bid or ask


class TickFeed:
    """Ticks in a mode's prices, read a day at a time."""

    minutes = 0.0
    fill_forward = False
    since = datetime.min
    """What came by then doesn't arrive."""

    def __init__(self, asset: Asset, data: IntradayTicks | None, symbol: Symbol, mode: DataNormalizationMode,
                 calendar: TradingCalendar, *, extended: bool = False, first: date = date.min, until: date = date.max,
                 history: bool = False) -> None:  # fmt: skip
        self.asset, self.symbol, self.mode = asset, symbol, mode
        self._data, self._calendar, self._extended = data, calendar, extended
        self._adjustment = Adjustment(asset, mode, first, until=until, history=history)

    def restart(self, since: datetime) -> None:
        """Begin anew after a time."""
        self.since = since

    def rename(self, symbol: Symbol) -> None:
        """Make ticks of another object of an equal symbol."""
        self.symbol = symbol

    def real(self, session: Session) -> list[Tick]:
        """Ticks of a session: its trades, then its quotes, each in their order; those of the same time stand together."""
        found = self._data.find(session.date) if self._data is not None else None
        if found is None:
            return []
        out = [tick for rows in found if rows is not None for tick in self._of(rows, session)]
        out.sort(key=lambda tick: tick.time)
        return out

    def _of(self, rows: TickRows, session: Session) -> Iterator[Tick]:
        keep = np.flatnonzero(~np.array(rows.suspicious, dtype=np.bool_))
        if not self._extended:
            times = rows.times[keep]
            keep = keep[(times >= _after_midnight(session.open)) & (times < _after_midnight(session.close))]
        if not len(keep):
            return
        midnight = datetime.combine(session.date, MIDNIGHT)
        sides = [self._adjusted(session.date, rows.prices[keep, i], rows.sizes[keep, i]) for i in range(rows.prices.shape[1])]
        for i, place in enumerate(keep.tolist()):
            time = midnight + float(rows.times[place]) * MILLISECOND
            rest: dict[str, Any] = {"code": rows.exchanges[place], "condition": rows.conditions[place]}
            first = sides[0][0][i], sides[0][1][i]
            if len(sides) == 1:
                yield Tick(time, self.symbol, value=first[0], quantity=first[1], **rest)
            else:
                second = sides[1][0][i], sides[1][1][i]
                yield Tick(time, self.symbol, value=_halfway(first[0], second[0]), bid=first, ask=second, **rest)

    def _adjusted(self, day: date, prices: Floats, sizes: Floats) -> tuple[list[float], list[float]]:
        found = self._adjustment.day(day, np.column_stack([prices, prices, prices, prices, sizes]))
        return np.where(prices == 0.0, 0.0, found[:, 0]).tolist(), found[:, 4].tolist()

    def arrivals(self, session: Session, smallest: float) -> list[tuple[datetime, Tick]]:
        """Ticks of a session with the times at which they come."""
        return [(tick.time, tick) for tick in self.real(session) if tick.time > self.since]

    def between(self, start: datetime, end: datetime, *, fill_forward: bool | None = None) -> Iterator[Tick]:
        """Ticks that came after `start` and by `end`."""
        for session in self._calendar.between(start.date(), end.date()):
            for tick in self.real(session):
                if start < tick.time <= end:
                    yield tick
