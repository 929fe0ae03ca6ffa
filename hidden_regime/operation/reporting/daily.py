"""The summary of a day: value, what the day brought, trades, regimes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from html import escape

from hidden_regime.exceptions import ParameterError
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.records import Said
from hidden_regime.operation.reporting.days import Day, Fill, days_of, fees, fills, trading_days


@dataclass(frozen=True)
class Summary:
    """A day of a deployment.

    Attributes
    ----------
    name : str
    day : date
    value, change : Decimal
        Dollars at its end, and what it brought; in cents.
    share : float
        What it brought, as a share of the value at its beginning.
    fills : tuple of Fill
        What was bought and sold.
    fees : Decimal
    orders : int
        Orders to which something happened.
    regimes : dict of str to (str, float)
        The regime of each asset after its last bar, and its confidence.
    told : tuple of Said
        Warnings and errors of the day.
    """

    name: str
    day: date
    value: Decimal
    change: Decimal
    share: float
    fills: tuple[Fill, ...]
    fees: Decimal
    orders: int
    regimes: dict[str, tuple[str, float]]
    told: tuple[Said, ...]

    @property
    def subject(self) -> str:
        """In a line."""
        return f"{self.name}, {self.day}: {self.value:,.2f} ({self.change:+,.2f}, {self.share:+.2%})"

    def to_text(self) -> str:
        """For a terminal or a mail."""
        lines = [self.subject, ""]
        lines += ["Trades" if self.fills else "No trades"]
        lines += [f"  {traded(one)}" for one in self.fills]
        lines += [f"  fees {self.fees:,.2f}"] if self.fills else []
        lines += ["Regimes"] if self.regimes else []
        lines += [f"  {ticker}: {regime} ({confidence:.1%})" for ticker, (regime, confidence) in self.regimes.items()]
        lines += ["Warnings and errors"] if self.told else []
        lines += [f"  {one.market_time[11:16]} {one.kind}: {one.said}" for one in self.told]
        return "\n".join(lines) + "\n"

    def to_html(self) -> str:
        """For a mail: no style sheet, no picture, and no text of it is markup."""
        rows = [("Value", f"{self.value:,.2f}"), ("The day brought", f"{self.change:+,.2f} ({self.share:+.2%})")]
        rows += [("Trade", traded(one)) for one in self.fills] or [("Trades", "none")]
        rows += [("Fees", f"{self.fees:,.2f}")] if self.fills else []
        rows += [(ticker, f"{regime} ({confidence:.1%})") for ticker, (regime, confidence) in self.regimes.items()]
        rows += [(one.kind, f"{one.market_time[11:16]} {one.said}") for one in self.told]
        cells = "".join(f"<tr><th align='left'>{escape(a)}</th><td>{escape(b)}</td></tr>\n" for a, b in rows)
        return f"<h2>{escape(f'{self.name}, {self.day}')}</h2>\n<table>\n{cells}</table>\n"


def traded(one: Fill) -> str:
    """A fill in words."""
    what = "bought" if one.quantity > 0 else "sold"
    return f"{one.time[11:16]} {what} {abs(one.quantity):,g} {one.ticker} at {one.price:,.10g} for {abs(one.amount):,.2f}"


def last_day(journal: Journal, name: str) -> date:
    """The latest day that is over and had a bar.

    Raises
    ------
    ParameterError
        None is over yet.
    """
    over = {one.day for one in days_of(journal, name)}
    found = [day for day in trading_days(journal, name) if day in over]
    if not found:
        raise ParameterError(
            "name", name, "a deployment of which a trading day is over", "Its first summary comes after midnight."
        )
    return found[-1]


def daily_summary(journal: Journal, name: str, day: date) -> Summary:
    """The summary of a day.

    Parameters
    ----------
    journal : Journal
    name : str
        The deployment.
    day : date
        New York's. It is over with the midnight after it.

    Raises
    ------
    ParameterError
        The day isn't over, or lies before the deployment's first.
    """
    journal.deployment(name)
    days = days_of(journal, name)
    found: Day | None = next((one for one in days if one.day == day), None)
    if found is None:
        known = f"a day from {days[0].day} to {days[-1].day}" if days else "a day that is over: none is yet"
        raise ParameterError("day", str(day), known)
    events = [row for row in journal.order_events(name) if row.market_time[:10] == day.isoformat()]
    regimes = {ticker: (regime, confidence) for time, ticker, regime, confidence in journal.regimes(name)
               if datetime.fromisoformat(time).date() <= day}  # fmt: skip
    told = [one for one in journal.told(name) if one.level in ("warning", "error") and one.market_time[:10] == day.isoformat()]
    return Summary(name, day, found.value, found.change, found.share, tuple(fills(events)), fees(events),
                   len({row.order for row in events}), dict(sorted(regimes.items())), tuple(told))  # fmt: skip
