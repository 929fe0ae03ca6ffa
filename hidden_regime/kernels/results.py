"""What the kernels return. Filtered and smoothed probabilities have different types, so that a look ahead is visible."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]


class Prior(NamedTuple):
    """Evidence from outside the window, as counts that the M-step adds to its own. Zeros mean none.

    Attributes
    ----------
    startprob : (n_jobs, n_states)
        Pseudo-counts of the first state.
    transmat : (n_jobs, n_states, n_states)
        Pseudo-counts of transitions.
    weight : (n_jobs, n_states)
        Number of observations that each state's prior is worth.
    means : (n_jobs, n_states, n_features)
        Their means.
    covars : (n_jobs, n_states, n_features, n_features)
        Their covariances (about their means, divided by their number).
    """

    startprob: Floats
    transmat: Floats
    weight: Floats
    means: Floats
    covars: Floats


class Fit(NamedTuple):
    """Fitted parameters of each job and how the fit went.

    `objective` is the log-likelihood plus the logarithm of the prior; `history` (n_jobs, n_iter + 1) holds it before
    each M-step and at the end, NaN afterwards, and never falls. `ok` is False where a covariance became singular: the
    parameters are those before that step. `filtered` (n_jobs, n_states) are the filtered probabilities at the window's end.
    """

    startprob: Floats
    transmat: Floats
    means: Floats
    covars: Floats
    log_likelihood: Floats
    objective: Floats
    n_iter: Integers
    converged: Booleans
    ok: Booleans
    history: Floats
    filtered: Floats


class Filtered(NamedTuple):
    """P(state_t | x_1..t), shape (n_jobs, n_samples, n_states), and log p(x_t | x_1..t-1), (n_jobs, n_samples).

    Rows past a job's end are NaN. Causal: row t depends on nothing after t.
    """

    filtered: Floats
    log_likelihood: Floats


class Smoothed(NamedTuple):
    """P(state_t | x_1..T), shape (n_jobs, n_samples, n_states). Hindsight: no trading decision may read it."""

    smoothed: Floats
    log_likelihood: Floats


class Decoded(NamedTuple):
    """The most probable path (n_jobs, n_samples), -1 past a job's end, and its log-probability. Hindsight."""

    states: Integers
    log_probability: Floats


class Step(NamedTuple):
    """One filter step of many series: P(state_t | x_1..t) (n_series, n_states) and log p(x_t | x_1..t-1)."""

    filtered: Floats
    log_likelihood: Floats
