"""Figures of a walk-forward: what the winners of its windows had in sample, and what was left out of sample."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.checks import finite, whole
from hidden_regime.experiments.honesty.moments import varies_not
from hidden_regime.experiments.stitched import Stitched, stitch, stitched_figures
from hidden_regime.experiments.verdict import Verdict, judge
from hidden_regime.kernels.results import Floats

DIRECTIONS = {"max": 1.0, "min": -1.0}


@dataclass(frozen=True, eq=False)
class WindowRecord:
    """What one window of a walk-forward gave.

    Attributes
    ----------
    number : int
    is_value : float
        Objective of the winner in sample.
    oos_value : float, optional
        Its objective out of sample; None or NaN, if it has none, as without a trade.
    is_median, oos_median : float, optional
        Median of the objective over all trials of the window.
    oos_return : float, optional
        Return out of sample, a fraction; default: of `oos_returns`.
    parameters : mapping of str to str
        The winner's.
    oos_returns : (n_days,)
        Its returns of trading days out of sample.
    oos_dates : (n_days,) dates, optional
        Needed where windows overlap.
    """

    number: int
    is_value: float
    oos_value: float | None = None
    is_median: float | None = None
    oos_median: float | None = None
    oos_return: float | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    oos_returns: npt.ArrayLike = ()
    oos_dates: npt.ArrayLike | None = None


class Average(NamedTuple):
    """A mean over windows, with its standard error: standard deviation (ddof=1) over the root of their number.

    None where it is undefined: the mean of nothing, the error of fewer than two. The windows of an anchored walk-forward share
    days in sample, and random ones days out of sample, too: the error is too small for them.
    """

    mean: float | None
    se: float | None
    n: int


class ParameterStability(NamedTuple):
    """How much the winners' values of a numeric parameter vary from window to window.

    Attributes
    ----------
    name : str
    mean : float
    std : float or None
        ddof=1; None of a single window.
    cv : float or None
        Coefficient of variation, std / |mean|; None at a mean of 0.
    n : int
        Windows that have it.
    """

    name: str
    mean: float
    std: float | None
    cv: float | None
    n: int


@dataclass(frozen=True)
class WalkForwardFigures:
    """Figures of a walk-forward. What is undefined is None.

    Attributes
    ----------
    n_windows : int
    in_sample, out_of_sample : Average
        Of the winners' objective.
    degradations : tuple of float or None
        Out of sample less in sample, of each window.
    degradation : Average
        Of these.
    degradation_percent : float or None
        Mean degradation over the mean in sample of the same windows, as a fraction: -0.5 is half lost. None, if that mean isn't
        above 0.
    consistency_sharpe, consistency_return : float
        Share of all windows with a Sharpe ratio, and with a return, above 0 out of sample.
    selection_in_sample, selection_out_of_sample : Average
        The winner against the median trial of its window, in the direction of the objective: what the choice added. Out of
        sample, that is what it was worth.
    stability : tuple of ParameterStability
        Of each parameter whose values are all numbers, by name.
    stitched : Stitched or None
        None, if the curve has no Sharpe ratio.
    missing, flat : tuple of int
        Numbers of the windows without a value out of sample, which are left out of the means of it; and of further ones whose
        returns out of sample never differ. What they lack isn't above 0: they stay among the windows that consistency is of.
    verdict : Verdict
    """

    n_windows: int
    in_sample: Average
    out_of_sample: Average
    degradations: tuple[float | None, ...]
    degradation: Average
    degradation_percent: float | None
    consistency_sharpe: float
    consistency_return: float
    selection_in_sample: Average
    selection_out_of_sample: Average
    stability: tuple[ParameterStability, ...]
    stitched: Stitched | None
    missing: tuple[int, ...]
    flat: tuple[int, ...]
    verdict: Verdict


def walk_forward_figures(
    records: Sequence[WindowRecord], *, direction: str = "max", periods_per_year: int = 252
) -> WalkForwardFigures:
    """Figures and verdict of the windows of a walk-forward.

    Parameters
    ----------
    records : sequence of WindowRecord
        In order of time.
    direction : "max" or "min"
        Of the objective.
    periods_per_year : int
        Trading days.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> windows = [WindowRecord(i, 1.5, 1.0, 1.3, parameters={"fast": str(20 + i)}, oos_returns=rng.normal(0.001, 0.01, 126))
    ...            for i in range(1, 21)]
    >>> found = walk_forward_figures(windows)
    >>> round(found.degradation_percent, 3), found.consistency_sharpe, found.stability[0].mean, found.verdict.answer
    (-0.333, 0.8, 30.5, 'robust')
    """
    if direction not in DIRECTIONS:
        raise ParameterError("direction", direction, f"one of {tuple(DIRECTIONS)}")
    whole("periods_per_year", periods_per_year, "an integer of at least 1")
    if not records:
        raise ParameterError("records", records, "at least one window")
    sign = DIRECTIONS[direction]
    inside = [_number(f"records[{i}].is_value", r.is_value) for i, r in enumerate(records)]
    outside = [_optional(r.oos_value) for r in records]
    changes = [None if o is None else o - i for i, o in zip(inside, outside, strict=True)]
    returns = [finite(r.oos_returns, f"records[{i}].oos_returns", 1, "returns of days") for i, r in enumerate(records)]
    change, paired = _average(changes), [i for i, o in zip(inside, outside, strict=True) if o is not None]
    percent = _percent(change.mean, paired)
    n_positive = sum(_has_positive_sharpe(r) for r in returns)
    stitched = stitched_figures(stitch(returns, [r.oos_dates for r in records]), periods_per_year)
    missing = tuple(r.number for r, o in zip(records, outside, strict=True) if o is None)
    still = [len(x) == 0 or varies_not(x) for x in returns]
    flat = tuple(r.number for r, s in zip(records, still, strict=True) if s and r.number not in missing)
    return WalkForwardFigures(
        n_windows=len(records),
        in_sample=_average(inside),
        out_of_sample=_average(outside),
        degradations=tuple(changes),
        degradation=change,
        degradation_percent=percent,
        consistency_sharpe=n_positive / len(records),
        consistency_return=sum(_total(r, x) > 0.0 for r, x in zip(records, returns, strict=True)) / len(records),
        selection_in_sample=_gain(inside, [r.is_median for r in records], sign),
        selection_out_of_sample=_gain(outside, [r.oos_median for r in records], sign),
        stability=_stability([r.parameters for r in records]),
        stitched=stitched,
        missing=missing,
        flat=flat,
        verdict=judge(
            stitched, n_windows=len(records), n_positive=n_positive, worse=None if percent is None else -sign * percent,
            missing=missing, flat=flat, periods_per_year=periods_per_year,
        ),
    )  # fmt: skip


def _number(name: str, value: float) -> float:
    if _optional(value) is None:
        raise ParameterError(name, value, "a finite number", "A window whose search found no winner has no record.")
    return float(value)


def _optional(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _average(values: Sequence[float | None]) -> Average:
    x = np.array([value for value in values if value is not None], dtype=np.float64)
    if not len(x):
        return Average(None, None, 0)
    return Average(float(x.mean()), float(x.std(ddof=1)) / math.sqrt(len(x)) if len(x) > 1 else None, len(x))


def _percent(change: float | None, inside: Sequence[float]) -> float | None:
    if change is None or sum(inside) <= 0.0:
        return None
    return change / (sum(inside) / len(inside))


def _gain(best: Sequence[float | None], median: Sequence[float | None], sign: float) -> Average:
    pairs = [(b, _optional(m)) for b, m in zip(best, median, strict=True)]
    return _average([sign * (b - m) for b, m in pairs if b is not None and m is not None])


def _has_positive_sharpe(returns: Floats) -> bool:
    return len(returns) > 1 and not varies_not(returns) and float(returns.mean()) > 0.0


def _total(record: WindowRecord, returns: Floats) -> float:
    given = _optional(record.oos_return)
    return float(np.prod(1.0 + returns) - 1.0) if given is None else given


def _stability(winners: Sequence[Mapping[str, str]]) -> tuple[ParameterStability, ...]:
    found = []
    for name in sorted({name for winner in winners for name in winner}):
        values = [_parsed(winner[name]) for winner in winners if name in winner]
        numbers = np.array([value for value in values if value is not None])
        if len(numbers) < len(values):
            continue
        mean = float(numbers.mean())
        std = float(numbers.std(ddof=1)) if len(numbers) > 1 else None
        cv = None if std is None or mean == 0.0 else std / abs(mean)
        found.append(ParameterStability(name, mean, std, cv, len(numbers)))
    return tuple(found)


def _parsed(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
