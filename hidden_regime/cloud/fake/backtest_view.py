"""A backtest as the cloud tells it."""

from __future__ import annotations

from typing import Any

from hidden_regime.cloud.fake.dates import bare, iso, plain
from hidden_regime.cloud.fake.playing import INITIALIZING
from hidden_regime.cloud.fake.records import FAILED, QUEUED, Backtest
from hidden_regime.cloud.fake.state import Cloud

SHOWN = {
    "sharpeRatio": "sharpeRatio", "alpha": "alpha", "beta": "beta", "compoundingAnnualReturn": "compoundingAnnualReturn",
    "drawdown": "drawdown", "lossRate": "lossRate", "netProfit": "totalNetProfit", "psr": "probabilisticSharpeRatio",
    "sortinoRatio": "sortinoRatio", "treynorRatio": "treynorRatio", "winRate": "winRate",
}  # fmt: skip
"""Figures in lists of backtests, and LEAN's names of them."""


def status(cloud: Cloud, backtest: Backtest) -> str:
    """The status as a text for people."""
    if backtest.state == QUEUED:
        return "In Queue..."
    if backtest.is_over:
        return "Runtime Error" if backtest.state == FAILED else "Completed."
    return f"Running: {cloud.jobs.progress(backtest.id):.0%}"


def progress(cloud: Cloud, backtest: Backtest) -> float:
    """How much is done, from 0 to 1."""
    return 1.0 if backtest.is_over else cloud.jobs.progress(backtest.id)


def told(cloud: Cloud, backtest: Backtest, *, figures: bool) -> dict[str, Any]:
    """A backtest with all its fields.

    Parameters
    ----------
    cloud : Cloud
    backtest : Backtest
    figures : bool
        Whether its figures have come; until then it looks like one without any.
    """
    quirks, summary = cloud.quirks, backtest.summary if figures else {}
    done = bool(summary.get("statistics"))
    out = {
        "backtestId": backtest.id, "projectId": backtest.project, "name": backtest.name, "note": backtest.note or None,
        "created": plain(backtest.created), "organizationId": cloud.account.organization, "completed": backtest.is_over,
        "progress": progress(cloud, backtest), "status": status(cloud, backtest), "error": backtest.error or None,
        "stacktrace": backtest.stacktrace or None, "hasInitializeError": backtest.stacktrace.find(INITIALIZING) >= 0,
        "statistics": quirks.mapping(summary.get("statistics", {})),
        "runtimeStatistics": summary["runtime"] if done else None,
        "totalPerformance": _performance(cloud, backtest) if done else None,
        "parameterSet": quirks.mapping(backtest.parameters),
        "charts": quirks.mapping({name: {"name": name} for name in summary.get("charts", [])}),
        "rollingWindow": quirks.mapping({}), "tradeableDates": summary.get("days", 0), "tags": backtest.tags,
        "backtestStart": None, "backtestEnd": None, "optimizationId": backtest.optimization or None, "analysis": [],
        "nodeName": "", "outOfSampleMaxEndDate": None, "outOfSampleDays": None, "sparkline": "",
        "snapShotId" if quirks.snapshot_spelling else "snapshotId": backtest.snapshot,
    }  # fmt: skip
    if summary.get("start") is not None:
        out["backtestStart"] = bare(summary["start"]) if quirks.dates else plain(summary["start"])
        out["backtestEnd"] = iso(summary["end"]) if quirks.dates else plain(summary["end"])
    return out


def listed(cloud: Cloud, backtest: Backtest, *, statistics: bool) -> dict[str, Any]:
    """A backtest as it stands in lists."""
    portfolio = backtest.summary.get("portfolio", {})
    out = {
        "backtestId": backtest.id, "name": backtest.name, "note": backtest.note or None, "status": status(cloud, backtest),
        "created": iso(backtest.created) if cloud.quirks.dates else plain(backtest.created), "tags": backtest.tags,
        "progress": progress(cloud, backtest), "optimizationId": backtest.optimization or None, "tradeableDates": 0,
        "parameterSet": cloud.quirks.mapping(backtest.parameters), "projectId": backtest.project,
        "snapshotId": backtest.snapshot,
    }  # fmt: skip
    if statistics:
        out |= {name: float(portfolio[lean]) if lean in portfolio else None for name, lean in SHOWN.items()}
        out |= {"trades": backtest.summary.get("orders"), "tradeableDates": backtest.summary.get("days", 0)}
    return out


def _performance(cloud: Cloud, backtest: Backtest) -> dict[str, Any]:
    summary = backtest.summary
    closed = cloud.store.result(backtest.id)["totalPerformance"].get("closedTrades", [])
    return {"tradeStatistics": summary["trades"], "portfolioStatistics": summary["portfolio"], "closedTrades": closed}
