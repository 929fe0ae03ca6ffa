"""The base of consolidators of a strategy's own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hidden_regime.simulator.consolidation.base import Consolidator
from hidden_regime.simulator.managed import Managed
from hidden_regime.simulator.objects.quotes import QuoteBar


class PythonConsolidator(Consolidator, metaclass=Managed):
    """A consolidator that is told of data by `update` and of time by `scan`, and hands a bar on by `on_data_consolidated`.

    `input_type` says what it is fed with: `QuoteBar`, or otherwise trades.
    """

    input_type: Any = None
    output_type: Any = None

    @property
    def of_quotes(self) -> bool:  # type: ignore[override]
        """Whether it is fed with quotes instead of trades."""
        return self.input_type is QuoteBar

    def on_data_consolidated(self, consolidator: Any, data: Any) -> None:
        """Tell the listeners of a bar."""
        self.emit(data)

    def update(self, data: Any) -> None:
        """Take data: what a strategy's own class does."""

    def scan(self, now: datetime) -> None:
        """Take the time of the exchange: what a strategy's own class does."""
