"""Pictures of strategies beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hidden_regime.experiments.pages.style import BLUE, GREEN, GREY, INK, ORANGE, empty, labels, styled
from hidden_regime.kernels.results import Floats

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from hidden_regime.experiments.comparison.comparison import Comparison

COLOURS = (BLUE, ORANGE, GREEN, "#9467bd", "#c2504d", "#17a2b8", "#a08326", "#d16ba5")
DASHES = ("solid", "dot", "dash", "dashdot")
MOST_BANDS = 12
"""Rows of regimes in one picture."""
LONGEST = 34
MONTHLY = 30
"""Months up to which trades are counted by month; of more, by year."""


def looks(found: Comparison) -> dict[str, dict[str, Any]]:
    """A line for each strategy, in the order of the ranking; the benchmark's is grey."""
    others = [one.name for one in found.ranked if one.name != found.benchmark]
    out: dict[str, dict[str, Any]] = {}
    for i, name in enumerate(others):
        out[name] = {"color": COLOURS[i % len(COLOURS)], "dash": DASHES[i // len(COLOURS) % len(DASHES)], "width": 1.8}
    if found.benchmark in found.names:
        out[found.benchmark] = {"color": GREY, "dash": "dash", "width": 1.8}
    return out


def curves(found: Comparison) -> go.Figure:
    """Equity from 100, drawdowns, and the regimes of the assets of those that have them, known at each close."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    from hidden_regime.research.figures import round_ticks

    rows, lines = bands(found), looks(found)
    shown = dict(zip((one.name for one in found.ranked), labels([one.name for one in found.ranked], LONGEST), strict=True))
    days = [_before(found), *(str(day) for day in found.days)]
    height = 520 + (34 + 26 * len(rows) if rows else 0)
    figure = empty()
    heights = [0.66, 0.34] if not rows else [0.66 * 430 / height, 0.34 * 430 / height, (14.0 + 26 * len(rows)) / height]
    figure.layout = make_subplots(
        rows=len(heights), cols=1, shared_xaxes=True, row_heights=heights, vertical_spacing=26 / height
    ).layout
    figure.update_layout(template=go.layout.Template())
    every = []
    for place, one in reversed(list(enumerate(found.ranked, 1))):
        values = np.concatenate([[1.0], np.cumprod(1.0 + found.of(one.name))])
        every.append(values)
        fall = 100.0 * (values / np.maximum.accumulate(values) - 1.0)
        common: dict[str, Any] = {"x": days, "name": shown[one.name], "mode": "lines", "legendrank": place}
        figure.add_trace(go.Scatter(y=_rounded(100.0 * values), line=lines[one.name], hovertemplate="%{y:.1f}", **common))
        thin = lines[one.name] | {"width": 1.1}
        figure.add_trace(go.Scatter(y=_rounded(fall), line=thin, xaxis="x2", yaxis="y2", showlegend=False,
                                    hovertemplate="%{y:.1f}%", **common))  # fmt: skip
    if rows:
        _add_bands(figure, rows)
    styled(figure, height, "x unified")
    figure.update_layout(showlegend=True)
    figure.update_xaxes(type="date", hoverformat="%d %b %Y", range=[days[0], days[-1]])
    figure.update_yaxes(title={"text": "start = 100"}, type="log", minor={"showgrid": False}, selector={"anchor": "x"},
                        **round_ticks(pd.Series(100.0 * np.concatenate(every))))  # fmt: skip
    return figure.update_yaxes(title={"text": "drawdown, %"}, selector={"anchor": "x2"})


def _add_bands(figure: go.Figure, rows: list[tuple[str, pd.Series]]) -> None:
    import plotly.graph_objects as go

    from hidden_regime.research.figures import COLOURS as USUAL
    from hidden_regime.research.figures import colours

    known = {str(name) for _, states in rows for name in states.dropna().unique()}
    names = [*(name for name in USUAL if name in known), *sorted(known - set(USUAL))]
    shade, codes = colours(names), {name: i for i, name in enumerate(names)}
    index = sorted(set().union(*(states.index for _, states in rows)))
    values = [[codes.get(name) for name in states.reindex(index)] for _, states in rows]
    steps = len(names)
    scale = [[(i + j) / steps, shade[name]] for i, name in enumerate(names) for j in (0, 1)]
    shown = labels([name for name, _ in rows], 22)
    figure.add_trace(go.Heatmap(
        x=[str(day.date()) for day in index], y=shown, z=values, zmin=-0.5, zmax=steps - 0.5, colorscale=scale, showscale=False,
        opacity=0.75, xaxis="x3", yaxis="y3", hoverinfo="skip", ygap=3))  # fmt: skip
    for name in names:  # the legend of the colours
        figure.add_trace(go.Scatter(x=[None], y=[None], mode="markers", name=labels([name])[0], hoverinfo="skip", xaxis="x3",
                                    yaxis="y3", marker={"symbol": "square", "size": 11, "color": shade[name]}))  # fmt: skip
    figure.update_yaxes(selector={"anchor": "x3"}, autorange="reversed", showgrid=False, type="category", tickfont={"size": 11})


def bands(found: Comparison) -> list[tuple[str, pd.Series]]:
    """Regimes on the common days, a row an asset; strategies that know the same of it share one."""
    first, last = pd.Timestamp(found.days[0]), pd.Timestamp(found.days[-1])
    rows: dict[tuple[str, bytes], tuple[str, pd.Series, list[str]]] = {}
    for one in found.ranked:
        for ticker, states in found.result(one.name).regimes.items():
            own = states["regime"].copy()
            own.index = pd.DatetimeIndex(own.index).tz_localize(None).normalize()
            own = own[~own.index.duplicated(keep="last")].loc[first:last]
            if not len(own) or own.isna().all():
                continue
            key = ticker, "\n".join([str(own.index[0]), *own.fillna("").astype(str)]).encode()
            rows.setdefault(key, (ticker, own, []))[2].append(one.name)
    several: dict[str, int] = {}
    for ticker, _, _ in rows.values():
        several[ticker] = several.get(ticker, 0) + 1
    out = [(ticker if several[ticker] == 1 else f"{ticker}: {', '.join(names)}", own) for ticker, own, names in rows.values()]
    return out[:MOST_BANDS]


def ratios(found: Comparison) -> go.Figure:
    """Sharpe ratios with their intervals, the highest on top."""
    import plotly.graph_objects as go

    ranked = found.ranked
    shown = labels([one.name for one in ranked], LONGEST)
    lines = looks(found)
    figure = empty()
    for label, one in zip(shown, ranked, strict=True):
        value = one.sharpe or 0.0
        known = one.sharpe_low is not None and one.sharpe_high is not None
        colour = lines[one.name]["color"]
        error: dict[str, Any] = {"type": "data", "symmetric": False, "thickness": 2, "width": 7, "color": colour}
        error |= {"array": [(one.sharpe_high or 0.0) - value], "arrayminus": [value - (one.sharpe_low or 0.0)]} if known else {}
        told = f"{value:.2f}, between {one.sharpe_low:.2f} and {one.sharpe_high:.2f}" if known else f"{value:.2f}"
        figure.add_trace(go.Scatter(
            x=[round(value, 6)], y=[label], mode="markers", marker={"size": 11, "color": colour},
            error_x=error if known else None, hovertemplate=f"{told}<extra></extra>"))  # fmt: skip
    styled(figure, 90 + 34 * len(ranked))
    figure.update_layout(showlegend=False)
    figure.add_vline(x=0.0, line={"width": 1, "color": INK, "dash": "dot"})
    figure.update_yaxes(type="category", categoryorder="array", categoryarray=shown[::-1], showgrid=False)
    return figure.update_xaxes(title={"text": "Sharpe ratio a year"}, showgrid=True)


def trades(found: Comparison) -> go.Figure | None:
    """Trades that were closed, by month or by year; None where nobody closed one."""
    import plotly.graph_objects as go

    own = {one.name: found.result(one.name).trades for one in found.ranked}
    closed = {name: pd.DatetimeIndex(pd.to_datetime(table["exit_time"])) for name, table in own.items() if len(table)}
    if not closed:
        return None
    months = (found.days[-1].astype("datetime64[M]") - found.days[0].astype("datetime64[M]")).astype(int) + 1
    by, form = ("M", "%Y-%m") if months <= MONTHLY else ("Y", "%Y")
    periods = pd.period_range(pd.Timestamp(found.days[0]), pd.Timestamp(found.days[-1]), freq=by)
    figure = empty()
    lines = looks(found)
    shown = dict(zip(closed, labels(list(closed), LONGEST), strict=True))
    for name, times in closed.items():
        counts = times.to_period(by).value_counts().reindex(periods, fill_value=0)
        figure.add_trace(go.Bar(x=[one.strftime(form) for one in periods], y=[int(n) for n in counts], name=shown[name],
                                marker={"color": lines[name]["color"]}, hovertemplate="%{x}: %{y}"))  # fmt: skip
    styled(figure, 280, "x unified")
    figure.update_layout(barmode="group", showlegend=True)
    figure.update_xaxes(type="category")
    return figure.update_yaxes(title={"text": f"closed trades a {'month' if by == 'M' else 'year'}"})


def _before(found: Comparison) -> str:
    return str(found.days[0] - np.timedelta64(1, "D"))


def _rounded(values: Floats) -> Sequence[float]:
    return [round(value, 3) for value in values.tolist()]
