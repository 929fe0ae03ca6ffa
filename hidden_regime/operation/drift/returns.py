"""Whether returns have fallen below those of the backtest: Page's test, with a limit that the backtest's own days set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.checks import finite
from hidden_regime.experiments.honesty.resampling import block_length
from hidden_regime.kernels.results import Floats
from hidden_regime.operation.drift.draws import N_DRAWS, Draws, drawn

YEAR = 252
RATE = 0.05
"""Share of years, drawn from the backtest, in which the test calls for somebody."""
SLACK = 0.25
"""Standard deviations of a day that a day may lie below the backtest's mean at no charge."""
FEWEST = 60
"""Days of a backtest below which nothing is tested."""


@dataclass(frozen=True)
class Fall:
    """What Page's test says of the latest days, a year of them at most.

    Attributes
    ----------
    sums : (n_days,)
        Page's sum after each day, in standard deviations of a day.
    limit : float
        What the sums of `RATE` of all years without a change pass.
    first : int or None
        The first day on which it was passed.
    """

    sums: Floats
    limit: float
    first: int | None


def page_sums(scores: Floats) -> Floats:
    """Page's (1954) sums against a fall, along the last axis: max(0, sum - score - SLACK)."""
    out, total = np.empty_like(scores), np.zeros(scores.shape[:-1])
    for i in range(scores.shape[-1]):
        total = np.maximum(total - scores[..., i] - SLACK, 0.0)
        out[..., i] = total
    return out


def fall_limit(past: Floats, draws: Draws, rate: float = RATE) -> float:
    """The limit that so many of the years pass that are drawn where nothing has changed."""
    before, after = past[draws.past], past[draws.live]
    sd = before.std(axis=1, ddof=1)
    scores = (after - before.mean(axis=1)[:, None]) / np.where(sd > 0.0, sd, 1.0)[:, None]
    return float(np.quantile(page_sums(scores).max(axis=1), 1.0 - rate, method="higher"))


def fall_of(past: npt.ArrayLike, live: npt.ArrayLike, *, rate: float = RATE, n_draws: int = N_DRAWS, seed: int = 0) -> Fall:
    """Test the latest days, a year of them at most, against a backtest's.

    Parameters
    ----------
    past, live : (n_days,)
        Returns of trading days, of the backtest and since.
    rate : float
        Share of the years drawn from the backtest that are called for one.
    n_draws, seed : int

    Raises
    ------
    ParameterError
        The backtest has fewer than 60 days, or never varies.

    Notes
    -----
    A day scores its return less the backtest's mean, in the backtest's standard deviations. The sum of what lies more than a
    quarter of a deviation below is compared with the maxima of such sums over years that are drawn, in blocks, from the
    backtest itself, against a backtest that is drawn too: what is uncertain of the mean is in the limit.

    References
    ----------
    Page (1954), Continuous inspection schemes, Biometrika 41.
    """
    x = finite(past, "past", 1, "returns of trading days, in one dimension")
    y = finite(live, "live", 1, "returns of trading days, in one dimension")[-YEAR:]
    sd = float(x.std(ddof=1)) if len(x) > 1 else 0.0
    if len(x) < FEWEST or not sd > 0.0:
        raise ParameterError("past", len(x), f"returns of at least {FEWEST} days that vary")
    limit = fall_limit(x, drawn(len(x), YEAR, block_length(x, squares=True), n_draws=n_draws, seed=seed), rate)
    sums = page_sums((y - float(x.mean())) / sd)
    above = np.flatnonzero(sums > limit)
    return Fall(sums, limit, int(above[0]) if len(above) else None)


@dataclass(frozen=True)
class Band:
    """What 90 of 100 backtests drawn again came to after so many days, from 1 at the beginning: (n_days,) each."""

    low: Floats
    high: Floats


def growth_band(past: npt.ArrayLike, n_days: int, *, n_draws: int = N_DRAWS, seed: int = 0) -> Band:
    """The band in which growth lies where nothing has changed."""
    x = finite(past, "past", 1, "returns of trading days, in one dimension")
    if len(x) < FEWEST:
        raise ParameterError("past", len(x), f"returns of at least {FEWEST} days")
    draws = drawn(len(x), n_days, block_length(x, squares=True), n_draws=n_draws, seed=seed)
    low, high = np.quantile(np.cumprod(1.0 + x[draws.live], axis=1), [0.05, 0.95], axis=0)
    return Band(low, high)
