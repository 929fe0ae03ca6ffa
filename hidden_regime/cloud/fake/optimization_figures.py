"""Figures of an optimisation's backtests as the cloud tells them: an array, or an object with numbers for names.

Percents come without their sign, 17.8 for 17.8%, while targets and constraints are fractions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hidden_regime.cloud.fake.records import Backtest
from hidden_regime.experiments.objective import number_in

ORDER = (
    "alpha", "annualStandardDeviation", "annualVariance", "averageLossRate", "averageWinRate", "beta",
    "compoundingAnnualReturn", "drawdown", "capacity", "expectancy", "informationRatio", "lossRate", "totalNetProfit",
    "probabilisticSharpeRatio", "profitLossRatio", "sharpeRatio", "fees", "orders", "trackingError", "treynorRatio", "winRate",
)  # fmt: skip
"""What stands at each place of the array."""
PERCENT = frozenset({3, 4, 6, 7, 11, 12, 13, 20})
"""Places of percents."""
MORE = ("sortinoRatio", "startEquity", "endEquity", "drawdownRecovery")
"""What the object has besides, from 21 on."""


def figures(backtest: Backtest) -> dict[str, float]:
    """All figures by name, percents without their sign."""
    portfolio: Mapping[str, str] = backtest.summary.get("portfolio", {})
    found = {name: number_in(str(text)) or 0.0 for name, text in portfolio.items()}
    fees = number_in(str(backtest.summary.get("statistics", {}).get("Total Fees", "0"))) or 0.0
    found |= {"capacity": 0.0, "fees": fees, "orders": float(backtest.summary.get("orders", 0))}
    return {name: round(value * 100, 4) if name in _PERCENTS else value for name, value in found.items()}


_PERCENTS = frozenset(ORDER[place] for place in PERCENT)


def statistics(backtest: Backtest, form: str) -> Any:
    """The figures in one of their two forms; nothing for a backtest that failed.

    Parameters
    ----------
    backtest : Backtest
    form : "array" or "object"
    """
    found = figures(backtest) if backtest.summary.get("portfolio") else {}
    if not found:
        return []
    if form == "array":
        return [found.get(name, 0.0) for name in ORDER]
    named = {str(place): found.get(name, 0.0) for place, name in enumerate((*ORDER, *MORE))}
    return named | {name: text for name, text in backtest.summary["statistics"].items() if name not in _LEANS}


_LEANS = frozenset({
    "Total Orders", "Average Win", "Average Loss", "Compounding Annual Return", "Drawdown", "Expectancy", "Start Equity",
    "End Equity", "Net Profit", "Sharpe Ratio", "Sortino Ratio", "Probabilistic Sharpe Ratio", "Loss Rate", "Win Rate",
    "Profit-Loss Ratio", "Alpha", "Beta", "Annual Standard Deviation", "Annual Variance", "Information Ratio", "Tracking Error",
    "Treynor Ratio", "Total Fees", "Estimated Strategy Capacity", "Lowest Capacity Asset", "Portfolio Turnover",
    "Drawdown Recovery",
})  # fmt: skip
"""LEAN's own statistics; what else there is was named by the strategy."""
