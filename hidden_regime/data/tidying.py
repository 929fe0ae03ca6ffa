"""A table as prices: plain names of columns, rising times, and numbers that a market can quote."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hidden_regime.bars.columns import ADJUSTED, CLOSES, DATES, PRICES, TICKERS, close_of, plain, refuse_twice
from hidden_regime.bars.frames import check_times
from hidden_regime.bars.times import index_of
from hidden_regime.data.headers import surplus
from hidden_regime.exceptions import InvalidPriceError, MissingColumnError, MissingValueError, NonNumericError

if TYPE_CHECKING:
    import pandas as pd

CHEAPEST, DEAREST = 1e-20, 1e15
"""What no price comes to: with its decimals it has to fit into System.Decimal, in which LEAN reckons."""


def pd_index(table: pd.DataFrame) -> pd.DatetimeIndex:
    """The index of a tidy table, which is one of times."""
    import pandas as pd

    return pd.DatetimeIndex(table.index)


def tidy(table: pd.DataFrame, what: str) -> pd.DataFrame:
    """A table with plain names of columns (close, adj_close, ...) and a rising DatetimeIndex; a `ticker` column stays.

    Times keep their zone; see `hidden_regime.bars.times.to_times`.

    Raises
    ------
    MissingColumnError, NonNumericError, MissingValueError, DuplicateDateError, UnsortedDataError, InvalidPriceError
    """
    table = timed(table, what)
    return table if "ticker" in table.columns else check_prices(table, what)


def timed(table: pd.DataFrame, what: str) -> pd.DataFrame:
    """A table with plain names of columns and a DatetimeIndex, whatever else is in it; see `tidy`."""
    import pandas as pd

    if isinstance(table.index, pd.MultiIndex):
        raise surplus(what)
    refuse_twice(list(table.columns), what)
    table = table.rename(columns={name: plain(name) for name in table.columns})
    if not isinstance(table.index, pd.DatetimeIndex):
        place = next((name for name in DATES if name in table.columns), None)
        if place is None and (table.index.dtype == object or pd.api.types.is_string_dtype(table.index.dtype)):
            table = table.rename_axis("date").reset_index()
            place = "date"
        if place is None:
            raise MissingColumnError(
                f"{what} has no dates: its columns are {list(table.columns)}; expected one named {', '.join(DATES[:-1])}, or a "
                "DatetimeIndex."
            )
        table = table.set_index(index_of(table, place, what)).drop(columns=place)
    if table.index.hasnans:
        at = int(np.argmax(table.index.isna()))
        raise MissingValueError(f"{what}: row {at} has no date: expected one in each row. Delete the row, or give its date.")
    ticker = next((name for name in TICKERS if name in table.columns), None)
    return table if ticker is None else table.rename(columns={ticker: "ticker"})


def check_prices(table: pd.DataFrame, what: str) -> pd.DataFrame:
    """One asset's table with numeric open, high, low, close, volume and, where given, adj_close."""
    import pandas as pd

    close = close_of(list(table.columns), what)
    if close is None:
        raise MissingColumnError(
            f"{what} has no prices: its columns are {list(table.columns)}; expected 'close' (or one of {', '.join(CLOSES[1:])})."
        )
    check_times(table.index, what)
    out = pd.DataFrame(index=table.index)
    adjusted = next((name for name in ADJUSTED if name in table.columns), None)
    for name, source in [*((p, p if p in table.columns else close) for p in PRICES), ("adj_close", adjusted)]:
        if source is None:
            continue
        numbers = numbers_of(table, source, what)
        if numbers.isna().any():
            when = table.index[int(np.argmax(numbers.isna().to_numpy()))]
            raise MissingValueError(
                f"{what}: {source} has no value at {when:%Y-%m-%d} ({int(numbers.isna().sum())} gaps in all): expected a price "
                "in each row. Delete those rows: a missing day is no observation."
            )
        sound = (numbers > CHEAPEST) & (numbers < DEAREST)
        if not sound.all():
            at = int(np.argmin(sound.to_numpy()))
            raise InvalidPriceError(
                f"{what}: {source} at {table.index[at]:%Y-%m-%d} is {numbers.iloc[at]:g}: expected a positive finite price."
            )
        out[name] = numbers.astype(np.float64)
    wrong = out["high"] < out["low"]
    if wrong.any():
        when = table.index[int(np.argmax(wrong.to_numpy()))]
        raise InvalidPriceError(f"{what}: high is below low at {when:%Y-%m-%d}: expected low <= high. Check the columns.")
    volume = numbers_of(table, "volume", what).fillna(0.0) if "volume" in table.columns else pd.Series(0.0, table.index)
    wrong = ~(np.isfinite(volume) & (volume >= 0))
    if wrong.any():
        at = int(np.argmax(wrong.to_numpy()))
        raise InvalidPriceError(
            f"{what}: volume at {table.index[at]:%Y-%m-%d} is {volume.iloc[at]:g}: expected a finite number, none below zero."
        )
    out["volume"] = volume.astype(np.float64)
    return out


def numbers_of(table: pd.DataFrame, source: str, what: str) -> pd.Series:
    """A column as numbers; gaps stay gaps."""
    import pandas as pd

    column = table[source]
    if isinstance(column, pd.DataFrame):
        raise MissingColumnError(f"{what} has {column.shape[1]} columns {source!r}: expected one. Rename or drop the others.")
    numbers = pd.to_numeric(column, errors="coerce")
    bad = (numbers.isna() & column.notna()) | column.map(lambda value: isinstance(value, (bool, np.bool_)))
    if bad.any():
        when = table.index[int(np.argmax(bad.to_numpy()))]
        raise NonNumericError(f"{what}: {source} at {when:%Y-%m-%d} is {column[bad].iloc[0]!r}: expected a number.")
    return numbers
