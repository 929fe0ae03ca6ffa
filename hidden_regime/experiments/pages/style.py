"""How the pictures of experiments look.

Backgrounds are transparent, and ink and lines of a middle tone, so that a picture can be read on white and on black alike: in a
notebook it doesn't know where it is. A page's style sheet puts its own ink over them.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go

INK, LINE = "#738191", "rgba(128,140,152,0.25)"
BLUE, ORANGE, GREEN, GREY = "#3d85c6", "#e08214", "#2f9e6e", "#8b97a3"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"
LONGEST = 28
"""Letters of a text beside an axis."""


def said(text: object, longest: int = LONGEST) -> str:
    """A text for a picture, where plotly would take tags as formats and links; a long one loses its middle."""
    whole = str(text)
    if len(whole) > longest:
        tail = (longest - 1) // 3
        whole = f"{whole[: longest - 1 - tail]}\u2026{whole[len(whole) - tail :]}"
    return escape(whole, quote=False)


def labels(texts: Sequence[object], longest: int = LONGEST) -> list[str]:
    """Labels of a picture's categories: what is cut stays different, and so does what is empty."""
    out: list[str] = []
    for text in texts:
        label = said(text, longest) if str(text).strip() else "(empty)"
        while label in out:
            label += "\u2032"
        out.append(label)
    return out


def empty() -> go.Figure:
    """A figure that depends on no template a user may have chosen."""
    import plotly.graph_objects as go

    return go.Figure(layout={"template": go.layout.Template()})


def styled(figure: go.Figure, height: int, hover: str = "closest", margin: dict[str, int] | None = None) -> go.Figure:
    """The figure with the look of all of them."""
    figure.update_layout(
        height=height, margin={"l": 62, "r": 18, "t": 20, "b": 44} | (margin or {}), paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)", font={"family": FONT, "size": 13, "color": INK}, hovermode=hover, bargap=0.3,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        hoverlabel={"bgcolor": "#1d2733", "bordercolor": "#5d6b7a", "font": {"color": "#ffffff", "family": FONT, "size": 13}},
    )  # fmt: skip
    axis: dict[str, Any] = {
        "title": {"font": {"size": 13}},
        "gridcolor": LINE,
        "zerolinecolor": LINE,
        "linecolor": LINE,
        "automargin": True,
    }
    figure.update_xaxes(showgrid=False, showline=True, zeroline=False, ticks="outside", tickcolor=LINE, **axis)
    figure.update_yaxes(showgrid=True, **axis)
    return figure
