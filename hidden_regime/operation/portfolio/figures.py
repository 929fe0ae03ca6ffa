"""Pictures of weights through time, and of what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hidden_regime.experiments.pages.style import BLUE, GREEN, GREY, ORANGE, empty, said, styled
from hidden_regime.operation.portfolio.weights import EQUAL_LINE

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from hidden_regime.operation.portfolio.weights import Weights

COLOURS = (BLUE, ORANGE, GREEN, "#8e5ea2", "#c45850", "#3cba9f", "#b8860b", "#5d6b7a")


def through_time(found: Weights) -> go.Figure:
    """Weights of each rebalancing, stacked."""
    import plotly.graph_objects as go

    figure = empty()
    days = [f"{day:%Y-%m-%d}" for day in found.weights.index]
    for place, name in enumerate(found.weights.columns):
        values = [round(float(value), 4) for value in found.weights[name]]
        line = {"width": 0.5, "shape": "hv", "color": COLOURS[place % len(COLOURS)]}
        figure.add_trace(go.Scatter(x=days, y=values, name=said(name), mode="lines", stackgroup="all", line=line))
    styled(figure, 320, "x unified")
    figure.update_layout(showlegend=True)
    figure.update_xaxes(type="date", hoverformat="%d %b %Y")
    return figure.update_yaxes(range=[0, 1], tickformat=".0%")


def curves(found: Weights) -> go.Figure:
    """What 100 became, with the weights, with equal ones, and in each strategy alone."""
    import plotly.graph_objects as go

    figure = empty()
    days = [f"{day:%Y-%m-%d}" for day in found.returns.index]
    n_alone = len(found.names)
    for place, name in enumerate(found.returns.columns):
        alone = place >= found.returns.shape[1] - n_alone
        colour = GREY if alone else ORANGE if name == EQUAL_LINE else BLUE if place == 0 else GREEN
        values = 100.0 * np.cumprod(1.0 + found.returns[name].to_numpy(np.float64))
        line = {"color": colour, "width": 1 if alone else 2}
        shown = [round(value, 3) for value in values.tolist()]
        figure.add_trace(go.Scatter(x=days, y=shown, name=said(name), mode="lines", line=line, opacity=0.6 if alone else 1.0))
    styled(figure, 400, "x unified")
    figure.update_layout(showlegend=True)
    figure.update_xaxes(type="date", hoverformat="%d %b %Y")
    return figure.update_yaxes(title={"text": "start = 100"}, type="log", hoverformat=".1f", minor={"showgrid": False})
