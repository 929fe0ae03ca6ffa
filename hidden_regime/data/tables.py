"""Prices from pandas frames, CSV and Parquet files, with tolerant names of columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from hidden_regime.bars.by_asset import labels_of
from hidden_regime.bars.columns import ADJUSTED, CLOSES, DATES, PRICES, TICKERS, close_of, plain, refuse_twice
from hidden_regime.bars.frames import check_times
from hidden_regime.bars.prices import read_prices
from hidden_regime.bars.times import index_of
from hidden_regime.data.factors import FactorFile, splits_from_adjusted
from hidden_regime.data.headers import read_csv, surplus
from hidden_regime.data.intraday import BarRows, IntradayBars
from hidden_regime.data.market import Asset
from hidden_regime.data.offers import offered
from hidden_regime.data.unpacking import check_parquet, read_packed
from hidden_regime.exceptions import (
    DataError,
    InvalidPriceError,
    MissingColumnError,
    MissingValueError,
    NoDataError,
    NonNumericError,
    ParameterError,
    RegimeError,
    UnknownDataError,
)
from hidden_regime.files.paths import given_path

if TYPE_CHECKING:
    import pandas as pd

OPEN, CLOSE = 9 * 60 + 30, 16 * 60
"""Regular hours of the New York exchanges, minutes after midnight."""
CHEAPEST, DEAREST = 1e-20, 1e15
"""What no price comes to: with its decimals it has to fit into System.Decimal, in which LEAN reckons."""
LARGEST_SCALE = 1e9
"""Shares that one has become or was made of: no splits and dividends come near it."""
SUFFIXES = (".csv", ".csv.gz", ".parquet")


def _new_york(index: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Times without a zone: those of days keep their date, others become New York's."""
    if index.tz is None:
        return index
    plain_times = index.tz_localize(None)
    daily = not plain_times.normalize().has_duplicates
    return plain_times if daily else index.tz_convert("America/New_York").tz_localize(None)


def _as_market(table: pd.DataFrame) -> pd.DataFrame:
    """A tidy table by New York's time, as LEAN's folders have it. The hour that an autumn night has twice, when no exchange is
    open, is kept once."""
    table = table.set_axis(_new_york(pd_index(table)), axis=0)
    return table[~table.index.duplicated()]


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
    if ticker is not None:
        return table.rename(columns={ticker: "ticker"})
    return check_prices(table, what)


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
        numbers = _numbers(table, source, what)
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
    volume = _numbers(table, "volume", what).fillna(0.0) if "volume" in table.columns else pd.Series(0.0, table.index)
    wrong = ~(np.isfinite(volume) & (volume >= 0))
    if wrong.any():
        at = int(np.argmax(wrong.to_numpy()))
        raise InvalidPriceError(
            f"{what}: volume at {table.index[at]:%Y-%m-%d} is {volume.iloc[at]:g}: expected a finite number, none below zero."
        )
    out["volume"] = volume.astype(np.float64)
    return out


def _numbers(table: pd.DataFrame, source: str, what: str) -> pd.Series:
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


def _shortly(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0].split(". You might")[0] if lines else type(error).__name__


def open_table(path: str | Path) -> pd.DataFrame:
    """A CSV or Parquet file as it is."""
    import pandas as pd

    path = given_path("path", path)
    if not path.is_file():
        raise UnknownDataError(f"{path} doesn't exist: expected a file ({', '.join(SUFFIXES)}) or a LEAN data folder.")
    try:
        if path.suffix == ".parquet":
            check_parquet(path)
            table = pd.read_parquet(path)
        else:
            table = read_csv(path)
    except RegimeError:
        raise
    except ImportError as error:
        raise DataError(f"{path}: reading Parquet needs pyarrow. Install it: pip install 'hidden-regime[parquet]'.") from error
    except Exception as error:  # pandas and pyarrow raise whatever their parts do for files that are damaged
        raise DataError(f"{path} can't be read as a table ({_shortly(error)}).") from error
    other = next((mark for mark in ";\t|" if len(table.columns) == 1 and mark in str(table.columns[0])), None)
    if other is not None:
        comma = ", decimal=','" if re.search(rb"\d,\d", read_packed(path)) else ""
        raise DataError(
            f"{path} is separated by {other!r}: expected commas, and points in numbers. Write it anew: "
            f"pd.read_csv({str(path)!r}, sep={other!r}{comma}).to_csv({str(path)!r}, index=False)."
        )
    return table


def read_table(path: str | Path) -> pd.DataFrame:
    """A CSV or Parquet file as a tidy table."""
    table = open_table(path)
    if table.empty:
        raise DataError(f"{path} holds no rows: expected a line for each bar.")
    return tidy(table, str(path))


def to_asset(ticker: str, table: pd.DataFrame) -> Asset:
    """An asset of a tidy table of days."""
    dates = [stamp.date() for stamp in table.index]
    opened, high, low, close, volume = (table[name].to_numpy(dtype=np.float64) for name in (*PRICES, "volume"))
    asset = Asset(ticker.upper(), dates, opened, high, low, close, volume)
    if "adj_close" in table:
        adjusted = table["adj_close"].to_numpy(dtype=np.float64)
        with np.errstate(over="ignore", under="ignore"):
            asset.adjusted_scale = adjusted / asset.close
        sound = (asset.adjusted_scale > 1.0 / LARGEST_SCALE) & (asset.adjusted_scale < LARGEST_SCALE)
        if not sound.all():
            at = int(np.argmin(sound))
            raise InvalidPriceError(
                f"{ticker}: an adjusted close of {adjusted[at]:g} beside a close of {close[at]:g} on {dates[at]}: expected "
                "prices of one share. Leave out the column that is wrong."
            )
        asset.factors = FactorFile(splits_from_adjusted(dates, asset.close, adjusted))
    return asset


def to_intraday(ticker: str, table: pd.DataFrame) -> IntradayBars | None:
    """Hourly or minute bars of a tidy table whose times are the bars' starts in New York; None for a table of days."""
    import pandas as pd

    index = pd.DatetimeIndex(table.index)
    if not index.normalize().has_duplicates:
        return None
    starts = (index.hour * 60 + index.minute).to_numpy()
    minutes = _length(index, starts, f"frame of {ticker}")
    values = np.ascontiguousarray(table[[*PRICES, "volume"]].to_numpy(dtype=np.float64))
    floor = (starts // minutes * minutes).astype(np.int64)  # the first hour begins at 09:30 or, as in LEAN's files, at 09:00
    days, begin = np.unique(index.normalize().to_numpy(), return_index=True)
    ends = [*begin[1:].tolist(), len(index)]
    by_day = {
        day: BarRows(floor[b:e], values[b:e]) for day, b, e in zip(pd.DatetimeIndex(days).date, begin.tolist(), ends, strict=True)
    }
    return IntradayBars(minutes, list(by_day), by_day.__getitem__)


def _length(index: pd.DatetimeIndex, starts: npt.NDArray[np.int_], what: str) -> int:
    """Minutes of bars: 60 where all begin on the hour, but for each day's first, which may begin at 09:30, else 1."""
    same_day = np.diff(index.normalize().to_numpy()) == np.timedelta64(0)
    first = np.concatenate([[True], ~same_day])
    hourly = bool(((starts % 60 == 0) | (first & (starts == OPEN))).all())
    steps = np.diff(starts)[same_day]
    if not hourly and steps.min() > 1:
        odd = index[int(np.argmax((starts % 60 != 0) & ~(first & (starts == OPEN))))]
        raise DataError(
            f"{what} has bars of {int(steps.min())} minutes and one that starts at {odd:%Y-%m-%d %H:%M}: expected days, minutes, "
            "or hours that start on the hour (the first of a day at 09:00 or 09:30). Resample from minutes, or to days."
        )
    if (starts >= CLOSE).any() and not ((starts >= OPEN // 60 * 60) & (starts < OPEN // 60 * 60 + (60 if hourly else 31))).any():
        late = index[int(np.argmax(starts >= CLOSE))]
        raise DataError(
            f"{what} has a bar that starts at {late:%Y-%m-%d %H:%M} and none at the open: expected the time at which each bar "
            f"starts. Shift the index: index - pd.Timedelta(minutes={60 if hourly else 1})."
        )
    return 60 if hourly else 1


def starts_of(history: pd.DataFrame) -> pd.DataFrame:
    """A history of one asset by the bars' starts, where LEAN has their ends: days by their dates, others one bar earlier."""
    import pandas as pd

    ends = pd.DatetimeIndex(history.index, name="date")
    steps = np.diff(ends.to_numpy())
    a_bar = steps.min() if len(steps) else np.timedelta64(1, "D")
    if a_bar >= np.timedelta64(20, "h"):  # a half day ends at 13:00, a day of a market that never closes at midnight
        return history.set_axis((ends - pd.Timedelta(1, "ns")).normalize(), axis=0)
    return history.set_axis(ends - pd.Timedelta(a_bar), axis=0)


def to_days(table: pd.DataFrame) -> pd.DataFrame:
    """Daily bars of a table of hours or minutes: what was traded from 09:30 to 16:00 New York."""
    import pandas as pd

    inside = table.between_time("09:00", "15:59")
    when = pd.DatetimeIndex(inside.index).normalize()
    how = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    if "adj_close" in inside:
        how["adj_close"] = "last"
    days = inside.groupby(when).agg(how)
    days.index = pd.DatetimeIndex(days.index, name="date")
    return days


class TableMarket:
    """A market of frames, one for each ticker.

    Parameters
    ----------
    frames : mapping of ticker to DataFrame
        With a column close (or price, Adj Close, ...) and, where known, open, high, low, volume and Adj Close. Or what
        `self.history` gives, of several symbols as it is or of one as an asset's frame: its times are the bars' ends. Or an
        Asset, which is taken as it is: whoever made it vouches for its bars.
    """

    def __init__(
        self,
        frames: Mapping[str, pd.DataFrame | Asset] | pd.DataFrame,
        *,
        name: str = "frames",
        origin: str = "frames given by the caller",
        synthetic: bool = False,
        benchmark: str = "",
        assets: Sequence[str] = (),
        defensive: Sequence[str] = (),
    ) -> None:
        import pandas as pd

        if isinstance(frames, pd.DataFrame) and isinstance(frames.index, pd.MultiIndex):
            history = read_prices(frames, "frames").frames
            frames = {label: starts_of(history[key]) for label, key in labels_of(history).items()}
        if not isinstance(frames, Mapping):
            raise ParameterError("frames", frames, 'a mapping of tickers to frames, such as {"SPY": frame}')
        if not frames:
            raise NoDataError("frames is empty: expected at least one ticker with a frame of prices.")
        self._assets: dict[str, Asset] = {}
        self._intraday: dict[str, IntradayBars] = {}
        for ticker, frame in frames.items():
            if not isinstance(ticker, str):
                raise ParameterError("frames", ticker, "tickers as text")
            if isinstance(frame, Asset):
                self._assets[ticker.upper()] = frame
                continue
            if not isinstance(frame, pd.DataFrame) or frame.empty:
                raise ParameterError(f"frames[{ticker!r}]", frame, "a DataFrame of prices with at least one row")
            if isinstance(frame.index, pd.MultiIndex):
                name = f"frames[{ticker!r}]"
                frame = starts_of(read_prices(frame, name).one(name, ticker)[1])
            if ticker.upper() in self._assets:
                raise ParameterError("frames", ticker, f"each ticker once: {ticker.upper()} stands there in another spelling")
            table = _as_market(tidy(frame, f"frame of {ticker}"))
            within = to_intraday(ticker, table)
            if within is not None:
                self._intraday[ticker.upper()] = within
                table = to_days(table)
            self._assets[ticker.upper()] = to_asset(ticker, table)
        self.name, self.origin, self.synthetic = name, origin, synthetic
        self.assets: Sequence[str] = tuple(assets) or tuple(self._assets)
        self.benchmark = benchmark or self.assets[0]
        self.defensive: Sequence[str] = tuple(defensive)
        for name, chosen in (("benchmark", [self.benchmark]), ("assets", self.assets), ("defensive", self.defensive)):
            for ticker in chosen:
                if ticker.upper() not in self._assets:
                    raise ParameterError(name, ticker, f"a ticker of frames ({', '.join(self._assets)})")

    def tickers(self) -> list[str]:
        """Tickers on offer."""
        return list(self._assets)

    def days(self) -> list[date]:
        """Days of its calendar: those on which any ticker has a bar."""
        return sorted({day for ticker in self.tickers() for day in self.load(ticker).dates})

    def load(self, ticker: str) -> Asset:
        """Daily bars of a ticker."""
        if ticker.upper() not in self._assets:
            raise NoDataError(
                f"{ticker.upper()} is not in {self.name}: {offered(ticker, self.tickers())} Name one of them in the "
                "strategy, or pass data that have it with --data: a file, or a LEAN data folder (`lean init` makes one with SPY)."
            )
        return self._assets[ticker.upper()]

    def hourly(self, ticker: str) -> tuple[list[datetime], npt.NDArray[np.float64]] | None:
        """End times and raw closes of hourly bars, or None without any."""
        bars = self.intraday(ticker, 60)
        if bars is None:
            return None
        found = [(datetime.combine(day, time(row[0] // 60)), row[4]) for day in bars.days for row in bars.rows(day)]
        return [moment + timedelta(hours=1) for moment, _ in found], np.array([close for _, close in found])

    def intraday(self, ticker: str, minutes: int) -> IntradayBars | None:
        """Hourly (60) or minute (1) bars, or None without any."""
        bars = self._intraday.get(ticker.upper())
        return bars if bars is not None and bars.minutes == minutes else None

    def quotes(self, ticker: str) -> None:
        """None: tables hold trades."""

    def interest_rates(self) -> list[tuple[date, float]]:
        """Empty: tables hold none."""
        return []


def read_market(path: str | Path) -> TableMarket:
    """A market of a file (one asset, or long format with a ticker column) or of a folder of files, one an asset."""
    path = given_path("path", path)
    files = [path]
    if path.is_dir():
        files = sorted(p for p in path.iterdir() if p.name.endswith(SUFFIXES))
        if not files:
            raise UnknownDataError(f"{path} holds no {', '.join(SUFFIXES)} file and no equity/usa/daily: expected either.")
    frames: dict[str, pd.DataFrame] = {}
    for file in files:
        table = read_table(file)
        if "ticker" in table.columns:
            for ticker, part in table.groupby("ticker", sort=False):
                frames[str(ticker)] = part.drop(columns="ticker")
        else:
            frames[file.name.split(".")[0]] = table
    return TableMarket(frames, name=path.name, origin=f"file {path}")
