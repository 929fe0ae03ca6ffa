"""Optimisations: what is asked for, the grid that it means, what it costs, and how it comes to its end.

Numbers of a grid are doubles on their way to LEAN, so that 10.0 is written 10 and 0.30 is written 0.3. `Consumed` is told in
dollars with their sign; the ledger moves credits, 100 to the dollar.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from hidden_regime.cloud.fake import ledger
from hidden_regime.cloud.fake.dates import length
from hidden_regime.cloud.fake.records import (
    ABORTED,
    ACTIVE,
    COMPLETED,
    DONE,
    FAILED,
    NEW,
    QUEUED,
    RUNNING,
    Backtest,
    Optimization,
)
from hidden_regime.cloud.fake.refusals import Refused, invalid
from hidden_regime.cloud.fake.requests import number
from hidden_regime.cloud.fake.store import Store
from hidden_regime.cloud.pricing import CREDITS, NODE_PRICES, optimization_cost
from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.portfolio_paths import PORTFOLIO

STRATEGY = "QuantConnect.Optimizer.Strategies.GridSearchOptimizationStrategy"
OPERATORS = ("Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Equals", "NotEqual")
LEAST_SECONDS = 1.0


def parameter_of(told: Any, place: int) -> dict[str, Any]:
    """A parameter of an optimisation as it is kept: a name with a range or a value."""
    if not isinstance(told, dict):
        raise invalid(f"parameters[{place}] must be an object")
    unknown = set(told) - {"key", "name", "min", "max", "step", "minStep", "min-step", "value"}
    if unknown:
        raise Refused(f"Invalid argument: unknown field 'parameters[{place}].{min(unknown)}'", unexpected=True)
    name = told.get("name") or told.get("key")
    if not isinstance(name, str):
        raise invalid(f"parameters[{place}] has no name")
    if told.get("value") is not None:
        return {"name": name, "value": str(told["value"])}
    kept = {"name": name, **{field: number(f"parameters[{place}].{field}", told.get(field)) for field in ("min", "max", "step")}}
    least = told.get("minStep", told.get("min-step"))
    return kept | ({"minStep": number(f"parameters[{place}].minStep", least)} if least not in (None, "") else {})


def constraint_of(told: Any, place: int) -> dict[str, Any]:
    """A constraint of an optimisation as it is kept."""
    if not isinstance(told, dict):
        raise invalid(f"constraints[{place}] must be an object")
    unknown = set(told) - {"target", "operator", "targetValue", "target-value"}
    if unknown:
        raise Refused(f"Invalid argument: unknown field 'constraints[{place}].{min(unknown)}'", unexpected=True)
    words = {word.lower(): word for word in OPERATORS}
    word = words.get(str(told.get("operator")).lower())
    if word is None:
        raise invalid(f"constraints[{place}].operator must be one of {', '.join(OPERATORS)}")
    value = number(f"constraints[{place}].targetValue", told.get("targetValue", told.get("target-value")))
    return {"target": target_of(told.get("target")), "operator": word, "targetValue": value}


def target_of(told: Any) -> str:
    """A target as a dotted path, which may come as a JSON path."""
    from hidden_regime.experiments.objective import bare_of

    if not isinstance(told, str) or not bare_of(told).startswith("TotalPerformance."):
        raise invalid(f"target must be a path such as {PORTFOLIO}SharpeRatio")
    return bare_of(told)


def grid(parameters: list[dict[str, Any]]) -> list[dict[str, str]]:
    """All sets in LEAN's order.

    Examples
    --------
    >>> grid([{"name": "days", "min": 10.0, "max": 20.0, "step": 10.0}, {"name": "asset", "value": "SPY"}])
    [{'days': '10', 'asset': 'SPY'}, {'days': '20', 'asset': 'SPY'}]
    """
    from hidden_regime.experiments.search.grid import Grid
    from hidden_regime.experiments.space import Choice, Range, Space

    try:
        axes = tuple(
            Choice(one["name"], (one["value"],)) if "value" in one
            else Range(one["name"], one["min"], one["max"], one["step"], one.get("minStep"))
            for one in parameters
        )  # fmt: skip
        search = Grid(Space(axes))
        return Grid(search.space, batch=max(1, search.total())).propose([])
    except ParameterError as error:
        raise invalid(error.text) from None


def seconds_of(store: Store, project: int) -> float:
    """Seconds that a backtest of a project takes, by those that are done.

    Raises
    ------
    Refused
        None is done.
    """
    done = store.backtests.find(project=project, state=DONE)
    if not done:
        raise Refused("The optimization can't be estimated: please run a backtest of the project first.")
    return max(LEAST_SECONDS, sum(one.seconds for one in done) / len(done))


def credits_of(seconds: float, n_backtests: int, node: str) -> float:
    """What so many backtests cost, in credits; nothing costs nothing."""
    return round(optimization_cost(seconds, n_backtests, NODE_PRICES[node]) * CREDITS, 2) if n_backtests else 0.0


def reserved(store: Store) -> float:
    """Credits that the optimisations which go on will cost, by their estimates."""
    return sum(one.cost for status in (NEW, ACTIVE) for one in store.optimizations.find(status=status))


def begun(store: Store, optimization: str) -> None:
    """A backtest of an optimisation has a node; nothing is to do for backtests of none."""
    found = store.optimizations.get(optimization) if optimization else None
    if found is not None and found.status == NEW:
        found.status = ACTIVE
        store.optimizations.put(found)


def ended(store: Store, optimization: str, now: float) -> None:
    """A backtest of an optimisation is over; the last one, or one that is good enough, ends it."""
    found = store.optimizations.get(optimization) if optimization else None
    if found is None or found.status not in (NEW, ACTIVE):
        return
    if found.target_value is not None and _reached(store, found):
        store.backtests.remove(optimization=found.id, state=QUEUED)
    if not any(store.backtests.count(optimization=found.id, state=state) for state in (QUEUED, RUNNING)):
        finish(store, found, COMPLETED, now)


def finish(store: Store, found: Optimization, status: str, now: float) -> None:
    """Close an optimisation and book what it consumed, once."""
    found.status, found.finished, found.consumed = status, now, consumed(store, found)
    if not found.booked:
        found.booked = True
        if found.consumed:
            what = f"Optimization {found.name} ({found.id}) on {found.node}"
            ledger.book(store, now, -found.consumed, what, "debit", "optimization")
    store.optimizations.put(found)


def abort(store: Store, found: Optimization, now: float) -> list[str]:
    """Stop an optimisation that goes on; gives the ids of its backtests that run."""
    running = [one.id for one in store.backtests.find(optimization=found.id, state=RUNNING)]
    for state in (QUEUED, RUNNING):
        store.backtests.remove(optimization=found.id, state=state)
    finish(store, found, ABORTED, now)
    return running


def over(store: Store, optimization: str) -> list[Backtest]:
    """Backtests of an optimisation that are over."""
    return [one for state in (DONE, FAILED) for one in store.backtests.find(optimization=optimization, state=state)]


def consumed(store: Store, found: Optimization) -> float:
    """Credits for the backtests that are over."""
    done = over(store, found.id)
    return credits_of(sum(one.seconds for one in done) / len(done), len(done), found.node) if done else 0.0


def runtime(store: Store, found: Optimization) -> dict[str, str]:
    """How far an optimisation is, all as texts."""
    counts = {state: store.backtests.count(optimization=found.id, state=state) for state in (DONE, FAILED, RUNNING, QUEUED)}
    if not (counts[DONE] or counts[FAILED] or counts[RUNNING]):
        return {}
    total, done = sum(one.seconds for one in over(store, found.id)), counts[DONE] + counts[FAILED]
    spent = found.consumed if found.finished is not None else consumed(store, found)
    return {
        "Completed": str(counts[DONE]),
        "Failed": str(counts[FAILED]),
        "Running": str(counts[RUNNING]),
        "In Queue": str(counts[QUEUED]),
        "Average Length": length(total / done if done else 0),
        "Total Runtime": length(total),
        "Total": str(sum(counts.values())),
        "Consumed": f"${spent / CREDITS:.2f}",
    }


def values_of(backtest: Backtest) -> dict[str, float]:
    """Figures of a backtest by the paths that targets name, percents as fractions."""
    return {PORTFOLIO + name: float(text) for name, text in backtest.summary.get("portfolio", {}).items() if _is_number(text)}


def best(store: Store, found: Optimization) -> Backtest | None:
    """The best backtest so far of those that meet every constraint: the first of several alike, as LEAN has it."""
    from hidden_regime.experiments.constraint import Constraint
    from hidden_regime.experiments.objective import Objective

    objective = Objective(found.target, found.direction)
    limits = [Constraint(one["target"], one["operator"], one["targetValue"]) for one in found.constraints]
    chosen: Backtest | None = None
    for one in store.backtests.find(optimization=found.id, state=DONE):
        values = values_of(one)
        value = _value(objective, values)
        if math.isnan(value) or not all(limit.is_met(values) for limit in limits):
            continue
        if chosen is None or objective.is_better(value, _value(objective, values_of(chosen))):
            chosen = one
    return chosen


def _reached(store: Store, found: Optimization) -> bool:
    from hidden_regime.experiments.objective import Objective, reached

    objective, one = Objective(found.target, found.direction, found.target_value), best(store, found)
    return one is not None and reached(objective, _value(objective, values_of(one)))


def _value(objective: Any, values: Mapping[str, float]) -> float:
    try:
        return float(objective.of(values))
    except ParameterError:
        return math.nan


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
