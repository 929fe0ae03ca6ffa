"""Tables that are kept: CSV with nine significant digits, and how they differ from those of today."""

from __future__ import annotations

import csv
import io
import lzma
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

Row = Mapping[str, object]
DIGITS = 9
RTOL, ATOL = 1e-6, 1e-7
"""Kernels and releases of numpy differ by 1e-13. What is remembered is rounded to 24 bits, though, and where that rounding
tips over to the other side they differ by 1e-7."""


class Difference(NamedTuple):
    """Where a table is another one: `kept` or `now` is None where the row, or the column, isn't there."""

    key: str
    column: str
    kept: str | None
    now: str | None

    def __str__(self) -> str:
        if self.kept is None or self.now is None:
            return f"{self.key}{self.column and ' '}{self.column}: {'new' if self.kept is None else 'gone'}"
        return f"{self.key} {self.column}: kept {self.kept!r}, now {self.now!r}"


def text(value: object) -> str:
    """A value as it is kept."""
    if isinstance(value, float):
        return format(value, f".{DIGITS}g")
    return str(value)


def pack(rows: Sequence[Row]) -> bytes:
    """Bytes of a table; its first column is the key of each row."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(rows[0])
    for row in rows:
        if list(row) != list(rows[0]):
            raise ValueError(f"columns {list(row)}: expected {list(rows[0])} in every row")
        writer.writerow([text(value) for value in row.values()])
    keys = [text(next(iter(row.values()))) for row in rows]
    if len(set(keys)) < len(keys):
        raise ValueError(f"keys that come twice, {keys[0]!r} to {keys[-1]!r}: expected a key of its own for each row")
    return lzma.compress(out.getvalue().encode(), preset=9)


def unpack(content: bytes) -> list[dict[str, str]]:
    """Rows of some bytes, all values as text."""
    return list(csv.DictReader(io.StringIO(lzma.decompress(content).decode())))


def read(path: Path) -> list[dict[str, str]]:
    """Rows of a file; none where there is no file."""
    return unpack(path.read_bytes()) if path.exists() else []


def same(kept: str, now: object, *, rtol: float = RTOL, atol: float = ATOL) -> bool:
    """Whether a value is the one that was kept: floats to the tolerance, all else to the letter."""
    if not isinstance(now, float):
        return kept == text(now)
    try:
        number = float(kept)
    except ValueError:
        return False
    return (math.isnan(number) and math.isnan(now)) or math.isclose(number, now, rel_tol=rtol, abs_tol=atol)


def differences(
    kept: Sequence[Mapping[str, str]], now: Sequence[Row], *, rtol: float = RTOL, atol: float = ATOL
) -> list[Difference]:
    """Every value that is another one, in the order of today's rows; then the rows that are gone."""
    before = {next(iter(row.values())): row for row in kept}
    out = []
    for row in now:
        key = text(next(iter(row.values())))
        old = before.pop(key, None)
        if old is None:
            out.append(Difference(key, "", None, ""))
            continue
        for column, value in row.items():
            if column not in old:
                out.append(Difference(key, column, None, text(value)))
            elif not same(old[column], value, rtol=rtol, atol=atol):
                out.append(Difference(key, column, old[column], text(value)))
        out += [Difference(key, column, old[column], None) for column in old if column not in row]
    return out + [Difference(key, "", "", None) for key in before]


def summary(found: Sequence[Difference], *, most: int = 3) -> str:
    """What differs, in a line; then the first differences."""
    if not found:
        return "unchanged"
    rows = len({one.key for one in found})
    columns: dict[str, int] = {}
    for one in found:
        columns[one.column or "whole rows"] = columns.get(one.column or "whole rows", 0) + 1
    head = f"{rows} row{'s' * (rows > 1)} differ{'s' * (rows == 1)} ({', '.join(f'{c} {n}' for c, n in columns.items())})"
    return "\n".join([head, *(f"    {one}" for one in found[:most]), *(["    ..."] if len(found) > most else [])])
