"""Writes pairs into a LEAN data folder: prices as they are, times in UTC."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from hidden_regime.data.pairs.bars import DAY, Rows, WholeBars, moment_of
from hidden_regime.data.pairs.folder import FOLDERS, PairFolder
from hidden_regime.data.pairs.hours import PairHours
from hidden_regime.data.pairs.markets import PairMarkets
from hidden_regime.data.pairs.naming import PairName
from hidden_regime.data.pairs.pair import Pair
from hidden_regime.data.pairs.properties import FOREX
from hidden_regime.data.zips import zip_lines
from hidden_regime.exceptions import DataError

HOURS = range(23 * 60, -1, -60)
"""Beginnings of a day's hours, the last first."""


def files_of(name: PairName) -> list[str]:
    """Files and folders of a pair in a data folder."""
    folder = PairFolder(Path(), PairMarkets())
    places = {folder.where(*name, minutes, quotes=quotes) for minutes in FOLDERS for quotes in (False, True)}
    return sorted(place.as_posix() for place in places)


def write_pair(folder: PairFolder, pair: Pair, *, hourly: bool, notes: list[str]) -> dict[str, int]:
    """Write a pair's days, hours and minutes: of a currency one file with bids and asks, of a coin one of trades, one of quotes.

    Parameters
    ----------
    folder : PairFolder
        Where to.
    pair : Pair
    hourly : bool
        Whether there are to be hours, of days if need be, because LEAN reads its benchmark hourly.
    notes : list of str
        Takes what the reader of the folder should know.

    Returns
    -------
    dict of str to int
        Number of bars by kind of file.

    Raises
    ------
    DataError
        LEAN reads the market's files in another zone than UTC.
    UnknownDataError
        Nobody knows in which.
    """
    hours = folder.markets.hours(*pair.name)
    zone = hours.zones[1]
    if not zone.is_utc:
        raise DataError(
            f"{pair.name}: LEAN reads files of this market in the zone {zone}, and what is written is in UTC: expected a market "
            "whose data are in UTC, such as 'forex/oanda/...'."
        )
    counts: dict[str, int] = {}
    for minutes, name in FOLDERS.items():
        for quotes in (False, True):
            rows = pair.rows(minutes, quotes=quotes)
            if rows is None and minutes == 60 and hourly and not pair.has_own(60):
                rows = _closing_hours(pair.rows(DAY, quotes=quotes), hours)
                if rows is not None:
                    notes.append(
                        f"{pair.name.ticker} has no hourly bars: its hourly file holds one bar a day, at the close, for LEAN's "
                        "benchmark. A strategy that subscribes it hourly sees no more."
                    )
            if rows is None:
                continue
            kind = f"{name} quote" if quotes and pair.name.kind != FOREX else name
            counts[kind] = len(rows[0])
            path = folder.where(*pair.name, minutes, quotes=quotes)
            if minutes == 1:
                _write_minutes(path, rows, quotes=quotes)
            else:
                lines = (f"{moment_of(start):%Y%m%d %H:%M},{line}" for start, line in lines_of(rows))
                zip_lines(path, f"{pair.name.ticker.lower()}.csv", lines)
    return counts


def _closing_hours(days: Rows | None, hours: PairHours) -> Rows | None:
    """One bar a day: the last hour in which the market is open, with the day's close."""
    if days is None:
        return None
    starts, values = days
    made = values.copy()
    for side in range(0, values.shape[1], 5):
        made[:, side : side + 3] = values[:, side + 3 : side + 4]
    return np.array([_last_hour(start, hours) for start in starts.tolist()], np.int64), made


def _last_hour(day: int, hours: PairHours) -> int:
    local = {h: hours.zones[0].from_utc(moment_of(day + h)) for h in (*HOURS, DAY)}
    return day + next((h for h in HOURS if hours.is_open_during(local[h], local[h + 60])), HOURS[0])


def _write_minutes(folder: Path, rows: Rows, *, quotes: bool) -> None:
    bars = WholeBars(1, rows, quotes=quotes)
    for day in np.unique(rows[0] // DAY).tolist():
        first = day * DAY
        kind = "quote" if quotes else "trade"
        stem = f"{moment_of(first):%Y%m%d}"
        found = lines_of(bars.between(first, first + DAY))
        lines = (f"{(start - first) * 60_000},{line}" for start, line in found)
        zip_lines(folder / f"{stem}_{kind}.zip", f"{stem}_{folder.name}_minute_{kind}.csv", lines)


def lines_of(rows: Rows) -> Iterator[tuple[int, str]]:
    """Starts in minutes, and the numbers as LEAN's files have them: as short as they can be read back, never with an exponent."""
    starts, values = rows
    return zip(starts.tolist(), map(_line, values.tolist()), strict=True)


def _line(row: Sequence[float]) -> str:
    sides = [row] if len(row) == 5 else [row[:5], row[5:]]
    return ",".join(_side(side) for side in sides)


def _side(side: Sequence[float]) -> str:
    """Prices of zero, where a side is missing, stay out: LEAN's files are empty there."""
    prices = [number(price) for price in side[:4]] if any(side[:4]) else [""] * 4
    return ",".join([*prices, number(side[4])])


def number(value: float) -> str:
    """A number without an exponent, which LEAN doesn't read.

    Examples
    --------
    >>> number(2148.83), number(73.0), number(8.12e-06), number(1e21)
    ('2148.83', '73', '0.00000812', '1000000000000000000000')
    """
    text = repr(value)
    if "e" in text:
        return np.format_float_positional(value, trim="-")
    return text.removesuffix(".0")
