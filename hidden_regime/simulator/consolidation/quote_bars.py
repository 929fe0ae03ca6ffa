"""The consolidator of quotes."""

from __future__ import annotations

from typing import Any

from hidden_regime.simulator.consolidation.trade_bars import TradeBarConsolidator
from hidden_regime.simulator.objects.quotes import QuoteBar


class QuoteBarConsolidator(TradeBarConsolidator):
    """Bars of quotes, made as `TradeBarConsolidator` makes bars of trades: by length, by count, by calendar.

    As in LEAN a bar opens with the bid and the ask at which the one before closed.
    """

    of_quotes = True

    def _aggregate(self, data: Any) -> None:
        working = self.working_data
        if working is None:
            working = self.working_data = QuoteBar(self._start(data), data.symbol, period=self._period)
            before = self.consolidated
            if before is not None:
                bid, ask = (0.0 if side is None else side.close for side in (before.bid, before.ask))
                working.update(0.0, bid, ask, 0.0, before.last_bid_size, before.last_ask_size)
        for name in ("bid", "ask"):
            new, side = getattr(data, name), getattr(working, name)
            if new is None:
                continue
            setattr(working, f"last_{name}_size", getattr(data, f"last_{name}_size"))
            if side is None:
                setattr(working, name, new.clone())
            else:
                side.high, side.low, side.close = max(side.high, new.high), min(side.low, new.low), new.close
        working.value = data.value
