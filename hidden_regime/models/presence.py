"""Whether an asset has regimes at all, or only a volatility that moves."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from hidden_regime.exceptions import TrainingError
from hidden_regime.kernels.results import Floats
from hidden_regime.models.emissions.student_t import with_tails
from hidden_regime.models.inference import filter_rows
from hidden_regime.models.parameters import Parameters
from hidden_regime.models.task import Task
from hidden_regime.models.training import train

FEWEST = 500
"""Bars without which nothing is said: two regimes have to be met before they can be told from one."""
THRESHOLD = 5.0
"""Nats from which regimes are said to be there. Of series without, fewer than one in twenty reach them (`benchmarks truth`)."""
FEWEST_ROWS = 100
"""Rows of a sequence without which it is no evidence for any number of states."""
SECOND_STATE, FURTHER_STATE = 6.0, 8.0
"""Nats that a second state has to be worth, and each one after it: the more states a chain has, the better it follows a
volatility that moves. Of series without regimes at least 19 in 20 are worth less (`benchmarks states`)."""
DEGREES = (6.0, 30.0)
"""Degrees of freedom of the Student-t densities on both sides: the best one counts."""
SPANS = (1, 5, 22, 66)
"""Bars of the averages that the rival goes by: those of Corsi's (2009) heterogeneous autoregression, and a quarter."""
KEEPS, SHARES = (0.8, 0.9, 0.95, 0.98), (0.0, 0.35, 0.7, 1.0)
"""Of the rival that sees returns alone: what its scale keeps from bar to bar, and how far it is from the overall one."""


def presence(series: Floats, n_states: int, *, is_volatility: bool, returns: Floats | None = None) -> float:
    """Log-likelihood ratio, in nats, of a hidden Markov model and of one state whose scale moves.

    Both see the same series and all of it; both have Student-t densities. Of log ranges, the rival is a regression of each on the
    averages of those before it, over a day, a week, a month and a quarter, and on the return before it and its size: what a
    GARCH or any other smooth volatility looks like. Of returns alone, its scale is an average of earlier squares, weighed by
    age, and of the overall one. A model of regimes wins by so much where volatility jumps between levels that return.

    Parameters
    ----------
    series : (n_samples,)
        Log ranges, or returns; NaN is missing and left out.
    n_states : int
        Of the hidden Markov model.
    is_volatility : bool
        Whether the series measures volatility itself.
    returns : (n_samples,), optional
        Beside log ranges, for the leverage of falls.

    Returns
    -------
    float
        Above `THRESHOLD` there are regimes, as far as this can tell; NaN of fewer than `FEWEST` samples.

    References
    ----------
    Corsi (2009), "A simple approximate long-memory model of realized volatility", Journal of Financial Econometrics 7(2).

    Examples
    --------
    >>> import numpy as np
    >>> from hidden_regime.models.presence import THRESHOLD, presence
    >>> rng = np.random.default_rng(0)
    >>> level = np.repeat([-5.0, -4.2, -5.0, -4.2, -5.0], 200)
    >>> noise = 0.25 * rng.standard_normal(1000)
    >>> presence(level + noise, 2, is_volatility=True) > THRESHOLD, presence(noise, 2, is_volatility=True) > THRESHOLD
    (True, False)
    """
    seen = ~np.isnan(series)
    x = np.ascontiguousarray(series[seen])
    if len(x) < FEWEST or n_states < 2 or not x.std() > 0.0:
        return math.nan
    regimes = _regimes(x, n_states, is_volatility)
    if not is_volatility:
        return regimes - _moving_scale(x)
    return regimes - _autoregression(x, [] if returns is None else [np.nan_to_num(returns[seen])])


def evidence(x: Floats, numbers: Sequence[int], lengths: Sequence[int]) -> list[float]:
    """What speaks for each number of states, in nats: 0 for one, a log-likelihood ratio to one state that moves for the others.

    As `presence`, of features of which nobody has said what they are: the rival of each is the better one of a scale and of a
    level that move, the level by what the other features were, too. The feature that says most counts. Of several sequences,
    which are trained apart, the nats add up.

    Parameters
    ----------
    x : (n_samples, n_features)
        NaN is missing.
    numbers : sequence of int
        Numbers of states, 1 or more.
    lengths : sequence of int
        Of the sequences that lie one after the other in `x`; those of fewer than `FEWEST_ROWS` say nothing.

    Returns
    -------
    list of float
        By number of states; NaN where nothing could be asked.

    Examples
    --------
    >>> import numpy as np
    >>> from hidden_regime.models.presence import evidence, supported
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=600) * np.repeat([1.0, 3.0, 1.0, 3.0], 150)
    >>> supported([1, 2, 3], evidence(x[:, None], [1, 2, 3], [600]))
    2
    """
    ends = np.cumsum(lengths)
    found = np.full((x.shape[1], len(numbers)), math.nan)
    for begin, end in zip((ends - lengths).tolist(), ends.tolist(), strict=True):
        for column in range(x.shape[1]):
            nats = _of_feature(x[begin:end], column, numbers)
            told = ~np.isnan(nats)
            found[column, told] = np.nan_to_num(found[column, told]) + nats[told]
    found[:, np.equal(numbers, 1)] = 0.0
    best = np.where(np.isnan(found).all(axis=0), math.nan, np.nan_to_num(found, nan=-math.inf).max(axis=0))
    return [float(value) for value in best]


def supported(numbers: Sequence[int], nats: Sequence[float]) -> int:
    """The number of states that is worth most above what its states must be worth; the smallest where nothing could be asked.

    Parameters
    ----------
    numbers : sequence of int
        Numbers of states.
    nats : sequence of float
        Their `evidence`.
    """
    worth = {k: value - price(k) for k, value in zip(numbers, nats, strict=True) if not math.isnan(value)}
    return max(sorted(worth), key=worth.__getitem__, default=min(numbers))


def price(n_states: int) -> float:
    """Nats that so many states have to be worth more than one."""
    return 0.0 if n_states == 1 else SECOND_STATE + FURTHER_STATE * (n_states - 2)


def _of_feature(rows: Floats, column: int, numbers: Sequence[int]) -> Floats:
    seen = ~np.isnan(rows[:, column])
    x = np.ascontiguousarray(rows[seen, column])
    out = np.full(len(numbers), math.nan)
    if len(x) < FEWEST_ROWS or not x.std() > 1e-12 * np.abs(x).max():
        return out
    beside = np.delete(rows[seen], column, axis=1)
    beside = np.nan_to_num(beside - np.nan_to_num(_means(beside)))
    rival = max(_moving_scale(x), _autoregression(x, list(beside.T)))
    for i, k in enumerate(numbers):
        if k > 1:
            out[i] = max(_regimes(x, k, True), _regimes(x, k, False), key=_or_least) - rival
    return out


def _means(rows: Floats) -> Floats:
    """Of each column, without what is missing; NaN of none."""
    count = (~np.isnan(rows)).sum(axis=0)
    return np.asarray(np.nansum(rows, axis=0) / np.where(count, count, math.nan))


def _or_least(value: float) -> float:
    return -math.inf if math.isnan(value) else value


def _regimes(x: Floats, n_states: int, is_volatility: bool) -> float:
    """Log-likelihood of a series under a hidden Markov model of it, the best degrees'; NaN where none can be trained."""
    task = Task(
        observations=x[:, None], n_states=n_states, covariance_type="diag", n_iter=100, tol=1e-2, starts=("volatility",),
        stay_duration=100.0, stay_weight=100.0, is_volatility=is_volatility)  # fmt: skip
    trained = train([task])[0]
    if isinstance(trained, TrainingError):
        return math.nan
    return max(_filtered(trained.parameters, x, degrees) for degrees in DEGREES)


def _filtered(p: Parameters, x: Floats, degrees: float) -> float:
    return float(filter_rows(with_tails(p, degrees), "diag", x[:, None])[1].sum())


def _student(distance: Floats, log_scale: Floats | float, degrees: float) -> Floats:
    constant = math.lgamma(0.5 * (degrees + 1.0)) - math.lgamma(0.5 * degrees) - 0.5 * math.log(degrees * math.pi)
    return np.asarray(constant - log_scale - 0.5 * (degrees + 1.0) * np.log1p(distance / degrees))


def _best(x: Floats, log_scale: Floats) -> float:
    """Log-likelihood of x over a scale that is known but for a factor, with a mean: the best degrees', by EM."""
    unit = np.exp(-2.0 * log_scale)
    best = -math.inf
    for degrees in DEGREES:
        mean, factor = 0.0, float((x * x * unit).mean()) * (degrees - 2.0) / degrees
        for _ in range(5):
            weight = (degrees + 1.0) / (degrees + (x - mean) ** 2 * unit / factor)
            mean = float((weight * unit * x).sum() / (weight * unit).sum())
            factor = float((weight * unit * (x - mean) ** 2).mean())
        value = _student((x - mean) ** 2 * unit / factor, log_scale + 0.5 * math.log(factor), degrees)
        best = max(best, float(value.sum()))
    return best


def _averages(y: Floats) -> list[Floats]:
    """Means of the values before each, over each of `SPANS`, or as many as there are; 0 before the first."""
    sums = np.concatenate([[0.0], np.cumsum(y)])
    at = np.arange(len(y))
    begin = [np.maximum(at - span, 0) for span in SPANS]
    return [(sums[at] - sums[first]) / np.maximum(at - first, 1) for first in begin]


def _autoregression(x: Floats, beside: Sequence[Floats]) -> float:
    """Log-likelihood of log ranges under a regression on those before them, and on what lay beside them and its size, by weighted
    least squares."""
    y = x - x.mean()
    columns = [np.ones(len(y)), *_averages(y)]
    for values in beside:
        if values.std() > 0.0:
            before = np.concatenate([[0.0], values[:-1] / values.std()])
            columns += [before, np.abs(before)]
    design = np.column_stack(columns)
    weight = np.ones(len(y))
    for _ in range(3):  # a wild day counts for less
        weighed = design * weight[:, None]
        rest = y - design @ np.linalg.solve(weighed.T @ design + 1e-9 * np.eye(design.shape[1]), weighed.T @ y)
        weight = 9.0 / (8.0 + rest * rest / (weight * rest * rest).mean())
    return _best(rest, np.zeros(len(y)))


def _moving_scale(x: Floats) -> float:
    """Log-likelihood of returns over the best of the scales that their squares tell."""
    square = np.minimum((x - np.median(x)) ** 2, 25.0 * x.var())
    overall, best = float(square.mean()), -math.inf
    for keep in KEEPS:
        before, now = np.empty(len(x)), overall
        for t, value in enumerate(square.tolist()):
            before[t] = now
            now = keep * now + (1.0 - keep) * value
        for share in SHARES[keep > KEEPS[0] :]:  # none of it is the same whatever is kept
            best = max(best, _best(x, 0.5 * np.log((1.0 - share) * overall + share * before)))
    return best
