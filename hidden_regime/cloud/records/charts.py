"""Charts: series of points, in each of the three forms that the server has for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hidden_regime.cloud.reading import Partly, listing, mapping, number, text
from hidden_regime.cloud.records.record import Record, told

Point = tuple[float, ...]
"""Seconds since 1970, then a value or open, high, low and close."""


def points_of(value: Any) -> tuple[Point, ...]:
    """Points of [x, y], of [x, open, high, low, close] or of {x, y}; one without a value is skipped."""
    try:
        return tuple(filter(None, listing(_point)(value)))
    except Partly as part:
        raise Partly(tuple(filter(None, part.value))) from None


def _point(value: Any) -> Point:
    """A point; empty where it has no value."""
    if not isinstance(value, (Mapping, list, tuple)):
        raise TypeError(f"a {type(value).__name__} is no point")
    parts = [value["x"], value.get("y")] if isinstance(value, Mapping) else list(value)
    if len(parts) < 2:
        raise ValueError(f"a list of {len(parts)} is no point")
    return () if any(part is None for part in parts) else tuple(number(part) for part in parts)


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
