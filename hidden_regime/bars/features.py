"""From bars to observations: what a model sees of a bar. Every feature looks back only."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from hidden_regime.bars.bar import Bar, BarWindow
from hidden_regime.exceptions import ParameterError
from hidden_regime.kernels.results import Floats

VOLATILITY_BARS = 21
VOLUME_BARS = 63


def log_return(bars: BarWindow) -> float:
    """Logarithm of the close over the close before it."""
    return math.log(bars[-1].close / bars[-2].close)


def log_range(bars: BarWindow) -> float:
    """Logarithm of the Garman-Klass volatility of one bar; NaN for a bar without a range.

    0.5 ln(0.5 ln(high / low)^2 - (2 ln 2 - 1) ln(close / open)^2), Garman and Klass (1980), several times as efficient
    an estimator of volatility as a squared return.
    """
    bar = bars[-1]
    return _garman_klass(bar.open, bar.high, bar.low, bar.close)


def _garman_klass(open_: float, high: float, low: float, close: float) -> float:
    variance = 0.5 * math.log(high / low) ** 2 - (2 * math.log(2) - 1) * math.log(close / open_) ** 2
    return 0.5 * math.log(variance) if variance > 1e-16 else math.nan


def log_parkinson_range(bars: BarWindow) -> float:
    """Logarithm of the volatility of one bar by its high and low alone; NaN for a bar without a range.

    0.5 ln(ln(high / low)^2 / (4 ln 2)), Parkinson (1980).
    """
    bar = bars[-1]
    variance = math.log(bar.high / bar.low) ** 2 / (4 * math.log(2))
    return 0.5 * math.log(variance) if variance > 1e-16 else math.nan


def log_rogers_satchell_range(bars: BarWindow) -> float:
    """Logarithm of the volatility of one bar whatever its drift; NaN for a bar without a range.

    0.5 ln(ln(high / close) ln(high / open) + ln(low / close) ln(low / open)), Rogers and Satchell (1991). A bar that opens
    at one end of its range and closes at the other has none.
    """
    bar = bars[-1]
    variance = math.log(bar.high / bar.close) * math.log(bar.high / bar.open)
    variance += math.log(bar.low / bar.close) * math.log(bar.low / bar.open)
    return 0.5 * math.log(variance) if variance > 1e-16 else math.nan


def log_realised_volatility(bars: BarWindow) -> float:
    """Logarithm of the root mean square of the last 21 log returns."""
    squares = [math.log(bars[i].close / bars[i - 1].close) ** 2 for i in range(-VOLATILITY_BARS, 0)]
    mean = math.fsum(squares) / len(squares)
    return 0.5 * math.log(mean) if mean > 0.0 else math.nan


def volume_zscore(bars: BarWindow) -> float:
    """Log volume against the mean and standard deviation of the 63 bars before; NaN where a volume is unknown or zero."""
    volumes = [bars[i].volume for i in range(-VOLUME_BARS - 1, 0)]
    if not all(v > 0.0 for v in volumes):
        return math.nan
    *before, now = (math.log(v) for v in volumes)
    mean = math.fsum(before) / len(before)
    sd = math.sqrt(math.fsum((v - mean) ** 2 for v in before) / len(before))
    return (now - mean) / sd if sd > 0.0 else math.nan


class Feature(NamedTuple):
    """A feature: its function of the latest bars, how many it needs, and whether it measures volatility."""

    function: Callable[[BarWindow], float]
    n_bars: int
    is_volatility: bool


FEATURES: dict[str, Feature] = {
    "log_return": Feature(log_return, 2, False),
    "log_range": Feature(log_range, 1, True),
    "log_parkinson_range": Feature(log_parkinson_range, 1, True),
    "log_rogers_satchell_range": Feature(log_rogers_satchell_range, 1, True),
    "log_realised_volatility": Feature(log_realised_volatility, VOLATILITY_BARS + 1, True),
    "volume_zscore": Feature(volume_zscore, VOLUME_BARS + 1, False),
}
DEFAULT_FEATURES = ("log_return", "log_range")


def default_rows(opens: Sequence[float], highs: Sequence[float], lows: Sequence[float],
                 closes: Sequence[float]) -> list[tuple[float, float] | None]:  # fmt: skip
    """What an `Observer` of the default features makes of a whole history of sound bars, without making the bars."""
    rows: list[tuple[float, float] | None] = [
        (math.log(close / before), _garman_klass(open_, high, low, close))
        for before, open_, high, low, close in zip(closes, opens[1:], highs[1:], lows[1:], closes[1:], strict=False)
    ]
    return [None, *rows] if closes else []


class Observer:
    """Turns bars, one at a time, into observations of the named features.

    Parameters
    ----------
    features : sequence of str
        Keys of `FEATURES`; "log_return" must be among them, because regimes are named by it.
    """

    def __init__(self, features: Sequence[str] = DEFAULT_FEATURES) -> None:
        unknown = [name for name in features if name not in FEATURES]
        if unknown or "log_return" not in features or len(set(features)) < len(features):
            raise ParameterError(
                "features", tuple(features), f"distinct names of {sorted(FEATURES)} with 'log_return' among them"
            )
        self.features = tuple(features)
        self._used = [FEATURES[name] for name in self.features]
        self._bars = BarWindow(max(feature.n_bars for feature in self._used))

    def observe(self, bar: Bar) -> Floats | None:
        """Observation of a later bar, (n_features,); None for the very first bar, which has no return.

        A feature that can't be had yet (too few bars) or at all (no range, no volume) is NaN.
        """
        values = self.values(bar)
        return None if values is None else np.array(values)

    def values(self, bar: Bar) -> list[float] | None:
        """As `observe`, in plain numbers."""
        self._bars.append(bar)
        count = len(self._bars)
        if count < 2:
            return None
        return [f.function(self._bars) if count >= f.n_bars else math.nan for f in self._used]

    @property
    def bars(self) -> list[Bar]:
        """The bars that are kept, oldest first."""
        return [self._bars[i] for i in range(len(self._bars))]

    def see(self, bars: Iterable[Bar]) -> None:
        """Take bars whose observations were made already."""
        for bar in bars:
            self._bars.append(bar)

    @property
    def latest(self) -> Bar | None:
        """The latest bar."""
        return self._bars[-1] if len(self._bars) else None

    def rescale(self, factor: float) -> None:
        """Correct the bars kept for a split: multiply their prices by `factor`."""
        self._bars.rescale(factor)
