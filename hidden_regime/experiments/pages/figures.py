"""Pictures of trials and of windows, in plotly. Those of parameters and of curves have files of their own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hidden_regime.experiments.pages.style import BLUE, GREY, INK, ORANGE, empty, said, styled
from hidden_regime.experiments.pages.written import set_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from hidden_regime.experiments.studies.study import Study
    from hidden_regime.experiments.studies.trial import Trial
    from hidden_regime.experiments.walk_forward_result import WalkForward


def history(study: Study) -> go.Figure:
    """Objective of each trial in order, and the best so far. A trial without a value is a mark at the bottom."""
    import plotly.graph_objects as go

    target = said(study.spec["objectives"][0]["target"], 60)
    best_is = max if study.directions[0] == "max" else min
    have = [t for t in study.trials if t.values is not None and math.isfinite(t.values[0])]
    groups = [
        ("feasible", [t for t in have if t.is_feasible], {"color": BLUE, "size": 7}),
        ("beyond a constraint", [t for t in have if not t.is_feasible], {"color": GREY, "size": 7, "symbol": "circle-open"}),
    ]  # fmt: skip
    figure = empty()
    for name, group, marker in groups:
        if group:
            figure.add_trace(go.Scatter(
                x=[t.number for t in group], y=_firsts(group), name=name, mode="markers", marker=marker,
                hovertext=[_set(t) for t in group],
                hovertemplate="trial %{x}: %{y:.4g}<br>%{hovertext}<extra></extra>"))  # fmt: skip
    best: list[float] = []
    places: list[int] = []
    for trial in have:
        if trial.is_feasible and trial.values is not None:
            best.append(best_is([*best[-1:], trial.values[0]]))
            places.append(trial.number)
    if best and study.trials[-1].number > places[-1]:
        best, places = [*best, best[-1]], [*places, study.trials[-1].number]
    if best:
        line = {"color": ORANGE, "width": 2, "shape": "hv"}
        figure.add_trace(go.Scatter(x=places, y=best, name="best so far", mode="lines", line=line, hoverinfo="skip"))
    known = {t.number for t in have}
    lost = [t for t in study.trials if t.number not in known]
    if lost:
        figure.add_trace(go.Scatter(
            x=[t.number for t in lost], y=[0.03] * len(lost), yaxis="y2", name="no value", mode="markers",
            marker={"symbol": "x", "size": 7, "color": GREY}, hovertext=[said(t.error or t.status, 120) for t in lost],
            hovertemplate="trial %{x}: %{hovertext}<extra></extra>"))  # fmt: skip
        figure.update_layout(yaxis2={"overlaying": "y", "range": [0, 1], "visible": False})
    styled(figure, 340)
    figure.update_layout(showlegend=True)
    n = len(study.trials)
    figure.update_xaxes(
        title={"text": "trial"}, range=[-0.7, max(n, 1) - 0.3], tickformat="d", **({"dtick": 1} if n <= 12 else {})
    )
    return figure.update_yaxes(title={"text": target}, selector={"overlaying": None})


def front(study: Study) -> go.Figure:
    """The first two of several objectives, and the trials that no other one beats."""
    import plotly.graph_objects as go

    best = {trial.number for trial in study.front}
    have = [t for t in study.trials if t.values is not None and all(map(math.isfinite, t.values))]
    groups = [
        ("beyond a constraint", [t for t in have if not t.is_feasible], {"color": GREY, "size": 7, "symbol": "circle-open"}),
        ("beaten by another", [t for t in have if t.is_feasible and t.number not in best], {"color": BLUE, "size": 7}),
        ("front", sorted((t for t in have if t.number in best), key=lambda t: t.values or ()), {"color": ORANGE, "size": 10}),
    ]
    figure = empty()
    for name, group, marker in groups:
        if group:
            # Of three objectives the front is no line in the plane of two.
            mode = "lines+markers" if name == "front" and len(study.directions) == 2 else "markers"
            figure.add_trace(go.Scatter(
                x=_firsts(group), y=[(t.values or ())[1] for t in group], name=name, mode=mode, marker=marker,
                line={"color": ORANGE, "width": 1, "dash": "dot"}, hovertext=[f"trial {t.number}<br>{_set(t)}" for t in group],
                hovertemplate="%{x:.4g}, %{y:.4g}<br>%{hovertext}<extra></extra>"))  # fmt: skip
    styled(figure, 380)
    figure.update_layout(showlegend=True)
    names = [f"{said(one['target'], 50)} ({one['direction']})" for one in study.spec["objectives"]]
    figure.update_xaxes(title={"text": names[0]})
    return figure.update_yaxes(title={"text": names[1]})


def in_and_out(found: WalkForward) -> go.Figure:
    """Objective in and out of sample, window by window, and the median of the window's trials, where it is known."""
    import plotly.graph_objects as go

    numbers = [str(w.window.number) for w in found.windows]
    figure = empty()
    for name, values, colour in (
        ("in sample, the winner", [w.is_value for w in found.windows], GREY),
        ("out of sample, the winner", [w.oos_value for w in found.windows], BLUE),
    ):
        figure.add_trace(go.Bar(x=numbers, y=values, name=name, marker={"color": colour},
                                hovertemplate="window %{x}: %{y:.4g}<extra></extra>"))  # fmt: skip
    for name, values, symbol in (
        ("in sample, the median", [w.is_median for w in found.windows], "line-ew"),
        ("out of sample, the median", [w.oos_median for w in found.windows], "diamond"),
    ):
        if any(value is not None for value in values):
            figure.add_trace(go.Scatter(
                x=numbers, y=values, name=name, mode="markers", hovertemplate="window %{x}: %{y:.4g}<extra></extra>",
                marker={"symbol": symbol, "size": 13 if symbol == "line-ew" else 8, "color": ORANGE,
                        "line": {"width": 2.5 if symbol == "line-ew" else 0, "color": ORANGE}}))  # fmt: skip
    styled(figure, 360)
    figure.update_layout(barmode="group", showlegend=True)
    figure.update_xaxes(title={"text": "window"}, type="category", categoryorder="array", categoryarray=numbers)
    figure.update_yaxes(title={"text": said(found.spec["objectives"][0]["target"], 60)}, zeroline=True, zerolinecolor=INK)
    return figure


def _firsts(trials: list[Trial]) -> list[float]:
    return [trial.values[0] for trial in trials if trial.values is not None]


def _set(trial: Trial) -> str:
    return said(set_of(trial.parameters), 120)
