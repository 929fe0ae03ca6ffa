"""Text files with a date in each line, without the lines that are hidden."""

from __future__ import annotations

import csv
import io
import math
from datetime import datetime

import numpy as np

from hidden_regime.experiments.lookahead.dated import PRICES, Rows, moment_of, turned_columns
from hidden_regime.experiments.lookahead.future import CUT, CloseOf, Future
from hidden_regime.experiments.lookahead.records import hidden_json

FEWEST = 2
"""Rows with a date from which a text is a table of them."""


def hidden_text(content: bytes, source: str, future: Future, close_of: CloseOf) -> bytes | None:
    """A text file's content without what is hidden; None where it has no rows with dates, or none that are hidden."""
    try:
        text = content.decode("utf-8-sig")
    except ValueError:
        return None
    if text.lstrip()[:1] in ("{", "["):
        return hidden_json(text, source, future, close_of)
    lines = text.splitlines(keepends=True)
    mark = max(",;\t|", key=lambda one: sum(line.count(one) for line in lines[:20]))
    try:
        fields = [next(csv.reader([line], delimiter=mark), []) for line in lines]
    except csv.Error:
        return None
    place, moments = _dates(fields)
    if place is None:
        return None
    head = [name.strip().lower().replace(" ", "_") for name in fields[0]] if moments[0] is None else []
    columns = _price_columns(head, fields, place)
    rows = Rows(moments, bars=bool(columns), future=future, close_of=close_of)
    if not rows.any:
        return None
    if future.how == CUT:
        return "".join(line for line, gone in zip(lines, rows.hidden, strict=True) if not gone).encode()
    changed = _changed(fields, rows.hidden, place, columns, source, future)
    out = []
    for line, gone, new in zip(lines, rows.hidden, changed, strict=True):
        out.append(_written(new, mark) + ("\n" if line.endswith("\n") else "") if gone else line)
    return "".join(out).encode()


def _written(fields: list[str], mark: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=mark, lineterminator="").writerow(fields)
    return out.getvalue()


def _dates(fields: list[list[str]]) -> tuple[int | None, list[datetime | None]]:
    """The column that holds dates, and the date of each row."""
    for place in range(min(4, max((len(row) for row in fields[:50]), default=0))):
        found = [moment_of(row[place]) if place < len(row) else None for row in fields]
        n = sum(moment is not None for moment in found)
        if n >= FEWEST and n >= 0.8 * sum(bool(row) for row in fields[1:]):
            return place, found
    return None, []


def _price_columns(head: list[str], fields: list[list[str]], place: int) -> dict[str, int]:
    """Places of open, high, low and close: by the heading, or as LEAN's files have them."""
    if "close" in head:
        return {name: head.index(name) for name in PRICES if name in head}
    if not head and place == 0 and fields and len(fields[0]) == 6:
        rows = [[_number(text) for text in row[1:5]] for row in fields[:50] if len(row) == 6]
        if rows and all(None not in row and row[1] >= max(row) and row[2] <= min(row) for row in rows):  # type: ignore[operator,type-var]
            return {name: i for i, name in enumerate(PRICES, 1)}
    return {}


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _changed(fields: list[list[str]], hidden: list[bool], place: int, prices: dict[str, int], source: str,
             future: Future) -> list[list[str]]:  # fmt: skip
    """Rows whose numbers are turned round, and whose texts stand in another order."""
    at = np.flatnonzero(hidden)
    names = {where: name for name, where in prices.items()}
    columns = {names.get(i, i): np.array([_cell(row, i) for row in fields]) for i in range(max(map(len, fields)))}
    turned = turned_columns(columns, np.array(hidden), future, future.jitter(source, len(fields)))
    out = [list(row) for row in fields]
    # Prices of one bar are rounded alike, or its high might come below its low.
    prices_told = (row[i].strip() for i in names for row in fields if i < len(row) and _number(row[i]) is not None)
    finest = max(prices_told, key=lambda told: len(told.partition(".")[2]), default="")
    for column in range(max(map(len, fields))):
        values = turned[names.get(column, column)]
        texts = [fields[i][column] if column < len(fields[i]) else "" for i in at]
        for n, row in enumerate(at.tolist()):
            if column < len(out[row]) and column != place and moment_of(texts[n]) is None:
                new = float(values[row])
                like = finest if column in names else texts[n].strip()
                out[row][column] = texts[-1 - n] if math.isnan(new) else _as(like, new, is_price=column in names)
    return out


def _cell(row: list[str], column: int) -> float:
    value = _number(row[column]) if column < len(row) else None
    return math.nan if value is None else value


def _as(was: str, value: float, *, is_price: bool) -> str:
    """A number with as many digits as another text has."""
    if "." not in was and "e" not in was.lower():
        return str(max(round(value), 1) if is_price else round(value))
    return f"{value:.{max(len(was.partition('.')[2]), 2)}f}"
