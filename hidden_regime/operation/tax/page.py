"""The page of tax lots: equal reports have equal pages, and texts from outside are escaped."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from hidden_regime.experiments.pages.rendering import drawn, render_of
from hidden_regime.experiments.pages.written import NOTHING, day, percent
from hidden_regime.operation.tax.figures import before_and_after, by_year
from hidden_regime.operation.tax.money import written
from hidden_regime.operation.tax.template import TEMPLATES

if TYPE_CHECKING:
    import pandas as pd

    from hidden_regime.operation.tax.report import TaxReport
    from hidden_regime.operation.tax.years import TaxYear

ADVICE = (
    "This is arithmetic on the fills of one account, by the rules that the documents name, and no advice: whether these rules "
    "are yours, and what else they ask, is for you and a tax adviser to say."
)
NAMES = {"fifo": "first in first out", "hifo": "highest cost first", "specific": "lots that were named"}
COLUMNS = ("Description", "Acquired", "Sold", "Proceeds", "Basis", "Code", "Adjustment", "Gain", "Term")
OPEN = ("Asset", "Shares", "Acquired", "Held since", "Basis", "Worth", "Unrealised", "Term")
YEARS = ("Year", "Short term", "Long term", "Losses carried in", "Taxed, short", "Taxed, long", "Losses that go on", "Tax")
MOST = 300
"""Rows on the page; all are in lots.csv."""


def tax_page(report: TaxReport, equity: pd.Series | None = None) -> str:
    """HTML of the page, which opens without a network."""
    curve = report.after_tax(equity) if equity is not None and report.rates is not None and len(equity) else None
    table, open_lots = report.table(), report.open_table()
    shown = table.tail(MOST)
    return render_of(
        TEMPLATES, "taxes", title=f"{report.name}: tax lots", id=f"Method {report.method}", asked=_asked(report), advice=ADVICE,
        tiles=_tiles(report, curve), curve="" if curve is None else drawn(before_and_after(curve), "curve"),
        curve_note="Equity, and equity less the tax on what was realised by each day, by what was known on it. What isn't "
        "realised owes nothing yet, and the strategy traded as if nothing were paid.",
        bars=drawn(by_year(report), "years") if report.years else "", year_columns=YEARS,
        years=[_year(one) for one in report.years],
        years_note=_rates_note(report), open_columns=OPEN, open=[_open(row) for row in open_lots.to_dict("records")],
        open_note="Basis holds what wash sales added; of a short sale it is what the sale brought.", columns=COLUMNS,
        rows=[[_text(value) for value in row] for row in shown[[*shown.columns[:9]]].itertuples(index=False)],
        rows_note=f"The columns of Form 8949; W marks a wash sale. {_most(len(table))}", notes=report.notes,
    )  # fmt: skip


def _asked(report: TaxReport) -> str:
    until = "" if report.at is None else f" \u00b7 until {day(report.at)}"
    return f"{NAMES[report.method]} \u00b7 {len(report.closed):,} closed, {len(report.open):,} open{until}"


def _rates_note(report: TaxReport) -> str:
    if report.rates is None:
        return "No rates were given, so nothing is said of tax."
    return f"Rates: {report.rates.source}, dated {day(report.rates.dated)}. A tax is that of the year, whenever it is paid."


def _most(n: int) -> str:
    return "" if n <= MOST else f"The last {MOST} of {n:,}; all are in lots.csv."


def _tiles(report: TaxReport, curve: pd.DataFrame | None) -> list[tuple[str, str, str]]:
    short, long = (sum((getattr(one, name) for one in report.years), Decimal(0)) for name in ("short", "long"))
    tiles = [
        ("Realised", money(report.realised), "gains less losses that count"),
        ("Short term", money(short), "held for a year or less, and short sales"),
        ("Long term", money(long), "held for more than a year"),
        ("Wash sales", money(report.disallowed), "losses that went on in other shares"),
    ]
    if report.open:
        tiles.append(("Unrealised", money(report.unrealised), "of open lots, at the prices given"))
    if report.tax is not None:
        tiles.append(("Tax", money(report.tax), "of all years, at the rates given"))
    if curve is not None:
        before, after = (float(curve[name].iloc[-1] / curve[name].iloc[0]) - 1.0 for name in ("equity", "after_tax"))
        tiles.append(("Return after tax", percent(after), f"before tax {percent(before)}"))
    return tiles


def _year(one: TaxYear) -> list[str]:
    carried, left = one.carried_short + one.carried_long, one.left_short + one.left_long
    amounts = (one.short, one.long, carried, one.taxed_short, one.taxed_long, left, one.tax)
    return [str(one.year), *(money(amount) for amount in amounts)]


def _open(row: Mapping[Any, Any]) -> list[str]:
    names = ("symbol", "quantity", "acquired", "held_since", "basis", "worth", "unrealised", "term")
    return [_text(row[name]) for name in names]


def _text(value: object) -> str:
    if isinstance(value, float):
        return written(Fraction(value))
    return money(value) if isinstance(value, Decimal) or value is None else str(value)


def money(value: Decimal | None) -> str:
    """Dollars and cents.

    Examples
    --------
    >>> from decimal import Decimal
    >>> money(Decimal("1234.50")), money(Decimal("-0.10"))
    ('1,234.50', '-0.10')
    """
    return NOTHING if value is None else f"{value:,.2f}"
