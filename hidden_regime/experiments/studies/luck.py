"""How much of a study's best trial is luck: what has to stand beside its Sharpe ratio."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.honesty import (
    deflated_sharpe,
    effective_trials,
    expected_best_sharpe,
    minimum_backtest_length,
    minimum_track_record,
    pbo,
    pbo_noise_band,
    probabilistic_sharpe,
    return_moments,
)
from hidden_regime.experiments.honesty.moments import varies_not
from hidden_regime.kernels.results import Floats
from hidden_regime.regimes.statistics import TRADING_DAYS

BLOCKS = (10, 8, 6, 4)
"""Into how many blocks days are cut for PBO and for its band alike, the most first, each with `SHORTEST` days at least."""
SHORTEST = 10
PANELS = 200


@dataclass(frozen=True)
class Luck:
    """Of a study's best trial, by trading days. None: it can't be said, for the reason in `notes`.

    Attributes
    ----------
    n_tries : int
        Different sets that were tried.
    n_effective : float or None
        As many independent ones they are worth, by the mean correlation of their returns.
    n_effective_by_eigenvalues : float or None
        The same by the eigenvalues of the correlations: the choice between the two decides, so both are shown.
    sharpe : float or None
        Of the best, a year.
    psr : float or None
        Probability that the true one is above 0, as if nothing else had been tried. Never to be shown alone.
    dsr, dsr_effective, dsr_eigenvalues : float or None
        Probability that it is above what the best of so many has by luck: of all tries, and of the effective numbers.
    luck_sharpe : float or None
        A year's Sharpe ratio that the best of all tries has by luck.
    minimum_track_record : float or None
        Years that it takes until psr is .95; infinite for a Sharpe ratio of 0 and less.
    minimum_backtest : float or None
        Years below which the best of so many is expected to have a Sharpe ratio of 1 by luck.
    years : float
    pbo : float or None
        Probability of backtest overfitting.
    pbo_low, pbo_high : float or None
        What pure noise of the same shape and correlation gives, in 90 of 100 panels.
    pbo_blocks : int
    best_minus_median : float or None
        Of the objective: what choosing the best added over the middle of the study.
    notes : tuple of str
    """

    n_tries: int
    n_effective: float | None
    n_effective_by_eigenvalues: float | None
    sharpe: float | None
    psr: float | None
    dsr: float | None
    dsr_effective: float | None
    dsr_eigenvalues: float | None
    luck_sharpe: float | None
    minimum_track_record: float | None
    minimum_backtest: float | None
    years: float
    pbo: float | None
    pbo_low: float | None
    pbo_high: float | None
    pbo_blocks: int
    best_minus_median: float | None
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As what JSON can hold: infinite is null, and a note says so."""
        plain = {name: None if isinstance(v, float) and not math.isfinite(v) else v for name, v in asdict(self).items()}
        return plain | {"notes": list(self.notes)}


def luck_of(best: Floats | None, others: Floats, n_tries: int, values: Sequence[float], best_value: float | None,
            seed: int = 0, *, days_a_year: int = TRADING_DAYS) -> Luck:  # fmt: skip
    """How much of it is luck.

    Parameters
    ----------
    best : (n_days,) or None
        The best trial's returns of trading days.
    others : (n_days, n_trials)
        Those of all different trials that were complete, its own among them.
    n_tries : int
        Different sets that were tried, those that failed too.
    values : sequence of float
        The objective of each feasible trial.
    best_value : float or None
    seed : int
        Of the band that noise gives.
    days_a_year : int
        Trading days.
    """
    notes: list[str] = []
    median = None if best_value is None or not values else float(best_value - np.median(np.asarray(values)))
    years = len(others) / days_a_year
    backtest = minimum_backtest_length(n_tries) if n_tries > 1 else None
    nothing = Luck(n_tries, None, None, None, None, None, None, None, None, None, backtest, years, None, None, None, 0, median)
    if best is None or len(best) < 3 or varies_not(best):
        unknown = "no trial may be the best" if best_value is None else "the best trial's equity isn't known day by day"
        why = unknown if best is None else "the best trial's equity never moves, or for less than three days"
        return replace(nothing, notes=(why,))
    moving = others[:, [not varies_not(column) for column in others.T]]
    found = effective_trials(moving)
    sharpes = moving.mean(axis=0) / moving.std(axis=0, ddof=1)
    year = math.sqrt(days_a_year)
    m = return_moments(best)
    psr = probabilistic_sharpe(returns=best)
    record = minimum_track_record(returns=best) / days_a_year
    if math.isinf(record):
        notes.append("no record is long enough: the best trial's Sharpe ratio isn't above 0")
    deflated: list[float | None] = [None, None, None]
    by_luck = None
    if moving.shape[1] > 1:
        variance = float(sharpes.var(ddof=1))
        by_luck = expected_best_sharpe(n_tries, variance=variance) * year if n_tries > 1 else 0.0
        deflated = [
            deflated_sharpe(n_trials=max(n, 1.0), variance=variance, returns=best)
            for n in (float(n_tries), found.by_correlation, found.by_eigenvalues)
        ]
    else:
        notes.append("a single trial that moves has nothing to be deflated by")
    overfitting, low, high, blocks = None, None, None, 0
    try:
        blocks = next((n for n in BLOCKS if len(moving) >= n * SHORTEST), 0)
        if moving.shape[1] > 1 and blocks:
            overfitting = pbo(moving, n_blocks=blocks).value
            rho = 0.0 if math.isnan(found.mean_correlation) else min(max(found.mean_correlation, 0.0), 0.999)
            band = pbo_noise_band(len(moving), moving.shape[1], n_blocks=blocks, correlation=rho, n_panels=PANELS, seed=seed)
            low, high = band.low, band.high
        else:
            notes.append(f"PBO needs two trials that move and {BLOCKS[-1] * SHORTEST} days")
    except ParameterError as error:
        notes.append(f"no PBO: {error.text}")
    of_all, of_effective, of_eigenvalues = deflated
    return Luck(
        n_tries, found.by_correlation, found.by_eigenvalues, m.sharpe * year, psr, of_all, of_effective, of_eigenvalues, by_luck,
        record, backtest, years, overfitting, low, high, blocks, median, tuple(notes))  # fmt: skip
