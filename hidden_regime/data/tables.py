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
from hidden_regime.bars.columns import PRICES
from hidden_regime.bars.prices import read_prices
from hidden_regime.data.factors import FactorFile, splits_from_adjusted
from hidden_regime.data.headers import read_csv
from hidden_regime.data.intraday import BarRows, IntradayBars
from hidden_regime.data.market import Asset
from hidden_regime.data.offers import offered
from hidden_regime.data.pairs.markets import PairMarkets
from hidden_regime.data.pairs.naming import Called, PairName, name_of, pair_called, root_of
from hidden_regime.data.pairs.pair import Pair
from hidden_regime.data.pairs.reading import read_pair
from hidden_regime.data.pairs.tables import PairTables, files_of_pairs
from hidden_regime.data.tidying import check_prices, pd_index, tidy, timed
from hidden_regime.data.unpacking import check_parquet, read_packed
from hidden_regime.exceptions import (
    DataError,
    InvalidPriceError,
    NoDataError,
    ParameterError,
    RegimeError,
    UnknownDataError,
)
from hidden_regime.files.paths import given_path

if TYPE_CHECKING:
    import pandas as pd

OPEN, CLOSE = 9 * 60 + 30, 16 * 60
"""Regular hours of the New York exchanges, minutes after midnight."""
LARGEST_SCALE = 1e9
"""Shares that one has become or was made of: no splits and dividends come near it."""
SUFFIXES = (".csv", ".csv.gz", ".parquet")
ADDED_BY = {"crypto": "self.add_crypto", "forex": "self.add_forex"}


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

        The frame of a pair of currencies or coins is called by a ticker of the package's table of common pairs, such as
        BTCUSD, or by kind, market and ticker, such as `crypto/coinbase/BTCUSD`. Its times are UTC, and it may have bid and
        ask: see `hidden_regime.data.pairs.reading.read_pair`. Or a Pair, which is taken as it is.
    pair_markets : PairMarkets, optional
        Hours, lots and ticks of pairs; default: the package's table.
    """

    def __init__(
        self,
        frames: Mapping[str, pd.DataFrame | Asset | Pair] | pd.DataFrame,
        *,
        name: str = "frames",
        origin: str = "frames given by the caller",
        synthetic: bool = False,
        benchmark: str = "",
        assets: Sequence[str] = (),
        defensive: Sequence[str] = (),
        pair_markets: PairMarkets | None = None,
    ) -> None:
        import pandas as pd

        if isinstance(frames, pd.DataFrame) and isinstance(frames.index, pd.MultiIndex):
            frames = _of_history(frames)
        if not isinstance(frames, Mapping):
            raise ParameterError("frames", frames, 'a mapping of tickers to frames, such as {"SPY": frame}')
        if not frames:
            raise NoDataError("frames is empty: expected at least one ticker with a frame of prices.")
        self._assets: dict[str, Asset] = {}
        self._intraday: dict[str, IntradayBars] = {}
        pairs: list[Pair] = []
        for ticker, frame in frames.items():
            if not isinstance(ticker, str):
                raise ParameterError("frames", ticker, "tickers as text")
            if isinstance(frame, Asset):
                self._assets[ticker.upper()] = frame
                continue
            if isinstance(frame, Pair):
                pairs.append(frame)
                continue
            if not isinstance(frame, pd.DataFrame) or frame.empty:
                raise ParameterError(f"frames[{ticker!r}]", frame, "a DataFrame of prices with at least one row")
            called = pair_called(ticker)
            if called is not None:
                pairs.append(_pair_of_history(called, frame) if isinstance(frame.index, pd.MultiIndex)
                             else read_pair(called, frame, f"frame of {ticker}"))  # fmt: skip
                continue
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
        self.pairs = PairTables(pairs)
        self.pair_markets = PairMarkets() if pair_markets is None else pair_markets
        for ticker, pair in self.pairs.by_ticker.items():
            if ticker in self._assets:
                raise ParameterError("frames", ticker, f"each ticker once: {pair.name} is there too")
            self._assets[ticker] = pair.asset()
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
        """Days of its calendar: those on which any ticker but a pair's has a bar."""
        return sorted({day for t in self.tickers() if self.pairs.find(t) is None for day in self.load(t).dates})

    def listing(self, ticker: str) -> Asset:
        """As `load`, of what a strategy adds as an equity: a pair is none."""
        pair = self.pairs.find(ticker)
        if pair is not None:
            raise NoDataError(
                f"{ticker.upper()} in {self.name} is {pair.name}, no equity: expected {ADDED_BY[pair.name.kind]}"
                f"({pair.name.ticker!r}, ...) in the strategy."
            )
        return self.load(ticker)

    def expect_pair(self, ticker: str) -> None:
        """Raise for what a strategy adds as a pair and is none."""
        if ticker.upper() in self._assets and self.pairs.find(ticker) is None:
            raise NoDataError(
                f"{ticker.upper()} in {self.name} is no pair: expected self.add_equity({ticker.upper()!r}, ...) in the strategy, "
                "or data of coins or currencies, such as --data synthetic_bitcoin."
            )

    def load(self, ticker: str) -> Asset:
        """Daily bars of a ticker; of a pair days of UTC."""
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


def _of_history(frames: pd.DataFrame) -> dict[str, pd.DataFrame | Pair]:
    """What `self.history` gave by ticker, by the starts of its bars."""
    history = read_prices(frames, "frames").frames
    out: dict[str, pd.DataFrame | Pair] = {}
    for label, key in labels_of(history).items():
        called = _called(label, key)
        out[label] = starts_of(history[key]) if called is None else _history_pair(called, history[key], f"frame of {label}")
    return out


def _called(label: str, key: object) -> Called | None:
    """The pair that a key of a history is: its symbol says so, or its ticker."""
    kind, market = getattr(key, "security_type", None), getattr(getattr(key, "id", None), "market", None)
    if kind is None or not isinstance(market, str):
        return pair_called(label)
    kind = str(getattr(kind, "name", kind)).lower()
    return Called(PairName(kind, market.lower(), label.upper())) if kind in ("crypto", "forex") else None


def _pair_of_history(called: Called, frame: pd.DataFrame) -> Pair:
    name = f"frames[{called.pair.ticker!r}]"
    return _history_pair(called, read_prices(frame, name).one(name, called.pair.ticker)[1], name)


def _history_pair(called: Called, history: pd.DataFrame, what: str) -> Pair:
    """A pair of a history, whose times are the ends of its bars in the time zone of its exchange."""
    starts = starts_of(history)
    index = pd_index(starts)
    if called.pair.kind == "forex" and not (index == index.normalize()).all():
        starts = starts.set_axis(index.tz_localize("America/New_York"), axis=0)
    return read_pair(called, starts, what)


def read_market(path: str | Path) -> TableMarket:
    """A market of a file (one asset, or long format with a ticker column) or of a folder of files, one an asset.

    A folder's tables of pairs may lie in `crypto/MARKET` and `forex/MARKET`.
    """
    path = given_path("path", path)
    files = files_of(path)
    if not files:
        raise UnknownDataError(f"{path} holds no {', '.join(SUFFIXES)} file and no equity/usa/daily: expected either.")
    frames: dict[str, pd.DataFrame | Asset | Pair] = {}
    for file, name in files.items():
        for key, found in read_parts(file, name).items():
            if key in frames:
                raise DataError(f"{file}: {key} stands in an earlier file too: expected each ticker once. Leave one out.")
            frames[key] = found
    return TableMarket(frames, name=path.name, origin=f"file {path}", pair_markets=PairMarkets(root_of(path)))


def files_of(path: Path) -> dict[Path, str]:
    """A file, or the tables of a folder, each with what it is called."""
    if not path.is_dir():
        return {path: name_of(path, path.name.split(".")[0])}
    found = {p: p.name.split(".")[0] for p in sorted(path.iterdir()) if p.name.endswith(SUFFIXES)}
    return found | files_of_pairs(path, SUFFIXES)


def read_parts(file: Path, name: str) -> dict[str, pd.DataFrame | Pair]:
    """What a file holds by ticker: the frame of an asset, or a pair."""
    table = open_table(file)
    if table.empty:
        raise DataError(f"{file} holds no rows: expected a line for each bar.")
    table = timed(table, str(file))
    if "ticker" not in table.columns:
        called = pair_called(name)
        return {name: check_prices(table, str(file)) if called is None else read_pair(called, table, str(file))}
    out: dict[str, pd.DataFrame | Pair] = {}
    for ticker, part in table.groupby("ticker", sort=False):
        own, called = part.drop(columns="ticker"), pair_called(str(ticker))
        out[str(ticker)] = own if called is None else read_pair(called, own, f"{ticker} in {file}")
    return out
