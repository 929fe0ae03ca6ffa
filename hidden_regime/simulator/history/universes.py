"""Past data of universes: what they were chosen among."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from hidden_regime.exceptions import UnsupportedError
from hidden_regime.simulator.enums import Resolution
from hidden_regime.simulator.history.frames import HistoryFrame, HistorySeries, empty
from hidden_regime.simulator.history.window import start_of
from hidden_regime.simulator.lengths import DAY
from hidden_regime.simulator.objects import DataDictionary, PythonData
from hidden_regime.simulator.objects.fundamental import CoarseFundamental, ETFConstituentUniverse
from hidden_regime.simulator.universes.data import DataUniverse

if TYPE_CHECKING:
    from hidden_regime.simulator.core import Core

Batch = tuple[datetime, list[Any]]
WEEK = 7 * DAY
COARSE = ("adjusted_price", "dollar_volume", "has_fundamental_data", "price", "price_factor", "split_factor", "value", "volume")
LISTED = ("last_update", "market_value", "shares_held", "weight")
NOT_OF_SECURITIES = (
    "history({kind}): the embedded engine has the history of universes, self.history(universe, ...), and "
    "self.fundamentals(symbol); that of single securities exists in LEAN only."
)


def universe_of(core: Core, asset: Any) -> DataUniverse | None:
    """The universe that an asset means: itself, or that of the symbol of its data."""
    if isinstance(asset, DataUniverse):
        return asset
    found = core.universes.universes.values()
    return next((u for u in found if isinstance(u, DataUniverse) and getattr(asset, "value", asset) == u.symbol.value), None)


def refuse_of_securities(kind: Any) -> None:
    """Raise where fundamental data of single securities are asked for."""
    if isinstance(kind, type) and issubclass(kind, CoarseFundamental):
        raise UnsupportedError(NOT_OF_SECURITIES.format(kind=kind.__name__))


def batches_of(core: Core, universe: DataUniverse, start: datetime | None, span: Any, end: datetime) -> list[Batch]:
    """Times at which data became known after a start - or so many days of them - and by an end, with the data."""
    if start is None:
        if isinstance(span, timedelta):
            start = end - span
        else:
            start = start_of(end, int(span), Resolution.DAILY, core.calendar, always_open=not universe.counts_sessions)
    found = universe.batches((start - WEEK).date(), end)
    return [(moment, data) for moment, read in found if start < moment <= end and (data := read())]


def frame_of(universe: DataUniverse, found: list[Batch], *, flatten: bool) -> Any:
    """Data as a frame by time and symbol; a custom class's rows by symbol and time; not flattened, a day's data as one item."""
    if not found:
        return empty()
    if issubclass(universe.data_type, PythonData):
        return _of_rows(universe, found)
    if not flatten:
        index = pd.MultiIndex.from_arrays(
            [[universe.symbol] * len(found), pd.DatetimeIndex([moment for moment, _ in found])], names=["symbol", "time"]
        )
        return HistorySeries([data for _, data in found], index=index, name="data", dtype=object)
    names: tuple[str, ...] = LISTED if issubclass(universe.data_type, ETFConstituentUniverse) else COARSE
    names = names if hasattr(found[0][1][0], names[0]) else ()
    moments = [moment for moment, data in found for _ in data]
    items = [item for _, data in found for item in data]
    index = pd.MultiIndex.from_arrays(
        [pd.DatetimeIndex(moments), pd.Index([item.symbol for item in items], dtype=object)], names=["time", "symbol"]
    )
    return HistoryFrame({name.replace("_", ""): [getattr(item, name) for item in items] for name in names}, index=index)


def _of_rows(universe: DataUniverse, found: list[Batch]) -> Any:
    rows = [row for _, data in found for row in data]
    names = sorted({name for row in rows for name in row.columns})
    index = pd.MultiIndex.from_arrays(
        [pd.Index([universe.symbol] * len(rows), dtype=object), pd.DatetimeIndex([row.end_time for row in rows])],
        names=["symbol", "time"],
    )
    return HistoryFrame({name: pd.Series([row.columns.get(name) for row in rows], index=index) for name in names}, index=index)


def dictionaries_of(universe: DataUniverse, found: list[Batch]) -> list[DataDictionary[Any]]:
    """A dictionary for each time, which has the data by the universe's symbol."""
    return [DataDictionary([(universe.symbol, data)]) for _, data in found]
