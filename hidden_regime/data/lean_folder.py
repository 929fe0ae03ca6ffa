"""Reader of a data folder in LEAN's format: zipped daily and hourly bars, factor files, map files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hidden_regime.data.factors import FactorFile, FactorRow
from hidden_regime.data.market import Asset
from hidden_regime.exceptions import (
    DataError,
    DuplicateDateError,
    InvalidPriceError,
    NoDataError,
    UnknownDataError,
    UnsortedDataError,
)

PRICE_UNIT = 1e-4
"""Prices are stored in ten-thousandths of a dollar."""


def _day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def _read_zip(path: Path) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """Days (yyyymmdd), hours and columns of a zip of bars."""
    import pandas as pd

    try:
        with zipfile.ZipFile(path) as archive:
            content = archive.read(archive.namelist()[0])
        table = pd.read_csv(io.BytesIO(content), header=None, names=["time", "open", "high", "low", "close", "volume"])
        days = table["time"].str.slice(0, 8).astype(np.int64).to_numpy()
        hours = table["time"].str.slice(9, 11).astype(np.int64).to_numpy()
        values = table[["open", "high", "low", "close", "volume"]].to_numpy(dtype=np.float64)
    except (zipfile.BadZipFile, ValueError, AttributeError, IndexError, OSError) as error:
        raise DataError(
            f"{path} can't be read as LEAN bars ({error}): expected a zip of lines 'yyyyMMdd HH:mm,open,high,low,close,volume'."
        ) from error
    key = days * 100 + hours
    if (np.diff(key) <= 0).any():
        at = int(np.argmax(np.diff(key) <= 0))
        kind = DuplicateDateError if key[at] == key[at + 1] else UnsortedDataError
        raise kind(f"{path} line {at + 2}: {days[at + 1]} comes after {days[at]}: expected rising times. Sort the file.")
    if (values[:, :4] <= 0).any():
        at = int(np.argmax((values[:, :4] <= 0).any(axis=1)))
        raise InvalidPriceError(f"{path} line {at + 1}: a price of {values[at, :4].min():g}: expected positive prices.")
    values[:, :4] *= PRICE_UNIT
    return days, hours, values


class LeanFolder:
    """A folder with `equity/usa/daily/*.zip` and, where they exist, hourly bars, factor and map files.

    Parameters
    ----------
    path : str or Path
    synthetic : bool
        Whether its prices are invented.
    """

    def __init__(self, path: str | Path, *, synthetic: bool = False, name: str = "", origin: str = "") -> None:
        self.path = Path(path)
        self._usa = self.path / "equity" / "usa"
        if not (self._usa / "daily").is_dir():
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
        self._loaded: dict[str, Asset] = {}

    def tickers(self) -> list[str]:
        """Tickers with daily bars."""
        return sorted(p.stem.upper() for p in (self._usa / "daily").glob("*.zip"))

    def load(self, ticker: str) -> Asset:
        """Daily bars of a ticker."""
        key = ticker.lower()
        if key in self._loaded:
            return self._loaded[key]
        path = self._usa / "daily" / f"{key}.zip"
        if not path.exists():
            raise NoDataError(f"{ticker.upper()} has no daily bars in {self.path}: expected {path}. It has {self.tickers()}.")
        days, _, values = _read_zip(path)
        dates = [date(d // 10000, d // 100 % 100, d % 100) for d in days.tolist()]
        first, last = self._map(key)
        keep = [i for i, d in enumerate(dates) if (first is None or d >= first) and (last is None or d <= last)]
        opened, high, low, close, volume = (np.ascontiguousarray(values[keep, c]) for c in range(5))
        asset = Asset(
            ticker.upper(), [dates[i] for i in keep], opened, high, low, close, volume, factors=self._factors(key), last_day=last
        )
        self._loaded[key] = asset
        return asset

    def _map(self, key: str) -> tuple[date | None, date | None]:
        path = self._usa / "map_files" / f"{key}.csv"
        if not path.exists():
            return None, None
        rows = [line.split(",") for line in path.read_text().split() if line]
        last = _day(rows[-1][0])
        return _day(rows[0][0]), last if last.year < 2050 else None

    def _factors(self, key: str) -> FactorFile:
        path = self._usa / "factor_files" / f"{key}.csv"
        if not path.exists():
            return FactorFile()
        rows = []
        for number, line in enumerate(path.read_text().split(), 1):
            parts = line.split(",")
            try:
                rows.append(
                    FactorRow(_day(parts[0]), float(parts[1]), float(parts[2]), float(parts[3]) if len(parts) > 3 else 0.0)
                )
            except (ValueError, IndexError):
                raise DataError(
                    f"{path} line {number}: {line!r}: expected 'yyyyMMdd,price factor,split factor,reference price'."
                ) from None
        return FactorFile(rows)

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

    def interest_rates(self) -> list[tuple[date, float]]:
        """Primary credit rates of the Federal Reserve, where the folder has them."""
        path = self.path / "alternative" / "interest-rate" / "usa" / "interest-rate.csv"
        if not path.exists():
            return []
        rows = [line.split(",") for line in path.read_text().split()[1:]]
        return [(date.fromisoformat(day), float(rate) / 100.0) for day, rate in rows]
