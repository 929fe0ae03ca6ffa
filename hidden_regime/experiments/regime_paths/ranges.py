"""From bars to the two features of a day, and back: open, high and low that have a given return and range."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from hidden_regime.kernels.results import Floats
from hidden_regime.regimes.bar_paths import BODY

Truths = npt.NDArray[np.bool_]
LEAST = 1e-16
"""Variance of a bar that counts as one without a range, as in `hidden_regime.bars.features.half_log`."""
STEEPEST = 1.0 - 2.0 * BODY
"""A bar whose range is its body has this part of half the squared body as its variance."""


def day_features(logs: Floats) -> Floats:
    """Log return and log Garman-Klass volatility, as `hidden_regime.bars.features` has them; (..., 4) -> (..., 2).

    Parameters
    ----------
    logs : (..., 4)
        Logarithms of open, high, low and close over the close before. The night isn't in the range: it goes from open to close.

    Returns
    -------
    (..., 2), the range NaN for a bar without one.
    """
    opened, high, low, close = np.moveaxis(logs, -1, 0)
    variance = 0.5 * (high - low) ** 2 - BODY * (close - opened) ** 2
    ranges = np.full(variance.shape, math.nan)
    seen = variance > LEAST
    ranges[seen] = 0.5 * np.log(variance[seen])
    return np.stack([close, ranges], axis=-1)


def lead_features(logs: Floats) -> Floats:
    """Features of the equally weighted day: means of the assets' returns and ranges.

    Parameters
    ----------
    logs : (n_assets, n_days, 4)

    Returns
    -------
    (n_days, 2), both NaN on a day on which no asset has a range: the kernels take a day whole or not at all.
    """
    own = day_features(logs)
    seen = ~np.isnan(own[..., 1])
    some = np.asarray(seen.any(axis=0))
    out = np.full((len(some), 2), math.nan)
    out[some, 0] = own[:, some, 0].mean(axis=0)
    out[some, 1] = np.nansum(own[:, some, 1], axis=0) / seen[:, some].sum(axis=0)
    return out


def bars_with(returns: Floats, ranges: Floats, nights: Floats, above: Floats) -> tuple[Floats, Truths]:
    """Bars whose features are given ones.

    Of a return r the night takes o, and the body c = r - o is the rest. Its variance is v = exp(2 g), exactly, where high and low
    are R apart::

        R = sqrt(2 (v + (2 ln 2 - 1) c^2))

    The R - |c| beyond the body lie in parts `above` and 1 - `above` over and under it. A range is never narrower than its body,
    R >= |c|, so that where |c| > sqrt(2 v / (1 - 2 (2 ln 2 - 1))) the body is cut to that, and the night takes what is left:
    return and range stay what they are.

    Parameters
    ----------
    returns, ranges, nights, above : (n_days,)
        Log return r, log volatility g, log of the open over the close before o, and a share from 0 to 1.

    Returns
    -------
    logs : (n_days, 4)
        Logarithms of open, high, low and close over the close before.
    clipped : (n_days,) of bool
        Where the body was cut.

    References
    ----------
    Garman and Klass (1980), "On the estimation of security price volatilities from historical data", Journal of Business 53(1).
    """
    variance = np.exp(2.0 * ranges)
    most = np.sqrt(2.0 * variance / STEEPEST)
    wanted = returns - nights
    body = np.clip(wanted, -most, most)
    clipped = np.abs(wanted) > most
    opened = np.where(clipped, returns - body, nights)
    size = np.abs(body)
    beyond = np.maximum(np.sqrt(2.0 * (variance + BODY * body**2)) - size, 0.0)
    high = np.maximum(opened, returns) + above * beyond
    low = np.minimum(opened, returns) - (1.0 - above) * beyond
    return np.stack([opened, high, low, returns], axis=-1), clipped
