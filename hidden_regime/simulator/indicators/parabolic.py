"""The parabolic stop and reverse."""

from __future__ import annotations

from typing import Any, ClassVar

from hidden_regime.simulator.indicators.bars import BarIndicator, difference
from hidden_regime.simulator.indicators.base import named
from hidden_regime.simulator.objects import TradeBar


class ParabolicStopAndReverse(BarIndicator):
    """A stop that nears the price the longer a trend lasts, and changes sides when it is touched."""

    parameters: ClassVar[tuple[str, ...]] = ("af_start", "af_increment", "af_max")

    def __init__(self, *given: Any) -> None:
        name, rest = (given[0], given[1:]) if given else (0.02, ())
        label, (self._start, self._increment, self._most) = named("PSAR", name, rest, (0.02, 0.02, 0.2))
        super().__init__(label, 2)
        self._before: TradeBar | None = None
        self._long = True
        self._stop = self._extreme = 0.0
        self._factor = float(self._start)

    def _next(self, bar: TradeBar) -> float:
        before, self._before = self._before, bar
        if before is None:
            return bar.close
        if self.samples == 2:
            fall = difference(before.low, bar.low)
            self._long = not (fall > 0.0 and difference(bar.high, before.high) < fall)
            self._stop = before.low if self._long else before.high
            self._extreme = bar.high if self._long else bar.low
            before = bar
        touched = bar.low <= self._stop if self._long else bar.high >= self._stop
        shown = self._reverse(bar, before) if touched else self._go_on(bar, before)
        return abs(shown)

    def _within(self, stop: float, bar: TradeBar, before: TradeBar) -> float:
        """Not inside the two bars' range."""
        return min(stop, before.low, bar.low) if self._long else max(stop, before.high, bar.high)

    def _reverse(self, bar: TradeBar, before: TradeBar) -> float:
        self._long = not self._long
        shown = self._within(self._extreme, bar, before)
        self._factor = float(self._start)
        self._extreme = bar.high if self._long else bar.low
        self._stop = self._within(shown + self._factor * (self._extreme - shown), bar, before)
        return shown

    def _go_on(self, bar: TradeBar, before: TradeBar) -> float:
        shown = self._stop
        if bar.high > self._extreme if self._long else bar.low < self._extreme:
            self._extreme = bar.high if self._long else bar.low
            self._factor = min(self._factor + self._increment, self._most)
        self._stop = self._within(shown + self._factor * (self._extreme - shown), bar, before)
        return shown
