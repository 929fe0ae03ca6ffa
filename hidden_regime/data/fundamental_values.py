"""Fundamental values of a user's own: LEAN's come from QuantConnect and stand in no file of its data folder.

`equity/usa/fundamental/values.csv` has lines `yyyyMMdd,ticker,property,value`: known from that day on, until the next line of the
same ticker and property. The property is written as strategies ask for it, `valuation_ratios.pe_ratio`. A line of the ticker `*`
is what every security has that no line names.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from pathlib import Path

from hidden_regime.data.map_files import day_of
from hidden_regime.exceptions import DataError

Value = float | str | bool
EVERYBODY = "*"
LINE = "yyyyMMdd,ticker,property,value"


def _value(text: str) -> Value:
    lowered = text.strip().lower()
    if lowered in ("true", "false"):
        return lowered == "true"
    try:
        return float(text)
    except ValueError:
        return text.strip()


class FundamentalValues:
    """The values of a file.

    Parameters
    ----------
    path : Path
        A file that isn't there has none.

    Raises
    ------
    DataError
        The file has a line that is none, or isn't in order of days.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.properties: set[str] = set()
        self._known: dict[tuple[str, str], tuple[list[date], list[Value]]] = {}
        if not path.exists():
            return
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except (ValueError, OSError) as error:
            raise DataError(f"{path} can't be read as text ({error}): expected lines '{LINE}'.") from None
        for number, line in enumerate(lines, 1):
            if line.strip() and not line.startswith("#"):
                self._add(number, line)

    def _add(self, number: int, line: str) -> None:
        try:
            day, ticker, name, value = line.split(",", 3)
            when, name = day_of(day), name.strip().lower()
            days, values = self._known.setdefault((ticker.strip().upper(), name), ([], []))
            if days and when <= days[-1]:
                raise ValueError
        except ValueError:
            raise DataError(
                f"{self.path} line {number}: {line!r}: expected '{LINE}', the days of a ticker's property rising."
            ) from None
        self.properties.add(name)
        days.append(when)
        values.append(_value(value))

    def find(self, ticker: str, name: str, day: date) -> Value | None:
        """What was known on a day of a ticker's property; None where nothing was."""
        for who in (ticker.upper(), EVERYBODY):
            days, values = self._known.get((who, name), ((), ()))
            place = bisect_right(days, day)
            if place:
                return values[place - 1]
        return None
