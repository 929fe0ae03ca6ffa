"""Files of crypto and forex in a LEAN data folder: `crypto/MARKET/...` and `forex/MARKET/...`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hidden_regime.data.lean_rows import DAYS, check_rows, read_lines, unreadable
from hidden_regime.data.pairs.bars import (
    DAY,
    EPOCH,
    DailyFiles,
    Floats,
    Minutes,
    PairBars,
    Rows,
    WholeBars,
    minutes_of,
    moment_of,
)
from hidden_regime.data.pairs.markets import PairMarkets
from hidden_regime.data.pairs.naming import PairName
from hidden_regime.data.pairs.pair import Pair
from hidden_regime.data.pairs.properties import CRYPTO, FOREX, KINDS
from hidden_regime.data.zones import Zone
from hidden_regime.exceptions import DataError, NoDataError

FOLDERS = {DAY: "daily", 60: "hour", 1: "minute"}
TRADE_COLUMNS = ("time", "open", "high", "low", "close", "volume")
SIDE = ("open", "high", "low", "close", "size")
QUOTE_COLUMNS = ("time", *(f"{side} {name}" for side in ("bid", "ask") for name in SIDE))


class PairFolder:
    """Reads pairs of a data folder.

    Parameters
    ----------
    path : Path
        The data folder.
    markets : PairMarkets
        Facts of its markets, which say in which zone its files are stamped.
    """

    def __init__(self, path: Path, markets: PairMarkets) -> None:
        self.path, self.markets = path, markets
        self._kept: dict[tuple[str, str, str, int, bool], PairBars | None] = {}

    @staticmethod
    def is_one(path: Path) -> bool:
        """Whether a folder has any pairs in LEAN's files."""
        places = [f"{kind}/*/{name}/{'*/' if minutes == 1 else ''}*.zip" for kind in KINDS for minutes, name in FOLDERS.items()]
        return any(True for place in places for _ in path.glob(place))

    def where(self, kind: str, market: str, ticker: str, minutes: int, *, quotes: bool) -> Path:
        """A zip of days or hours, a folder of minutes."""
        folder = self.path / kind / market.lower() / FOLDERS[minutes]
        name = ticker.lower()
        if minutes == 1:
            return folder / name
        side = "" if kind == FOREX else "_quote" if quotes else "_trade"
        return folder / f"{name}{side}.zip"

    def minute_files(self, kind: str, market: str, ticker: str, *, quotes: bool) -> dict[date, Path]:
        """Files of minutes by day."""
        found: dict[date, Path] = {}
        end = "_quote.zip" if quotes else "_trade.zip"
        for path in sorted(self.where(kind, market, ticker, 1, quotes=quotes).glob(f"*{end}")):
            day = _day(path.name.removesuffix(end))
            if day is not None:
                found[day] = path
        return found

    def bars(self, kind: str, market: str, ticker: str, minutes: int, *, quotes: bool) -> PairBars | None:
        """Bars of a pair, or None where there are none: of forex there are only quotes."""
        if kind == FOREX and not quotes:
            return None
        key = kind, market.lower(), ticker.upper(), minutes, quotes
        if key not in self._kept:
            self._kept[key] = self._open(*key[:4], quotes=quotes)
        return self._kept[key]

    def _open(self, kind: str, market: str, ticker: str, minutes: int, *, quotes: bool) -> PairBars | None:
        if minutes == 1:
            files = self.minute_files(kind, market, ticker, quotes=quotes)
            if not files:
                return None
            zone = self._zone(kind, market, ticker)
            return DailyFiles(files, lambda day: _of_a_day(files[day], day, zone, quotes=quotes), quotes=quotes)
        path = self.where(kind, market, ticker, minutes, quotes=quotes)
        if not path.exists():
            return None
        return WholeBars(minutes, _whole(path, self._zone(kind, market, ticker), quotes=quotes), quotes=quotes)

    def _zone(self, kind: str, market: str, ticker: str) -> Zone:
        return self.markets.hours(kind, market, ticker).zones[1]

    def has(self, kind: str, market: str, ticker: str) -> bool:
        """Whether there is any file of a pair."""
        return any(
            self.where(kind, market, ticker, minutes, quotes=quotes).exists() for minutes in FOLDERS for quotes in (True, False)
        )

    def pair(self, name: PairName) -> Pair:
        """All bars of a pair, in memory.

        Raises
        ------
        NoDataError
            There are none.
        """
        given = {}
        for minutes in FOLDERS:
            for quotes in (False, True):
                found = self.bars(*name, minutes, quotes=quotes)
                if found is not None and found.days is not None:
                    first, last = ((day - EPOCH.date()).days * DAY for day in found.days)
                    # Days of files may be those of another zone than UTC.
                    given[minutes, quotes] = found.between(first - DAY, last + 2 * DAY)
        if not given:
            raise NoDataError(f"{name} has no bars in {self.path}: expected {self.where(*name, DAY, quotes=name.kind == FOREX)}.")
        return Pair(name, given)

    def listed(self) -> list[PairName]:
        """Everything that there are files of."""
        out: set[PairName] = set()
        for kind in KINDS:
            for minutes, name in FOLDERS.items():
                for path in sorted((self.path / kind).glob(f"*/{name}/*")):
                    ticker = path.name if minutes == 1 else path.stem
                    if minutes != 1 and path.suffix != ".zip":
                        continue
                    if kind == CRYPTO and minutes != 1:
                        ticker = ticker.removesuffix("_trade").removesuffix("_quote")
                    out.add(PairName(kind, path.parent.parent.name, ticker.upper()))
        return sorted(out)


def _day(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])) if len(text) == 8 else None
    except ValueError:
        return None


def _columns(quotes: bool) -> tuple[str, ...]:
    return QUOTE_COLUMNS if quotes else TRADE_COLUMNS


def _numbers(path: Path, table: Any, quotes: bool) -> Floats:
    try:
        values: Floats = table[list(_columns(quotes)[1:])].to_numpy(dtype=np.float64)
    except (ValueError, TypeError, OverflowError) as error:
        raise unreadable(path, error, _columns(quotes)) from error
    return values


def _check(path: Path, times: npt.NDArray[Any], values: Floats, quotes: bool) -> Floats:
    """The numbers, with zeros where a side of a quote is missing; what no market can quote raises."""
    show = lambda key: str(key)
    if not quotes:
        check_rows(path, times, values, show)
        return values
    values = np.nan_to_num(values, nan=0.0, posinf=np.inf, neginf=-np.inf)
    for side in (values[:, :5], values[:, 5:]):
        checked = side.copy()
        checked[~side[:, :4].any(axis=1), :4] = 1.0
        check_rows(path, times, checked, show)
    return values


def _in_utc(starts: Minutes, zone: Zone) -> Minutes:
    if zone.is_utc:
        return starts
    return np.array([minutes_of(zone.to_utc(moment_of(int(start)))) for start in starts], np.int64)


def _whole(path: Path, zone: Zone, *, quotes: bool) -> Rows:
    """Rows of a zip of days or hours."""
    import pandas as pd

    table = read_lines(path, _columns(quotes))
    try:
        text = table["time"].astype(str)
        when = pd.to_datetime(text, format="%Y%m%d %H:%M")
        times = text.str.replace(" ", "").str.replace(":", "").astype(np.int64).to_numpy()
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise unreadable(path, error, _columns(quotes)) from error
    days = times // 10_000
    if not ((days >= DAYS[0]) & (days <= DAYS[1])).all():
        at = int(np.argmin((days >= DAYS[0]) & (days <= DAYS[1])))
        raise DataError(f"{path} line {at + 1}: {days[at]} is no day: expected yyyyMMdd HH:mm.")
    values = _check(path, times, _numbers(path, table, quotes), quotes)
    starts = when.to_numpy().astype("datetime64[m]").astype(np.int64)
    return _in_utc(starts, zone), values


def _of_a_day(path: Path, day: date, zone: Zone, *, quotes: bool) -> Rows:
    """Rows of a zip of a day's minutes, whose times are milliseconds after midnight."""
    table = read_lines(path, _columns(quotes))
    try:
        numbers: Floats = table.to_numpy(dtype=np.float64)  # all columns at once: there are thousands of such files
    except (ValueError, TypeError, OverflowError) as error:
        raise unreadable(path, error, _columns(quotes)) from error
    times = numbers[:, 0]
    values = _check(path, times, np.ascontiguousarray(numbers[:, 1:]), quotes)
    midnight = (day - date(1970, 1, 1)).days * DAY
    return _in_utc(midnight + (times // 60_000).astype(np.int64), zone), values
