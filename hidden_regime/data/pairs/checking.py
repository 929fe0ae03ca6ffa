"""What is wrong with the crypto and forex of a data folder in LEAN's format, by file and line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from hidden_regime.data.findings import Finding, Findings, minutes_in, rising, rows_of, stamps
from hidden_regime.data.lean_rows import DAYS
from hidden_regime.data.map_files import day_of
from hidden_regime.data.pairs.bars import DAY, EPOCH, Floats, Minutes, moment_of
from hidden_regime.data.pairs.folder import FOLDERS, QUOTE_COLUMNS, TRADE_COLUMNS, PairFolder
from hidden_regime.data.pairs.hours import PairHours
from hidden_regime.data.pairs.markets import PairMarkets
from hidden_regime.data.pairs.naming import LENGTHS, PairName
from hidden_regime.data.pairs.properties import CRYPTO, FOREX, KINDS
from hidden_regime.exceptions import DataError, UnknownDataError

TOLERANCE = 0.01
"""Share by which the last hour of a day may close elsewhere than the day."""
SLIP = 3.0
"""From one bar to the next no price becomes so many times what it was, or so small a part: a decimal point is wrong."""
SCALED = 1_000.0
"""Whole numbers above, in every row of a currency, were probably multiplied by 10,000, as those of equities are."""
TRADED = timedelta(hours=12)
"""A day on which a market is open for less, as forex is on Sundays, may lack a bar."""


class Kind(NamedTuple):
    """What a file holds: of which pair bars of how many minutes, of trades or quotes, and when its market is open."""

    pair: PairName
    minutes: int
    quotes: bool
    hours: PairHours | None


class Checked(NamedTuple):
    """Findings of a file, and starts (in the data's zone) and closes of its bars, none where not all of it can be read."""

    found: list[Finding]
    starts: Minutes
    closes: Floats


def check_pairs(root: Path) -> list[Finding]:
    """Findings of everything in `crypto` and `forex` of a folder."""
    markets = PairMarkets(root)
    folder = PairFolder(root, markets)
    found = [finding for kind in KINDS for place in sorted((root / kind).glob("*/*")) for finding in _check_names(root, place)]
    facts = root / "symbol-properties" / "symbol-properties-database.csv"
    for name in folder.listed():
        hours = None
        try:
            hours = markets.hours(*name)
        except UnknownDataError as error:
            found.append(Finding(root / name.kind / name.market, None, "note", f"hours aren't checked: {error}"))
        except DataError as error:
            found.append(Finding(root / "market-hours" / "market-hours-database.json", None, "error", str(error)))
        try:
            if not markets.is_own and markets.find(*name) is None:
                said = f"no line for {name}: LEAN doesn't know its lot, tick and currencies"
                found.append(Finding(facts, None, "warning", said))
        except DataError as error:
            found.append(Finding(facts, None, "error", str(error)))
        for quotes in (True,) if name.kind == FOREX else (False, True):
            found += _check_pair(folder, name, hours, quotes=quotes)
    return list(dict.fromkeys(found))


def hourly_file(root: Path, ticker: str) -> Path | None:
    """Where LEAN reads the hours of a pair that is a benchmark; None of a ticker that is no pair of the folder."""
    folder = PairFolder(root, PairMarkets(root))
    known = [name for name in folder.listed() if name.ticker == ticker.upper()]
    return folder.where(*known[0], 60, quotes=known[0].kind == FOREX) if known else None


def with_hours(root: Path) -> list[str]:
    """Tickers of pairs that have hourly bars."""
    folder = PairFolder(root, PairMarkets(root))
    return [name.ticker for name in folder.listed() if folder.where(*name, 60, quotes=name.kind == FOREX).exists()]


# Names -------------------------------------------------------------------------------------------------------------------
def _check_names(root: Path, place: Path) -> Iterator[Finding]:
    """What LEAN finds nothing in, because of its name."""
    kind, minutes = place.relative_to(root).parts[0], LENGTHS.get(place.name)
    if minutes is None or not place.is_dir():
        return
    sides = ("quote",) if kind == FOREX else ("trade", "quote")
    for path in sorted(place.glob("*/*" if minutes == 1 else "*")):
        stem, inside = path.name.removesuffix(".zip"), path.relative_to(root).as_posix()
        head, _, side = stem.rpartition("_")
        expected = ""
        if minutes == 1 and not (side in sides and _is_day(head)):
            expected = " or ".join(f"yyyyMMdd_{known}.zip" for known in sides)
        elif minutes != 1 and kind == CRYPTO and side not in sides:
            expected = f"{stem}_trade.zip or {stem}_quote.zip"
        elif minutes != 1 and kind == FOREX and head:
            expected = f"{head}.zip, with bids and asks"
        if not path.name.endswith(".zip"):
            yield Finding(path, None, "note", "not a zip: LEAN doesn't read it")
        elif inside != inside.lower():
            yield Finding(path, None, "error", "expected lower-case names: LEAN finds no other on most systems")
        elif expected:
            yield Finding(path, None, "error", f"LEAN doesn't find it by this name: expected {expected}")


def _is_day(text: str) -> bool:
    try:
        return len(text) == 8 and DAYS[0] <= int(f"{day_of(text):%Y%m%d}") <= DAYS[1]
    except ValueError:
        return False


# Files -------------------------------------------------------------------------------------------------------------------
def _check_pair(folder: PairFolder, name: PairName, hours: PairHours | None, *, quotes: bool) -> list[Finding]:
    """Findings of the files of a pair's trades or quotes, of each by itself and of one beside the other."""
    found: list[Finding] = []
    whole: dict[int, Checked] = {}
    for minutes in (DAY, 60):
        path = folder.where(*name, minutes, quotes=quotes)
        if path.is_file():
            kind = Kind(name, minutes, quotes, hours)
            whole[minutes] = _check_bars(path, f"{name.ticker.lower()}.csv", None, kind)
            found += [*whole[minutes].found, *_check_gaps(path, whole[minutes].starts, hours)]
    if len(whole) > 1:
        found += _compare_closes(folder.where(*name, 60, quotes=quotes), whole[60], whole[DAY])
    side = "quote" if quotes else "trade"
    for day, path in folder.minute_files(*name, quotes=quotes).items():
        expected = f"{day:%Y%m%d}_{name.ticker.lower()}_{FOLDERS[1]}_{side}.csv"
        found += _check_bars(path, expected, day, Kind(name, 1, quotes, hours)).found
    return found


def _check_bars(path: Path, expected: str, day: date | None, kind: Kind) -> Checked:
    """Findings of a zip of bars: of one day's minutes, or of hours or days."""
    import pandas as pd

    out = Findings(path)
    columns = QUOTE_COLUMNS if kind.quotes else TRADE_COLUMNS
    nothing = np.empty(0, np.int64), np.empty(0)
    rows = rows_of(path, expected, len(columns), ", ".join(columns), out)
    if rows is None:
        return Checked(out.end(), *nothing)
    table = pd.DataFrame(rows, dtype=str)
    starts = _starts(table[0], day, kind.minutes, out)
    values = _numbers(table.iloc[:, 1:], out, quotes=kind.quotes)
    if out.wrong_lines:
        return Checked(out.end(), *nothing)
    in_order = rising(starts, out)
    closes = _check_prices(values, out, kind)
    if kind.hours is not None:
        out.lines("warning", _closed(starts, kind.minutes, kind.hours), "{}: the market is closed", table[0].tolist())
    return Checked(out.end(), starts, closes) if in_order else Checked(out.end(), *nothing)


def _starts(column: Any, day: date | None, minutes: int, out: Findings) -> Minutes:
    """Starts of bars in minutes since 1970, in the data's zone."""
    if day is not None:
        found: Minutes = minutes_in(column, out) + (day - EPOCH.date()).days * DAY
        return found
    times = stamps(column, out).fillna(EPOCH)
    found = times.to_numpy().astype("datetime64[m]").astype(np.int64)
    step = "a daily bar starts at 00:00" if minutes == DAY else "an hourly bar starts on the hour"
    out.lines("warning", found % minutes != 0, f"{{}}: {step}", column.tolist())
    return found


def _numbers(cells: Any, out: Findings, *, quotes: bool) -> Floats:
    """Prices and sizes; zeros where a side of a quote is empty, as LEAN reads it."""
    import pandas as pd

    numbers = cells.apply(pd.to_numeric, errors="coerce")
    values = np.array(numbers.where(np.isfinite(numbers)), dtype=np.float64)
    if quotes:
        for side in (slice(0, 4), slice(5, 9)):
            empty = (cells.iloc[:, side] == "").all(axis=1).to_numpy()
            values[empty, side] = 0.0
    out.lines("error", np.isnan(values).any(axis=1), "a price or size that is no number")
    return values


def _check_prices(values: Floats, out: Findings, kind: Kind) -> Floats:
    """Closes: of quotes halfway between bid and ask, or of the one side that is there."""
    sides = (("bid", values[:, :5]), ("ask", values[:, 5:])) if kind.quotes else (("trade", values),)
    there = []
    for name, side in sides:
        missing = ~side[:, :4].any(axis=1) if kind.quotes else np.zeros(len(side), bool)
        o, h, low, c = side[:, :4].T
        out.lines("error", ~missing & (side[:, :4] <= 0.0).any(axis=1), f"a price of a {name} that isn't above zero")
        out.lines("error", side[:, 4] < 0.0, f"a size of a {name} below zero")
        out.lines("error", h < low, f"high of the {name} is below low")
        outside = (h >= low) & ((np.maximum(o, c) > h) | (np.minimum(o, c) < low))
        out.lines("warning", outside, f"open or close of the {name} outside low to high")
        there.append(~missing)
    closes: Floats = values[:, 3].copy()
    if kind.quotes:
        bid, ask = values[:, 3], values[:, 8]
        out.lines("warning", ~(there[0] | there[1]), "neither bid nor ask")
        out.lines("warning", there[0] & there[1] & (ask < bid), "the ask closes below the bid")
        closes = np.where(there[0] & there[1], (bid + ask) / 2.0, bid + ask)
    _check_scale(values, closes, out, kind)
    return closes


def _check_scale(values: Floats, closes: Floats, out: Findings, kind: Kind) -> None:
    """Slips of a decimal point, in a bar or in all."""
    sound = closes > 0.0
    places = np.flatnonzero(sound)
    steps = closes[sound][1:] / closes[sound][:-1]
    for n in np.flatnonzero((steps > SLIP) | (steps < 1.0 / SLIP)).tolist():
        before, at = closes[places[n]], places[n + 1]
        out.add("warning", f"a close of {closes[at]:g} after {before:g}: is a decimal point wrong?", int(at) + 1, sort="slip")
    if kind.pair.kind == FOREX and (values % 1.0 == 0.0).all() and (closes[sound] > SCALED).all():
        out.add(
            "warning", "every price is a whole number: were they multiplied by 10,000? Prices of pairs are written as they are"
        )


# Hours -------------------------------------------------------------------------------------------------------------------
def _local(minutes: int, hours: PairHours) -> datetime:
    """The exchange's time of one of the data's (minutes since 1970)."""
    own, data = hours.zones
    return own.from_utc(data.to_utc(moment_of(minutes)))


def _closed(starts: Minutes, minutes: int, hours: PairHours) -> list[bool]:
    """Whether a market is closed throughout each bar."""
    if hours.always:
        return [False] * len(starts)
    return [not hours.is_open_during(_local(start, hours), _local(start + minutes, hours)) for start in starts.tolist()]


def _check_gaps(path: Path, starts: Minutes, hours: PairHours | None) -> Iterator[Finding]:
    """Days without a bar on which a market was open."""
    if hours is None or not len(starts):
        return
    days = np.unique(starts // DAY)
    lost = sorted(set(range(int(days[0]), int(days[-1]))) - set(days.tolist()))
    missing = [day for day in lost if hours.open_for(_local(day * DAY, hours), _local((day + 1) * DAY, hours)) >= TRADED]
    if missing:
        said = (
            f"{len(missing)} days without a bar, the first on {moment_of(missing[0] * DAY):%Y%m%d}: LEAN repeats the bar before"
        )
        yield Finding(path, None, "note", said)


def _compare_closes(path: Path, hours: Checked, days: Checked) -> Iterator[Finding]:
    """The last hour of a day should close where the day does."""
    known = dict(zip((days.starts // DAY).tolist(), days.closes.tolist(), strict=True))
    of_day = hours.starts // DAY
    last = np.flatnonzero(np.append(np.diff(of_day) != 0, True)).tolist() if len(of_day) else []
    pairs = [(n, hours.closes[n], known.get(int(of_day[n]), 0.0)) for n in last]
    odd = [(n, close, whole) for n, close, whole in pairs if whole > 0.0 < close and abs(close / whole - 1.0) > TOLERANCE]
    if odd:
        n, close, whole = odd[0]
        said = f"{moment_of(int(of_day[n]) * DAY):%Y%m%d} closes at {close:g}, the day {whole:g} ({len(odd)} such days)"
        yield Finding(path, n + 1, "warning", f"{said}: are both of UTC days and of one market?")
