"""Settlement models: when the proceeds of a sale are cash."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hidden_regime.data.decimals import ZERO, SystemDecimal, total
from hidden_regime.exceptions import UnsupportedError
from hidden_regime.simulator.clock import MIDNIGHT
from hidden_regime.simulator.managed import Managed, is_own
from hidden_regime.simulator.models.fees import CashAmount
from hidden_regime.simulator.spelling import TwoSpellings, either, pascal

if TYPE_CHECKING:
    from hidden_regime.simulator.account.portfolio import Portfolio
    from hidden_regime.simulator.clock import TradingCalendar

DEFAULT_DAYS, DEFAULT_TIME = 1, timedelta(hours=6)
METHODS = ("apply_funds", "scan", "get_unsettled_cash")
NOBODYS = ""


class ImmediateSettlementModel(metaclass=Managed):
    """At once."""

    def apply(
        self, portfolio: Portfolio, amount: SystemDecimal, now: datetime, calendar: TradingCalendar, currency: str | None = None,
        fill: Any = None,
    ) -> None:  # fmt: skip
        """Book what a fill brings or takes, in its currency."""
        portfolio.pay(amount, currency)

    def waits(self, portfolio: Portfolio) -> bool:
        """Whether proceeds of its security are still to come: never."""
        return False

    def apply_funds(self, parameters: ApplyFundsSettlementModelParameters) -> None:
        """The same by LEAN's name, for models that derive from this one."""
        funds = parameters.cash_amount
        parameters.portfolio.pay(SystemDecimal.of(funds.amount), funds.currency)

    def scan(self, parameters: ScanSettlementModelParameters) -> None:
        """Nothing: what waits is booked by the portfolio."""

    def get_unsettled_cash(self) -> CashAmount:
        """What is still to come: nothing."""
        return CashAmount(0.0, NOBODYS)


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
        self._awaited: list[tuple[datetime, SystemDecimal]] = []
        self._portfolio: Portfolio | None = None

    def apply(
        self, portfolio: Portfolio, amount: SystemDecimal, now: datetime, calendar: TradingCalendar, currency: str | None = None,
        fill: Any = None,
    ) -> None:  # fmt: skip
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
        self._portfolio = portfolio
        self._awaited = [*self._still(portfolio), (self._latest, amount)]

    def _still(self, portfolio: Portfolio) -> list[tuple[datetime, SystemDecimal]]:
        return [(due, amount) for due, amount in self._awaited if portfolio.awaits(due)]

    def waits(self, portfolio: Portfolio) -> bool:
        """Whether proceeds of its security are still to come."""
        return portfolio.awaits(self._latest)

    def apply_funds(self, parameters: ApplyFundsSettlementModelParameters) -> None:
        """The same by LEAN's name, for models that derive from this one."""
        security, funds = parameters.security, parameters.cash_amount
        local = security.exchange.local(security.now)
        self.apply(parameters.portfolio, SystemDecimal.of(funds.amount), local, security.exchange.calendar, funds.currency)

    def scan(self, parameters: ScanSettlementModelParameters) -> None:
        """Nothing: what waits is booked by the portfolio."""

    def get_unsettled_cash(self) -> CashAmount:
        """What is still to come."""
        if self._portfolio is None or not self.waits(self._portfolio):
            return CashAmount(0.0, NOBODYS)
        owed = total([amount for _, amount in self._still(self._portfolio)])
        return CashAmount(float(owed), self._portfolio.cash_book.account_currency)


class ApplyFundsSettlementModelParameters(TwoSpellings):
    """What a settlement model of the strategy's own is asked to book: `apply_funds(parameters)`. Its `fill` brought the funds."""

    def __init__(self, portfolio: Portfolio, security: Any, application_time_utc: datetime, cash_amount: CashAmount,
                 fill: Any) -> None:  # fmt: skip
        self.portfolio, self.security, self.utc_time = portfolio, security, application_time_utc
        self.cash_amount, self.fill = cash_amount, fill


class ScanSettlementModelParameters(TwoSpellings):
    """What such a model is told each hour: `scan(parameters)`."""

    def __init__(self, portfolio: Portfolio, security: Any, time_utc: datetime) -> None:
        self.portfolio, self.security, self.utc_time = portfolio, security, time_utc


class OwnSettlement:
    """A settlement model of the strategy's own, as the engine asks it.

    Parameters
    ----------
    own : object
        Has `apply_funds`, `scan` and `get_unsettled_cash`.
    """

    def __init__(self, own: Any, security: Any) -> None:
        self.own, self._security = own, security

    def apply(
        self, portfolio: Portfolio, amount: SystemDecimal, now: datetime, calendar: TradingCalendar, currency: str | None = None,
        fill: Any = None,
    ) -> None:  # fmt: skip
        """Let it book what a fill brings or takes."""
        self.book(portfolio, amount, currency, fill)

    def book(self, portfolio: Portfolio, amount: SystemDecimal, currency: str | None, fill: Any) -> None:
        """The same, at the time of the fill."""
        funds = CashAmount(float(amount), currency or portfolio.cash_book.account_currency)
        either(self.own, "apply_funds")(
            ApplyFundsSettlementModelParameters(portfolio, self._security, fill.utc_time, funds, fill)
        )

    def scan(self, portfolio: Portfolio, utc: datetime) -> None:
        """Let it book what has settled."""
        either(self.own, "scan")(ScanSettlementModelParameters(portfolio, self._security, utc.replace(tzinfo=UTC)))

    def waits(self, portfolio: Portfolio) -> bool:
        """Whether proceeds of its security are still to come."""
        found = either(self.own, "get_unsettled_cash")()
        return found is not None and found.amount != 0


def asked_settlement(model: Any, security: Any) -> Any:
    """A settlement model as the engine asks it.

    Raises
    ------
    UnsupportedError
        It isn't one, or a delayed one of a pair.
    """
    lacking = [name for name in METHODS if not callable(getattr(model, name, None) or getattr(model, pascal(name), None))]
    if lacking:
        raise UnsupportedError(
            f"settlement model {type(model).__name__}: expected ImmediateSettlementModel, DelayedSettlementModel, or one of your "
            f"own with apply_funds, scan and get_unsettled_cash. Define {', '.join(lacking)}."
        )
    if isinstance(model, DelayedSettlementModel) and not security.is_valued:
        raise UnsupportedError(
            f"settlement model {type(model).__name__} of {security.symbol}: crypto and forex settle later in LEAN only. "
            "Use ImmediateSettlementModel, or one of your own with apply_funds, scan and get_unsettled_cash."
        )
    return OwnSettlement(model, security) if any(is_own(model, name) for name in METHODS) else model
