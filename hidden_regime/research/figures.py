"""Figures of regimes and runs, in plotly."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hidden_regime.regimes.palette import PALETTE
from hidden_regime.regimes.statistics import check_shared

if TYPE_CHECKING:
    import plotly.graph_objects as go

COLOURS = {name: usual.colour for name, usual in PALETTE.items()}
OTHERS = ("#6c8ead", "#b39bc8", "#8d8d8d", "#c99e6b", "#5aa9a4")
INK, FAINT, ACCENT, REST = "#1d2733", "#e6e9ee", "#1f5fa8", "#9aa5b1"


def colours(names: list[str]) -> dict[str, str]:
    """A colour for each regime; names of the user's own get further ones."""
    spare = iter(OTHERS * 10)
    return {name: COLOURS.get(name) or next(spare) for name in names}


def _style(figure: go.Figure, height: int) -> go.Figure:
    figure.update_layout(
        height=height, margin={"l": 60, "r": 20, "t": 16, "b": 36}, paper_bgcolor="white", plot_bgcolor="white",
        font={"family": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif", "size": 13, "color": INK},
        hovermode="x unified", legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )  # fmt: skip
    figure.update_xaxes(showgrid=False, linecolor=FAINT)
    figure.update_yaxes(gridcolor=FAINT, zerolinecolor=FAINT)
    return figure


def round_ticks(values: pd.Series) -> dict[str, Any]:
    """Round numbers on a logarithmic axis: 1, 2 and 5 times powers of ten, or in a narrow range equal steps."""
    low, high = float(values.min()), float(values.max())
    steps = (1, 2, 5) if high / low < 200 else (1,)
    marks = [step * 10.0**power for power in range(-4, 9) for step in steps]
    if low < high < 3 * low:
        least = (high - low) / 6
        power = 10.0 ** math.floor(math.log10(least))
        step = next(s * power for s in (1, 2, 5, 10) if s * power >= least)
        marks = [round(i * step, 9) for i in range(math.floor(low / step), math.ceil(high / step) + 1) if i > 0]
    return {"tickvals": marks, "ticktext": [f"{mark:,g}" for mark in marks]}


def equity_and_drawdown(equity: pd.DataFrame, benchmark: str) -> go.Figure:
    """Equity against the benchmark, both from 100 on a logarithmic scale, and the drawdown of each."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.68, 0.32], vertical_spacing=0.05)
    lines = [("Strategy", equity["equity"], ACCENT, 2.0)]
    if (equity["benchmark"] > 0).all():
        lines.append((f"Benchmark {benchmark}".rstrip(), equity["benchmark"], REST, 1.4))
    for name, values, colour, width in reversed(lines):
        scaled = values / values.iloc[0] * 100.0
        fall = (values / values.cummax() - 1.0) * 100.0
        line = {"color": colour, "width": width}
        figure.add_trace(go.Scatter(x=values.index, y=scaled.round(2), name=name, line=line, legendgroup=name), row=1, col=1)
        figure.add_trace(
            go.Scatter(
                x=fall.index,
                y=fall.round(2),
                name=name,
                line={"color": colour, "width": 1},
                legendgroup=name,
                showlegend=False,
                fill="tozeroy" if name == "Strategy" else None,
            ),
            row=2,
            col=1,
        )
    scaled = pd.concat([values / values.iloc[0] * 100.0 for _, values, _, _ in lines])
    figure.update_yaxes(type="log", title="start = 100", **round_ticks(scaled), row=1, col=1)
    figure.update_yaxes(title="drawdown, %", row=2, col=1)
    return _style(figure, 520)


def price_and_probabilities(ticker: str, close: pd.Series, states: pd.DataFrame) -> go.Figure:
    """Price shaded by the regime known at each close, over the stacked filtered probabilities of the regimes."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, row_heights=[0.62, 0.38], vertical_spacing=0.06, specs=[[{"secondary_y": True}], [{}]]
    )
    check_shared(states.index, close.index)
    known = states[states["regime"].notna()]
    present = [n for n in [*COLOURS, *sorted(set(known["regime"]))] if n in set(known["regime"])]
    present = list(dict.fromkeys(present))
    shade = colours(present)
    codes = known["regime"].map({name: i for i, name in enumerate(present)}).to_numpy()
    steps = max(len(present), 1)
    scale = [[(i + j) / steps, shade[name]] for i, name in enumerate(present) for j in (0, 1)]
    figure.add_trace(
        go.Heatmap(x=known.index, y=[0], z=[codes], zmin=-0.5, zmax=steps - 0.5, colorscale=scale, showscale=False, opacity=0.32,
                   hoverinfo="skip"), row=1, col=1, secondary_y=True)  # fmt: skip
    figure.add_trace(
        go.Scatter(x=close.index, y=close.round(4), name=ticker, line={"color": INK, "width": 1.3}, showlegend=False),
        row=1,
        col=1,
    )
    for name in present:
        part = known[f"prob_{name}"]
        figure.add_trace(
            go.Scatter(x=known.index, y=part.round(4), name=name, stackgroup="p", line={"width": 0, "color": shade[name]},
                       fillcolor=shade[name]), row=2, col=1)  # fmt: skip
    figure.update_yaxes(title="price (log)", type="log", **round_ticks(close), row=1, col=1, secondary_y=False)
    figure.update_yaxes(visible=False, range=[-0.5, 0.5], row=1, col=1, secondary_y=True)
    figure.update_yaxes(title="probability", range=[0, 1], row=2, col=1)
    return _style(figure, 540)


def transition_matrix(names: tuple[str, ...], transmat: np.ndarray[Any, Any]) -> go.Figure:
    """Daily probabilities of going from one regime to another, in the latest model."""
    import plotly.graph_objects as go

    order = [i for name in [*COLOURS] for i, n in enumerate(names) if n == name]
    order += [i for i in range(len(names)) if i not in order]
    labels = [names[i] for i in order]
    values = transmat[np.ix_(order, order)]
    figure = go.Figure(
        go.Heatmap(z=values, x=labels, y=labels, colorscale=[[0, "#ffffff"], [1, ACCENT]], zmin=0, zmax=1, showscale=False,
                   text=[[f"{v:.1%}" for v in row] for row in values], texttemplate="%{text}",
                   hovertemplate="%{y} to %{x}: %{text}<extra></extra>"))  # fmt: skip
    figure.update_yaxes(autorange="reversed", title="from")
    figure.update_xaxes(title="to", side="bottom")
    _style(figure, 300)
    return figure.update_layout(hovermode="closest")


def flame(tree: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Blocks of a profile from the outside in, each as wide as the seconds it took."""
    import plotly.graph_objects as go

    whole = sum(row["total_time"] for row in tree if len(row["path"]) == 1)
    blocks = [{"path": [], "operation": "in regimes", "total_time": whole, "call_count": 1}, *tree]
    shades = ["#dbe5f0", "#1f5fa8", "#3f7fc0", "#7fa8d6", "#b5cce8"]
    figure = go.Figure(
        go.Icicle(
            ids=["/".join(["all", *row["path"]]) for row in blocks],
            parents=["/".join(["all", *row["path"][:-1]]) if row["path"] else "" for row in blocks],
            labels=[row["operation"] for row in blocks], values=[row["total_time"] for row in blocks],
            text=[f"{row['total_time']:.3f} s" + (f", {row['call_count']:,} calls" if row["path"] else "") for row in blocks],
            textinfo="label+text", branchvalues="total", tiling={"orientation": "v"}, sort=False,
            hovertemplate="%{label}<br>%{text}<extra></extra>", pathbar={"visible": False},
            marker={"colors": [shades[min(len(row["path"]), 4)] for row in blocks]}))  # fmt: skip
    return _style(figure, 60 + 50 * max(len(row["path"]) + 1 for row in blocks))


def monthly_returns(equity: pd.Series) -> go.Figure:
    """Return of each month, in percent, with each year's."""
    import plotly.graph_objects as go

    ends = equity.groupby([equity.index.year, equity.index.month]).last()  # type: ignore[attr-defined]
    growth = ends / ends.shift().fillna(equity.iloc[0]) - 1.0
    table = (growth * 100.0).unstack().reindex(columns=range(1, 13))
    table["Year"] = [((1 + growth.loc[year]).prod() - 1) * 100.0 for year in table.index]
    labels = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Year"]
    values = table.to_numpy()
    limit = max(float(np.nanquantile(np.abs(values[:, :12]), 0.98)), 1.0)
    text = [["" if np.isnan(v) else f"{v:.1f}" for v in row] for row in values]
    scale = [[0, COLOURS["Bear"]], [0.5, "#ffffff"], [1, COLOURS["Bull"]]]
    figure = go.Figure(
        go.Heatmap(
            z=values,
            x=labels,
            y=[str(y) for y in table.index],
            zmin=-limit,
            zmax=limit,
            colorscale=scale,
            showscale=False,
            text=text,
            texttemplate="%{text}",
            hovertemplate="%{y} %{x}: %{text}%<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", type="category")
    _style(figure, 90 + 30 * len(table))
    return figure.update_layout(hovermode="closest")
