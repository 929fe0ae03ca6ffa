"""Pictures of gains by year, and of equity before and after tax."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.experiments.pages.style import BLUE, GREY, ORANGE, empty, styled

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from hidden_regime.operation.tax.report import TaxReport


def by_year(report: TaxReport) -> go.Figure:
    """Short and long gains less losses, a bar each, by year."""
    import plotly.graph_objects as go

    figure = empty()
    years = [str(one.year) for one in report.years]
    for name, colour in (("short", ORANGE), ("long", BLUE)):
        values = [float(getattr(one, name)) for one in report.years]
        figure.add_trace(go.Bar(x=years, y=values, name=f"{name} term", marker={"color": colour}))
    styled(figure, 280)
    figure.update_xaxes(type="category")
    return figure.update_yaxes(title={"text": "dollars"}, tickformat=",.0f")


def before_and_after(curve: pd.DataFrame) -> go.Figure:
    """Equity, and equity less the tax that was due by each day."""
    import plotly.graph_objects as go

    figure = empty()
    days = [f"{day:%Y-%m-%d}" for day in curve.index]
    for name, said, colour in (("equity", "before tax", GREY), ("after_tax", "after tax", BLUE)):
        values = [round(float(value), 2) for value in curve[name]]
        figure.add_trace(go.Scatter(x=days, y=values, name=said, mode="lines", line={"color": colour, "width": 2}))
    styled(figure, 380, "x unified")
    figure.update_xaxes(type="date", hoverformat="%d %b %Y")
    return figure.update_yaxes(title={"text": "dollars"}, tickformat=",.0f")
