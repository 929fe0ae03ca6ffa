"""Pictures of equity: the best trial among all others, and a walk-forward's stitched curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hidden_regime.experiments.pages.style import BLUE, GREY, INK, LINE, ORANGE, empty, styled
from hidden_regime.kernels.results import Floats

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from hidden_regime.experiments.studies.study import Study
    from hidden_regime.experiments.walk_forward_result import WalkForward

LOW, HIGH = 0.05, 0.95
FEWEST = 8
"""Others from which a band is drawn; fewer are lines of their own."""
SHADE = "rgba(128,140,152,0.13)"
LABELLED = 24
"""Windows up to which each has its number in the picture."""


def best_column(study: Study) -> int | None:
    """The best trial's column of the study's returns."""
    if study.best is None:
        return None
    own = sorted(study.best.parameters.items())
    by_number = {trial.number: trial for trial in study.trials}
    return next((i for i, n in enumerate(study.columns) if sorted(by_number[n].parameters.items()) == own), None)


def growth(returns: Floats) -> Floats:
    """Of 100, after each day: (n_days, n_trials)."""
    return np.asarray(100.0 * np.cumprod(1.0 + returns, axis=0), dtype=np.float64)


def fan(study: Study) -> go.Figure:
    """Equity of the best trial, and of all others together: their median and the band of 90 of 100."""
    import plotly.graph_objects as go

    days, best = _texts(study.days), best_column(study)
    curves = growth(study.returns)
    others = np.delete(curves, best, axis=1) if best is not None else curves
    figure = empty()
    if others.shape[1] >= FEWEST:
        low, middle, high = np.quantile(others, [LOW, 0.5, HIGH], axis=1)
        edge: dict[str, Any] = {"mode": "lines", "line": {"width": 0, "color": GREY}, "showlegend": False, "hoverinfo": "skip"}
        figure.add_trace(go.Scatter(x=days, y=_rounded(high), name="95%", **edge))
        band = edge | {"showlegend": True, "fill": "tonexty", "fillcolor": "rgba(128,140,152,0.25)"}
        figure.add_trace(go.Scatter(x=days, y=_rounded(low), name="others, 5% to 95%", **band))
        line = {"color": GREY, "width": 1.6, "dash": "dot"}
        figure.add_trace(go.Scatter(x=days, y=_rounded(middle), name="others, median", mode="lines", line=line))
    else:
        for i, values in enumerate(others.T):
            figure.add_trace(go.Scatter(x=days, y=_rounded(values), name="others", mode="lines", line={"color": GREY, "width": 1},
                                        opacity=0.6, showlegend=i == 0, legendgroup="others", hoverinfo="skip"))  # fmt: skip
    if best is not None:
        line = {"color": BLUE, "width": 2}
        figure.add_trace(go.Scatter(x=days, y=_rounded(curves[:, best]), name="best", mode="lines", line=line))
    styled(figure, 400, "x unified")
    figure.update_layout(showlegend=True)
    figure.update_xaxes(type="date", hoverformat="%d %b %Y")
    return figure.update_yaxes(title={"text": "start = 100"}, type="log", hoverformat=".1f", minor={"showgrid": False},
                               **_ticks(curves))  # fmt: skip


def stitched(found: WalkForward) -> go.Figure:
    """The stitched out-of-sample curve and its drawdown; every other window is shaded, where windows follow each other."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    curve = found.curve
    traded = [w.window for w in found.windows if len(w.days)]
    values = np.concatenate([[1.0], curve.to_numpy(np.float64)])
    days = [_before(curve.index[0]), *_texts(curve.index.to_numpy())]
    figure = empty()
    figure.layout = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.68, 0.32], vertical_spacing=0.06).layout
    figure.update_layout(template=go.layout.Template())
    figure.add_trace(go.Scatter(x=days, y=_rounded(100.0 * values), name="curve", mode="lines", line={"color": BLUE, "width": 2},
                                hovertemplate="%{y:.1f}<extra></extra>"))  # fmt: skip
    fall = 100.0 * (values / np.maximum.accumulate(values) - 1.0)
    figure.add_trace(go.Scatter(x=days, y=_rounded(fall), name="drawdown", mode="lines", line={"color": ORANGE, "width": 1},
                                fill="tozeroy", yaxis="y2", xaxis="x2", hovertemplate="%{y:.1f}%<extra></extra>"))  # fmt: skip
    if all(a.oos_end < b.oos_start for a, b in zip(traded, traded[1:], strict=False)):
        _shade(figure, traded)
    styled(figure, 520, "x unified")
    figure.update_layout(showlegend=False)
    figure.update_xaxes(type="date", hoverformat="%d %b %Y")
    figure.update_yaxes(title={"text": "start = 100"}, type="log", minor={"showgrid": False}, selector={"anchor": "x"},
                        **_ticks(100.0 * values))  # fmt: skip
    return figure.update_yaxes(title={"text": "drawdown, %"}, selector={"anchor": "x2"})


def _shade(figure: go.Figure, windows: list[Any]) -> None:
    for i, window in enumerate(windows):
        begin, end = window.oos_start.isoformat(), window.oos_end.isoformat()
        if i % 2 == 0:
            figure.add_shape(type="rect", xref="x", yref="paper", x0=begin, x1=end, y0=0, y1=1, layer="below", fillcolor=SHADE,
                             line={"width": 0})  # fmt: skip
        figure.add_shape(type="line", xref="x", yref="paper", x0=begin, x1=begin, y0=0, y1=1, layer="below",
                         line={"width": 1, "color": LINE})  # fmt: skip
        if len(windows) <= LABELLED:
            middle = window.oos_start + (window.oos_end - window.oos_start) / 2
            figure.add_annotation(x=middle.isoformat(), xref="x", y=1.0, yref="paper", yanchor="bottom", text=str(window.number),
                                  showarrow=False, font={"size": 11, "color": INK})  # fmt: skip


def _texts(days: npt.NDArray[Any]) -> list[str]:
    return [str(day) for day in days.astype("datetime64[D]")]


def _before(first: Any) -> str:
    return str(np.datetime64(first, "D") - np.timedelta64(1, "D"))


def _rounded(values: Floats) -> list[float]:
    return [round(value, 4) for value in values.tolist()]


def _ticks(values: Floats) -> dict[str, Any]:
    from pandas import Series

    from hidden_regime.research.figures import round_ticks

    good = values[values > 0.0]
    return round_ticks(Series(good.ravel())) if good.size else {}
