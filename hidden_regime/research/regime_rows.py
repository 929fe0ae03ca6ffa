"""A table of regimes as text, for the terminal and for the report."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def percent(value: float) -> str:
    """A share as text; "-" where it is unknown."""
    return "-" if math.isnan(value) else f"{value:.1%}"


def cells(row: Mapping[Any, Any], unit: str = "") -> list[str]:
    """A regime's share, return and volatility a year, runs, and lengths in bars, of a row of `regime_table`.

    How long it lasts is told by the runs.
    """
    lengths = [f"{row['mean_run']:.1f}", f"{row['longest']:.0f}", f"{row['duration']:.0f}"]
    shares = [percent(value) for value in (row["share"], math.expm1(row["annual_return"]), row["annual_volatility"])]
    return [*shares, f"{row['runs']:.0f}", *(length + unit for length in lengths)]
