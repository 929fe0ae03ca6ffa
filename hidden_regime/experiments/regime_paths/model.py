"""What paths are drawn from: a chain of regimes, and what days were like in each of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from hidden_regime.kernels.results import Floats
from hidden_regime.models.parameters import Parameters

Days = npt.NDArray[np.datetime64]


class Bars(NamedTuple):
    """Daily bars of an asset, adjusted for splits and dividends.

    Attributes
    ----------
    days : (n_days,) of datetime64[D]
    values : (n_days, 5)
        Open, high, low, close and volume.
    """

    days: Days
    values: Floats


@dataclass(frozen=True, eq=False)
class PathModel:
    """A hidden Markov model of some assets' days, with the days themselves; see `fit_paths`.

    Attributes
    ----------
    market : str
        Name of the data.
    tickers : tuple of str
        What is drawn: the assets that are traded, and perhaps what they are measured against.
    lead : tuple of str
        Those among them whose days, weighted equally, the regimes are found in.
    benchmark : str
        Ticker that a strategy is measured against; empty where it isn't drawn.
    defensive : tuple of str
        Those to hold when markets fall, as the data say.
    history : dict of str to Bars
        Real bars before the path, by ticker.
    base : (n_assets, 2)
        Price before the path, and usual volume there.
    days : (n_days,) of datetime64[D]
        Trading days of a path.
    pool : (n_pool,) of datetime64[D]
        Days that the model was fitted on: those on which all assets have a bar.
    features : (n_pool, n_features)
        Log return and log Garman-Klass volatility of the lead; of data without ranges the return alone. NaN is missing.
    logs : (n_assets, n_pool, 4)
        Logarithms of open, high, low and close over the close before.
    volumes : (n_assets, n_pool)
        Volume over the mean of the `LEVEL` days before.
    smoothed : (n_pool, n_states)
        P(state | all days) of each.
    parameters : Parameters
        Of the model; `startprob` are the probabilities of the states on a path's first day.
    names : tuple of str
        Of the states.
    nights : (n_states, 2)
        Of one asset: what is expected of the night of a day with return r is the first plus r times the second.
    """

    market: str
    tickers: tuple[str, ...]
    lead: tuple[str, ...]
    benchmark: str
    defensive: tuple[str, ...]
    history: Mapping[str, Bars]
    base: Floats
    days: Days
    pool: Days
    features: Floats
    logs: Floats
    volumes: Floats
    smoothed: Floats
    parameters: Parameters
    names: tuple[str, ...]
    nights: Floats

    @property
    def has_density(self) -> bool:
        """Whether days come from the states' densities: one asset, with ranges. Otherwise they are days that have been."""
        return len(self.tickers) == 1 and self.features.shape[1] == 2

    @property
    def stay(self) -> Floats:
        """Probability of each state to be followed by itself, (n_states,)."""
        return np.diag(self.parameters.transmat).copy()

    @property
    def means(self) -> Floats:
        """Mean features of the days that each state draws, (n_states, n_features)."""
        if self.has_density:
            return np.asarray(self.parameters.means)
        seen = ~np.isnan(self.features).any(axis=1)
        weights = self.smoothed[seen]
        return np.asarray(weights.T @ self.features[seen] / weights.sum(axis=0)[:, None])

    @cached_property
    def digest(self) -> str:
        """Of all that a path is made of."""
        words = [self.market, self.tickers, self.lead, self.benchmark, self.defensive, self.names, list(self.history)]
        digest = hashlib.sha256(repr(words).encode())
        p = self.parameters
        arrays: list[npt.NDArray[Any]] = [
            self.base, self.days, self.pool, self.features, self.logs, self.volumes, self.smoothed, self.nights, p.startprob,
            p.transmat, p.means, p.covars]  # fmt: skip
        for bars in self.history.values():
            arrays += [bars.days, bars.values]
        for array in arrays:
            digest.update(repr((array.shape, array.dtype.str)).encode() + np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()
