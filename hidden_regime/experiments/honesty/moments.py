"""Moments of returns, which the error of a Sharpe ratio is made of, and what the numbers may be."""

from __future__ import annotations

from typing import NamedTuple

import numpy.typing as npt

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.checks import finite, number, whole
from hidden_regime.kernels.results import Floats


class ReturnMoments(NamedTuple):
    """What a series of returns says of its Sharpe ratio.

    Attributes
    ----------
    sharpe : float
        Mean over standard deviation (ddof=1), of one period: of a day, where the returns are of days.
    n_obs : int
    skew : float
        Third moment about the mean over the third power of the standard deviation (ddof=0); of a normal distribution 0.
    kurtosis : float
        Fourth moment likewise, raw: of a normal distribution 3.
    """

    sharpe: float
    n_obs: int
    skew: float
    kurtosis: float


def return_moments(returns: npt.ArrayLike) -> ReturnMoments:
    """Sharpe ratio, number, skewness and raw kurtosis of returns.

    Parameters
    ----------
    returns : (n_obs,)
        Returns of trading days, over the risk-free rate where that matters. Weekends that are filled with zeros make the
        ratio smaller and its error wrong.

    Raises
    ------
    ParameterError
        Fewer than two returns, one that is no finite number, or none that differs from the others: their Sharpe ratio is
        undefined.

    Examples
    --------
    >>> found = return_moments([0.01, -0.01, 0.02, 0.0])
    >>> round(found.sharpe, 4), found.n_obs, round(found.kurtosis, 2)
    (0.3873, 4, 1.64)
    """
    x = finite(returns, "returns", 1, "returns of trading days, in one dimension")
    if len(x) < 2:
        raise ParameterError("returns", returns, "at least two returns", "Run over a longer range.")
    if varies_not(x):
        raise ParameterError(
            "returns", returns, "returns that differ from each other, for others have no Sharpe ratio",
            "A strategy that never traded has none.",
        )  # fmt: skip
    mean = float(x.mean())
    away = (x - mean) / float(x.std())
    skew, kurtosis = float((away**3).mean()), float((away**4).mean())
    return ReturnMoments(mean / float(x.std(ddof=1)), len(x), skew, kurtosis)


def varies_not(x: Floats) -> bool:
    """Whether all are the same, or so near that their variance is no number; a mean of equal ones need not be one of them."""
    return bool(x.min() == x.max() or x.std() == 0.0)


def given_moments(
    returns: npt.ArrayLike | None, sharpe: float | None, n_obs: int | None, skew: float | None, kurtosis: float | None
) -> ReturnMoments:
    """Either those of the returns, or those that were given: a normal distribution's where skewness and kurtosis are left out."""
    if returns is not None:
        for name, value in (("sharpe", sharpe), ("n_obs", n_obs), ("skew", skew), ("kurtosis", kurtosis)):
            if value is not None:
                raise ParameterError(name, value, "nothing beside returns, which have their own", "Give one or the other.")
        return return_moments(returns)
    if sharpe is None or n_obs is None:
        missing = "sharpe" if sharpe is None else "n_obs"
        raise ParameterError(missing, None, "a number, or returns", "Give returns=..., or sharpe=... and n_obs=... .")
    skew, kurtosis = shape(0.0 if skew is None else skew, 3.0 if kurtosis is None else kurtosis)
    ratio = number("sharpe", sharpe, "a finite number, of one period")
    return ReturnMoments(ratio, whole("n_obs", n_obs, "an integer of at least 2", low=2), skew, kurtosis)


def shape(skew: float, kurtosis: float) -> tuple[float, float]:
    """Skewness and kurtosis that a distribution can have: no kurtosis is below 1 + skew**2, which excess kurtosis mostly is."""
    skew = number("skew", skew, "a finite number")
    least = 1.0 + skew**2
    kurtosis = number("kurtosis", kurtosis, "a finite number")
    if kurtosis < least * (1.0 - 1e-9):
        raise ParameterError(
            "kurtosis", kurtosis, f"at least 1 + skew**2 = {least:g}, as every distribution has",
            "It is the raw one, of a normal distribution 3: add 3 to an excess kurtosis.",
        )  # fmt: skip
    return skew, kurtosis
