"""Standard errors where the transitions depend on covariates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hidden_regime.kernels.results import Floats
from hidden_regime.models import logistic, varying
from hidden_regime.models.inputs import sequence_jobs
from hidden_regime.models.standard_errors import StandardErrors, collect, directions, inverse, moved

if TYPE_CHECKING:
    from hidden_regime.models.covariate import CovariateHMM
    from hidden_regime.models.covariate_fit import Switching


@dataclass(frozen=True)
class CovariateErrors(StandardErrors):
    """Standard errors of a `CovariateHMM`.

    Attributes
    ----------
    coefs : (n_states, n_states, 1 + n_covariates)
        Of `coefs_`; NaN on the diagonal, and where a covariate doesn't vary.
    transmat : (n_states, n_states)
        Of the transition probabilities at the mean of the covariates.
    means, covars, degrees, mean_values, mean_covariance
        As in `StandardErrors`.
    """

    coefs: Floats


def outer_products(rows: Callable[[int, float], Floats], sizes: Sequence[float]) -> Floats:
    """Covariance of estimates, from the outer products of the scores (Berndt, Hall, Hall and Hausman 1974).

    Parameters
    ----------
    rows : callable
        log p(x_t | x_1..t-1), (n_samples,), where a parameter, by its place, is moved by a difference.
    sizes : sequence of float
        Difference of each parameter.
    """
    scores = np.array([(rows(n, h) - rows(n, -h)) / (2.0 * h) for n, h in enumerate(sizes)])
    return inverse(scores @ scores.T)


def errors_of(
    model: CovariateHMM, now: Switching, x: Floats, z: Floats, lengths: Sequence[int], *, step: float = 1e-5
) -> CovariateErrors:
    """Standard errors of means, covariances and coefficients."""
    p, coefs = now
    k, n = len(coefs), coefs.shape[2]
    scale, size = np.nanstd(x, axis=0), np.concatenate([[1.0], np.maximum(z.std(axis=0), 1e-300)])
    varies = np.concatenate([[True], (coefs[:, :, 1:] != 0.0).any(axis=(0, 1))])
    places = [(i, j, c) for i in range(k) for j in range(k) for c in range(n) if i != j and varies[c]]
    changes = [change for change in directions(p, model) if change[0] != "transmat"]
    sizes = [step / float(size[c]) for _, _, c in places]
    for name, place, _ in changes:
        sizes.append(step * float(scale[place[1]] if name == "means" else p.covars[place[0], place[1], place[1]]))
    jobs = sequence_jobs(lengths)
    logs, steps = p.log_density(x), logistic.transitions(coefs, z)

    def rows(place: int, difference: float) -> Floats:
        here, ways = logs, steps
        if place < len(places):
            other = coefs.copy()
            other[places[place]] += difference
            ways = logistic.transitions(other, z)
        else:
            here = moved(p, changes[place - len(places)][2], difference).log_density(x)
        found = [varying.forward(here[b:e], p.startprob, ways[b:e]).log_likelihood for _, b, e in jobs]
        return np.concatenate(found)

    covariance = outer_products(rows, sizes)
    m = len(places)
    errors = collect(p, changes, covariance[m:, m:], model.covariance_type)
    of_coefs = np.full(coefs.shape, np.nan)
    for place, variance in zip(places, np.diag(covariance)[:m], strict=True):
        of_coefs[place] = np.sqrt(variance)
    at = np.concatenate([[1.0], model.covariate_means_])
    transmat = np.full((k, k), np.nan)
    for i in range(k) if k > 1 else ():
        own = [a for a, place in enumerate(places) if place[0] == i]
        for j in range(k):  # of a softmax: dp_j = p_j (1 of j, less p) d score
            slope = np.array(
                [p.transmat[i, j] * ((j == to) - p.transmat[i, to]) * at[c] for _, to, c in (places[a] for a in own)]
            )
            transmat[i, j] = np.sqrt(slope @ covariance[np.ix_(own, own)] @ slope)
    return CovariateErrors(
        errors.means, errors.covars, transmat, errors.degrees, errors.mean_values, errors.mean_covariance, of_coefs
    )
