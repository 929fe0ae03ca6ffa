"""Risk-free rates: what strategies reckon with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from hidden_regime.simulator.spelling import TwoSpellings


class ConstantRiskFreeRateInterestRateModel(TwoSpellings):
    """The same rate at all times."""

    def __init__(self, risk_free_rate: float) -> None:
        self._rate = float(risk_free_rate)

    def get_interest_rate(self, date: datetime) -> float:
        """The rate of a date, a year."""
        return self._rate


class FuncRiskFreeRateInterestRateModel(TwoSpellings):
    """A rate by a function of the date."""

    def __init__(self, get_interest_rate_func: Callable[[datetime], Any]) -> None:
        self._function = get_interest_rate_func

    def get_interest_rate(self, date: datetime) -> float:
        """The rate of a date, a year."""
        return float(self._function(date))
