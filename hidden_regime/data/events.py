"""Dividends and splits from tables, and the factor files that they make."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from hidden_regime.bars.columns import CLOSES, DATES, PRICES, TICKERS
from hidden_regime.data.factors import FactorRow
from hidden_regime.data.tables import open_table
from hidden_regime.exceptions import DataError, MissingColumnError

if TYPE_CHECKING:
    import pandas as pd

END = date(2050, 12, 31)
"""The last row of a factor file, far in the future."""
_DIVIDEND = ("dividend", "dividends", "cash_dividend", "distribution", "amount", "div")
_SPLIT = ("split", "splits", "stock_splits", "split_ratio", "splitratio", "ratio")


class Event(NamedTuple):
    """What a share paid or became on its ex-date: `dividend` in dollars, and `split` new shares for an old one (1: none)."""

    day: date
    dividend: float
    split: float


def plain_table(path: str | Path) -> pd.DataFrame:
    """A CSV or Parquet file with plain names of columns."""
    import pandas as pd

    table = open_table(path)
    if isinstance(table.index, pd.DatetimeIndex):
        table = table.rename_axis("date").reset_index()
    return table.rename(columns={name: str(name).strip().lower().replace(" ", "_").replace("-", "_") for name in table.columns})


def unused_columns(path: str | Path) -> tuple[list[str], list[str]]:
    """Columns of a file of prices that nothing reads, and prices that it lacks."""
    names = list(plain_table(path).columns)
    known = {*_DIVIDEND, *_SPLIT, *PRICES, *CLOSES, *DATES, *TICKERS, "volume", "adj_close"}
    plain = [name.replace("*", "") for name in names]
    unused = [name for name, stripped in zip(names, plain, strict=True) if stripped not in known]
    return unused, [name for name in PRICES if name not in plain]


def read_events(path: str | Path, ticker: str | None = None, *, required: bool = False) -> dict[str, list[Event]]:
    """Events by ticker, of the columns dividend(s) and split(s) or stock_splits; empty where a file has none.

    Parameters
    ----------
    path : str or Path
        A file of prices with these columns, or one of events alone with date and ticker.
    ticker : str, optional
        Whose they are, where the file has no column ticker.
    required : bool
        A file without such columns is an error.

    Raises
    ------
    DataError
        A date, an amount or a ratio that can't be.
    """
    import pandas as pd

    table = plain_table(path)
    paid = next((name for name in _DIVIDEND if name in table), None)
    became = next((name for name in _SPLIT if name in table), None)
    if paid is None and became is None:
        if required:
            raise MissingColumnError(
                f"{path}: columns {list(table.columns)}: expected 'dividend' (in dollars) or 'split' (a ratio)."
            )
        return {}
    when = next((name for name in ("date", "ex_date", "day", "datetime", "timestamp") if name in table), None)
    whose = next((name for name in ("ticker", "symbol") if name in table), None)
    if when is None or (whose is None and ticker is None):
        raise MissingColumnError(f"{path}: columns {list(table.columns)}: expected 'date' and, for several assets, 'ticker'.")
    used = [name for name in (paid, became, when, whose) if name is not None]
    for name in used:
        if list(table.columns).count(name) > 1:
            raise MissingColumnError(f"{path} has the column {name!r} more than once: expected one. Rename or drop the others.")
    out: dict[str, list[Event]] = {}
    for number, row in enumerate(table[used].to_dict("records"), 2):
        try:
            dividend = _number(row, paid, 0.0)
            split = _ratio(row, became)
            if dividend == 0.0 and split == 1.0:
                continue
            stamp = row[when]
            moment = pd.Timestamp(str(stamp))
            if pd.isna(moment):
                raise ValueError(f"{stamp!r} is no date")
            day = moment.date()
        except (ValueError, TypeError, OverflowError, NotImplementedError) as error:  # the last: of years that only pandas has
            raise DataError(f"{path} line {number}: {error}: expected a date, a dividend in dollars and a split ratio.") from None
        if dividend < 0.0 or not 0.0 < split < math.inf or not math.isfinite(dividend):
            raise DataError(f"{path} line {number}: dividend {dividend:g}, split {split:g}: expected neither below zero.")
        name = str(ticker if whose is None else row[whose]).upper()
        out.setdefault(name, []).append(Event(day, dividend, split))
    return {name: sorted(events) for name, events in out.items()}


def _number(row: Mapping[Any, Any], column: str | None, missing: float) -> float:
    value = None if column is None else row[column]
    return missing if value is None or value != value or value == "" else float(str(value))


def _ratio(row: Mapping[Any, Any], column: str | None) -> float:
    """New shares for an old one: 7, "7:1", "7/1"; 0 or nothing is none, as vendors write it."""
    value = None if column is None else row[column]
    if isinstance(value, str) and (":" in value or "/" in value):
        new, _, old = value.replace(":", "/").partition("/")
        return float(new) / float(old)
    found = _number(row, column, 1.0)
    return 1.0 if found == 0.0 else found


def factor_rows(dates: Sequence[date], closes: Sequence[float], events: Sequence[Event], what: str) -> list[FactorRow]:
    """Rows of a factor file, oldest first: what LEAN multiplies raw prices with.

    A dividend D on the session after a close C scales what came before by 1 - D / C, a split of n for one by 1 / n.

    Parameters
    ----------
    dates, closes : sequences
        Sessions and raw closes of the asset.
    events : sequence of Event
        Of its ex-dates; one on a day without a bar belongs to the next bar.
    what : str
        For messages.
    """
    rows = [FactorRow(END, 1.0, 1.0, 0.0)]
    price = split = 1.0
    places: dict[int, tuple[float, float]] = {}
    for event in events:
        place = bisect_left(dates, event.day)
        if place == 0 or place >= len(dates):
            continue  # nothing before it, or nothing after it, that it could change
        dividend, ratio = places.get(place, (0.0, 1.0))
        places[place] = dividend + event.dividend, ratio * event.split
    for place in sorted(places, reverse=True):
        dividend, ratio = places[place]
        before = closes[place - 1]
        if dividend >= before:
            raise DataError(
                f"{what}: a dividend of {dividend:g} on {dates[place]} after a close of {before:g}: expected a smaller one. Is "
                "the close raw, and the dividend that of one share then?"
            )
        price *= 1.0 - dividend / before
        split /= ratio
        rows.append(FactorRow(dates[place - 1], price, split, before))
    if len(dates):
        rows.append(FactorRow(dates[0], price, split, rows[-1].reference_price if rows[-1].date == dates[0] else 0.0))
    unique = {row.date: row for row in reversed(rows)}
    return sorted(unique.values())


def raw_scale(dates: Sequence[date], events: Sequence[Event]) -> list[float]:
    """What turns split-adjusted prices into raw ones: the new shares that an old one has become since each date."""
    out, scale = [1.0] * len(dates), 1.0
    waiting = sorted((event for event in events if event.split != 1.0), reverse=True)
    for place in reversed(range(len(dates))):
        while waiting and waiting[0].day > dates[place]:
            scale *= waiting.pop(0).split
        out[place] = scale
    return out
