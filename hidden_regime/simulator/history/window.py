"""Where a request of so many bars begins."""

from __future__ import annotations

from datetime import datetime, timedelta

from hidden_regime.simulator.clock import MIDNIGHT, TradingCalendar
from hidden_regime.simulator.enums import Resolution

DAY = timedelta(days=1)


def _in_session(moment: datetime, calendar: TradingCalendar) -> bool:
    return moment.time() > calendar.sessions[0].open.time() and moment.time() < calendar.sessions[0].close.time()


def start_of(now: datetime, n: int, resolution: Resolution, calendar: TradingCalendar, *, always_open: bool = False) -> datetime:
    """Start of the window of the last n bars: LEAN steps back bar by bar, counting those in which the market was open.

    Inside a session a day's step reaches from one afternoon to the next, so a window over a weekend holds fewer bars.
    """
    if n <= 0:
        return now
    if always_open:
        length = {Resolution.DAILY: DAY, Resolution.HOUR: timedelta(hours=1)}.get(resolution, timedelta(minutes=1))
        midnight = datetime.combine(now.date(), MIDNIGHT)
        return midnight + (now - midnight) // length * length - n * length
    if resolution != Resolution.DAILY:
        return _back(now, n, timedelta(hours=1) if resolution == Resolution.HOUR else timedelta(minutes=1), calendar)
    if not calendar.sessions:
        return now
    if not _in_session(now, calendar):
        place = calendar.at_or_after(now.date() + DAY)
        if place and calendar.sessions[place - 1].close > now:
            place -= 1
        first = place - n
        return calendar.sessions[first].open if first >= 0 else datetime.min
    moment, left = now, n
    earliest = calendar.sessions[0].open - DAY
    while left > 0 and moment > earliest:
        moment -= DAY
        for day in (moment.date(), moment.date() + DAY):
            session = calendar.find(day)
            if session is not None and session.open < moment + DAY and session.close > moment:
                left -= 1
                break
    return moment


def _back(now: datetime, n: int, length: timedelta, calendar: TradingCalendar) -> datetime:
    place, left = calendar.at_or_after(now.date() + DAY) - 1, n
    while place >= 0:
        session = calendar.sessions[place]
        floor = session.open.replace(minute=0) if length > timedelta(minutes=1) else session.open
        midnight = datetime.combine(session.date, MIDNIGHT)
        end = min(session.close, midnight + (now - midnight) // length * length)
        bars = max(-(-(end - floor) // length), 0)
        if left <= bars:
            return floor + (bars - left) * length
        left -= bars
        place -= 1
    return datetime.min
