"""Times of a column of a table, in whatever form it writes them, as long as they can be read in one way only."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.exceptions import NonNumericError

if TYPE_CHECKING:
    import pandas as pd

_OFFSET = r":\d\d(?:\.\d+)?\s*([+-]\d\d:?\d\d|Z)$"
_TWO_WAYS = r"\s*(\d{1,2})([/.\-])(\d{1,2})\2(\d{4}|\d{2})(?=\D|$)"
"""A date of which it can't be told from one row alone what is the day and what the month (or the year, of two digits)."""
EPOCHS: dict[Any, tuple[float, float]] = {"s": (1e8, 1e10), "ms": (1e11, 1e13), "us": (1e14, 1e16), "ns": (1e17, 1e19)}
"""Units of whole numbers that count from 1970, and the numbers that a time between 1973 and 2286 has in them."""


def to_times(column: pd.Series) -> pd.Series:
    """Times of a column: dates in any usual form, numbers such as 20200131 or seconds after 1970, and times with an offset.

    Days keep the date that they have in their own zone, whatever it is; other times keep their zone where it is one, and are in
    UTC where offsets differ.

    Raises
    ------
    ValueError, TypeError
        Something isn't a time, or could be several.
    """
    import pandas as pd

    if pd.api.types.is_bool_dtype(column):
        raise TypeError("true and false are no dates")
    if pd.api.types.is_numeric_dtype(column):
        return _of_numbers(column)
    if column.dtype != object and not pd.api.types.is_string_dtype(column.dtype):
        return pd.to_datetime(column)
    text = column.dropna().astype(str)
    if len(text) and text.str.fullmatch(r"\d{8}\.0").all():
        return _of_numbers(column.astype("float64"))
    offsets = text.str.extract(_OFFSET, expand=False)
    if offsets.notna().any():
        if offsets.isna().any():
            raise ValueError(f"{text[offsets.isna()].iloc[0]!r} has no offset, others have one")
        return _with_offsets(column, text, offsets)
    if len(text) and text.str.match(_TWO_WAYS).all():
        return _of_either_order(column, text)
    return _surely(column)


def _surely(column: pd.Series, **options: Any) -> pd.Series:
    """Times of texts of one form."""
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("error")  # pandas says so where it guesses
        try:
            times: pd.Series = pd.to_datetime(column, **options)
            return times
        except UserWarning as warning:
            raise ValueError(str(warning)) from None


def _of_numbers(column: pd.Series) -> pd.Series:
    """Days written as 20200131, or times counted from 1970."""
    import pandas as pd

    numbers = column.astype("float64")
    known = numbers.dropna()
    if not np.isfinite(known).all() or (known != np.floor(known)).any():
        odd = known[~np.isfinite(known) | (known != np.floor(known))].iloc[0]
        raise ValueError(f"{odd:g} is neither a day such as 20200131 nor a count of seconds after 1970")
    if known.between(1e7, 1e8, inclusive="left").all():
        days = known.astype("int64").astype(str)
        return pd.to_datetime(days, format="%Y%m%d").reindex(column.index)
    whole = column.dropna().astype("int64")
    for unit, (low, high) in EPOCHS.items():
        if known.between(low, high, inclusive="left").all():
            times: pd.Series = pd.to_datetime(whole, unit=unit, utc=True)
            return times.reindex(column.index)
    raise ValueError(f"{known.iloc[0]:g} is neither a day such as 20200131 nor a count of seconds after 1970")


def _with_offsets(column: pd.Series, text: pd.Series, offsets: pd.Series) -> pd.Series:
    times = _surely(column, utc=True)
    if offsets.nunique() == 1:
        return _surely(column)
    local = _surely(text.str.replace(r"\s*([+-]\d\d:?\d\d|Z)$", "", regex=True))
    # One row a day: what counts is the day, which another zone would take for the one before or after.
    return times if local.dt.normalize().duplicated().any() else local.reindex(column.index)


def _of_either_order(column: pd.Series, text: pd.Series) -> pd.Series:
    """Dates such as 03/04/2021, in the order that the whole column allows: where several do, the one in which time rises."""
    import pandas as pd

    parts = text.str.extract(_TWO_WAYS)
    mark, year = parts[1].iloc[0], "%Y" if (parts[3].str.len() == 4).all() else "%y"
    orders = [("%d", "%m", year), ("%m", "%d", year), *([("%y", "%m", "%d")] if year == "%y" else [])]
    rest = text.str.replace(_TWO_WAYS, "", n=1, regex=True)
    found: list[tuple[str, Any]] = []
    for order in orders:
        try:
            days = pd.to_datetime(parts[0] + mark + parts[2] + mark + parts[3], format=mark.join(order))
            times = days if (rest.str.strip() == "").all() else days + _clock(rest)
        except ValueError:
            continue
        if not any(times.equals(other) for _, other in found):
            found.append((mark.join(order), times))
    if not found:
        raise ValueError(f"dates such as {text.iloc[0]!r} fit no order of day and month in all rows")
    rising = [pair for pair in found if pair[1].is_monotonic_increasing and pair[1].is_unique and len(pair[1]) > 1]
    chosen = found if len(found) == 1 else rising
    if len(chosen) != 1:
        ways = " or ".join(f"{times.iloc[0]:%Y-%m-%d}" for _, times in (chosen or found)[:2])
        formats = " or ".join(repr(form) for form, _ in (chosen or found)[:2])
        raise Ambiguous(
            f"{text.iloc[0]!r} is {ways}, and no other row tells. Say which: pd.to_datetime(column, format={formats})"
        )
    return pd.Series(chosen[0][1]).reindex(column.index)


def _clock(rest: pd.Series) -> Any:
    import pandas as pd

    times = pd.to_datetime("2000-01-01 " + rest.str.strip().str.lstrip("T,").str.strip())
    return times - pd.Timestamp("2000-01-01")


class Ambiguous(ValueError):
    """Dates that can be read in several ways."""


def index_of(table: pd.DataFrame, place: Any, what: str) -> pd.DatetimeIndex:
    """The times in a column, as an index.

    Raises
    ------
    NonNumericError
        Not all of them are times that can be read in one way.
    """
    import pandas as pd

    try:
        return pd.DatetimeIndex(to_times(table[place]), name="date")
    except Ambiguous as error:
        raise NonNumericError(f"{what}: column {place!r} can be read in several ways: {error}; or write 2020-01-31.") from None
    except (ValueError, TypeError, OverflowError) as error:
        reason = str(error).splitlines()[0].split(". You might")[0]
        raise NonNumericError(
            f"{what}: column {place!r} holds something that is no date ({reason}): expected dates such as 2020-01-31."
        ) from None
