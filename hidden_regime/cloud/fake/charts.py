"""Charts of results as the cloud tells them: one at a time, a few points of each series."""

from __future__ import annotations

import math
from typing import Any

Chart = dict[str, Any]


def cut(chart: Chart, start: float, end: float, count: int) -> Chart:
    """The points of a chart between two times, at most so many of each series, spread evenly.

    Parameters
    ----------
    chart : dict
        As in LEAN's result.
    start, end : float
        Seconds since 1970.
    count : int
    """
    series = {}
    for name, one in chart["series"].items():
        inside = [point for point in one["values"] if start <= _time(point) <= end]
        step = max(1, math.ceil(len(inside) / max(1, count)))
        series[name] = one | {"values": inside[::step]}
    return chart | {"series": series}


def pascal(chart: Chart) -> Chart:
    """The same with keys in PascalCase.

    Examples
    --------
    >>> pascal({"name": "A", "series": {"B": {"name": "B", "values": [[1, 2]]}}})
    {'Name': 'A', 'Series': {'B': {'Name': 'B', 'Values': [[1, 2]]}}}
    """
    series = {name: {_capital(key): value for key, value in one.items()} for name, one in chart["series"].items()}
    return {_capital(key): value for key, value in chart.items() if key != "series"} | {"Series": series}


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _time(point: Any) -> float:
    return float(point["x"] if isinstance(point, dict) else point[0])
