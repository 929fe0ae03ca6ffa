"""Margin interest rate models: what is charged or paid for positions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hidden_regime.data.decimals import SystemDecimal
from hidden_regime.simulator.managed import Managed
from hidden_regime.simulator.spelling import SettableTwoSpellings, TwoSpellings, either


class MarginInterestRateParameters(TwoSpellings):
    """A security and the time, in UTC."""

    def __init__(self, security: Any, time: datetime) -> None:
        self.security, self.time = security, time


class NullMarginInterestRateModel(TwoSpellings, metaclass=Managed):
    """Nothing: what equities have."""

    def apply_margin_interest_rate(self, parameters: MarginInterestRateParameters) -> None:
        """Nothing is charged."""


class MarginInterestRateModel(TwoSpellings):
    """`MarginInterestRateModel.NULL`: nothing is charged."""

    NULL = Null = NullMarginInterestRateModel()


class ShortMarginInterestRateModel(SettableTwoSpellings, metaclass=Managed):
    """A short position pays its shortable provider's fee rate once a day, a long one gets the rebate rate; both of 360 days."""

    def __init__(self) -> None:
        self.amount = 0.0
        self._short = False
        self._since: datetime | None = None

    def apply_margin_interest_rate(self, parameters: MarginInterestRateParameters) -> None:
        """Charge or pay what is due."""
        security, time = parameters.security, parameters.time
        holding = security.holdings
        if not holding.invested:
            self._since = None
            return
        if self._since is None or self._short != holding.is_short:
            self._short, self._since = holding.is_short, time
            return
        if time.date() == self._since.date():
            return
        name = "fee_rate" if self._short else "rebate_rate"
        midnight = security.now.replace(hour=0, minute=0, second=0, microsecond=0)
        rate = either(security.shortable_provider, name)(security.symbol, midnight)
        if not rate:
            self._since = None
            return
        days = SystemDecimal.of(float((time.date() - self._since.date()).days))
        value = SystemDecimal.of(holding.quantity) * SystemDecimal.of(security.price)
        fee = float(SystemDecimal.of(float(rate)) * value / SystemDecimal.of(360.0) * days)
        self.amount += fee
        security.pay(fee)
        self._since = time
