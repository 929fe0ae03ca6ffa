"""Whole spells drawn again: how sure a part's mean return and Sharpe ratio are, and what they differ from the rest by.

The intervals and p values are those of the studentised bootstrap: each resample's departure is taken in units of its own standard
error. Of 5 to 30 spells the percentiles of the plain bootstrap are too narrow; these keep their level.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hidden_regime.experiments.segments.part import Difference, Interval
from hidden_regime.kernels.results import Floats
from hidden_regime.regimes.statistics import TRADING_DAYS

LEVEL = 0.95
LOST = 0.05
"""Share of resamples without a Sharpe ratio beyond which there is no interval: their spells hold too few days that differ."""
CELLS = 1 << 20
ROUNDING = 1e-12
PAIRS = np.triu_indices(3)


class Estimates(NamedTuple):
    """Mean and Sharpe ratio of a year, and their variances; (n_resamples,) each. NaN where returns don't vary."""

    mean: Floats
    mean_variance: Floats
    sharpe: Floats
    sharpe_variance: Floats


class Resampled(NamedTuple):
    """Of some spells themselves, with one row, and of their resamples."""

    found: Estimates
    drawn: Estimates


def resampled(sums: Floats, center: float, n_resamples: int, seed: tuple[int, ...],
              days_a_year: int = TRADING_DAYS) -> Resampled:  # fmt: skip
    """Draw spells with replacement.

    Parameters
    ----------
    sums : (n_spells, 3)
        Of returns less `center`, as `spell_sums` makes them; at least two spells.
    center : float
        A return near the mean of all: sums of squares lose fewer digits so.
    n_resamples : int
    seed : tuple of int
        The same seed and spells give the same draws, whatever else is drawn.
    days_a_year : int
        Trading days.
    """
    n_spells = len(sums)
    whole = np.concatenate([sums, sums[:, PAIRS[0]] * sums[:, PAIRS[1]]], axis=1)
    rng, even = np.random.default_rng(seed), np.full(n_spells, 1.0 / n_spells)
    rows = max(CELLS // n_spells, 1)
    parts = []
    for first in range(0, n_resamples, rows):
        times = rng.multinomial(n_spells, even, min(rows, n_resamples - first))
        # Column by column, and no product of matrices: that rounds otherwise for other numbers of rows and of threads.
        parts.append(np.column_stack([(times * column).sum(axis=1) for column in whole.T]))
    found, drawn = (_estimates(one, n_spells, center, days_a_year) for one in (whole.sum(axis=0)[None], np.concatenate(parts)))
    return Resampled(found, drawn)


def _estimates(sums: Floats, n_spells: int, center: float, year: int) -> Estimates:
    """Ratios of sums over spells. A variance is that of the sum over spells of each day's influence, which is linear in a spell's
    days n, sum s and squares q: so the squares of these sums follow from sums of the products of n, s and q."""
    n, s, q = sums[:, 0], sums[:, 1], sums[:, 2]
    mean = s / n
    variance = q / n - mean**2
    varies = (variance > 1e-10 * (q / n)) & (n > 1)
    deviation = np.sqrt(np.where(varies, variance * n / np.maximum(n - 1.0, 1.0), np.nan))
    sharpe = (mean + center) / deviation
    unit = n_spells / (n_spells - 1) / n**2
    own = np.ones_like(mean)
    of_days = -mean / deviation - 0.5 * sharpe * (mean**2 / deviation**2 - 1.0)
    of_sharpe = (of_days, 1.0 / deviation + sharpe * mean / deviation**2, -0.5 * sharpe / deviation**2)
    return Estimates(
        (mean + center) * year, unit * _squares(sums, -mean, own, 0.0 * own) * year**2, sharpe * math.sqrt(year),
        unit * _squares(sums, *of_sharpe) * year)  # fmt: skip


def _squares(sums: Floats, a: Floats, b: Floats, c: Floats) -> Floats:
    """Sum over spells of (a n + b s + c q)^2."""
    nn, ns, nq, ss, sq, qq = sums[:, 3:].T
    alone = a * a * nn + b * b * ss + c * c * qq
    total = alone + 2.0 * (a * b * ns + a * c * nq + b * c * sq)
    # What never varies leaves a rounding here, which is no variance.
    return np.where(total > ROUNDING * alone, total, 0.0)


def intervals(own: Resampled) -> tuple[Interval | None, Interval | None]:
    """Of the mean and the Sharpe ratio of a year."""
    found, drawn = own
    mean = _interval(found.mean[0], found.mean_variance[0], drawn.mean, drawn.mean_variance)
    return mean, _interval(found.sharpe[0], found.sharpe_variance[0], drawn.sharpe, drawn.sharpe_variance)


def differences(own: Resampled, rest: Resampled) -> tuple[Difference | None, Difference | None]:
    """Of the mean and the Sharpe ratio from those of the rest; without Holm's adjustment."""
    (a, a_drawn), (b, b_drawn) = own, rest
    mean = _difference(a.mean[0] - b.mean[0], a.mean_variance[0] + b.mean_variance[0], a_drawn.mean - b_drawn.mean,
                       a_drawn.mean_variance + b_drawn.mean_variance)  # fmt: skip
    sharpe = _difference(a.sharpe[0] - b.sharpe[0], a.sharpe_variance[0] + b.sharpe_variance[0], a_drawn.sharpe - b_drawn.sharpe,
                         a_drawn.sharpe_variance + b_drawn.sharpe_variance)  # fmt: skip
    return mean, sharpe


def _departures(value: float, drawn: Floats, drawn_variance: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Of each resample in units of its own error, and which of them have one."""
    good = np.isfinite(drawn) & (drawn_variance > 0.0)
    return (drawn[good] - value) / np.sqrt(drawn_variance[good]), good


def _interval(value: float, variance: float, drawn: Floats, drawn_variance: Floats) -> Interval | None:
    if not math.isfinite(value) or not variance > 0.0:
        return None
    departures, good = _departures(value, drawn, drawn_variance)
    if 1.0 - good.mean() > LOST:
        return None
    se, tail = math.sqrt(variance), (1.0 - LEVEL) / 2.0
    low, high = np.quantile(departures, [1.0 - tail, tail])
    return Interval(float(value - low * se), float(value - high * se))


def _difference(value: float, variance: float, drawn: Floats, drawn_variance: Floats) -> Difference | None:
    interval = _interval(value, variance, drawn, drawn_variance)
    if interval is None:
        return None
    departures, good = _departures(value, drawn, drawn_variance)
    # What has no error counts against a difference, and what was found is one of the draws that there might have been.
    beyond = int((np.abs(departures) >= abs(value) / math.sqrt(variance)).sum() + (~good).sum())
    p = (1.0 + beyond) / (1.0 + len(good))
    return Difference(float(value), interval, p, p)
