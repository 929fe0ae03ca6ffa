"""Lines of each state through the lags of a feature: density, regression and predictive moments. Arrays in, arrays out.

Sums are in numpy's own order, row by row, and not by BLAS, whose last bits depend on where in memory the arrays happen to lie.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from hidden_regime.kernels.results import Booleans, Floats
from hidden_regime.models.inputs import sequence_jobs

LEAST = -1e300
"""Least log-density, as of other densities: a filter can go on from it."""


class Lines(NamedTuple):
    """x_t = const + sum over l of ar_l x_t-l + a shock of this variance, for each state and feature.

    `const` (n_states, n_features), `ar` (n_states, n_features, order), `variances` (n_states, n_features).
    """

    const: Floats
    ar: Floats
    variances: Floats

    @classmethod
    def of(cls, content: Mapping[str, npt.ArrayLike]) -> Lines:
        """Of what `content` gave."""
        return cls(*(np.array(content[name], np.float64) for name in cls._fields))

    def content(self) -> dict[str, Floats]:
        """All of it by name, as files hold it."""
        return self._asdict()

    def but(self, **changes: Any) -> Lines:
        """The same with some changes."""
        return self._replace(**changes)


def diagonals(variances: Floats) -> Floats:
    """Covariances (n_states, n_features, n_features) of independent features."""
    return np.asarray(variances[:, :, None] * np.eye(variances.shape[1]))


def lagged(x: Floats, lengths: Sequence[int], order: int) -> Floats:
    """The `order` values before each, latest first, (n_samples, n_features, order); NaN before a sequence begins."""
    out = np.full((*x.shape, order), np.nan)
    for _, begin, end in sequence_jobs(lengths):
        for lag in range(1, min(order, end - begin - 1) + 1):
            out[begin + lag : end, :, lag - 1] = x[begin : end - lag]
    return out


def known(x: Floats, past: Floats) -> Booleans:
    """Values (n_samples, n_features) that have a density: they and their lags were observed."""
    return ~(np.isnan(x) | np.isnan(past).any(axis=2))


def away(x: Floats, past: Floats, lines: Lines) -> Floats:
    """Distance of each value from each state's line, (n_samples, n_states, n_features); 0 where there is no density."""
    out = x[:, None, :] - lines.const
    for lag in range(past.shape[2]):  # in one order, whatever the number of rows
        out -= lines.ar[:, :, lag] * past[:, None, :, lag]
    return np.where(known(x, past)[:, None, :], out, 0.0)


def log_density(x: Floats, past: Floats, lines: Lines) -> Floats:
    """log p(x_t | state k, lags), (n_samples, n_states); 0 where nothing has a density."""
    has = known(x, past)
    out = np.zeros((len(x), len(lines.const)))
    with np.errstate(over="ignore", invalid="ignore"):
        distance = away(x, past, lines) ** 2 / lines.variances
        for f in range(x.shape[1]):
            for k in range(len(lines.const)):
                constant = -0.5 * math.log(2.0 * math.pi * lines.variances[k, f])
                out[:, k] += np.where(has[:, f], constant - 0.5 * distance[:, k, f], 0.0)
    return np.where(out > LEAST, out, LEAST)


def regress(
    x: Floats, past: Floats, gamma: Floats, before: Lines, floor: Floats, *, switching_ar: bool, switching_variance: bool
) -> Lines:
    """Lines of the largest expected likelihood: least squares, each row weighted by the probability of the state.

    Where the slopes are shared and the variances aren't, slopes given the variances and then variances given the slopes: the
    likelihood rises in each (Meng and Rubin 1993).

    Parameters
    ----------
    x : (n_samples, n_features)
    past : (n_samples, n_features, order)
    gamma : (n_samples, n_states)
    before : Lines
        Kept by a state that holds no row.
    floor : (n_features,)
        Least variance.
    """
    const, ar, variances = (part.copy() for part in before)
    has = known(x, past)
    for f in range(x.shape[1]):
        rows = np.flatnonzero(has[:, f])
        y, lags, g = x[rows, f], past[rows, f], gamma[rows]
        # Of standard scores, so that the equations are as good for prices in thousands as for returns.
        center, scale = y.mean(), y.std() or 1.0
        y, lags = (y - center) / scale, (lags - center) / scale
        held = g.sum(axis=0) > 1e-10
        share = g if switching_ar else g / before.variances[:, f] * before.variances[:, f].min()
        line = _lines(y, lags, share, switching_ar)
        slopes = line[:, 1:]
        level = scale * line[:, 0] + center * (1.0 - slopes.sum(axis=1))
        const[held, f] = level[held]
        ar[held if switching_ar else slice(None), f] = slopes[held] if switching_ar else slopes
        rest = y[:, None] - line[:, 0]
        for lag in range(lags.shape[1]):
            rest = rest - slopes[:, lag] * lags[:, lag, None]
        weight, squares = g.sum(axis=0), (g * rest**2).sum(axis=0) * scale**2
        if switching_variance:
            variances[held, f] = np.maximum(squares[held] / weight[held], floor[f])
        else:
            variances[:, f] = max(squares.sum() / weight.sum(), floor[f])
    return Lines(const, ar, variances)


def _lines(y: Floats, lags: Floats, weights: Floats, switching_ar: bool) -> Floats:
    """Intercept and slopes (n_states, 1 + order) of weighted least squares."""
    n_states, order = weights.shape[1], lags.shape[1]
    design = np.concatenate([np.ones((len(y), 1)), lags], axis=1)
    squares, products = np.empty((n_states, 1 + order, 1 + order)), np.empty((n_states, 1 + order))
    for i in range(1 + order):
        products[:, i] = (weights * (design[:, i] * y)[:, None]).sum(axis=0)
        for j in range(i + 1):
            squares[:, i, j] = squares[:, j, i] = (weights * (design[:, i] * design[:, j])[:, None]).sum(axis=0)
    if switching_ar:
        return np.stack([_solved(a, b) for a, b in zip(squares, products, strict=True)])
    # One set of slopes beside the states' intercepts.
    whole, right = np.zeros((n_states + order, n_states + order)), np.zeros(n_states + order)
    for k in range(n_states):
        places = [k, *range(n_states, n_states + order)]
        whole[np.ix_(places, places)] += squares[k]
        right[places] += products[k]
    found = _solved(whole, right)
    return np.concatenate([found[:n_states, None], np.tile(found[n_states:], (n_states, 1))], axis=1)


def _solved(squares: Floats, products: Floats) -> Floats:
    """Solution of the normal equations, the smallest one where the rows leave some of it open."""
    return np.asarray(np.linalg.lstsq(squares, products, rcond=1e-14)[0])


class Moments(NamedTuple):
    """Probability of each state (n_states,), and E[v 1{state}], E[v v' 1{state}] of the latest `order` values v.

    v holds all features of the latest row, then those of the row before it: (n_states, order * n_features) and its square.
    """

    probability: Floats
    first: Floats
    second: Floats

    def within(self, least: Floats) -> tuple[Floats, Floats]:
        """Mean (n_states, n_features) and covariance of the latest row in each state; nothing where a state can't be.

        Parameters
        ----------
        least : (n_states, n_features)
            Variances that rounding must not undercut: those of the shocks.
        """
        d = least.shape[1]
        share = np.maximum(self.probability, 1e-300)[:, None]
        mean = self.first[:, :d] / share
        spread = self.second[:, :d, :d] / share[:, :, None] - mean[:, :, None] * mean[:, None, :]
        place = np.arange(d)
        spread[:, place, place] = np.maximum(spread[:, place, place], least)
        return mean, spread


def ahead(now: Moments, transmat: Floats, lines: Lines) -> Moments:
    """The moments a step later, exactly: sums over all states before and after, none left out."""
    k, d, order = lines.ar.shape
    n = d * order
    turn, level = np.zeros((k, n, n)), np.zeros((k, n))
    for lag in range(order):
        turn[:, np.arange(d), lag * d + np.arange(d)] = lines.ar[:, :, lag]
    turn[:, d:, : n - d] = np.eye(n - d)
    level[:, :d] = lines.const
    shock = np.zeros((k, n, n))
    shock[:, np.arange(d), np.arange(d)] = lines.variances
    probability = now.probability @ transmat
    first, second = np.einsum("ij,ia->ja", transmat, now.first), np.einsum("ij,iab->jab", transmat, now.second)
    moved = np.einsum("jab,jb->ja", turn, first)
    crossed = moved[:, :, None] * level[:, None, :]
    turned = turn @ second @ np.swapaxes(turn, 1, 2)
    own = level[:, :, None] * level[:, None, :] + shock
    return Moments(
        probability,
        moved + probability[:, None] * level,
        turned + crossed + np.swapaxes(crossed, 1, 2) + probability[:, None, None] * own,
    )


def at_rest(lines: Lines) -> tuple[Floats, Floats]:
    """Mean and variance (n_states, n_features) of each line left to itself; of one that never comes to rest, its own numbers."""
    means, variances = lines.const.copy(), lines.variances.copy()
    order = lines.ar.shape[2]
    for k, f in np.ndindex(*means.shape):
        turn = np.eye(order, k=-1)
        turn[0] = lines.ar[k, f]
        if np.abs(np.linalg.eigvals(turn)).max() < 1.0 - 1e-9:
            means[k, f] = lines.const[k, f] / (1.0 - lines.ar[k, f].sum())
            shock = np.zeros(order * order)
            shock[0] = lines.variances[k, f]
            variances[k, f] = np.linalg.solve(np.eye(order * order) - np.kron(turn, turn), shock)[0]
    return means, variances
