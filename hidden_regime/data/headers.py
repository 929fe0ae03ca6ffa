"""CSV files as they are, but for heads that pandas takes for something else."""

from __future__ import annotations

import csv
import io
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hidden_regime.bars.columns import DATES, plain
from hidden_regime.data.unpacking import read_packed
from hidden_regime.exceptions import MissingColumnError

if TYPE_CHECKING:
    import pandas as pd

LOOKED_AT = 1 << 21
"""Bytes in which the first lines have to end."""
WIDEST = 4_000
"""Columns of a table: pandas takes seconds for more."""
SPARSE = 4
"""Cells of a table to a byte of its file, at most: a cell takes one, its comma, but in rows that end early."""


def surplus(what: str) -> MissingColumnError:
    """What to raise for rows that are longer than the head."""
    return MissingColumnError(
        f"{what} has rows with more values than its head has columns, or an index of several levels: expected one date and "
        "the prices in each row. Check the separator (a comma) and the decimal mark (a point)."
    )


def _head(path: Path, content: bytes) -> list[list[str]]:
    """Cells of the first three lines, if a table can begin like that."""
    text = content[:LOOKED_AT].decode("utf-8-sig", errors="replace")
    try:
        head = list(islice((row for row in csv.reader(io.StringIO(text, newline="")) if row), 3))
    except csv.Error as error:
        raise ValueError(str(error)) from error
    head += [[]] * (3 - len(head))
    if len(head[0]) > WIDEST:
        raise ValueError(f"its first line has {len(head[0]):,} columns: expected at most {WIDEST:,}")
    if len(head[1]) > len(head[0]) + 1:
        raise surplus(str(path))
    if content.count(b"\n") * len(head[0]) > max(1_000_000, SPARSE * len(content)):
        raise ValueError(f"its head has {len(head[0]):,} columns, and most of its rows are empty")
    return head


def exactly() -> dict[str, Any]:
    """How pandas is told to read numbers to the nearest double: from release 3 on it does so by itself."""
    import pandas as pd

    return {"float_precision": "round_trip"} if int(pd.__version__.split(".")[0]) < 3 else {}


def read_csv(path: Path) -> pd.DataFrame:
    """A table of a CSV file.

    A column that is there twice keeps its name, where pandas gives the second another one. Heads of three lines, of fields,
    tickers and "Date", as `yfinance.download(...).to_csv()` writes them, become a column `ticker`.
    """
    import pandas as pd

    content = read_packed(path)
    head = _head(path, content)
    if _is_by_ticker(head):
        return _by_ticker(content, head)
    table: pd.DataFrame = pd.read_csv(io.BytesIO(content), **exactly())
    names = head[0]
    twice = {name for name, count in Counter(names).items() if name and count > 1}
    if twice and len(names) == len(table.columns):
        table.columns = pd.Index([n if n in twice else str(own) for n, own in zip(names, table.columns, strict=True)])
    return table


def _is_by_ticker(head: list[list[str]]) -> bool:
    first, second, third = head
    corner = {plain(line[0]) if line else "-" for line in (first, second)}
    return (
        len(first) == len(second) == len(third) > 1
        and corner <= {"", "price", "ticker"}
        and plain(third[0]) in (*DATES, "index")
        and not any(cell.strip() for cell in third[1:])
        and any(plain(cell) in ("close", "adj_close") for cell in first + second)
    )


def _by_ticker(content: bytes, head: list[list[str]]) -> pd.DataFrame:
    import pandas as pd

    fields, tickers = head[:2]
    if not any(plain(cell) in ("close", "adj_close") for cell in fields[1:]):
        fields, tickers = tickers, fields
    raw = pd.read_csv(io.BytesIO(content), skiprows=3, header=None, **exactly())
    parts = []
    for ticker in dict.fromkeys(tickers[1:]):
        places = [i for i, name in enumerate(tickers) if i and name == ticker]
        part = raw.iloc[:, [0, *places]].set_axis(["Date", *(fields[i] for i in places)], axis=1)
        parts.append(part[part.iloc[:, 1:].notna().any(axis=1)].assign(ticker=ticker))
    joined: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return joined
