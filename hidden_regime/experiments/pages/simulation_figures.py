"""Pictures of a simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.experiments.pages.simulation_words import FIGURES, PERCENTS
from hidden_regime.experiments.pages.style import BLUE, GREY, INK, ORANGE, empty, labels, said, styled
from hidden_regime.experiments.simulation.folder import told_paths
from hidden_regime.kernels.results import Floats

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from hidden_regime.experiments.simulation.simulation import Simulation

BANDS = ((0.01, 0.99, 0.14), (0.05, 0.95, 0.2), (0.25, 0.75, 0.28))
BINS = 6, 40
"""Fewest and most bars of a histogram; two for each root of the number of paths."""
SMALLEST = 0.01
"""Of 100, what a logarithmic scale shows of a loss of everything."""
SHOWN = ("cagr", "sharpe", "drawdown")


def fan(found: Simulation) -> go.Figure:
    """Quantiles of all paths over time, the source's own curve on top; from 100, logarithmic."""
    import plotly.graph_objects as go

    figure = empty()
    if found.fan is None:
        return styled(figure, 120)
    one, unit = found.fan, found.drawn["unit"]
    steps = list(one.steps)
    rows = {level: _hundred(values) for level, values in zip(one.levels, one.values, strict=True)}
    for low, high, shade in BANDS:
        edge: dict[str, Any] = {"mode": "lines", "line": {"width": 0, "color": GREY}, "hoverinfo": "skip"}
        figure.add_trace(go.Scatter(x=steps, y=rows[high], name="", showlegend=False, **edge))
        name = f"{100 * (high - low):.0f} of 100"
        fill = {"fill": "tonexty", "fillcolor": f"rgba(128,140,152,{shade})"}
        figure.add_trace(go.Scatter(x=steps, y=rows[low], name=name, **edge, **fill))
    line = {"color": GREY, "width": 1.6, "dash": "dot"}
    figure.add_trace(go.Scatter(x=steps, y=rows[0.5], name="median", mode="lines", line=line,
                                hovertemplate="median %{y:.1f}<extra></extra>"))  # fmt: skip
    own = [None if value is None else max(100.0 * value, SMALLEST) for value in one.source]
    name = "winner" if found.kind == "parameters" else "source"
    figure.add_trace(go.Scatter(
        x=steps, y=[None if value is None else round(value, 4) for value in own], name=name, mode="lines",
        line={"color": BLUE, "width": 2.2}, hovertemplate=f"{name} %{{y:.1f}}<extra></extra>"))  # fmt: skip
    styled(figure, 430, "x unified")
    figure.update_layout(showlegend=True)
    shown = np.array([value for row in rows.values() for value in row] + [value for value in own if value is not None])
    figure.update_yaxes(title={"text": "start = 100"}, type="log", minor={"showgrid": False}, **_ticks(shown))
    per_year = round(found.drawn["per_year"])
    years = steps[-1] / found.drawn["per_year"]
    if unit == "day" and years >= 2.0:
        every = max(1, round(years / 12))
        places = range(0, int(years) + 1, every)
        title, marks = f"years of {per_year} trading days", [per_year * i for i in places]
        return figure.update_xaxes(title={"text": title}, tickvals=marks, ticktext=[str(i) for i in places])
    return figure.update_xaxes(title={"text": "trading days" if unit == "day" else "trades"})


def histograms(found: Simulation) -> list[go.Figure]:
    """Return a year, Sharpe ratio and largest drawdown of the paths, with the source's own as a line."""
    table = told_paths(found.paths)
    out = []
    for name in SHOWN:
        values = table[name].to_numpy(np.float64)
        values = values[np.isfinite(values)]
        if len(values):
            out.append(_histogram(found, name, values))
    return out


def _histogram(found: Simulation, name: str, values: Floats) -> go.Figure:
    import plotly.graph_objects as go

    unit = 100.0 if name in PERCENTS else 1.0
    own = found.source.get(name)
    # The far ends would squeeze the rest; what lies beyond is in the last bars.
    low, high = np.quantile(values, [0.001, 0.999]) * unit
    if own is not None:
        low, high = min(low, own * unit), max(high, own * unit)
    if not high - low > 1e-9:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, int(np.clip(round(2.0 * len(values) ** 0.5), *BINS)) + 1)
    counts, _ = np.histogram(np.clip(values * unit, low, high), edges)
    shares = 100.0 * counts / len(values)
    figure = empty()
    figure.add_trace(go.Bar(
        x=[round(x, 6) for x in ((edges[1:] + edges[:-1]) / 2.0).tolist()], y=[round(y, 4) for y in shares.tolist()],
        width=float(edges[1] - edges[0]), marker={"color": GREY, "opacity": 0.75}, name="paths",
        hovertemplate="%{x:.3g}: %{y:.1f} of 100<extra></extra>"))  # fmt: skip
    if own is not None:
        figure.add_shape(type="line", x0=own * unit, x1=own * unit, yref="paper", y0=0, y1=1, line={"color": BLUE, "width": 2.5})
    styled(figure, 270)
    figure.update_layout(showlegend=False, bargap=0.05)
    title = FIGURES[name] + (", %" if unit > 1.0 else "")
    figure.update_xaxes(title={"text": title}, range=[float(low), float(high)], zeroline=True, zerolinecolor=INK)
    return figure.update_yaxes(title={"text": "of 100 paths" if found.kind != "parameters" else "of 100 sets"})


def by_parameter(found: Simulation) -> go.Figure:
    """The objective of every set in which a parameter was moved: alone down and up, and with others."""
    import plotly.graph_objects as go

    moved = found.perturbation
    figure = empty()
    if moved is None:
        return styled(figure, 120)
    shown = moved.parameters[::-1]
    names = labels([one.name for one in shown], 24)
    place = {one.name: i for i, one in enumerate(shown)}
    values = [float(value) for value in found.paths["objective"]]
    joint = [(some, value) for some, value in zip(moved.sets, values, strict=True) if len(some) > 1 and np.isfinite(value)]
    spots = [(place[name], value, some) for some, value in joint for name in some]
    told = "%{text}: %{x:.4g}<extra></extra>"
    figure.add_trace(go.Scatter(
        x=[value for _, value, _ in spots], y=[at for at, _, _ in spots], mode="markers", name="with others",
        marker={"color": GREY, "size": 7, "opacity": 0.55}, hovertemplate=told,
        text=[said(", ".join(f"{name} {text}" for name, text in some.items()), 80) for _, _, some in spots]))  # fmt: skip
    for name, symbol, ends in (
        ("alone, down", "triangle-left", [(one.name, one.down, one.down_value) for one in shown]),
        ("alone, up", "triangle-right", [(one.name, one.up, one.up_value) for one in shown]),
    ):
        have = [(place[own], value, text) for own, text, value in ends if value is not None]
        figure.add_trace(go.Scatter(
            x=[value for _, value, _ in have], y=[at for at, _, _ in have], mode="markers", name=name, hovertemplate=told,
            text=[said(f"to {text}", 40) for _, _, text in have],
            marker={"color": ORANGE, "size": 13, "symbol": symbol}))  # fmt: skip
    for value, name, line in _marks(found):
        figure.add_trace(go.Scatter(x=[value, value], y=[-0.5, len(shown) - 0.5], mode="lines", name=name, line=line,
                                    hovertemplate=f"{name} %{{x:.4g}}<extra></extra>"))  # fmt: skip
    styled(figure, 130 + 46 * max(len(shown), 2))
    figure.update_layout(showlegend=True)
    figure.update_xaxes(title={"text": said(moved.target, 60)}, showgrid=True)
    return figure.update_yaxes(tickvals=list(range(len(shown))), ticktext=names, range=[-0.5, len(shown) - 0.5], zeroline=False)


def _marks(found: Simulation) -> list[tuple[float, str, dict[str, Any]]]:
    """The winner, and what a set has to keep."""
    moved = found.perturbation
    if moved is None or moved.value is None:
        return []
    out = [(moved.value, "winner", {"color": BLUE, "width": 2.2})]
    if moved.share is not None:
        is_max = moved.direction == "max"
        limit = 0.5 * moved.value if is_max else 2.0 * moved.value
        out.append((limit, "half of it" if is_max else "twice of it", {"color": INK, "width": 1.4, "dash": "dash"}))
    return out


def _hundred(values: Any) -> list[float]:
    return [round(max(100.0 * value, SMALLEST), 4) for value in values]


def _ticks(values: Floats) -> dict[str, Any]:
    from pandas import Series

    from hidden_regime.research.figures import round_ticks

    return round_ticks(Series(values))
