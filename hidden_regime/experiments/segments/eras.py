"""Eras that were fixed before anybody looked at the run: from a file, or as names with their first and last day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import ParameterError
from hidden_regime.files.toml import read_tables

OUTSIDE = "outside the eras"
ALL = "all days"
RESERVED = (OUTSIDE, ALL)
KEYS = ("name", "start", "end", "why")
EXAMPLE = '[[era]] name = "financial crisis", start = 2007-10-09, end = 2009-03-09, a line each'
Eras = str | Path | Mapping[str, Any] | Sequence[Any]


@dataclass(frozen=True)
class Era:
    """Days from `start` to `end`, both included, and why they are an era."""

    name: str
    start: date
    end: date
    why: str = ""

    def to_dict(self) -> dict[str, str]:
        """As what JSON can hold."""
        return {"name": self.name, "start": self.start.isoformat(), "end": self.end.isoformat(), "why": self.why}


def read_eras(eras: Eras) -> tuple[Era, ...]:
    """Eras in the order of time.

    Parameters
    ----------
    eras : str, Path, mapping or sequence of Era
        A TOML file with a table `[[era]]` for each (name, start, end and, if wanted, why), or a mapping of names to first and
        last day.

    Raises
    ------
    ParameterError
        It names the entry: an unknown key, a day that is none, an end before its start, a name or a day that two eras have.

    Examples
    --------
    >>> [era.name for era in read_eras({"late": ("2009-03-10", "2012-12-31"), "crisis": ("2007-10-09", "2009-03-09")})]
    ['crisis', 'late']
    """
    if isinstance(eras, (str, Path)):
        found = _of_file(eras)
    elif isinstance(eras, Mapping):
        found = [_of_pair(name, days) for name, days in eras.items()]
    elif isinstance(eras, Sequence) and all(isinstance(one, Era) for one in eras):
        found = [_era(f"eras[{i}]", one.name, one.start, one.end, one.why) for i, one in enumerate(eras)]
    else:
        raise ParameterError("eras", eras, "a TOML file, or a mapping of names to (first day, last day)")
    if not found:
        raise ParameterError("eras", eras, "at least one era", f"In a file: {EXAMPLE}.")
    return _checked(found)


def _of_file(path: str | Path) -> list[Era]:
    told = read_tables("eras", path)
    for key in told:
        if key != "era":
            raise ParameterError("eras", key, "nothing but tables [[era]]", f"Such as {EXAMPLE}.")
    entries = told.get("era", [])
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise ParameterError("eras", "era", "a table [[era]], in two brackets, for each era", f"Such as {EXAMPLE}.")
    return [_of_entry(i, one) for i, one in enumerate(entries)]


def _of_entry(place: int, told: Mapping[str, Any]) -> Era:
    where = f"era[{place}] {told.get('name', '')!r}"
    for key in told:
        if key not in KEYS:
            raise ParameterError(where, key, f"a key that an era has: {', '.join(KEYS)}")
    for key in KEYS[:3]:
        if key not in told:
            raise ParameterError(where, dict(told), f"a line {key} = ...", f"Such as {EXAMPLE}.")
    return _era(where, told["name"], told["start"], told["end"], told.get("why", ""))


def _of_pair(name: Any, days: Any) -> Era:
    if isinstance(days, str) or not isinstance(days, Sequence) or len(days) != 2:
        raise ParameterError(f"eras[{name!r}]", days, "its first and its last day, such as ('2007-10-09', '2009-03-09')")
    return _era(f"eras[{name!r}]", name, *days)


def _era(where: str, name: Any, start: Any, end: Any, why: Any = "") -> Era:
    if not isinstance(name, str) or not name.strip():
        raise ParameterError(where, name, "a name that is a text")
    if name in RESERVED:
        raise ParameterError(where, name, f"another name: {' and '.join(RESERVED)} stand for themselves")
    if not isinstance(why, str):
        raise ParameterError(where, why, "a reason that is a text")
    first, last = (_day(f"{where}, {what}", one) for what, one in (("start", start), ("end", end)))
    if last < first:
        raise ParameterError(where, f"{first} to {last}", "an end on or after the start", "Are they the wrong way round?")
    return Era(name, first, last, why)


def _day(where: str, given: Any) -> date:
    if isinstance(given, datetime):
        return given.date()
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError):
        raise ParameterError(where, given, "a day such as 2007-10-09") from None


def _checked(eras: list[Era]) -> tuple[Era, ...]:
    names: set[str] = set()
    for era in eras:
        if era.name in names:
            raise ParameterError("eras", era.name, "each name once", "Two eras have it.")
        names.add(era.name)
    found = sorted(eras, key=lambda era: era.start)
    for one, following in zip(found, found[1:], strict=False):
        if following.start <= one.end:
            said = f"{following.name!r} begins on {following.start}, and {one.name!r} ends on {one.end}"
            raise ParameterError("eras", said, "eras that share no day")
    return tuple(found)


def era_labels(days: npt.NDArray[np.datetime64], eras: Sequence[Era]) -> list[str]:
    """Name of the era of each day.

    Parameters
    ----------
    days : (n_days,) of datetime64[D]
    eras : sequence of Era
    """
    out = np.full(len(days), OUTSIDE, dtype=object)
    for era in eras:
        out[(days >= np.datetime64(era.start)) & (days <= np.datetime64(era.end))] = era.name
    return [str(name) for name in out]


def year_labels(days: npt.NDArray[np.datetime64]) -> list[str]:
    """Calendar year of each day."""
    return [str(year) for year in days.astype("datetime64[Y]")]
