"""When a row of a table becomes known, and what stands in its place where it is hidden."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hidden_regime.experiments.lookahead.future import CloseOf, Floats, Future, last_of

if TYPE_CHECKING:
    pass

WHEN = ("date", "time", "datetime", "timestamp", "day")
PRICES = ("open", "high", "low", "close")
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


def turned_columns(
    columns: Mapping[Any, Floats], hidden: npt.NDArray[np.bool_], future: Future, jitter: Floats
) -> dict[Any, Floats]:
    """Columns of numbers whose hidden rows are turned round; bars stay bars. What is no number is NaN, and stays."""
    out = {name: values.copy() for name, values in columns.items()}
    first = int(np.argmax(hidden))
    close = columns.get("close")
    anchor = 1.0 if close is None else last_of(close[:first]) if first else last_of(close)
    mirror = {"high": "low", "low": "high"} if {"high", "low"} <= set(columns) else {}
    for name, values in columns.items():
        given = hidden & np.isfinite(values)
        if close is not None and name in PRICES:
            turned = future.turned(columns[mirror.get(name, name)][given], anchor, jitter[given])
        elif close is not None and (values[np.isfinite(values)] >= 0.0).all():  # volumes, adjusted closes
            own = values[given]
            turned = np.where(own > 0.0, future.turned(own, last_of(values[:first] if first else values), jitter[given]), 0.0)
        else:
            before = values[:first][np.isfinite(values[:first])]
            turned = future.turned_numbers(values[given], float(before[-1]) if len(before) else 0.0)
        out[name][given] = turned
    return out
