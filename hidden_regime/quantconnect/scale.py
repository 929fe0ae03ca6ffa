"""The scale of an asset's window: which splits and dividends LEAN's prices already hold, and which are still to come."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hidden_regime.quantconnect._lean import DataNormalizationMode

ROUNDED = 1e-4
"""Ratios of prices nearer to 1 than this are rounding, not events."""


@dataclass
class Scale:
    """What the prices of one asset are adjusted for.

    A window is kept on the scale of its latest bar. Where bars come adjusted, that is history's; where they come raw, each
    event that is told moves it. In live trading LEAN's bars are raw in every mode, and only history is adjusted, by what the
    factor file holds by then.
    """

    mode: Any = None
    """LEAN's DataNormalizationMode, as it was when history was read."""
    live: bool = False
    told: float = 1.0
    """Product of the factors applied since history was read."""
    is_unsure: bool = False
    """Whether an event may have come untold between history and the first bar: LEAN tells none of a run's first day."""
    events: dict[str, datetime] = field(default_factory=dict)
    """When the latest split and dividend came, so that none counts twice."""

    @classmethod
    def of(cls, algorithm: Any, symbol: Any) -> Scale:
        """The scale of a subscription's bars as they come now."""
        return cls(algorithm.securities[symbol].data_normalization_mode, bool(algorithm.live_mode))

    @property
    def sees_splits(self) -> bool:
        """Whether a split moves the bars."""
        return self.live or self.mode == DataNormalizationMode.RAW

    @property
    def sees_dividends(self) -> bool:
        """Whether a dividend moves the bars."""
        return self.sees_splits or self.mode == DataNormalizationMode.SPLIT_ADJUSTED

    @property
    def is_adjusted(self) -> bool:
        """Whether the bars are those of adjusted history."""
        return not self.live and self.mode in (DataNormalizationMode.ADJUSTED, DataNormalizationMode.SCALED_RAW)

    @property
    def own(self) -> Any:
        """Mode in which history has the bars as they come; None for the subscription's."""
        return DataNormalizationMode.RAW if self.live else None

    def is_new(self, kind: str, time: datetime, seen: datetime | None) -> bool:
        """Whether an event is one that neither the window's bars nor an earlier look at the same slice know."""
        if (seen is not None and time < seen) or self.events.get(kind) == time:
            return False
        self.events[kind] = time
        return True

    def untold(self, adjusted: dict[datetime, float], own: dict[datetime, float], last: tuple[datetime, float],
               bar: tuple[datetime, float], later: float = 1.0) -> float:  # fmt: skip
        """Factor of the events between the window's last bar and the first one after it that LEAN didn't tell of.

        Parameters
        ----------
        adjusted, own : dict of datetime to float
            Closes of history by end time, adjusted and as the bars come.
        last : (datetime, float)
            End and close of the window's latest bar.
        bar : (datetime, float)
            End and open of the bar that has come.
        later : float
            Factor of the events that were told before the bar came, and happened after it.

        Notes
        -----
        Both scales of both days show it. Live history may lack the day that has just ended. What it shows of the day
        before then holds events that are still to come as well, so the nearer to the bar of it and of nothing is taken.
        """
        (then, close), (now, opened) = last, bar
        if then not in adjusted or then not in own:
            return 1.0
        factor = adjusted[then] / own[then] / (self.told / later)
        if now in adjusted and now in own:
            factor /= adjusted[now] / own[now]
        elif not self.live or abs(math.log(opened / close)) <= abs(math.log(opened / (close * factor))):
            return 1.0
        return factor if abs(factor - 1.0) > ROUNDED else 1.0
