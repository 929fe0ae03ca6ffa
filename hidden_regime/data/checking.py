"""What is wrong with a data folder in LEAN's format, by file and line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from hidden_regime.data.factors import FactorFile, FactorRow
from hidden_regime.data.findings import Finding, Findings, minutes_in, rising, rows_of, stamps
from hidden_regime.data.lean_rows import DAYS
from hidden_regime.data.listings import TOLERANCE, tells_price
from hidden_regime.data.map_files import MapFiles, day_of
from hidden_regime.data.pairs.checking import check_pairs, hourly_file, with_hours
from hidden_regime.data.pairs.folder import PairFolder
from hidden_regime.data.scaling import PER_DOLLAR
from hidden_regime.exceptions import UnknownDataError

JUMP = 0.4
"""Share by which a price may move from one session to the next before a split is suspected that no factor file tells of."""
CHEAP = 0.5
"""Dollars: a series all of whose prices are below was probably not multiplied by 10,000."""
NEEDED = {
    "market-hours/market-hours-database.json": "LEAN ends without it",
    "symbol-properties/symbol-properties-database.csv": "LEAN ends without it",
}


class Bars(NamedTuple):
    """A readable file of bars: days as yyyymmdd, minutes after midnight, and open, high, low, close, volume in dollars."""

    days: Any
    minutes: Any
    values: Any


def check_folder(folder: str | Path, benchmark: str = "SPY") -> list[Finding]:
    """Findings of a LEAN data folder of US equities, crypto and forex: ours or anybody's.

    Parameters
    ----------
    folder : str or Path
    benchmark : str
        Ticker that strategies are measured against.

    Raises
    ------
    UnknownDataError
        There is neither a folder equity/usa in it nor a pair in crypto or forex.
    """
    root = Path(folder)
    usa = root / "equity" / "usa"
    has_pairs = PairFolder.is_one(root)
    if not (usa.is_dir() or has_pairs):
        raise UnknownDataError(
            f"{root} is no LEAN data folder: expected {usa} with daily, hour or minute bars, or pairs in crypto or forex."
        )
    found = _check_equities(usa) if usa.is_dir() else []
    found += check_pairs(root)
    found += _check_rates(root / "alternative" / "interest-rate" / "usa" / "interest-rate.csv")
    hourly = hourly_file(root, benchmark) or usa / "hour" / f"{benchmark.lower()}.zip"
    if not hourly.exists():
        others = ", ".join([*_names(usa / "hour"), *with_hours(root)]) or "none has"
        found.append(Finding(
            hourly, None, "warning", f"missing: LEAN reads its benchmark hourly, so alpha and beta are 0. "
            f"Write one, or call self.set_benchmark of a ticker that has hourly bars ({others})."))  # fmt: skip
    found += [Finding(root / name, None, "note", f"missing: {why}; copy it from LEAN's own Data folder.")
              for name, why in NEEDED.items() if not (root / name).exists()]  # fmt: skip
    if not has_pairs and not any(any((usa / kind).glob("*")) for kind in ("daily", "hour", "minute")):
        found.append(Finding(usa, None, "error", "no bars: expected daily/*.zip, hour/*.zip or minute/TICKER/*.zip"))
    return found


def _check_equities(usa: Path) -> list[Finding]:
    """Findings of bars, and of the map and factor files of those that have daily ones."""
    found: list[Finding] = []
    daily: dict[str, Bars] = {}
    for path in sorted((usa / "daily").glob("*")):
        findings, bars = _check_bars(path, "daily")
        found += findings
        if bars is not None:
            daily[path.stem] = bars
    for path in sorted((usa / "hour").glob("*")):
        findings, bars = _check_bars(path, "hour")
        found += findings
        if bars is not None and path.stem in daily:
            found += _compare_closes(path, bars, daily[path.stem])
    for path in sorted((usa / "minute").glob("*/*_trade.zip")):
        found += _check_bars(path, "minute")[0]
    maps = MapFiles(usa / "map_files")
    for key, bars in daily.items():
        if not (usa / "map_files" / f"{key}.csv").exists() and maps.resolve(key).known:
            continue  # an old name: its map and factor file have the new one
        factors, findings = _check_factors(usa / "factor_files" / f"{key}.csv", bars)
        found += findings
        found += _check_jumps(usa / "daily" / f"{key}.zip", bars, factors)
        found += _check_map(usa / "map_files" / f"{key}.csv", bars)
    return found


def _names(folder: Path) -> list[str]:
    return sorted(path.stem.upper() for path in folder.glob("*.zip"))


def _check_bars(path: Path, kind: str) -> tuple[list[Finding], Bars | None]:
    """Findings of a zip of bars, and the bars where all lines can be read."""
    import pandas as pd

    out = Findings(path)
    if path.suffix != ".zip":
        out.add("note", "not a zip: LEAN doesn't read it")
        return out.end(), None
    key = path.parent.name if kind == "minute" else path.stem
    if key != key.lower() or path.name != path.name.lower():
        out.add("error", f"{path.name}: expected lower-case names: LEAN finds no other on most systems")
    expected = f"{path.name[:8]}_{key}_minute_trade.csv" if kind == "minute" else f"{key}.csv"
    rows = rows_of(path, expected, 6, "a time, open, high, low, close and volume", out)
    if rows is None:
        return out.end(), None
    table = pd.DataFrame(rows, dtype=str)
    numbers = table.iloc[:, 1:].apply(pd.to_numeric, errors="coerce")
    numbers = numbers.where(np.isfinite(numbers))
    out.lines("error", numbers.isna().any(axis=1), "a price or volume that is no number")
    days, minutes = _times(table[0], kind, path.name, out)
    if out.wrong_lines:
        return out.end(), None
    values = np.array(numbers, dtype=np.float64)
    moments = days * 10_000 + minutes
    in_order = rising(moments, out)
    out.lines("error", (values[:, :4] <= 0).any(axis=1), "a price that isn't above zero")
    out.lines("error", values[:, 4] < 0, "a volume below zero")
    o, h, low, c = values[:, :4].T
    out.lines("error", h < low, "high is below low")
    out.lines("warning", (h >= low) & ((np.maximum(o, c) > h) | (np.minimum(o, c) < low)), "open or close outside low to high")
    out.lines("warning", (values[:, :4] % 1 != 0).any(axis=1), "a price with a fraction: expected ten-thousandths of a dollar")
    values[:, :4] /= PER_DOLLAR
    if (values[:, 1] < CHEAP).all():
        out.add("warning", f"every price is below {CHEAP:g} dollars: were they multiplied by 10,000?")
    _check_sessions(days, out)
    sound = in_order and bool((values[:, :4] > 0).all())
    return out.end(), Bars(days, minutes, values) if sound else None


def _times(column: Any, kind: str, name: str, out: Findings) -> tuple[Any, Any]:
    """Days and minutes after midnight of a column of times."""
    if kind == "minute":
        minutes = minutes_in(column, out)
        try:
            day = int(f"{day_of(name):%Y%m%d}")
        except ValueError:
            day = 0
        if not DAYS[0] <= day <= DAYS[1]:
            out.add("error", "its name doesn't begin with a day: expected yyyyMMdd: LEAN doesn't find it")
            day = 0
        out.lines("warning", (minutes < 570) | (minutes >= 960), "{}: outside 09:30 to 16:00", column.tolist())
        return np.full(len(column), day), minutes
    times = stamps(column, out)
    days = (times.dt.year * 10_000 + times.dt.month * 100 + times.dt.day).fillna(0).to_numpy(np.int64)
    minutes = (times.dt.hour * 60 + times.dt.minute).fillna(0).to_numpy(np.int64)
    if kind == "daily":
        out.lines("warning", times.notna() & (minutes != 0), "{}: a daily bar starts at 00:00", column.tolist())
    else:
        out.lines("warning", times.notna() & (minutes % 60 != 0), "{}: an hourly bar starts on the hour", column.tolist())
        out.lines("warning", times.notna() & ((minutes < 540) | (minutes >= 960)), "{}: outside 09:30 to 16:00", column.tolist())
    return days, minutes


@cache
def _sessions(first: int, last: int) -> set[int]:
    """Sessions of some years."""
    import exchange_calendars

    calendar = exchange_calendars.get_calendar("XNYS", start=f"{first}-01-01", end=f"{last}-12-31")
    return {day.year * 10_000 + day.month * 100 + day.day for day in calendar.sessions}


def _check_sessions(days: Any, out: Findings) -> None:
    """Bars on days without a session, and sessions without a bar."""
    dates = [date(d // 10_000, d // 100 % 100, d % 100) for d in np.unique(days).tolist() if d]
    if not dates:
        return
    official = _sessions(dates[0].year, dates[-1].year)
    out.lines("warning", [d not in official for d in days.tolist()], "{}: the New York exchanges have no session", days.tolist())
    known = set(days.tolist())
    missing = sorted(d for d in official if days[0] < d < days[-1] and d not in known)
    if missing:
        out.add("note", f"{len(missing)} sessions without a bar, the first on {missing[0]}: LEAN repeats the bar before")


def _compare_closes(path: Path, hours: Bars, daily: Bars) -> Iterator[Finding]:
    """The last hour of a session should close where the day does."""
    known = dict(zip(daily.days.tolist(), daily.values[:, 3].tolist(), strict=True))
    last = np.flatnonzero(np.append(np.diff(hours.days) != 0, True)).tolist()
    odd = [n for n in last if hours.days[n] in known and abs(hours.values[n, 3] / known[int(hours.days[n])] - 1.0) > TOLERANCE]
    if odd:
        n = odd[0]
        said = f"{hours.values[n, 3]:g}, the day {known[int(hours.days[n])]:g}"
        yield Finding(path, n + 1, "warning", f"{hours.days[n]} closes at {said} ({len(odd)} such days): are both raw?")


def _check_factors(path: Path, bars: Bars) -> tuple[FactorFile, list[Finding]]:
    out = Findings(path)
    if not path.exists():
        out.add("warning", "missing: prices aren't adjusted for dividends and splits")
        return FactorFile(), out.end()
    rows: list[FactorRow] = []
    closes = dict(zip(bars.days.tolist(), bars.values[:, 3].tolist(), strict=True))
    for number, line in enumerate(path.read_text(errors="replace", encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        parts = line.split(",")
        try:
            row = FactorRow(day_of(parts[0]), float(parts[1]), float(parts[2]), float(parts[3]) if len(parts) > 3 else 0.0)
        except (ValueError, IndexError):
            out.add("error", f"{line!r}: expected yyyyMMdd,price factor,split factor,reference price", number, sort="format")
            continue
        if not (0.0 < row.price_factor < float("inf") and 0.0 < row.split_factor < float("inf")):
            out.add("error", f"factors {row.price_factor:g}, {row.split_factor:g}: expected positive ones", number, sort="sign")
            continue
        if rows and row.date <= rows[-1].date:
            out.add("error", f"{row.date} after {rows[-1].date}: expected rising dates", number, sort="order")
        close = closes.get(int(f"{row.date:%Y%m%d}"))
        if tells_price([*rows, row], len(rows)) and close is not None and abs(row.reference_price / close - 1.0) > TOLERANCE:
            out.add("warning", f"a close of {row.reference_price:g} on {row.date}, the bars have {close:g}: is it of other bars?",
                    number, sort="reference")  # fmt: skip
        rows.append(row)
    if rows and (rows[-1].price_factor, rows[-1].split_factor) != (1.0, 1.0):
        out.add("warning", "the last row's factors aren't 1: the newest prices would be adjusted")
    if rows and rows[-1].date < _day(bars.days[-1]):
        out.add("warning", f"ends on {rows[-1].date}, the bars on {_day(bars.days[-1])}: expected a last row 20501231,1,1,0")
    return FactorFile(rows), out.end()


def _day(number: Any) -> date:
    value = int(number)
    return date(value // 10_000, value // 100 % 100, value % 100)


def _check_jumps(path: Path, bars: Bars, factors: FactorFile) -> list[Finding]:
    """Moves that look like splits which no factor file tells of."""
    out = Findings(path)
    dates = [_day(d) for d in bars.days.tolist()]
    price, split = factors.factors(dates)
    move = np.abs(np.diff(np.log(bars.values[:, 3] * price * split)))
    for n in np.flatnonzero(move > -np.log(1.0 - JUMP)).tolist():
        close, before = bars.values[n + 1, 3], bars.values[n, 3]
        said = f"{dates[n + 1]}: from {before:g} to {close:g}, which the factor file doesn't explain"
        out.add("warning", said, n + 2, sort="jump")
    return out.end()


def _check_map(path: Path, bars: Bars) -> list[Finding]:
    out = Findings(path)
    if not path.exists():
        out.add("warning", "missing: LEAN takes the ticker as listed throughout, and its symbols have another identity")
        return out.end()
    days = []
    for number, line in enumerate(path.read_text(errors="replace", encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        parts = line.split(",")
        try:
            days.append(day_of(parts[0]))
            if len(parts) < 2 or not parts[1]:
                raise ValueError
        except (ValueError, IndexError):
            out.add("error", f"{line!r}: expected yyyyMMdd,ticker,exchange", number, sort="format")
    if days and days != sorted(days):
        out.add("error", "dates don't rise")
    elif days:
        first, last = _day(bars.days[0]), _day(bars.days[-1])
        if days[0] > first:
            out.add("warning", f"the listing begins on {days[0]}, the bars on {first}: LEAN doesn't see those before")
        if days[-1] + timedelta(days=1) <= last:
            out.add("warning", f"the listing ends on {days[-1]}, the bars on {last}: LEAN doesn't see those after")
    return out.end()


def _check_rates(path: Path) -> list[Finding]:
    out = Findings(path)
    if not path.exists():
        out.add("warning", "missing: LEAN falls back on a rate of its own, which changes Sharpe's ratio")
        return out.end()
    before = None
    for number, line in enumerate(path.read_text(errors="replace", encoding="utf-8").splitlines(), 1):
        if number == 1 or not line.strip():
            continue
        day, _, percent = line.partition(",")
        try:
            now = date.fromisoformat(day)
            float(percent)
        except ValueError:
            out.add("error", f"{line!r}: expected yyyy-mm-dd,percent", number, sort="format")
            continue
        if before is not None and now <= before:
            out.add("error", f"{now} after {before}: expected rising dates", number, sort="order")
        before = now
    return out.end()
