"""Prices in every form in which LEAN, QuantBook and pandas give them, as a frame of bars for each asset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hidden_regime.bars.by_asset import ByAsset, is_identifier, is_symbol, labels_of
from hidden_regime.bars.columns import DATES, PRICES, close_of, plain, refuse_twice
from hidden_regime.bars.objects import bars_to_frames
from hidden_regime.bars.times import index_of
from hidden_regime.exceptions import (
    MissingColumnError,
    MissingValueError,
    NoDataError,
    ParameterError,
    RegimeError,
)

if TYPE_CHECKING:
    import pandas as pd

EXPECTED = (
    "a frame or a series of prices, by time or as self.history gives it by symbol and time; closes with a column for each "
    "symbol; a list of bars; or a mapping of assets to any of these"
)
ASSET_NAMES = ("symbol", "ticker")
NOBODY = ""
"""Key of prices that don't say whose they are."""


class Prices(NamedTuple):
    """Frames of one or several assets.

    `frames`: by the keys of the data; `errors`: why others have none; `is_one`: whether they are of one asset without
    having been given as a mapping, so that the answer is one and not one for each.
    """

    frames: ByAsset[pd.DataFrame]
    errors: ByAsset[RegimeError]
    is_one: bool

    def one(self, parameter: str, choice: object = None) -> tuple[Any, pd.DataFrame]:
        """Key and frame of the only asset, or of the chosen one of several.

        Raises
        ------
        ParameterError
            Several assets, and the choice isn't one of them.
        """
        if len(self.frames) == 1 and not self.errors:
            return next(iter(self.frames.items()))
        if choice is not None and choice in self.frames:
            return choice, self.frames[choice]
        if not self.frames and self.errors:
            raise next(iter(self.errors.values()))
        found = list(labels_of([*self.frames, *self.errors]))
        raise ParameterError(
            parameter, found, "prices of one asset",
            "Choose one, as in history.loc[symbol] or closes[symbol]; find_regimes, RegimeDetector.run and run_many take all.",
        )  # fmt: skip


def read_prices(prices: Any, parameter: str) -> Prices:
    """Frames of prices by asset, with what can be said of their form alone; `frame_to_columns` checks what is in them.

    Parameters
    ----------
    prices : DataFrame, Series, list of bars, or mapping of assets to these
    parameter : str
        What to call them in errors.

    Raises
    ------
    NoDataError
        An empty history, as LEAN gives it for an unknown symbol.
    ParameterError, DataError
        No prices, or a frame from which assets and times can't be told.
    """
    import pandas as pd

    if isinstance(prices, Mapping):
        return _of_mapping(prices, parameter)
    if isinstance(prices, pd.Series):
        prices = pd.Series(prices)  # a plain one: the engine's looks tickers up, which costs
        several = isinstance(prices.index, pd.MultiIndex)
        owner = prices.name if not several and is_symbol(prices.name) else NOBODY
        frames = _by_row(prices.to_frame("close"), parameter) if several else {owner: prices.to_frame("close")}
    elif isinstance(prices, pd.DataFrame):
        frames = _of_frame(prices if type(prices) is pd.DataFrame else pd.DataFrame(prices), parameter)
    else:
        frames = _of_bars(prices, parameter)
    return Prices(ByAsset(frames), ByAsset(), len(frames) == 1)


def _of_mapping(prices: Mapping[Any, Any], parameter: str) -> Prices:
    frames: dict[Any, pd.DataFrame] = {}
    errors: dict[Any, RegimeError] = {}
    for key, value in prices.items():
        name = f"{parameter}[{next(iter(labels_of([key])))!r}]"
        try:
            frames[key] = read_prices(value, name).one(name, key)[1]
        except RegimeError as error:
            errors[key] = error
    return Prices(ByAsset(frames), ByAsset(errors), False)


def _of_bars(prices: Any, parameter: str) -> dict[Any, pd.DataFrame]:
    try:
        items = [] if isinstance(prices, (str, bytes)) else list(prices)
    except TypeError:
        items = []
    if not items and isinstance(prices, (list, tuple)):
        raise NoDataError(f"{parameter} is an empty list: expected bars. {_EMPTY}")
    frames = bars_to_frames(items, parameter)
    if not frames:
        raise ParameterError(parameter, prices, EXPECTED)
    return frames


_EMPTY = (
    "LEAN gives this where the symbol, the resolution and the span together have no data: check them, and that the time asked "
    "for is not after now."
)


def _of_frame(frame: pd.DataFrame, parameter: str) -> dict[Any, pd.DataFrame]:
    import pandas as pd

    if isinstance(frame.index, pd.MultiIndex):
        return _by_row(frame, parameter)
    if frame.empty and not len(frame.columns):
        raise NoDataError(f"{parameter} is an empty frame without columns: expected prices. {_EMPTY}")
    if frame.columns.nlevels == 2:
        return _by_second_level(frame)
    names = [str(name).lower() for name in frame.columns]
    owners = [name for name, own in zip(frame.columns, names, strict=True) if own in ASSET_NAMES and "close" in names]
    if (
        len(owners) == 1
        and isinstance(frame.index, pd.DatetimeIndex)
        and not pd.api.types.is_numeric_dtype(frame[owners[0]].dtype)
    ):
        return _by_column(frame, owners[0])
    if len(owners) == 1 and isinstance(frame.index, pd.RangeIndex):
        place = next((name for name in frame.columns if plain(name) in DATES), None)
        if place is not None and all(isinstance(owner, str) for owner in frame[owners[0]]):
            timed = frame.set_axis(index_of(frame, place, parameter), axis=0).drop(columns=place)
            return _by_column(timed, owners[0])
    if _is_wide(frame, names):
        columns = [(key, frame.iloc[:, i].dropna()) for i, key in enumerate(frame.columns)]
        return _distinct(((key, closes.to_frame("close")) for key, closes in columns), parameter)
    return {NOBODY: _with_known_names(frame, parameter)}


def _with_known_names(frame: pd.DataFrame, parameter: str) -> pd.DataFrame:
    """A frame whose closes are called so, and whose times are its index, where a file of the same columns would be read."""
    import pandas as pd

    refuse_twice(list(frame.columns), parameter)
    called = {plain(name): name for name in frame.columns}
    close = close_of(list(called), parameter)
    if close is None:
        return frame
    if str(called[close]).lower() != "close":
        frame = frame.rename(columns={called[close]: "close"})
    others = {name: own for own, name in called.items() if own in (*PRICES[:3], "volume") and str(name).lower() != own}
    frame = frame.rename(columns=others) if others else frame
    place = next((called[name] for name in DATES if name in called), None)
    if place is None or not isinstance(frame.index, pd.RangeIndex) or set(ASSET_NAMES) & set(called):
        return frame
    return frame.set_axis(index_of(frame, place, parameter), axis=0).drop(columns=place)


def _distinct(pairs: Iterator[tuple[Any, pd.DataFrame]], parameter: str) -> dict[Any, pd.DataFrame]:
    out: dict[Any, pd.DataFrame] = {}
    for key, frame in pairs:
        if key in out:
            raise MissingColumnError(
                f"{parameter} has the column {key!s} more than once: expected one. Rename or drop the others."
            )
        out[key] = frame
    return out


def _is_wide(frame: pd.DataFrame, names: list[str]) -> bool:
    """Whether the columns are assets and their values closes, as `history.close.unstack(level=0)` gives."""
    if not names or "close" in names:
        return False
    called = str(frame.columns.name).lower() in ASSET_NAMES
    return called or all(is_symbol(key) or (isinstance(key, str) and is_identifier(key)) for key in frame.columns)


def _by_second_level(frame: pd.DataFrame) -> dict[Any, pd.DataFrame]:
    """Columns by field and asset, in either order, as `history.unstack(level=0)` gives."""
    columns: Any = frame.columns
    fields = [level for level in (0, 1) if "close" in {str(name).lower() for name in columns.levels[level]}]
    if len(fields) != 1:
        return {NOBODY: frame}
    keys = columns.get_level_values(1 - fields[0])
    names = columns.get_level_values(fields[0])
    places: dict[Any, list[int]] = {}
    for place, key in enumerate(keys):
        places.setdefault(key, []).append(place)
    out = {}
    for key, chosen in places.items():
        part = frame.iloc[:, chosen].set_axis([names[i] for i in chosen], axis=1)
        out[key] = part.dropna(how="all") if len(places) > 1 else part
    return out


def _by_column(frame: pd.DataFrame, owner: Any) -> dict[Any, pd.DataFrame]:
    """Rows that say in a column whose they are."""
    places: dict[Any, list[int]] = {}
    for place, key in enumerate(frame[owner].tolist()):
        places.setdefault(key, []).append(place)
    rest = frame.drop(columns=owner)
    return {key: rest if len(places) == 1 else _known(rest.iloc[chosen]) for key, chosen in places.items()}


def _by_row(frame: pd.DataFrame, parameter: str) -> dict[Any, pd.DataFrame]:
    """Rows by asset and time, as `self.history` gives them."""
    index: Any = frame.index
    if not len(index):
        raise NoDataError(f"{parameter} has no rows: expected a row for each bar. {_EMPTY}")
    time = _time_level(index, parameter)
    owner = _asset_level(index, time, parameter)
    times = index.get_level_values(time)
    if owner is None:
        return {NOBODY: frame.set_axis(times, axis=0)}
    codes = np.asarray(index.codes[owner])
    if (codes < 0).any():
        raise MissingValueError(
            f"{parameter}: row {int(np.argmax(codes < 0))} has no {index.names[owner] or 'asset'}: expected one in each row. "
            "Drop the row."
        )
    frame = frame.set_axis(times, axis=0)
    distinct = list(dict.fromkeys(codes.tolist()))
    keys = [index.levels[owner][code] for code in distinct]
    if len(keys) == 1:
        return {keys[0]: frame}
    return {key: _known(frame.iloc[np.flatnonzero(codes == code)]) for key, code in zip(keys, distinct, strict=True)}


def _known(part: pd.DataFrame) -> pd.DataFrame:
    """Without the columns that only other assets have: a history of this one alone would lack them."""
    return part.loc[:, part.notna().any().to_numpy()]


def _time_level(index: Any, parameter: str) -> int:
    import pandas as pd

    named = [i for i, name in enumerate(index.names) if str(name).lower() == "time"]
    dated = [i for i, level in enumerate(index.levels) if isinstance(level, pd.DatetimeIndex)]
    if not named and not dated:
        raise MissingColumnError(
            f"{parameter} is indexed by {_levels(index)}: expected the bars' end times in one of the levels, as in "
            "self.history's by symbol and time. Set them: frame.set_index(['symbol', 'time'])."
        )
    return (named or dated)[-1]


def _asset_level(index: Any, time: int, parameter: str) -> int | None:
    others = [i for i in range(index.nlevels) if i != time]
    named = [i for i in others if str(index.names[i]).lower() in ASSET_NAMES]
    if len(named) == 1 or len(others) <= 1:
        return next(iter(named or others), None)
    raise MissingColumnError(
        f"{parameter} is indexed by {_levels(index)}: expected one level called 'symbol' that says whose a row is. Drop the "
        "others: frame.droplevel(name), or name it: frame.rename_axis(index={'old': 'symbol'})."
    )


def _levels(index: Any) -> list[str]:
    pairs = zip(index.names, index.levels, strict=True)
    return [f"a level of {level.dtype}" if name is None else str(name) for name, level in pairs]
