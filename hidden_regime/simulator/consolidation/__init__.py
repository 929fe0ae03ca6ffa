"""Consolidators: several bars into one, by time, by count, by calendar.

A new one is a new file with a class on `Consolidator`, and its name in `OFFERED`.
"""

from hidden_regime.simulator.consolidation.base import Consolidator, Handlers, IdentityConsolidator
from hidden_regime.simulator.consolidation.bricks import (
    ClassicRangeConsolidator,
    ClassicRenkoConsolidator,
    RangeConsolidator,
    RenkoConsolidator,
    VolumeRenkoConsolidator,
    WickedRenkoConsolidator,
)
from hidden_regime.simulator.consolidation.choose import make, of_size
from hidden_regime.simulator.consolidation.own import PythonConsolidator
from hidden_regime.simulator.consolidation.periods import CalendarInfo
from hidden_regime.simulator.consolidation.quote_bars import QuoteBarConsolidator
from hidden_regime.simulator.consolidation.sequential import SequentialConsolidator
from hidden_regime.simulator.consolidation.ticks import TickConsolidator, TickQuoteBarConsolidator
from hidden_regime.simulator.consolidation.trade_bars import TradeBarConsolidator
from hidden_regime.simulator.consolidation.values import BaseDataConsolidator

OFFERED: tuple[type, ...] = (
    BaseDataConsolidator, ClassicRangeConsolidator, ClassicRenkoConsolidator, RangeConsolidator, RenkoConsolidator,
    PythonConsolidator, SequentialConsolidator, TickConsolidator, TickQuoteBarConsolidator, VolumeRenkoConsolidator,
    WickedRenkoConsolidator,
    CalendarInfo, QuoteBarConsolidator, TradeBarConsolidator)  # fmt: skip
"""What strategies make by name."""

__all__ = [
    "OFFERED", "CalendarInfo", "Consolidator", "Handlers", "IdentityConsolidator", "QuoteBarConsolidator", "TradeBarConsolidator",
    "make", "of_size",
]  # fmt: skip
