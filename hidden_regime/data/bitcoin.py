"""Two years of a seeded bitcoin with known regimes, round the clock. Its prices are invented and always labelled so."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from hidden_regime.data.market import Floats
from hidden_regime.data.pairs.bars import DAY
from hidden_regime.data.pairs.naming import PairName
from hidden_regime.data.pairs.pair import Pair
from hidden_regime.data.pairs.properties import CRYPTO
from hidden_regime.data.synthetic import Regime, SyntheticMarket, chain
from hidden_regime.data.tables import TableMarket
from hidden_regime.exceptions import ParameterError

BITCOIN = PairName(CRYPTO, "coinbase", "BTCUSD")
REGIMES = (
    Regime("Bear", -0.0045, 0.0450, 45.0),
    Regime("Sideways", 0.0005, 0.0270, 60.0),
    Regime("Bull", 0.0040, 0.0150, 90.0),
)
"""Log return of a day of UTC in each regime, and how many days it lasts on average."""
HOURS, STEPS = 24, 6
FIRST = date(1970, 1, 1)


def make_bitcoin(
    *,
    start: str = "2022-01-01",
    n_days: int = 730,
    seed: int = 0,
    regimes: Sequence[Regime] = REGIMES,
    price: float = 20_000.0,
    shocks: float = 6.0,
) -> SyntheticMarket:
    """Draw hours of a coin, seven days a week, from a hidden chain of regimes; its days are made of them.

    Parameters
    ----------
    start : str
        First day, of UTC.
    n_days : int
    seed : int
        Equal seeds give equal prices.
    regimes : sequence of Regime
        One for each day.
    price : float
        Dollars at the beginning.
    shocks : float
        Degrees of freedom of the Student-t shocks, above 2.

    Returns
    -------
    SyntheticMarket
        With the pair BTCUSD at Coinbase, trades without quotes, and the regime of each day.

    Examples
    --------
    >>> made = make_bitcoin(n_days=90)
    >>> made.market.synthetic, len(made.market.load("BTCUSD").dates), len(made.market.pairs.find("BTCUSD").frame(60))
    (True, 90, 2160)
    """
    if n_days < 2:
        raise ParameterError("n_days", n_days, "an integer of at least 2")
    if not shocks > 2:
        raise ParameterError("shocks", shocks, "degrees of freedom above 2, so that variances exist")
    if not price > 0:
        raise ParameterError("price", price, "dollars above zero")
    states = chain(np.random.default_rng([seed, 0]), regimes, n_days)
    sd = np.repeat(np.array([r.sd for r in regimes])[states], HOURS) / math.sqrt(HOURS)
    mean = np.repeat(np.array([r.mean for r in regimes])[states], HOURS) / HOURS
    values = _bars(np.random.default_rng([seed, 1]), mean, sd, price, shocks)
    first = date.fromisoformat(start)
    starts = (first - FIRST).days * DAY + 60 * np.arange(n_days * HOURS, dtype=np.int64)
    market = TableMarket(
        {BITCOIN.ticker: Pair(BITCOIN, {(60, False): (starts, values)})}, name="synthetic_bitcoin", synthetic=True,
        origin=f"SYNTHETIC bitcoin, seed {seed}: invented prices with known regimes", benchmark=BITCOIN.ticker,
    )  # fmt: skip
    days = tuple(first + timedelta(days=n) for n in range(n_days))
    return SyntheticMarket(market, tuple(regimes[k].name for k in states), days)


def _bars(rng: np.random.Generator, mean: Floats, sd: Floats, price: float, shocks: float) -> Floats:
    """Open, high, low, close and volume of each hour, of a path of few steps; an hour opens where the one before closed."""
    n = len(mean)
    unit = math.sqrt(shocks / (shocks - 2.0)) * math.sqrt(STEPS)
    moves = mean[:, None] / STEPS + sd[:, None] * rng.standard_t(shocks, (n, STEPS)) / unit
    path = math.log(price) + np.cumsum(moves).reshape(n, STEPS)
    opened = np.concatenate([[math.log(price)], path[:-1, -1]])
    inside = np.column_stack([opened, path])
    logs = np.column_stack([opened, inside.max(axis=1), inside.min(axis=1), path[:, -1]])
    prices = np.maximum(np.exp(logs).round(2), 0.01)
    volume = np.exp(rng.normal(math.log(400.0), 0.4, n) + 0.3 * np.abs(moves.sum(axis=1)) / sd)
    return np.column_stack([prices, volume.round(4)])
