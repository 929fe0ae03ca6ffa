"""A path as a market that strategies run on."""

from __future__ import annotations

import numpy as np

from hidden_regime.data.market import Asset
from hidden_regime.data.tables import TableMarket
from hidden_regime.experiments.regime_paths.drawing import draw
from hidden_regime.experiments.regime_paths.model import PathModel
from hidden_regime.kernels.results import Floats


def path_market(model: PathModel, number: int, *, seed: int = 0) -> TableMarket:
    """The real bars until a path begins, for warming up, and then the path, on the real trading days.

    Parameters
    ----------
    model : PathModel
    number : int
        Which path, from 0.
    seed : int

    Returns
    -------
    TableMarket
        Labelled synthetic. All prices are adjusted for splits and dividends: none happen in it.

    Examples
    --------
    >>> from datetime import date
    >>> from hidden_regime.data.packaged import open_market
    >>> from hidden_regime.experiments.regime_paths import fit_paths, path_market
    >>> model = fit_paths(open_market("sp500"), ["SP500"], start=date(2016, 1, 4), end=date(2018, 12, 31))
    >>> market = path_market(model, 0)
    >>> market.synthetic, market.load("SP500").dates[-1].isoformat()
    (True, '2018-12-31')
    """
    drawn = draw(model, number, seed=seed)
    days = model.days.tolist()
    assets = {}
    for place, ticker in enumerate(model.tickers):
        price, level = model.base[place]
        before = model.history[ticker]
        prices = prices_of(drawn.logs[place], float(price))
        values = np.concatenate([before.values, np.column_stack([prices, (drawn.volumes[place] * level).round()])])
        opened, high, low, close, volume = np.ascontiguousarray(values.T)
        assets[ticker] = Asset(ticker, [*before.days.tolist(), *days], opened, high, low, close, volume)
    origin = f"DRAWN from {days[0]} on: path {number}, seed {seed}, of a regime model of {model.market}; before it real bars"
    return TableMarket(
        assets,
        name=f"{model.market}, regime path {number}",
        origin=origin,
        synthetic=True,
        benchmark=model.benchmark,
        assets=model.lead,
        defensive=model.defensive,
    )


def prices_of(logs: Floats, base: float) -> Floats:
    """Open, high, low and close, (n_days, 4), of their logarithms over the close before, from a price on."""
    close = base * np.exp(np.cumsum(logs[:, 3]))
    before = np.concatenate([[base], close[:-1]])
    opened, high, low = (before * np.exp(logs[:, column]) for column in range(3))
    top, bottom = np.maximum(opened, close), np.minimum(opened, close)  # the close by another way is off by its last digit
    return np.column_stack([opened, np.maximum(high, top), np.minimum(low, bottom), close])
