"""A run's figures as LEAN computes and prints them.

LEAN samples equity at each calendar midnight and annualises by 252 all the same, so its ratios are diluted by weekends; only
brokers of coins count 365 days a year.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from hidden_regime.data.decimals import HUNDRED, LARGEST_DECIMAL, ONE, ZERO, SystemDecimal, total
from hidden_regime.simulator.rounding import short

Floats = npt.NDArray[np.float64]
Figures = dict[str, SystemDecimal]
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


def probabilistic_sharpe(x: Floats, daily_rate: float, days: int = TRADING_DAYS) -> float:
    """Probability that the true Sharpe ratio exceeds 1 a year (Bailey and Lopez de Prado 2012), in LEAN's form."""
    variance = _sample_var(x)
    observed = (float(x.mean()) - daily_rate) / math.sqrt(variance) if variance > 0 else 0.0
    skew, kurtosis = _skew_kurtosis(x)
    inside = (1.0 - skew * observed + (kurtosis - 1.0) / 4.0 * observed**2) / (len(x) - 1)
    if not inside >= 0.0:
        return 0.0
    error = math.sqrt(inside)
    z = (observed - 1.0 / math.sqrt(days)) / error if error > 0 else 0.0
    # The complementary error function keeps the smallest probabilities, which 1 + erf loses.
    return math.erfc(-z / math.sqrt(2.0)) / 2.0


def average_rate(times: Sequence[datetime], rates: Sequence[tuple[date, float]]) -> SystemDecimal:
    """Mean risk-free rate over the sample times; without a table LEAN's default."""
    if not rates:
        return SystemDecimal.of(DEFAULT_RATE)
    days = [day for day, _ in rates]
    counts = Counter(max(bisect_right(days, t.date()) - 1, 0) for t in times)
    sum_ = total([SystemDecimal.of(rates[place][1]) * SystemDecimal(n) for place, n in counts.items()])
    return sum_ / SystemDecimal(len(times))


def mean_rate(times: Sequence[datetime], rates: Sequence[tuple[date, float]]) -> float:
    """The same as a double."""
    return float(average_rate(times, rates))


def drawdown(values: Sequence[float]) -> SystemDecimal:
    """Largest fall from a peak, as a share of it, in three decimals."""
    peak, worst, place = values[0], 0.0, (0.0, 0.0)
    for value in values:
        peak = max(peak, value)
        if peak > 0 and 1.0 - value / peak > worst:
            worst, place = 1.0 - value / peak, (value, peak)
    if worst == 0.0:
        return ZERO
    value, peak = place
    return abs(SystemDecimal.of(value) / SystemDecimal.of(peak) - ONE).round(3)


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


def _win_loss(closed: Mapping[datetime, SystemDecimal], capital: SystemDecimal) -> Figures:
    profit = loss = ZERO
    wins = losses = 0
    for _, value in sorted(closed.items()):
        if value.n > 0:
            profit, wins = profit + value / capital, wins + 1
        else:
            loss, losses = loss + value / capital, losses + 1
        capital = capital + value
    average_win = profit / SystemDecimal(wins) if wins else ZERO
    average_loss = loss / SystemDecimal(losses) if losses else ZERO
    ratio = average_win / abs(average_loss) if average_loss else ZERO
    fills = SystemDecimal(wins + losses)
    win_rate = SystemDecimal(wins) / fills if fills else ZERO
    loss_rate = SystemDecimal(losses) / fills if fills else ZERO
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
    samples: Samples, capital: float | SystemDecimal, closed: Mapping[datetime, SystemDecimal],
    rates: Sequence[tuple[date, float]], days: int = TRADING_DAYS,
) -> Figures:  # fmt: skip
    """Figures of the portfolio by LEAN's names, as it holds them before it prints them.

    Parameters
    ----------
    days : int
        Trading days of a year.
    """
    out = dict.fromkeys(_ORDER, ZERO)
    if not samples.equity or not samples.returns:  # LEAN looks at neither before the first day's sample
        return out
    start = capital if isinstance(capital, SystemDecimal) else SystemDecimal.of(capital)
    last = SystemDecimal.of(samples.equity[-1][1])
    out["startEquity"], out["endEquity"] = start, last
    if samples.turnover:
        out["portfolioTurnover"] = total([SystemDecimal.of(v) for v in samples.turnover]) / SystemDecimal(len(samples.turnover))
    x = np.array([value for _, value in samples.returns])[2:] / 100.0
    marks = [value for _, value in samples.benchmark]
    y = np.array([(b - a) / a if a else 0.0 for a, b in zip(marks, marks[1:], strict=False)])[1:]
    if not start or len(x) < 2 or len(y) < 2:
        return out
    out.update(_win_loss(closed, start))
    (first, _), (end, _) = samples.equity[0], samples.equity[-1]
    years = (end - first).total_seconds() / 86_400 / 365
    growth = float(last) / float(start)
    out["totalNetProfit"] = last / start - ONE
    if years and growth > 0:
        out["compoundingAnnualReturn"] = SystemDecimal.nearest(growth ** (1.0 / years) - 1.0)
    out["drawdown"] = drawdown([value for _, value in samples.equity])
    out["drawdownRecovery"] = SystemDecimal(recovery_days(samples.equity))
    out.update(_ratios(x, y, average_rate([time for time, _ in samples.equity], rates), days))
    return out


def _ratios(x: Floats, y: Floats, rate: SystemDecimal, days: int) -> Figures:
    """What LEAN makes of the series of returns: doubles that it casts to decimals, and goes on with these."""
    number, free = SystemDecimal.nearest, float(rate)
    annual = number((1.0 + float(x.mean())) ** days - 1.0)
    annual_mark = number((1.0 + float(y.mean())) ** days - 1.0)
    variance = number(_sample_var(x) * days)
    sd = number(math.sqrt(float(variance)))
    falls = x[x < 0]
    downside = number(math.sqrt(days * _sample_var(falls))) if len(falls) > 1 else ZERO
    mark_variance = _sample_var(y)
    beta = number(float(np.cov(x, y, ddof=1)[0, 1]) / mark_variance) if mark_variance > 0 else ZERO
    error = number(math.sqrt(days * _sample_var(x - y)))
    tail = x[-days:]
    mean, spread = float(tail.mean()), math.sqrt(_sample_var(tail))
    at_risk = [NormalDist(mean, spread).inv_cdf(p) if spread > 0 else mean for p in (0.01, 0.05)]
    return {
        "sharpeRatio": number((float(annual) - free) / float(sd)) if sd else ZERO,
        "probabilisticSharpeRatio": number(probabilistic_sharpe(x, free / days, days)),
        "sortinoRatio": number((float(annual) - free) / float(downside)) if downside else ZERO,
        "alpha": annual - (rate + beta * (annual_mark - rate)) if beta else ZERO,
        "beta": beta,
        "annualStandardDeviation": sd,
        "annualVariance": variance,
        "informationRatio": number(float(annual) - float(annual_mark)) / error if error else ZERO,
        "trackingError": error,
        "treynorRatio": number(float(annual) - free) / beta if beta else ZERO,
        "valueAtRisk99": number(at_risk[0]).round(3),
        "valueAtRisk95": number(at_risk[1]).round(3),
    }


def portfolio_strings(figures: Figures) -> dict[str, str]:
    """Figures as LEAN writes them into its results."""
    return {name: str(figures[name].round(4)) for name in _ORDER}


def summary(figures: Figures, n_orders: int, fees: SystemDecimal, sign: str = "$") -> dict[str, str]:
    """LEAN's table of statistics, without its estimate of capacity, which needs data that daily bars don't hold.

    Parameters
    ----------
    sign : str
        Of the account's currency.
    """
    f = figures

    def percent(name: str, digits: int) -> str:
        whole = LARGEST_DECIMAL if f[name] >= LARGEST_DECIMAL / HUNDRED else f[name] * HUNDRED
        return f"{whole.round(digits)}%"

    def ratio(name: str) -> str:
        return short(float(f[name]))

    return {
        "Total Orders": str(n_orders),
        "Average Win": percent("averageWinRate", 2),
        "Average Loss": percent("averageLossRate", 2),
        "Compounding Annual Return": percent("compoundingAnnualReturn", 3),
        "Drawdown": percent("drawdown", 3),
        "Expectancy": str(f["expectancy"].round(3)),
        "Start Equity": str(f["startEquity"].round(2)),
        "End Equity": str(f["endEquity"].round(2)),
        "Net Profit": percent("totalNetProfit", 3),
        "Sharpe Ratio": ratio("sharpeRatio"),
        "Sortino Ratio": ratio("sortinoRatio"),
        "Probabilistic Sharpe Ratio": percent("probabilisticSharpeRatio", 3),
        "Loss Rate": percent("lossRate", 0),
        "Win Rate": percent("winRate", 0),
        "Profit-Loss Ratio": str(f["profitLossRatio"].round(2)),
        "Alpha": ratio("alpha"),
        "Beta": ratio("beta"),
        "Annual Standard Deviation": ratio("annualStandardDeviation"),
        "Annual Variance": ratio("annualVariance"),
        "Information Ratio": ratio("informationRatio"),
        "Tracking Error": ratio("trackingError"),
        "Treynor Ratio": ratio("treynorRatio"),
        "Total Fees": f"{sign}{fees.fixed(2)}",
        "Portfolio Turnover": percent("portfolioTurnover", 2),
        "Drawdown Recovery": str(f["drawdownRecovery"]),
    }
