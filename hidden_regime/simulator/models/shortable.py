"""Shortable providers: how many shares can be sold short."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hidden_regime.simulator.spelling import TwoSpellings


class NullShortableProvider(TwoSpellings):
    """As many as one likes, free of charge: the default. Others exist in LEAN only."""

    def shortable_quantity(self, symbol: Any, local_time: datetime) -> None:
        """None: no limit."""

    def fee_rate(self, symbol: Any, local_time: datetime) -> float:
        """Nothing is charged."""
        return 0.0

    rebate_rate = fee_rate
