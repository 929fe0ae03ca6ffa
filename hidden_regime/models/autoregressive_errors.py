"""Standard errors where the states are autoregressions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hidden_regime import kernels
from hidden_regime.kernels.results import Floats
from hidden_regime.models.autoregression import Lines, lagged, log_density
from hidden_regime.models.covariate_errors import outer_products
from hidden_regime.models.inputs import sequence_jobs
from hidden_regime.models.standard_errors import StandardErrors, collect, directions, moved

if TYPE_CHECKING:
    from hidden_regime.models.autoregressive import AutoregressiveHMM


@dataclass(frozen=True)
class AutoregressiveErrors(StandardErrors):
    """Standard errors of an `AutoregressiveHMM`.

    Attributes
    ----------
    const : (n_states, n_features)
        Of `const_`.
    ar : (n_states, n_features, order)
        Of `ar_`.
    means, mean_values, mean_covariance
        Of what each state's line says where all lags are at `means_`: const + sum over l of ar_l mean. Constants themselves tell
        little of whether states differ, since they go with the slopes.
    covars : (n_states, n_features, n_features)
        Of `variances_`, on the diagonal.
    transmat, degrees
        As in `StandardErrors`.
    """

    const: Floats
    ar: Floats


def errors_of(model: AutoregressiveHMM, x: Floats, lengths: Sequence[int], *, step: float = 1e-5) -> AutoregressiveErrors:
    """Standard errors of constants, coefficients of lags, variances and transitions."""
    lines, scale = Lines(model.const_, model.ar_, model.variances_), np.nanstd(x, axis=0)
    k, d, order = lines.ar.shape
    past, jobs = lagged(x, lengths, order), sequence_jobs(lengths)
    center = model.means_
    level = lines.const + lines.ar.sum(axis=2) * center
    p = model.parameters_.but(means=level, covars=np.stack([np.diag(v) for v in lines.variances]))
    chain = [change for change in directions(p, model) if change[0] == "transmat"]
    consts = [("means", (s, f)) for s in range(k) for f in range(d)]
    spreads = [("covars", (s, f, f)) for s in range(k if model.switching_variance else 1) for f in range(d)]
    slopes = [(s, f, lag) for s in range(k if model.switching_ar else 1) for f in range(d) for lag in range(order)]
    others = [*consts, *spreads]
    sizes = [step * float(p.transmat[place[:2]]) for _, place, _ in chain]
    sizes += [step * float(scale[place[1]]) for _, place in consts]
    sizes += [step * float(lines.variances[place[:2]]) for _, place in spreads] + [step] * len(slopes)

    def rows(place: int, difference: float) -> Floats:
        here, now = lines, p
        if place < len(chain):
            now = moved(p, chain[place][2], difference)
        elif place < len(chain) + len(others):
            name, where = others[place - len(chain)]
            field = "const" if name == "means" else "variances"
            part = getattr(lines, field).copy()
            part[slice(None) if name == "covars" and not model.switching_variance else where[0], where[1]] += difference
            here = lines.but(**{field: part})
        else:
            s, f, lag = slopes[place - len(chain) - len(others)]
            part, const, states = lines.ar.copy(), lines.const.copy(), s if model.switching_ar else slice(None)
            part[states, f, lag] += difference
            const[states, f] -= difference * center[states, f]  # the level stays
            here = lines.but(const=const, ar=part)
        n = len(jobs)
        found = kernels.filter_densities(
            log_density(x, past, here)[None], jobs, np.tile(now.startprob, (n, 1)), np.tile(now.transmat, (n, 1, 1))
        ).log_likelihood
        return np.concatenate([found[j, : end - begin] for j, (_, begin, end) in enumerate(jobs)])

    covariance = outer_products(rows, sizes)
    m = len(chain) + len(others)
    changes = [*chain, *((name, place, p) for name, place in others)]
    errors = collect(p, changes, covariance[:m, :m], "full" if model.switching_variance else "tied")
    const, ar = np.full(lines.const.shape, np.nan), np.full(lines.ar.shape, np.nan)
    for (s, f, lag), variance in zip(slopes, np.diag(covariance)[m:], strict=True):
        ar[s if model.switching_ar else slice(None), f, lag] = np.sqrt(variance)
    for place, (_, (s, f)) in enumerate(consts, start=len(chain)):  # the level less the slopes times the mean
        own = [m + n for n, (of, feature, _) in enumerate(slopes) if feature == f and (of == s or not model.switching_ar)]
        part = np.array([1.0, *[-center[s, f]] * len(own)])
        const[s, f] = np.sqrt(part @ covariance[np.ix_([place, *own], [place, *own])] @ part)
    return AutoregressiveErrors(
        errors.means, errors.covars, errors.transmat, errors.degrees, errors.mean_values, errors.mean_covariance, const, ar
    )
