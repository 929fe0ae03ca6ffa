"""A seeded market with known regimes. Its prices are invented and always labelled so."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hidden_regime.data.market import Floats
from hidden_regime.data.tables import TableMarket
from hidden_regime.exceptions import ParameterError

REGIMES = ("Bear", "Sideways", "Bull")


@dataclass(frozen=True)
class Regime:
    """Daily log return of the market in one regime, and how many sessions it lasts on average."""

    name: str
    mean: float
    sd: float
    duration: float


@dataclass(frozen=True)
class Profile:
    """How one asset follows the market: return = beta * market + drift + noise."""

    beta: float
    drift: float
    noise: float
    price: float


DEFAULT_REGIMES = (
    Regime("Bear", -0.0016, 0.0210, 45.0),
    Regime("Sideways", 0.0001, 0.0095, 70.0),
    Regime("Bull", 0.00075, 0.0060, 140.0),
)
DEFAULT_ASSETS = {
    "SYN_MARKET": Profile(1.0, 0.0, 0.0006, 100.0),
    "SYN_GROWTH": Profile(1.2, 0.0001, 0.0040, 40.0),
    "SYN_BONDS": Profile(-0.2, 0.00012, 0.0035, 90.0),
    "SYN_CASH": Profile(0.0, 0.00006, 0.0004, 80.0),
}


@dataclass(frozen=True)
class SyntheticMarket:
    """Prices and the regimes that made them.

    Attributes
    ----------
    market : TableMarket
        Frames of every asset.
    truth : tuple of str
        Regime of each session.
    dates : tuple of date
    """

    market: TableMarket
    truth: tuple[str, ...]
    dates: tuple[date, ...]


def _sessions(start: str, n: int) -> list[date]:
    """The first n sessions of the New York exchanges from a day on: what LEAN would trade on."""
    import exchange_calendars

    first = date.fromisoformat(start)
    last = date(first.year + n // 240 + 2, 12, 31)
    calendar = exchange_calendars.get_calendar("XNYS", start=first.isoformat(), end=last.isoformat())
    return [day.date() for day in calendar.sessions[:n]]


def chain(rng: np.random.Generator, regimes: Sequence[Regime], n: int) -> npt.NDArray[np.int64]:
    """Which regime each of n days has: the last one first, each ending with its own chance a day."""
    out = np.empty(n, np.int64)
    state = len(regimes) - 1
    for t in range(n):
        out[t] = state
        if rng.random() < 1.0 / regimes[state].duration:
            state = int(rng.choice([k for k in range(len(regimes)) if k != state]))
    return out


def _bars(rng: np.random.Generator, returns: Floats, sd: Floats, price: float) -> dict[str, Floats]:
    """Open, high, low and close of each day from a bridge of eight steps that ends at the day's return."""
    n, steps = len(returns), 8
    overnight = 0.3 * returns + 0.3 * sd * rng.standard_normal(n)
    noise = sd[:, None] * rng.standard_normal((n, steps)) / math.sqrt(steps)
    noise -= noise.mean(axis=1, keepdims=True)
    path = np.cumsum(noise + ((returns - overnight) / steps)[:, None], axis=1)
    before = np.log(price) + np.concatenate([[0.0], np.cumsum(returns)[:-1]])
    opened = before + overnight
    inside = np.concatenate([opened[:, None], opened[:, None] + path], axis=1)
    low, high = np.exp(inside.min(axis=1)), np.exp(inside.max(axis=1))
    columns = {"open": np.exp(opened), "high": high, "low": low, "close": np.exp(inside[:, -1].copy())}
    rounded = {name: np.maximum(values.round(2), 0.01) for name, values in columns.items()}
    rounded["volume"] = np.exp(rng.normal(14.0, 0.3, n)).round()
    return rounded


def make_market(
    *,
    start: str = "2010-01-04",
    n_days: int = 2520,
    seed: int = 0,
    regimes: Sequence[Regime] = DEFAULT_REGIMES,
    assets: dict[str, Profile] | None = None,
    shocks: float = 6.0,
) -> SyntheticMarket:
    """Draw a market whose assets share one hidden chain of regimes.

    Parameters
    ----------
    start : str
        First day; sessions are those of the New York exchanges.
    n_days : int
        Number of sessions.
    seed : int
        Equal seeds give equal markets.
    regimes : sequence of Regime
    assets : dict of ticker to Profile, optional
        Default: a market, a growth index, bonds and cash.
    shocks : float
        Degrees of freedom of the Student-t shocks, above 2.

    Examples
    --------
    >>> made = make_market(n_days=500, seed=1)
    >>> made.market.synthetic, made.market.tickers()
    (True, ['SYN_MARKET', 'SYN_GROWTH', 'SYN_BONDS', 'SYN_CASH'])
    """
    import pandas as pd

    if n_days < 2:
        raise ParameterError("n_days", n_days, "an integer of at least 2")
    if not shocks > 2:
        raise ParameterError("shocks", shocks, "degrees of freedom above 2, so that variances exist")
    profiles = DEFAULT_ASSETS if assets is None else assets
    days = pd.DatetimeIndex(_sessions(start, n_days))
    states = chain(np.random.default_rng([seed, 0]), regimes, n_days)
    unit = math.sqrt(shocks / (shocks - 2.0))
    market_rng = np.random.default_rng([seed, 1])
    sd = np.array([r.sd for r in regimes])[states]
    market = np.array([r.mean for r in regimes])[states] + sd * market_rng.standard_t(shocks, n_days) / unit
    frames = {}
    for ticker, profile in profiles.items():
        rng = np.random.default_rng([seed, 2, *ticker.encode()])
        own = profile.noise * rng.standard_t(shocks, n_days) / unit
        returns = np.clip(profile.beta * market + profile.drift + own, -0.35, 0.35)
        spread = np.hypot(profile.beta * sd, profile.noise)
        frames[ticker] = pd.DataFrame(_bars(rng, returns, spread, profile.price), index=pd.DatetimeIndex(days, name="date"))
    names = tuple(profiles)
    table = TableMarket(
        frames, name="synthetic", origin=f"SYNTHETIC market, seed {seed}: invented prices with known regimes", synthetic=True,
        benchmark=names[0], assets=names, defensive=tuple(t for t in ("SYN_BONDS", "SYN_CASH") if t in names))  # fmt: skip
    return SyntheticMarket(table, tuple(regimes[k].name for k in states), tuple(d.date() for d in days))


def write_lean_folder(made: SyntheticMarket, folder: str | Path) -> Path:
    """Write a synthetic market as a LEAN data folder; a file SYNTHETIC.txt in it says what it is, truth.csv the regimes."""
    from hidden_regime.data.lean_writing import write_lean_data

    root = Path(folder)
    write_lean_data(made.market, root, prices="adjusted")
    rows = "".join(f"{day},{name}\n" for day, name in zip(made.dates, made.truth, strict=True))
    (root / "truth.csv").write_text("date,regime\n" + rows, encoding="utf-8")
    return root
