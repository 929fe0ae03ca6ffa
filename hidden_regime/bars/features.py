"""The built-in features: what a model can see of a bar. Every one looks back only."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hidden_regime.bars.bar import Bar
from hidden_regime.bars.feature import Feature

VOLATILITY_BARS = 21
VOLUME_BARS = 63


def log_return(bars: Sequence[Bar]) -> float:
    """Logarithm of the close over the close before it."""
    return math.log(bars[-1].close / bars[-2].close)


def log_range(bars: Sequence[Bar]) -> float:
    """Logarithm of the Garman-Klass volatility of one bar; NaN for a bar without a range.

    0.5 ln(0.5 ln(high / low)^2 - (2 ln 2 - 1) ln(close / open)^2), Garman and Klass (1980), several times as efficient
    an estimator of volatility as a squared return.
    """
    bar = bars[-1]
    return half_log(garman_klass(bar.open, bar.high, bar.low, bar.close))


def garman_klass(open_: float, high: float, low: float, close: float) -> float:
    """Variance of one bar, from its open to its close."""
    return 0.5 * math.log(high / low) ** 2 - (2 * math.log(2) - 1) * math.log(close / open_) ** 2


def half_log(variance: float) -> float:
    """Logarithm of the root of a variance; NaN where there is (almost) none."""
    return 0.5 * math.log(variance) if variance > 1e-16 else math.nan


def overnight_return(bars: Sequence[Bar]) -> float:
    """Logarithm of the open over the close before it: the gap that a bar's own range doesn't see."""
    return math.log(bars[-1].open / bars[-2].close)


def log_range_with_gap(bars: Sequence[Bar]) -> float:
    """Logarithm of the volatility of one bar from the close before it to its own; NaN for a bar without either.

    0.5 ln(ln(open / close before)^2 + 0.5 ln(high / low)^2 - (2 ln 2 - 1) ln(close / open)^2), Garman and Klass (1980) with the
    jump that Yang and Zhang (2000) add.
    """
    bar = bars[-1]
    return half_log(overnight_return(bars) ** 2 + garman_klass(bar.open, bar.high, bar.low, bar.close))


def log_parkinson_range(bars: Sequence[Bar]) -> float:
    """Logarithm of the volatility of one bar by its high and low alone; NaN for a bar without a range.

    0.5 ln(ln(high / low)^2 / (4 ln 2)), Parkinson (1980).
    """
    bar = bars[-1]
    return half_log(math.log(bar.high / bar.low) ** 2 / (4 * math.log(2)))


def log_rogers_satchell_range(bars: Sequence[Bar]) -> float:
    """Logarithm of the volatility of one bar whatever its drift; NaN for a bar without a range.

    0.5 ln(ln(high / close) ln(high / open) + ln(low / close) ln(low / open)), Rogers and Satchell (1991). A bar that opens
    at one end of its range and closes at the other has none.
    """
    bar = bars[-1]
    variance = math.log(bar.high / bar.close) * math.log(bar.high / bar.open)
    return half_log(variance + math.log(bar.low / bar.close) * math.log(bar.low / bar.open))


def log_realised_volatility(bars: Sequence[Bar]) -> float:
    """Logarithm of the root mean square of the last 21 log returns."""
    squares = [math.log(bars[i].close / bars[i - 1].close) ** 2 for i in range(-VOLATILITY_BARS, 0)]
    mean = math.fsum(squares) / len(squares)
    return 0.5 * math.log(mean) if mean > 0.0 else math.nan


def volume_zscore(bars: Sequence[Bar]) -> float:
    """Log volume against the mean and standard deviation of the 63 bars before; NaN where a volume is unknown or zero."""
    volumes = [bars[i].volume for i in range(-VOLUME_BARS - 1, 0)]
    if not all(v > 0.0 for v in volumes):
        return math.nan
    *before, now = (math.log(v) for v in volumes)
    mean = math.fsum(before) / len(before)
    sd = math.sqrt(math.fsum((v - mean) ** 2 for v in before) / len(before))
    return (now - mean) / sd if sd > 0.0 else math.nan


FEATURES: dict[str, Feature] = {
    feature.name: feature
    for feature in (
        Feature("log_return", log_return, 2),
        Feature("log_range", log_range, 1, is_volatility=True),
        Feature("log_parkinson_range", log_parkinson_range, 1, is_volatility=True),
        Feature("log_rogers_satchell_range", log_rogers_satchell_range, 1, is_volatility=True),
        Feature("log_realised_volatility", log_realised_volatility, VOLATILITY_BARS + 1, is_volatility=True),
        Feature("overnight_return", overnight_return, 2),
        Feature("log_range_with_gap", log_range_with_gap, 2, is_volatility=True),
        Feature("volume_zscore", volume_zscore, VOLUME_BARS + 1),
    )
}
DEFAULT_FEATURES = ("log_return", "log_range")
