"""Reader of a data folder in LEAN's format: zipped daily, hourly and minute bars, quotes, factor files, map files."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hidden_regime.data.definitions import Definition, read_definitions
from hidden_regime.data.intraday import BarRows, IntradayBars, IntradayQuotes
from hidden_regime.data.lean_rows import DAYS, SECOND, check_rows, read_lines, read_minutes, read_quotes, unreadable
from hidden_regime.data.listings import check_match, read_factors, warn_without_map
from hidden_regime.data.map_files import MapFile, MapFiles, Name, day_of, is_file_name
from hidden_regime.data.market import Asset
from hidden_regime.data.market_hours import MarketHours, read_market_hours
from hidden_regime.data.offers import offered
from hidden_regime.data.pairs.folder import PairFolder
from hidden_regime.data.pairs.markets import PairMarkets
from hidden_regime.data.scaling import PER_DOLLAR
from hidden_regime.data.ticks import IntradayTicks, TickDay, read_ticks
from hidden_regime.data.universe_files import UniverseFiles
from hidden_regime.exceptions import DataError, NoDataError, UnknownDataError

BY_DAY = ("minute", "second", "tick")
"""Resolutions whose files hold a day each, in a folder for each name."""
A_SECOND = 1 / 60
"""In minutes."""
Columns = tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]


def _number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


def _day_in(name: str) -> date | None:
    """The day of a file of minutes; None for other files, which LEAN doesn't look for."""
    try:
        return day_of(name)
    except ValueError:
        return None


def _read_zip(path: Path) -> Columns:
    """Days (yyyymmdd), hours and columns of a zip of bars."""
    import pandas as pd

    table = read_lines(path)
    try:
        days = table["time"].str.slice(0, 8).astype(np.int64).to_numpy()
        hours = table["time"].str.slice(9, 11).astype(np.int64).to_numpy()
        values = table[["open", "high", "low", "close", "volume"]].to_numpy(dtype=np.float64)
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise unreadable(path, error) from error
    check_rows(path, days * 100 + hours, values, lambda key: f"{key // 100} {key % 100:02}:00")
    real = pd.to_datetime(table["time"].str.slice(0, 8), format="%Y%m%d", errors="coerce").notna().to_numpy(copy=True)
    real &= (days >= DAYS[0]) & (days <= DAYS[1])
    if not real.all():
        at = int(np.argmin(real))
        raise DataError(f"{path} line {at + 1}: {days[at]} is no day: expected yyyyMMdd.")
    values[:, :4] /= PER_DOLLAR
    return days, hours, values


class LeanFolder:
    """A folder with `equity/usa/daily/*.zip` and, where they exist, hourly and minute bars, quotes, factor and map files.

    Parameters
    ----------
    path : str or Path
    synthetic : bool
        Whether its prices are invented.
    """

    def __init__(self, path: str | Path, *, synthetic: bool = False, name: str = "", origin: str = "") -> None:
        self.path = Path(path)
        self._usa = self.path / "equity" / "usa"
        has_equities = any((self._usa / kind).is_dir() for kind in ("daily", "hour", *BY_DAY))
        if not (has_equities or PairFolder.is_one(self.path)):
            raise UnknownDataError(
                f"{self.path} is no LEAN data folder: expected {self._usa / 'daily'} with a zip for each ticker, "
                "or crypto or forex."
            )
        self.name = name or self.path.name
        self.origin = origin or f"LEAN data folder {self.path}"
        self.synthetic = synthetic
        self.benchmark = "SPY"
        self.assets: Sequence[str] = ()
        self.defensive: Sequence[str] = ()
        self._hourly: dict[str, tuple[list[datetime], npt.NDArray[np.float64]] | None] = {}
        self._intraday: dict[tuple[str, int], IntradayBars | None] = {}
        self._quotes: dict[str, IntradayQuotes | None] = {}
        self._ticks: dict[str, IntradayTicks | None] = {}
        self._loaded: dict[str, Asset] = {}
        self._absent: dict[str, Asset] = {}
        self._maps = MapFiles(self._usa / "map_files")
        self.pair_markets = PairMarkets(self.path)
        self.pairs = PairFolder(self.path, self.pair_markets)

    @cached_property
    def market_hours(self) -> MarketHours | None:
        """The folder's own trading hours, where it has a market-hours database."""
        return read_market_hours(self.path / "market-hours" / "market-hours-database.json")

    @cached_property
    def definitions(self) -> dict[str, Definition]:
        """Standard identifiers of securities, where the folder has LEAN's database of them."""
        return read_definitions(self.path / "symbol-properties" / "security-database.csv")

    @cached_property
    def universe_files(self) -> UniverseFiles:
        """Coarse files and lists of who an ETF consisted of."""
        return UniverseFiles(self._usa)

    def tickers(self) -> list[str]:
        """Tickers with daily bars."""
        return sorted(p.stem.upper() for p in (self._usa / "daily").glob("*.zip"))

    # Files ---------------------------------------------------------------------------------------------------------------
    def map_file(self, ticker: str) -> MapFile:
        """The names under which a ticker's security has traded; `name_on` a day is the name of the files with its bars."""
        return self._maps.resolve(ticker)

    def named_first(self, ticker: str, day: date) -> str | None:
        """The ticker by which to ask for the security that was first listed on a day under another one."""
        return self._maps.named_first(ticker, day)

    def file(self, kind: str, name: str) -> Path:
        """Where bars of a name are: a zip of daily or hourly ones, a folder of minute ones."""
        return self._usa / kind / (name if kind in BY_DAY else f"{name}.zip")

    def _files(self, kind: str, ticker: str) -> list[tuple[Name, Path]]:
        """What there is of a ticker's bars, each with the name and the days for which it is read."""
        found = ((name, self.file(kind, name.ticker)) for name in self.map_file(ticker).names() if is_file_name(name.ticker))
        return [(name, path) for name, path in found if path.exists()]

    def minute_files(self, ticker: str, kind: str = "trade", resolution: str = "minute") -> dict[date, Path]:
        """Files of a ticker's minutes, seconds or ticks by day: of trades or of quotes."""
        return {
            day: path
            for name, folder in self._files(resolution, ticker)
            for path in sorted(folder.glob(f"*_{kind}.zip"))
            if (day := _day_in(path.name)) is not None and name.first <= day <= name.last
        }

    def missing(self, kind: str, ticker: str, first: date, last: date) -> list[Path]:
        """Files that should hold a ticker's bars between two days and aren't there."""
        names = [name for name in self.map_file(ticker).names() if name.first <= last and name.last >= first]
        paths = [self.file(kind, name.ticker) for name in names if is_file_name(name.ticker)]
        return [path for path in paths if not path.exists()]

    def _bars(self, kind: str, ticker: str) -> Columns | None:
        """Days, hours and columns of a ticker's daily or hourly bars, each day from the file of the name it had then."""
        parts: list[Columns] = []
        for name, path in self._files(kind, ticker):
            days, hours, values = _read_zip(path)
            keep = (days >= _number(name.first)) & (days <= _number(name.last))
            parts.append((days, hours, values) if keep.all() else (days[keep], hours[keep], values[keep]))
        if len(parts) <= 1:
            return parts[0] if parts else None
        days, hours, values = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        return days, hours, values

    # Bars ----------------------------------------------------------------------------------------------------------------
    def has(self, ticker: str) -> bool:
        """Whether there is any file with bars of a ticker."""
        return ticker.lower() in self._loaded or any(self._files(kind, ticker) for kind in ("daily", "hour", *BY_DAY))

    def load(self, ticker: str) -> Asset:
        """Daily bars of a ticker."""
        key = ticker.lower()
        if key not in self._loaded:
            if not self.has(key):
                raise NoDataError(self.unknown(key))
            self._loaded[key] = self._load(key)
        return self._loaded[key]

    def listing(self, ticker: str) -> Asset:
        """As `load`; a ticker without any file is, as in LEAN, an asset without bars."""
        key = ticker.lower()
        if key in self._absent:
            return self._absent[key]
        if self.has(key):
            return self.load(key)
        self._absent[key] = Asset(key.upper(), [], *np.empty((5, 0)))
        return self._absent[key]

    def unknown(self, ticker: str) -> str:
        """What to say of a ticker without any file."""
        path = self.file("daily", self.map_file(ticker).names()[-1].ticker)
        return f"{ticker.upper()} has no bars in {self.path}: expected {path}; {offered(ticker.upper(), self.tickers())}"

    def _load(self, key: str) -> Asset:
        found = self.map_file(key)
        days, _, values = self._bars("daily", key) or (np.empty(0, dtype=np.int64), None, np.empty((0, 5)))
        dates = [date(d // 10000, d // 100 % 100, d % 100) for d in days.tolist()]
        if not found.known:
            warn_without_map(self._usa / "map_files" / f"{key}.csv")
        factor_path = self._usa / "factor_files" / f"{found.permtick}.csv"
        factors = read_factors(factor_path)
        opened, high, low, close, volume = (np.ascontiguousarray(values[:, c]) for c in range(5))
        asset = Asset(
            key.upper(), dates, opened, high, low, close, volume, factors=factors, last_day=found.last_day,
            first_day=found.first_day, names=tuple(found.names()),
        )  # fmt: skip
        check_match(factor_path, factors, asset.dates, close.tolist())
        return asset

    def hourly(self, ticker: str) -> tuple[list[datetime], npt.NDArray[np.float64]] | None:
        """End times and raw closes of hourly bars, or None without a file."""
        key = ticker.lower()
        if key not in self._hourly:
            found = self._bars("hour", key)
            self._hourly[key] = None
            if found is not None:
                days, hours, values = found
                times = [
                    datetime(d // 10000, d // 100 % 100, d % 100, h) + timedelta(hours=1)
                    for d, h in zip(days.tolist(), hours.tolist(), strict=True)
                ]
                self._hourly[key] = (times, np.ascontiguousarray(values[:, 3]))
        return self._hourly[key]

    def intraday(self, ticker: str, minutes: int) -> IntradayBars | None:
        """Hourly (60) or minute (1) bars, or None where the folder has none."""
        key = (ticker.lower(), minutes)
        if key not in self._intraday:
            self._intraday[key] = self._hours(key[0]) if minutes == 60 else self._minutes(key[0])
        return self._intraday[key]

    def _hours(self, key: str) -> IntradayBars | None:
        found = self._bars("hour", key)
        if found is None:
            return None
        days, hours, values = found
        dates, begin = np.unique(days, return_index=True)
        ends = [*begin[1:].tolist(), len(days)][: len(begin)]  # none where the listing has no hour
        places = {
            date(d // 10000, d // 100 % 100, d % 100): (b, e)
            for d, b, e in zip(dates.tolist(), begin.tolist(), ends, strict=True)
        }
        starts = (hours * 60).astype(np.int64)

        def read(day: date) -> BarRows:
            begin, end = places[day]
            return BarRows(starts[begin:end], values[begin:end])

        return IntradayBars(60, list(places), read)

    def _minutes(self, key: str) -> IntradayBars | None:
        if not self._files("minute", key):
            return None
        paths = self.minute_files(key)
        return IntradayBars(1, list(paths), lambda day: read_minutes(paths[day]))

    def quotes(self, ticker: str) -> IntradayQuotes | None:
        """Quotes of minutes, or None where the folder has none."""
        key = ticker.lower()
        if key not in self._quotes:
            paths = self.minute_files(key, "quote")
            self._quotes[key] = IntradayQuotes(1, list(paths), lambda day: read_quotes(paths[day])) if paths else None
        return self._quotes[key]

    def seconds(self, ticker: str) -> IntradayBars | None:
        """Bars of seconds, or None where the folder has none."""
        key = (ticker.lower(), 0)
        if key not in self._intraday:
            paths = self.minute_files(key[0], resolution="second")
            read = None if not paths else IntradayBars(A_SECOND, list(paths), lambda day: read_minutes(paths[day], SECOND))
            self._intraday[key] = read
        return self._intraday[key]

    def second_quotes(self, ticker: str) -> IntradayQuotes | None:
        """Quotes of seconds, or None where the folder has none."""
        key = f"{ticker.lower()} seconds"
        if key not in self._quotes:
            paths = self.minute_files(ticker.lower(), "quote", "second")
            read = None if not paths else IntradayQuotes(A_SECOND, list(paths), lambda day: read_quotes(paths[day], SECOND))
            self._quotes[key] = read
        return self._quotes[key]

    def ticks(self, ticker: str) -> IntradayTicks | None:
        """Ticks, or None where the folder has none."""
        key = ticker.lower()
        if key not in self._ticks:
            trades, quotes = (self.minute_files(key, kind, "tick") for kind in ("trade", "quote"))
            days = sorted({*trades, *quotes})

            def read(day: date) -> TickDay:
                found = ((paths.get(day), kind) for paths, kind in ((trades, False), (quotes, True)))
                return TickDay(*(None if path is None else read_ticks(path, quotes=kind) for path, kind in found))

            self._ticks[key] = IntradayTicks(days, read) if days else None
        return self._ticks[key]

    def interest_rates(self) -> list[tuple[date, float]]:
        """Primary credit rates of the Federal Reserve, where the folder has them."""
        path = self.path / "alternative" / "interest-rate" / "usa" / "interest-rate.csv"
        if not path.exists():
            return []
        try:
            rows = [line.split(",") for line in path.read_text(encoding="utf-8").split()[1:]]
            found = [(date.fromisoformat(day), float(rate) / 100.0) for day, rate in rows]
            if not all(math.isfinite(rate) for _, rate in found):
                raise ValueError
            return found
        except (ValueError, OSError):
            raise DataError(f"{path}: expected a head line and lines 'yyyy-mm-dd,percent'.") from None
