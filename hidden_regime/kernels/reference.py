"""The recursions as one would write them down, in plain NumPy and logarithms: what every backend must find.

Slow, and nothing in the package calls it: it is here to be read, and for tests to compare with. `tests/kernels/oracle.py` has
the same answers from nothing but the sum over all paths.
"""

from __future__ import annotations

import numpy as np

from hidden_regime.kernels.results import Floats


def filter_densities(log_densities: Floats, startprob: Floats, transmat: Floats) -> tuple[Floats, Floats]:
    """Filtered probabilities of one series (Hamilton 1989), the two lines that a detector repeats at every bar.

    With the density f_k of an observation in state k, predict and update:

        predicted_t(k) = sum_i filtered_t-1(i) transmat(i, k)          (startprob at the first)
        filtered_t(k)  = predicted_t(k) f_k(x_t) / p(x_t | x_1..t-1),   p(x_t | x_1..t-1) = sum_k predicted_t(k) f_k(x_t)

    Parameters
    ----------
    log_densities : (n_samples, n_states)
        log f_k(x_t); a row of zeros for a missing observation.
    startprob : (n_states,)
    transmat : (n_states, n_states)

    Returns
    -------
    filtered : (n_samples, n_states)
        P(state_t | x_1..t): row t depends on nothing after t.
    log_likelihood : (n_samples,)
        log p(x_t | x_1..t-1); its sum is the log-likelihood of the series.
    """
    filtered, log_likelihood = np.empty(log_densities.shape), np.empty(len(log_densities))
    predicted = startprob
    for t, row in enumerate(log_densities):
        with np.errstate(divide="ignore"):
            joint = np.log(predicted) + row
        log_likelihood[t] = np.logaddexp.reduce(joint)
        filtered[t] = np.exp(joint - log_likelihood[t])
        predicted = filtered[t] @ transmat
    return filtered, log_likelihood


def smooth_filtered(filtered: Floats, transmat: Floats) -> Floats:
    """Smoothed probabilities (n_samples, n_states) from filtered ones (Kim 1994); hindsight.

    smoothed_t(i) = filtered_t(i) sum_j transmat(i, j) smoothed_t+1(j) / predicted_t+1(j)
    """
    smoothed = filtered.copy()
    for t in range(len(filtered) - 2, -1, -1):
        predicted = filtered[t] @ transmat
        quotient = np.divide(smoothed[t + 1], predicted, out=np.zeros(len(predicted)), where=predicted > 0.0)
        smoothed[t] = filtered[t] * (transmat @ quotient)
    return smoothed
