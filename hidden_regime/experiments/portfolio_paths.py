"""Where LEAN's result has the figures of its table of statistics as fractions, and back."""

from __future__ import annotations

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.objective import STATISTICS, bare_of, statistic_names

PORTFOLIO = "TotalPerformance.PortfolioStatistics."
PORTFOLIO_NAMES = {
    "Average Win": "AverageWinRate", "Average Loss": "AverageLossRate", "Compounding Annual Return": "CompoundingAnnualReturn",
    "Drawdown": "Drawdown", "Expectancy": "Expectancy", "Start Equity": "StartEquity", "End Equity": "EndEquity",
    "Net Profit": "TotalNetProfit", "Sharpe Ratio": "SharpeRatio", "Sortino Ratio": "SortinoRatio",
    "Probabilistic Sharpe Ratio": "ProbabilisticSharpeRatio", "Loss Rate": "LossRate", "Win Rate": "WinRate",
    "Profit-Loss Ratio": "ProfitLossRatio", "Alpha": "Alpha", "Beta": "Beta",
    "Annual Standard Deviation": "AnnualStandardDeviation",
    "Annual Variance": "AnnualVariance", "Information Ratio": "InformationRatio", "Tracking Error": "TrackingError",
    "Treynor Ratio": "TreynorRatio", "Portfolio Turnover": "PortfolioTurnover",
}  # fmt: skip
"""LEAN's table of statistics, and where the same figure stands as a fraction."""


def target_path(target: str) -> str:
    """The path of a statistic in a result, where it stands as a fraction; any other path as it is.

    Examples
    --------
    >>> target_path("sharpe ratio"), target_path("TotalPerformance.TradeStatistics.WinRate")
    ('TotalPerformance.PortfolioStatistics.SharpeRatio', 'TotalPerformance.TradeStatistics.WinRate')
    """
    bare = bare_of(target)
    known = {name.lower(): path for name, path in PORTFOLIO_NAMES.items()}
    name = bare.lower().removeprefix("statistics.")
    if name in known:
        return PORTFOLIO + known[name]
    if "." in bare and not bare.lower().startswith("statistics."):
        return bare
    raise ParameterError(
        "target", target, "a figure of a portfolio, such as Sharpe Ratio or Drawdown, or a path of LEAN's result"
    )


def table_name(path: str) -> str:
    """The name in LEAN's table of the figure at a path; any other path as it is.

    Examples
    --------
    >>> [table_name(one) for one in ("TotalPerformance.PortfolioStatistics.TotalNetProfit", "Statistics.sharpe ratio", "a.b")]
    ['Net Profit', 'Sharpe Ratio', 'a.b']
    """
    names = {(PORTFOLIO + field).lower(): name for name, field in PORTFOLIO_NAMES.items()}
    names |= {(STATISTICS + name).lower(): name for name in statistic_names()}
    return names.get(bare_of(path).lower(), path)
