"""A run's figures as LEAN computes and prints them.

LEAN samples equity at each calendar midnight and annualises by 252 all the same, so its ratios are diluted by weekends.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from hidden_regime.simulator.rounding import decimal, fixed, scaled, short

Floats = npt.NDArray[np.float64]
TRADING_DAYS = 252
DEFAULT_RATE = 0.01


@dataclass
class Samples:
    """What was sampled: equity at all sample times, and at each midnight returns (percent), benchmark and turnover."""

    equity: list[tuple[datetime, float]]
    returns: list[tuple[datetime, float]]
    benchmark: list[tuple[datetime, float]]
    turnover: list[float]


def _sample_var(values: Floats) -> float:
    return float(values.var(ddof=1)) if len(values) > 1 else math.nan


def _skew_kurtosis(x: Floats) -> tuple[float, float]:
    """Bias-corrected sample skewness and excess kurtosis."""
    n = len(x)
    if n < 4:
        return math.nan, math.nan
    away = x - x.mean()
    m2, m3, m4 = ((away**p).mean() for p in (2, 3, 4))
    if m2 == 0.0:
        return math.nan, math.nan
    skew = math.sqrt(n * (n - 1)) / (n - 2) * m3 / m2**1.5
    kurtosis = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (m4 / m2**2 - 3.0) + 6.0)
    return float(skew), float(kurtosis)


def probabilistic_sharpe(x: Floats, daily_rate: float) -> float:
    """Probability that the true Sharpe ratio exceeds 1 a year (Bailey and Lopez de Prado 2012), in LEAN's form."""
    variance = _sample_var(x)
    observed = (float(x.mean()) - daily_rate) / math.sqrt(variance) if variance > 0 else 0.0
    skew, kurtosis = _skew_kurtosis(x)
    inside = (1.0 - skew * observed + (kurtosis - 1.0) / 4.0 * observed**2) / (len(x) - 1)
    if not inside >= 0.0:
        return 0.0
    error = math.sqrt(inside)
    z = (observed - 1.0 / math.sqrt(TRADING_DAYS)) / error if error > 0 else 0.0
    return NormalDist().cdf(z)


def mean_rate(times: Sequence[datetime], rates: Sequence[tuple[date, float]]) -> float:
    """Mean risk-free rate over the sample times; without a table LEAN's default."""
    if not rates:
        return DEFAULT_RATE
    days = [day for day, _ in rates]
    return sum(rates[max(bisect_right(days, t.date()) - 1, 0)][1] for t in times) / len(times)


def drawdown(values: Sequence[float]) -> float:
    """Largest fall from a peak, as a share of it."""
    peak, worst = values[0], 0.0
    for value in values:
        peak = max(peak, value)
        if peak > 0:
            worst = max(worst, 1.0 - value / peak)
    return worst


def recovery_days(equity: Sequence[tuple[datetime, float]]) -> int:
    """Longest time from a peak until it was seen again, in days."""
    (since, peak), below, longest = equity[0], False, 0
    for time, value in equity:
        if value >= peak:
            if below:
                longest = max(longest, (time - since).days)
            since, peak, below = time, value, False
        else:
            below = True
    return longest


def _win_loss(closed: Sequence[tuple[datetime, float, bool]], capital: float) -> dict[str, float]:
    profit = loss = 0.0
    wins = losses = 0
    for _, value, _ in closed:
        if value > 0:
            profit, wins = profit + value / capital, wins + 1
        else:
            loss, losses = loss + value / capital, losses + 1
        capital += value
    average_win, average_loss = profit / wins if wins else 0.0, loss / losses if losses else 0.0
    ratio = average_win / abs(average_loss) if average_loss else 0.0
    total = wins + losses
    win_rate = wins / total if total else 0.0
    loss_rate = losses / total if total else 0.0
    return {
        "averageWinRate": average_win,
        "averageLossRate": average_loss,
        "profitLossRatio": ratio,
        "winRate": win_rate,
        "lossRate": loss_rate,
        "expectancy": win_rate * ratio - loss_rate,
    }


_ORDER = (
    "averageWinRate", "averageLossRate", "profitLossRatio", "winRate", "lossRate", "expectancy", "startEquity", "endEquity",
    "compoundingAnnualReturn", "drawdown", "totalNetProfit", "sharpeRatio", "probabilisticSharpeRatio", "sortinoRatio", "alpha",
    "beta", "annualStandardDeviation", "annualVariance", "informationRatio", "trackingError", "treynorRatio",
    "portfolioTurnover", "valueAtRisk99", "valueAtRisk95", "drawdownRecovery",
)  # fmt: skip


def portfolio_figures(
    samples: Samples, capital: float, closed: Sequence[tuple[datetime, float, bool]], rates: Sequence[tuple[date, float]]
) -> dict[str, float]:
    """Unrounded figures of the portfolio, by LEAN's names."""
    out = dict.fromkeys(_ORDER, 0.0)
    if not samples.equity:
        return out
    out["startEquity"], out["endEquity"] = capital, samples.equity[-1][1]
    out["portfolioTurnover"] = sum(samples.turnover) / len(samples.turnover) if samples.turnover else 0.0
    x = np.array([value for _, value in samples.returns])[2:] / 100.0
    marks = [value for _, value in samples.benchmark]
    y = np.array([(b - a) / a if a else 0.0 for a, b in zip(marks, marks[1:], strict=False)])[1:]
    if capital == 0.0 or len(x) < 2 or len(y) < 2:
        return out
    out.update(_win_loss(closed, capital))
    (first, _), (last, end) = samples.equity[0], samples.equity[-1]
    years = (last - first).total_seconds() / 86_400 / 365
    growth = end / capital
    out["totalNetProfit"] = growth - 1.0
    out["compoundingAnnualReturn"] = growth ** (1.0 / years) - 1.0 if years and growth > 0 else 0.0
    values = [value for _, value in samples.equity]
    out["drawdown"], out["drawdownRecovery"] = drawdown(values), recovery_days(samples.equity)
    rate = mean_rate([time for time, _ in samples.equity], rates)
    out.update(_ratios(x, y, rate))
    return out


def _ratios(x: Floats, y: Floats, rate: float) -> dict[str, float]:
    annual = (1.0 + float(x.mean())) ** TRADING_DAYS - 1.0
    annual_mark = (1.0 + float(y.mean())) ** TRADING_DAYS - 1.0
    variance = _sample_var(x) * TRADING_DAYS
    sd = math.sqrt(variance)
    falls = x[x < 0]
    downside = math.sqrt(TRADING_DAYS * _sample_var(falls)) if len(falls) > 1 else 0.0
    mark_variance = _sample_var(y)
    beta = float(np.cov(x, y, ddof=1)[0, 1]) / mark_variance if mark_variance > 0 else 0.0
    error = math.sqrt(TRADING_DAYS * _sample_var(x - y))
    tail = x[-TRADING_DAYS:]
    spread = math.sqrt(_sample_var(tail))
    normal = NormalDist(float(tail.mean()), spread) if spread > 0 else None
    return {
        "sharpeRatio": (annual - rate) / sd if sd else 0.0,
        "probabilisticSharpeRatio": probabilistic_sharpe(x, rate / TRADING_DAYS),
        "sortinoRatio": (annual - rate) / downside if downside else 0.0,
        "alpha": annual - (rate + beta * (annual_mark - rate)) if beta else 0.0,
        "beta": beta,
        "annualStandardDeviation": sd,
        "annualVariance": variance,
        "informationRatio": (annual - annual_mark) / error if error else 0.0,
        "trackingError": error,
        "treynorRatio": (annual - rate) / beta if beta else 0.0,
        "valueAtRisk99": normal.inv_cdf(0.01) if normal else 0.0,
        "valueAtRisk95": normal.inv_cdf(0.05) if normal else 0.0,
    }


def portfolio_strings(figures: dict[str, float]) -> dict[str, str]:
    """Figures as LEAN writes them into its results."""
    out = {name: fixed(figures[name], 4) for name in _ORDER}
    for name in ("drawdown", "valueAtRisk99", "valueAtRisk95"):
        if figures[name]:
            out[name] = f"{decimal(figures[name]).quantize(Decimal('0.001'))}"
    out["drawdownRecovery"] = str(int(figures["drawdownRecovery"]))
    return out


def summary(figures: dict[str, float], n_orders: int, fees: float) -> dict[str, str]:
    """LEAN's table of statistics, without its estimate of capacity, which needs data that daily bars don't hold."""
    f = figures
    drop = decimal(f["drawdown"]).quantize(Decimal("0.001")) if f["drawdown"] else Decimal(0)
    return {
        "Total Orders": str(n_orders),
        "Average Win": scaled(f["averageWinRate"], 100, 2) + "%",
        "Average Loss": scaled(f["averageLossRate"], 100, 2) + "%",
        "Compounding Annual Return": scaled(f["compoundingAnnualReturn"], 100, 3) + "%",
        "Drawdown": f"{drop * 100:.3f}%" if f["drawdown"] else "0%",
        "Expectancy": fixed(f["expectancy"], 3),
        "Start Equity": fixed(f["startEquity"], 2),
        "End Equity": fixed(f["endEquity"], 2),
        "Net Profit": scaled(f["totalNetProfit"], 100, 3) + "%",
        "Sharpe Ratio": short(f["sharpeRatio"]),
        "Sortino Ratio": short(f["sortinoRatio"]),
        "Probabilistic Sharpe Ratio": scaled(f["probabilisticSharpeRatio"], 100, 3) + "%",
        "Loss Rate": scaled(f["lossRate"], 100, 0) + "%",
        "Win Rate": scaled(f["winRate"], 100, 0) + "%",
        "Profit-Loss Ratio": fixed(f["profitLossRatio"], 2),
        "Alpha": short(f["alpha"]),
        "Beta": short(f["beta"]),
        "Annual Standard Deviation": short(f["annualStandardDeviation"]),
        "Annual Variance": short(f["annualVariance"]),
        "Information Ratio": short(f["informationRatio"]),
        "Tracking Error": short(f["trackingError"]),
        "Treynor Ratio": short(f["treynorRatio"]),
        "Total Fees": f"${decimal(fees).quantize(Decimal('0.01'), 'ROUND_HALF_UP')}",
        "Portfolio Turnover": scaled(f["portfolioTurnover"], 100, 2) + "%",
        "Drawdown Recovery": str(int(f["drawdownRecovery"])),
    }
