"""What an optimisation asks for, in the words of the API."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from hidden_regime.cloud.records.optimizations import ConstraintOperator, NodeType, Strategy, TargetTo
from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.constraint import Constraint
from hidden_regime.experiments.objective import Objective, bare_of
from hidden_regime.experiments.space import Range, Space

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
OPERATORS = {
    "<": ConstraintOperator.LESS, "<=": ConstraintOperator.LESS_OR_EQUAL, ">": ConstraintOperator.GREATER,
    ">=": ConstraintOperator.GREATER_OR_EQUAL, "==": ConstraintOperator.EQUALS, "!=": ConstraintOperator.NOT_EQUAL,
}  # fmt: skip
USUAL_PARAMETERS = 2
"""lean-cli's wizard takes so many; documents say 3. The server decides."""


@dataclass(frozen=True)
class OptimizationSpec:
    """A search over a grid in the cloud.

    Parameters
    ----------
    project_id : int
    compile_id : str
    name : str
    space : Space
        Ranges with a step; the cloud takes no list of texts.
    objective : Objective
        A name of LEAN's table, such as "Sharpe Ratio", or a path.
    constraints : tuple of Constraint
        Limits are fractions: "Drawdown <= 25%" is 0.25.
    strategy, node_type : str
        Those of the enumerations, or what the server knows besides.
    parallel_nodes : int
    held : tuple of (str, str)
        Parameters that stay at one value in all backtests.

    Examples
    --------
    >>> from hidden_regime.experiments.space import Space
    >>> spec = OptimizationSpec(7, "c", "fast", Space.of({"fast": "10:50:20"}), Objective("Drawdown", "min"))
    >>> spec.n_backtests, spec.fields()["target"], spec.fields()["targetTo"]
    (3, 'TotalPerformance.PortfolioStatistics.Drawdown', 'min')
    """

    project_id: int
    compile_id: str
    name: str
    space: Space
    objective: Objective
    constraints: tuple[Constraint, ...] = ()
    strategy: str = Strategy.GRID_SEARCH
    node_type: str = NodeType.O2_8
    parallel_nodes: int = 1
    held: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for one in self.space:
            if not isinstance(one, Range) or one.count is None:
                raise ParameterError(
                    f"space[{one.name}]", one, "a range with a step, such as 10:50:5",
                    "QuantConnect's cloud varies numbers alone.")  # fmt: skip
        if isinstance(self.parallel_nodes, bool) or not isinstance(self.parallel_nodes, int) or self.parallel_nodes < 1:
            raise ParameterError("parallel_nodes", self.parallel_nodes, "a whole number of at least 1")

    @property
    def n_backtests(self) -> int:
        """Sets of the grid."""
        return math.prod(len(one.values()) for one in self.space)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is worth a word before it is sent."""
        if len(self.space) <= USUAL_PARAMETERS:
            return ()
        return (f"{len(self.space)} parameters: QuantConnect's pages take {USUAL_PARAMETERS} or 3, and the server decides.",)

    def fields(self, name: str | None = None) -> dict[str, Any]:
        """The request's fields, as `optimizations/estimate` takes them.

        Parameters
        ----------
        name : str, optional
            Instead of its own.
        """
        return {
            "projectId": self.project_id,
            "name": self.name if name is None else name,
            "target": target_path(self.objective.target),
            "targetTo": str(TargetTo(self.objective.direction)),
            "targetValue": self.objective.value,
            "strategy": str(self.strategy),
            "compileId": self.compile_id,
            "parameters": [
                *(_parameter(one) for one in self.space if isinstance(one, Range)),
                *({"name": name, "value": value} for name, value in self.held),
            ],
            "constraints": [_constraint(one) for one in self.constraints],
        }


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
    >>> table_name("TotalPerformance.PortfolioStatistics.TotalNetProfit"), table_name("a.b")
    ('Net Profit', 'a.b')
    """
    names = {(PORTFOLIO + field).lower(): name for name, field in PORTFOLIO_NAMES.items()}
    return names.get(bare_of(path).lower(), path)


def _parameter(one: Range) -> dict[str, Any]:
    told: dict[str, Any] = {"name": one.name, "min": float(one.low), "max": float(one.high), "step": float(one.step or 1)}
    return told if one.min_step is None else told | {"minStep": float(one.min_step)}


def _constraint(one: Constraint) -> dict[str, Any]:
    return {"target": target_path(one.target), "operator": str(OPERATORS[one.operator]), "targetValue": one.value}
