"""Where a request of so many bars begins."""

from __future__ import annotations

from datetime import datetime, timedelta

from hidden_regime.simulator.account.exchange import Exchange, PairExchange
from hidden_regime.simulator.clock import CLOSE, MIDNIGHT, TradingCalendar
from hidden_regime.simulator.enums import Resolution
from hidden_regime.simulator.lengths import DAY, LENGTHS, MINUTE


def start_of(now: datetime, n: int, resolution: Resolution, calendar: TradingCalendar, *, always_open: bool = False) -> datetime:
    """Start of the window of the last n bars: LEAN steps back bar by bar, counting those in which the market was open."""
    if n <= 0:
        return now
    if always_open:
        length = LENGTHS.get(resolution, MINUTE)
        midnight = datetime.combine(now.date(), MIDNIGHT)
        return midnight + (now - midnight) // length * length - n * length
    if resolution == Resolution.DAILY:
        return _days_back(now, n, calendar)
    return _back(now, n, LENGTHS.get(resolution, MINUTE), calendar)


def _days_back(now: datetime, n: int, calendar: TradingCalendar) -> datetime:
    """Until today's session is over the steps begin at midnight, each a date; then they reach from this hour to the same hour.

    Past the regular close such a step holds the end of one session. Past an early one it may hold those of two, so the window
    holds more bars than were asked for.
    """
    today = calendar.find(now.date())
    place = calendar.at_or_after(now.date())
    if today is None or today.close > now:
        return datetime.combine(calendar.days[place - n], MIDNIGHT) if n <= place else datetime.min
    if now.time() >= CLOSE:
        return datetime.combine(calendar.days[place + 1 - n], now.time()) - DAY if n <= place + 1 else datetime.min
    left, done = n, 0
    while place >= 0:
        session = calendar.sessions[place]
        ago = (now.date() - session.date).days
        for steps in (ago, ago + 1) if session.close.time() > now.time() else (ago + 1,):
            if steps > done:
                left, done = left - 1, steps
                if not left:
                    return now - steps * DAY
        place -= 1
    return datetime.min


def _back(now: datetime, n: int, length: timedelta, calendar: TradingCalendar) -> datetime:
    place, left = calendar.at_or_after(now.date() + DAY) - 1, n
    while place >= 0:
        session = calendar.sessions[place]
        floor = session.open.replace(minute=0) if length > MINUTE else session.open
        midnight = datetime.combine(session.date, MIDNIGHT)
        end = min(session.close, midnight + (now - midnight) // length * length)
        bars = max(-(-(end - floor) // length), 0)
        if left <= bars:
            return floor + (bars - left) * length
        left -= bars
        place -= 1
    return datetime.min


def start_in(exchange: Exchange, now: datetime, n: int, resolution: Resolution, *, custom: bool = False) -> datetime:
    """The same at an exchange, in its time. Pairs' bars are counted back from a round time in the zone of their data."""
    if not isinstance(exchange, PairExchange):
        return start_of(now, n, resolution, exchange.calendar, always_open=custom)
    zone, data_zone = exchange.pair_hours.zones
    length = LENGTHS.get(resolution, MINUTE)
    there = data_zone.from_utc(zone.to_utc(now))
    midnight = datetime.combine(there.date(), MIDNIGHT)
    current = zone.from_utc(data_zone.to_utc(midnight + (there - midnight) // length * length))
    if n <= 0:
        return now
    if exchange.always:
        return current - n * length
    left, hours = n, exchange.pair_hours
    while left:
        before, current = current, current - length
        left -= hours.is_open_during(current, before)
    return current
