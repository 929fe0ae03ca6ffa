"""What a strategy sees of its benchmark."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from hidden_regime.simulator.spelling import TwoSpellings


class FuncBenchmark(TwoSpellings):
    """A function of the time."""

    def __init__(self, benchmark: Callable[[datetime], Any]) -> None:
        self._function = benchmark

    def evaluate(self, time: datetime) -> float:
        """Its value at a time."""
        return float(self._function(time))


class SecurityBenchmark(TwoSpellings):
    """A security."""

    def __init__(self, security: Any, symbol: Any = None) -> None:
        self.security, self._symbol = security, symbol

    def evaluate(self, time: datetime) -> float:
        """Its last price; 0 before there is one."""
        return float(self.security.price) if self.security is not None else 0.0
