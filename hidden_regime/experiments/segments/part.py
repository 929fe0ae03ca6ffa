"""One part of the days, and its figures. Means, deviations and Sharpe ratios are of a year of trading days."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from hidden_regime.experiments.honesty.moments import varies_not
from hidden_regime.experiments.segments.spells import Spells
from hidden_regime.kernels.results import Floats
from hidden_regime.regimes.statistics import TRADING_DAYS


class Interval(NamedTuple):
    """95 of 100 such intervals hold the true value."""

    low: float
    high: float


@dataclass(frozen=True)
class Figures:
    """Of the returns of some days.

    Attributes
    ----------
    total_return : float
        Product of all 1 + return, less 1.
    mean : float
        Mean return of a day times the days of a year.
    volatility : float or None
        Deviation of a year; None of a single day.
    sharpe : float or None
        Mean over volatility; None where returns don't vary. No interest is taken off.
    drawdown : float
        Largest fall from a high inside one spell, the close before its first day counted as one.
    gains : float
        Share of days with a return above 0.
    """

    total_return: float
    mean: float
    volatility: float | None
    sharpe: float | None
    drawdown: float
    gains: float


@dataclass(frozen=True)
class Difference:
    """From the rest of the days.

    Attributes
    ----------
    value : float
        The part's figure less the rest's.
    interval : Interval
        95%.
    p : float
        Two-sided, of no difference.
    p_holm : float
        Adjusted by Holm over the parts that were tested.
    """

    value: float
    interval: Interval
    p: float
    p_holm: float


@dataclass(frozen=True)
class Part:
    """A part of the days.

    Attributes
    ----------
    name : str
    days, spells : int
        A spell is consecutive days of one part.
    share : float
        Of all days.
    too_few : bool
        Fewer spells than intervals and tests ask for: there are none of them.
    own : Figures
    benchmark : Figures or None
        The same days of what the run is measured against; None where it isn't known.
    mean_interval, sharpe_interval : Interval or None
    mean_difference, sharpe_difference : Difference or None
        From all other days of which the part is known; None of too few spells here or there, and where returns don't vary.
    """

    name: str
    days: int
    spells: int
    share: float
    too_few: bool
    own: Figures
    benchmark: Figures | None = None
    mean_interval: Interval | None = None
    sharpe_interval: Interval | None = None
    mean_difference: Difference | None = None
    sharpe_difference: Difference | None = None

    def to_dict(self) -> dict[str, Any]:
        """As what JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Part:
        """A part of what `to_dict` gave."""
        values = dict(told)
        for name, kind in (("own", Figures), ("benchmark", Figures)):
            values[name] = None if told[name] is None else kind(**told[name])
        for name in ("mean_interval", "sharpe_interval"):
            values[name] = None if told[name] is None else Interval(*told[name])
        for name in ("mean_difference", "sharpe_difference"):
            one = told[name]
            values[name] = None if one is None else Difference(**{**one, "interval": Interval(*one["interval"])})
        return cls(**values)


def figures_of(returns: Floats, spells: Spells, days_a_year: int = TRADING_DAYS) -> Figures:
    """Figures of the days of some spells.

    Parameters
    ----------
    returns : (n_days,)
        Of all days.
    spells : Spells
        At least one.
    days_a_year : int
        Trading days.

    Examples
    --------
    >>> from hidden_regime.experiments.segments.spells import spells_of
    >>> found = figures_of(np.array([0.1, -0.5, 0.2]), spells_of(np.array([0, 0, 0])))
    >>> round(found.total_return, 3), found.drawdown, round(found.gains, 2)
    (-0.34, 0.5, 0.67)
    """
    parts = [returns[start : start + length] for start, length in zip(spells.starts, spells.lengths, strict=True)]
    days = np.concatenate(parts)
    varies = len(days) > 1 and not varies_not(days)
    volatility = float(days.std(ddof=1)) * math.sqrt(days_a_year) if varies else (0.0 if len(days) > 1 else None)
    mean = float(days.mean()) * days_a_year
    return Figures(
        float(np.prod(1.0 + days)) - 1.0, mean, volatility, mean / volatility if volatility else None,
        max(_fall(part) for part in parts), float((days > 0.0).mean()))  # fmt: skip


def _fall(returns: Floats) -> float:
    """Largest fall from a high, which the close before the first day may be."""
    curve = np.concatenate([[1.0], np.cumprod(1.0 + returns)])
    return float((1.0 - curve / np.maximum.accumulate(curve)).max())
