"""From pandas frames to bars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hidden_regime.bars.bar import Bar
from hidden_regime.bars.columns import DATES, PRICES, plain, refuse_twice, warn_of_splits
from hidden_regime.exceptions import (
    DataError,
    DuplicateDateError,
    MissingColumnError,
    MissingValueError,
    NonNumericError,
    UnsortedDataError,
)

if TYPE_CHECKING:
    import pandas as pd

BLOCK = 256


def check_times(index: pd.Index, what: str) -> None:
    """Raise unless the times rise strictly."""
    if index.hasnans:
        at = int(np.argmax(index.isna()))
        raise MissingValueError(f"{what}: row {at} has no time: expected one in each row. Drop the row.")
    if index.has_duplicates:
        raise DuplicateDateError(
            f"{what} has {index[index.duplicated()][0]} more than once: expected one row a bar. Drop or merge the others."
        )
    if not index.is_monotonic_increasing:
        place = int(np.argmax(np.asarray(index[1:] < index[:-1])))
        raise UnsortedDataError(
            f"{what} has {index[place + 1]} after {index[place]}: expected rising times. Sort the rows by time."
        )


def frame_to_bars(frame: pd.DataFrame, columns: Sequence[str] = ()) -> Iterator[Bar]:
    """Bars of a frame, checked.

    Parameters
    ----------
    frame : DataFrame
    columns : sequence of str
        Further columns of numbers that each bar is to have.

    Raises
    ------
    MissingColumnError, NonNumericError, MissingValueError, DuplicateDateError, UnsortedDataError, InvalidPriceError
    """
    arrays = frame_to_columns(frame)
    times = frame_times(frame)
    more = [_further(frame, name) for name in columns]
    for begin in range(0, len(frame), BLOCK):  # Python's numbers take three times the room, so few at a time
        part = slice(begin, begin + BLOCK)
        others = zip(*(values[part].tolist() for values in more), strict=True) if more else repeat((), len(times[part]))
        prices = zip(*(values[part].tolist() for values in arrays), strict=True)
        for time, five, further in zip(times[part], prices, others, strict=True):
            bar = Bar(time, *five)
            yield bar.with_columns(dict(zip(columns, further, strict=True))) if further else bar


def _further(frame: pd.DataFrame, name: str) -> npt.NDArray[np.float64]:
    """A column that a feature asks for; it may have gaps."""
    if list(frame.columns).count(name) != 1:
        raise MissingColumnError(f"frame has the columns {_shown(frame)}: expected {name!r} once, which is a feature.")
    try:
        values: npt.NDArray[np.float64] = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise _no_numbers(frame, name) from None
    return values


def frame_times(frame: pd.DataFrame) -> Sequence[datetime]:
    """End of each bar, of a frame that `frame_to_columns` has checked."""
    index: Any = frame.index
    times: Sequence[datetime] = index.to_pydatetime()
    return times


def frame_to_columns(frame: pd.DataFrame) -> list[npt.NDArray[np.float64]]:
    """Open, high, low, close and volume of a frame whose times rise; prices are numbers, sound or not.

    Raises
    ------
    MissingColumnError, NonNumericError, MissingValueError, DuplicateDateError, UnsortedDataError
    """
    import pandas as pd

    if frame.columns.nlevels > 1:
        raise MissingColumnError(
            f"frame has columns of {frame.columns.nlevels} levels, such as {frame.columns[0]}: expected 'close' and so on. "
            "Choose one asset: frame.xs(ticker, axis=1, level=1), or frame.droplevel(1, axis=1)."
        )
    refuse_twice([name for name in frame.columns if plain(name) in (*PRICES, "volume")], "frame")
    columns = {plain(name): name for name in frame.columns}
    if "close" not in columns:
        raise MissingColumnError(
            f"frame has the columns {_shown(frame)}: expected 'close', and where known {PRICES[:3]}. {_remedy(frame)}"
        )
    if not isinstance(frame.index, pd.DatetimeIndex):
        raise _no_times(frame)
    check_times(frame.index, "frame")
    warn_of_splits(frame, columns["close"], "frame")
    arrays = []
    for name in (*PRICES, "volume"):
        column = frame[columns.get(name, columns["close"])]
        try:
            values: npt.NDArray[np.float64] = column.to_numpy(dtype=np.float64)
        except (TypeError, ValueError):
            raise _no_numbers(frame, str(column.name)) from None
        if name == "volume" and "volume" not in columns:
            values = np.full(len(frame), np.nan)
        elif name != "volume" and np.isnan(values).any():
            when = frame.index[int(np.argmax(np.isnan(values)))]
            raise MissingValueError(
                f"column {name!r} has no value at {when} ({int(np.isnan(values).sum())} gaps in all): expected a price in each "
                "row. Drop those rows: a missing bar is no observation."
            )
        arrays.append(values)
    return arrays


def _no_numbers(frame: pd.DataFrame, name: str) -> NonNumericError:
    """Which value it was, and what makes numbers of texts that can be read in one way."""
    import pandas as pd

    column = frame[name]
    odd = column[pd.to_numeric(column, errors="coerce").isna() & column.notna()]
    what, when = (repr(odd.iloc[0]), f" at {odd.index[0]}") if len(odd) else (f"{column.dtype} values", "")
    plain_text = odd.astype(str).str.fullmatch(r"\s*[$€£]?\s*-?\d{1,3}(,\d{3})+(\.\d+)?\s*|\s*[$€£]\s*-?\d+(\.\d+)?\s*")
    remedy = "Convert the column, or drop these rows."
    if len(odd) and plain_text.all():
        remedy = (
            f"Take marks and separators out: frame[{name!r}] = "
            f"frame[{name!r}].str.replace(r'[,$€£ ]', '', regex=True).astype(float)."
        )
    return NonNumericError(f"column {name!r} holds {what}{when}: expected numbers. {remedy}")


def _shown(frame: pd.DataFrame) -> str:
    names = [str(name) for name in frame.columns]
    return str(names) if len(names) <= 12 else f"{names[:12]} and {len(names) - 12} others"


def _remedy(frame: pd.DataFrame) -> str:
    """What to do about a frame without closes, by what it seems to be."""
    import pandas as pd

    names = {str(name).lower() for name in frame.columns}
    if isinstance(frame.columns, pd.DatetimeIndex):
        return "Times belong in the rows: frame.T."
    if "lastprice" in names or {"askprice", "bidprice"} & names:
        return "Ticks are no bars: ask for history of another resolution, or resample them."
    if "value" in names:
        return "Where the value is a price, say so: frame.rename(columns={'value': 'close'})."
    if names & {*PRICES, "volume", "price", "adj close", "adj_close"}:
        return "Rename the column of closes to 'close'."
    return "Where the columns are assets and their values closes, say so: frame.rename_axis(columns='symbol')."


def _no_times(frame: pd.DataFrame) -> DataError:
    index = frame.index
    zones = {str(time.tzinfo) for time in index if isinstance(time, datetime)} if index.dtype == object else set()
    if len(zones) > 1:
        return DataError(
            f"frame has times of the zones {', '.join(sorted(zones))}: expected all of one zone, or all without. Convert them: "
            "frame.index = pd.to_datetime(frame.index, utc=True)."
        )
    return MissingColumnError(
        f"frame is indexed by {type(index).__name__}: expected a DatetimeIndex of the bars' end times. {_how_to_set(frame)}"
    )


def _how_to_set(frame: pd.DataFrame) -> str:
    """What to run so that the frame has times; it does as it stands."""
    import pandas as pd

    index, names = frame.index, {plain(name): name for name in frame.columns}
    column = next((names[name] for name in DATES if name in names), None)
    owner = next((names[name] for name in ("symbol", "ticker") if name in names), None)
    if isinstance(index, pd.PeriodIndex):
        return "Set it: frame.index = frame.index.to_timestamp()."
    if column is not None and owner is not None:
        return f"Set it: frame.set_index([{owner!r}, {column!r}])."
    if column is not None:
        return f"Set it: frame.set_index(pd.to_datetime(frame[{column!r}]))."
    if index.dtype == object or pd.api.types.is_string_dtype(index.dtype):
        return "Set it: frame.index = pd.to_datetime(frame.index)."
    if pd.api.types.is_numeric_dtype(index.dtype) and len(index) and 19000101 <= index[0] <= 22000101:
        return "Set it: frame.index = pd.to_datetime(frame.index.astype(int).astype(str))."
    return "Give the times: frame.index = pd.DatetimeIndex(times), a time for each row."


def are_sound(arrays: Sequence[npt.NDArray[np.float64]]) -> bool:
    """Whether `Bar.check` would pass every row of these columns."""
    opens, highs, lows, closes = arrays[:4]
    finite = all(bool((np.isfinite(a) & (a > 0.0)).all()) for a in (opens, highs, lows, closes))
    if not finite:
        return False
    slack = 1e-6 * highs
    inside = (lows - slack <= np.minimum(opens, closes)) & (highs + slack >= np.maximum(opens, closes))
    return bool(inside.all())
