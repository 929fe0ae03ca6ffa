"""A deployment's days: what it was worth at the end of each, in cents, and what was filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.records import OrderRow
from hidden_regime.simulator.clock import from_utc

CENT = Decimal("0.01")


def exact(value: float) -> Decimal:
    """The shortest decimal number that a double stands for."""
    return Decimal(repr(float(value)))


def cents(value: float | Decimal) -> Decimal:
    """Dollars and cents: half a cent goes to the even one, as in LEAN's statistics, which stand on the same page."""
    return (value if isinstance(value, Decimal) else exact(value)).quantize(CENT, ROUND_HALF_EVEN)


@dataclass(frozen=True)
class Day:
    """A day of New York's calendar.

    Attributes
    ----------
    day : date
    before, value : Decimal
        Equity at its beginning and at its end, in cents.
    """

    day: date
    before: Decimal
    value: Decimal

    @property
    def change(self) -> Decimal:
        """Dollars that it brought. Over days that follow each other they add up, to the cent."""
        return self.value - self.before

    @property
    def share(self) -> float:
        """The same as a share of what it began with."""
        return float(self.change / self.before) if self.before else 0.0


@dataclass(frozen=True)
class Fill:
    """A fill: what was bought, or sold with a quantity below zero."""

    time: str
    order: int
    ticker: str
    quantity: float
    price: float
    fee: float

    @property
    def amount(self) -> Decimal:
        """Dollars that were paid for it, received with a sign below zero; without the fee."""
        return exact(self.quantity) * exact(self.price)


def days_of(journal: Journal, name: str) -> list[Day]:
    """Days that are over, the first one first: each has an equity at the midnight after."""
    values = [(from_utc(datetime.fromisoformat(time)).date(), cents(value)) for time, value in journal.equity(name)]
    return [Day(day - timedelta(days=1), before, value) for (_, before), (day, value) in zip(values, values[1:], strict=False)]


def trading_days(journal: Journal, name: str) -> list[date]:
    """Days since its first one of which the journal has bars, rising."""
    start = journal.deployment(name).spec.start
    rows = journal.file.rows("SELECT DISTINCT day FROM bars WHERE deployment = ? AND day >= ? ORDER BY day", name, start)
    return [date.fromisoformat(day) for (day,) in rows]


def on_trading_days(journal: Journal, name: str) -> list[Day]:
    """Days on which there was a bar, each since the one before: what weekends brought is in the day after."""
    traded, out = set(trading_days(journal, name)), []
    before: Decimal | None = None
    for one in days_of(journal, name):
        before = one.before if before is None else before
        if one.day in traded:
            out.append(Day(one.day, before, one.value))
            before = one.value
    return out


def fills(events: Sequence[OrderRow]) -> list[Fill]:
    """Those of a journal's order events that filled something."""
    return [
        Fill(row.market_time, row.order, row.ticker, row.fill_quantity, row.fill_price, row.fee)
        for row in events
        if row.fill_quantity
    ]


def fees(events: Sequence[OrderRow]) -> Decimal:
    """Dollars of fees, to the last digit."""
    return sum((exact(row.fee) for row in events), Decimal(0))
