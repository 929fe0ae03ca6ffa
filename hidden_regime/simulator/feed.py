"""The bars and events of one security, in the prices that the strategy sees."""

from __future__ import annotations

import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import date, datetime

import numpy as np

from hidden_regime.data.market import Asset, Floats
from hidden_regime.exceptions import RegimeWarning
from hidden_regime.simulator.clock import MIDNIGHT, Session, TradingCalendar
from hidden_regime.simulator.enums import DataNormalizationMode, SplitType
from hidden_regime.simulator.objects import Dividend, Split, Symbol, TradeBar


def price_scale(asset: Asset, mode: DataNormalizationMode) -> Floats:
    """What raw prices are multiplied by."""
    price, split = asset.factors.factors(asset.dates)
    if mode == DataNormalizationMode.RAW:
        return np.ones(len(asset.dates))
    if mode == DataNormalizationMode.ADJUSTED:
        return price * split if asset.adjusted_scale is None else asset.adjusted_scale
    return split


class Feed:
    """Bars of one security, a row a session from its first bar to its last.

    A session without a bar repeats the last close with volume 0 (filled forward) unless `fill_forward` is off.
    """

    def __init__(self, asset: Asset, symbol: Symbol, mode: DataNormalizationMode, calendar: TradingCalendar,
                 *, fill_forward: bool = True) -> None:  # fmt: skip
        self.symbol, self.asset = symbol, asset
        scale = price_scale(asset, mode)
        prices = [(getattr(asset, name) * scale).tolist() for name in ("open", "high", "low", "close")]
        volumes = (np.round(asset.volume / scale) if mode == DataNormalizationMode.ADJUSTED else asset.volume).tolist()
        own = {day: i for i, day in enumerate(asset.dates)}
        closed = sorted(set(asset.dates) - set(calendar.days))
        if closed:
            warnings.warn(
                RegimeWarning(
                    f"{symbol} has {len(closed)} bars on days without a session, first {closed[0]}: they are left out."
                ),
                stacklevel=2,
            )
        self.sessions: list[Session] = []
        self.rows: list[tuple[float, float, float, float, float, bool]] = []
        last = None
        for session in calendar.between(asset.dates[0], asset.dates[-1]):
            place = own.get(session.date)
            if place is not None:
                row = (prices[0][place], prices[1][place], prices[2][place], prices[3][place], volumes[place], False)
                last = row[3]
            elif fill_forward and last is not None:
                row = (last, last, last, last, 0.0, True)
            else:
                continue
            self.sessions.append(session)
            self.rows.append(row)
        self._closes = [session.close for session in self.sessions]
        self._place = {session.date: i for i, session in enumerate(self.sessions)}
        self.events = self._events(calendar)

    def bar(self, day: date) -> TradeBar | None:
        """Bar of a session."""
        place = self._place.get(day)
        return None if place is None else self._bar(place)

    def _bar(self, place: int) -> TradeBar:
        session, row = self.sessions[place], self.rows[place]
        return TradeBar(session.open, self.symbol, row[0], row[1], row[2], row[3], row[4], end_time=session.close,
                        is_fill_forward=row[5])  # fmt: skip

    def until(self, now: datetime, n: int | None = None, start: datetime | None = None) -> Iterator[TradeBar]:
        """Bars that ended by `now`: the last n, or those that ended after `start`."""
        end = bisect_right(self._closes, now)
        begin = 0 if start is None else bisect_right(self._closes, start)
        if n is not None:
            begin = max(end - n, 0)
        return (self._bar(i) for i in range(begin, end))

    def _next_session(self, calendar: TradingCalendar, day: date) -> date | None:
        place = bisect_right(calendar.days, day)
        return calendar.days[place] if place < len(calendar.days) else None

    def _events(self, calendar: TradingCalendar) -> dict[date, list[Dividend | Split]]:
        """Dividends and splits by the day at whose midnight they come."""
        out: dict[date, list[Dividend | Split]] = {}
        for dividend in self.asset.factors.dividends():
            day = self._next_session(calendar, dividend.previous)
            if day is not None and calendar.find(dividend.previous) is not None:
                event = Dividend(self.symbol, datetime.combine(day, MIDNIGHT), dividend.distribution, dividend.reference_price)
                out.setdefault(day, []).append(event)
        for split in self.asset.factors.splits():
            warned, day = split.previous, self._next_session(calendar, split.previous)
            if day is None or calendar.find(warned) is None:
                continue
            place = bisect_left(self.asset.dates, warned)
            before = float(self.asset.close[place - 1]) if place > 0 else 0.0
            for when, price, kind in (
                (warned, before, SplitType.WARNING),
                (day, split.reference_price, SplitType.SPLIT_OCCURRED),
            ):
                made = Split(self.symbol, datetime.combine(when, MIDNIGHT), split.factor, price, kind)
                out.setdefault(when, []).append(made)
        return out
