"""A month of a deployment: value, days, orders, regimes. Its sums are those of the journal, to the cent."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from hidden_regime.exceptions import ParameterError
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.records import Said
from hidden_regime.operation.reporting.days import Day, Fill, cents, days_of, fees, fills, on_trading_days

MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Month:
    """A month of a deployment.

    Attributes
    ----------
    name, month : str
        The month as yyyy-mm.
    days : tuple of Day
        Its trading days that are over. What a weekend brought is in the day after it.
    before, value : Decimal
        Equity at its beginning and at its end, in cents.
    fills : tuple of Fill
    bought, sold, fees : Decimal
        Dollars, each summed to the last digit and then rounded to cents.
    orders : int
        Orders to which something happened in it.
    regimes : dict of str to list of (str, str, float)
        Time, regime and confidence of each bar in it, by asset.
    told : tuple of Said
        What the journal says besides.
    is_whole : bool
        Whether the month is over.
    """

    name: str
    month: str
    days: tuple[Day, ...]
    before: Decimal
    value: Decimal
    fills: tuple[Fill, ...]
    bought: Decimal
    sold: Decimal
    fees: Decimal
    orders: int
    regimes: dict[str, list[tuple[str, str, float]]]
    told: tuple[Said, ...]
    is_whole: bool

    @property
    def change(self) -> Decimal:
        """Dollars that it brought; the sum of its days', to the cent."""
        return self.value - self.before

    @property
    def share(self) -> float:
        """The same as a share of the value at its beginning."""
        return float(self.change / self.before) if self.before else 0.0

    def shares(self, ticker: str) -> list[tuple[str, int]]:
        """Regimes of an asset by the number of its bars, the most frequent first."""
        return sorted(Counter(regime for _, regime, _ in self.regimes[ticker]).items(), key=lambda one: (-one[1], one[0]))


def months_of(journal: Journal, name: str) -> list[str]:
    """Months of which a day is over, rising."""
    return sorted(
        {f"{one.day:%Y-%m}" for one in days_of(journal, name)} & {f"{one.day:%Y-%m}" for one in on_trading_days(journal, name)}
    )


def month_of(journal: Journal, name: str, month: str) -> Month:
    """A month of a deployment.

    Parameters
    ----------
    journal : Journal
    name : str
        The deployment.
    month : str
        Such as "2012-03".

    Raises
    ------
    ParameterError
        It is none, or none of the deployment's.
    """
    journal.deployment(name)
    if not MONTH.fullmatch(month):
        raise ParameterError("month", month, "a month such as 2012-03")
    every = days_of(journal, name)
    calendar = [one for one in every if f"{one.day:%Y-%m}" == month]
    traded = [one for one in on_trading_days(journal, name) if f"{one.day:%Y-%m}" == month]
    if not calendar or not traded:
        known = ", ".join(months_of(journal, name)) or "none yet"
        raise ParameterError("month", month, f"a month of which a trading day is over: {known}")
    days = _within(traded, calendar)
    events = [row for row in journal.order_events(name) if row.market_time[:7] == month]
    filled = fills(events)
    regimes: dict[str, list[tuple[str, str, float]]] = {}
    for time, ticker, regime, confidence in journal.regimes(name):
        if time[:7] == month and datetime.fromisoformat(time).date() <= calendar[-1].day:
            regimes.setdefault(ticker, []).append((time, regime, confidence))
    told = tuple(one for one in journal.told(name) if one.market_time[:7] == month)
    bought = sum((one.amount for one in filled if one.quantity > 0), Decimal(0))
    sold = -sum((one.amount for one in filled if one.quantity < 0), Decimal(0))
    return Month(
        name, month, tuple(days), calendar[0].before, calendar[-1].value, tuple(filled), cents(bought), cents(sold),
        cents(fees(events)), len({row.order for row in events}), dict(sorted(regimes.items())), told,
        every[-1].day > calendar[-1].day,
    )  # fmt: skip


def _within(traded: list[Day], calendar: list[Day]) -> list[Day]:
    """Trading days that hold all of a month between them: what its first and last weekend brought is in the first and last."""
    first = Day(traded[0].day, calendar[0].before, traded[0].value)
    days = [first, *traded[1:]]
    return [*days[:-1], Day(days[-1].day, days[-1].before, calendar[-1].value)]
