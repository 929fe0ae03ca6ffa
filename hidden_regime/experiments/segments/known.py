"""Which regime was known before a day's return was earned, and whose regimes these are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hidden_regime.data.packaged import DATASETS
from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.result import Result

if TYPE_CHECKING:
    import pandas as pd

NOT_KNOWN = "not known"
CLOSE = np.timedelta64(16, "h")
"""Of a trading day, in New York."""
OLDEST = np.timedelta64(35, "D")
"""A regime that nothing has renewed for longer isn't known any more: bars of a month renew it in time."""
HOW = (
    "Give regimes=, for instance of a detector over what the run is measured against: "
    "regimes=RegimeDetector(n_states=3).run(prices), prices being a frame of bars by date; "
    "or by='year', or by='era' with eras=."
)


def known_before(regimes: pd.Series, days: npt.NDArray[Any], before: npt.NDArray[Any]) -> list[str]:
    """Regime of each day: the last one whose time is on or before the previous trading day's close.

    Parameters
    ----------
    regimes : (n_bars,) Series
        Filtered regimes by the time at which each became known, rising; days stand for their close.
    days, before : (n_days,) of datetime64[D]
        Trading days, and the trading day before each.

    Returns
    -------
    list of str
        "not known" before there is one, and where the last one is older than 35 days.

    Examples
    --------
    >>> import pandas as pd
    >>> calls = pd.Series(["Bull", "Bear"], index=pd.to_datetime(["2020-01-02", "2020-01-03"]))
    >>> days = np.array(["2020-01-02", "2020-01-03", "2020-01-06"], "datetime64[D]")
    >>> known_before(calls, days, np.array(["2019-12-31", "2020-01-02", "2020-01-03"], "datetime64[D]"))
    ['not known', 'Bull', 'Bear']
    """
    times = regimes.index.to_numpy().astype("datetime64[us]")
    places = np.searchsorted(times, before.astype("datetime64[us]") + CLOSE, side="right") - 1
    fresh = days.astype("datetime64[us]") - times[np.maximum(places, 0)] <= OLDEST if len(times) else np.zeros(len(days), bool)
    names = [str(name) for name in regimes]
    return [names[place] if place >= 0 and good else NOT_KNOWN for place, good in zip(places, fresh, strict=True)]


def regimes_for(result: Result, given: Any, asset: str | None, benchmark: str) -> tuple[str, pd.Series, list[str]]:
    """Whose regimes part the days, these regimes, and what has to be said of the choice.

    Parameters
    ----------
    result : Result
    given : Series, DataFrame or mapping of tickers to them, optional
        Instead of the run's own.
    asset : str, optional
    benchmark : str
        Ticker of what the run is measured against; empty where nobody knows.
    """
    own = given is None
    tables = result.regimes if own else given if isinstance(given, Mapping) else {asset or "": given}
    tables = {str(name): one for name, one in tables.items()}
    if not tables:
        raise ParameterError("regimes", given, f"regimes, of which {result.name} holds none", HOW)
    ticker, notes = _chosen(result, list(tables), asset, benchmark)
    series = _series(tables[ticker], f"regimes[{ticker!r}]" if ticker else "regimes")
    if not own:
        notes.append(
            "The regimes were given with the run. RegimeDetector.run's are filtered; whether these are can't be seen from them."
        )
    return ticker, series, notes


def _chosen(result: Result, tickers: list[str], asset: str | None, benchmark: str) -> tuple[str, list[str]]:
    if asset is not None:
        for ticker in tickers:
            if ticker.upper() == str(asset).upper():
                return ticker, []
        raise ParameterError("asset", asset, f"one whose regimes are known: {', '.join(tickers)}")
    if len(tickers) == 1:
        return tickers[0], []
    held = {str(symbol) for symbol in result.orders["symbol"]} if "symbol" in result.orders else set()
    traded = [ticker for ticker in tickers if ticker in held]
    others = f"Others: asset={' or '.join(repr(one) for one in tickers)}."
    if len(traded) == 1:
        return traded[0], [f"The regimes are those of {traded[0]}, the only one with regimes that was traded. {others}"]
    if benchmark in tickers:
        return benchmark, [f"The regimes are those of {benchmark}, which the run is measured against. {others}"]
    return tickers[0], [f"The regimes are those of {tickers[0]}, the first of {len(tickers)} assets. {others}"]


def _series(table: Any, where: str) -> pd.Series:
    """Regimes by time without a zone, of bars that had one."""
    import pandas as pd

    if isinstance(table, pd.DataFrame):
        if "regime" not in table:
            raise ParameterError(where, list(table.columns), "a column regime", "RegimeDetector.run gives such a frame.")
        table = table["regime"]
    if not isinstance(table, pd.Series) or not isinstance(table.index, pd.DatetimeIndex):
        raise ParameterError(where, table, "a frame of RegimeDetector.run, or a Series of names, by time")
    if not table.index.is_monotonic_increasing or not table.index.is_unique:
        raise ParameterError(where, table, "rising times, each once", "Sort them: regimes.sort_index().")
    times = table.index if table.index.tz is None else table.index.tz_convert("America/New_York").tz_localize(None)
    return table.set_axis(times)[table.notna().to_numpy()]


def benchmark_of(result: Result) -> str:
    """Ticker of what a run is measured against; empty where nobody knows it."""
    if result.data.get("benchmark"):
        return result.data["benchmark"]
    chosen = DATASETS.get(result.data.get("name", ""))
    return "" if chosen is None else chosen.benchmark
