"""Consolidators: several bars into one, by time, by count, by calendar."""

from hidden_regime.simulator.consolidation.base import Consolidator, Handlers, IdentityConsolidator
from hidden_regime.simulator.consolidation.choose import make
from hidden_regime.simulator.consolidation.periods import CalendarInfo
from hidden_regime.simulator.consolidation.quote_bars import QuoteBarConsolidator
from hidden_regime.simulator.consolidation.trade_bars import TradeBarConsolidator

__all__ = [
    "CalendarInfo", "Consolidator", "Handlers", "IdentityConsolidator", "QuoteBarConsolidator", "TradeBarConsolidator", "make",
]  # fmt: skip
