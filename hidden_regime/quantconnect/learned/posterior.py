"""What is not known of a regime model: draws from its posterior, and what they say of the next bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hidden_regime import kernels
from hidden_regime.exceptions import ParameterError
from hidden_regime.kernels.results import Floats, Integers


@dataclass(frozen=True)
class RegimePrior:
    """Prior of a Gaussian hidden Markov model of returns in units of their own standard deviation.

    Attributes
    ----------
    pull : float
        Bars that the mean 0 of each state is worth.
    shape, rate : float
        Of the inverse gamma distribution of a state's variance: mean rate / (shape - 1).
    stay, leave : float
        Bars that staying and leaving are worth, in the Dirichlet distribution of a row of the transition matrix.
    """

    pull: float = 10.0
    shape: float = 3.0
    rate: float = 2.0
    stay: float = 38.0
    leave: float = 2.0


@dataclass(frozen=True)
class PosteriorDraws:
    """Draws of what the next bar's return is made of, (n_series, n_draws) each.

    Attributes
    ----------
    mean, sd : (n_series, n_draws)
        Of the next bar's return, given a draw of the parameters and of the state of now.
    """

    mean: Floats
    sd: Floats

    def predictive(self) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the next return, with what isn't known of the parameters in it, (n_series,) each."""
        mean = self.mean.mean(axis=1)
        second = (self.sd**2 + self.mean**2).mean(axis=1)
        return mean, np.sqrt(np.maximum(second - mean**2, 0.0))

    def interval(self, share: float = 0.9) -> tuple[Floats, Floats]:
        """Ends of the middle share of the next return's predictive distribution, (n_series,) each."""
        if not 0.0 < share < 1.0:
            raise ParameterError("share", share, "a share above 0 and below 1")
        return self._quantile((1.0 - share) / 2.0), self._quantile((1.0 + share) / 2.0)

    def _quantile(self, share: float) -> Floats:
        """Of the mixture of the draws' normal distributions, by halving."""
        from scipy.special import ndtr

        low, high = (self.mean - 12.0 * self.sd).min(axis=1), (self.mean + 12.0 * self.sd).max(axis=1)
        for _ in range(60):
            middle = 0.5 * (low + high)
            below = ndtr((middle[:, None] - self.mean) / self.sd).mean(axis=1) < share
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.asarray(0.5 * (low + high))

    def share(self, fraction: float = 0.5, most: float = 1.0) -> Floats:
        """Kelly's share under the posterior, mean over second moment, times a fraction, (n_series,): it rises with the mean."""
        mean, sd = self.predictive()
        return np.clip(fraction * mean / (sd**2 + mean**2), 0.0, most)


def sample_posterior(
    returns: npt.ArrayLike, n_states: int = 2, n_draws: int = 200, *, burn: int = 100, prior: RegimePrior | None = None,
    scale: float | None = None, seed: int = 0,
) -> PosteriorDraws:  # fmt: skip
    """Draws from the posterior of a Gaussian hidden Markov model, by Gibbs sampling.

    In turn: states given parameters, by filtering forward and sampling backward; then means and variances from their normal
    inverse gamma distributions, and transitions from their Dirichlet distributions, given the states. The next return's
    distribution doesn't depend on what states are called, so nothing is done about that.

    Parameters
    ----------
    returns : (n_obs,) or (n_series, n_obs)
        Log returns; several series are sampled side by side.
    n_states : int
    n_draws, burn : int
        Kept, and thrown away before.
    prior : RegimePrior, optional
    scale : float, optional
        Unit of the returns; default: each series' own standard deviation.
    seed : int

    References
    ----------
    Chib (1996), Calculating posterior distributions and modal estimates in Markov mixture models, Journal of Econometrics 75.

    Examples
    --------
    >>> import numpy as np
    >>> draws = sample_posterior(np.random.default_rng(0).normal(0.0, 0.01, 120), n_draws=50, burn=20)
    >>> low, high = draws.interval(0.9)
    >>> bool(-0.03 < low[0] < -0.01), bool(0.01 < high[0] < 0.03)
    (True, True)
    """
    try:
        x = np.atleast_2d(np.asarray(returns, dtype=np.float64))
    except (TypeError, ValueError):
        x = np.empty((0, 0))
    if x.ndim != 2 or x.shape[1] < 20 or not np.isfinite(x).all():
        raise ParameterError("returns", returns, "at least 20 finite returns, or several series of as many")
    for name, value, least in (("n_states", n_states, 1), ("n_draws", n_draws, 1), ("burn", burn, 0)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
            raise ParameterError(name, value, f"a whole number of at least {least}")
    if scale is not None and not scale > 0.0:
        raise ParameterError("scale", scale, "a number above 0")
    k = int(n_states)
    known = RegimePrior() if prior is None else prior
    unit = x.std(axis=1, keepdims=True) if scale is None else np.full((len(x), 1), float(scale))
    if not (unit > 0.0).all():
        raise ParameterError("returns", returns, "returns that vary")
    z, rng = x / unit, np.random.default_rng(seed)
    mean = np.quantile(z, (np.arange(k) + 0.5) / k, axis=1).T * 0.2
    variance = np.ones_like(mean) * np.linspace(0.6, 1.6, k)[::-1]
    pull = known.stay * np.eye(k) + known.leave / max(k - 1, 1) * (1.0 - np.eye(k))
    move = np.broadcast_to(pull / pull.sum(axis=1, keepdims=True), (len(z), k, k)).copy()
    means, sds = [], []
    for sweep in range(burn + n_draws):
        states = _states(z, mean, variance, move, rng)
        mean, variance = _moments(z, states, k, known, rng)
        move = _moves(states, k, pull, rng)
        if sweep >= burn:
            rows = np.arange(len(z))
            drawn = _choose(move[rows, states[:, -1]], rng)
            means.append(mean[rows, drawn])
            sds.append(np.sqrt(variance[rows, drawn]))
    return PosteriorDraws(np.array(means).T * unit, np.array(sds).T * unit)


def _choose(p: Floats, rng: Any) -> Integers:
    """One place of each row by its probabilities."""
    edges = np.cumsum(p, axis=1)
    draws = rng.random((len(p), 1)) * edges[:, -1:]
    return np.asarray(np.minimum((draws > edges).sum(axis=1), p.shape[1] - 1), np.int64)


def _states(z: Floats, mean: Floats, variance: Floats, move: Floats, rng: Any) -> Integers:
    """States of all bars, given the parameters: filtered forward by the kernels, drawn backward."""
    n, length = z.shape
    k = mean.shape[1]
    log = -0.5 * ((z[:, :, None] - mean[:, None]) ** 2 / variance[:, None] + np.log(variance)[:, None])
    jobs = np.stack([np.arange(n), np.zeros(n, np.int64), np.full(n, length)], axis=1).astype(np.int64)
    filtered = kernels.filter_densities(log, jobs, np.full((n, k), 1.0 / k), move).filtered
    # For each state that may come next, which one this bar would have: then a path is a walk through these answers.
    weights = filtered[:, :-1, :, None] * move[:, None]
    edges = np.cumsum(weights, axis=2)
    draws = rng.random((n, length - 1, 1, 1)) * edges[:, :, -1:]
    answers = np.minimum((draws > edges).sum(axis=2), k - 1)
    states = np.empty((n, length), np.int64)
    rows = np.arange(n)
    states[:, -1] = _choose(filtered[:, -1], rng)
    for t in range(length - 2, -1, -1):
        states[:, t] = answers[rows, t, states[:, t + 1]]
    return states


def _moments(z: Floats, states: Integers, k: int, prior: RegimePrior, rng: Any) -> tuple[Floats, Floats]:
    own = states[:, :, None] == np.arange(k)
    count = own.sum(axis=1)
    total = (z[:, :, None] * own).sum(axis=1)
    squares = (z[:, :, None] ** 2 * own).sum(axis=1)
    pull = prior.pull + count
    middle = total / pull
    rate = prior.rate + 0.5 * (squares - pull * middle**2)
    variance = np.maximum(rate, 1e-12) / rng.gamma(prior.shape + 0.5 * count)
    return middle + np.sqrt(variance / pull) * rng.standard_normal(middle.shape), variance


def _moves(states: Integers, k: int, pull: Floats, rng: Any) -> Floats:
    pairs = states[:, :-1] * k + states[:, 1:]
    counts = (pairs[:, :, None] == np.arange(k * k)).sum(axis=1).reshape(len(states), k, k)
    drawn = np.maximum(rng.gamma(pull + counts), 1e-300)
    return np.asarray(drawn / drawn.sum(axis=2, keepdims=True))
