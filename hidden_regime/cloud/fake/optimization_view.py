"""An optimisation as the cloud tells it."""

from __future__ import annotations

from typing import Any

from hidden_regime.cloud.fake import backtest_view, optimizing
from hidden_regime.cloud.fake.dates import bare, iso, plain
from hidden_regime.cloud.fake.optimization_figures import statistics
from hidden_regime.cloud.fake.records import FAILED, Backtest, Optimization
from hidden_regime.cloud.fake.state import Cloud


def summary(cloud: Cloud, found: Optimization) -> dict[str, Any]:
    """An optimisation as it stands in lists."""
    quirks, best = cloud.quirks, optimizing.best(cloud.store, found)
    portfolio = best.summary["portfolio"] if best is not None else {}
    return {
        "optimizationId": found.id, "snapshotId": found.snapshot, "projectId": found.project, "name": found.name,
        "status": found.status, "nodeType": found.node, "parallelNodes": str(found.parallel) if quirks.texts else found.parallel,
        "created": iso(found.created) if quirks.dates else plain(found.created), "criterion": _criterion(cloud, found),
        "psr": portfolio.get("probabilisticSharpeRatio"), "sharpeRatio": portfolio.get("sharpeRatio"),
        "trades": str(best.summary["orders"]) if best is not None else None, "cloneId": None, "outOfSampleDays": 0,
        "outOfSampleMaxEndDate": None, "parameters": found.parameters,
    }  # fmt: skip


def told(cloud: Cloud, found: Optimization) -> dict[str, Any]:
    """An optimisation with its backtests."""
    quirks, store = cloud.quirks, cloud.store
    backtests = {one.id: _backtest(cloud, one) for one in store.backtests.find(optimization=found.id)}
    shown = {number: one for number, one in backtests.items() if one is not None}
    criterion = _criterion(cloud, found)
    return summary(cloud, found) | {
        "runtimeStatistics": quirks.mapping(optimizing.runtime(store, found)),
        "constraints": [_constraint(cloud, one) for one in found.constraints],
        "backtests": quirks.mapping(shown), "strategy": found.strategy, "requested": bare(found.created),
        "optimizationTarget": criterion["target"], "extremum": criterion["extremum"], "targetValue": criterion["targetValue"],
        "gridLayout": [],
    }  # fmt: skip


def _backtest(cloud: Cloud, one: Backtest) -> dict[str, Any] | None:
    """A backtest of an optimisation; None before it has begun."""
    if not one.begun:
        return None
    start, end = one.summary.get("start"), one.summary.get("end")
    return {
        "id": one.id, "name": one.name, "exitCode": 1 if one.state == FAILED else 0,
        "progress": backtest_view.progress(cloud, one), "parameterSet": cloud.quirks.mapping(one.parameters),
        "startDate": iso(start) if start is not None else None, "endDate": iso(end) if end is not None else None,
        "outOfSampleMaxEndDate": None, "outOfSampleDays": 0, "equity": one.summary.get("equity", []),
        "statistics": statistics(one, cloud.settings.statistics_as),
    }  # fmt: skip


def _criterion(cloud: Cloud, found: Optimization) -> dict[str, Any]:
    return {"target": cloud.quirks.target(found.target), "extremum": found.direction, "targetValue": found.target_value}


def _constraint(cloud: Cloud, constraint: dict[str, Any]) -> dict[str, Any]:
    word: str = constraint["operator"]
    told = word[0].lower() + word[1:] if cloud.quirks.paths else word
    return constraint | {"target": cloud.quirks.target(constraint["target"]), "operator": told}
