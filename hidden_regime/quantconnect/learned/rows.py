"""The row of columns after a bar: the same object makes a data set's rows and a strategy's."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hidden_regime.bars.bar import Bar
from hidden_regime.quantconnect.learned.column import Column, Measure
from hidden_regime.regimes.state import RegimeState


class Rows:
    """Takes an asset's bars and answers with its columns.

    All bars since the first are kept, for what comes of a split: the bars before it change their scale, and what was made of
    them is made anew.

    Parameters
    ----------
    columns : tuple of Column
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = tuple(columns)
        self.bars: list[Bar] = []
        self._kinds = list(dict.fromkeys((one.kind, one.of) for one in self.columns if not one.is_of_regimes))
        self._begin()

    def _begin(self) -> None:
        self._measures: dict[tuple[str, int | str], Measure] = {kind: Column(*kind).measure() for kind in self._kinds}
        self._values: dict[tuple[str, int | str], list[float]] = {kind: [] for kind in self._kinds}

    @property
    def needs_regimes(self) -> bool:
        """Whether some column is made of regimes."""
        return any(one.is_of_regimes for one in self.columns)

    def take(self, bar: Bar) -> None:
        """Take the next bar. One that isn't later than the latest begins anew: history was read again."""
        if self.bars and bar.end_time <= self.bars[-1].end_time:
            self.bars = []
            self._begin()
        self.bars.append(bar)
        self._measure(bar)

    def _measure(self, bar: Bar) -> None:
        for kind, measure in self._measures.items():
            self._values[kind].append(measure.take(bar))

    def rescale(self, factor: float) -> None:
        """Bring the bars so far to the scale after an event."""
        scaled = [Bar(t, o * factor, h * factor, low * factor, c * factor, v / factor) for t, o, h, low, c, v in self.bars]
        self.bars = scaled
        self._begin()
        for bar in scaled:
            self._measure(bar)

    def row(self, states: Sequence[RegimeState]) -> list[float]:
        """Values after the latest bar, NaN where there is none yet; `states` are those after its bars so far, oldest first."""
        out = []
        for one in self.columns:
            if one.is_of_regimes:
                out.append(one.value(states[-1 - one.lag]) if len(states) > one.lag else math.nan)
                continue
            values = self._values[one.kind, one.of]
            out.append(values[-1 - one.lag] if len(values) > one.lag else math.nan)
        return out
