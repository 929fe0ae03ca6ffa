"""Pictures of what each parameter does: slices, heat map, importance, and the winners' values by window."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from hidden_regime.experiments.analysis import Analysis, ParameterReport, is_numeric, valued
from hidden_regime.experiments.pages.style import BLUE, GREY, ORANGE, empty, labels, said, styled
from hidden_regime.experiments.pages.surface import Surface

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from hidden_regime.experiments.studies.study import Study
    from hidden_regime.experiments.walk_forward_result import WalkForward

SCALE = ((0.0, "#f6e6c8"), (0.4, "#b9d8d3"), (0.75, "#72b8c9"), (1.0, "#479dc6"))
"""From pale to middle tones: dark figures can be read on all of it."""
DARK = "#14202b"
MEANS = 12, 3
"""Most values of a number, and fewest sets of each on average, whose means are drawn."""
WRITTEN = 6
"""Columns of a heat map up to which its figures stand in the cells."""


def slices(study: Study, one: ParameterReport, *, is_grid: bool) -> go.Figure:
    """Objective of each set by one parameter's value, the mean of each value, and the best trial.

    Of a search that isn't a whole grid, means are drawn where a number has few values with enough sets: others join dots.
    """
    import plotly.graph_objects as go

    trials = [trial for trial in valued(study) if one.name in trial.parameters]
    texts = [level.value for level in one.levels]
    names = labels(texts)
    shown: dict[str, Any] = {t: float(t) if one.numeric else name for t, name in zip(texts, names, strict=True)}

    def at(text: str) -> Any:
        return float(text) if one.numeric else shown[text]

    figure = empty()
    figure.add_trace(go.Scatter(
        x=[at(t.parameters[one.name]) for t in trials], y=[(t.values or (0.0,))[0] for t in trials], mode="markers", name="sets",
        marker={"color": GREY, "size": 6, "opacity": 0.55}, hovertext=[f"trial {t.number}" for t in trials],
        hovertemplate="%{x}: %{y:.4g}<br>%{hovertext}<extra></extra>"))  # fmt: skip
    if is_grid or not one.numeric or (len(texts) <= MEANS[0] and len(trials) >= MEANS[1] * len(texts)):
        figure.add_trace(go.Scatter(
            x=[shown[text] for text in texts], y=[level.mean for level in one.levels], name="mean",
            mode="lines+markers" if one.numeric else "markers", line={"color": BLUE, "width": 2},
            marker={"color": BLUE, "size": 8, "symbol": "circle" if one.numeric else "diamond"},
            hovertemplate="%{x}: mean %{y:.4g}<extra></extra>"))  # fmt: skip
    best = study.best
    if best is not None and best.values is not None and one.name in best.parameters:
        figure.add_trace(go.Scatter(
            x=[at(best.parameters[one.name])], y=[best.values[0]], mode="markers", name="best",
            marker={"color": ORANGE, "size": 12, "symbol": "star"},
            hovertemplate="%{x}: best %{y:.4g}<extra></extra>"))  # fmt: skip
    styled(figure, 280)
    figure.update_layout(showlegend=False)
    few = one.numeric and len(texts) <= 8
    figure.update_xaxes(
        title={"text": said(one.name, 44)}, type="linear" if one.numeric else "category",
        **({"tickvals": [shown[t] for t in texts], "ticktext": [said(t) for t in texts]} if few else {}),
        **({} if one.numeric else {"categoryorder": "array", "categoryarray": list(shown.values())}))  # fmt: skip
    return figure.update_yaxes(title={"text": said(study.spec["objectives"][0]["target"], 30)})


def heat_map(surface: Surface, target: str) -> go.Figure:
    """The mean objective of each cell, and the cell of the best trial."""
    import plotly.graph_objects as go

    across, up = labels(surface.across.labels, 18), labels(surface.up.labels, 18)
    means = [[None if math.isnan(value) else value for value in row] for row in surface.mean.tolist()]
    written = len(across) <= WRITTEN
    figure = empty()
    figure.add_trace(go.Heatmap(
        z=means, x=across, y=up, colorscale=[list(stop) for stop in SCALE], textfont={"color": DARK},
        hoverongaps=False, xgap=1, ygap=1, customdata=surface.counts.tolist(),
        colorbar={"thickness": 12, "outlinewidth": 0}, texttemplate="%{z:.3g}" if written else None,
        hovertemplate="%{x}, %{y}: mean %{z:.4g} of %{customdata}<extra></extra>"))  # fmt: skip
    if surface.best is not None:
        row, column = surface.best
        figure.add_shape(
            type="rect", x0=column - 0.5, x1=column + 0.5, y0=row - 0.5, y1=row + 0.5, line={"color": ORANGE, "width": 3}
        )
    styled(figure, 120 + 34 * max(len(up), 5))
    figure.update_xaxes(title={"text": said(surface.across.name, 44)}, type="category", showgrid=False)
    figure.update_yaxes(title={"text": said(surface.up.name, 30), "standoff": 6}, type="category", showgrid=False)
    title = {"text": f"mean {said(target, 40)}", "font": {"size": 13}, "x": 0, "y": 0.985, "yanchor": "top"}
    return figure.update_layout(title=title, margin={"t": 34})


def importances(found: Analysis) -> go.Figure:
    """Share of the objective's variance that each parameter explains alone, the largest on top."""
    import plotly.graph_objects as go

    known = [one for one in found.by_importance if one.importance is not None][::-1]
    shares = [100.0 * (one.importance or 0.0) for one in known]
    figure = empty()
    figure.add_trace(go.Bar(
        x=shares, y=labels([one.name for one in known], 24), orientation="h", marker={"color": BLUE}, cliponaxis=False,
        text=[f"{share:.0f}%" for share in shares], textposition="outside",
        hovertemplate="%{y}: %{x:.1f}%<extra></extra>"))  # fmt: skip
    styled(figure, 84 + 32 * len(known), margin={"r": 46})
    figure.update_xaxes(title={"text": "share of the variance, %"}, range=[0, max([10.0, *shares]) * 1.06], showgrid=False)
    return figure.update_yaxes(type="category", showgrid=False)


def by_window(found: WalkForward, name: str) -> go.Figure:
    """The winner's value of one parameter in each window."""
    import plotly.graph_objects as go

    numbers = [str(w.window.number) for w in found.windows]
    texts = [None if w.best is None else w.best.parameters.get(name) for w in found.windows]
    given = [text for text in texts if text is not None]
    numeric = is_numeric(given)
    different = sorted(set(given), key=float) if numeric else list(dict.fromkeys(given))
    shown = dict(zip(different, [float(t) for t in different] if numeric else labels(different, 20), strict=True))
    figure = empty()
    figure.add_trace(go.Scatter(
        x=numbers, y=[None if text is None else shown[text] for text in texts], mode="lines+markers",
        line={"color": BLUE, "width": 1.5, "shape": "hvh"}, marker={"color": BLUE, "size": 8},
        hovertemplate="window %{x}: %{y}<extra></extra>"))  # fmt: skip
    styled(figure, 240)
    figure.update_layout(showlegend=False)
    few = numeric and len(different) <= 6
    figure.update_xaxes(title={"text": "window"}, type="category", categoryorder="array", categoryarray=numbers)
    return figure.update_yaxes(
        title={"text": said(name, 24)}, type="linear" if numeric else "category",
        **({"tickvals": [shown[t] for t in different], "ticktext": [said(t) for t in different]} if few else {}))  # fmt: skip
