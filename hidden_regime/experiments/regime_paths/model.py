"""The model that paths are drawn from: regimes of the days that some assets have in common, and these days themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.data.market import MarketData
from hidden_regime.exceptions import StudyError
from hidden_regime.experiments.checks import whole
from hidden_regime.kernels.results import Floats

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 250
"""Common days from which a model may be fitted."""
NO_RANGE = 1e-8
"""Garman-Klass variance that a day without a range counts with, as a share of the mean one."""
BODY = 2.0 * np.log(2.0) - 1.0


@dataclass(frozen=True, eq=False)
class PathModel:
    """Regimes of a market's days, and the days that each may draw.

    Attributes
    ----------
    tickers : tuple of str
    days : (n_days,) of datetime64[D]
        Days that all of them have, but for the first.
    bars : (n_days, n_assets, 4)
        Logarithms of open, high, low and close over the close before, adjusted for splits and dividends.
    volumes : (n_days, n_assets)
        Over their median.
    features : (n_days, 2)
        Log return and half the logarithm of the Garman-Klass variance, means over the assets: what the model was fitted to.
    startprob, transmat, means, covars : arrays
        Parameters of the fitted model, states from calm to wild: (n_states,), (n_states, n_states), (n_states, 2),
        (n_states, 2, 2). Paths begin in the stationary distribution.
    posteriors : (n_days, n_states)
        Smoothed probabilities of the states: the days that a state draws.
    night : float
        Share of the variance of one asset's returns that comes between a close and the next open.
    """

    tickers: tuple[str, ...]
    days: Any
    bars: Floats
    volumes: Floats
    features: Floats
    startprob: Floats
    transmat: Floats
    means: Floats
    covars: Floats
    posteriors: Floats
    night: float

    @property
    def n_states(self) -> int:
        """Of the model."""
        return len(self.startprob)

    @property
    def is_parametric(self) -> bool:
        """Whether days are drawn from the density itself, as those of one asset are; of several, whole days of history are."""
        return len(self.tickers) == 1

    def table(self) -> pd.DataFrame:
        """A row for each state: what its days are like, and how long it lasts."""
        import pandas as pd

        stay = np.diag(self.transmat)
        with np.errstate(divide="ignore"):
            lasts = np.where(stay < 1.0, 1.0 / (1.0 - stay), np.inf)
        columns = {
            "mean": self.means[:, 0], "deviation": np.sqrt(self.covars[:, 0, 0]), "log_range": self.means[:, 1], "stay": stay,
            "expected_duration": lasts, "share": self.startprob,
        }  # fmt: skip
        return pd.DataFrame(columns).rename_axis("state")

    def to_dict(self) -> dict[str, Any]:
        """What a reader has to know of it."""
        rows = self.table()
        return {
            "tickers": list(self.tickers), "n_states": self.n_states, "first": str(self.days[0]), "last": str(self.days[-1]),
            "drawn": "the density" if self.is_parametric else "whole days",
            **{str(name): [float(value) for value in rows[name]] for name in rows},
        }  # fmt: skip


def fit_paths(market: MarketData, tickers: Sequence[str] | None = None, *, first: date | None = None, last: date | None = None,
              n_states: int = 3) -> PathModel:  # fmt: skip
    """Fit the regimes of a market's days, of all assets together.

    Parameters
    ----------
    market : MarketData
    tickers : sequence of str, optional
        Default: all.
    first, last : date, optional
        Of the days that are fitted; default: all that the assets have in common.
    n_states : int

    Raises
    ------
    StudyError
        Fewer than 250 common days.

    Notes
    -----
    A Gaussian hidden Markov model of full covariance, fitted to the mean log return and the mean log range of the assets.

    Examples
    --------
    >>> from hidden_regime.data import open_market
    >>> model = fit_paths(open_market("us_stocks"), n_states=2)
    >>> model.tickers, model.features.shape
    (('AAPL', 'IBM', 'MSFT', 'SP500'), (3269, 2))
    >>> bool(model.table()["deviation"].is_monotonic_increasing)
    True
    """
    from hidden_regime.models.gaussian import GaussianHMM

    k = whole("n_states", n_states, "a whole number of at least 1")
    names = tuple(market.tickers() if tickers is None else tickers)
    frames = [market.load(ticker).frame() for ticker in names]
    common = frames[0].index
    if not len(common):
        raise StudyError(f"{names[0]} has no daily bars: expected days to fit regimes to.")
    for frame in frames[1:]:
        common = common.intersection(frame.index)
    begin, until = (common[place] if day is None else str(day) for place, day in ((0, first), (-1, last)))
    common = common[(common >= begin) & (common <= until)]
    if len(common) <= FEWEST:
        raise StudyError(f"{', '.join(names)} have {len(common)} days in common: expected more than {FEWEST} to fit regimes to.")
    prices = np.stack([np.log(frame.loc[common, ["open", "high", "low", "close"]].to_numpy(np.float64)) for frame in frames], 1)
    bars = prices[1:] - prices[:-1, :, 3:4]
    volume = np.stack([frame.loc[common, "volume"].to_numpy(np.float64) for frame in frames], 1)[1:]
    features = features_of(bars)
    fitted = GaussianHMM(k, covariance_type="full", order_by="volatility", random_state=0).fit(features)
    p = fitted.parameters_
    transmat = np.asarray(p.transmat)
    nights = bars[:, 0, 0]
    square = float(np.mean(bars[:, 0, 3] ** 2))
    night = min(float(np.mean(nights**2)) / square, 0.9) if square > 0.0 else 0.0
    return PathModel(
        names, common[1:].to_numpy().astype("datetime64[D]"), bars, _relative(volume), features, _stationary(transmat), transmat,
        np.asarray(p.means), np.asarray(p.covars), np.asarray(fitted.predict_proba(features)), night)  # fmt: skip


def features_of(bars: Floats) -> Floats:
    """Mean log return and mean log range of the assets, of bars (n_days, n_assets, 4): (n_days, 2)."""
    return np.stack([bars[:, :, 3].mean(axis=1), _log_ranges(bars).mean(axis=1)], 1)


def _log_ranges(bars: Floats) -> Floats:
    """Half the logarithm of each day's Garman-Klass variance, (n_days, n_assets)."""
    body, width = bars[:, :, 3] - bars[:, :, 0], bars[:, :, 1] - bars[:, :, 2]
    variance = 0.5 * width**2 - BODY * body**2
    floor = NO_RANGE * np.maximum(variance.mean(axis=0), 1e-12)
    return np.asarray(0.5 * np.log(np.maximum(variance, floor)))


def _relative(volume: Floats) -> Floats:
    median = np.median(volume, axis=0)
    return np.asarray(volume / np.where(median > 0.0, median, 1.0))


def _stationary(transmat: Floats) -> Floats:
    """Shares of the states in the long run."""
    k = len(transmat)
    system = np.vstack([np.eye(k) - transmat.T, np.ones(k)])
    found = np.linalg.lstsq(system, np.append(np.zeros(k), 1.0), rcond=None)[0]
    return np.asarray(np.maximum(found, 0.0) / np.maximum(found, 0.0).sum())
