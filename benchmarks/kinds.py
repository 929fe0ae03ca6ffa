"""Simulated markets of many kinds with the regime of every bar, and markets that have none."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

STEPS = 16
"""Steps of the path inside a bar."""

REFERENCE = ((-0.0016, 0.0210, 45), (0.0001, 0.0095, 70), (0.00075, 0.0060, 140))
LONG = ((-0.0010, 0.0180, 200), (0.0001, 0.0100, 250), (0.0005, 0.0060, 500))
CRISES = ((-0.0040, 0.0300, 15), (0.0006, 0.0075, 250))


class Made(NamedTuple):
    """A market: its bars, and the regime of each, counted from the worst; None where there are no regimes."""

    frame: pd.DataFrame
    truth: np.ndarray | None
    n_states: int = 3

    @property
    def names(self) -> np.ndarray:
        """Names of the true regimes."""
        ladder = ("Bear", "Bull") if self.n_states == 2 else ("Bear", "Sideways", "Bull")
        return np.array(ladder)[self.truth]


def chain(rng: np.random.Generator, durations: tuple[float, ...], n: int) -> np.ndarray:
    """States of n bars: each lasts its duration on average, then any other follows."""
    out, state = np.empty(n, np.int64), len(durations) - 1
    for t in range(n):
        out[t] = state
        if rng.random() < 1.0 / durations[state]:
            state = int(rng.choice([k for k in range(len(durations)) if k != state]))
    return out


def unit_t(rng: np.random.Generator, degrees: float, n: int) -> np.ndarray:
    """Student-t shocks of variance one."""
    return rng.standard_t(degrees, n) * math.sqrt((degrees - 2) / degrees)


def bars(rng: np.random.Generator, returns: np.ndarray, sd: np.ndarray, index: pd.DatetimeIndex, night: float | np.ndarray = 0.3,
         ranges: bool = True) -> pd.DataFrame:  # fmt: skip
    """Bars whose closes have these returns; `night` is the share of a bar's standard deviation before it opens."""
    n = len(returns)
    overnight = night**2 * returns + night * np.sqrt(1 - np.asarray(night) ** 2) * sd * rng.standard_normal(n)
    noise = (np.sqrt(1 - np.asarray(night) ** 2) * sd)[:, None] * rng.standard_normal((n, STEPS)) / math.sqrt(STEPS)
    noise -= noise.mean(axis=1, keepdims=True)
    path = np.cumsum(noise + ((returns - overnight) / STEPS)[:, None], axis=1)
    before = np.log(100.0) + np.concatenate([[0.0], np.cumsum(returns)[:-1]])
    opened = before + overnight
    inside = np.concatenate([opened[:, None], opened[:, None] + path], axis=1)
    columns = {"open": opened, "high": inside.max(axis=1), "low": inside.min(axis=1), "close": inside[:, -1]}
    frame = pd.DataFrame({name: np.exp(values) for name, values in columns.items()}, index=index)
    return frame if ranges else frame[["close"]]


def days(n: int) -> pd.DatetimeIndex:
    """Weekdays."""
    return pd.bdate_range("2000-01-03", periods=n)


def weeks(n: int) -> pd.DatetimeIndex:
    """Fridays."""
    return pd.date_range("1990-01-05", periods=n, freq="W-FRI")


def hours(n: int) -> pd.DatetimeIndex:
    """Seven bars on each weekday."""
    every = pd.bdate_range("2000-01-03", periods=n // 7 + 1)
    return pd.DatetimeIndex([day + pd.Timedelta(hours=10 + h) for day in every for h in range(7)][:n])


def switching(seed: int, n: int = 2600, regimes: tuple[tuple[float, float, float], ...] = REFERENCE, *, degrees: float = 6.0,
              noise: float = 0.004, index: Callable[[int], pd.DatetimeIndex] = days, drift: float = 0.0,
              leverage: float = 0.0, jumps: float = 0.0, night: float | None = None, scale: float = 1.0, u_shape: float = 0.0,
              ranges: bool = True, duration: float = 1.0) -> Made:  # fmt: skip
    """A chain of regimes and whatever else.

    Parameters
    ----------
    drift : float
        Standard deviation of a year's change of the level of volatility, in logarithms.
    leverage : float
        How much a fall raises the volatility of the next days.
    jumps : float
        Probability of a jump of five standard deviations on a bar.
    night : float, optional
        Share of the night; by default 0.3. In the worst regime it is half as large again.
    scale, duration : float
        Factors of means and deviations, and of durations, for bars of another length.
    u_shape : float
        How much wilder the first and last hour of a day are.
    """
    rng = np.random.default_rng([seed, 11])
    truth = chain(rng, tuple(d * duration for *_, d in regimes), n)
    mean, sd = (np.array([r[i] for r in regimes])[truth] for i in (0, 1))
    mean, sd = mean * scale**2, sd * scale
    shocks = unit_t(rng, degrees, n)
    if drift:
        level = np.cumsum(rng.standard_normal(n)) * drift / math.sqrt(252)
        sd = sd * np.exp(level - level.mean())
    if u_shape:
        sd = sd * np.tile(1 + u_shape * np.array([1.0, 0.2, -0.3, -0.4, -0.3, 0.2, 0.8]), n // 7 + 1)[:n]
    if leverage:
        log_sd = 0.0
        for t in range(n):
            sd[t] *= math.exp(log_sd)
            log_sd = 0.94 * log_sd + leverage * (max(-shocks[t], 0.0) - 0.4)
    returns = mean + sd * shocks + noise * scale * unit_t(rng, degrees, n)
    sd = np.hypot(sd, noise * scale)
    if jumps:
        hit = rng.random(n) < jumps
        returns = returns + hit * 5 * sd * rng.choice([-1.0, 1.0], n)
    share: float | np.ndarray = 0.3 if night is None else np.minimum(night * np.where(truth == 0, 1.5, 1.0), 0.95)
    return Made(bars(rng, returns, sd, index(n), share, ranges), truth, len(regimes))


def quiet(seed: int, n: int = 2000, *, degrees: float = math.inf, alpha: float = 0.0, beta: float = 0.0, sd: float = 0.01,
          leverage: float = 0.0) -> Made:  # fmt: skip
    """No regimes: shocks of one distribution, whose scale follows a GARCH(1,1), or GJR's, where alpha isn't 0."""
    rng = np.random.default_rng([seed, 12])
    z = rng.standard_normal(n + 500) if math.isinf(degrees) else unit_t(rng, degrees, n + 500)
    variance = np.full(n + 500, sd**2)
    for t in range(1, n + 500):
        last = variance[t - 1] * z[t - 1] ** 2
        rises = alpha + leverage * (z[t - 1] < 0)
        variance[t] = sd**2 * (1 - alpha - 0.5 * leverage - beta) + rises * last + beta * variance[t - 1]
    z, scale = z[500:], np.sqrt(variance[500:])
    return Made(bars(rng, 0.0003 + scale * z, scale, days(n)), None)


WITH_REGIMES: dict[str, Callable[[int], Made]] = {
    "as the reference": switching,
    "long regimes": partial(switching, regimes=LONG),
    "short crises, K=2": partial(switching, regimes=CRISES),
    "low contrast": partial(switching, regimes=((-0.0010, 0.0150, 45), (0.0, 0.0100, 70), (0.0006, 0.0070, 140))),
    "noisy stock": partial(switching, noise=0.013, degrees=5.0),
    "drifting volatility": partial(switching, drift=0.35),
    "leverage and jumps": partial(switching, leverage=0.12, jumps=0.01),
    "overnight gaps": partial(switching, night=0.6),
    "weekly bars": partial(switching, n=1300, scale=math.sqrt(5), duration=0.2, index=weeks),
    "hourly, flat day": partial(switching, n=5000, scale=1 / math.sqrt(7), duration=7.0, index=hours),
    "hourly, U-shaped day": partial(switching, n=5000, scale=1 / math.sqrt(7), duration=7.0, index=hours, u_shape=0.6),
    "closes only": partial(switching, ranges=False),
}  # fmt: skip
"""Markets with regimes, by seed."""

WITHOUT: dict[str, Callable[[int], Made]] = {
    "iid Gaussian": quiet,
    "iid Student-t(7)": partial(quiet, degrees=7.0),
    "iid Student-t(4)": partial(quiet, degrees=4.0),
    "GARCH(1,1)-t": partial(quiet, degrees=7.0, alpha=0.08, beta=0.90),
    "GARCH(1,1), quick": partial(quiet, alpha=0.15, beta=0.80),
    "GJR-GARCH-t": partial(quiet, degrees=7.0, alpha=0.03, beta=0.90, leverage=0.10),
}
"""Markets without regimes, by seed."""
