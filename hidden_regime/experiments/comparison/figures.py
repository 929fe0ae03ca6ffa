"""What each strategy came to over the common days."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hidden_regime.experiments.honesty.sharpe_interval import sharpe_interval
from hidden_regime.experiments.result import Result
from hidden_regime.kernels.results import Floats
from hidden_regime.regimes.statistics import days_per_year


@dataclass(frozen=True)
class StrategyFigures:
    """Figures of one strategy. Where there is no figure, there is None.

    Attributes
    ----------
    name : str
    error : str
        Why it isn't in the tests; empty where it is.
    sharpe, sharpe_se, sharpe_low, sharpe_high : float or None
        Of trading days, a year, with the standard error and the interval of 95% by blocks of days drawn again.
    total_return, annual_return : float or None
        Fractions; the latter compounds to the former.
    volatility : float or None
        Standard deviation of daily returns times the root of the days of a year.
    max_drawdown : float or None
        Fraction, above 0, of the closes of trading days.
    drawdown_from, drawdown_to : str or None
        Its peak and its trough.
    n_orders, n_trades : int or None
        Of the whole run; trades are those that were closed.
    win_rate : float or None
        Share of the closed trades with a profit before fees; LEAN's Win Rate counts sales instead.
    fees : float or None
        In the account's currency, of the whole run.
    turnover : float or None
        Times a year: what was bought and sold over the equity of its day, by the orders; of assets without a multiplier.
    """

    name: str
    error: str = ""
    sharpe: float | None = None
    sharpe_se: float | None = None
    sharpe_low: float | None = None
    sharpe_high: float | None = None
    total_return: float | None = None
    annual_return: float | None = None
    volatility: float | None = None
    max_drawdown: float | None = None
    drawdown_from: str | None = None
    drawdown_to: str | None = None
    n_orders: int | None = None
    n_trades: int | None = None
    win_rate: float | None = None
    fees: float | None = None
    turnover: float | None = None


def strategy_figures(result: Result, returns: Floats, days: npt.NDArray[np.datetime64], *, block: float | None, n_resamples: int,
                     seed: int) -> StrategyFigures:  # fmt: skip
    """Figures of a run that is in the tests."""
    days_a_year = days_per_year(days)
    year = math.sqrt(days_a_year)
    found = sharpe_interval(returns, block=block, n_resamples=n_resamples, seed=seed)
    curve = np.concatenate([[1.0], np.cumprod(1.0 + returns)])
    peaks = np.maximum.accumulate(curve)
    trough = int(np.argmax(1.0 - curve / peaks))
    peak = int(np.argmax(curve[: trough + 1]))
    named = [str(result.equity.index[0].date()), *(str(day) for day in days)]
    named[0] = _day_before(result, named[1])
    fallen = trough > peak
    return StrategyFigures(
        result.name, "", found.sharpe * year, found.se * year, finite(found.low * year), finite(found.high * year),
        float(curve[-1] - 1.0), float(curve[-1] ** (days_a_year / len(returns)) - 1.0), float(returns.std(ddof=1) * year),
        float(1.0 - curve[trough] / curve[peak]), named[peak] if fallen else None, named[trough] if fallen else None,
        **_trading(result))  # fmt: skip


def out_of_tests(result: Result, error: str) -> StrategyFigures:
    """What is known of a run that isn't in the tests."""
    return StrategyFigures(result.name, error, **_trading(result))


def _day_before(result: Result, first: str) -> str:
    days = result.equity.index.to_numpy().astype("datetime64[D]")
    return str(days[int(np.searchsorted(days, np.datetime64(first))) - 1])


def _trading(result: Result) -> dict[str, Any]:
    told, orders, trades = result.statistics, result.orders, result.trades
    known = len(orders) > 0 or told.get("Total Orders") == 0.0
    n_orders = told.get("Total Orders", float(len(orders)) if known else None)
    wins = float((trades["profit_loss"].to_numpy(np.float64) > 0.0).mean()) if len(trades) else None
    fees = told.get("Total Fees", float(orders["fee"].sum()) if known else None)
    return {
        "n_orders": None if n_orders is None else int(n_orders), "n_trades": len(trades) if known or len(trades) else None,
        "win_rate": wins, "fees": fees,
        "turnover": _turnover(result) if known else None,
    }  # fmt: skip


def _turnover(result: Result) -> float | None:
    """LEAN's own is of all days since the start that the strategy sets, whether there were data or not."""
    filled = result.orders[result.orders["status"] == "FILLED"]
    days = result.equity.index.to_numpy().astype("datetime64[D]")
    if not len(days):
        return None
    places = np.searchsorted(days, filled["time"].to_numpy().astype("datetime64[D]"), side="right") - 1
    equity = result.equity["equity"].to_numpy(np.float64)[np.maximum(places, 0)]
    values = np.abs(filled["quantity"].to_numpy(np.float64) * filled["price"].to_numpy(np.float64))
    return float((values / equity).sum() / len(days) * days_per_year(days))


def finite(value: float) -> float | None:
    """JSON has no word for what is infinite."""
    return value if math.isfinite(value) else None
