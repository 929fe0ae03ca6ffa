"""Market data as they were at a time: nothing that ended later, and no event that was not known yet."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from datetime import date, datetime, timedelta

from hidden_regime.data.factors import FactorFile
from hidden_regime.data.intraday import BarRows, IntradayBars
from hidden_regime.data.map_files import Name
from hidden_regime.data.market import Asset
from hidden_regime.simulator.clock import MIDNIGHT, TradingCalendar
from hidden_regime.simulator.feed.corporate import AFTER_MIDNIGHT
from hidden_regime.simulator.lengths import MINUTE

DAY = timedelta(days=1)


def cut(asset: Asset, until: datetime, calendar: TradingCalendar) -> Asset:
    """Daily bars of sessions that were over, and the events that were told by the morning of that day."""
    session = calendar.find(until.date())
    last = until.date() if session is not None and session.close <= until else until.date() - DAY
    place = bisect_right(asset.dates, last)
    known = replace(
        asset, dates=asset.dates[:place], open=asset.open[:place], high=asset.high[:place], low=asset.low[:place],
        close=asset.close[:place], volume=asset.volume[:place],
        adjusted_scale=None if asset.adjusted_scale is None else asset.adjusted_scale[:place],
    )  # fmt: skip
    # With the row that follows what is known: only beside it the last row says what was paid. Of its own event it says nothing.
    told = (until - AFTER_MIDNIGHT).date()
    rows = asset.factors.rows
    following = bisect_right([row.date for row in rows], told) + 1
    if following < len(rows):
        known = replace(known, factors=FactorFile(rows[:following]))
    if known.last_day is not None and known.last_day > until.date():
        known = replace(known, last_day=None)
    names = [name for name in known.names if name.first <= until.date()] or list(known.names[:1])
    if len(names) < len(known.names):
        names[-1] = Name(names[-1].ticker, names[-1].first, date.max)
        known = replace(known, names=tuple(names))
    return known


def cut_intraday(bars: IntradayBars | None, until: datetime) -> IntradayBars | None:
    """Hourly or minute bars that had ended."""
    if bars is None:
        return None
    place = bisect_right(bars.days, until.date())
    limit = (until - datetime.combine(until.date(), MIDNIGHT)) // MINUTE

    def read(day: date) -> BarRows:
        found = bars.read(day)
        if day < until.date():
            return found
        ended = found.starts + bars.minutes <= limit
        return BarRows(found.starts[ended], found.values[ended])

    return IntradayBars(bars.minutes, bars.days[:place], read)
