"""Trading hours from a data folder's own market-hours database, in LEAN's format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from hidden_regime.data.unpacking import read_json
from hidden_regime.exceptions import DataError

ENTRY = "Equity-usa-[*]"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY = timedelta(days=1)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")

Hours = tuple[timedelta, timedelta]


@dataclass(frozen=True)
class MarketHours:
    """When an exchange is open, as times after midnight.

    Parameters
    ----------
    week : sequence of hours
        Open and close of Monday to Sunday; None where it is closed.
    holidays : set of date
    early_closes, late_opens : mapping from date to time
    """

    week: tuple[Hours | None, ...]
    holidays: frozenset[date]
    early_closes: Mapping[date, timedelta]
    late_opens: Mapping[date, timedelta]

    def of(self, day: date) -> Hours | None:
        """Open and close of a day; None where it is closed."""
        hours = self.week[day.weekday()]
        if hours is None or day in self.holidays:
            return None
        opened, closed = hours
        opened, closed = max(opened, self.late_opens.get(day, opened)), min(closed, self.early_closes.get(day, closed))
        return (opened, closed) if opened < closed else None


def read_market_hours(path: Path) -> MarketHours | None:
    """Hours of US equities; None without a file.

    Raises
    ------
    DataError
        The file isn't a database of market hours, or has none of US equities.
    """
    if not path.exists():
        return None
    try:
        entry = read_json(path)["entries"][ENTRY]
        return MarketHours(
            tuple(_hours(entry[name]) for name in WEEKDAYS),
            frozenset(_date(text) for text in entry.get("holidays") or ()),
            {_date(text): _time(at) for text, at in (entry.get("earlyCloses") or {}).items()},
            {_date(text): _time(at) for text, at in (entry.get("lateOpens") or {}).items()},
        )
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, OSError) as error:
        raise DataError(
            f"{path}: {type(error).__name__}: {error}: expected LEAN's market-hours database with an entry {ENTRY!r}: a list of "
            "segments 'start', 'end', 'state' for each day from 'sunday' to 'saturday', 'holidays' as M/d/yyyy and 'earlyCloses' "
            "from M/d/yyyy to HH:mm:ss. Take LEAN's, or delete the file: then the New York exchanges' calendar is used."
        ) from None


def _hours(segments: Any) -> Hours | None:
    """From the first opening of the market to its last close; before and after are pre-market and post-market segments."""
    regular = [(_time(s["start"]), _time(s["end"])) for s in segments if str(s["state"]).lower() == "market"]
    if not regular:
        return None
    opened, closed = min(start for start, _ in regular), max(end for _, end in regular)
    if not opened < closed < DAY:
        raise ValueError(f"a market that is open from {opened} to {closed}")
    return opened, closed


def _date(text: str) -> date:
    return datetime.strptime(text, "%m/%d/%Y").date()


def _time(text: str) -> timedelta:
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"a time of {text!r}")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)
