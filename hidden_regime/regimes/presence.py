"""Whether an asset has regimes at all, or only a volatility that moves."""

from __future__ import annotations

import math

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
    >>> from hidden_regime.regimes.presence import THRESHOLD, presence
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
    task = Task(
        observations=x[:, None], n_states=n_states, covariance_type="diag", n_iter=100, tol=1e-2, starts=("volatility",),
        stay_duration=100.0, stay_weight=100.0, is_volatility=is_volatility)  # fmt: skip
    trained = train([task])[0]
    if isinstance(trained, TrainingError):
        return math.nan
    regimes = max(_filtered(trained.parameters, x, degrees) for degrees in DEGREES)
    if not is_volatility:
        return regimes - _moving_scale(x)
    return regimes - _autoregression(x, None if returns is None else np.nan_to_num(returns[seen]))


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


def _autoregression(x: Floats, returns: Floats | None) -> float:
    """Log-likelihood of log ranges under a regression on those before them, by weighted least squares."""
    y = x - x.mean()
    columns = [np.ones(len(y)), *_averages(y)]
    if returns is not None and returns.std() > 0.0:
        before = np.concatenate([[0.0], returns[:-1] / returns.std()])
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
