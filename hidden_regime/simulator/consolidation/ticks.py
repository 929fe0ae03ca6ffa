"""Consolidators of ticks: into bars of trades, into bars of quotes, or each as it is."""

from __future__ import annotations

from typing import Any

from hidden_regime.simulator.consolidation.base import IdentityConsolidator
from hidden_regime.simulator.consolidation.quote_bars import QuoteBarConsolidator
from hidden_regime.simulator.consolidation.trade_bars import TradeBarConsolidator
from hidden_regime.simulator.enums import TickType
from hidden_regime.simulator.objects.quotes import QuoteBar


class TickConsolidator(TradeBarConsolidator):
    """Bars of the trades among ticks, made as `TradeBarConsolidator` makes bars of bars."""

    def update(self, data: Any) -> None:
        """Take a tick."""
        if data.is_trade:
            super().update(data)


class TickQuoteBarConsolidator(QuoteBarConsolidator):
    """Bars of the quotes among ticks."""

    def update(self, data: Any) -> None:
        """Take a tick."""
        if not data.is_trade:
            super().update(data)

    def _aggregate(self, data: Any) -> None:
        working = self.working_data
        if working is None:
            working = self.working_data = QuoteBar(self._start(data), data.symbol, period=self._period)
            before = self.consolidated
            if before is not None:
                bid, ask = (0.0 if side is None else side.close for side in (before.bid, before.ask))
                working.update(0.0, bid, ask, 0.0, before.last_bid_size, before.last_ask_size)
        working.update(0.0, data.bid_price, data.ask_price, 0.0, data.bid_size, data.ask_size)


class TickIdentityConsolidator(IdentityConsolidator):
    """Hands each tick of a type on as it is."""

    def __init__(self, tick_type: TickType) -> None:
        super().__init__()
        self._type = tick_type
        self.of_quotes = tick_type == TickType.QUOTE

    def update(self, data: Any) -> None:
        """Take a tick."""
        if data.tick_type == self._type:
            self.working_data = data
            self.window.add(data)
            self.data_consolidated(self, data)
            self.consolidated = data
