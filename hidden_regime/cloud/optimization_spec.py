"""What an optimisation asks for, in the words of the API."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from hidden_regime.cloud.records.optimizations import ConstraintOperator, NodeType, Strategy, TargetTo
from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.constraint import Constraint
from hidden_regime.experiments.objective import Objective
from hidden_regime.experiments.portfolio_paths import target_path
from hidden_regime.experiments.space import Range, Space

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
                told = f"{one.low}:{one.high}" if isinstance(one, Range) else list(one.values())
                raise ParameterError(
                    one.name, told, "a range with a step, such as 10:50:5",
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


def _parameter(one: Range) -> dict[str, Any]:
    told: dict[str, Any] = {"name": one.name, "min": float(one.low), "max": float(one.high), "step": float(one.step or 1)}
    return told if one.min_step is None else told | {"minStep": float(one.min_step)}


def _constraint(one: Constraint) -> dict[str, Any]:
    return {"target": target_path(one.target), "operator": str(OPERATORS[one.operator]), "targetValue": one.value}
