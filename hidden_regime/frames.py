"""From pandas frames to bars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hidden_regime.bars import Bar
from hidden_regime.exceptions import DuplicateDateError, MissingColumnError, MissingValueError, NonNumericError, UnsortedDataError

if TYPE_CHECKING:
    import pandas as pd

BLOCK = 256
PRICES = ("open", "high", "low", "close")


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


def frame_to_bars(frame: pd.DataFrame) -> Iterator[Bar]:
    """Bars of a frame, checked.

    Raises
    ------
    MissingColumnError, NonNumericError, MissingValueError, DuplicateDateError, UnsortedDataError, InvalidPriceError
    """
    arrays = frame_to_columns(frame)
    times = frame_times(frame)
    for begin in range(0, len(frame), BLOCK):  # Python's numbers take three times the room, so few at a time
        part = slice(begin, begin + BLOCK)
        for time, *prices in zip(times[part], *(values[part].tolist() for values in arrays), strict=True):
            yield Bar(time, *prices)


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
    columns = {str(name).lower(): name for name in frame.columns}
    twice = [name for name in columns if sum(str(other).lower() == name for other in frame.columns) > 1]
    if set(twice) & {*PRICES, "volume"}:
        raise MissingColumnError(f"frame has the column {twice[0]!r} more than once: expected one. Rename or drop the others.")
    if "close" not in columns:
        raise MissingColumnError(f"frame has the columns {list(frame.columns)}: expected 'close', and where known {PRICES[:3]}.")
    if not isinstance(frame.index, pd.DatetimeIndex):
        raise MissingColumnError(
            f"frame is indexed by {type(frame.index).__name__}: expected a DatetimeIndex of the bars' end times. "
            "Set it: frame.set_index(pd.to_datetime(frame['date'])), or frame.index = pd.to_datetime(frame.index)."
        )
    check_times(frame.index, "frame")
    arrays = []
    for name in (*PRICES, "volume"):
        column = frame[columns.get(name, columns["close"])]
        try:
            values: npt.NDArray[np.float64] = column.to_numpy(dtype=np.float64)
        except (TypeError, ValueError):
            raise NonNumericError(f"column {name!r} holds {column.dtype} values: expected numbers.") from None
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


def are_sound(arrays: Sequence[npt.NDArray[np.float64]]) -> bool:
    """Whether `Bar.check` would pass every row of these columns."""
    opens, highs, lows, closes = arrays[:4]
    finite = all(bool((np.isfinite(a) & (a > 0.0)).all()) for a in (opens, highs, lows, closes))
    if not finite:
        return False
    slack = 1e-6 * highs
    inside = (lows - slack <= np.minimum(opens, closes)) & (highs + slack >= np.maximum(opens, closes))
    return bool(inside.all())
