"""How wild an asset is now: a scale that moves from bar to bar, which no regime's constant volatility does."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from hidden_regime.kernels.results import Floats
from hidden_regime.regimes.skewed_t import SkewedT, estimate_shape

KEEP = 0.88
"""Share of its logarithm that the scale keeps from a bar to the next, where bars have a range."""
LEVERAGE = 0.8
"""How much more a bar tells, in the logarithm of its variance, for each standard deviation of a fall; of a rise, less."""
KEEP_SQUARES, LEVERAGE_SQUARES = 0.93, 0.6
"""The same where there are returns alone: of the scale itself, and of a fall's square against a rise's."""
FARTHEST = 9.0
"""Standard deviations that count as leverage at most."""
FEWEST = 20
"""Bars without which nothing is said of a scale."""


class MovingScale(NamedTuple):
    """What a window says of an asset's scale, which `moving_scale` finds.

    Attributes
    ----------
    level : float
        Variance to be expected of the next bar's return; NaN where the window says nothing.
    keep : float
        Share of it that stays from bar to bar.
    shape : SkewedT
        Of returns over the root of the variance expected of them.
    has_range : bool
        Whether it follows the bars' ranges; otherwise it follows squared returns.
    slope, noise : float
        Of a bar's log range variance over what was expected: how it rises with the size of the shock, and the standard deviation
        of the rest. 0 without ranges. Only simulation asks for them, and for the offset.
    offset : float
        Where that line begins, over the variance expected of the return: the logarithm of what share of it a range shows.
    """

    level: float
    keep: float
    shape: SkewedT
    has_range: bool
    slope: float = 0.0
    noise: float = 0.0
    offset: float = 0.0


def moving_scale(returns: Floats, log_ranges: Floats | None = None, drift: float = 0.0) -> MovingScale:
    """Scale after the last bar of a window.

    With ranges, v_t = exp(2 log_range_t) a bar's Garman-Klass variance, and z_t = return_t over its root mean square in the
    window, limited to `FARTHEST`::

        log s_t = KEEP log s_(t-1) + (1 - KEEP) (log v_t - LEVERAGE z_t)

    which starts at the window's mean of log v. The logarithm of a range is close to normal, so one wild bar (or a wrong high)
    can't carry it away, and falls raise it: an EGARCH of ranges. Without them it is one of squares::

        s_t = KEEP_SQUARES s_(t-1) + (1 - KEEP_SQUARES) return_t^2 (1 - LEVERAGE_SQUARES sign(return_t))

    The variance expected of the next return is c s_t, c the ratio of what returns did to s: sum of return_(t+1)^2 over sum of
    s_t. It also makes good for the night, which a range doesn't see.

    Parameters
    ----------
    returns : (n_samples,)
        Log returns of the window, oldest first; NaN is missing.
    log_ranges : (n_samples,), optional
        Half the logarithm of each bar's own variance; NaN is missing. Where most are, it is squares that count.
    drift : float
        Mean to take from the returns before their shape is looked at.

    References
    ----------
    Alizadeh, Brandt and Diebold (2002), "Range-based estimation of stochastic volatility models", Journal of Finance 57(3).
    Brandt and Jones (2006), "Volatility forecasting with range-based EGARCH models", Journal of Business and Economic
    Statistics 24(4). Glosten, Jagannathan and Runkle (1993), "On the relation between the expected value and the volatility of
    the nominal excess return on stocks", Journal of Finance 48(5), for the leverage of squares.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> sds = np.repeat([0.005, 0.02], 100)
    >>> returns = sds * rng.standard_normal(200)
    >>> log_ranges = np.log(sds) + 0.3 * rng.standard_normal(200)
    >>> float(np.sqrt(moving_scale(returns, log_ranges).level).round(3))
    0.021
    """
    r = np.ascontiguousarray(returns, dtype=np.float64)
    seen = np.isfinite(r)
    if seen.sum() < FEWEST or not (r[seen] != 0.0).any():
        return MovingScale(math.nan, KEEP, estimate_shape(np.empty(0)), has_range=log_ranges is not None)
    x = None if log_ranges is None else 2.0 * np.ascontiguousarray(log_ranges, dtype=np.float64)
    has_range = x is not None and 2 * np.isfinite(x).sum() > len(r)
    if x is not None and has_range:
        before, after = _of_ranges(r, x)
    else:
        before, after = _of_squares(r)
    ratio = float((r[seen] ** 2).sum() / before[seen].sum())
    shocks = (r - drift)[seen] / np.sqrt(ratio * before[seen])
    shape = estimate_shape(shocks)
    if x is None or not has_range:
        return MovingScale(ratio * after, KEEP_SQUARES, shape, has_range=False)
    begin, slope, noise = _line(np.abs(shocks), x[seen] - np.log(before[seen]))
    return MovingScale(ratio * after, KEEP, shape, has_range=True, slope=slope, noise=noise, offset=begin - math.log(ratio))


def _of_ranges(r: Floats, x: Floats) -> tuple[Floats, float]:
    """What the scale was before each bar, and after the last."""
    finite = np.isfinite(r)
    unit = math.sqrt(float((r[finite] ** 2).sum()) / int(finite.sum()))
    pull = LEVERAGE * np.clip(np.where(finite, r, 0.0) / unit, -FARTHEST, FARTHEST)
    told = x - pull
    log_s = float(x[np.isfinite(x)].sum()) / int(np.isfinite(x).sum())
    before = np.empty(len(r))
    for t, value in enumerate(told.tolist()):
        before[t] = log_s
        if math.isfinite(value):
            log_s = KEEP * log_s + (1.0 - KEEP) * value
    return np.exp(before), math.exp(log_s)


def _of_squares(r: Floats) -> tuple[Floats, float]:
    finite = np.isfinite(r)
    s = float((r[finite] ** 2).sum()) / int(finite.sum())
    told = r**2 * (1.0 - LEVERAGE_SQUARES * np.sign(r))
    before = np.empty(len(r))
    for t, value in enumerate(told.tolist()):
        before[t] = s
        if math.isfinite(value):
            s = KEEP_SQUARES * s + (1.0 - KEEP_SQUARES) * value
    return before, s


def _line(size: Floats, told: Floats) -> tuple[float, float, float]:
    """Least squares of what bars told by the size of their shocks: begin, slope, and standard deviation of the rest."""
    both = np.isfinite(told)
    middle, mean = float(size[both].mean()), float(told[both].mean())
    x, y = size[both] - middle, told[both] - mean
    spread = float((x * x).sum())
    slope = float((x * y).sum()) / spread if spread > 0.0 else 0.0
    rest = y - slope * x
    return mean - slope * middle, slope, math.sqrt(float((rest * rest).sum()) / len(rest))
