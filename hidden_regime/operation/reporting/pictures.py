"""Small pictures as SVG inside a page: a curve with a band, and a strip of regimes.

A page that is made anew every few seconds, or kept by the hundred, can't carry a library of pictures with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

from hidden_regime.research.figures import colours

WIDTH, HEIGHT = 1000.0, 260.0
MARGIN = 0.06
"""Share of the values' range that is left free above and below."""


def _points(values: Sequence[float], low: float, high: float, n: int) -> list[str]:
    return [f"{WIDTH * i / max(n - 1, 1):.1f},{HEIGHT * (high - v) / (high - low):.1f}" for i, v in enumerate(values)]


def curve(labels: Sequence[str], values: Sequence[float], band: tuple[Sequence[float], Sequence[float]] | None = None) -> str:
    """A line over time, with what it is compared with as a band behind it.

    Parameters
    ----------
    labels : sequence of str
        Of the values; the first and the last are shown.
    values : sequence of float
    band : two sequences of float, optional
        Low and high of each.

    Returns
    -------
    str
        HTML. Empty where there are fewer than two values.
    """
    if len(values) < 2:
        return ""
    every = [*values, *(band[0] if band else ()), *(band[1] if band else ())]
    spread = (max(every) - min(every)) or abs(values[0]) or 1.0
    low, high, n = min(every) - MARGIN * spread, max(every) + MARGIN * spread, len(values)
    shade = ""
    if band:
        edge = " ".join([*_points(band[1], low, high, n), *reversed(_points(band[0], low, high, n))])
        shade = f'<polygon points="{edge}" fill="#8b97a3" fill-opacity="0.25"/>'
    line = (
        f'<polyline points="{" ".join(_points(values, low, high, n))}" fill="none" stroke="#3d85c6" stroke-width="2" '
        'vector-effect="non-scaling-stroke"/>'
    )
    return (
        f'<div class="curve"><div class="ends"><span>{max(every):,.2f}</span></div>'
        f'<svg viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" preserveAspectRatio="none" role="img">{shade}{line}</svg>'
        f'<div class="ends"><span>{min(every):,.2f}</span></div>'
        f'<div class="ends"><span>{escape(labels[0])}</span><span>{escape(labels[-1])}</span></div></div>'
    )


def strip(times: Sequence[str], regimes: Sequence[str]) -> str:
    """A strip of regimes, the oldest on the left, and the names of their colours."""
    if not regimes:
        return ""
    runs, place = [], 0
    for name, members in groupby(regimes):
        length = len(list(members))
        runs.append((name, place, length))
        place += length
    shades = colours(list(dict.fromkeys(regimes)))
    blocks = "".join(
        f'<rect x="{at}" y="0" width="{length}" height="1" fill="{shades[name]}"><title>'
        f"{escape(f'{name} from {times[at]} on, {length} bars')}</title></rect>"
        for name, at, length in runs
    )
    names = "".join(f'<span><i style="background:{shade}"></i>{escape(name)}</span>' for name, shade in shades.items())
    return (
        f'<div class="strip"><svg viewBox="0 0 {len(regimes)} 1" preserveAspectRatio="none" role="img">{blocks}</svg>'
        f'<div class="ends"><span>{escape(times[0])}</span><span>{escape(times[-1])}</span></div>'
        f'<div class="names">{names}</div></div>'
    )


STYLE = """.curve svg { display:block; width:100%; height:190px }
.strip svg { display:block; width:100%; height:26px; border-radius:5px }
.ends { display:flex; justify-content:space-between; color:var(--soft); font-size:12px }
.names { display:flex; flex-wrap:wrap; gap:2px 14px; font-size:13px; margin-top:2px }
.names i { display:inline-block; width:11px; height:11px; border-radius:3px; margin-right:5px }
@media print { .curve svg { height:170px } .strip svg { height:20px }
  * { -webkit-print-color-adjust:exact; print-color-adjust:exact } }"""
"""What the pictures need of a page's style sheet."""
