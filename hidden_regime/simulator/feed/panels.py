"""Panels of the feeds of a run: of consecutive sessions, or of the hours, minutes or seconds of one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import reduce

import numpy as np

from hidden_regime.simulator.clock import MIDNIGHT, Session, TradingCalendar
from hidden_regime.simulator.feed.daily import BLOCK, DailyFeed
from hidden_regime.simulator.feed.panel import Column, Panel
from hidden_regime.simulator.feed.within_day import IntradayFeed, Minutes


def of_sessions(feeds: Sequence[DailyFeed], number: int, calendar: TradingCalendar) -> Panel:
    """Daily bars of a block of sessions from a number on: so few that memory stays flat."""
    sessions = calendar.sessions[number : number + BLOCK]
    columns = [feed.column(number, sessions) for feed in feeds]
    return _handed(feeds, Panel([s.open for s in sessions], [s.close for s in sessions], columns))


def within_session(feeds: Sequence[IntradayFeed], session: Session) -> Panel:
    """Hours, minutes or seconds of a session."""
    found = [feed.column(session) for feed in feeds]
    ends = times_of([ends for ends, _ in found])
    columns = [_placed(own, column, ends) for own, column in found]
    midnight, unit = datetime.combine(session.date, MIDNIGHT), feeds[0].unit
    times, length = [midnight + end * unit for end in ends.tolist()], feeds[0].length * unit
    return _handed(feeds, Panel([time - length for time in times], times, columns))


def times_of(columns: Sequence[Minutes]) -> Minutes:
    """All times of some ascending columns, each once: mostly all have the same."""
    first = columns[0]
    return first if all(np.array_equal(first, own) for own in columns[1:]) else reduce(np.union1d, columns)


def _placed(own: Minutes, column: Column, ends: Minutes) -> Column:
    """A column at the times of a panel."""
    if len(own) == len(ends):
        return column
    at = np.searchsorted(ends, own)
    values, kinds = np.zeros((len(ends), 5)), np.zeros(len(ends), np.int8)
    values[at], kinds[at] = column.values, column.kinds
    return Column(column.symbol, values, kinds)


def _handed(feeds: Sequence[DailyFeed | IntradayFeed], panel: Panel) -> Panel:
    for feed, column in zip(feeds, panel.columns, strict=True):
        feed.hand_over(column, panel)
    return panel
