"""Tables that a strategy reads by itself, without the rows that are hidden: texts with a date in each line, JSON, frames."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.experiments.lookahead.future import CUT, CloseOf, Future, last_of

if TYPE_CHECKING:
    import pandas as pd

WHEN = ("date", "time", "datetime", "timestamp", "day")
PRICES = ("open", "high", "low", "close")
FEWEST = 2
"""Rows with a date from which a text is a table of them."""
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[ T]?(\d{2}):?(\d{2})(?::?(\d{2}))?)?$")


def moment_of(text: str) -> datetime | None:
    """The date, with its time if it has one, that a text is; None for any other text.

    Examples
    --------
    >>> moment_of("20130102 00:00"), moment_of("2013-01-02"), moment_of("17.5") is None
    (datetime.datetime(2013, 1, 2, 0, 0), datetime.datetime(2013, 1, 2, 0, 0), True)
    """
    text = text.strip().strip('"')
    compact = _COMPACT.match(text)
    try:
        if compact:
            return datetime(*(int(part) for part in compact.groups() if part is not None))  # type: ignore[arg-type]
        if len(text) >= 8 and text[:4].isdigit() and not text[4].isdigit():
            found = datetime.fromisoformat(text.replace("/", "-").replace("Z", ""))
            return found.replace(tzinfo=None)
        parts = re.match(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})$", text)
        return datetime(int(parts[3]), int(parts[1]), int(parts[2])) if parts else None
    except ValueError:
        return None


class Rows:
    """Decides of rows by their moments which are hidden.

    Parameters
    ----------
    moments : sequence of datetime or None
        None: a row without a date, which stays.
    bars : bool
        They are prices of days or of shorter bars, each known when it ends; other rows are known at the moment that they bear.
    """

    def __init__(self, moments: Sequence[datetime | None], *, bars: bool, future: Future, close_of: CloseOf) -> None:
        known = [moment for moment in moments if moment is not None]
        daily = all(moment.hour == moment.minute == 0 for moment in known)
        steps = sorted(b - a for a, b in zip(known, known[1:], strict=False) if b > a)
        step = steps[len(steps) // 2] if steps and not daily else timedelta(0)

        def published(moment: datetime) -> datetime:
            if not bars:
                return moment
            return close_of(moment.date()) if daily else moment + step

        self.hidden = [moment is not None and future.hides(published(moment)) for moment in moments]
        self.any = any(self.hidden)


def hidden_text(content: bytes, source: str, future: Future, close_of: CloseOf) -> bytes | None:
    """A text file's content without what is hidden; None where it has no rows with dates, or none that are hidden."""
    try:
        text = content.decode("utf-8-sig")
    except ValueError:
        return None
    if text.lstrip()[:1] in ("{", "["):
        return _hidden_json(text, source, future, close_of)
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
    at = [i for i, gone in enumerate(hidden) if gone]
    jitter = future.jitter(source, len(at))
    out = [list(row) for row in fields]
    anchor = last_of(np.array([_cell(fields[i], prices["close"]) for i in range(at[0])])) if prices else 1.0
    mirror = {"high": "low", "low": "high"} if {"high", "low"} <= set(prices) else {}
    for column in range(max(len(fields[i]) for i in at)):
        if column == place:
            continue
        name = next((name for name, where in prices.items() if where == column), "")
        read = prices[mirror.get(name, name)] if name else column
        values = np.array([_cell(fields[i], read) for i in at])
        if name:
            new = future.turned(np.nan_to_num(values, nan=anchor), anchor, jitter)
        else:
            before = [value for i in range(at[0]) if not math.isnan(value := _cell(fields[i], column))]
            new = future.turned_numbers(values, before[-1] if before else 0.0)
        texts = [fields[i][column] if column < len(fields[i]) else "" for i in at]
        for i, row in enumerate(at):
            if column >= len(out[row]) or moment_of(texts[i]) is not None:
                continue
            was = texts[i].strip()
            out[row][column] = texts[-1 - i] if math.isnan(values[i]) else _as(was, float(new[i]), is_price=bool(name))
    return out


def _cell(row: list[str], column: int) -> float:
    value = _number(row[column]) if column < len(row) else None
    return math.nan if value is None else value


def _as(was: str, value: float, *, is_price: bool) -> str:
    """A number with as many digits as another text has."""
    if "." not in was and "e" not in was.lower():
        return str(max(round(value), 1) if is_price else round(value))
    return f"{value:.{max(len(was.partition('.')[2]), 2)}f}"


def _hidden_json(text: str, source: str, future: Future, close_of: CloseOf) -> bytes | None:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    touched: list[bool] = []
    changed = _hidden_value(content, source, future, close_of, touched)
    return json.dumps(changed).encode() if touched else None


def _hidden_value(value: Any, source: str, future: Future, close_of: CloseOf, touched: list[bool]) -> Any:
    """Lists of objects with a date, and objects whose keys are dates, at any depth."""
    keys: list[Any] = []
    if isinstance(value, dict):
        moments = [moment_of(str(key)) for key in value]
        keys, items = list(value), list(value.values())
    elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        name = next((key for key in value[0] if str(key).lower() in WHEN), None)
        moments = [None if name is None else moment_of(str(one.get(name, ""))) for one in value]
        items = value
    else:
        if isinstance(value, list):
            return [_hidden_value(one, source, future, close_of, touched) for one in value]
        return value
    bars = any(isinstance(one, dict) and "close" in map(str.lower, map(str, one)) for one in items)
    rows = Rows(moments, bars=bars, future=future, close_of=close_of)
    if not rows.any:
        inner = [_hidden_value(one, source, future, close_of, touched) for one in items]
        return dict(zip(keys, inner, strict=True)) if keys else inner
    touched.append(True)
    kept = [i for i, gone in enumerate(rows.hidden) if not gone]
    if future.how == CUT:
        return {keys[i]: items[i] for i in kept} if keys else [items[i] for i in kept]
    jitter = future.jitter(source, len(items))
    new = [_shaken(one, math.exp(-30.0 * shake)) if gone else one
           for one, gone, shake in zip(items, rows.hidden, jitter.tolist(), strict=True)]  # fmt: skip
    return dict(zip(keys, new, strict=True)) if keys else new


def _shaken(value: Any, factor: float) -> Any:
    """All numbers of a record by one factor: an object's order of prices stays."""
    if isinstance(value, dict):
        return {key: _shaken(one, factor) if str(key).lower() not in WHEN else one for key, one in value.items()}
    if isinstance(value, list):
        return [_shaken(one, factor) for one in value]
    if isinstance(value, bool):
        return not value
    return type(value)(value * factor) if isinstance(value, (int, float)) else value


def hidden_frame(frame: pd.DataFrame, source: str, future: Future, close_of: CloseOf) -> pd.DataFrame:
    """A frame with dates, in its index or a column, without what is hidden."""
    import pandas as pd

    times = _times(frame)
    if times is None:
        return frame
    moments = [None if pd.isna(time) else time.tz_localize(None).to_pydatetime() for time in times]
    names = {str(name).lower().replace(" ", "_"): name for name in frame.columns}
    rows = Rows(moments, bars="close" in names, future=future, close_of=close_of)
    hidden = np.array(rows.hidden, dtype=np.bool_)
    if not rows.any:
        return frame
    if future.how == CUT:
        return frame[~hidden]
    out = frame.copy()
    factors = np.exp(-30.0 * future.jitter(source, int(hidden.sum())))
    for name in frame.columns:
        if pd.api.types.is_float_dtype(frame[name].dtype):
            out.loc[hidden, name] = frame.loc[hidden, name].to_numpy(np.float64) * factors
        elif pd.api.types.is_integer_dtype(frame[name].dtype):
            out[name] = np.where(hidden, 0, frame[name])
            out.loc[hidden, name] = (frame.loc[hidden, name].to_numpy(np.float64) * factors).round(0).astype(np.int64)
    return out


def _times(frame: pd.DataFrame) -> pd.DatetimeIndex | None:
    import pandas as pd

    if isinstance(frame.index, pd.DatetimeIndex):
        return frame.index
    for name in frame.columns:
        if str(name).lower() in WHEN or pd.api.types.is_datetime64_any_dtype(frame[name].dtype):
            found = pd.to_datetime(frame[name], errors="coerce")
            return None if found.isna().mean() > 0.2 else pd.DatetimeIndex(found)
    return None
