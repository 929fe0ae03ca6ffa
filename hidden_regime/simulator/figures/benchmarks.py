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
        """Its last price in the account's currency; 0 before there is one."""
        return float(self.security.price * self.security.rate) if self.security is not None else 0.0


class RunBenchmark(SecurityBenchmark):
    """The run's, which has bars of its own: it has a value where no such security was added."""

    def __init__(self, security: Any, symbol: Any, value: Callable[[], float]) -> None:
        super().__init__(security, symbol)
        self._value = value

    def evaluate(self, time: datetime) -> float:
        """Its value now, in the account's currency."""
        return self._value()
