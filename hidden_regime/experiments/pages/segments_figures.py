"""Pictures of a run in parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.experiments.pages.regime_bands import band_colours, regime_bands
from hidden_regime.experiments.pages.style import BLUE, GREY, INK, ORANGE, empty, labels, styled
from hidden_regime.experiments.segments.eras import OUTSIDE
from hidden_regime.experiments.segments.known import NOT_KNOWN
from hidden_regime.kernels.results import Floats

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from hidden_regime.experiments.segments.part import Part
    from hidden_regime.experiments.segments.segments import Segments

LINES = 8
"""Parts up to which each has a line of its own."""
APART = (NOT_KNOWN, OUTSIDE)


def shades(found: Segments) -> dict[str, str]:
    """Colour of each part; every other year has the same, and days without a part none."""
    names = [part.name for part in found.parts if part.name not in APART]
    if found.spec["by"] == "year":
        return dict.fromkeys(names[1::2], GREY)
    return band_colours(names)


def equity(found: Segments) -> go.Figure:
    """Equity and the benchmark from 100, and the drawdown, over bands of the parts."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    days = [found.before, *(str(day.date()) for day in found.days.index)]
    curve = _growth(found.days["return"].to_numpy(np.float64))
    figure = empty()
    figure.layout = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.7, 0.3], vertical_spacing=0.06).layout
    figure.update_layout(template=go.layout.Template())
    curves = [curve]
    if found.benchmark is not None:
        held = _growth(found.days["benchmark"].to_numpy(np.float64))
        curves.append(held)
        figure.add_trace(go.Scatter(x=days, y=_rounded(held), name="benchmark", mode="lines", line={"color": GREY, "width": 1.5},
                                    hovertemplate="benchmark %{y:.1f}<extra></extra>"))  # fmt: skip
    figure.add_trace(go.Scatter(x=days, y=_rounded(curve), name="strategy", mode="lines", line={"color": BLUE, "width": 2},
                                hovertemplate="strategy %{y:.1f}<extra></extra>"))  # fmt: skip
    fall = 100.0 * (curve / np.maximum.accumulate(curve) - 1.0)
    under: dict[str, Any] = {
        "xaxis": "x2",
        "yaxis": "y2",
        "showlegend": False,
        "mode": "lines",
        "line": {"color": ORANGE, "width": 1},
    }
    told = "drawdown %{y:.1f}%<extra></extra>"
    figure.add_trace(go.Scatter(x=days, y=_rounded(fall), name="drawdown", hovertemplate=told, **under))
    # A day's part was known at the close before it: there its band begins.
    bands = found.days[["part"]].rename(columns={"part": "regime"}).set_axis(_index(days[:-1]))
    regime_bands(figure, bands, until=days[-1], shades=shades(found), legend=found.spec["by"] != "year")
    styled(figure, 520, "x unified")
    figure.update_layout(showlegend=True)
    figure.update_xaxes(type="date", hoverformat="%d %b %Y")
    figure.update_yaxes(title={"text": "start = 100"}, type="log", minor={"showgrid": False}, selector={"anchor": "x"},
                        **_ticks(np.concatenate(curves)))  # fmt: skip
    return figure.update_yaxes(title={"text": "drawdown, %"}, selector={"anchor": "x2"})


def alone(found: Segments) -> go.Figure | None:
    """What 100 became in the days of each part; None of many parts."""
    import plotly.graph_objects as go

    if not 1 < len(found.parts) <= LINES:
        return None
    days = [found.before, *(str(day.date()) for day in found.days.index)]
    returns, names = found.days["return"].to_numpy(np.float64), found.days["part"].to_numpy()
    figure, colour = empty(), shades(found)
    curves = []
    for part, label in zip(found.parts, labels([part.name for part in found.parts]), strict=True):
        curve = _growth(np.where(names == part.name, returns, 0.0))
        curves.append(curve)
        line = {"color": colour.get(part.name, GREY), "width": 2, "dash": "dot" if part.name in APART else "solid"}
        told = f"{label} %{{y:.1f}}<extra></extra>"
        figure.add_trace(go.Scatter(x=days, y=_rounded(curve), name=label, mode="lines", hovertemplate=told, line=line))
    styled(figure, 380, "x unified")
    figure.update_layout(showlegend=True)
    figure.update_xaxes(type="date", hoverformat="%d %b %Y")
    return figure.update_yaxes(
        title={"text": "start = 100"}, type="log", minor={"showgrid": False}, **_ticks(np.concatenate(curves))
    )


def bars(found: Segments) -> list[go.Figure]:
    """Mean return and Sharpe ratio of each part, with intervals and the benchmark's."""
    return [_bars(found, "mean", "mean return a year, %", 100.0), _bars(found, "sharpe", "Sharpe ratio a year", 1.0)]


def _bars(found: Segments, name: str, title: str, unit: float) -> go.Figure:
    import plotly.graph_objects as go

    shown = found.parts[::-1]
    texts = labels([part.name for part in shown], 22)
    colour = {part.name: GREY for part in shown} | (shades(found) if found.spec["by"] != "year" else {})
    figure = empty()
    values = [_times(getattr(part.own, name), unit) for part in shown]
    figure.add_trace(go.Bar(
        y=texts, x=values, orientation="h", name="strategy", showlegend=False,
        marker={"color": [colour[part.name] for part in shown], "opacity": [0.45 if part.too_few else 0.9 for part in shown],
                "pattern": {"shape": ["/" if part.too_few else "" for part in shown]}},
        hovertemplate="%{y}: %{x:.3g}<extra></extra>"))  # fmt: skip
    figure.add_trace(_intervals(shown, texts, name, unit))
    if found.benchmark is not None:
        held = [None if part.benchmark is None else _times(getattr(part.benchmark, name), unit) for part in shown]
        marker = {"symbol": "diamond", "size": 11, "color": "#ffffff", "line": {"width": 2, "color": "#1d2733"}}
        told = "benchmark, %{y}: %{x:.3g}<extra></extra>"
        figure.add_trace(go.Scatter(y=texts, x=held, mode="markers", name="benchmark", marker=marker, hovertemplate=told))
    styled(figure, 110 + 44 * min(len(shown), 8) + 22 * max(len(shown) - 8, 0))
    figure.update_layout(showlegend=found.benchmark is not None)
    figure.update_xaxes(title={"text": title}, zeroline=True, zerolinecolor=INK, showgrid=True)
    return figure.update_yaxes(type="category", categoryorder="array", categoryarray=texts, showgrid=False)


def _intervals(parts: Sequence[Part], texts: Sequence[str], name: str, unit: float) -> go.Scatter:
    """A line from end to end of each interval. An error of a bar would leave a mark where there is none."""
    import plotly.graph_objects as go

    ends: list[float | None] = []
    places: list[str] = []
    for part, text in zip(parts, texts, strict=True):
        interval = getattr(part, f"{name}_interval")
        if interval is not None:
            ends += [_times(interval.low, unit), _times(interval.high, unit), None]
            places += [text] * 3
    marker = {"symbol": "line-ns", "size": 10, "color": INK, "line": {"width": 2, "color": INK}}
    return go.Scatter(x=ends, y=places, mode="lines+markers", name="95%", showlegend=False, marker=marker,
                      line={"color": INK, "width": 2}, hovertemplate="95%, %{y}: %{x:.3g}<extra></extra>")  # fmt: skip


def _times(value: float | None, unit: float) -> float | None:
    return None if value is None else round(unit * value, 6)


def _growth(returns: Floats) -> Floats:
    return 100.0 * np.concatenate([[1.0], np.cumprod(1.0 + returns)])


def _index(days: list[str]) -> Any:
    import pandas as pd

    return pd.DatetimeIndex(np.array(days, "datetime64[us]"))


def _rounded(values: Floats) -> list[float]:
    return [round(value, 4) for value in values.tolist()]


def _ticks(values: Floats) -> dict[str, Any]:
    from pandas import Series

    from hidden_regime.research.figures import round_ticks

    return round_ticks(Series(values))
