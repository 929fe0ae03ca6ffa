"""Expectation-maximisation of a hidden Markov model whose transitions depend on covariates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from hidden_regime.exceptions import TrainingError
from hidden_regime.kernels.results import Floats
from hidden_regime.models import logistic, varying_blocks
from hidden_regime.models.climbing import Climb, climb, highest
from hidden_regime.models.covariate_inputs import led_into
from hidden_regime.models.emissions import EMISSIONS
from hidden_regime.models.inputs import sequence_jobs
from hidden_regime.models.parameters import Evidence, Parameters
from hidden_regime.models.starts import starts_of
from hidden_regime.models.training import Task, Trained, check, train
from hidden_regime.models.unseen import LEAST


class Switching(NamedTuple):
    """Parameters whose transitions are the function `coefs` (n_states, n_states, 1 + n_covariates) of covariates."""

    p: Parameters
    coefs: Floats


class _Expected(NamedTuple):
    smoothed: Floats
    moved: Floats


def expect(now: Switching, x: Floats, z: Floats, lengths: Sequence[int]) -> tuple[float, _Expected]:
    """Log-likelihood, and smoothed states and transitions of all sequences, one after the other."""
    logs, steps = now.p.log_density(x), logistic.transitions(now.coefs, z)
    total, smoothed, moved = 0.0, [], []
    for _, begin, end in sequence_jobs(lengths):
        likelihood, behind = varying_blocks.smooth(logs[begin:end], now.p.startprob, steps[begin:end])
        total += likelihood
        smoothed.append(behind.smoothed)
        moved.append(behind.moved)
    return total, _Expected(np.concatenate(smoothed), np.concatenate(moved))


def fit(task: Task, z: Floats, ridge: float) -> tuple[list[Climb[Switching]], Climb[Switching], Switching, list[int]]:
    """EM from each start of a task, through the model of constant transitions that the start leads to.

    That model is this one with slopes of zero, so the likelihood is never below a Gaussian hidden Markov model's. The slopes are
    found of covariates in their own standard deviations, which `ridge` is meant in; one that is constant keeps a slope of 0.

    Parameters
    ----------
    task : Task
        What a Gaussian hidden Markov model's training would be.
    z : (n_samples, n_covariates)
    ridge : float

    Returns
    -------
    list of Climb
        Of each start, in standardised covariates.
    Climb
        The chosen one.
    Switching
        What it found, in the covariates' own units.
    list of int
        States that hold rows, and that nothing was seen to follow.

    Raises
    ------
    TrainingError
    """
    check(task)
    x, lengths, k = task.observations, task.lengths or (len(task.observations),), task.n_states
    led = led_into(len(x), lengths)
    center, scale = standard(z[led])
    varies = scale > 0.0
    standardised = np.where(led[:, None], (z[:, varies] - center[varies]) / scale[varies], 0.0)
    floor, nothing = task.min_covar * np.nanvar(x, axis=0), Evidence.nothing(k, x.shape[1])
    firsts = sequence_jobs(lengths)[:, 1]

    def upward(now: Switching) -> tuple[float, float, _Expected]:
        likelihood, expected = expect(now, x, standardised, lengths)
        return likelihood, -0.5 * ridge * float((now.coefs[:, :, 1:] ** 2).sum()), expected

    def step(now: Switching, expected: _Expected) -> Switching:
        p = now.p.but(startprob=expected.smoothed[firsts].mean(axis=0))
        p = EMISSIONS["gaussian"].maximise(x, expected.smoothed, p, task.covariance_type, floor, nothing, fixed=True)
        return Switching(p, logistic.maximise(expected.moved[led], standardised[led], now.coefs, ridge))

    names, starts = zip(*starts_of(task), strict=True)
    results = train([task.but(starts=(), custom=start) for start in starts])
    climbs: list[Climb[Switching]] = []
    known: list[float] = []
    for name, result in zip(names, results, strict=True):
        if isinstance(result, Trained):
            same = [place for place, likelihood in enumerate(known) if abs(likelihood - result.log_likelihood) < task.tol]
            known.append(result.log_likelihood)
            if same:  # the same model, so the same way from there
                climbs.append(climbs[same[0]].named(name))
                continue
            coefs = np.zeros((k, k, 1 + standardised.shape[1]))
            coefs[:, :, 0] = logistic.of_counts(result.parameters.transmat)
            start = Switching(result.parameters, coefs)
            climbs.append(climb(start, upward, step, name=name, n_iter=task.n_iter, tol=task.tol))
    if not climbs:
        raise next(result for result in results if isinstance(result, TrainingError))
    best = highest(climbs)
    spoken, unseen = _average_rows(best.parameters, upward(best.parameters)[2])
    return climbs, best, _in_units(spoken, center, scale), unseen


def standard(z: Floats) -> tuple[Floats, Floats]:
    """Means and standard deviations of covariates; 0 where one doesn't vary."""
    if not len(z):
        return np.zeros(z.shape[1]), np.zeros(z.shape[1])
    center, scale = z.mean(axis=0), z.std(axis=0)
    return center, np.where(scale > 1e-12 * np.abs(z).max(axis=0), scale, 0.0)


def _in_units(now: Switching, center: Floats, scale: Floats) -> Switching:
    """Coefficients of the covariates as they came."""
    coefs = np.zeros((*now.coefs.shape[:2], 1 + len(center)))
    coefs[:, :, 0] = now.coefs[:, :, 0]
    for place, c in enumerate(np.flatnonzero(scale > 0.0)):
        slope = now.coefs[:, :, 1 + place] / scale[c]
        coefs[:, :, 1 + c] = slope
        coefs[:, :, 0] -= slope * center[c]
    return Switching(now.p, coefs)


def _average_rows(now: Switching, expected: _Expected) -> tuple[Switching, list[int]]:
    """The average row of transitions for a state that nothing was seen to follow, as in `with_average_rows`."""
    k = len(now.coefs)
    seen = expected.moved.sum(axis=0)
    unseen = np.flatnonzero(seen.sum(axis=1) < LEAST).tolist() if k > 1 else []
    coefs = now.coefs.copy()
    for i in unseen:
        coefs[i] = 0.0
        coefs[i, :, 0] = logistic.of_counts(np.tile(seen.sum(axis=0), (k, 1)))[i]
    held = expected.smoothed.sum(axis=0)
    return Switching(now.p, coefs), [i for i in unseen if held[i] >= LEAST]
