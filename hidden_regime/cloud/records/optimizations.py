"""The models of the optimisation API, as they come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from hidden_regime.cloud.errors import ServerError
from hidden_regime.cloud.optimization_statistics import statistics
from hidden_regime.cloud.reading import anything, duration, integer, listing, mapping, moment, number, open_enum, text
from hidden_regime.cloud.records.charts import Point, points_of
from hidden_regime.cloud.records.record import Record, told


class TargetTo(StrEnum):
    """Which way is better."""

    MIN = "min"
    MAX = "max"


class NodeType(StrEnum):
    """What an optimisation runs on: cores and gigabytes."""

    O2_8 = "O2-8"
    O4_12 = "O4-12"
    O8_16 = "O8-16"


class TargetStatistic(StrEnum):
    """Statistics that the cloud's page offers as targets. Any other path of a result may be sent too."""

    SHARPE_RATIO = "TotalPerformance.PortfolioStatistics.SharpeRatio"
    COMPOUNDING_ANNUAL_RETURN = "TotalPerformance.PortfolioStatistics.CompoundingAnnualReturn"
    PROBABILISTIC_SHARPE_RATIO = "TotalPerformance.PortfolioStatistics.ProbabilisticSharpeRatio"
    DRAWDOWN = "TotalPerformance.PortfolioStatistics.Drawdown"


class Strategy(StrEnum):
    """How parameters are searched. Euler is lean-cli's and LEAN's alone."""

    GRID_SEARCH = "QuantConnect.Optimizer.Strategies.GridSearchOptimizationStrategy"


class ConstraintOperator(StrEnum):
    """Relations of a constraint."""

    LESS_OR_EQUAL = "LessOrEqual"
    LESS = "Less"
    GREATER_OR_EQUAL = "GreaterOrEqual"
    GREATER = "Greater"
    NOT_EQUAL = "NotEqual"
    EQUALS = "Equals"


class OptimizationStatus(StrEnum):
    """How far an optimisation is. lean-cli knows "active" besides."""

    NEW = "new"
    ACTIVE = "active"
    RUNNING = "running"
    COMPLETED = "completed"
    ABORTED = "aborted"


UNFINISHED = frozenset({OptimizationStatus.NEW, OptimizationStatus.ACTIVE, OptimizationStatus.RUNNING})


def path(value: Any) -> str:
    """A target as a dotted path, also where it comes as a JSON path in brackets."""
    from hidden_regime.experiments.objective import bare_of

    return bare_of(text(value)).strip(".")


@dataclass(frozen=True, kw_only=True)
class Target(Record):
    """What is optimised, and which way."""

    target: str = told(path, "optimizationTarget", default="")
    extremum: TargetTo | str = told(open_enum(TargetTo), "targetTo", default="")
    target_value: float | None = told(number)


@dataclass(frozen=True, kw_only=True)
class Constraint(Record):
    """What a result has to keep to; the limit is a fraction."""

    target: str = told(path, default="")
    operator: ConstraintOperator | str = told(open_enum(ConstraintOperator), default="")
    target_value: float | None = told(number)


@dataclass(frozen=True, kw_only=True)
class Parameter(Record):
    """A parameter with its range, or with the one value that it is held at."""

    name: str = told(text, "key", default="")
    min: float | None = told(number)
    max: float | None = told(number)
    step: float | None = told(number)
    min_step: float | None = told(number)
    value: str | None = told(text)


@dataclass(frozen=True, kw_only=True)
class RuntimeStatistics(Record):
    """How far it is, and what it cost until now."""

    completed: int = told(integer, default=0)
    failed: int = told(integer, default=0)
    running: int = told(integer, default=0)
    in_queue: int = told(integer, default=0)
    total: int = told(integer, default=0)
    average_length: float | None = told(duration)
    total_runtime: float | None = told(duration)
    consumed: float | None = told(number)

    @property
    def progress(self) -> float:
        """Share of the backtests that are over, failed ones too; 0 while nobody knows of how many."""
        return min(1.0, (self.completed + self.failed) / self.total) if self.total > 0 else 0.0


def parameter_set(value: Any) -> dict[str, str]:
    """Values by name; also of a list of names and values, and of a mapping one level down, as the server has it at times."""
    if isinstance(value, Mapping) and set(map(str, value)) == {"value"} and isinstance(value["value"], Mapping):
        value = value["value"]
    if isinstance(value, (list, tuple)):
        value = {one["name"] if "name" in one else one["key"]: one.get("value") for one in value}
    return mapping(text)({name: one for name, one in mapping(anything)(value).items() if one is not None})


def statistics_of(value: Any) -> dict[str, float]:
    """Statistics of a list or an object."""
    if not isinstance(value, (Mapping, list, tuple)):
        raise TypeError(f"a {type(value).__name__} is neither a list nor an object")
    found = statistics(value)
    if not found and any(one is not None for one in (value.values() if isinstance(value, Mapping) else value)):
        raise ValueError("none of it is a number")
    return found


@dataclass(frozen=True, kw_only=True)
class OptimizationBacktest(Record):
    """One backtest of an optimisation. `statistics` are fractions by LEAN's names, whatever form they came in."""

    id: str = told(text, "backtestId", default="")
    name: str = told(text, default="")
    progress: float = told(number, default=0.0)
    exit_code: int | None = told(integer)
    parameter_set: dict[str, str] = told(parameter_set, factory=dict)
    statistics: dict[str, float] = told(statistics_of, factory=dict)
    start_date: datetime | None = told(moment)
    end_date: datetime | None = told(moment)
    out_of_sample_max_end_date: datetime | None = told(moment)
    out_of_sample_days: int | None = told(integer)
    equity: tuple[Point, ...] = told(points_of, default=())

    @property
    def succeeded(self) -> bool:
        """Whether it ended well."""
        return self.exit_code in (None, 0) and bool(self.statistics)


@dataclass(frozen=True, kw_only=True)
class GridChart(Record):
    """How the cloud's page lays out a chart of an optimisation."""

    chart_name: str = told(text, default="")
    width: int | None = told(integer)
    height: int | None = told(integer)
    row: int | None = told(integer)
    column: int | None = told(integer)
    sort: int | None = told(integer)
    definition: tuple[str, ...] = told(listing(text), default=())


def backtests_of(value: Any) -> dict[str, OptimizationBacktest]:
    """Backtests by id; of a list, and of the one object that a document shows instead, too."""
    if isinstance(value, Mapping) and "parameterSet" in value and not isinstance(value.get("parameterSet"), str):
        value = [value]
    if isinstance(value, (list, tuple)):
        value = {str(one.get("id") or one.get("backtestId") or place): one for place, one in enumerate(value)}
    read = mapping(OptimizationBacktest.read)(value)
    return {id: one if one.id else replace(one, id=id) for id, one in read.items()}


@dataclass(frozen=True, kw_only=True)
class Optimization(Record):
    """An optimisation, in the list or read whole."""

    optimization_id: str = told(text, "id", default="")
    snapshot_id: str = told(text, default="")
    project_id: int | None = told(integer)
    name: str = told(text, default="")
    status: OptimizationStatus | str = told(open_enum(OptimizationStatus), default="")
    node_type: NodeType | str = told(open_enum(NodeType), default="")
    parallel_nodes: int | None = told(integer)
    criterion: Target | None = told(Target.read)
    optimization_target: str = told(path, default="")
    extremum: TargetTo | str = told(open_enum(TargetTo), default="")
    target_value: float | None = told(number)
    runtime_statistics: RuntimeStatistics = told(RuntimeStatistics.read, factory=RuntimeStatistics)
    constraints: tuple[Constraint, ...] = told(listing(Constraint.read), default=())
    parameters: tuple[Parameter, ...] = told(listing(Parameter.read), default=())
    backtests: dict[str, OptimizationBacktest] = told(backtests_of, factory=dict)
    strategy: Strategy | str = told(open_enum(Strategy), default="")
    requested: datetime | None = told(moment)
    created: datetime | None = told(moment)
    grid_layout: tuple[GridChart, ...] = told(listing(GridChart.read), default=())
    out_of_sample_max_end_date: datetime | None = told(moment)
    out_of_sample_days: int | None = told(integer)
    psr: float | None = told(number)
    sharpe_ratio: float | None = told(number)
    trades: int | None = told(integer)
    clone_id: int | None = told(integer)

    @property
    def done(self) -> bool:
        """Whether the server is through with it: its status is none of new, active and running. One without a status isn't."""
        return bool(self.status) and self.status not in UNFINISHED

    @property
    def goal(self) -> Target:
        """What was optimised, wherever the reply has it."""
        if self.criterion is not None and self.criterion.target:
            return self.criterion
        return Target(target=self.optimization_target, extremum=self.extremum, target_value=self.target_value)


@dataclass(frozen=True, kw_only=True)
class Estimate(Record):
    """What the server thinks that an optimisation takes: `time` in seconds, of one backtest or of all, it doesn't say."""

    estimate_id: str = told(text, "id", default="")
    time: float | None = told(duration)
    balance: float | None = told(number)


def read_estimate(reply: Mapping[str, Any]) -> Estimate:
    """The estimate of a reply, which has it below a name or as it is."""
    return Estimate.read(reply.get("estimate", reply))


def read_optimizations(reply: Mapping[str, Any]) -> tuple[Optimization, ...]:
    """Optimisations of a reply, one or many.

    Raises
    ------
    ServerError
        What stands in their place is neither.
    """
    one = reply.get("optimization")
    found = [one] if reply.get("optimizations") is None and isinstance(one, Mapping) else reply.get("optimizations", one)
    if isinstance(found, Mapping) and "optimizationId" in found:
        found = [found]
    try:
        return listing(Optimization.read)(found if found is not None else [])
    except TypeError as error:
        raise ServerError(f"optimizations: the reply holds none, {error}. Ask again later.") from None
