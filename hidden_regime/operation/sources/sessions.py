"""Sessions that are still to come, of data that know only those that were."""

from __future__ import annotations

from datetime import date, timedelta

from hidden_regime.simulator.clock import TradingCalendar
from hidden_regime.simulator.feed.catalog import EARLIEST, LATEST


def with_sessions_to_come(known: TradingCalendar) -> TradingCalendar:
    """The days that data have, and after the last of them the sessions of the New York exchanges."""
    last = known.days[-1] if known.days else date.min
    to_come = TradingCalendar(max(EARLIEST, last + timedelta(days=1)), LATEST)
    return TradingCalendar(EARLIEST, LATEST, [*known.days, *to_come.days])
