"""The model of paths: fitted on the days of real bars, without chance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from hidden_regime.data.market import MarketData
from hidden_regime.exceptions import NoDataError, ParameterError
from hidden_regime.experiments.checks import whole
from hidden_regime.experiments.regime_paths.model import Bars, Days, PathModel
from hidden_regime.experiments.regime_paths.ranges import lead_features
from hidden_regime.kernels.results import Floats
from hidden_regime.models.chain import stationary_distribution
from hidden_regime.models.gaussian import GaussianHMM
from hidden_regime.regimes.naming import StateMoments, name_states

LEVEL = 63
"""Days over which a usual volume is taken."""
FEWEST = 252
"""Days that a model needs at least."""
RANGED = 0.5
"""Share of days that have to have a range: with fewer the data are closes, and regimes are found in returns alone."""


def fit_paths(
    market: MarketData,
    tickers: Sequence[str],
    *,
    start: date,
    end: date,
    n_states: int = 3,
    lead: Sequence[str] = (),
    benchmark: str = "",
) -> PathModel:
    """Fit the model that paths of some assets are drawn from.

    A Gaussian hidden Markov model sees the log return and the log Garman-Klass volatility (from open to close) of the lead: of
    one asset its own, of several the means of theirs. It is fitted on all days until `end` on which all assets have bars: a path
    is another course of the same market and no forecast. Prices are adjusted for splits and dividends throughout.

    Parameters
    ----------
    market : MarketData
    tickers : sequence of str
        What is drawn.
    start, end : date
        First and last day of a path. Its trading days are those between on which any of the assets has a bar.
    n_states : int
    lead : sequence of str
        Assets that the regimes are found in; default: all but the benchmark.
    benchmark : str
        Ticker that a strategy is measured against.

    Returns
    -------
    PathModel
        The first day's probabilities are those that are known the day before, or the long run's where there is no such day.

    Raises
    ------
    NoDataError
        An asset without bars from start to end, or too few days.

    Examples
    --------
    >>> from datetime import date
    >>> from hidden_regime.data.packaged import open_market
    >>> model = fit_paths(open_market("sp500"), ["SP500"], start=date(2016, 1, 4), end=date(2018, 12, 31))
    >>> model.means[:, 1].round(2).tolist(), model.stay.round(2).tolist(), model.names
    ([-5.54, -4.89, -4.23], [0.97, 0.94, 0.94], ('Bull', 'Sideways', 'Bear'))
    """
    whole("n_states", n_states, "a whole number above 0")
    names = tuple(dict.fromkeys(ticker.upper() for ticker in tickers))
    if not names:
        raise ParameterError("tickers", list(tickers), "at least one ticker")
    first, last = np.datetime64(start, "D"), np.datetime64(end, "D")
    bars = {ticker: _bars(market, ticker, last) for ticker in names}
    days = np.unique(np.concatenate([own.days for own in bars.values()]))
    days = days[days >= first]
    for ticker, own in bars.items():
        _check_reach(ticker, own.days, days, start, end)
    leads = tuple(ticker.upper() for ticker in lead) or tuple(t for t in names if t != benchmark.upper()) or names
    pool, logs, volumes = _together(bars)
    if len(pool) < FEWEST:
        raise NoDataError(
            f"regime paths of {', '.join(names)}: {len(pool)} days until {end} on which all have bars; expected {FEWEST}. "
            "Choose a later end, or other assets."
        )
    features = lead_features(logs[[names.index(ticker) for ticker in leads]])
    if np.isnan(features[:, 1]).mean() > 1.0 - RANGED:
        features = logs[[names.index(ticker) for ticker in leads], :, 3].mean(axis=0)[:, None]
    model = GaussianHMM(n_states, order_by="volatility").fit(features)
    known = pool < first
    startprob = stationary_distribution(model.transmat_, model.startprob_)
    if known.any():
        startprob = model.filter_proba(features[known])[-1] @ model.transmat_
    smoothed = np.asarray(model.predict_proba(features))
    nights = _nights(logs[0], smoothed) if len(names) == 1 else np.zeros((n_states, 2))
    history = {ticker: Bars(own.days[own.days < first], own.values[own.days < first]) for ticker, own in bars.items()}
    return PathModel(
        market.name, names, leads, benchmark.upper() if benchmark.upper() in names else "",
        tuple(t for t in market.defensive if t.upper() in names), history,
        np.array([_base(own, history[ticker]) for ticker, own in bars.items()]), days, pool, features, logs, volumes, smoothed,
        model.parameters_.but(startprob=np.asarray(startprob)), tuple(name_states(StateMoments.of(model, features))), nights,
    )  # fmt: skip


def _bars(market: MarketData, ticker: str, last: np.datetime64) -> Bars:
    frame = market.load(ticker).frame(adjusted=True)
    days = frame.index.to_numpy().astype("datetime64[D]")
    keep = days <= last
    return Bars(days[keep], np.ascontiguousarray(frame.to_numpy(np.float64)[keep]))


def _check_reach(ticker: str, own: Days, days: Days, start: date, end: date) -> None:
    """Raise unless an asset has bars from a path's first day to its last."""
    if not len(own) or not len(days) or own[0] > days[0] or own[-1] < days[-1]:
        has = f"{own[0]} to {own[-1]}" if len(own) else "none"
        raise NoDataError(
            f"regime paths: {ticker} has daily bars {has}, and paths go from {start} to {end}: expected bars from the "
            "first day to the last. Choose other dates (start, end, years), or leave the asset out."
        )


def _together(bars: dict[str, Bars]) -> tuple[Days, Floats, Floats]:
    """Days on which all assets have a bar and one before it, with what happened on them; see `PathModel`."""
    pool = None
    for own in bars.values():
        pool = own.days[1:] if pool is None else np.intersect1d(pool, own.days[1:], assume_unique=True)
    assert pool is not None
    logs, volumes = [], []
    for own in bars.values():
        places = np.searchsorted(own.days, pool)
        before = own.values[places - 1, 3]
        logs.append(np.log(own.values[places, :4] / before[:, None]))
        volumes.append(_over_level(own.values[:, 4])[places])
    return pool, np.array(logs), np.array(volumes)


def _over_level(volume: Floats) -> Floats:
    """Volume over its mean of the days before; 0 where nothing was traded on them."""
    sums = np.concatenate([[0.0], np.cumsum(volume)])
    end = np.arange(len(volume))
    begin = np.maximum(end - LEVEL, 0)
    level = (sums[end] - sums[begin]) / np.maximum(end - begin, 1)
    return np.asarray(np.divide(volume, level, out=np.zeros_like(volume), where=level > 0.0))


def _nights(logs: Floats, smoothed: Floats) -> Floats:
    """The line by which a night follows its day's return in each state: weighted least squares, (n_states, 2)."""
    nights, returns = logs[:, 0], logs[:, 3]
    out = np.zeros((smoothed.shape[1], 2))
    for state, weights in enumerate(smoothed.T):
        total = weights.sum()
        night, mean = weights @ nights / total, weights @ returns / total
        spread = weights @ (returns - mean) ** 2
        slope = weights @ ((returns - mean) * (nights - night)) / spread if spread > 0.0 else 0.0
        out[state] = night - slope * mean, slope
    return out


def _base(own: Bars, before: Bars) -> tuple[float, float]:
    """Price before a path, the first open where there is none; and the usual volume."""
    if len(before.days):
        return float(before.values[-1, 3]), float(before.values[-LEVEL:, 4].mean())
    return float(own.values[0, 0]), float(own.values[:LEVEL, 4].mean())
