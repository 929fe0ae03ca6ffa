"""What a check of files finds: by file and line, and of each sort no more than a few."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from hidden_regime.data.lean_rows import DAYS
from hidden_regime.data.unpacking import ODD, members, read_member
from hidden_regime.exceptions import DataError

SHOWN = 10
"""Findings of one kind that are shown of a file; the others are counted."""
MEMBERS = 5
"""Names of a zip's members that are shown."""


class Finding(NamedTuple):
    """An "error" LEAN stumbles over or takes wrongly, a "warning" it says nothing of, or a "note"."""

    path: Path
    line: int | None
    kind: str
    message: str

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else str(self.path)
        return f"{where}: {self.kind}: {self.message}"


class Findings:
    """Findings of one file; of each sort no more than `SHOWN`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found: list[Finding] = []
        self._counts: dict[str, int] = {}

    def add(self, kind: str, message: str, line: int | None = None, *, sort: str = "") -> None:
        """Add one; those of a sort are counted together, by default those of one message."""
        key = sort or message
        self._counts[key] = self._counts.get(key, 0) + 1
        if self._counts[key] <= SHOWN:
            self.found.append(Finding(self.path, line, kind, message))

    def lines(self, kind: str, wrong: Any, message: str, values: Sequence[object] = ()) -> None:
        """A finding for each line that is wrong; `{}` in the message is the line's value."""
        for at in np.flatnonzero(wrong).tolist():
            self.add(kind, message.format(values[at]) if len(values) else message, at + 1, sort=message)

    @property
    def wrong_lines(self) -> bool:
        """Whether a line has an error."""
        return any(finding.kind == "error" and finding.line for finding in self.found)

    def end(self) -> list[Finding]:
        """All of them, with what wasn't shown."""
        for key, count in self._counts.items():
            if count > SHOWN:
                said = key.replace("{}", "...")
                self.found.append(Finding(self.path, None, "note", f"{count - SHOWN} more of: {said}"))
        return self.found


def rows_of(path: Path, expected: str, columns: int, what: str, out: Findings) -> list[list[str]] | None:
    """Cells of the one file in a zip; None, and findings, where it has none or other numbers of columns.

    Parameters
    ----------
    path : Path
    expected : str
        The name that LEAN gives to the file in the zip.
    columns : int
    what : str
        What the columns are.
    out : Findings
    """
    try:
        names = members(path)
        text = read_member(path, expected).decode("utf-8")
    except (DataError, *ODD) as error:
        out.add("error", f"can't be read as a zip of text ({type(error).__name__}: {error})")
        return None
    if names != [expected]:
        shown = f"{names[:MEMBERS]}{f' and {len(names) - MEMBERS} more' if len(names) > MEMBERS else ''}"
        out.add("warning", f"holds {shown}: expected one file, {expected}: LEAN reads the first")
    rows = [line.split(",") for line in text.splitlines()]
    wrong = [n for n, row in enumerate(rows) if len(row) != columns]
    for n in wrong:
        out.add("error", f"{len(rows[n])} columns: expected {what}", n + 1, sort="columns")
    if not rows:
        out.add("error", "no bars: expected a line for each")
    return None if wrong or not rows else rows


def rising(moments: Any, out: Findings) -> bool:
    """Whether times rise, with a finding for each line whose time doesn't."""
    steps = np.diff(moments, prepend=moments[0] - 1)
    out.lines("error", steps == 0, "the same time as the line before: expected rising times", [])
    out.lines("error", steps < 0, "an earlier time than the line before: expected rising times", [])
    return bool((steps > 0).all())


def stamps(column: Any, out: Findings) -> Any:
    """Times of a column of yyyyMMdd HH:mm; those that are none are missing, and found."""
    import pandas as pd

    times = pd.to_datetime(column, format="%Y%m%d %H:%M", errors="coerce")
    times = times.where((times.dt.year >= DAYS[0] // 10_000) & (times.dt.year <= DAYS[1] // 10_000))
    out.lines("error", times.isna(), "{} is no time: expected yyyyMMdd HH:mm", column.tolist())
    return times


def minutes_in(column: Any, out: Findings) -> Any:
    """Minutes after midnight of a column of milliseconds; zero where it has none, which is found."""
    import pandas as pd

    milliseconds = pd.to_numeric(column, errors="coerce")
    wrong = ~(milliseconds.between(0, 86_400_000) & (milliseconds % 60_000 == 0))
    out.lines("error", wrong, "{} isn't a whole minute of a day in milliseconds", column.tolist())
    return (milliseconds.where(~wrong, 0) // 60_000).to_numpy(np.int64)
