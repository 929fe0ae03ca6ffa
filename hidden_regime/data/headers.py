"""CSV files as they are, but for heads that pandas takes for something else."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hidden_regime.columns import DATES, plain

if TYPE_CHECKING:
    import pandas as pd

LONGEST = 1 << 20
"""Characters of a line of a head that are looked at."""


def _head(path: Path) -> list[list[str]]:
    """Cells of the first three lines."""
    opened: Any = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", errors="replace", newline="") as file:
        lines = [file.readline(LONGEST) for _ in range(3)]
    return [next(csv.reader([line]), []) for line in lines]


def _exactly() -> dict[str, Any]:
    """How pandas is told to read numbers to the nearest double: from release 3 on it does so by itself."""
    import pandas as pd

    return {"float_precision": "round_trip"} if int(pd.__version__.split(".")[0]) < 3 else {}


def read_csv(path: Path) -> pd.DataFrame:
    """A table of a CSV file.

    A column that is there twice keeps its name, where pandas gives the second another one. Heads of three lines, of fields,
    tickers and "Date", as `yfinance.download(...).to_csv()` writes them, become a column `ticker`.
    """
    import pandas as pd

    head = _head(path)
    if _is_by_ticker(head):
        return _by_ticker(path, head)
    table: pd.DataFrame = pd.read_csv(path, **_exactly())
    names = head[0]
    twice = {name for name in names if name and names.count(name) > 1}
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


def _by_ticker(path: Path, head: list[list[str]]) -> pd.DataFrame:
    import pandas as pd

    fields, tickers = head[:2]
    if not any(plain(cell) in ("close", "adj_close") for cell in fields[1:]):
        fields, tickers = tickers, fields
    raw = pd.read_csv(path, skiprows=3, header=None, **_exactly())
    parts = []
    for ticker in dict.fromkeys(tickers[1:]):
        places = [i for i, name in enumerate(tickers) if i and name == ticker]
        part = raw.iloc[:, [0, *places]].set_axis(["Date", *(fields[i] for i in places)], axis=1)
        parts.append(part[part.iloc[:, 1:].notna().any(axis=1)].assign(ticker=ticker))
    joined: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return joined
