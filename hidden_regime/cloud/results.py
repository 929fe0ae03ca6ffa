"""What the cloud ran, as the tables and pages that a run here has."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.cloud.endpoints.backtests import BacktestsGroup
from hidden_regime.cloud.errors import QCError
from hidden_regime.cloud.reading import camel_keys
from hidden_regime.cloud.records.backtests import Backtest
from hidden_regime.cloud.records.optimizations import Optimization, OptimizationBacktest
from hidden_regime.experiments.constraint import Constraint
from hidden_regime.experiments.objective import Objective
from hidden_regime.experiments.space import Range, Space
from hidden_regime.experiments.studies.elsewhere import TrialElsewhere, study_elsewhere
from hidden_regime.experiments.studies.study import Study
from hidden_regime.research.lean_tables import MIDNIGHT, backtest_of_lean
from hidden_regime.research.tables import Backtest as Tables
from hidden_regime.simulator.clock import TradingCalendar

if TYPE_CHECKING:
    from hidden_regime.cloud.client import QuantConnect

CHARTS = ("Strategy Equity", "Benchmark")
CLOUD, PRACTICE = "QuantConnect's cloud", "the practice cloud (embedded engine)"


def backtest_tables(qc: QuantConnect, found: Backtest, name: str) -> Tables:
    """Tables of a finished backtest: its orders, charts and log are read for them.

    Parameters
    ----------
    qc : QuantConnect
    found : Backtest
        One that is `done`.
    name : str
        Of the strategy: files are called by it.
    """
    if not found.done or found.project_id is None:
        raise QCError(f"backtest {found.backtest_id!r} isn't over ({found.status}): wait for it, then read its results.")
    group, number, id = qc.backtests, found.project_id, found.backtest_id
    orders = [camel_keys(one.raw) for one in group.orders(number, id)] if not found.failed or found.statistics else []
    charts = {chart: _chart(group, number, id, chart) for chart in CHARTS}
    lean = {
        "charts": charts,
        "orders": {str(one["id"]): one for one in orders},
        "statistics": found.statistics,
        "runtimeStatistics": found.runtime_statistics,
        "totalPerformance": camel_keys(found.raw.get("totalPerformance") or {}),
        "algorithmConfiguration": {"parameters": found.parameter_set} | _dates(found),
        "state": {"Status": "Runtime Error" if found.failed else "Completed", "RuntimeError": found.error,
                  "StackTrace": found.stacktrace, "Name": found.name},
    }  # fmt: skip
    events = [event for one in orders for event in one.get("events") or ()]
    where = CLOUD if qc.is_quantconnect else PRACTICE
    origin = f"{where}, backtest {id}" + (f", {found.url}" if qc.is_quantconnect else "")
    return backtest_of_lean(lean, events, list(group.log(number, id)), name=name, market=where, origin=origin)


def optimization_study(qc: QuantConnect, found: Optimization, name: str) -> Study:
    """A study of a finished optimisation: ranked, with its page, by what its backtests tell.

    Parameters
    ----------
    qc : QuantConnect
    found : Optimization
    name : str
    """
    goal = found.goal
    objective = Objective(goal.target, str(goal.extremum) or "max", goal.target_value)
    constraints = [
        Constraint(one.target, str(one.operator), one.target_value) for one in found.constraints if one.target_value is not None
    ]
    ranges = [
        Range(one.name, _decimal(one.min), _decimal(one.max), _decimal(one.step or 1.0))
        for one in found.parameters
        if one.min is not None and one.max is not None
    ]
    held = {one.name: one.value for one in found.parameters if one.min is None and one.value is not None}
    trials = [_trial(one) for one in _in_order(found, [one.name for one in ranges])]
    where = f"{CLOUD if qc.is_quantconnect else PRACTICE}, optimization {found.optimization_id}"
    return study_elsewhere(name, Space(tuple(ranges)), objective, constraints, trials, method="grid", where=where, held=held)


def safe_name(name: str) -> str:
    """A name for files of a project that somebody else named: its last part, without what a file system could take amiss."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return re.sub(r"[^\w.-]+", "_", last).strip("._") or "project"


def _chart(group: BacktestsGroup, number: int, id: str, name: str) -> dict[str, Any]:
    """A chart as LEAN's result file has it."""
    found = group.chart(number, id, name)
    series = {
        key: {"name": one.name or key, "unit": one.unit, "values": [list(point) for point in one.values]}
        for key, one in found.series.items()
    }
    return {"name": name, "chartType": 0, "series": series}


def _dates(found: Backtest) -> dict[str, str]:
    told = {"startDate": found.backtest_start, "endDate": found.backtest_end}
    return {key: f"{value:%Y-%m-%dT%H:%M:%S}" for key, value in told.items() if value is not None}


def _in_order(found: Optimization, names: list[str]) -> list[OptimizationBacktest]:
    """Backtests by their numbers: the server lists them as they ended."""

    def key(one: OptimizationBacktest) -> tuple[Any, ...]:
        parts: list[Any] = []
        for name in names:
            try:
                parts.append((0, float(one.parameter_set.get(name, "")), ""))
            except ValueError:
                parts.append((1, 0.0, one.parameter_set.get(name, "")))
        return (*parts, one.id)

    return sorted(found.backtests.values(), key=key)


def _trial(one: OptimizationBacktest) -> TrialElsewhere:
    texts = {name: repr(value) for name, value in one.statistics.items()}
    code = "without figures" if one.exit_code in (None, 0) else f"with exit code {one.exit_code}"
    return TrialElsewhere(one.parameter_set, texts, *_days(one), error="" if one.succeeded else f"it ended {code}")


def _decimal(value: float) -> Decimal:
    """A number as LEAN writes it: whole ones without a point."""
    return Decimal(int(value)) if value == int(value) else Decimal(repr(value))


def _days(one: OptimizationBacktest) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Trading days and the last equity of each."""
    if len(one.equity) < 2:
        return np.empty(0, "datetime64[D]"), np.empty(0)
    times = np.array([int(point[0]) for point in one.equity], "int64").astype("datetime64[s]")
    values = np.array([point[-1] for point in one.equity], np.float64)
    days = (times - MIDNIGHT).astype("datetime64[D]")
    last = np.append(days[1:] != days[:-1], True)
    days, values = days[last], values[last]
    sessions = TradingCalendar(days[0].item(), days[-1].item()).days
    keep = np.isin(days, np.array(sessions, "datetime64[D]"))
    return days[keep], values[keep]
