"""Models of paths that several tests draw from."""

from __future__ import annotations

from datetime import date
from functools import cache

from hidden_regime.data.packaged import open_market
from hidden_regime.experiments.regime_paths import PathModel, fit_paths

from ..small import three_years

INDEX = {"start": date(2016, 1, 4), "end": date(2018, 12, 31)}
STOCKS = {"start": date(2010, 3, 1), "end": date(2013, 3, 1)}
LAST_YEAR = {"start": date(2012, 1, 3), "end": date(2012, 12, 31)}
"""Of the market of `three_years`."""


@cache
def stocks():
    """The packaged stocks."""
    return open_market("us_stocks")


@cache
def index_model() -> PathModel:
    """Of one asset, by densities."""
    return fit_paths(open_market("sp500"), ["SP500"], benchmark="SP500", **INDEX)


@cache
def stocks_model() -> PathModel:
    """Of three assets and what they are measured against, by days of the past."""
    return fit_paths(stocks(), [*stocks().assets, "SP500"], benchmark="SP500", **STOCKS)


@cache
def invented_model() -> PathModel:
    """Of two invented assets over a year."""
    return fit_paths(three_years(), ["SYN_MARKET", "SYN_BONDS"], lead=["SYN_MARKET", "SYN_BONDS"], **LAST_YEAR)
