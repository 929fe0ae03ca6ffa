"""Map files of a LEAN data folder: under which names a security has traded, and whose name a ticker is."""

from __future__ import annotations

from bisect import bisect_left
from datetime import date
from pathlib import Path
from typing import NamedTuple

from hidden_regime.exceptions import DataError

FOREVER = 2050
"""A map file's last year, from which on a listing has no end."""
LONGEST = 100
"""Letters of a ticker at most."""


def day_of(text: str) -> date:
    """Date of yyyymmdd."""
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def is_file_name(ticker: str) -> bool:
    """Whether files can bear a ticker: it has no folders and no letters that systems don't take, and isn't too long."""
    odd = any(c in '/\\:*?"<>|' or not c.isprintable() for c in ticker)
    return 0 < len(ticker) <= LONGEST and not odd and ticker.strip(". ") != ""


class Name(NamedTuple):
    """A name of a security's, in lower case as files have it, and its first and last day."""

    ticker: str
    first: date
    last: date


class MapFile:
    """The names of one security.

    Parameters
    ----------
    permtick : str
        The name that its map and factor file have, in lower case.
    rows : sequence of (date, str)
        The first day of the listing, then the last day of each name. None where no file tells: one name for all days.
    """

    def __init__(self, permtick: str, rows: list[tuple[date, str]] | None = None) -> None:
        self.permtick = permtick
        self.known = bool(rows)
        self.rows = rows or [(date.max, permtick)]
        self._days = [day for day, _ in self.rows]

    @property
    def first_day(self) -> date | None:
        """First day of the listing, where it is known."""
        return self._days[0] if self.known else None

    @property
    def last_day(self) -> date | None:
        """Last day of the listing, where it has one."""
        return self._days[-1] if self.known and self._days[-1].year < FOREVER else None

    def name_on(self, day: date) -> str:
        """The name of the files that hold a day's bars."""
        return self.rows[min(bisect_left(self._days, day), len(self.rows) - 1)][1]

    def names(self) -> list[Name]:
        """Names with their days, one after the other."""
        out: list[Name] = []
        for day, ticker in self.rows:
            if out and out[-1].ticker == ticker:
                out[-1] = out[-1]._replace(last=day)
            else:
                first = date.fromordinal(out[-1].last.toordinal() + 1) if out else self._days[0] if self.known else date.min
                out.append(Name(ticker, first, day))
        if self.known and self.last_day is None:
            out[-1] = out[-1]._replace(last=date.max)
        return out


def read_map(path: Path) -> MapFile:
    """A map file as it is written."""
    try:
        rows = [
            (day_of(parts[0]), parts[1].strip().lower())
            for parts in (line.split(",") for line in path.read_text(encoding="utf-8").split())
        ]
        days = [day for day, _ in rows]
        if not days or days != sorted(days) or not all(is_file_name(ticker) for _, ticker in rows):
            raise ValueError
    except (ValueError, IndexError, OSError):
        raise DataError(f"{path}: expected lines 'yyyyMMdd,ticker', the first and last day of the listing, rising.") from None
    return MapFile(path.stem.lower(), rows)


class MapFiles:
    """The map files of a folder, as LEAN's resolver knows them.

    A ticker is that of the security which has the name for good, or had it last: LEAN looks for who has it today, which is the
    same for files that know nothing of days to come.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: dict[str, MapFile] = {}
        self._by_name: dict[str, tuple[date, str]] | None = None
        self._by_first: dict[tuple[str, date], str] = {}

    def resolve(self, ticker: str) -> MapFile:
        """The names of the security that a ticker means."""
        key = ticker.lower()
        if key not in self._found:
            self._found[key] = self._resolve(key)
        return self._found[key]

    def _resolve(self, key: str) -> MapFile:
        own = self._folder / f"{key}.csv"
        found = read_map(own) if is_file_name(key) and own.exists() else MapFile(key)
        # Who has the name for good is who is meant: the other files, which may be thousands, need no look.
        if found.known and found.last_day is None and found.rows[-1][1] == key:
            return found
        _, permtick = self._index().get(key, (date.min, key))
        return found if permtick == key else read_map(self._folder / f"{permtick}.csv")

    def _index(self) -> dict[str, tuple[date, str]]:
        """By name: the last day on which a security had it, and that security's file."""
        if self._by_name is None:
            self._by_name = {}
            for path in sorted(self._folder.glob("*.csv")):
                try:
                    rows = read_map(path).rows
                except DataError:  # LEAN too goes on without a file that it can't read
                    continue
                self._by_first.setdefault((rows[0][1], rows[0][0]), path.stem)
                for day, ticker in rows:
                    self._by_name[ticker] = max(self._by_name.get(ticker, (date.min, "")), (day, path.stem))
        return self._by_name

    def named_first(self, ticker: str, day: date) -> str | None:
        """The last name of the security that was first listed on a day under a ticker; None where no file tells of one."""
        self._index()
        permtick = self._by_first.get((ticker.lower(), day))
        if permtick is None:
            return None
        last = read_map(self._folder / f"{permtick}.csv").rows[-1][1]
        return last if self.resolve(last).permtick == permtick else permtick
