"""How sure a fit is of its parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hidden_regime import kernels
from hidden_regime.exceptions import ParameterError
from hidden_regime.kernels.results import Floats
from hidden_regime.models.chain import sample_paths
from hidden_regime.models.inputs import sequence_jobs
from hidden_regime.models.parameters import Parameters

if TYPE_CHECKING:
    import pandas as pd

    from hidden_regime.models.base import HiddenMarkovModel

BOUNDARY = 1e-6
"""A probability below this lies on its boundary: it has no standard error."""


@dataclass(frozen=True)
class StandardErrors:
    """Standard errors of the parameters; NaN where a parameter lies on its boundary or the data say nothing of it.

    Attributes
    ----------
    means : (n_states, n_features)
    covars : (n_states, n_features, n_features)
        Of a Student-t, of its scale matrices.
    transmat : (n_states, n_states)
    degrees : (n_states,)
        Of a Student-t's degrees of freedom; NaN where there are none, or where they are fixed or at a limit.
    mean_values : (n_states, n_features)
        The estimates of the means.
    mean_covariance : (n_states * n_features, n_states * n_features)
        Covariance of the estimates of the means, state by state.
    """

    means: Floats
    covars: Floats
    transmat: Floats
    degrees: Floats
    mean_values: Floats
    mean_covariance: Floats

    def __repr__(self) -> str:
        return f"<StandardErrors of {self.means.shape[0]} states; of their means:\n{self.table()}>"

    def mean_differences(self, feature: int = 0) -> Floats:
        """Difference of two states' means in its own standard errors, (n_states, n_states)."""
        k, d = self.means.shape
        places = np.arange(k) * d + feature
        c = self.mean_covariance[np.ix_(places, places)]
        variance = np.diag(c)[:, None] + np.diag(c) - 2 * c
        gap = self.mean_values[:, feature][:, None] - self.mean_values[:, feature]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.where(np.eye(k, dtype=bool), 0.0, gap / np.sqrt(np.maximum(variance, 0.0))))

    def indistinguishable(self, feature: int = 0, z: float = 1.96) -> list[tuple[int, int]]:
        """Pairs of states whose means of a feature are within `z` standard errors of their difference."""
        away = np.abs(self.mean_differences(feature))
        k = len(away)
        return [(i, j) for i in range(k) for j in range(i + 1, k) if not away[i, j] > z]

    def table(self) -> pd.DataFrame:
        """A row for each state and feature: mean, its standard error, and the states it can't be told apart from."""
        import pandas as pd

        k, d = self.means.shape
        rows = []
        for f in range(d):
            pairs = self.indistinguishable(f)
            for s in range(k):
                same = tuple(j if i == s else i for i, j in pairs if s in (i, j))
                rows.append((s, f, self.mean_values[s, f], self.means[s, f], same))
        return pd.DataFrame(rows, columns=["state", "feature", "mean", "standard_error", "same_as"]).set_index(
            ["state", "feature"]
        )


def directions(p: Parameters, model: HiddenMarkovModel) -> list[tuple[str, tuple[int, ...], Parameters]]:
    """A unit change of each free parameter: its name, its place, and the change of all parameters that it is."""
    k, d = p.means.shape
    zero = p.but(**{name: np.zeros_like(value) for name, value in p.arrays().items() if value is not None})
    out = []

    def add(name: str, place: tuple[int, ...], field: str, value: Floats) -> None:
        out.append((name, place, zero.but(**{field: value})))

    for i in range(k):
        widest = int(np.argmax(p.transmat[i]))
        for j in range(k):
            if j != widest and p.transmat[i, j] > BOUNDARY:
                change = np.zeros((k, k))
                change[i, j], change[i, widest] = 1.0, -1.0
                add("transmat", (i, j, widest), "transmat", change)
    for s in range(k):
        for i in range(d):
            change = np.zeros((k, d))
            change[s, i] = 1.0
            add("means", (s, i), "means", change)
    kind = str(getattr(model, "covariance_type", "full"))
    for s in range(1 if kind == "tied" else k):
        for i in range(1 if kind == "spherical" else d):
            for j in range(i + 1) if kind in ("full", "tied") else (i,):
                matrix = np.eye(d) if kind == "spherical" else np.zeros((d, d))
                matrix[i, j] = matrix[j, i] = 1.0
                change = np.zeros((k, d, d))
                change[slice(None) if kind == "tied" else s] = matrix
                add("covars", (s, i, j), "covars", change)
    for shape in p.density.shapes:
        values = getattr(p, shape.name)
        for s in range(k) if getattr(model, shape.name, None) is None else ():
            if shape.fewest < values[s] < shape.most:
                add(shape.name, (s,), shape.name, np.eye(k)[s])
    return out


def moved(p: Parameters, change: Parameters, step: float) -> Parameters:
    """The parameters so many steps into the direction of a change."""
    changes = change.arrays()
    return p.but(**{name: a + step * changes[name] for name, a in p.arrays().items() if a is not None})  # type: ignore[operator]


def from_scores(
    p: Parameters, x: Floats, model: HiddenMarkovModel, *, lengths: tuple[int, ...], step: float = 1e-5
) -> StandardErrors:
    """From the outer products of the scores, the derivatives of log p(x_t | x_1..t-1) by each parameter.

    Their sum is the information of Berndt, Hall, Hall and Hausman (1974). The derivatives are central differences, all of
    them in one call of the kernels.

    Parameters
    ----------
    p : Parameters
    x : (n_samples, n_features)
    model : HiddenMarkovModel
        What the parameters are of.
    lengths : tuple of int
        Lengths of the sequences that make up x.
    step : float
        Size of the differences, relative to each parameter's own scale.
    """
    changes = directions(p, model)
    scale = np.nanstd(x, axis=0)

    def size(name: str, place: tuple[int, ...]) -> float:
        if name == "transmat":
            return float(p.transmat[place[:2]])
        if name == "means":
            return float(scale[place[1]])
        return float(p.covars[place[0], place[1], place[1]] if name == "covars" else getattr(p, name)[place[0]])

    sizes = [step * size(name, place) for name, place, _ in changes]
    either = [moved(p, change, sign * h) for (_, _, change), h in zip(changes, sizes, strict=True) for sign in (1.0, -1.0)]
    logs = np.stack([q.log_density(x) for q in either])
    own = sequence_jobs(lengths)
    jobs = np.tile(own, (len(either), 1))
    jobs[:, 0] = np.repeat(np.arange(len(either)), len(own))
    chain = [np.repeat(np.stack([getattr(q, name) for q in either]), len(own), axis=0) for name in ("startprob", "transmat")]
    rows = kernels.filter_densities(logs, jobs, *chain).log_likelihood
    out = np.stack([np.concatenate([rows[i * len(own) + s, :n] for s, n in enumerate(lengths)]) for i in range(len(either))])
    scores = (out[0::2] - out[1::2]) / (2 * np.array(sizes))[:, None]
    information = scores @ scores.T
    covariance = inverse(information)
    return collect(p, changes, covariance, str(getattr(model, "covariance_type", "full")))


def inverse(information: Floats) -> Floats:
    """Inverse of an information matrix, NaN for the parameters that it says nothing of."""
    size = np.sqrt(np.maximum(np.diag(information), 0.0))
    usable = size > 0
    out = np.full(information.shape, np.nan)
    if not usable.any():
        return out
    scaled = information[np.ix_(usable, usable)] / np.outer(size[usable], size[usable])
    values, vectors = np.linalg.eigh(scaled)
    kept = values > 1e-10 * values[-1]
    inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T / np.outer(size[usable], size[usable])
    blind = (vectors[:, ~kept] ** 2).sum(axis=1) > 1e-6
    inverse[blind, :] = inverse[:, blind] = np.nan
    out[np.ix_(usable, usable)] = inverse
    return out


def collect(
    p: Parameters, changes: list[tuple[str, tuple[int, ...], Parameters]], covariance: Floats, kind: str
) -> StandardErrors:
    """Standard errors by what they are of, from the covariance of the changes that `directions` gave."""
    k, d = p.means.shape
    error = np.sqrt(np.diag(covariance))
    means, covars, transmat, degrees = np.full((k, d), np.nan), np.zeros((k, d, d)), np.full((k, k), np.nan), np.full(k, np.nan)
    widest: dict[tuple[int, int], list[int]] = {}
    for n, (name, place, _) in enumerate(changes):
        if name == "transmat":
            transmat[place[:2]] = error[n]
            widest.setdefault((place[0], place[2]), []).append(n)
        elif name == "means":
            means[place] = error[n]
        elif name == "degrees":
            degrees[place] = error[n]
        else:
            s, i, j = place
            for state in range(k) if kind == "tied" else (s,):
                for feature in range(d) if kind == "spherical" else (i,):
                    covars[state, feature, feature if kind == "spherical" else j] = error[n]
                    covars[state, feature if kind == "spherical" else j, feature] = error[n]
    for place, parts in widest.items():  # what a row's largest probability gives up, it gives to all the others
        transmat[place] = np.sqrt(covariance[np.ix_(parts, parts)].sum())
    own = [n for n, (name, _, _) in enumerate(changes) if name == "means"]
    return StandardErrors(means, covars, transmat, degrees, p.means, covariance[np.ix_(own, own)])


def from_bootstrap(
    p: Parameters,
    x: Floats,
    model: HiddenMarkovModel,
    *,
    lengths: tuple[int, ...],
    n_samples: int = 200,
    random_state: int = 0,
) -> StandardErrors:
    """From refits of series drawn from the model, each from the model's own parameters (parametric bootstrap).

    Parameters
    ----------
    p : Parameters
    x : (n_samples, n_features)
        Gives the length of the series, and what is missing in them.
    model : HiddenMarkovModel
    lengths : tuple of int
        Lengths of the sequences that make up x.
    n_samples : int
        Series drawn, at least 20.
    random_state : int
    """
    from dataclasses import replace

    from hidden_regime.models.em import EMModel
    from hidden_regime.models.training import Trained, train

    if n_samples < 20:
        raise ParameterError("n_samples", n_samples, "at least 20 series")
    if not isinstance(model, EMModel):
        raise ParameterError("method", "bootstrap", "a model fitted by expectation-maximisation", "Use method='score'.")
    rng = np.random.default_rng(random_state)
    drawn = np.concatenate([sample_paths(p, n_samples, n, rng)[0] for n in lengths], axis=1)
    drawn[:, np.isnan(x)] = np.nan
    task = replace(model._task(x, lengths, None), starts=(), warm=None, custom=p)
    found = [r.parameters for r in train([replace(task, observations=one) for one in drawn]) if isinstance(r, Trained)]
    k, d = p.means.shape

    def spread(name: str) -> Floats:
        return np.asarray(np.std([getattr(q, name) for q in found], axis=0, ddof=1))

    means = np.array([q.means.ravel() for q in found])
    degrees = np.full(k, np.nan) if p.degrees is None else spread("degrees")
    covariance = np.cov(means.T).reshape(k * d, k * d)
    return StandardErrors(spread("means"), spread("covars"), spread("transmat"), degrees, p.means, covariance)
