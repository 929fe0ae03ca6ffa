"""Bars kept by hand, as frames: for strategies that call a detector or a pipeline themselves."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hidden_regime.bars import Bar
from hidden_regime.exceptions import DataError, DuplicateDateError, MissingColumnError, ParameterError, UnsortedDataError

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("Open", "High", "Low", "Close", "Volume")


def _field(bar: Any, name: str) -> Any:
    """A field of LEAN's bar, of one of ours or of a mapping, in either spelling."""
    spellings = (name, name.lower()) if name != "EndTime" else ("EndTime", "end_time", "Time", "time", "Date")
    for spelling in spellings:
        if isinstance(bar, Mapping):
            if spelling in bar:
                return bar[spelling]
        elif hasattr(bar, spelling):
            return getattr(bar, spelling)
    if name == "Volume":
        return float("nan")  # quotes have none
    raise MissingColumnError(f"a bar without {name}: expected one of {spellings} in {type(bar).__name__}.")


class QuantConnectDataAdapter:
    """The latest bars of an asset.

    Parameters
    ----------
    lookback_days : int
        Bars to keep.

    Examples
    --------
    >>> from datetime import datetime
    >>> from hidden_regime.quantconnect.data_adapter import QuantConnectDataAdapter
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
        self.add_bar(_field(bar, "EndTime"), *(_field(bar, name) for name in COLUMNS))

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
    def convert_history(df: pd.DataFrame) -> dict[str, pd.DataFrame] | pd.DataFrame:
        """Frames of open, high, low, close and volume by time.

        Parameters
        ----------
        df : DataFrame
            Indexed by (symbol, time), or by time alone.

        Returns
        -------
        DataFrame, or dict of ticker to DataFrame
            A frame where the index knows one symbol or none, else a frame for every symbol.
        """
        import pandas as pd

        if df is None or df.empty:
            raise DataError("convert_history: an empty frame, as self.history gives for an unknown symbol or span.")
        if not isinstance(df.index, pd.MultiIndex):
            return _columns(df)
        names = list(dict.fromkeys(df.index.get_level_values(0)))
        frames = {str(getattr(name, "value", name)): _columns(df.loc[[name]].droplevel(0)) for name in names}
        return next(iter(frames.values())) if len(frames) == 1 else frames


def _columns(df: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    known = {str(column).lower(): column for column in df.columns}
    missing = [name for name in ("open", "high", "low", "close") if name not in known]
    if missing:
        raise MissingColumnError(f"convert_history: no column {missing[0]!r} among {list(df.columns)}.")
    out = pd.DataFrame({name: df[known[name.lower()]] for name in COLUMNS if name.lower() in known}, dtype="float64")
    out.index = pd.DatetimeIndex(out.index, name="Date")
    return out.sort_index()


def create_dataframe_from_bars(bars: Iterable[Any]) -> pd.DataFrame:
    """Frame of LEAN's bars, or of mappings, in the order of time: Open, High, Low, Close, Volume."""
    given = list(bars)
    adapter = QuantConnectDataAdapter(max(len(given), 1))
    for bar in given:
        adapter.update(bar)
    return adapter.to_dataframe()
