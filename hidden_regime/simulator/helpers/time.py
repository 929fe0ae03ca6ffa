"""LEAN's class `Time`: spans, ranges of dates, and how far back so many bars reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.spelling import TwoSpellings

DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1)


def _date(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _down(moment: datetime, span: timedelta) -> datetime:
    return moment - (moment - datetime.min) % span


def _opens(hours: Any, start: datetime, end: datetime) -> bool:
    """Whether any session lies between two times."""
    return bool(hours.always or hours.open_at(start) or hours.get_next_market_open(start) < end)


class Time(TwoSpellings):
    """Static functions and constants."""

    ONE_YEAR, ONE_DAY, ONE_HOUR = timedelta(days=365), DAY, timedelta(hours=1)
    ONE_MINUTE, ONE_SECOND, ONE_MILLISECOND = timedelta(minutes=1), timedelta(seconds=1), timedelta(milliseconds=1)
    MAX_TIME_SPAN = timedelta(days=365_000)
    END_OF_TIME, START, BEGINNING_OF_TIME = datetime(2050, 12, 31), datetime(1998, 1, 2), datetime(1899, 12, 30)

    max, min = staticmethod(max), staticmethod(min)

    @staticmethod
    def abs(time_span: timedelta) -> timedelta:
        """Without its sign."""
        return abs(time_span)

    @staticmethod
    def multiply(interval: timedelta, multiplier: float) -> timedelta:
        """A span so many times."""
        return interval * multiplier

    @staticmethod
    def unix_time_stamp_to_date_time(unix_time_stamp: float) -> datetime:
        """UTC of seconds since 1970."""
        return EPOCH + timedelta(seconds=unix_time_stamp)

    @staticmethod
    def date_time_to_unix_time_stamp(time: datetime) -> float:
        """Seconds since 1970 of a time in UTC."""
        return (time.replace(tzinfo=None) - EPOCH).total_seconds()

    @staticmethod
    def parse_date(date_to_parse: str) -> datetime:
        """A date from text: yyyymmdd, or ISO's forms."""
        return datetime.fromisoformat(date_to_parse)

    @staticmethod
    def date_time_range(from_: datetime, thru: datetime, step: timedelta) -> Iterator[datetime]:
        """Times from one to another."""
        while from_ <= thru:
            yield from_
            from_ += step

    @staticmethod
    def each_day(from_: datetime, thru: datetime) -> Iterator[datetime]:
        """Days from one to another."""
        return Time.date_time_range(_date(from_), _date(thru), DAY)

    @staticmethod
    def each_tradeable_day(
        security: Any, from_: datetime, thru: datetime, extended_market_hours: bool = False
    ) -> Iterator[datetime]:
        """Days with a session of a security, of any of several, or of an exchange's hours."""
        single = hasattr(security, "exchange") or hasattr(security, "is_date_open")
        items: Iterable[Any] = [security] if single else getattr(security, "values", lambda: security)()
        hours = [getattr(item, "exchange", item) for item in items]
        return (day for day in Time.each_day(from_, thru) if any(h.is_date_open(day) for h in hours))

    @staticmethod
    def each_tradeable_day_in_time_zone(exchange: Any, from_: datetime, thru: datetime, time_zone: Any,
                                        include_extended_market_hours: bool = True) -> Iterator[datetime]:  # fmt: skip
        """Days with a session, in the data's time zone, which is the exchange's here."""
        return (day for day in Time.each_day(from_, thru) if exchange.is_date_open(day))

    @staticmethod
    def tradable_date(securities: Iterable[Any], day: datetime) -> bool:
        """Whether any of the securities has a session on a day."""
        return any(s.exchange.is_date_open(day) for s in getattr(securities, "values", lambda: securities)())

    @staticmethod
    def tradeable_dates(securities: Iterable[Any], start: datetime, finish: datetime) -> int:
        """Number of days on which any of the securities has a session."""
        return sum(Time.tradable_date(securities, day) for day in Time.each_day(start, finish))

    @staticmethod
    def get_start_time_for_trade_bars(exchange_hours: Any, end: datetime, bar_size: timedelta, bar_count: int,
                                      extended_market_hours: bool = False, data_time_zone: Any = None,
                                      daily_precise_end_time: bool = False) -> datetime:  # fmt: skip
        """When so many bars that end by a time begin."""
        if bar_size <= timedelta(0):
            raise ParameterError("bar_size", bar_size, "a span above 0")
        current = end
        if not (daily_precise_end_time and bar_size == DAY) or (
            not exchange_hours.is_date_open(end) or exchange_hours.get_next_market_close(_date(end)) > end
        ):
            current = _down(end, bar_size)
        left = bar_count
        while left > 0:
            previous, current = current, current - bar_size
            left -= _opens(exchange_hours, current, previous)
        return current

    @staticmethod
    def get_end_time_for_trade_bars(exchange_hours: Any, start: datetime, bar_size: timedelta, bar_count: int,
                                    extended_market_hours: bool = False) -> datetime:  # fmt: skip
        """When so many bars that begin at a time have ended."""
        if bar_size <= timedelta(0):
            raise ParameterError("bar_size", bar_size, "a span above 0")
        current, left = start, bar_count
        while left > 0:
            previous, current = current, current + bar_size
            left -= exchange_hours.is_date_open(current) if bar_size == DAY else _opens(exchange_hours, previous, current)
        return current

    GET_START_TIME_FOR_TRADE_BARS = get_start_time_for_trade_bars
