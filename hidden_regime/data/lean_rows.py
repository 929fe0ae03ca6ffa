"""Lines of a zip of LEAN's, checked: what no market can quote raises."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hidden_regime.data.headers import exactly
from hidden_regime.data.intraday import BarRows, QuoteRows
from hidden_regime.data.scaling import PER_DOLLAR
from hidden_regime.data.unpacking import ODD, check_lines, read_member
from hidden_regime.exceptions import DataError, DuplicateDateError, InvalidPriceError, UnsortedDataError

MINUTE, SECOND = 60_000, 1000
"""Milliseconds."""
BARS = ("time", "open", "high", "low", "close", "volume")
DAYS = 18000101, 21001231
"""Days between which a market may have traded, as yyyymmdd: what is beyond is a slip, and no calendar has it."""
QUOTES = ("time", *(f"{side} {name}" for side in ("bid", "ask") for name in ("open", "high", "low", "close", "size")))
BAR_LINE = "bars", "yyyyMMdd HH:mm,open,high,low,close,volume"
QUOTE_LINE = "quotes", "milliseconds,bid open,high,low,close,size,ask open,high,low,close,size"


def read_lines(path: Path, names: tuple[str, ...] = BARS) -> Any:
    """A frame of the lines of a zip."""
    import pandas as pd

    try:
        content = read_member(path, _member(path))
        check_lines(content, len(names))
        table = pd.read_csv(io.BytesIO(content), header=None, names=list(names), **exactly())
    except DataError:
        raise
    except ODD as error:
        raise unreadable(path, error, names) from error
    if table.empty:
        raise DataError(f"{path} holds no {'bars' if names is BARS else 'quotes'}: expected a line for each.")
    return table


def _member(path: Path) -> str:
    """The name that LEAN gives to what is in a zip of bars."""
    day, _, kind = path.stem.rpartition("_")
    return f"{day}_{path.parent.name}_{path.parent.parent.name}_{kind}.csv" if day else f"{path.stem}.csv"


def unreadable(path: Path, error: Exception, names: tuple[str, ...] = BARS) -> DataError:
    """What to raise for a file that isn't such a zip."""
    what, line = BAR_LINE if names is BARS else QUOTE_LINE
    return DataError(f"{path} can't be read as LEAN {what} ({error}): expected a zip of lines '{line}'.")


def check_rows(path: Path, times: npt.NDArray[Any], values: npt.NDArray[Any], show: Callable[[Any], str]) -> None:
    """Raise for times that don't rise, prices that no market can quote, and volumes below zero."""
    wrong = np.diff(times) <= 0
    if wrong.any():
        at = int(np.argmax(wrong))
        kind = DuplicateDateError if times[at] == times[at + 1] else UnsortedDataError
        remedy = "Delete one of them." if kind is DuplicateDateError else "Sort the file."
        raise kind(f"{path} line {at + 2}: {show(times[at + 1])} comes after {show(times[at])}: expected rising times. {remedy}")
    if np.isnan(values).any():
        at = int(np.argmax(np.isnan(values).any(axis=1)))
        raise DataError(f"{path} line {at + 1}: expected a time, open, high, low, close and volume.")
    if not (np.isfinite(values).all() and (values[:, :4] > 0).all()):
        bad = ~np.isfinite(values).all(axis=1) | (values[:, :4] <= 0).any(axis=1)
        at = int(np.argmax(bad))
        odd = next(v for v in values[at] if not (math.isfinite(v) and v > 0))
        raise InvalidPriceError(f"{path} line {at + 1}: a price or volume of {odd:g}: expected positive finite numbers.")
    if (values[:, 1] < values[:, 2]).any():
        at = int(np.argmax(values[:, 1] < values[:, 2]))
        raise InvalidPriceError(f"{path} line {at + 1}: high is below low: expected low <= high.")
    if (values[:, 4] < 0).any():
        at = int(np.argmax(values[:, 4] < 0))
        raise InvalidPriceError(f"{path} line {at + 1}: a volume of {values[at, 4]:g}: expected none below zero.")


def _minute(key: Any) -> str:
    return f"{key / 60_000:g} minutes"


def _numbers(path: Path, names: tuple[str, ...]) -> npt.NDArray[np.float64]:
    table = read_lines(path, names)
    try:
        values: npt.NDArray[np.float64] = table.to_numpy(dtype=np.float64)
    except (ValueError, TypeError, OverflowError) as error:
        raise unreadable(path, error, names) from error
    return values


def read_minutes(path: Path, unit: int = MINUTE) -> BarRows:
    """Rows of a zip of one day's bars of minutes or seconds, whose times are milliseconds after midnight."""
    values = _numbers(path, BARS)
    check_rows(path, values[:, 0], values[:, 1:], _minute)
    values[:, 1:5] /= PER_DOLLAR
    return BarRows((values[:, 0] / unit).astype(np.int64), np.ascontiguousarray(values[:, 1:]))


def read_quotes(path: Path, unit: int = MINUTE) -> QuoteRows:
    """Rows of a zip of one day's quotes. Where all four prices of a side are empty or zero, LEAN takes it for missing."""
    values = _numbers(path, QUOTES)
    if np.isnan(values[:, [0, 5, 10]]).any():
        at = int(np.argmax(np.isnan(values[:, [0, 5, 10]]).any(axis=1)))
        raise DataError(f"{path} line {at + 1}: expected {QUOTE_LINE[1]}. Prices may be empty, the time and sizes not.")
    values = np.nan_to_num(values, nan=0.0, posinf=np.inf, neginf=-np.inf)
    sides = values[:, 1:6], values[:, 6:11]
    for side in sides:
        missing = ~side[:, :4].any(axis=1)
        checked = side.copy()
        checked[missing, :4] = 1.0
        check_rows(path, values[:, 0], checked, _minute)
        side[:, :4] /= PER_DOLLAR
    return QuoteRows((values[:, 0] // unit).astype(np.int64), *sides)
