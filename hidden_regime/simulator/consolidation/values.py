"""Bars of whatever data: of their values alone."""

from __future__ import annotations

from typing import Any

from hidden_regime.simulator.consolidation.trade_bars import TradeBarConsolidator
from hidden_regime.simulator.objects.bars import TradeBar


class BaseDataConsolidator(TradeBarConsolidator):
    """Bars of the values of data, without volume, made as `TradeBarConsolidator` makes bars of trades."""

    def _aggregate(self, data: Any) -> None:
        value, working = float(data.value), self.working_data
        if working is None:
            self.working_data = TradeBar(self._start(data), data.symbol, value, value, value, value, 0.0, self._period)
            return
        working.high, working.low, working.close = max(working.high, value), min(working.low, value), value
