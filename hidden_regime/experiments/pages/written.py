"""Figures as text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from typing import Any

NOTHING = "\u2013"
"""Stands where there is no figure."""


def number(value: float | None, digits: int = 2) -> str:
    """With so many digits after the point.

    Examples
    --------
    >>> number(-0.001), number(12345.678), number(None) == NOTHING, number(float("inf"))
    ('0.00', '12,345.68', True, 'infinite')
    """
    if value is None or math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "infinite" if value > 0 else "-infinite"
    text = f"{value:,.{digits}f}"
    return text.removeprefix("-") if not any(c in text for c in "123456789") else text


def percent(value: float | None, digits: int = 1) -> str:
    """A fraction as a percentage."""
    return NOTHING if value is None or math.isnan(value) else f"{number(100.0 * value, digits)}%"


def years(value: float) -> str:
    """Years, of many without a fraction."""
    return number(value, 1 if value < 100 else 0)


def probability(value: float | None) -> str:
    """Two digits, or as many as tell it from 0 and 1, up to four.

    Examples
    --------
    >>> probability(0.5), probability(0.9962), probability(0.99999), probability(0.0)
    ('0.50', '0.996', '> 0.9999', '0.00')
    """
    if value is None or math.isnan(value):
        return NOTHING
    if value in (0.0, 1.0):
        return f"{value:.2f}"
    for digits in (2, 3, 4):
        if 0.0 < float(f"{value:.{digits}f}") < 1.0:
            return f"{value:.{digits}f}"
    return "> 0.9999" if value > 0.5 else "< 0.0001"


def plus_minus(mean: float | None, se: float | None, digits: int = 2) -> str:
    """A mean with its standard error, if it has one."""
    return number(mean, digits) + (f" \u00b1 {number(se, digits)}" if mean is not None and se is not None else "")


def signed(text: str) -> str:
    """A written figure with a plus where it is above 0.

    Examples
    --------
    >>> signed("0.24 \u00b1 0.62"), signed("-17%"), signed("0.00")
    ('+0.24 \u00b1 0.62', '-17%', '0.00')
    """
    above = text[:1].isdigit() and any(c in text.split(" ")[0] for c in "123456789")
    return f"+{text}" if above else text


def objective(value: float | None) -> str:
    """A value of an objective, which may be of any size."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return number(value, 3 if abs(value) < 100 else 1 if abs(value) < 10_000 else 0)


def set_of(parameters: Mapping[str, str]) -> str:
    """A set of parameters in one line."""
    return ", ".join(f"{name} = {value}" for name, value in parameters.items())


def listed(texts: Sequence[str], most: int = 12) -> str:
    """Texts with commas, the first ones of many."""
    return ", ".join(texts[:most]) + (f" and {len(texts) - most} more" if len(texts) > most else "")


def day(text: str | date) -> str:
    """A date as it is read."""
    one = date.fromisoformat(text) if isinstance(text, str) else text
    return f"{one.day} {one:%b} {one.year}"


def goals(spec: Mapping[str, Any]) -> str:
    """What was searched for, and what had to be kept."""
    said = " and ".join(
        f"{one['target']} ({one['direction']}" + (f", until {one['value']:g})" if one.get("value") is not None else ")")
        for one in spec["objectives"]
    )
    limits = spec.get("constraints") or []
    return said + (f", with {' and '.join(limits)}" if limits else "")


def inline(text: object) -> str:
    """A text from outside within a line or a cell of Markdown, which is neither markup nor a table there.

    Examples
    --------
    >>> inline("<b>|x")
    '&lt;b&gt;/x'
    """
    return escape(" ".join(str(text).split()), quote=False).replace("|", "/").replace("`", "'")
