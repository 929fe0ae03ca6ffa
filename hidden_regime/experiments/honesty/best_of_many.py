"""What the best of many trials has by luck alone, and what is left of a Sharpe ratio then."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.checks import finite, number
from hidden_regime.experiments.honesty.normal import quantile
from hidden_regime.experiments.honesty.sharpe import probabilistic_sharpe


def expected_best_sharpe(n_trials: float, *, variance: float = 1.0, exact: bool = False) -> float:
    """Sharpe ratio that the best of trials without any skill is expected to have.

    sqrt(variance) ((1 - g) Phi^-1(1 - 1/N) + g Phi^-1(1 - 1/(N e))), g = 0.5772... (Euler-Mascheroni): an approximation of the
    expected maximum of N normal draws, 2.3% above it for 10 trials and 0.4% for 1,000.

    Parameters
    ----------
    n_trials : float
        Trials that are independent, at least 1; no integer where it is an effective number (`effective_trials`). The formula
        is below 0 for less than about 1.3, which the expected best never is: 0 then.
    variance : float
        Of the trials' Sharpe ratios, which says the unit of the result: of days, where the ratios are of days.
    exact : bool
        The expected maximum itself, by quadrature of x N phi(x) Phi(x)^(N-1). The literature's deflated Sharpe ratios are made
        with the formula.

    References
    ----------
    Bailey and López de Prado (2014), The deflated Sharpe ratio, Journal of Portfolio Management 40(5).

    Examples
    --------
    >>> round(expected_best_sharpe(10), 4), round(expected_best_sharpe(10, exact=True), 4)
    (1.5746, 1.5388)
    """
    n = number("n_trials", n_trials, "a finite number of at least 1", low=1.0)
    deviation = math.sqrt(number("variance", variance, "a finite number of at least 0", low=0.0))
    if n == 1.0:
        return 0.0
    return deviation * (_expected_maximum(n) if exact else max(_approximate_maximum(n), 0.0))


def _approximate_maximum(n: float) -> float:
    g = float(np.euler_gamma)
    return -(1.0 - g) * quantile(1.0 / n) - g * quantile(1.0 / (n * math.e))  # Phi^-1(1 - p) = -Phi^-1(p) keeps small p


def _expected_maximum(n: float) -> float:
    from scipy.special import log_ndtr

    # Equal steps are as good as any rule for a smooth function that vanishes at both ends; the best of 10^200 is below 31.
    step = 0.01
    x = np.arange(-12.0, 38.0, step)
    log_density = math.log(n) - 0.5 * x**2 - 0.5 * math.log(2.0 * math.pi) + (n - 1.0) * log_ndtr(x)
    return float((x * np.exp(log_density)).sum() * step)


def deflated_sharpe(
    *,
    n_trials: float,
    variance: float | None = None,
    trial_sharpes: npt.ArrayLike | None = None,
    returns: npt.ArrayLike | None = None,
    sharpe: float | None = None,
    n_obs: int | None = None,
    skew: float | None = None,
    kurtosis: float | None = None,
) -> float:
    """Probability that the true Sharpe ratio of the best trial is above what the best of that many has by luck alone.

    The probabilistic Sharpe ratio against `expected_best_sharpe(n_trials, variance=variance)`. On pure noise it is above 0.95
    in fewer than 5 of 100 studies, where the probabilistic one of the best of 50 is in more than 90.

    Parameters
    ----------
    n_trials : float
        Trials behind the best one: all that were ever looked at, or their effective number, which decides the answer and
        belongs beside it.
    variance : float, optional
        Of the trials' Sharpe ratios, of one period each.
    trial_sharpes : (n,), optional
        These ratios themselves, from which the variance (ddof=1) is taken; one or the other, but not both.
    returns : (n_obs,), optional
        The best trial's returns of trading days; or its four moments instead.
    sharpe : float, optional
        Of one period.
    n_obs : int, optional
    skew, kurtosis : float, optional
        The kurtosis is raw; default: those of a normal distribution.

    References
    ----------
    Bailey and López de Prado (2014), The deflated Sharpe ratio, Journal of Portfolio Management 40(5), whose example this is:
    2.5 a year over five years of 250 days, the best of 100 trials.

    Examples
    --------
    >>> best = {"sharpe": 2.5 / 250**0.5, "n_obs": 1250, "skew": -3.0, "kurtosis": 10.0, "variance": 0.5 / 250}
    >>> round(deflated_sharpe(n_trials=100, **best), 4)
    0.9004
    >>> round(deflated_sharpe(n_trials=46, **best), 4)
    0.9505
    """
    by_luck = expected_best_sharpe(n_trials, variance=_variance(variance, trial_sharpes))
    return probabilistic_sharpe(returns=returns, sharpe=sharpe, n_obs=n_obs, skew=skew, kurtosis=kurtosis, benchmark=by_luck)


def _variance(variance: float | None, trial_sharpes: npt.ArrayLike | None) -> float:
    if trial_sharpes is None and variance is not None:
        return variance
    if trial_sharpes is None or variance is not None:
        raise ParameterError("variance", variance, "the variance of the trials' Sharpe ratios, or else trial_sharpes")
    ratios = finite(trial_sharpes, "trial_sharpes", 1, "the trials' Sharpe ratios, of one period each")
    if len(ratios) < 2:
        raise ParameterError("trial_sharpes", trial_sharpes, "at least two ratios", "Give variance=... for a single trial.")
    return float(ratios.var(ddof=1))


def minimum_backtest_length(n_trials: float, *, sharpe: float = 1.0) -> float:
    """How long a backtest has to be, lest the best of trials without skill is expected to have this Sharpe ratio.

    (expected best of N draws / sharpe)^2

    Parameters
    ----------
    n_trials : float
        Independent trials, at least 1.
    sharpe : float
        Above 0. Of a year for an answer in years, of a day for one in days.

    References
    ----------
    Bailey, Borwein, López de Prado and Zhu (2014), Pseudo-mathematics and financial charlatanism, Notices of the AMS 61(5).

    Examples
    --------
    Five years of data carry 45 trials: more, and one is expected at a Sharpe ratio of 1 a year.

    >>> round(minimum_backtest_length(45), 2)
    5.0
    """
    return (expected_best_sharpe(n_trials) / number("sharpe", sharpe, "a number above 0", above=0.0)) ** 2
