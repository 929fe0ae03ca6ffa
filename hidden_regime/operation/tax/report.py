"""Lots of a record of trading: what was gained, what is open, and what would be due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from hidden_regime.display import facts
from hidden_regime.exceptions import ParameterError
from hidden_regime.operation.tax.lots import Closed, Lot
from hidden_regime.operation.tax.money import NOTHING, cents, exact, written
from hidden_regime.operation.tax.rates import Rates
from hidden_regime.operation.tax.term import is_long
from hidden_regime.operation.tax.years import TaxYear, totals_of, years_of

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

FORM_8949 = ("description", "acquired", "sold", "proceeds", "basis", "code", "adjustment", "gain")
TERMS = {True: "long", False: "short"}


@dataclass(frozen=True)
class TaxReport:
    """Lots, closed and open, of all fills until a day. It is arithmetic by rules that the documents name, and no advice.

    Attributes
    ----------
    name : str
    method : str
        "fifo", "hifo" or "specific".
    closed : tuple of Closed
        In the order in which they were closed.
    open : tuple of Lot
    rates : Rates or None
    at : date or None
        The day until which it goes; None: the day of the last fill.
    prices : dict of str to Fraction
        At that day, of open lots; empty where none were given.
    notes : tuple of str
    """

    name: str
    method: str
    closed: tuple[Closed, ...]
    open: tuple[Lot, ...]
    rates: Rates | None = None
    at: date | None = None
    prices: Mapping[str, Fraction] | None = None
    notes: tuple[str, ...] = ()

    @cached_property
    def years(self) -> tuple[TaxYear, ...]:
        """Gains by year, and the tax where there are rates."""
        return years_of(totals_of(self.closed), self.rates)

    @property
    def realised(self) -> Decimal:
        """Gains less losses that count."""
        return sum((row.gain for row in self.closed), NOTHING)

    @property
    def disallowed(self) -> Decimal:
        """Losses of wash sales, which went on in other shares."""
        return sum((row.adjustment for row in self.closed), NOTHING)

    @property
    def tax(self) -> Decimal | None:
        """Of all years; None without rates."""
        return None if self.rates is None else sum((one.tax or NOTHING for one in self.years), NOTHING)

    @property
    def positions(self) -> dict[str, Fraction]:
        """Shares by asset, below 0 where they are owed: the sum of the open lots, and of the fills."""
        out: dict[str, Fraction] = {}
        for lot in self.open:
            out[lot.symbol] = out.get(lot.symbol, Fraction(0)) + lot.signed
        return out

    def worth(self, lot: Lot) -> Decimal | None:
        """What an open lot would bring, or cost to close, at its price; None without one."""
        price = (self.prices or {}).get(lot.symbol)
        return None if price is None else cents(lot.quantity * price)

    def unrealised_of(self, lot: Lot) -> Decimal | None:
        """What closing an open lot at its price would gain; None without one."""
        worth = self.worth(lot)
        return None if worth is None else lot.amount - worth if lot.is_short else worth - lot.amount

    @property
    def unrealised(self) -> Decimal | None:
        """Of all open lots; None where a price is missing."""
        gains = [self.unrealised_of(lot) for lot in self.open]
        return None if any(one is None for one in gains) else sum((one for one in gains if one is not None), NOTHING)

    def sold_out(self) -> TaxReport:
        """The same with every open lot closed at its price on the last day, as if all were sold.

        Raises
        ------
        ParameterError
            A price is missing.
        """
        rows = []
        for lot in self.open:
            worth = self.worth(lot)
            if worth is None or self.at is None:
                raise ParameterError("prices", sorted(self.prices or {}), f"a price of {lot.symbol}, which is held")
            acquired, proceeds, basis = (self.at, lot.amount, worth) if lot.is_short else (lot.acquired, worth, lot.amount)
            rows.append(Closed(lot.symbol, lot.quantity, acquired, self.at, lot.held_since, proceeds, basis, lot.is_short,
                               lot.acquired, lot.id, "sold out"))  # fmt: skip
        return replace(self, closed=(*self.closed, *rows), open=())

    def table(self) -> pd.DataFrame:
        """A row for all that one sale closed of one lot, with the columns of Form 8949; money as Decimal."""
        import pandas as pd

        rows = [
            (f"{written(row.quantity)} {row.symbol}{', sold short' if row.is_short else ''}", row.acquired, row.sold,
             row.proceeds, row.basis, row.code, row.adjustment, row.gain, TERMS[row.is_long], row.held_since, row.lot, row.order)
            for row in self.closed
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=[*FORM_8949, "term", "held_since", "lot", "order"])

    def open_table(self) -> pd.DataFrame:
        """A row for each open lot; worth and unrealised are None without a price."""
        import pandas as pd

        rows = [
            (lot.symbol, float(lot.signed), lot.acquired, lot.held_since, lot.amount, self.worth(lot), self.unrealised_of(lot),
             TERMS[self.at is not None and not lot.is_short and is_long(lot.held_since, self.at)], lot.id, lot.replaces)
            for lot in self.open
        ]  # fmt: skip
        columns = ["symbol", "quantity", "acquired", "held_since", "basis", "worth", "unrealised", "term", "lot", "replaces"]
        return pd.DataFrame(rows, columns=columns)

    def years_table(self) -> pd.DataFrame:
        """A row a year: gains less losses, what was carried in, what is taxed, what goes on, the tax."""
        import pandas as pd

        columns = list(TaxYear.__dataclass_fields__)
        return pd.DataFrame([[getattr(one, name) for name in columns] for one in self.years], columns=columns).set_index("year")

    def after_tax(self, equity: pd.Series) -> pd.DataFrame:
        """A curve of equity less the tax that was due by each day: see `after_tax_curve`."""
        from hidden_regime.operation.tax.after_tax import after_tax_curve

        return after_tax_curve(self, equity)

    def plot(self) -> go.Figure:
        """Gains by year."""
        from hidden_regime.operation.tax.figures import by_year

        return by_year(self)

    def to_html(self, equity: pd.Series | None = None) -> str:
        """The page, which opens without a network; with equity, with the curve after tax."""
        from hidden_regime.operation.tax.page import tax_page

        return tax_page(self, equity)

    def write(self, folder: str | Path, equity: pd.Series | None = None) -> list[Path]:
        """Write taxes.json, lots.csv, open.csv and the page into a folder."""
        from hidden_regime.operation.tax.folder import write_report

        return write_report(self, Path(folder), equity)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return facts(repr(self), {str(one.year): f"{one.short:,} short, {one.long:,} long" for one in self.years})

    def __repr__(self) -> str:
        return f"TaxReport({self.name!r}, {self.method}: {len(self.closed)} rows closed, {len(self.open)} lots open)"


def given_prices(prices: Mapping[str, object] | None) -> dict[str, Fraction]:
    """Prices of a user's, as exact numbers."""
    out = {}
    for symbol, value in (prices or {}).items():
        out[str(symbol)] = exact(f"prices[{symbol!r}]", value, "dollars of at least 0")
        if out[str(symbol)] < 0:
            raise ParameterError(f"prices[{symbol!r}]", value, "dollars of at least 0")
    return out
