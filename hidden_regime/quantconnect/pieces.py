"""What a bar is made of: pieces that were traded, that LEAN filled forward, or that came before a split."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from hidden_regime.bars.bar import Bar
from hidden_regime.quantconnect._lean import DataNormalizationMode
from hidden_regime.quantconnect.bar_length import BarLength, span_of
from hidden_regime.quantconnect.bars_from_lean import to_bar
from hidden_regime.quantconnect.bars_of_length import pieces_of
from hidden_regime.quantconnect.watcher import Watcher


class Pieces(Watcher):
    """Watches the bars of a subscription that those of a length are made of.

    LEAN's bar is right unless it begins with pieces filled forward, which hold prices of an earlier session, or has begun
    before the watch, or a split or dividend came within it. History then has its pieces.

    Parameters
    ----------
    algorithm : QCAlgorithm
    symbol : Symbol
    length : BarLength
    """

    def __init__(self, algorithm: Any, symbol: Any, length: BarLength) -> None:
        super().__init__(algorithm, symbol)
        self.length = length
        self.since: datetime = algorithm.securities[symbol].local_time
        self._seen: list[tuple[datetime, bool]] = []  # begin, and whether it was filled forward
        self._events: list[tuple[datetime, float]] = []

    def watch(self) -> None:
        """Look at each piece, where bars have several."""
        resolution = self.algorithm.securities[self.symbol].resolution
        if span_of(resolution) < self.length.span:
            self.begin(resolution)

    def _look(self, piece: Any) -> None:
        self._seen.append((piece.time, bool(piece.is_fill_forward)))

    def tell(self, time: datetime, factor: float) -> None:
        """A split or dividend, by which the bars before it were multiplied."""
        self._events.append((time, factor))

    def later(self, end: datetime) -> float:
        """Factor of the events that were told already when a bar came that had ended before them."""
        return math.prod(factor for time, factor in self._events if time >= end)

    def is_partial(self, bar: Any) -> bool:
        """Whether the watch began within the bar."""
        return bool(bar.time < self.since < bar.end_time)

    def is_filled(self, bar: Any) -> bool:
        """Whether nothing of the bar was traded, as far as was seen."""
        own = [filled for time, filled in self._seen if bar.time <= time < bar.end_time]
        return bool(own) and all(own) and not self.is_partial(bar)

    def is_sound(self, bar: Any) -> bool:
        """Whether LEAN's bar is right as it is."""
        first = next((filled for time, filled in self._seen if time >= bar.time), False)
        return not (first or self.is_partial(bar) or any(bar.time < time < bar.end_time for time, _ in self._events))

    def made(self, bar: Any) -> tuple[Bar | None, float]:
        """The bar as it should be, on the scale of the window; None where history doesn't have it.

        And the factor of the events that were told already and came after all that was traded in it.
        """
        whole = to_bar(bar)
        if self.is_sound(bar):
            later = self.later(bar.end_time)
            return (whole if later == 1.0 else _scaled(whole, later)), later
        # Adjusted ones are on one scale, whether LEAN told of the events between them or not; it is left by their close.
        found = pieces_of(self.algorithm, self.symbol, self.length.begin(bar.time), DataNormalizationMode.ADJUSTED)
        pieces = [to_bar(piece) for piece in found if piece.time >= bar.time and piece.end_time <= bar.end_time]
        if not pieces or not pieces[-1].close > 0:
            return None, 1.0
        high, low = max(piece.high for piece in pieces), min(piece.low for piece in pieces)
        volume = sum(piece.volume for piece in pieces) if self.is_partial(bar) else whole.volume
        joined = Bar(whole.end_time, pieces[0].open, high, low, pieces[-1].close, volume)
        later = self.later(pieces[-1].end_time)
        return _scaled(joined, whole.close / joined.close * later), later

    def forget(self, bar: Any) -> None:
        """Forget what no later bar is made of."""
        self._seen = [(time, filled) for time, filled in self._seen if time >= bar.end_time]
        if self._events:
            self._events = [(time, factor) for time, factor in self._events if time > bar.end_time]


def _scaled(bar: Bar, factor: float) -> Bar:
    return Bar(bar.end_time, bar.open * factor, bar.high * factor, bar.low * factor, bar.close * factor, bar.volume)
