"""Bars kept by hand, as frames: for strategies that call a detector or a pipeline themselves."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hidden_regime.bars.bar import Bar
from hidden_regime.bars.by_asset import ByAsset, labels_of
from hidden_regime.bars.objects import COLUMNS, field
from hidden_regime.bars.prices import read_prices
from hidden_regime.exceptions import DataError, DuplicateDateError, MissingColumnError, ParameterError, UnsortedDataError

if TYPE_CHECKING:
    import pandas as pd


class QuantConnectDataAdapter:
    """The latest bars of an asset.

    Parameters
    ----------
    lookback_days : int
        Bars to keep.

    Examples
    --------
    >>> from datetime import datetime
    >>> from hidden_regime.quantconnect import QuantConnectDataAdapter
    >>> adapter = QuantConnectDataAdapter(lookback_days=252)
    >>> adapter.add_bar(datetime(2020, 1, 2, 16), 10.0, 11.0, 9.5, 10.5, 1000)
    >>> adapter.get_latest_price(), adapter.is_ready(min_bars=30)
    (10.5, False)
    """

    def __init__(self, lookback_days: int = 252) -> None:
        if isinstance(lookback_days, bool) or not isinstance(lookback_days, int) or lookback_days < 1:
            raise ParameterError("lookback_days", lookback_days, "a number of bars of at least 1")
        self.lookback_days = lookback_days
        self._bars: deque[Bar] = deque(maxlen=lookback_days)

    def add_bar(self, time: datetime, open_price: float, high: float, low: float, close: float,
                volume: float = float("nan")) -> None:  # fmt: skip
        """Add a complete bar; `time` is when it ended.

        Raises
        ------
        InvalidPriceError, DuplicateDateError, UnsortedDataError
        """
        bar = Bar(time, float(open_price), float(high), float(low), float(close), float(volume))
        bar.check()
        if self._bars and not time > self._bars[-1].end_time:
            kind = DuplicateDateError if time == self._bars[-1].end_time else UnsortedDataError
            raise kind(f"bar of {time} came after that of {self._bars[-1].end_time}: expected rising times.")
        self._bars.append(bar)

    def update(self, bar: Any) -> None:
        """Add LEAN's bar, or a mapping with Time, Open, High, Low, Close and Volume."""
        self.add_bar(field(bar, "EndTime"), *(field(bar, name) for name in COLUMNS))

    def to_dataframe(self) -> pd.DataFrame:
        """The bars, by the time when they ended: Open, High, Low, Close, Volume.

        Raises
        ------
        DataError
            Fewer than two bars.
        """
        import pandas as pd

        if len(self._bars) < 2:
            raise DataError(f"to_dataframe: {len(self._bars)} bars: expected at least 2. Ask is_ready() first.")
        index = pd.DatetimeIndex([bar.end_time for bar in self._bars], name="Date")
        return pd.DataFrame([bar[1:] for bar in self._bars], columns=list(COLUMNS), index=index, dtype="float64")

    def is_ready(self, min_bars: int = 30) -> bool:
        """Whether there are that many bars."""
        return len(self._bars) >= min_bars

    def clear(self) -> None:
        """Forget all bars."""
        self._bars.clear()

    def get_latest_price(self) -> float | None:
        """Latest close; None without a bar."""
        return self._bars[-1].close if self._bars else None

    def __len__(self) -> int:
        return len(self._bars)


class RollingWindowDataAdapter(QuantConnectDataAdapter):
    """The latest bars, taken as LEAN gives them.

    Parameters
    ----------
    window_size : int
        Bars to keep.
    """

    def __init__(self, window_size: int = 252) -> None:
        super().__init__(window_size)
        self.window_size = window_size

    @property
    def count(self) -> int:
        """Bars kept."""
        return len(self)


class HistoryDataAdapter:
    """Converts what `self.history` gives."""

    @staticmethod
    def convert_history(df: Any) -> dict[str, pd.DataFrame] | pd.DataFrame:
        """Frames of open, high, low, close and volume by time.

        Parameters
        ----------
        df : DataFrame, Series or list of bars
            Indexed by (symbol, time), or by time alone; closes with a column for each symbol; or LEAN's bars. Where only
            closes are known, open, high and low repeat them.

        Returns
        -------
        DataFrame, or dict of ticker to DataFrame
            A frame where the history knows one symbol or none, else a frame for every symbol, which its `Symbol` finds too.
        """
        if df is None or (hasattr(df, "empty") and df.empty):
            raise DataError("convert_history: an empty frame, as self.history gives for an unknown symbol or span.")
        prices = read_prices(df, "df")
        for error in prices.errors.values():
            raise error
        if prices.is_one:
            return _columns(next(iter(prices.frames.values())))
        return ByAsset({label: _columns(prices.frames[key]) for label, key in labels_of(prices.frames).items()})


def _columns(df: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    known = {str(column).lower(): column for column in df.columns}
    if "close" not in known:
        raise MissingColumnError(f"convert_history: no column 'close' among {list(df.columns)}.")
    sources = {name: known.get(name.lower(), known["close"]) for name in COLUMNS if name != "Volume" or "volume" in known}
    out = pd.DataFrame({name: df[source] for name, source in sources.items()}, dtype="float64")
    out.index = pd.DatetimeIndex(out.index, name="Date")
    return out.sort_index()


def create_dataframe_from_bars(bars: Iterable[Any]) -> pd.DataFrame:
    """Frame of LEAN's bars, or of mappings, in the order of time: Open, High, Low, Close, Volume."""
    given = list(bars)
    adapter = QuantConnectDataAdapter(max(len(given), 1))
    for bar in given:
        adapter.update(bar)
    return adapter.to_dataframe()
