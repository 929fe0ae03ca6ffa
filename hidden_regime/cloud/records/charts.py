"""Charts: series of points, in each of the three forms that the server has for them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hidden_regime.cloud.reading import mapping, number, text
from hidden_regime.cloud.records.record import Record, told

Point = tuple[float, ...]
"""Seconds since 1970, then a value or open, high, low and close."""


def points_of(value: Any) -> tuple[Point, ...]:
    """Points of [x, y], of [x, open, high, low, close] or of {x, y}; one without a value is skipped."""
    found = []
    for one in value:
        parts = [one.get("x"), one.get("y")] if isinstance(one, Mapping) else list(one)
        if len(parts) >= 2 and all(part is not None for part in parts):
            point = tuple(number(part) for part in parts)
            if all(map(math.isfinite, point)):
                found.append(point)
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class Series(Record):
    """One line of a chart."""

    name: str = told(text, default="")
    unit: str = told(text, default="")
    values: tuple[Point, ...] = told(points_of, default=())


@dataclass(frozen=True, kw_only=True)
class Chart(Record):
    """A chart. `status` is "loading" where the server still makes it."""

    name: str = told(text, default="")
    status: str = told(text, default="")
    series: dict[str, Series] = told(mapping(Series.read), factory=dict)
