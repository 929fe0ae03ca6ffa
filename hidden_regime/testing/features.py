"""Proof that a feature of one's own is a function of the bars that it asks for, and of nothing else."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from hidden_regime.bars.feature import Column, Feature
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.exceptions import ConformanceError, ParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from hidden_regime.bars.bar import Bar


def check_feature(feature: Feature | Column, frame: pd.DataFrame, *, draws: int = 50, random_state: int = 0) -> None:
    """Raise unless a feature gives a number for each bar that depends on its `n_bars` latest bars alone.

    Parameters
    ----------
    feature : Feature or Column
    frame : DataFrame
        Bars to try it on.
    draws : int
        Bars at which it is asked again, in another order.
    random_state : int
        Seed of that order.

    Raises
    ------
    ConformanceError
        Names the bar and what the feature said of it.

    Examples
    --------
    >>> import math
    >>> from hidden_regime import Feature, load_dataset
    >>> from hidden_regime.testing import check_feature
    >>> frame = load_dataset("aapl").iloc[:200]
    >>> check_feature(Feature("gap", lambda bars: math.log(bars[1].open / bars[0].close), n_bars=2), frame)
    >>> seen = []
    >>> check_feature(Feature("count", lambda bars: float(seen.append(0) or len(seen))), frame)
    Traceback (most recent call last):
    hidden_regime.exceptions.ConformanceError: hidden_regime: ... remembers ...
    """
    bars = list(frame_to_bars(frame, [feature.name] if isinstance(feature, Column) else ()))
    n = feature.n_bars
    if len(bars) <= n:
        raise ParameterError("frame", f"{len(bars)} bars", f"more than the {n} that {feature.name!r} needs")
    ends = range(n, len(bars) + 1)
    values = [_asked(feature, bars[end - n : end]) for end in ends]
    if all(math.isnan(value) for value in values):
        raise ConformanceError(f"{feature.name!r} has no value at any of {len(values)} bars: expected some number.")
    for place in np.random.default_rng(random_state).integers(0, len(values), draws).tolist():
        end = ends[place]
        again = _asked(feature, bars[end - n : end])
        if again != values[place] and not (math.isnan(again) and math.isnan(values[place])):
            raise ConformanceError(
                f"{feature.name!r} is {values[place]} at the bar of {bars[end - 1].end_time}, and {again} when asked again: it "
                "remembers something, or draws at random. Expected a function of its bars alone."
            )


def _asked(feature: Feature | Column, bars: Sequence[Bar]) -> float:
    given = list(bars)
    value = feature.value(given)
    if given != list(bars):
        raise ConformanceError(
            f"{feature.name!r} changed the bars that it was shown at {bars[-1].end_time}: expected it to read them alone."
        )
    return value
