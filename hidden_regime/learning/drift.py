"""Drift: whether what a model sees, says and earns is still what its training had."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.checks import finite, number, whole
from hidden_regime.experiments.honesty.resampling import block_length, stationary_draws
from hidden_regime.kernels.results import Floats

BINS = 10
MOVED = 0.25
"""A stability index above which a column is called another one, by the usual rule of thumb."""


class ColumnDrift(NamedTuple):
    """One column now against its training.

    Attributes
    ----------
    name : str
    psi : float
        Population stability index over ten bins that each held a tenth of the training.
    ks : float
        Largest distance of the two distributions.
    expected : float
        What the index of so many rows is by chance, (bins - 1) (1/now + 1/training), of rows that are apart.
    """

    name: str
    psi: float
    ks: float
    expected: float

    @property
    def moved(self) -> bool:
        """Whether the index is above `MOVED` and above three times what chance gives."""
        return self.psi > max(MOVED, 3.0 * self.expected)


def psi(reference: Sequence[float], values: npt.ArrayLike) -> float:
    """Population stability index of values against the quantiles of a training: sum (q - p) ln(q / p) over ten bins.

    Parameters
    ----------
    reference : sequence of float
        Quantiles in equal steps of probability from the least to the largest value.
    values : (n,)

    Examples
    --------
    >>> import numpy as np
    >>> reference = np.linspace(0.0, 1.0, 21)
    >>> rng = np.random.default_rng(0)
    >>> round(psi(reference, rng.uniform(0, 1, 5000)), 2), psi(reference, rng.uniform(0.5, 1.5, 5000)) > 1
    (0.0, True)
    """
    x = finite(values, "values", 1, "values of one column")
    edges = np.interp(np.linspace(0.0, 1.0, BINS + 1)[1:-1], np.linspace(0.0, 1.0, len(reference)), reference)
    edges = np.unique(edges)
    counts = np.bincount(np.searchsorted(edges, x), minlength=len(edges) + 1)
    expected = np.diff(np.concatenate([[0.0], _cdf(reference, edges), [1.0]]))
    # Half a row in each bin, lest one that is empty be infinitely surprising.
    q = (counts + 0.5) / (len(x) + 0.5 * len(counts))
    p = np.maximum(expected, 1e-6)
    p = p / p.sum()
    return float(((q - p) * np.log(q / p)).sum())


def ks_distance(reference: Sequence[float], values: npt.ArrayLike) -> float:
    """Largest distance between the distribution of values and that of a training's quantiles, taken as straight between them."""
    x = np.sort(finite(values, "values", 1, "values of one column"))
    at = _cdf(reference, x)
    n = len(x)
    return float(max(np.abs(np.arange(1, n + 1) / n - at).max(), np.abs(np.arange(n) / n - at).max()))


def _cdf(reference: Sequence[float], at: Floats) -> Floats:
    """Share of a training up to some values."""
    points = np.asarray(reference, dtype=np.float64)
    shares = np.linspace(0.0, 1.0, len(points))
    last = np.searchsorted(points, at, side="right")
    inside = np.clip(last, 1, len(points) - 1)
    low, high = points[inside - 1], points[inside]
    part = np.divide(at - low, high - low, out=np.ones_like(low), where=high > low)
    found = shares[inside - 1] + np.clip(part, 0.0, 1.0) * (shares[inside] - shares[inside - 1])
    return np.asarray(np.where(last == 0, 0.0, np.where(last == len(points), 1.0, found)))


def memory(values: npt.ArrayLike) -> float:
    """Bars after which a column has forgotten what it was: as many of its rows are worth one that is independent.

    1 + 2 sum of its autocorrelations up to the first lag that is at least five times as long as what they sum to until there.

    References
    ----------
    Sokal (1997), Monte Carlo methods in statistical mechanics: foundations and new algorithms.

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(0).normal(size=5000)
    >>> memory(noise) < 1.5, 8 < memory(np.convolve(noise, np.ones(10), "valid")) < 14
    (True, True)
    """
    x = finite(values, "values", 1, "values of one column")
    x = x - x.mean()
    n = len(x)
    covariance = np.fft.irfft(np.abs(np.fft.rfft(x, 2 * n)) ** 2)[:n]
    if n < 4 or not covariance[0] > 1e-24 * n:
        return 1.0
    times = 1.0 + 2.0 * np.cumsum(covariance[1:] / covariance[0])
    ends = np.flatnonzero(np.arange(1, n) >= 5.0 * times)
    return float(max(times[ends[0] if len(ends) else -1], 1.0))


def column_drift(
    reference: Mapping[str, Sequence[float]],
    table: Any,
    training_rows: float,
    apart: Mapping[str, float] | None = None,
) -> list[ColumnDrift]:
    """Each column of a table against its training.

    Parameters
    ----------
    reference : mapping of str to sequence of float
        `facts["reference"]` of a `TrainedModel`.
    table : DataFrame
        Rows of now.
    training_rows : float
        Rows of the training.
    apart : mapping of str to float, optional
        `memory` of each column in the training: so many fewer rows are independent. Default: 10 bars each.
    """
    missing = sorted(set(reference) - set(table.columns))
    if missing:
        raise ParameterError("table", missing, "all columns of the training")
    known = table[list(reference)].dropna()
    if not len(known):
        raise ParameterError("table", len(table), "rows in which all columns are known")
    by_chance = (BINS - 1) * (1.0 / len(known) + 1.0 / training_rows)
    return [
        ColumnDrift(
            name, psi(points, known[name]), ks_distance(points, known[name]), by_chance * (10.0 if apart is None else apart[name])
        )
        for name, points in reference.items()
    ]


@dataclass
class DecayAlarm:
    """Watches numbers that should stay as high as they were, such as returns, or log losses with a minus.

    A cumulative sum of what they fall short, in standard deviations of the reference, less a slack for each bar; it alarms where
    the sum passes a limit that resamples of the reference pass in a stated share of `horizon` bars.

    Parameters
    ----------
    reference : (n,)
        Out of fold, of the model as it was evaluated.
    horizon : int
        Bars.
    false_alarms : float
        Share of stretches of `horizon` bars, as good as the reference, that alarm.
    slack : float
        Standard deviations a bar that are no decay.
    n_resamples, seed : int

    Attributes
    ----------
    limit : float
    total : float
        The sum now.
    bars : int
        Bars taken.
    alarmed_at : int or None
        The bar at which it first passed the limit.

    References
    ----------
    Page (1954), Continuous inspection schemes, Biometrika 41.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> alarm = DecayAlarm(rng.normal(0.1, 1.0, 1000))
    >>> alarm.take_all(rng.normal(0.1, 1.0, 60)), alarm.take_all(rng.normal(-1.2, 1.0, 60)) is not None
    (None, True)
    """

    reference: npt.ArrayLike
    horizon: int = 250
    false_alarms: float = 0.05
    slack: float = 0.25
    n_resamples: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        x = finite(self.reference, "reference", 1, "numbers of bars out of fold")
        whole("horizon", self.horizon, "a number of bars of at least 1")
        whole("n_resamples", self.n_resamples, "a number of at least 99", low=99)
        if number("false_alarms", self.false_alarms, "a share above 0 and below 1", above=0.0) >= 1.0:
            raise ParameterError("false_alarms", self.false_alarms, "a share above 0 and below 1")
        number("slack", self.slack, "a number of at least 0", low=0.0)
        self.mean, self.sd = float(x.mean()), float(x.std(ddof=1)) if len(x) > 1 else 0.0
        if len(x) < 60 or not self.sd > 0.0:
            raise ParameterError("reference", x, "at least 60 numbers that vary")
        self.total, self.bars = 0.0, 0
        self.alarmed_at: int | None = None
        self.limit = self._limit((self.mean - x) / self.sd - self.slack)

    def _limit(self, steps: Floats) -> float:
        rounds = math.ceil(self.horizon / len(steps))
        highest = np.zeros(self.n_resamples)
        draws = [stationary_draws(len(steps), block_length(steps), self.n_resamples, self.seed + i) for i in range(rounds)]
        for k in range(self.n_resamples):
            walk = np.concatenate([[0.0], np.cumsum(steps[np.concatenate([next(one) for one in draws])[: self.horizon]])])
            highest[k] = (walk - np.minimum.accumulate(walk)).max()
        return float(np.quantile(highest, 1.0 - self.false_alarms))

    def take(self, value: float) -> bool:
        """Take one number; whether the alarm is on."""
        self.bars += 1
        self.total = max(0.0, self.total + (self.mean - value) / self.sd - self.slack)
        if self.alarmed_at is None and self.total > self.limit:
            self.alarmed_at = self.bars
        return self.alarmed_at is not None

    def take_all(self, values: npt.ArrayLike) -> int | None:
        """Take numbers; the bar of the alarm, if there was one by then."""
        for value in finite(values, "values", 1, "numbers of bars").tolist():
            self.take(value)
        return self.alarmed_at


def inactivity(positions: npt.ArrayLike, reference: npt.ArrayLike) -> tuple[int, int]:
    """Bars since a position last changed, and the longest that it stood still in the reference."""
    now, before = (finite(one, name, 1, "positions") for one, name in ((positions, "positions"), (reference, "reference")))

    def longest(x: Floats) -> int:
        edges = np.concatenate([[-1], np.flatnonzero(np.diff(x) != 0.0), [len(x) - 1]])
        return int(np.diff(edges).max(initial=0))

    changes = np.flatnonzero(np.diff(now) != 0.0)
    return len(now) - 2 - int(changes[-1]) if len(changes) else len(now), longest(before)
