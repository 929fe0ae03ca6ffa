"""Fills and splits: what lots are made of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from hidden_regime.data.offers import close_to
from hidden_regime.exceptions import MissingColumnError, ParameterError
from hidden_regime.operation.tax.money import cents, exact

FIRST_YEAR, LAST_YEAR = 1900, 9000
EXCHANGE = ZoneInfo("America/New_York")
COLUMNS = ("time", "symbol", "quantity", "price", "fee", "id", "split")
SHAPE = "rows with time, symbol, quantity, price, fee and perhaps id, or time, symbol and split"


@dataclass(frozen=True)
class Fill:
    """Shares that were bought or sold.

    Attributes
    ----------
    time : datetime
        In New York, without a zone: its date is the trade date.
    symbol : str
    quantity : Fraction
        Below 0: sold.
    price : Fraction
        Dollars a share.
    fee : Fraction
        Dollars.
    id : str
        Of the order; fills of one order on one day are one acquisition.
    """

    time: datetime
    symbol: str
    quantity: Fraction
    price: Fraction
    fee: Fraction
    id: str

    @property
    def day(self) -> date:
        """The trade date."""
        return self.time.date()

    @property
    def amount(self) -> Decimal:
        """Paid or received, fee and all, to the cent."""
        worth = abs(self.quantity) * self.price
        return cents(worth + self.fee if self.quantity > 0 else worth - self.fee)


@dataclass(frozen=True)
class Split:
    """Shares that became others.

    Attributes
    ----------
    time : datetime
    symbol : str
    ratio : Fraction
        New shares for an old one: 2 where two came for one.
    price : Fraction or None
        At which a fraction of a new share was paid out; None: fractions are kept.
    """

    time: datetime
    symbol: str
    ratio: Fraction
    price: Fraction | None = None


Event = Fill | Split


def events_of(rows: Any) -> tuple[Event, ...]:
    """Fills and splits in the order of their times.

    Parameters
    ----------
    rows : (n_rows,) DataFrame or iterable of mapping, Fill or Split
        Columns time, symbol, quantity, price, fee, perhaps id; a row with `split`, new shares for an old one, is a split, whose
        price is that of fractions which were paid out. A time with a zone is turned to New York's; one without is taken as that.

    Raises
    ------
    ParameterError
        A value that can't be, with its row.
    MissingColumnError
    """
    events = tuple(_event(number, row) for number, row in enumerate(_mappings(rows)))
    return tuple(sorted(events, key=lambda event: event.time))  # stable: what came first of one moment stays first


def _mappings(rows: Any) -> Iterable[Any]:
    if hasattr(rows, "to_dict") and hasattr(rows, "columns"):
        return list(rows.to_dict("records"))
    if isinstance(rows, (str, bytes, Mapping)) or not isinstance(rows, (Sequence, Iterable)):
        raise ParameterError("fills", rows, SHAPE)
    return rows


def _event(number: int, row: Any) -> Event:
    if isinstance(row, (Fill, Split)):
        return row
    where = f"fills[{number}]"
    if not isinstance(row, Mapping):
        raise ParameterError(where, row, SHAPE)
    for name in row:
        if name not in COLUMNS:
            raise ParameterError(where, name, f"one of the columns {', '.join(COLUMNS)}", close_to(str(name), list(COLUMNS)))
    told = {name: value for name, value in row.items() if not _is_missing(value)}
    for name in ("time", "symbol", *(() if "split" in told else ("quantity", "price"))):
        if name not in told:
            raise MissingColumnError(f"{where} lacks {name!r}: expected {SHAPE}.")
    time, symbol = local(f"{where}.time", told["time"]), str(told["symbol"]).strip()
    if not symbol:
        raise ParameterError(f"{where}.symbol", told["symbol"], "the name of an asset")
    if "split" in told:
        ratio = exact(f"{where}.split", told["split"], "new shares for an old one, above 0")
        if ratio <= 0:
            raise ParameterError(f"{where}.split", told["split"], "new shares for an old one, above 0")
        paid = _above("price", told, where) if "price" in told else None
        return Split(time, symbol, ratio, paid)
    quantity = exact(f"{where}.quantity", told["quantity"], "shares; below 0 where they were sold")
    fee = exact(f"{where}.fee", told.get("fee", 0), "dollars")
    if quantity == 0:
        raise ParameterError(f"{where}.quantity", told["quantity"], "shares; below 0 where they were sold", "Leave the row out.")
    return Fill(time, symbol, quantity, _above("price", told, where), fee, _id(told.get("id", f"row {number + 1}")))


def _id(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _above(name: str, told: Mapping[str, Any], where: str) -> Fraction:
    value = exact(f"{where}.{name}", told[name], "dollars of at least 0")
    if value < 0:
        raise ParameterError(f"{where}.{name}", told[name], "dollars of at least 0")
    return value


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value)) or str(value) in ("", "NaT", "<NA>")


def local(name: str, value: object) -> datetime:
    """A moment in New York, without its zone."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ParameterError(name, value, "a time such as 2024-03-01 15:59") from None
    if hasattr(value, "to_pydatetime"):
        value = value.to_pydatetime(warn=False)
    if not isinstance(value, date):
        raise ParameterError(name, value, "a time")
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ParameterError(name, value, f"a time between the years {FIRST_YEAR} and {LAST_YEAR}")
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    return value if value.tzinfo is None else value.astimezone(EXCHANGE).replace(tzinfo=None)
