"""Expectation-maximisation of a hidden Markov model with an autoregression in each state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from hidden_regime import kernels
from hidden_regime.exceptions import TrainingError, WindowTooShortError
from hidden_regime.kernels.results import Floats
from hidden_regime.models.autoregression import Lines, away, diagonals, known, lagged, log_density, regress
from hidden_regime.models.climbing import Climb, climb, highest
from hidden_regime.models.inputs import sequence_jobs
from hidden_regime.models.parameters import Parameters
from hidden_regime.models.starts import starts_of
from hidden_regime.models.training import Task, check
from hidden_regime.models.unseen import LEAST


class Moving(NamedTuple):
    """Chain and lines of an autoregressive model."""

    startprob: Floats
    transmat: Floats
    lines: Lines


class _Expected(NamedTuple):
    smoothed: Floats
    first: Floats
    moved: Floats


class Choice(NamedTuple):
    """What is free in each state, and how many lags there are."""

    order: int
    switching_ar: bool
    switching_variance: bool

    def n_parameters(self, n_states: int, n_features: int) -> int:
        """Free parameters."""
        ar = self.order * (n_states if self.switching_ar else 1)
        spread = n_states if self.switching_variance else 1
        return n_states - 1 + n_states * (n_states - 1) + n_features * (n_states + ar + spread)


def expect(startprob: Floats, transmat: Floats, logs: Floats, lengths: Sequence[int]) -> tuple[float, _Expected]:
    """Log-likelihood, and smoothed states, first states and transitions, of log-densities (n_samples, n_states)."""
    jobs = sequence_jobs(lengths)
    chain = np.tile(startprob, (len(jobs), 1)), np.tile(transmat, (len(jobs), 1, 1))
    out, first, moved = kernels.smooth_densities(logs[None], jobs, *chain)
    smoothed = np.concatenate([out.smoothed[j, : end - begin] for j, (_, begin, end) in enumerate(jobs)])
    return float(np.nansum(out.log_likelihood)), _Expected(smoothed, first.sum(axis=0), moved.sum(axis=0))


def fit(task: Task, choice: Choice) -> tuple[list[Climb[Moving]], Climb[Moving], Moving, Parameters, list[int]]:
    """EM from each start of a task.

    Parameters
    ----------
    task : Task
        The observations, and what a Gaussian hidden Markov model's training would be.
    choice : Choice

    Returns
    -------
    list of Climb
        Of each start.
    Climb
        The chosen one.
    Moving
        What it found.
    Parameters
        Its chain, the mean of the observations in each state, and the variances of the shocks.
    list of int
        States that hold rows, and that nothing was seen to follow.

    Raises
    ------
    TrainingError
    """
    check(task)
    x, lengths = task.observations, task.lengths or (len(task.observations),)
    past = lagged(x, lengths, choice.order)
    has = known(x, past)
    needed = choice.n_parameters(task.n_states, x.shape[1])
    if has.sum() < needed or has.sum(axis=0).min() < (choice.order + 2) * task.n_states:
        raise WindowTooShortError(
            f"{int(has.sum(axis=0).min())} observations with {choice.order} lags can't determine {needed} parameters: give more "
            f"bars or ask for fewer states than n_states = {task.n_states}, or for fewer lags."
        )
    alone = _alone(x, past)
    floor = task.min_covar * alone.variances[0]
    rest = np.where(has, away(x, past, alone)[:, 0], np.nan)

    def upward(now: Moving) -> tuple[float, float, _Expected]:
        likelihood, expected = expect(now.startprob, now.transmat, log_density(x, past, now.lines), lengths)
        return likelihood, 0.0, expected

    def step(now: Moving, expected: _Expected) -> Moving:
        rows = expected.moved.sum(axis=1, keepdims=True)
        transmat = np.where(rows > 0.0, expected.moved / np.where(rows > 0.0, rows, 1.0), now.transmat)
        lines = regress(x, past, expected.smoothed, now.lines, floor,
                        switching_ar=choice.switching_ar, switching_variance=choice.switching_variance)  # fmt: skip
        return Moving(expected.first / expected.first.sum(), transmat, lines)

    climbs = []
    for name, start, logs in _starts(task, rest, x):
        lines = Lines(*(np.repeat(part, task.n_states, axis=0) for part in alone))
        first = step(Moving(start.startprob, start.transmat, lines), expect(start.startprob, start.transmat, logs, lengths)[1])
        climbs.append(climb(first, upward, step, name=name, n_iter=task.n_iter, tol=task.tol))
    best = highest(climbs)
    expected = upward(best.parameters)[2]
    found, unseen = _average_rows(best.parameters, expected)
    p = Parameters(found.startprob, found.transmat, _means(x, expected.smoothed), diagonals(found.lines.variances))
    return climbs, best, found, p, unseen


def _alone(x: Floats, past: Floats) -> Lines:
    """One autoregression of all rows."""
    d, order = past.shape[1:]
    nothing = Lines(np.zeros((1, d)), np.zeros((1, d, order)), np.ones((1, d)))
    alone = regress(x, past, np.ones((len(x), 1)), nothing, np.zeros(d), switching_ar=True, switching_variance=True)
    exact = np.flatnonzero(alone.variances[0] <= 1e-20 * np.nanvar(x, axis=0))
    if len(exact):
        raise TrainingError(
            f"feature {int(exact[0])} is told by its {order} lags without an error: states can't be told apart by one. Check the "
            "data."
        )
    return alone


def _starts(task: Task, rest: Floats, x: Floats) -> list[tuple[str, Parameters, Floats]]:
    """Starts by name: the residuals of one autoregression tell wild rows from calm ones, the values themselves tell levels."""
    by_rest = starts_of(task.but(observations=rest))
    by_level = starts_of(task)
    out = []
    for (name, of_rest), (_, of_level) in zip(by_rest, by_level, strict=True):
        p, rows = (of_level, x) if name == "kmeans" else (of_rest, rest)
        out.append((name, p, p.log_density(rows)))
    return out


def _average_rows(now: Moving, expected: _Expected) -> tuple[Moving, list[int]]:
    """The average row of transitions for a state that nothing was seen to follow, as in `with_average_rows`."""
    k = len(now.transmat)
    total = expected.moved.sum(axis=0)
    unseen = np.flatnonzero(expected.moved.sum(axis=1) < LEAST).tolist() if k > 1 and total.sum() > 0.0 else []
    transmat = now.transmat.copy()
    transmat[unseen] = total / max(total.sum(), 1e-300)
    held = expected.smoothed.sum(axis=0)
    return Moving(now.startprob, transmat, now.lines), [i for i in unseen if held[i] >= LEAST]


def _means(x: Floats, smoothed: Floats) -> Floats:
    """Mean of the observations in each state, (n_states, n_features); that of all where a state holds none."""
    means = np.empty((smoothed.shape[1], x.shape[1]))
    for f in range(x.shape[1]):
        seen = ~np.isnan(x[:, f])
        values, g = x[seen, f], smoothed[seen]
        weight = g.sum(axis=0)
        held = np.where(weight > 1e-10, weight, 1.0)
        means[:, f] = np.where(weight > 1e-10, (g * values[:, None]).sum(axis=0) / held, values.mean())
    return means
