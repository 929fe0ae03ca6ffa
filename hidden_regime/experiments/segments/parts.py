"""From days with their parts to the parts with their figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hidden_regime.experiments.honesty.holm import holm
from hidden_regime.experiments.segments.bootstrap import Resampled, differences, intervals, resampled
from hidden_regime.experiments.segments.part import Difference, Figures, Interval, Part, figures_of
from hidden_regime.experiments.segments.spells import Spells, spell_sums, spells_of
from hidden_regime.kernels.results import Floats
from hidden_regime.regimes.statistics import TRADING_DAYS


def parts_of(labels: Sequence[str], order: Sequence[str], returns: Floats, benchmark: Floats | None, *, apart: Sequence[str] = (),
             min_spells: int = 5, n_resamples: int = 2000, seed: int = 0,
             days_a_year: int = TRADING_DAYS) -> tuple[Part, ...]:  # fmt: skip
    """Parts in an order, with intervals, differences from the rest, and Holm's adjustment of their p values.

    Parameters
    ----------
    labels : (n_days,) sequence of str
    order : sequence of str
        Names of the parts that have a day.
    returns : (n_days,)
    benchmark : (n_days,), optional
        Returns of the benchmark.
    apart : sequence of str
        Parts that belong to no rest and are no hypothesis, as days before a regime is known.
    min_spells, n_resamples, seed : int
    days_a_year : int
        Trading days.
    """
    codes = np.array([{name: i for i, name in enumerate(order)}[label] for label in labels], np.int64)
    spells = spells_of(codes)
    center = float(returns.mean())
    sums = spell_sums(returns - center, spells)
    theirs = [i for i, name in enumerate(order) if name not in apart]
    parts = []
    for code, name in enumerate(order):
        mine = spells.codes == code
        part = _part(name, Spells(*(one[mine] for one in spells)), returns, benchmark, min_spells, days_a_year)
        if not part.too_few and name not in apart:
            own = resampled(sums[mine], center, n_resamples, (seed, code, 0), days_a_year)
            mean, sharpe = intervals(own)
            part = replace(part, mean_interval=mean, sharpe_interval=sharpe)
            others = ~mine & np.isin(spells.codes, theirs)
            if others.sum() >= min_spells:
                part = _against(part, own, resampled(sums[others], center, n_resamples, (seed, code, 1), days_a_year))
        parts.append(part)
    return _adjusted(tuple(parts), len(theirs) == 2)


def whole_of(returns: Floats, days_a_year: int = TRADING_DAYS) -> Figures:
    """Figures of all days."""
    return figures_of(returns, spells_of(np.zeros(len(returns), np.int64)), days_a_year)


def _part(name: str, own: Spells, returns: Floats, benchmark: Floats | None, min_spells: int, days_a_year: int) -> Part:
    n_days = int(own.lengths.sum())
    against = None if benchmark is None else figures_of(benchmark, own, days_a_year)
    return Part(
        name, n_days, len(own.starts), n_days / len(returns), len(own.starts) < min_spells,
        figures_of(returns, own, days_a_year), against,
    )  # fmt: skip


def _against(part: Part, own: Resampled, rest: Resampled) -> Part:
    mean, sharpe = differences(own, rest)
    return replace(part, mean_difference=mean, sharpe_difference=sharpe)


def _adjusted(parts: tuple[Part, ...], two: bool) -> tuple[Part, ...]:
    """With Holm's p values, of means and of Sharpe ratios."""
    means = _holm([part.mean_difference for part in parts], two)
    sharpes = _holm([part.sharpe_difference for part in parts], two)
    return tuple(
        replace(part, mean_difference=mean, sharpe_difference=sharpe)
        for part, mean, sharpe in zip(parts, means, sharpes, strict=True)
    )


def _holm(given: list[Difference | None], two: bool) -> list[Difference | None]:
    """Adjusted. Of two parts that are each other's rest there is one test and not two: the second has the first's."""
    found = [one for one in given if one is not None]
    if two and len(found) == 2:
        first, (low, high) = found[0], found[0].interval
        adjusted = [first, replace(first, value=-first.value, interval=Interval(-high, -low))]
    else:
        adjusted = [replace(one, p_holm=float(p)) for one, p in zip(found, holm([one.p for one in found]), strict=True)]
    rest = iter(adjusted)
    return [None if one is None else next(rest) for one in given]
