"""The curve of a walk-forward: its out-of-sample days as one series, which is the headline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.checks import finite
from hidden_regime.experiments.honesty.moments import return_moments, varies_not
from hidden_regime.experiments.honesty.sharpe import minimum_track_record, probabilistic_sharpe, sharpe_se
from hidden_regime.kernels.results import Floats


@dataclass(frozen=True)
class Stitched:
    """Sharpe ratio of the stitched curve, and how sure it is.

    Attributes
    ----------
    n_days : int
        Trading days out of sample.
    sharpe, se : float
        Of a day; the standard error is Mertens's, of these returns' skewness and kurtosis.
    annual_sharpe, annual_se : float
        Times the square root of the trading days of a year.
    psr : float
        Probability that the true Sharpe ratio is above 0.
    skew, kurtosis : float
        The kurtosis is raw.
    minimum_track_record : float
        Days until `psr` is 0.95 at this Sharpe ratio; infinity, if that isn't above 0.
    """

    n_days: int
    sharpe: float
    se: float
    annual_sharpe: float
    annual_se: float
    psr: float
    skew: float
    kurtosis: float
    minimum_track_record: float


def stitch(returns: Sequence[npt.ArrayLike], dates: Sequence[npt.ArrayLike | None] | None = None) -> Floats:
    """Out-of-sample returns of all windows as one series.

    Parameters
    ----------
    returns : sequence of (n_days,)
        Of each window, in order; empty for one without any.
    dates : sequence of (n_days,) dates, optional
        Days of these returns. With them, the curve goes by date, and a day that several windows tested (random splits overlap)
        has the mean of their returns, so that no day counts twice. Without, the windows must follow each other.

    Examples
    --------
    >>> days = [["2020-01-02", "2020-01-03"], ["2020-01-03", "2020-01-06"]]
    >>> stitch([[0.01, 0.02], [0.04, 0.01]], days).round(3).tolist()
    [0.01, 0.03, 0.01]
    """
    parts = [finite(r, f"returns[{i}]", 1, "returns of trading days, in one dimension") for i, r in enumerate(returns)]
    if not parts:
        return np.empty(0)
    if dates is None or all(d is None for d in dates):
        return np.concatenate(parts)
    days = []
    for i, (part, given) in enumerate(zip(parts, dates, strict=True)):
        own = np.asarray([] if given is None else given, dtype="datetime64[D]")
        if own.shape != part.shape:
            raise ParameterError(f"dates[{i}]", given, f"a date for each of the {len(part)} returns")
        days.append(own)
    every, places = np.unique(np.concatenate(days), return_inverse=True)
    places = places.ravel()
    return np.bincount(places, np.concatenate(parts), len(every)) / np.bincount(places, minlength=len(every))


def stitched_figures(returns: Floats, periods_per_year: int = 252) -> Stitched | None:
    """Figures of the curve; None where it has no Sharpe ratio: fewer than two days, or no day that differs.

    Examples
    --------
    >>> import numpy as np
    >>> found = stitched_figures(np.random.default_rng(0).normal(0.0005, 0.01, 1260))
    >>> f"{found.annual_sharpe:.2f} +- {found.annual_se:.2f}, {found.psr:.3f}"
    '0.22 +- 0.45, 0.692'
    """
    if len(returns) < 2 or varies_not(returns):
        return None
    m = return_moments(returns)
    se = sharpe_se(m.sharpe, m.n_obs, skew=m.skew, kurtosis=m.kurtosis)
    year = math.sqrt(periods_per_year)
    return Stitched(
        m.n_obs, m.sharpe, se, m.sharpe * year, se * year, probabilistic_sharpe(returns=returns), m.skew, m.kurtosis,
        minimum_track_record(returns=returns),
    )  # fmt: skip
