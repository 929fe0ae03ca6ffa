"""Gains by year, what of them is taxed, and what of a loss goes on to the next year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from hidden_regime.operation.tax.lots import Closed
from hidden_regime.operation.tax.money import NOTHING, cents
from hidden_regime.operation.tax.rates import Rates

Totals = Mapping[int, tuple[Decimal, Decimal]]
"""Short and long gains less losses, by year."""


@dataclass(frozen=True)
class TaxYear:
    """What a year came to.

    Attributes
    ----------
    year : int
    short, long : Decimal
        Gains less losses of the year, without what wash sales put off.
    carried_short, carried_long : Decimal
        Losses of earlier years, as amounts above 0.
    taxed_short, taxed_long : Decimal
        What is left to tax, after losses of one kind were set off against gains of the other.
    left_short, left_long : Decimal
        Losses that go on to the next year, above 0.
    tax : Decimal or None
        None without rates.
    """

    year: int
    short: Decimal
    long: Decimal
    carried_short: Decimal
    carried_long: Decimal
    taxed_short: Decimal
    taxed_long: Decimal
    left_short: Decimal
    left_long: Decimal
    tax: Decimal | None


def totals_of(rows: Iterable[Closed]) -> dict[int, tuple[Decimal, Decimal]]:
    """Short and long gains less losses by the year of the sale."""
    out: dict[int, tuple[Decimal, Decimal]] = {}
    for row in rows:
        short, long = out.get(row.sold.year, (NOTHING, NOTHING))
        out[row.sold.year] = (short, long + row.gain) if row.is_long else (short + row.gain, long)
    return out


def years_of(totals: Totals, rates: Rates | None) -> tuple[TaxYear, ...]:
    """Years from the first with a sale to the last.

    A loss goes on until gains have used it up. That some of it may be taken from other income is left out.

    Raises
    ------
    DataError
        Rates say nothing of a year in which something is left to tax.
    """
    out: list[TaxYear] = []
    carried = (NOTHING, NOTHING)
    for year in range(min(totals), max(totals) + 1) if totals else ():
        one = taxed(year, totals.get(year, (NOTHING, NOTHING)), carried, rates)
        carried = (one.left_short, one.left_long)
        out.append(one)
    return tuple(out)


def taxed(year: int, gains: tuple[Decimal, Decimal], carried: tuple[Decimal, Decimal], rates: Rates | None) -> TaxYear:
    """One year, of its gains and of the losses that came from before."""
    short, long = gains[0] - carried[0], gains[1] - carried[1]
    if short < 0 < long:
        short, long = min(short + long, NOTHING), max(short + long, NOTHING)
    elif long < 0 < short:
        short, long = max(short + long, NOTHING), min(short + long, NOTHING)
    left_short, left_long = max(-short, NOTHING), max(-long, NOTHING)
    short, long = max(short, NOTHING), max(long, NOTHING)
    tax = None
    if rates is not None:
        tax = NOTHING
        if short or long:
            rate = rates.of(year)
            tax = cents(short * rate.short + long * rate.long)
    return TaxYear(year, *gains, *carried, short, long, left_short, left_long, tax)
