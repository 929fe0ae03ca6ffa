"""Filter, smooth and step for a model of any emission, on the kernels' fast path where there is one."""

from __future__ import annotations

import numpy as np

from hidden_regime import kernels
from hidden_regime.kernels.results import Floats
from hidden_regime.models.parameters import Parameters


def _batched(p: Parameters) -> tuple[Floats, Floats, Floats, Floats]:
    return p.startprob[None], p.transmat[None], p.means[None], p.covars[None]


def _tails(p: Parameters) -> Floats | None:
    tails = p.kernel_tails
    return None if tails is None else tails[None]


def filter_rows(p: Parameters, covariance_type: str, x: Floats) -> tuple[Floats, Floats]:
    """P(state_t | x_1..t) and log p(x_t | x_1..t-1) of a window (n_samples, n_features). NaN is missing."""
    job = np.array([[0, 0, len(x)]])
    if _is_fast(p, x):
        out = kernels.filter(x[None], job, *_batched(p), covariance_type=covariance_type, tails=_tails(p))
    else:
        out = kernels.filter_densities(p.log_density(x)[None], job, p.startprob[None], p.transmat[None])
    return out.filtered[0], out.log_likelihood[0]


def smooth_rows(p: Parameters, covariance_type: str, x: Floats) -> Floats:
    """P(state_t | x_1..T) of a window: hindsight."""
    job = np.array([[0, 0, len(x)]])
    smoothed: Floats
    if _is_fast(p, x):
        smoothed = kernels.smooth(x[None], job, *_batched(p), covariance_type=covariance_type, tails=_tails(p)).smoothed[0]
    else:
        smoothed = kernels.smooth_densities(p.log_density(x)[None], job, p.startprob[None], p.transmat[None])[0].smoothed[0]
    return smoothed


def step_row(p: Parameters, covariance_type: str, row: Floats, before: Floats) -> tuple[Floats, float]:
    """One step of the filter from the probabilities `before`."""
    if _is_fast(p, row[None]):
        out = kernels.step(row[None], before[None], *_batched(p)[1:], covariance_type=covariance_type, tails=_tails(p))
        return out.filtered[0], float(out.log_likelihood[0])
    predicted = np.zeros(len(before))
    for i in range(len(before)):  # the recursion's order of summation
        predicted += before[i] * p.transmat[i]
    rows = kernels.filter_densities(p.log_density(row[None])[None], np.array([[0, 0, 1]]), predicted[None], p.transmat[None])
    return rows.filtered[0, 0], float(rows.log_likelihood[0, 0])


def _is_fast(p: Parameters, x: Floats) -> bool:
    """Whether the kernels can do it: their density, and each row whole or missing altogether."""
    if not p.density.filters_in_kernel:
        return False
    absent = np.isnan(x)
    return not bool((absent.any(axis=1) & ~absent.all(axis=1)).any())
