"""Prices that no package carries: drawn, or changed, always in the same way."""

from __future__ import annotations

import pandas as pd

from hidden_regime import load_dataset
from hidden_regime.data.synthetic import Profile, Regime, SyntheticMarket, make_market

PRICES = ["open", "high", "low", "close"]
SELDOM = (Regime("Bear", -0.002, 0.022, 60.0), Regime("Bull", 0.0006, 0.007, 900.0))
"""Calm for years, wild for a quarter or two: a window of a year has mostly seen no Bear."""


def hidden_for_years() -> SyntheticMarket:
    """A market whose Bear lasts from its 456th to its 618th day and doesn't show itself again for more than five years. Its
    only asset is HIDDEN."""
    assets = {"HIDDEN": Profile(1.0, 0.0, 0.0006, 50.0)}
    return make_market(start="2000-01-03", n_days=2000, seed=30, regimes=SELDOM, assets=assets)


def drawn(ticker: str, n: int) -> pd.DataFrame:
    """The first bars of an asset of the packaged synthetic market."""
    return make_market().market.load(ticker).frame().iloc[:n]


def halted() -> pd.DataFrame:
    """A real index whose price stands still for four months: a window of three then has nothing to learn from."""
    frame = load_dataset("nasdaq").iloc[:420].copy()
    still = frame["close"].iloc[199]
    frame.iloc[285:, :4] *= still / frame["close"].iloc[284]
    frame.iloc[200:285, :4] = still
    return frame
