"""What the cloud ran, as the tables and pages that a run here has."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.cloud.endpoints.backtests import BacktestsGroup
from hidden_regime.cloud.errors import NotFound, QCError, Waiting
from hidden_regime.cloud.reading import camel_keys
from hidden_regime.cloud.records.backtests import Backtest
from hidden_regime.cloud.records.optimizations import Optimization, OptimizationBacktest
from hidden_regime.experiments.constraint import Constraint
from hidden_regime.experiments.objective import Objective
from hidden_regime.experiments.space import Choice, Range, Space
from hidden_regime.experiments.studies.elsewhere import TrialElsewhere, study_elsewhere
from hidden_regime.experiments.studies.study import Study
from hidden_regime.research.lean_tables import MIDNIGHT, backtest_of_lean
from hidden_regime.research.tables import Backtest as Tables
from hidden_regime.simulator.clock import NEW_YORK, TradingCalendar

if TYPE_CHECKING:
    from hidden_regime.cloud.client import QuantConnect

CHARTS = ("Strategy Equity", "Benchmark")
THINNED = "The server tells the trials' equity on some days alone; `hidden-regime qc results PROJECT ID` reads a whole backtest."
CLOUD, PRACTICE = "QuantConnect's cloud", "the practice cloud (embedded engine)"


def backtest_tables(qc: QuantConnect, found: Backtest, name: str) -> Tables:
    """Tables of a finished backtest: its orders, charts and log are read for them.

    Parameters
    ----------
    qc : QuantConnect
    found : Backtest
    name : str
        Of the strategy: files are called by it.

    Raises
    ------
    Waiting
        It isn't over.
    """
    if not found.done:
        raise Waiting(f"backtest {found.backtest_id!r} isn't over and goes on in the cloud: {found.status}")
    if found.project_id is None:
        raise QCError(f"backtests/read: the reply doesn't tell the project of backtest {found.backtest_id!r}.")
    group, number, id = qc.backtests, found.project_id, found.backtest_id
    orders = [camel_keys(one.raw) for one in group.orders(number, id)] if not found.failed or found.statistics else []
    charts = {chart: _chart(group, found, number, chart) for chart in CHARTS}
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

    Raises
    ------
    Waiting
        It isn't over.
    """
    if not found.done:
        done = found.runtime_statistics
        raise Waiting(
            f"optimization {found.optimization_id!r} isn't over and goes on in the cloud: {done.completed + done.failed} of "
            f"{done.total} backtests"
        )
    goal = found.goal
    objective = Objective(goal.target, str(goal.extremum) or "max", goal.target_value)
    constraints = [
        Constraint(one.target, str(one.operator), one.target_value) for one in found.constraints if one.target_value is not None
    ]
    space = _space(found)
    names = list(space.names)
    trials = [_trial(one, names) for one in _in_order(found, names)]
    where = f"{CLOUD if qc.is_quantconnect else PRACTICE}, optimization {found.optimization_id}"
    thinned = not any(len(one.days) for one in trials) and any(len(one.equity) > 1 for one in found.backtests.values())
    return study_elsewhere(
        name, space, objective, constraints, trials, method="grid", where=where, held=_held(found, names),
        notes=[THINNED] if thinned else [], period=_period(found),
    )  # fmt: skip


def _space(found: Optimization) -> Space:
    """What was varied: the ranges that were sent; where the server doesn't tell them, what differs from trial to trial."""
    ranges = [
        Range(one.name, _decimal(one.min), _decimal(one.max), _decimal(one.step or 1.0))
        for one in found.parameters
        if one.min is not None and one.max is not None and math.isfinite(one.min) and math.isfinite(one.max)
    ]
    if ranges:
        return Space(tuple(ranges))
    seen: dict[str, dict[str, None]] = {}
    for one in found.backtests.values():
        for name, value in one.parameter_set.items():
            seen.setdefault(name, {})[value] = None
    choices = [Choice(name, tuple(values)) for name, values in sorted(seen.items()) if len(values) > 1]
    if not choices:
        raise QCError(f"optimizations/read: the reply doesn't tell what optimization {found.optimization_id!r} varied.")
    return Space(tuple(choices))


def _held(found: Optimization, names: Sequence[str]) -> dict[str, str]:
    """Parameters that all trials had: those that were sent so, and the project's own."""
    sets = [set(one.parameter_set.items()) for one in found.backtests.values()]
    common = dict(set.intersection(*sets)) if sets else {}
    sent = {one.name: one.value for one in found.parameters if one.min is None and one.value is not None}
    return {name: value for name, value in sorted((common | sent).items()) if name not in names}


def safe_name(name: str) -> str:
    """A name for files of a project that somebody else named: its last part, without what a file system could take amiss."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return re.sub(r"[^\w.-]+", "_", last).strip("._") or "project"


def _chart(group: BacktestsGroup, found: Backtest, number: int, name: str) -> dict[str, Any]:
    """A chart as LEAN's result file has it; without a line where there is none, as of a backtest that failed as it began."""
    try:
        chart = group.chart(number, found.backtest_id, name)
    except NotFound:
        if name in found.charts and not found.failed:
            raise
        return {"name": name, "chartType": 0, "series": {}}
    series = {
        key: {"name": one.name or key, "unit": one.unit, "values": [list(point) for point in one.values]}
        for key, one in chart.series.items()
    }
    return {"name": name, "chartType": 0, "series": series}


def _dates(found: Backtest) -> dict[str, str]:
    told = {"startDate": found.backtest_start, "endDate": found.backtest_end}
    return {key: f"{value:%Y-%m-%dT%H:%M:%S}" for key, value in told.items() if value is not None}


def _period(found: Optimization) -> tuple[date, date] | None:
    """First and last day of the backtests, where the server tells them."""
    known = [(one.start_date, one.end_date) for one in found.backtests.values() if one.start_date and one.end_date]
    return (_day(min(start for start, _ in known)), _day(max(end for _, end in known))) if known else None


def _day(moment: datetime) -> date:
    """The market's day that a moment belongs to; a midnight of UTC is a date without a time."""
    return moment.date() if moment.time() == time() else moment.astimezone(NEW_YORK).date()


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


def _trial(one: OptimizationBacktest, names: Sequence[str]) -> TrialElsewhere:
    texts = {name: repr(value).removesuffix(".0") for name, value in one.statistics.items()}
    error = ""
    if any(name not in one.parameter_set for name in names):
        error = "the server doesn't tell its parameters"
    elif not one.succeeded:
        error = "it ended without figures" if one.exit_code in (None, 0) else f"it ended with exit code {one.exit_code}"
    return TrialElsewhere({name: one.parameter_set.get(name, "") for name in names}, texts, *_days(one), error=error)


def _decimal(value: float) -> Decimal:
    """A number as LEAN writes it: whole ones without a point."""
    return Decimal(int(value)) if value == int(value) else Decimal(repr(value))


def _days(one: OptimizationBacktest) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Trading days and the last equity of each; none where the server tells some days alone, for returns of a day want all."""
    nothing = np.empty(0, "datetime64[D]"), np.empty(0)
    if len(one.equity) < 2:
        return nothing
    times = np.array([int(point[0]) for point in one.equity], "int64").astype("datetime64[s]")
    values = np.array([point[-1] for point in one.equity], np.float64)
    days = (times - MIDNIGHT).astype("datetime64[D]")
    last = np.append(days[1:] != days[:-1], True)
    days, values = days[last], values[last]
    # Equity is sampled at the midnight before the first day, too.
    first = max(days[0].item(), _day(one.start_date)) if one.start_date is not None else days[0].item()
    sessions = np.array(TradingCalendar(first, days[-1].item()).days, "datetime64[D]")
    keep = np.isin(days, sessions)
    return (days[keep], values[keep]) if keep.sum() == len(sessions) else nothing
