"""Settlement models: when the proceeds of a sale are cash."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hidden_regime.data.decimals import ZERO
from hidden_regime.exceptions import UnsupportedError
from hidden_regime.simulator.clock import MIDNIGHT
from hidden_regime.simulator.managed import Managed

if TYPE_CHECKING:
    from hidden_regime.data.decimals import SystemDecimal
    from hidden_regime.simulator.account.portfolio import Portfolio
    from hidden_regime.simulator.clock import TradingCalendar

DEFAULT_DAYS, DEFAULT_TIME = 1, timedelta(hours=6)


class ImmediateSettlementModel(metaclass=Managed):
    """At once."""

    def apply(
        self, portfolio: Portfolio, amount: SystemDecimal, now: datetime, calendar: TradingCalendar, currency: str | None = None
    ) -> None:
        """Book what a fill brings or takes, in its currency."""
        portfolio.pay(amount, currency)

    def waits(self, portfolio: Portfolio) -> bool:
        """Whether proceeds of its security are still to come: never."""
        return False


class DelayedSettlementModel(metaclass=Managed):
    """Some sessions after the sale, at a time of day (New York). What is bought is paid at once.

    Parameters
    ----------
    number_of_days : int
        Sessions.
    time_of_day : timedelta
        Since midnight.
    """

    def __init__(self, number_of_days: int = DEFAULT_DAYS, time_of_day: timedelta = DEFAULT_TIME) -> None:
        self._days, self._time = number_of_days, time_of_day
        self._latest = datetime.min

    def apply(
        self, portfolio: Portfolio, amount: SystemDecimal, now: datetime, calendar: TradingCalendar, currency: str | None = None
    ) -> None:
        """Book what a fill brings or takes, in its currency."""
        if amount <= ZERO:
            portfolio.pay(amount, currency)
            return
        if currency is not None and currency != portfolio.cash_book.account_currency:
            raise UnsupportedError(
                f"proceeds in {currency} that settle later, in an account in {portfolio.cash_book.account_currency}: unsettled "
                "cash of other currencies exists in LEAN only. Use a margin account."
            )
        place = calendar.at_or_after(now.date() + timedelta(days=1)) + self._days - 1
        due = calendar.days[place] if place < len(calendar.days) else now.date() + timedelta(days=self._days)
        self._latest = datetime.combine(due, MIDNIGHT) + self._time
        portfolio.await_cash(self._latest, amount)

    def waits(self, portfolio: Portfolio) -> bool:
        """Whether proceeds of its security are still to come."""
        return portfolio.awaits(self._latest)


def check_settlement(model: object) -> object:
    """Raise unless the engine knows how a model settles."""
    if not hasattr(model, "apply"):
        raise UnsupportedError(
            f"settlement model {type(model).__name__}: the embedded engine has ImmediateSettlementModel and "
            "DelayedSettlementModel; own ones exist in LEAN only."
        )
    return model
