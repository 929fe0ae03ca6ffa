"""Ticks of a LEAN folder: single trades and quotes of a day."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from hidden_regime.data.scaling import PER_DOLLAR
from hidden_regime.data.unpacking import ODD, check_lines, read_member
from hidden_regime.exceptions import DataError, InvalidPriceError, UnsortedDataError

Floats = npt.NDArray[np.float64]
TRADES = ("time", "price", "quantity", "exchange", "condition", "suspicious")
QUOTES = ("time", "bid", "bid size", "ask", "ask size", "exchange", "condition", "suspicious")
KEPT_DAYS = 2


class TickRows(NamedTuple):
    """Ticks of one kind and day: milliseconds after midnight (exchange time), prices and sizes, codes of exchanges, conditions
    and whether each is suspicious. Of trades there is a column of prices, of quotes bids and asks; zero is none."""

    times: Floats
    prices: Floats
    sizes: Floats
    exchanges: list[str]
    conditions: list[str]
    suspicious: list[bool]


class TickDay(NamedTuple):
    """A day's trades and quotes; None where there is no file."""

    trades: TickRows | None
    quotes: TickRows | None


@dataclass
class IntradayTicks:
    """Ticks of one asset, a day at a time: `days` that have any, rising, and `read`, which gives those of such a day."""

    days: list[date]
    read: Callable[[date], TickDay]
    _kept: dict[date, TickDay] = field(default_factory=dict, init=False, repr=False)

    def find(self, day: date) -> TickDay | None:
        """Ticks of a day, or None where there are none."""
        if day not in self._kept:
            if day not in self.days:
                return None
            if len(self._kept) >= KEPT_DAYS:
                del self._kept[next(iter(self._kept))]
            self._kept[day] = self.read(day)
        return self._kept[day]


def _table(path: Path, names: tuple[str, ...], member: str) -> Any:
    import pandas as pd

    try:
        content = read_member(path, member)
        columns = content.partition(b"\n")[0].count(b",") + 1
        if columns not in (len(names), len(names) - 3):
            raise ValueError(f"line 1 has {columns} columns: expected {len(names)}")
        check_lines(content, columns)
        table = pd.read_csv(
            io.BytesIO(content), header=None, names=list(names[:columns]), keep_default_na=False,
            dtype={"exchange": str, "condition": str},
        )  # fmt: skip
        numbers = table[[name for name in names[:-3] if name in table]].to_numpy(dtype=np.float64)
    except DataError:
        raise
    except (*ODD, ValueError, TypeError) as error:
        raise DataError(f"{path} can't be read as LEAN ticks ({error}): expected a zip of lines '{','.join(names)}'.") from error
    return table, numbers


def read_ticks(path: Path, *, quotes: bool) -> TickRows:
    """Ticks of a zip.

    Raises
    ------
    DataError
        It isn't one, its times fall, or a price or a size is below zero.
    """
    day, kind = path.stem.split("_")[0], "Quote" if quotes else "Trade"
    table, numbers = _table(path, QUOTES if quotes else TRADES, f"{day}_{path.parent.name}_{kind}_Tick.csv")
    wrong = np.diff(numbers[:, 0]) < 0
    if wrong.any():
        raise UnsortedDataError(f"{path} line {int(np.argmax(wrong)) + 2}: a time before that of the line above: sort the file.")
    bad = ~np.isfinite(numbers).all(axis=1) | (numbers < 0).any(axis=1)
    if bad.any():
        raise InvalidPriceError(f"{path} line {int(np.argmax(bad)) + 1}: expected finite numbers of at least 0.")
    count = len(numbers)
    exchanges, conditions = (table[name].tolist() if name in table else [""] * count for name in ("exchange", "condition"))
    doubted = [str(value) == "1" for value in table["suspicious"]] if "suspicious" in table else [False] * count
    return TickRows(numbers[:, 0], numbers[:, 1::2] / PER_DOLLAR, numbers[:, 2::2], exchanges, conditions, doubted)
