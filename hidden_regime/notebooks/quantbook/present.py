"""Which data a QuantBook has, and what time it is there."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from pathlib import Path

from hidden_regime.data.lean_folder import LeanFolder
from hidden_regime.data.market import MarketData
from hidden_regime.data.packaged import DEFAULT, open_market
from hidden_regime.exceptions import NoDataError, ParameterError
from hidden_regime.simulator.feed.catalog import Catalog

DATA = "HIDDEN_REGIME_DATA"
"""Environment variable: what a QuantBook has where it isn't told, as `--data` has it."""
MIDNIGHT = datetime.min.time()


def market_of(data: MarketData | str | Path | None) -> MarketData:
    """A market, or one by its name or path; without either that of the environment, else the packaged set.

    Raises
    ------
    ParameterError
    """
    if data is None:
        data = os.environ.get(DATA) or DEFAULT
    if isinstance(data, (str, Path)):
        return open_market(str(data))
    if not callable(getattr(data, "load", None)):
        raise ParameterError(
            "data", data, "a market, or the name or path of one", "QuantBook('us_stocks'), QuantBook('lean/data')"
        )
    return data


def present(now: date | datetime | None, catalog: Catalog) -> datetime:
    """New York time of a QuantBook.

    LEAN's stands at midnight of today. Here, where data have an end, it is the morning after their last day, so that all of
    them are past: of a LEAN folder's benchmark, which needn't be searched for, else of whatever asset has the latest. A benchmark
    of tables may go on for years after the assets, and tells of no day of theirs.

    Raises
    ------
    ParameterError
    NoDataError
        Nothing is there.
    """
    if isinstance(now, datetime):
        if now.tzinfo is not None:
            raise ParameterError(
                "now", now, "New York time without a zone, as LEAN's", "now.astimezone(...).replace(tzinfo=None)"
            )
        return now
    if isinstance(now, date):
        return datetime.combine(now, MIDNIGHT)
    if now is not None:
        raise ParameterError("now", now, "a date or a datetime in New York time")
    market = catalog.market
    assets = [ticker for ticker in market.tickers() if ticker != market.benchmark] if not isinstance(market, LeanFolder) else []
    last = catalog.last_day(assets or (market.benchmark,))
    if last is None:
        raise NoDataError(f"{market.name} holds no bars: expected at least one day. Pass other data, or now.")
    return datetime.combine(last + timedelta(days=1), MIDNIGHT)
