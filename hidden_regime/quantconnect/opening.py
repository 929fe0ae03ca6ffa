"""How a day of finer bars begins: with a trade, or with bars that LEAN filled forward from the day before."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from hidden_regime.bars.bar import Bar
from hidden_regime.quantconnect._lean import DataNormalizationMode
from hidden_regime.quantconnect.bar_length import FILLED
from hidden_regime.quantconnect.bars_from_lean import INSTANT, to_bar
from hidden_regime.quantconnect.bars_of_length import pieces_of
from hidden_regime.quantconnect.watcher import Watcher


class Opening(Watcher):
    """Watches the first bars of each day of a subscription that is finer than daily.

    LEAN makes a day of all bars, filled ones included, and those before the first trade hold prices of the day before. Once
    one is traded nothing more is asked for until the next day: a repeat then is a price of the day itself.

    Parameters
    ----------
    algorithm : QCAlgorithm
    symbol : Symbol
    """

    def __init__(self, algorithm: Any, symbol: Any) -> None:
        super().__init__(algorithm, symbol)
        self.is_filled = False
        self._security: Any = None

    def watch(self) -> None:
        """Look at the next bars, until one was traded."""
        self.is_filled = False
        if self._security is None:  # one look for all days: in LEAN each takes longer than what is done with it
            self._security = self.algorithm.securities[self.symbol]
        resolution = self._security.resolution
        if resolution in FILLED:
            self.begin(resolution)

    def _look(self, bar: Any) -> None:
        if bar.is_fill_forward:
            self.is_filled = True
        else:
            self.stop()

    def tell(self, time: datetime, factor: float) -> None:
        """A split or dividend: LEAN tells it between two days."""

    def is_empty(self, day: Any) -> bool:
        """Whether it is known that nothing was traded: of trades a volume of 0 says so."""
        return False

    def traded(self, day: Any) -> Bar | None:
        """The day made anew of what was traded, on the scale of its close; None where nothing else is known."""
        if not self.is_filled:
            return None
        begin = datetime.combine((day.end_time - INSTANT).date(), time())  # a coin's day ends at midnight
        raw = DataNormalizationMode.RAW if self.algorithm.live_mode else None
        found = pieces_of(self.algorithm, self.symbol, begin, raw)
        finer = [bar for bar in found if bar.end_time <= day.end_time]
        if not finer or not finer[-1].close > 0:
            return None
        whole = to_bar(day)
        scale = whole.close / float(finer[-1].close)
        high, low = max(float(bar.high) for bar in finer), min(float(bar.low) for bar in finer)
        return Bar(whole.end_time, float(finer[0].open) * scale, high * scale, low * scale, whole.close, whole.volume)
