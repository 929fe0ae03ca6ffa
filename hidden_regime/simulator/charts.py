"""Charts of the strategy's own."""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.enums import ScatterMarkerSymbol, SeriesType
from hidden_regime.simulator.spelling import SettableTwoSpellings

if TYPE_CHECKING:
    from hidden_regime.simulator.core import Core

MOST_SERIES = 30
RESERVED_CHARTS = ("Assets Sales Volume", "Exposure", "Portfolio Margin")
RESERVED = {
    "Strategy Equity": ("Equity", "Return"), "Capacity": ("Strategy Capacity",), "Drawdown": ("Equity Drawdown",),
    "Benchmark": ("Benchmark",), "Portfolio Turnover": ("Portfolio Turnover",),
}  # fmt: skip
TOO_MANY = (
    "Exceeded maximum chart series count for organization tier, new series will be ignored. Limit is currently set at 30. "
    "https://qnt.co/docs-charting-quotas"
)


class Color(str):
    """A colour as #rrggbb, by name: `Color.RED`, `Color.from_argb(r, g, b)`."""

    __slots__ = ()
    RED: Color
    GREEN: Color
    BLUE: Color
    BLACK: Color
    WHITE: Color
    GRAY: Color
    ORANGE: Color
    YELLOW: Color
    PURPLE: Color

    @classmethod
    def from_argb(cls, *parts: int) -> Color:
        """A colour of red, green and blue."""
        return cls("#" + "".join(f"{part:02X}" for part in parts[-3:]))


for _name, _code in (
    ("RED", "#FF0000"), ("GREEN", "#008000"), ("BLUE", "#0000FF"), ("BLACK", "#000000"), ("WHITE", "#FFFFFF"),
    ("GRAY", "#808080"), ("ORANGE", "#FFA500"), ("YELLOW", "#FFFF00"), ("PURPLE", "#800080"),
):  # fmt: skip
    setattr(Color, _name, Color(_code))
    setattr(Color, _name.capitalize(), Color(_code))


class Series(SettableTwoSpellings):
    """A series of a chart: `Series(name, SeriesType.LINE, index or unit, color, marker)`."""

    def __init__(self, name: str, type: SeriesType = SeriesType.LINE, *rest: Any) -> None:
        self.name, self.series_type = name, SeriesType(type)
        self.unit, self.index = "$", 0
        self.color, self.marker = "", ScatterMarkerSymbol.NONE
        for value in rest:
            if isinstance(value, ScatterMarkerSymbol):
                self.marker = value
            elif isinstance(value, Color):
                self.color = str(value)
            elif isinstance(value, str):
                self.unit = value
            elif isinstance(value, int):
                self.index = value
        self.points: list[tuple[datetime, tuple[float, ...]]] = []

    def add_point(self, time: datetime, *values: float) -> None:
        """Add a point (UTC); one at the same time replaces the last."""
        if self.points and self.points[-1][0] == time:
            self.points.pop()
        self.points.append((time, values))


class CandlestickSeries(Series):
    """A series of candles."""

    def __init__(self, name: str, *rest: Any) -> None:
        super().__init__(name, SeriesType.CANDLE, *rest)


class Chart(SettableTwoSpellings):
    """A chart and its series."""

    def __init__(self, name: str, *_: Any) -> None:
        self.name = name
        self.series: dict[str, Series] = {}
        self.legend_disabled = False

    def add_series(self, series: Series) -> None:
        """Add a series."""
        if series.name in self.series:
            raise ParameterError("series", series.name, f"a name that chart {self.name!r} doesn't have yet")
        self.series[series.name] = series


class Charts:
    """All charts of a run."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.charts: dict[str, Chart] = {}
        self._full = False

    def add(self, chart: Chart) -> None:
        """Add a chart; one of a known name is ignored, as in LEAN."""
        self.charts.setdefault(chart.name, chart)

    def add_series(self, chart: str, name: str, kind: SeriesType, unit: str) -> None:
        """Add a series, or replace one."""
        self.charts.setdefault(chart, Chart(chart)).series[name] = Series(name, kind, unit)

    def plot(self, chart: str, name: str, *values: Any) -> None:
        """Add a point at the current time."""
        if chart in RESERVED_CHARTS:
            raise ParameterError("chart", chart, "another name", f"('{chart}' is a reserved chart name.)")
        if name in RESERVED.get(chart, ()):
            raise ParameterError("series", name, "another name", f"('{name}' is a reserved series name for chart '{chart}'.)")
        numbers = []
        for value in values:
            if isinstance(value, str):
                raise TypeError(f"No method matches given arguments for plot: value = {value!r}: expected a number.")
            number = float(value)
            if not math.isfinite(number):
                raise ParameterError(
                    "value", number, "a finite number to plot",
                    f"(It is not possible to cast a non-finite floating-point value ({number}) as decimal.)",
                )  # fmt: skip
            numbers.append(number)
        found = self.charts.setdefault(chart, Chart(chart))
        if name not in found.series:
            known = {s for c in self.charts.values() for s in c.series}
            if name not in known and len(known) >= MOST_SERIES:
                if not self._full:
                    self._full = True
                    self._core.logs.say("debug", TOO_MANY)
                return
            found.series[name] = Series(name, SeriesType.CANDLE if len(numbers) > 1 else SeriesType.LINE)
        found.series[name].add_point(self._core.clock.to_utc(self._core.now), *numbers)
