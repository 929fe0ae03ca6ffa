"""Paths of bars: what open, high and low may have been where a return and the bar's own variance are known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.exceptions import ParameterError
from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.regimes.return_paths import ReturnPaths

if TYPE_CHECKING:
    import pandas as pd

BODY = 2.0 * math.log(2.0) - 1.0
"""Weight of the squared body in the Garman-Klass variance."""
BEGIN, SLOPE, NOISE = -0.352, 0.285, 0.473
"""Logarithm of that variance of a Brownian motion of variance 1: a line in the size of its end, and what is left."""
WIDEST = 100.0
"""Of the variance expected of a return, what its bar's own variance is at most."""


@dataclass(frozen=True, eq=False)
class BarPaths:
    """Bars that may follow, which `RegimeDetector.simulate` draws; each array (n_paths, n_bars).

    Attributes
    ----------
    open, high, low, close : arrays of prices
    states : array of int
        State of each bar, by its place in the model.
    names : tuple of str
        Names of the states.
    time : datetime or None
        End of the bar that all paths begin after.
    """

    open: Floats
    high: Floats
    low: Floats
    close: Floats
    states: Integers
    names: tuple[str, ...]
    time: datetime | None = None

    def __repr__(self) -> str:
        n_paths, n_bars = self.close.shape
        return f"<BarPaths: {n_paths} of {n_bars} bars in {len(self.names)} states, after {self.time}>"

    def frame(self, path: int = 0, index: Any = None) -> pd.DataFrame:
        """The bars of a path, with the name of each one's `regime`: for a detector, or for the engine.

        Parameters
        ----------
        path : int
        index : DatetimeIndex, optional
            Ends of the bars; default: the weekdays after `time`. Bars of another length, and markets with holidays, need
            their own.
        """
        import pandas as pd

        n_paths, n_bars = self.close.shape
        if isinstance(path, bool) or not isinstance(path, (int, np.integer)) or not -n_paths <= path < n_paths:
            raise ParameterError("path", path, f"an integer below {n_paths}")
        if index is None:
            if self.time is None:
                raise ParameterError("index", index, f"the times of {n_bars} bars, for these follow no bar of a known time")
            before = pd.Timestamp(self.time)
            days = pd.date_range(before, periods=n_bars + 1, freq="B")
            index = days[days > before][:n_bars]
        if len(index) != n_bars:
            raise ParameterError("index", index, f"the times of {n_bars} bars")
        columns = {name: getattr(self, name)[path] for name in ("open", "high", "low", "close")}
        return pd.DataFrame(columns | {"regime": np.array(self.names, dtype=object)[self.states[path]]}, index=index)


def bar_paths(
    paths: ReturnPaths,
    close: float,
    night: float,
    rng: np.random.Generator,
    *,
    names: Sequence[str],
    time: datetime | None = None,
) -> BarPaths:
    """Bars whose closes have the returns of some paths, and whose Garman-Klass variance is the bars' own.

    Of a return r of variance V the night takes o, and the body b = r - o is the rest, as if both were normal::

        o = night r + sqrt(night (1 - night) V) n     n standard normal

    A bar of body b has the Garman-Klass variance v, exactly, where its high and low are D apart::

        v = D^2 / 2 - (2 log 2 - 1) b^2

    What D leaves beyond the body lies above it and below it in parts u and 1 - u, which a Brownian motion has nearly as
    Beta(c, c) with c = 1 + 0.8 (1 - |b| / D)^4. v is that of `paths.log_ranges`; where there are none, that of a Brownian motion
    from open to close, log v = log((1 - night) V) + `BEGIN` + `SLOPE` |b| / sqrt((1 - night) V) + `NOISE` n.

    Two things can't be had: a range narrower than its body (v is then larger than what was drawn), and one a hundred times as
    wild as its return (`WIDEST`; a Student-t's tails would say so).

    Parameters
    ----------
    paths : ReturnPaths
    close : float
        Price before the first bar.
    night : float
        Share of the returns' variance that comes between a close and the next open, from 0, and below 1.
    rng : numpy.random.Generator
    names : sequence of str
        Of the states.
    time : datetime, optional
        End of the bar before.

    References
    ----------
    Garman and Klass (1980), "On the estimation of security price volatilities from historical data", Journal of Business 53(1).
    """
    r, sd = paths.returns, paths.deviations
    overnight = night * r
    if night:
        overnight = overnight + math.sqrt(night * (1.0 - night)) * sd * rng.standard_normal(r.shape)
    body, expected = r - overnight, 2.0 * np.log(sd)
    size = np.abs(body)
    if paths.log_ranges is None:
        usual = expected + math.log(1.0 - night)
        told = usual + BEGIN + SLOPE * size * np.exp(-0.5 * usual) + NOISE * rng.standard_normal(r.shape)
    else:
        told = 2.0 * paths.log_ranges
    variance = np.exp(np.minimum(told, expected + math.log(WIDEST)))
    distance = np.maximum(np.sqrt(2.0 * (variance + BODY * body**2)), size)
    even = 1.0 + 0.8 * (1.0 - size / distance) ** 4
    above = rng.beta(even, even) * (distance - size)
    closes = close * np.exp(np.cumsum(r, axis=1))
    before = np.concatenate([np.full((len(r), 1), float(close)), closes[:, :-1]], axis=1)
    opens = before * np.exp(overnight)
    high = np.maximum(opens, closes) * np.exp(above)
    low = np.minimum(opens, closes) * np.exp(above - (distance - size))
    return BarPaths(opens, high, low, closes, paths.states, tuple(names), time)
