"""Bars as objects, LEAN's and others, into frames."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hidden_regime.bars.bar import Bar
from hidden_regime.bars.by_asset import ticker_of
from hidden_regime.exceptions import DataError, MissingColumnError, NonNumericError, ParameterError

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("Open", "High", "Low", "Close", "Volume")
_TIMES = ("EndTime", "end_time", "Time", "time", "Date")


def field(bar: Any, name: str) -> Any:
    """A field of LEAN's bar, of one of ours or of a mapping, in either spelling."""
    spellings = _TIMES if name == "EndTime" else (name, name.lower())
    found = _first(bar, spellings)
    if found is not None:
        return found
    if name == "Volume":
        return float("nan")  # quotes have none
    raise MissingColumnError(f"a bar without {name}: expected one of {spellings} in {type(bar).__name__}.")


def _first(thing: Any, spellings: Iterable[str]) -> Any:
    for spelling in spellings:
        if isinstance(thing, Mapping):
            if spelling in thing:
                return thing[spelling]
        elif hasattr(thing, spelling):
            return getattr(thing, spelling)
    return None


def as_bar(given: Any, columns: Sequence[str] = ()) -> Bar:
    """The bar that a row of a frame holds, a mapping, or a bar of LEAN's; of a close alone, one that repeats it.

    A row's time is its name, else what it calls end_time, time or Date. `columns` are further names that the bar is to have.

    Raises
    ------
    ParameterError
        It has no time, no close, or some of open, high and low; or one of them is no number.
    """
    time = getattr(given, "name", None)
    if not isinstance(time, datetime):
        time = _first(given, _TIMES)
    prices = [_first(given, (name, name.lower())) for name in COLUMNS[:4]]
    if prices[:3] == [None] * 3:
        prices = prices[3:] * 4
    volume = _first(given, ("Volume", "volume"))
    try:
        if isinstance(time, datetime):
            plain: datetime = time.to_pydatetime() if hasattr(time, "to_pydatetime") else time
            open_, high, low, close = (float(price) for price in prices)
            more = {name: float(found) for name in columns if (found := _first(given, (name,))) is not None}
            bar = Bar(plain, open_, high, low, close, math.nan if volume is None else float(volume))
            return bar.with_columns(more) if more else bar
    except (TypeError, ValueError):
        pass
    raise ParameterError(
        "bar", given, "a Bar(end_time, open, high, low, close, volume), or a row, a mapping or a bar that has them",
        "Of a row of a frame without times: Bar(time, row.open, row.high, row.low, row.close, row.volume).",
    )  # fmt: skip


def bars_to_frames(items: Iterable[Any], parameter: str) -> dict[Any, pd.DataFrame]:
    """Frame of each asset's bars, equal to the one that LEAN makes of them; empty where the items are no bars.

    Parameters
    ----------
    items : iterable
        Bars, LEAN's slices, or its dictionaries of bars by symbol. Newest first, as a RollingWindow gives them, they are
        turned round.
    parameter : str
        What to call them in errors.
    """
    rows: dict[Any, list[tuple[Any, ...]]] = {}
    for item in items:
        for bar in _bars_in(item):
            if not isinstance(_first(bar, _TIMES), datetime) or _first(bar, ("Close", "close")) is None:
                return {}
            owner = _first(bar, ("symbol", "Symbol"))
            key = "" if owner is None or not ticker_of(owner) else owner
            rows.setdefault(key, []).append((field(bar, "EndTime"), *(field(bar, name) for name in COLUMNS)))
    return {key: _frame(own, parameter) for key, own in rows.items()}


def _bars_in(item: Any) -> Iterator[Any]:
    trades, quotes = _first(item, ("bars", "Bars")), _first(item, ("quote_bars", "QuoteBars"))
    if trades is not None or quotes is not None:  # a slice: where an asset has both, LEAN's frames show the trades
        found: dict[Any, Any] = {}
        for bar in (*_values(quotes), *_values(trades)):
            found[_first(bar, ("symbol", "Symbol"))] = bar
        yield from found.values()
    elif _first(item, ("Close", "close")) is None and hasattr(item, "values"):
        yield from _values(item)
    else:
        yield item


def _values(dictionary: Any) -> list[Any]:
    values = getattr(dictionary, "values", ())  # of .NET's dictionaries a property
    return list(values() if callable(values) else values)


def _frame(rows: list[tuple[Any, ...]], parameter: str) -> pd.DataFrame:
    import pandas as pd

    times, *columns = zip(*rows, strict=True)
    try:
        index = pd.DatetimeIndex(times, name="time")
    except (ValueError, TypeError) as error:
        raise DataError(
            f"{parameter} has bars whose times are of several zones: expected all of one zone, or all without. Convert "
            "them: time.astimezone(zone)."
        ) from error
    try:
        values = {name.lower(): pd.Series(column, index, dtype="float64") for name, column in zip(COLUMNS, columns, strict=True)}
    except (ValueError, TypeError):
        raise NonNumericError(f"{parameter} has bars with something other than numbers: expected prices and volumes.") from None
    # LEAN's frames lack a column of nothing but zeros: it stands for something unknown.
    known = {name: column for name, column in values.items() if name == "close" or column.fillna(0.0).any()}
    frame = pd.DataFrame(known, index)
    return frame[::-1] if len(frame) > 1 and index.is_monotonic_decreasing and index.is_unique else frame
