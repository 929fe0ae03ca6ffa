"""Bands of regimes beneath any of our pictures over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.pages.style import said
from hidden_regime.regimes.palette import PALETTE
from hidden_regime.research.figures import colours

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

OPACITY = 0.24


def band_colours(names: list[str]) -> dict[str, str]:
    """A colour for each regime: the usual ones for usual names."""
    return colours(names)


def regime_bands(figure: go.Figure, regimes: pd.DataFrame, *, until: Any = None, shades: Mapping[str, str] | None = None,
                 legend: bool = True, axis: str = "x") -> go.Figure:  # fmt: skip
    """Lay bands of regimes under a picture over time, from top to bottom through all of its rows.

    A band begins where its regime became known and ends where the next one did. So with filtered regimes, as `Result.regimes`
    and `RegimeDetector.run` have them, what lies right of a band's left edge was earned with the regime known.

    Parameters
    ----------
    figure : Figure
        Its axis holds dates. It is changed, and returned.
    regimes : DataFrame
        A column regime by time, rising; no name is no band.
    until : date, optional
        End of the last band; default: the last time, so that it has no width.
    shades : mapping of str to str, optional
        Colours by name, of which others have no band; default: the palette's.
    legend : bool
        Name the bands in the legend.
    axis : str
        Name of the time axis, where it isn't the first one.

    Examples
    --------
    >>> import pandas as pd
    >>> from hidden_regime.experiments.pages.style import empty
    >>> times = pd.to_datetime(["2020-01-02", "2020-01-03", "2020-01-06"])
    >>> calls = pd.DataFrame({"regime": ["Bear", "Bear", "Bull"]}, index=times)
    >>> figure = regime_bands(empty(), calls, until="2020-01-08")
    >>> [shape.name for shape in figure.layout.shapes]
    ['Bear', 'Bull']
    >>> figure.layout.shapes[1].path
    'M 2020-01-06,0 L 2020-01-06,1 L 2020-01-08,1 L 2020-01-08,0 Z'
    """
    if "regime" not in regimes:
        raise ParameterError("regimes", list(regimes.columns), "a column regime", "Result.regimes has such frames, by ticker.")
    runs = _runs(regimes, until)
    present = {name for name, _, _ in runs}
    names = [*(name for name in PALETTE if name in present), *sorted(present - set(PALETTE))]
    chosen = band_colours(names) if shades is None else shades
    for name in names:
        if name in chosen:
            path = " ".join(f"M {a},0 L {a},1 L {b},1 L {b},0 Z" for own, a, b in runs if own == name and a != b)
            if path:
                # One shape a regime: a picture of a hundred changes stays small.
                figure.add_shape(type="path", path=path, xref=axis, yref="paper", layer="below", line={"width": 0},
                                 fillcolor=chosen[name], opacity=OPACITY, name=said(name))  # fmt: skip
                if legend:
                    _name(figure, name, chosen[name])
    return figure


def _name(figure: go.Figure, name: str, colour: str) -> None:
    """A line of the legend. A shape's own would be as faint as its band."""
    import plotly.graph_objects as go

    marker = {"symbol": "square", "size": 11, "color": colour}
    # Without a time, lest the axis grows by the room that a marker takes.
    figure.add_trace(
        go.Scatter(x=[None], y=[None], mode="markers", marker=marker, name=said(name), hoverinfo="skip", showlegend=True)
    )


def _runs(regimes: pd.DataFrame, until: Any) -> list[tuple[str, str, str]]:
    """Name, begin and end of each band."""
    import pandas as pd

    if not len(regimes):
        return []
    names = ["" if pd.isna(name) else str(name) for name in regimes["regime"]]
    index = pd.DatetimeIndex(regimes.index).tz_localize(None)
    first = [0, *(i for i in range(1, len(names)) if names[i] != names[i - 1])]
    ends = [*(index[place] for place in first[1:]), index[-1] if until is None else max(pd.Timestamp(until), index[-1])]
    return [(names[place], _text(index[place]), _text(end)) for place, end in zip(first, ends, strict=True) if names[place]]


def _text(time: pd.Timestamp) -> str:
    """A time as a path of plotly takes it."""
    return f"{time:%Y-%m-%d}" if time == time.normalize() else f"{time:%Y-%m-%d_%H:%M:%S}"
