"""Figures of regimes, in matplotlib."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

from hidden_regime.exceptions import MissingDependencyError
from hidden_regime.regimes.statistics import check_shared
from hidden_regime.research.figures import COLOURS, FAINT, INK, colours, round_ticks

if TYPE_CHECKING:
    import pandas as pd


def _figure(width: float, height: float) -> Any:
    """A figure that a notebook shows, whatever its matplotlib is set to, and that no global list holds on to."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingDependencyError("matplotlib isn't installed: pip install 'hidden-regime[plot]'.") from error

    figure: Any = Figure(figsize=(width, height), layout="constrained")
    figure._repr_png_ = partial(_png, figure)
    return figure


def _png(figure: Any) -> bytes:
    with BytesIO() as image:
        figure.savefig(image, format="png", dpi=90)
        return image.getvalue()


def _plain(name: str) -> str:
    """A name as it is: matplotlib takes what stands between dollars for mathematics."""
    return name.replace("$", r"\$")


def price_and_probabilities(ticker: str, close: pd.Series, states: pd.DataFrame) -> Any:
    """Price shaded by the regime known at each close, over the stacked filtered probabilities of the regimes."""
    import pandas as pd

    figure = _figure(11, 6)
    from matplotlib.dates import date2num

    check_shared(states.index, close.index)
    known = states[states["regime"].notna()]
    seen = set(known["regime"])
    present = [name for name in [*COLOURS, *sorted(seen - set(COLOURS))] if name in seen]
    shade = colours(present)
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[0.62, 0.38])
    for axes in (top, bottom):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color=FAINT)
        axes.set_axisbelow(True)
    top.plot(close.index, close, color=INK, linewidth=1.1)
    top.set_yscale("log")
    marks = round_ticks(close)
    low, high = top.get_ylim()
    top.set_yticks([], minor=True)
    top.set_yticks(marks["tickvals"], marks["ticktext"])
    top.set_ylim(low, high)
    top.set_ylabel(f"{_plain(ticker)} (log)")
    runs = (known["regime"] != known["regime"].shift()).cumsum()
    times = list(known.index)
    starts = [*known.groupby(runs).head(1).index]
    bar = close.index[-1] - close.index[-2] if len(close) > 1 else pd.Timedelta(days=1)
    ends = [*starts[1:], times[-1] + bar] if times else []
    # One artist a regime, however often it came: a span each takes seconds where there are thousands.
    to_number: Any = date2num
    spans: dict[str, list[tuple[float, float]]] = {name: [] for name in present}
    for name, begin, end in zip(known.loc[starts, "regime"], to_number(starts), to_number(ends), strict=True):
        spans[name].append((begin, end - begin))
    for name, places in spans.items():
        top.broken_barh(places, (0, 1), transform=top.get_xaxis_transform(), color=shade[name], alpha=0.32, linewidth=0)
    shown = [known[f"prob_{name}"] for name in present]
    labels = [_plain(name) for name in present]
    bottom.stackplot(times, *shown, colors=[shade[name] for name in present], labels=labels, linewidth=0)
    bottom.set_ylim(0, 1)
    bottom.set_ylabel("probability")
    bottom.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=max(len(present), 1), frameon=False)
    return figure
