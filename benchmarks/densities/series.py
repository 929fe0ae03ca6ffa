"""The prices that densities are judged on."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from hidden_regime import load_dataset
from hidden_regime.bars.features import garman_klass
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.data import LeanFolder

PACKAGED = ("sp500", "nasdaq", "aapl", "ibm", "msft")
TICKERS = ("SPY", "IWM", "AIG", "BAC")
LOOKBACK = 1008
"""Bars that the rivals are fitted on; nothing is judged before."""


class Series(NamedTuple):
    """Daily bars, and what is made of them.

    Attributes
    ----------
    name : str
    frame : DataFrame
        Of n bars.
    returns : (n,)
        Log returns; the first bar has none.
    variances : (n,)
        Garman and Klass's of each bar; NaN where there is none.
    months : (n,)
        Number of the month of each bar.
    """

    name: str
    frame: pd.DataFrame
    returns: np.ndarray
    variances: np.ndarray
    months: np.ndarray

    def is_refit(self, t: int) -> bool:
        """Whether models are fitted anew before bar t: the first that is judged, and the first of each month."""
        return t == LOOKBACK + 1 or bool(self.months[t] != self.months[t - 1])


class Density(NamedTuple):
    """What a density said of each return the day before: its logarithm there, and the probability of less; NaN where nothing."""

    log: np.ndarray
    below: np.ndarray

    @classmethod
    def empty(cls, n: int) -> Density:
        """Of n bars, of none of which anything was said."""
        return cls(np.full(n, np.nan), np.full(n, np.nan))


def series_of(name: str, frame: pd.DataFrame) -> Series:
    """Of adjusted bars."""
    bars = list(frame_to_bars(frame))
    variances = np.array([garman_klass(b.open, b.high, b.low, b.close) for b in bars])
    returns = np.append(np.nan, np.diff(np.log(frame["close"].to_numpy())))
    days = pd.DatetimeIndex(frame.index)
    return Series(name, frame, returns, np.where(variances > 1e-16, variances, np.nan), (12 * days.year + days.month).to_numpy())


def all_series(folder: str | None, *, quick: bool) -> list[Series]:
    """The packaged series, and some of a LEAN data folder.

    Parameters
    ----------
    folder : str, optional
    quick : bool
        The first packaged series alone, and only a year of it to judge.
    """
    if quick:
        return [series_of(PACKAGED[0], load_dataset(PACKAGED[0]).iloc[: LOOKBACK + 253])]
    found = [series_of(name, load_dataset(name)) for name in PACKAGED]
    if folder is not None:
        lean = LeanFolder(Path(folder))
        found += [series_of(ticker, lean.load(ticker).frame()) for ticker in TICKERS if lean.has(ticker)]
    return found
