"""What a rule on the predictions would have earned a bar, beside holding and momentum, before costs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hidden_regime.experiments.honesty import deflated_sharpe, probabilistic_sharpe, sharpe_difference_bootstrap, sharpe_interval
from hidden_regime.kernels.results import Floats
from hidden_regime.regimes.statistics import TRADING_DAYS

FEWEST = 60


@dataclass(frozen=True)
class Earned:
    """Returns of one rule.

    Attributes
    ----------
    name : str
    total, sharpe, drawdown, exposure, hit_rate : float
        The Sharpe ratio is of a year; `hit_rate` is the share of bars with a gain among those that it held.
    sharpe_low, sharpe_high : float
        95%, by the studentised block bootstrap; NaN where there is none.
    """

    name: str
    total: float
    sharpe: float
    sharpe_low: float
    sharpe_high: float
    drawdown: float
    exposure: float
    hit_rate: float


def earned(
    name: str, position: Floats, returns: Floats, n_resamples: int, seed: int, *, days_a_year: int = TRADING_DAYS
) -> Earned:
    """Of a position after each bar, and the return that it is held for."""
    got = position * returns
    held = position != 0.0
    curve = np.cumprod(1.0 + got)
    peak = np.maximum.accumulate(np.concatenate([[1.0], curve]))[1:]
    spread = float(got.std(ddof=1)) if len(got) > 1 else 0.0
    ratio = float(got.mean()) / spread * math.sqrt(days_a_year) if spread > 1e-12 else math.nan
    low = high = math.nan
    if spread > 1e-12 and len(got) >= FEWEST:
        found = sharpe_interval(got, n_resamples=n_resamples, seed=seed)
        low, high = found.low * math.sqrt(days_a_year), found.high * math.sqrt(days_a_year)
    return Earned(
        name, float(curve[-1] - 1.0) if len(curve) else 0.0, ratio, low, high, float((1.0 - curve / peak).max(initial=0.0)),
        float(held.mean()) if len(held) else 0.0, float((got[held] > 0.0).mean()) if held.any() else math.nan)  # fmt: skip


@dataclass(frozen=True)
class Luck:
    """What is left of the rule's Sharpe ratio once its error and the tries behind it are counted.

    Attributes
    ----------
    psr : float or None
        Probability that the true ratio is above 0, as if nothing else had been tried.
    dsr : float or None
        The same against what the best of `n_trials` has by luck.
    n_trials : int
        Recipes that were ever looked at.
    difference, low, high, p : float or None
        Sharpe ratio of a year less that of holding, paired, with its 95% and the probability of as much by chance.
    """

    psr: float | None
    dsr: float | None
    n_trials: int
    difference: float | None
    low: float | None
    high: float | None
    p: float | None


def luck(position: Floats, returns: Floats, n_trials: int, n_resamples: int, seed: int, *,
         days_a_year: int = TRADING_DAYS) -> Luck:  # fmt: skip
    """Of the model's rule; None where it was always or never in the market, so that there is nothing to judge."""
    got = position * returns
    if len(got) < FEWEST or not float(got.std()) > 1e-12:
        return Luck(None, None, n_trials, None, None, None, None)
    psr = probabilistic_sharpe(returns=got)
    # Ratios of rules without skill differ by their own errors: 1 / n_obs is the variance of a ratio of a day.
    dsr = deflated_sharpe(returns=got, n_trials=float(n_trials), variance=1.0 / len(got)) if n_trials > 1 else psr
    if np.array_equal(got, returns):
        return Luck(psr, dsr, n_trials, 0.0, None, None, None)
    paired = sharpe_difference_bootstrap(got, returns, n_resamples=n_resamples, seed=seed)
    year = math.sqrt(days_a_year)
    return Luck(psr, dsr, n_trials, paired.difference * year, paired.low * year, paired.high * year, paired.p)
