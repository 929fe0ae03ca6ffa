"""Reader of a data folder in LEAN's format: zipped daily, hourly and minute bars, quotes, factor files, map files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hidden_regime.data.intraday import IntradayBars, IntradayQuotes, Row
from hidden_regime.data.lean_rows import check_rows, read_lines, read_minutes, read_quotes, unreadable
from hidden_regime.data.listings import check_match, day_of, read_factors, read_map
from hidden_regime.data.market import Asset
from hidden_regime.data.market_hours import MarketHours, read_market_hours
from hidden_regime.data.scaling import PER_DOLLAR
from hidden_regime.exceptions import DataError, NoDataError, UnknownDataError


def _read_zip(path: Path) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """Days (yyyymmdd), hours and columns of a zip of bars."""
    import pandas as pd

    table = read_lines(path)
    try:
        days = table["time"].str.slice(0, 8).astype(np.int64).to_numpy()
        hours = table["time"].str.slice(9, 11).astype(np.int64).to_numpy()
        values = table[["open", "high", "low", "close", "volume"]].to_numpy(dtype=np.float64)
    except (ValueError, AttributeError) as error:
        raise unreadable(path, error) from error
    check_rows(path, days * 100 + hours, values, lambda key: f"{key // 100} {key % 100:02}:00")
    real = pd.to_datetime(table["time"].str.slice(0, 8), format="%Y%m%d", errors="coerce").notna().to_numpy()
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
        if not any((self._usa / kind).is_dir() for kind in ("daily", "hour", "minute")):
            raise UnknownDataError(
                f"{self.path} is no LEAN data folder: expected {self._usa / 'daily'} with a zip for each ticker."
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
        self._loaded: dict[str, Asset] = {}

    @cached_property
    def market_hours(self) -> MarketHours | None:
        """The folder's own trading hours, where it has a market-hours database."""
        return read_market_hours(self.path / "market-hours" / "market-hours-database.json")

    def tickers(self) -> list[str]:
        """Tickers with daily bars."""
        return sorted(p.stem.upper() for p in (self._usa / "daily").glob("*.zip"))

    def load(self, ticker: str) -> Asset:
        """Daily bars of a ticker."""
        key = ticker.lower()
        if key in self._loaded:
            return self._loaded[key]
        path = self._usa / "daily" / f"{key}.zip"
        if path.exists():
            days, _, values = _read_zip(path)
        elif (self._usa / "hour" / f"{key}.zip").exists() or (self._usa / "minute" / key).is_dir():
            days, values = np.empty(0, dtype=np.int64), np.empty((0, 5))
        else:
            raise NoDataError(f"{ticker.upper()} has no bars in {self.path}: expected {path}. It has {self.tickers()}.")
        dates = [date(d // 10000, d // 100 % 100, d % 100) for d in days.tolist()]
        first, last = read_map(self._usa / "map_files" / f"{key}.csv")
        factor_path = self._usa / "factor_files" / f"{key}.csv"
        factors = read_factors(factor_path)
        keep = [i for i, d in enumerate(dates) if (first is None or d >= first) and (last is None or d <= last)]
        opened, high, low, close, volume = (np.ascontiguousarray(values[keep, c]) for c in range(5))
        asset = Asset(
            ticker.upper(),
            [dates[i] for i in keep],
            opened,
            high,
            low,
            close,
            volume,
            factors=factors,
            last_day=last,
            first_day=first,
        )
        check_match(factor_path, factors, asset.dates, close.tolist())
        self._loaded[key] = asset
        return asset

    def hourly(self, ticker: str) -> tuple[list[datetime], npt.NDArray[np.float64]] | None:
        """End times and raw closes of hourly bars, or None without a file."""
        key = ticker.lower()
        if key not in self._hourly:
            path = self._usa / "hour" / f"{key}.zip"
            self._hourly[key] = None
            if path.exists():
                days, hours, values = _read_zip(path)
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
        path = self._usa / "hour" / f"{key}.zip"
        if not path.exists():
            return None
        days, hours, values = _read_zip(path)
        dates, begin = np.unique(days, return_index=True)
        ends = [*begin[1:].tolist(), len(days)]
        places = {
            date(d // 10000, d // 100 % 100, d % 100): (b, e)
            for d, b, e in zip(dates.tolist(), begin.tolist(), ends, strict=True)
        }
        starts = (hours * 60).tolist()

        def read(day: date) -> list[Row]:
            begin, end = places[day]
            rows = zip(starts[begin:end], values[begin:end].tolist(), strict=True)
            return [(start, *row) for start, row in rows]

        return IntradayBars(60, list(places), read)

    def _minutes(self, key: str) -> IntradayBars | None:
        folder = self._usa / "minute" / key
        if not folder.is_dir():
            return None
        paths = {day_of(path.name): path for path in sorted(folder.glob("*_trade.zip"))}
        return IntradayBars(1, list(paths), lambda day: read_minutes(paths[day]))

    def quotes(self, ticker: str) -> IntradayQuotes | None:
        """Quotes of minutes, or None where the folder has none."""
        key = ticker.lower()
        if key not in self._quotes:
            paths = {day_of(path.name): path for path in sorted((self._usa / "minute" / key).glob("*_quote.zip"))}
            self._quotes[key] = IntradayQuotes(1, list(paths), lambda day: read_quotes(paths[day])) if paths else None
        return self._quotes[key]

    def interest_rates(self) -> list[tuple[date, float]]:
        """Primary credit rates of the Federal Reserve, where the folder has them."""
        path = self.path / "alternative" / "interest-rate" / "usa" / "interest-rate.csv"
        if not path.exists():
            return []
        try:
            rows = [line.split(",") for line in path.read_text().split()[1:]]
            return [(date.fromisoformat(day), float(rate) / 100.0) for day, rate in rows]
        except ValueError:
            raise DataError(f"{path}: expected a head line and lines 'yyyy-mm-dd,percent'.") from None
