"""Retraining of many series on every bar: warm starts, challengers in idle lanes, and stragglers that go on at the next bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from hidden_regime import kernels
from hidden_regime.exceptions import DataError, ParameterError
from hidden_regime.kernels.results import Booleans, Floats, Integers
from hidden_regime.models.initialisation import from_random, from_ranking, volatility_ranking
from hidden_regime.models.parameters import Parameters
from hidden_regime.models.training import BLEND

PATIENCE = 12
"""Bars that a challenger may take to converge."""


class Advanced(NamedTuple):
    """Models of all series after one more bar.

    `startprob`, `transmat`, `means`, `covars` with a leading axis of series; `log_likelihood` of each window; `filtered`
    (n_series, n_states) after the newest bar; `n_iter`; `converged`, False for a straggler that goes on at the next bar;
    `ok`, False where a window can't be fitted (a constant one: its `filtered` are NaN); `switched`, where a challenger took
    over.
    """

    startprob: Floats
    transmat: Floats
    means: Floats
    covars: Floats
    log_likelihood: Floats
    filtered: Floats
    n_iter: Integers
    converged: Booleans
    ok: Booleans
    switched: Booleans


class _Challenger(NamedTuple):
    series: int
    parameters: Parameters
    bars: int


def _variance(x: Floats) -> Floats:
    """Variance of each series and feature over what was observed."""
    mean = x.sum(axis=1) / x.shape[1]
    if np.isnan(mean).any():
        return np.asarray(np.nanvar(x, axis=1))
    away = x - mean[:, None]
    return np.asarray((away * away).sum(axis=1) / x.shape[1])


class RollingTrainer:
    """Gaussian hidden Markov models of several series, refitted to the last `window` observations at every bar.

    Each bar goes on from the model of the bar before, which takes a handful of iterations. A warm start alone stays in the
    basin it is in, so every `challenge` bars a series gets a challenger: a start from its volatility ranking or, every other
    time, a random one. It may take several bars to converge and takes over if its likelihood is more than `margin` nats
    higher. Nothing that happens to one series depends on another.

    Parameters
    ----------
    n_states : int
    window : int
        Observations in a window.
    covariance_type : str
    n_iter : int
        Largest number of iterations at one bar.
    tol : float
        Gain in nats below which a fit has converged.
    challenge : int
        Bars between two challengers of a series; 0 for none.
    margin : float
        Nats by which a challenger must be better.
    min_covar : float
        Least variance as a share of the window's.
    threads : int

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(2, 300, 1)) * np.repeat([0.5, 2.0, 0.5], 100)[:, None]
    >>> trainer = RollingTrainer(2, window=200)
    >>> for end in range(200, 301):
    ...     now = trainer.advance(x, end)
    >>> now.filtered.shape
    (2, 2)
    """

    def __init__(
        self, n_states: int = 3, *, window: int = 252, covariance_type: str = "diag", n_iter: int = 25, tol: float = 3e-2,
        challenge: int = 21, margin: float = 0.05, min_covar: float = 1e-3, threads: int = 1) -> None:  # fmt: skip
        if window < 2 or n_states < 1 or n_iter < 1 or challenge < 0:
            raise ParameterError(
                "window", window, "at least 2, with n_states and n_iter of at least 1 and challenge of at least 0"
            )
        if covariance_type not in kernels.COVARIANCES:
            raise ParameterError("covariance_type", covariance_type, f"one of {kernels.COVARIANCES}")
        self.n_states, self.window, self.covariance_type = n_states, window, covariance_type
        self.n_iter, self.tol, self.challenge, self.margin = n_iter, tol, challenge, margin
        self.min_covar, self.threads = min_covar, threads
        self._models: Advanced | None = None
        self._challengers: list[_Challenger] = []
        self._bar = 0

    def _start(self, x: Floats, series: int) -> Parameters:
        """Start of a challenger: by rank and at random in turn."""
        turn = self._bar // max(self.challenge, 1)
        if turn % 2 == 0:
            return from_ranking(x, volatility_ranking(x), self.n_states)
        return from_random(x, self.n_states, np.random.default_rng([series, turn]))

    def advance(self, observations: Floats, end: int, keys: Sequence[int] | None = None) -> Advanced:
        """Take up the bar before `end` and refit every series.

        Parameters
        ----------
        observations : (n_series, n_samples, n_features)
            Any that hold the window [end - window, end) of each series; nothing else in it is looked at. A row with NaN is
            missing.
        end : int
            One past the newest observation.
        keys : sequence of int, optional
            A number for each series, from which the bars and seeds of its challengers follow; by default its place. Give
            your own where series come and go, so that none depends on which others are there.

        Returns
        -------
        Advanced
        """
        if observations.ndim != 3 or not self.window <= end <= observations.shape[1]:
            raise DataError(
                f"observations of shape {observations.shape} hold no window of {self.window} up to {end}: expected "
                "(n_series, n_samples, n_features) with end between window and n_samples."
            )
        n_series = len(observations)
        keys = list(range(n_series)) if keys is None else [int(key) for key in keys]
        windows = observations[:, end - self.window : end]
        if self._models is None:
            starts = [from_ranking(x, volatility_ranking(x), self.n_states) for x in windows]
            model = [np.stack(part) for part in zip(*(s[:4] for s in starts), strict=True)]
        else:
            k = self.n_states
            model = [(1 - BLEND) * a + BLEND / k for a in self._models[:2]] + [self._models.means, self._models.covars]
        if self._models is not None and self.challenge:
            # Series take turns, so that few challengers are on the way at any time.
            due = [i for i in range(n_series) if (self._bar + 8 * keys[i]) % self.challenge == 0]
            self._challengers += [_Challenger(i, self._start(windows[i], keys[i]), 0) for i in due]
        rivals = self._challengers
        which = np.array([*range(n_series), *(c.series for c in rivals)])
        if rivals:
            model = [np.concatenate([a, np.stack(b)]) for a, b in zip(model, zip(*(c.parameters[:4] for c in rivals)))]  # noqa: B905
        startprob, transmat, means, covars = model
        jobs = np.stack([which, np.full(len(which), end - self.window), np.full(len(which), end)], axis=1)
        floor = self.min_covar * _variance(windows)
        n_iter, tol = (self.n_iter, self.tol) if self._models is not None else (500, 1e-4)
        fit = kernels.fit(
            observations, jobs, startprob, transmat, means, covars, None, covariance_type=self.covariance_type, n_iter=n_iter,
            tol=tol, floor=floor[which], threads=self.threads)  # fmt: skip
        return self._settle(fit, n_series)

    def _settle(self, fit: kernels.Fit, n_series: int) -> Advanced:
        parts = [fit.startprob, fit.transmat, fit.means, fit.covars]
        chosen, switched = np.arange(n_series), np.zeros(n_series, bool)
        waiting = []
        for place, rival in enumerate(self._challengers, start=n_series):
            i = rival.series
            better = fit.ok[place] and fit.log_likelihood[place] > fit.log_likelihood[chosen[i]] + self.margin
            if better:
                chosen[i], switched[i] = place, True
            elif fit.ok[place] and not fit.converged[place] and rival.bars < PATIENCE:
                waiting.append(_Challenger(i, Parameters(*(a[place] for a in parts)), rival.bars + 1))
        self._challengers = waiting
        self._bar += 1
        startprob, transmat, means, covars = (a[chosen] for a in parts)
        self._models = Advanced(
            startprob, transmat, means, covars, fit.log_likelihood[chosen], fit.filtered[chosen], fit.n_iter[chosen],
            fit.converged[chosen], fit.ok[chosen], switched)  # fmt: skip
        return self._models
