"""Folders as `lean optimize` leaves them, of what LEAN's own optimiser launched and said."""

from __future__ import annotations

import json
from uuid import NAMESPACE_URL, uuid5

from tests.experiments.lean_optimizer.problems import CONFIGS, LAUNCHED, parameters_of

ID = "2123456789"
NO_END = ""


def guid(problem, place):
    return str(uuid5(NAMESPACE_URL, f"{problem}/{place}"))


def launches(problem):
    return LAUNCHED[problem]["launched"]


def end_of(problem):
    """LEAN's last line, with the id that the reference left out."""
    end = LAUNCHED[problem]["end"]
    if "(" not in end:
        return f"Result {end}"
    best = end.split("(")[1].split(")")[0]
    place = next(i for i, one in enumerate(launches(problem)) if one["parameters"] == best)
    return "Result " + end.replace(") .", f") backtestId '{guid(problem, place)}'.")


def result_of(launched, state=None, orders=None):
    """GUID.json, as far as it counts."""
    statistics = launched["statistics"]
    return {
        "statistics": statistics,
        "runtimeStatistics": {},
        "orders": {str(n): {"id": n} for n in range(1, (int(statistics["Total Orders"]) if orders is None else orders) + 1)},
        "state": {"Status": "Completed", "RuntimeError": "", "Name": "OptimizationBacktest", **(state or {})},
        "algorithmConfiguration": {"parameters": {**parameters_of(launched["parameters"]), "unread": "1"}},
        "totalPerformance": {"portfolioStatistics": {"drawdown": "0.193", "sharpeRatio": "0.1541"}},
    }


def write_optimization(folder, problem, *, end=None, results=None, config=None):
    """The folder of one of the reference's problems.

    `results`: contents by place instead of LEAN's; None leaves a trial without a file.
    """
    folder.mkdir(parents=True)
    (folder / "config").write_text(json.dumps({"id": int(ID), "container": "lean_cli_0"}), encoding="utf-8")
    asked = {**CONFIGS[problem], **(config or {}), "maximum-concurrent-backtests": 1, "results-destination-folder": "/Results"}
    (folder / "optimizer-config.json").write_text(json.dumps(asked, indent=4), encoding="utf-8")
    (folder / "code").mkdir()
    log = ["2026-08-22T10:00:00.1234567Z TRACE:: LeanOptimizer.Start(OID 0): start ended. Waiting on 6 backtests"]
    for place, launched in enumerate(launches(problem)):
        name = guid(problem, place)
        log.append(f"2026-08-22T10:00:01.0000000Z TRACE:: LeanOptimizer.LaunchLeanForParameterSet(OID 0): launched backtest '{name}' "
                   f"with parameters '{launched['parameters']}'")  # fmt: skip
        (folder / name).mkdir()
        content = (results or {}).get(place, result_of(launched))
        if content is not None:
            text = content if isinstance(content, str) else json.dumps(content)
            (folder / name / f"{name}.json").write_text(text, encoding="utf-8")
            (folder / name / f"{name}-summary.json").write_text("{}", encoding="utf-8")
    said = end_of(problem) if end is None else end
    if said:
        log.append(f"2026-08-22T10:01:00.0000000Z TRACE:: LeanOptimizer.TriggerOnEndEvent(OID 0): Optimization has ended. {said}")
    (folder / "log.txt").write_text("\n".join(log) + "\n", encoding="utf-8")
    return folder
