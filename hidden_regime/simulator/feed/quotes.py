"""Quotes of minutes or seconds of one security, filled forward inside sessions."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from hidden_regime.data.intraday import IntradayQuotes
from hidden_regime.simulator.clock import MIDNIGHT, Session
from hidden_regime.simulator.feed.within_day import WithinDay
from hidden_regime.simulator.objects.quotes import Bar, QuoteBar


class QuoteFeed(WithinDay[QuoteBar, IntradayQuotes]):
    """Quotes in a mode's prices, read a day at a time. Prices are adjusted as those of trades are, and sizes as volumes."""

    def real(self, session: Session) -> list[QuoteBar]:
        """What was quoted in a session."""
        rows = self._data.find(session.date) if self._data is not None and self.is_listed(session) else None
        if rows is None:
            return []
        keep = np.arange(len(rows.starts))
        if not self._extended:
            opened, closed = self._places(session)
            keep = np.flatnonzero((rows.starts >= opened) & (rows.starts < closed))
        n = len(keep)
        both = np.vstack([rows.bid[keep], rows.ask[keep]])
        found = self._adjustment.day(session.date, both) if n else both
        # Zero is no price, and stays none where dividends are added to prices.
        there = (both[:, :4] != 0.0).any(axis=1).tolist()
        bars = [Bar(*row[:4]) if real else None for row, real in zip(found.tolist(), there, strict=True)]
        sizes = found[:, 4].tolist()
        midnight, out = datetime.combine(session.date, MIDNIGHT), []
        for i, start in enumerate(rows.starts[keep].tolist()):
            time = midnight + start * self.unit
            out.append(QuoteBar(time, self.symbol, bars[i], sizes[i], bars[n + i], sizes[n + i], end_time=time + self.unit))
        return out

    def _fill(self, found: list[QuoteBar], session: Session, last: QuoteBar | None) -> list[QuoteBar]:
        """As trades are filled; a bar without bid or ask takes that of the one before."""
        before = last
        for bar in found:
            if before is not None:
                bar.bid = before.bid if bar.bid is None else bar.bid
                bar.ask = before.ask if bar.ask is None else bar.ask
            before = bar
        return super()._fill(found, session, last)

    def repeated(self, last: QuoteBar, time: datetime, end_time: datetime) -> QuoteBar:
        """The last bar at another time."""
        return QuoteBar(
            time, self.symbol, last.bid, last.last_bid_size, last.ask, last.last_ask_size, end_time=end_time, is_fill_forward=True
        )
