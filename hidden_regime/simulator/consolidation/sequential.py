"""One consolidator behind another: bars of bars."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hidden_regime.simulator.consolidation.base import Consolidator
from hidden_regime.simulator.consolidation.bricks import (
    ClassicRenkoConsolidator,
    RangeConsolidator,
    RenkoConsolidator,
    VolumeRenkoConsolidator,
)
from hidden_regime.simulator.consolidation.ticks import TickConsolidator, TickIdentityConsolidator, TickQuoteBarConsolidator
from hidden_regime.simulator.consolidation.values import BaseDataConsolidator
from hidden_regime.simulator.failures import ArgumentException

OF_ANY = (
    BaseDataConsolidator, ClassicRenkoConsolidator, RangeConsolidator, RenkoConsolidator, VolumeRenkoConsolidator,
)  # fmt: skip
"""What takes data of any type."""
OF_TICKS = (TickConsolidator, TickIdentityConsolidator, TickQuoteBarConsolidator)
OTHER_TYPE = "first.OutputType must equal second.OutputType!"


class SequentialConsolidator(Consolidator):
    """What the first makes goes into the second, and what that makes is handed on: three sessions in one bar, say.

    Parameters
    ----------
    first, second : Consolidator
        They aren't fed by themselves.

    Raises
    ------
    ArgumentException
        The second takes another type of data than the first makes.
    """

    def __init__(self, first: Consolidator, second: Consolidator) -> None:
        quotes = [getattr(part, "of_quotes", False) for part in (first, second)]
        if not isinstance(second, OF_ANY) and (quotes[0] != quotes[1] or isinstance(second, OF_TICKS)):
            raise ArgumentException(OTHER_TYPE)
        self.first, self.second, self.of_quotes = first, second, quotes[0]
        super().__init__()
        first.data_consolidated += self._hand_on
        second.data_consolidated += self._take

    def _hand_on(self, _: object, data: Any) -> None:
        self.second.update(data)

    def _take(self, _: object, data: Any) -> None:
        self.emit(data)

    @property
    def working_data(self) -> Any:
        """What the second is making."""
        return self.second.working_data

    @working_data.setter
    def working_data(self, data: Any) -> None:
        """It is the second's own."""

    @property
    def exchange(self) -> Any:
        """Whose time its bars have."""
        return self.first.exchange

    @exchange.setter
    def exchange(self, exchange: Any) -> None:
        self.first.exchange = self.second.exchange = exchange

    def update(self, data: Any) -> None:
        """Take a bar, into the first."""
        self.first.update(data)

    def scan(self, now: datetime) -> None:
        """Emit what is over in the first: the second goes by what it is given."""
        self.first.scan(now)

    def reset(self) -> None:
        """Forget the bars, in both too."""
        self.first.reset()
        self.second.reset()
        super().reset()

    def dispose(self) -> None:
        """Stop, and both."""
        self.first.dispose()
        self.second.dispose()
        super().dispose()
