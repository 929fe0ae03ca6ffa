"""The whole step of a bar in the kernels, where the backend has it: C++ alone does.

`detection.step` has the reference in a few lines; what is here gives the same bits, faster.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from hidden_regime.kernels import backends
from hidden_regime.kernels.results import Floats, Integers


def can_follow() -> bool:
    """Whether the backend in use has the step."""
    return backends.backend() == "native"


@cache
def _native() -> Any:
    """The C++ kernels, looked up once: to import them at each bar would take as long as some of its parts."""
    return backends.module("native")


@cache
def places(table: str, n_states: int, n_features: int, n_observed: int, room: int) -> list[tuple[str, int, str]]:
    """Name, place and shape of each part of a table: "slate", "rules" or "told", see native/slate.hpp.

    A shape has a letter for each axis: K for n_states, D for n_features, F for n_observed, R for room.
    """
    found: list[tuple[str, int, str]] = _native().places(table, n_states, n_features, n_observed, room)
    return found


def follow(slates: list[Floats], rows: list[Floats], periods: list[Floats], told: list[Floats], rules: Floats,
           progress: Integers, trains: bool, spent: Floats) -> None:  # fmt: skip
    """Take assets through their bars until all are done, or one of them has a bar that the reference must see to.

    Parameters
    ----------
    slates : list of (size,)
        Overwritten: what is known of each asset.
    rows : list of (n_bars, n_observed)
        Observations of each.
    periods : list of (n_bars,)
        What its schedule compares.
    told : list of (n_bars, width)
        Written: the regime after each bar.
    rules : (n_rules,)
    progress : (n_assets, 2) int64
        The first bar of each that wasn't taken yet, read and written; and written, whether it is one for the reference.
    trains : bool
        Whether models are trained here; else a bar that is due for it is one for the reference.
    spent : (3,)
        Seconds of fits, of identity and names, and of filter and regimes, which are added to.
    """
    _native().follow(slates, rows, periods, told, rules, progress, trains, spent)


def follow_bar(slates: list[Floats], rules: Floats, rows: list[Any], periods: list[float], trains: bool,
               spent: Floats) -> list[tuple[Any, ...] | None]:  # fmt: skip
    """`follow` for one bar of each asset.

    Parameters
    ----------
    slates, rules, trains, spent
        As there.
    rows : list of sequence of float
        The observation of each asset.
    periods : list of float

    Returns
    -------
    list of tuple
        What is told of each bar, the probabilities as a tuple at its end; None where the reference must see to it.
    """
    found: list[tuple[Any, ...] | None] = _native().follow_bar(slates, rules, rows, periods, trains, spent)
    return found


def observe(opens: Floats, highs: Floats, lows: Floats, closes: Floats) -> Floats:
    """Log return and log range of sound bars (n_bars,), as the features of these names have them, (n_bars, 2): NaN at first."""
    rows = np.empty((len(closes), 2))
    prices = (np.ascontiguousarray(part, np.float64) for part in (opens, highs, lows, closes))
    _native().observe(*prices, rows)
    return rows
