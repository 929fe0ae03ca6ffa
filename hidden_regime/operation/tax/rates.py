"""Rates of tax, from a file of the user's: this package knows none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from hidden_regime.data.offers import only_offered
from hidden_regime.exceptions import DataError, ParameterError
from hidden_regime.files.toml import read_tables

TOP, YEARS = ("dated", "source", "rates"), ("from", "to", "short", "long")


@dataclass(frozen=True)
class Rate:
    """What some years tax gains with, as fractions.

    Attributes
    ----------
    first, last : int
        Years.
    short, long : Decimal
    """

    first: int
    last: int
    short: Decimal
    long: Decimal


@dataclass(frozen=True)
class Rates:
    """Rates by year.

    Attributes
    ----------
    dated : date
        When they were written down.
    source : str
        Where they come from.
    rates : tuple of Rate
    """

    dated: date
    source: str
    rates: tuple[Rate, ...]

    def of(self, year: int) -> Rate:
        """Rates of a year.

        Raises
        ------
        DataError
            The file says nothing of it.
        """
        for one in self.rates:
            if one.first <= year <= one.last:
                return one
        raise DataError(f"rates of {self.source!r}, dated {self.dated}, say nothing of {year}: add [[rates]] with from = {year}.")


def read_rates(path: str | Path) -> Rates:
    """Rates from a TOML file: dated, source, and [[rates]] with from, to (years; without it: that year alone), short and long.

    Raises
    ------
    ParameterError
        There is no such file, or it is no TOML.
    DataError
        It says what can't be.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> file = Path(mkdtemp()) / "rates.toml"
    >>> told = 'dated = 2024-01-02\\nsource = "an example"\\n[[rates]]\\nfrom = 2003\\nto = 2007\\nshort = 0.35\\nlong = 0.15\\n'
    >>> _ = file.write_text(told, encoding="utf-8")
    >>> read_rates(file).of(2005).short
    Decimal('0.35')
    """
    told = read_tables("rates", path, decimals=True)
    try:
        return rates_of(told)
    except ParameterError as error:
        raise DataError(f"{path}: {error.text}") from error


def rates_of(told: dict[str, Any]) -> Rates:
    """Rates of the content of their file; see `read_rates`.

    Raises
    ------
    ParameterError
    """
    only_offered("the file", told, TOP)
    dated, source, rows = told.get("dated"), told.get("source"), told.get("rates")
    if not isinstance(dated, date) or isinstance(dated, datetime):
        raise ParameterError("dated", dated, "a date such as 2024-01-31, without quotation marks")
    if not isinstance(source, str) or not source.strip():
        raise ParameterError("source", source, "a text that says where the rates come from")
    if not isinstance(rows, list) or not rows:
        raise ParameterError("rates", rows, "at least one table [[rates]]")
    rates = sorted((_rate(number, row) for number, row in enumerate(rows, 1)), key=lambda one: one.first)
    for one, following in zip(rates, rates[1:], strict=False):
        if following.first <= one.last:
            raise ParameterError("rates.from", following.first, f"a year after {one.last}, up to which another table goes")
    return Rates(dated, source.strip(), tuple(rates))


def _rate(number: int, row: Any) -> Rate:
    where = f"[[rates]] {number}"
    only_offered(where, row, YEARS)
    first = row.get("from")
    last = row.get("to", first)
    for name, value in (("from", first), ("to", last)):
        if isinstance(value, bool) or not isinstance(value, int) or not 1900 <= value <= 9999:
            raise ParameterError(f"{where} {name}", value, "a year such as 2024")
    if last < first:
        raise ParameterError(f"{where} to", last, f"a year of at least {first}")
    short, long = (_fraction(f"{where} {name}", row.get(name)) for name in ("short", "long"))
    return Rate(first, last, short, long)


def _fraction(where: str, value: Any) -> Decimal:
    good = isinstance(value, (int, Decimal)) and not isinstance(value, bool)
    if not good or not 0 <= value <= 1:
        raise ParameterError(where, value, "a fraction from 0 to 1; 0.15 is 15%")
    return Decimal(value)
