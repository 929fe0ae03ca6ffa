"""Consolidators: several bars into one, by time, by count, by calendar.

A new one is a new file with a class on `Consolidator`, and its name in `OFFERED`.
"""

from hidden_regime.simulator.consolidation.base import Consolidator, Handlers, IdentityConsolidator
from hidden_regime.simulator.consolidation.choose import make
from hidden_regime.simulator.consolidation.periods import CalendarInfo
from hidden_regime.simulator.consolidation.quote_bars import QuoteBarConsolidator
from hidden_regime.simulator.consolidation.trade_bars import TradeBarConsolidator

OFFERED: tuple[type, ...] = (CalendarInfo, QuoteBarConsolidator, TradeBarConsolidator)
"""What strategies make by name."""

__all__ = [
    "OFFERED", "CalendarInfo", "Consolidator", "Handlers", "IdentityConsolidator", "QuoteBarConsolidator", "TradeBarConsolidator",
    "make",
]  # fmt: skip
