"""Pictures of an evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hidden_regime.experiments.pages.style import BLUE, GREEN, GREY, LINE, ORANGE, empty, labels, said, styled

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from hidden_regime.learning.evaluation.evaluation import Evaluation

SHOWN = 15
"""Columns that a picture has room for."""


def reliability(found: Evaluation) -> go.Figure:
    """What was said against what came, with what chance leaves open in each bin."""
    import plotly.graph_objects as go

    one = found.reliability
    # Labels overlap, so a bin has fewer independent ones than rows.
    worth = np.maximum(one.rows * found.effective_rows / max(found.n_rows, 1), 1.0)
    error = 1.96 * np.sqrt(np.maximum(one.came * (1.0 - one.came), 0.01) / worth)
    figure = empty()
    low, high = float(min(one.said.min(), one.came.min())), float(max(one.said.max(), one.came.max()))
    figure.add_trace(go.Scatter(x=[low, high], y=[low, high], mode="lines", line={"color": LINE}, showlegend=False))
    figure.add_trace(
        go.Scatter(
            x=one.said,
            y=one.came,
            mode="markers+lines",
            name="model",
            marker={"color": BLUE, "size": 8},
            showlegend=False,
            error_y={"type": "data", "array": error, "color": GREY},
            customdata=one.rows,
            hovertemplate="said %{x:.3f}, came %{y:.3f} of %{customdata} rows<extra></extra>",
        )
    )
    styled(figure, 320)
    figure.update_xaxes(title="said")
    figure.update_yaxes(title="came")
    return figure


def importance(found: Evaluation) -> go.Figure:
    """Loss without each column, with its spread over the folds."""
    import plotly.graph_objects as go

    shown = found.importances.columns[:SHOWN][::-1]
    bars = go.Bar(
        x=[one.loss for one in shown], y=labels([one.name for one in shown]), orientation="h", marker={"color": BLUE},
        error_x={"type": "data", "array": [one.sd for one in shown], "color": GREY},
    )  # fmt: skip
    figure = empty()
    figure.add_trace(bars)
    styled(figure, 120 + 24 * len(shown))
    figure.update_xaxes(title="nats a row that are lost without it")
    return figure


def folds(found: Evaluation) -> go.Figure:
    """Gain over the prior in each fold."""
    import plotly.graph_objects as go

    gains = [one["prior_log_loss"] - one["log_loss"] for one in found.folds]
    figure = empty()
    names = [f"{one['number']}: {one['first'][:7]}" for one in found.folds]
    colours = [GREEN if gain > 0.0 else ORANGE for gain in gains]
    figure.add_trace(go.Bar(x=names, y=gains, marker={"color": colours}))
    styled(figure, 260)
    figure.update_yaxes(title="nats a row")
    return figure


def curves(found: Evaluation) -> go.Figure:
    """What 100 became by each rule."""
    import plotly.graph_objects as go

    table = found.table[found.table["next"].notna()]
    figure = empty()
    rules = ((found.earned[0].name, table["position"], BLUE), ("hold", 1.0, GREY))
    for name, position, colour in rules:
        value = 100.0 * (1.0 + position * table["next"]).cumprod()
        days = [str(time)[:10] for time in table.index]
        figure.add_trace(go.Scatter(x=days, y=value.round(3).tolist(), mode="lines", name=said(name), line={"color": colour}))
    styled(figure, 320, hover="x unified")
    figure.update_yaxes(type="log")
    return figure
