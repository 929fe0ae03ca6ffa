"""The error of one Sharpe ratio, and what follows from it. Ratios are of one period: a day, where returns are of trading days."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.checks import finite, number, whole
from hidden_regime.experiments.honesty.moments import given_moments, shape
from hidden_regime.experiments.honesty.normal import cdf, quantile


def sharpe_se(sharpe: float, n_obs: int, *, skew: float = 0.0, kurtosis: float = 3.0, ddof: int = 1) -> float:
    """Standard error of a Sharpe ratio of independent returns of any distribution.

    sqrt((1 - skew SR + (kurtosis - 1) / 4 SR^2) / (n_obs - ddof))

    Parameters
    ----------
    sharpe : float
        Of one period: of a day, if `n_obs` counts trading days. A ratio of a year is divided by sqrt(252) before, and the
        error multiplied by it after.
    n_obs : int
    skew, kurtosis : float
        Of the returns; the kurtosis is raw. The defaults are those of a normal distribution.
    ddof : 1 or 0
        1 as Bailey and López de Prado (2012) have it, 0 as Lo (2002) has it.

    References
    ----------
    Lo (2002), The statistics of Sharpe ratios, Financial Analysts Journal 58(4). Mertens (2002), Comments on variance of the
    IID estimator in Lo (2002).

    Examples
    --------
    Six months of days say little: the error of their Sharpe ratio of a year.

    >>> round(sharpe_se(0.0, 126) * 252**0.5, 2)
    1.42
    """
    if ddof not in (0, 1):
        raise ParameterError("ddof", ddof, "0 or 1")
    ratio = number("sharpe", sharpe, "a finite number, of one period")
    n = whole("n_obs", n_obs, "an integer of at least 2", low=2)
    return math.sqrt(spread(ratio, *shape(skew, kurtosis)) / (n - ddof))


def spread(sharpe: float, skew: float, kurtosis: float) -> float:
    """Variance of a Sharpe ratio times the number of observations; rounding alone could make it negative."""
    return max(1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe**2, 0.0)


def probabilistic_sharpe(
    *,
    returns: npt.ArrayLike | None = None,
    sharpe: float | None = None,
    n_obs: int | None = None,
    skew: float | None = None,
    kurtosis: float | None = None,
    benchmark: float = 0.0,
) -> float:
    """Probability that the true Sharpe ratio is above a benchmark: one minus the p-value of the one-sided test.

    Phi((SR - benchmark) / se(SR))

    Parameters
    ----------
    returns : (n_obs,), optional
        Returns of trading days; or the four moments instead.
    sharpe : float, optional
        Of one period.
    n_obs : int, optional
    skew, kurtosis : float, optional
        The kurtosis is raw; default: those of a normal distribution.
    benchmark : float
        Sharpe ratio of one period.

    References
    ----------
    Bailey and López de Prado (2012), The Sharpe ratio efficient frontier, Journal of Risk 15(2).

    Examples
    --------
    Two years of months; fat tails on the losing side take most of the doubt's room.

    >>> round(probabilistic_sharpe(sharpe=0.458, n_obs=24), 4)
    0.9817
    >>> round(probabilistic_sharpe(sharpe=0.458, n_obs=24, skew=-2.448, kurtosis=10.164), 4)
    0.9134
    """
    m = given_moments(returns, sharpe, n_obs, skew, kurtosis)
    away = m.sharpe - number("benchmark", benchmark, "a finite number, of one period")
    error = math.sqrt(spread(m.sharpe, m.skew, m.kurtosis) / (m.n_obs - 1))
    if error == 0.0:
        return 0.5 if away == 0.0 else float(away > 0.0)
    return cdf(away / error)


def minimum_track_record(
    *,
    returns: npt.ArrayLike | None = None,
    sharpe: float | None = None,
    skew: float | None = None,
    kurtosis: float | None = None,
    benchmark: float = 0.0,
    confidence: float = 0.95,
) -> float:
    """How many observations it takes until a Sharpe ratio like this one is above a benchmark with that confidence.

    1 + (1 - skew SR + (kurtosis - 1) / 4 SR^2) (z / (SR - benchmark))^2

    Parameters
    ----------
    returns : (n_obs,), optional
        Returns of trading days; or the moments instead.
    sharpe : float, optional
        Of one period.
    skew, kurtosis : float, optional
        The kurtosis is raw; default: those of a normal distribution.
    benchmark : float
        Sharpe ratio of one period.
    confidence : float
        Above 0.5 and below 1.

    Returns
    -------
    float
        Periods; infinity, if the ratio isn't above the benchmark.

    References
    ----------
    Bailey and López de Prado (2012), The Sharpe ratio efficient frontier, Journal of Risk 15(2).

    Examples
    --------
    Years that a Sharpe ratio of 0.5 a year has to last:

    >>> round(minimum_track_record(sharpe=0.5 / 252**0.5) / 252, 1)
    10.8
    """
    unused = None if returns is not None else 2
    m = given_moments(returns, sharpe, unused, skew, kurtosis)
    if not 0.5 < number("confidence", confidence, "a number above 0.5 and below 1") < 1.0:
        raise ParameterError("confidence", confidence, "a number above 0.5 and below 1")
    away = m.sharpe - number("benchmark", benchmark, "a finite number, of one period")
    if away <= 0.0:
        return math.inf
    return 1.0 + spread(m.sharpe, m.skew, m.kurtosis) * (quantile(confidence) / away) ** 2


def lo_eta(q: int, rho: npt.ArrayLike) -> float:
    """What a Sharpe ratio of one period is multiplied by for one of q periods, where returns depend on earlier ones.

    q / sqrt(q + 2 sum over k < q of (q - k) rho_k), which is sqrt(q) for independent returns.

    Parameters
    ----------
    q : int
        Periods: 12 from months to a year, 252 from trading days to a year.
    rho : float or array of floats
        A number is the autocorrelation of lag 1, each further lag's being a power of it (AR(1)); an array has the
        autocorrelations of the lags from 1 on, at most q - 1 of them, and those of longer lags are 0.

    References
    ----------
    Lo (2002), The statistics of Sharpe ratios, Financial Analysts Journal 58(4), equation 20.

    Examples
    --------
    >>> round(lo_eta(12, 0.2), 3), round(lo_eta(12, 0.0), 3)
    (2.879, 3.464)
    """
    q = whole("q", q, "an integer of at least 1")
    if np.ndim(rho) == 0:
        first = number("rho", rho, "autocorrelations between -1 and 1")  # type: ignore[arg-type]
        lags = first ** np.arange(1, q)
    else:
        lags = finite(rho, "rho", 1, "an autocorrelation, or those of the lags from 1 on")
    if len(lags) > q - 1 and np.ndim(rho):
        raise ParameterError("rho", rho, f"at most q - 1 = {q - 1} lags")
    if np.any(np.abs(lags) > 1.0):
        raise ParameterError("rho", rho, "autocorrelations between -1 and 1")
    weights = q - np.arange(1, len(lags) + 1)
    inside = q + 2.0 * float(weights @ lags)
    if inside <= 0.0:
        raise ParameterError("rho", rho, "autocorrelations that a series can have: the variance of its sums isn't positive")
    return q / math.sqrt(inside)
