"""Past values of an indicator."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from hidden_regime.simulator.objects import IndicatorDataPoint
from hidden_regime.simulator.rounding import smart
from hidden_regime.simulator.spelling import TwoSpellings

Row = tuple[datetime, dict[str, float]]


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


class IndicatorDataPoints(TwoSpellings):
    """Values of an indicator and of its parts at one time: by name, as members or in brackets."""

    def __init__(self, row: Row) -> None:
        self.time = self.end_time = row[0]
        self._values = row[1]

    @property
    def current(self) -> IndicatorDataPoint:
        """The indicator's own value."""
        return IndicatorDataPoint(self.end_time, self._values["current"])

    @property
    def value(self) -> float:
        """The number."""
        return self._values["current"]

    price = value

    def __getitem__(self, name: str) -> IndicatorDataPoint:
        key = _plain(name)
        if key not in self._values:
            raise KeyError(f"the indicator has no {name!r} at {self.end_time}: it has {sorted(self._values)}")
        return IndicatorDataPoint(self.end_time, self._values[key])

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and _plain(name) in self._values:
            return self[name]
        return super().__getattr__(name)

    def __float__(self) -> float:
        return self.value

    def __eq__(self, other: object) -> bool:
        return self.value == other if isinstance(other, (int, float)) else self is other

    def __hash__(self) -> int:
        return id(self)

    def __str__(self) -> str:
        shown = ", ".join(f"{name}: {smart(value)}" for name, value in sorted(self._values.items()))
        return f"{self.end_time:%m/%d/%Y %H:%M:%S} {shown}"


class IndicatorHistory(TwoSpellings):
    """Past values of an indicator, oldest first, and a frame of them."""

    def __init__(self, rows: list[Row]) -> None:
        self._rows = rows

    @property
    def current(self) -> list[IndicatorDataPoint]:
        """The indicator's own values."""
        return [IndicatorDataPoint(time, values["current"]) for time, values in self._rows]

    @property
    def count(self) -> int:
        """Number of times."""
        return len(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[IndicatorDataPoints]:
        return (IndicatorDataPoints(row) for row in self._rows)

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_"):
            found = self[name]
            if found is not None:
                return found
            if not name[:1].isupper():
                raise AttributeError(
                    f"the indicator's history has no {name!r}: it has {sorted(self._rows[0][1]) if self._rows else []}"
                )
        return super().__getattr__(name)

    def __getitem__(self, name: str) -> list[IndicatorDataPoint] | None:
        key = _plain(name)
        if not self._rows or key not in self._rows[0][1]:
            return None
        return [IndicatorDataPoint(time, values[key]) for time, values in self._rows]

    @property
    def data_frame(self) -> Any:
        """Values by time: the indicator's and its parts'."""
        import pandas as pd

        frame = pd.DataFrame([values for _, values in self._rows], index=pd.DatetimeIndex([time for time, _ in self._rows]))
        return frame[sorted(frame.columns)]

    def __str__(self) -> str:
        return "\n".join(str(points) for points in self)
