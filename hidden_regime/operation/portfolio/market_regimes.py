"""Filtered regimes of a market, by the day at whose close they were known."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hidden_regime.detection.detector import RegimeDetector
from hidden_regime.exceptions import NoRegimesWarning, ParameterError
from hidden_regime.experiments.segments.known import OLDEST
from hidden_regime.kernels.results import Floats

if TYPE_CHECKING:
    pass

NAMED = re.compile(r"prob_(?!\d+$).+")


@dataclass(frozen=True, eq=False)
class MarketRegimes:
    """Probabilities of regimes.

    Attributes
    ----------
    names : tuple of str
    days : (n_bars,) of datetime64[D]
    probabilities : (n_bars, n_states)
        NaN where no regime was known.
    """

    names: tuple[str, ...]
    days: npt.NDArray[np.datetime64]
    probabilities: Floats

    def at(self, days: npt.NDArray[np.datetime64]) -> Floats:
        """What was known at each day's close, (n_days, n_states); NaN before there is any, and where it is older than 35 days."""
        places = np.searchsorted(self.days, days, side="right") - 1
        found = self.probabilities[np.maximum(places, 0)].copy()
        found[(places < 0) | (days - self.days[np.maximum(places, 0)] > OLDEST)] = np.nan
        return found


def market_regimes(market: Any, n_states: int = 3) -> MarketRegimes:
    """Regimes of a market.

    Parameters
    ----------
    market : (n_bars,) DataFrame or Series
        Prices by date, which a detector runs over; or what `RegimeDetector.run` gave of them, whose regimes are filtered.
    n_states : int
        Of the detector.

    Raises
    ------
    ParameterError
        It is neither.
    """
    import pandas as pd

    if isinstance(market, pd.Series):
        market = market.rename("close").to_frame()
    if not isinstance(market, pd.DataFrame) or not isinstance(market.index, pd.DatetimeIndex):
        raise ParameterError(
            "market", type(market).__name__, "prices by date, or the frame that RegimeDetector.run gives of them"
        )
    columns = [str(name) for name in market.columns if NAMED.fullmatch(str(name))]
    if not columns:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NoRegimesWarning)  # the table beside it says what regimes are worth here
            market = RegimeDetector(n_states).run(market)
        columns = [str(name) for name in market.columns if NAMED.fullmatch(str(name))]
    if not market.index.is_monotonic_increasing or not market.index.is_unique:
        raise ParameterError("market", "its dates", "rising dates, each once", "Sort them: market.sort_index().")
    index = market.index if market.index.tz is None else market.index.tz_convert("America/New_York").tz_localize(None)
    values = market[columns].to_numpy(np.float64, copy=True)
    values[~(values.sum(axis=1) > 0.0)] = np.nan
    return MarketRegimes(tuple(name.removeprefix("prob_") for name in columns), index.to_numpy().astype("datetime64[D]"), values)
