"""What LEAN's own optimiser launched and how it ended, from its configuration to our study, over the market that LEAN had."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hidden_regime.experiments.asking import Question, ask
from hidden_regime.experiments.optimization import run_study
from hidden_regime.experiments.workers import Workers
from tests.conftest import CASES

HERE = Path(__file__).parent / "lean_optimizer"
LAUNCHED = json.loads((HERE / "launched.json").read_text(encoding="utf-8"))
GRID, EULER = (f"QuantConnect.Optimizer.Strategies.{name}SearchOptimizationStrategy" for name in ("Grid", "Euler"))
SHARPE = {"target": "Statistics.Sharpe Ratio", "extremum": "max"}
PROBLEMS = {
    "grid": (GRID, [("fast", 5, 15, 5), ("slow", 30, 50, 20)], SHARPE, []),
    "grid_target": (
        GRID, [("fast", 5, 15, 5), ("slow", 30, 50, 20)], SHARPE | {"target-value": 0.15},
        [{"target": "Drawdown", "operator": "lessOrEqual", "target-value": 0.2}]),
    "grid_min": (
        GRID, [("fast", 5, 15, 10), ("slow", 30, 50, 20), ("share", "0.4", "0.8", "0.4")], {"target": "Drawdown", "extremum": "min"},
        [{"target": "Statistics.Net Profit", "operator": "greaterOrEqual", "target-value": 0.05},
         {"target": "Total Orders", "operator": "greater", "target-value": 2}]),
    "euler": (EULER, [("fast", 5, 25, 10, 2), ("slow", 30, 60, 15, 5)], SHARPE, []),
    "euler_float": (
        EULER, [("share", "0.3", "0.9")], {"target": "Statistics.Compounding Annual Return", "extremum": "max"},
        [{"target": "Drawdown", "operator": "less", "target-value": 0.14}]),
}  # fmt: skip


def config_of(problem):
    strategy, parameters, criterion, constraints = PROBLEMS[problem]
    told = []
    for name, low, high, *steps in parameters:
        one = {"name": name, "min": float(low), "max": float(high)}
        told.append(one | {key: float(value) for key, value in zip(("step", "min-step"), steps, strict=False)})
    settings = {"$type": "...", "default-segment-amount": 4}
    return {
        "optimization-strategy": strategy, "optimization-strategy-settings": settings, "optimization-criterion": criterion,
        "parameters": told, "constraints": constraints,
    }  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("store")


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_problem_launches_the_same_sets_and_ends_alike(problem, store, tmp_path):
    path = tmp_path / "optimizer.json"
    path.write_text(json.dumps(config_of(problem)), encoding="utf-8")
    spec, notes = ask(Question(str(HERE / "cross.py"), str(CASES / "data"), optimizer_config=path, batch=1, store=store))
    study = run_study(spec, Workers(1))
    launched, end = LAUNCHED[problem]["launched"], LAUNCHED[problem]["end"]
    ours = [",".join(f"{name}:{float(value):g}" for name, value in sorted(t.parameters.items())) for t in study.trials]
    theirs = [
        ",".join(f"{part.split(':')[0]}:{float(part.split(':')[1]):g}" for part in one["parameters"].split(","))
        for one in launched
    ]
    by_set = {one: trial.statistics for one, trial in zip(ours, study.trials, strict=True)}
    if problem == "euler":
        # A window of 7.5 days is none, and 5.0 no whole number: LEAN ran the default of 10 in their place, fifteen times over.
        assert ours[:9] == theirs[:9]
        assert any("7.5" in note or "2.5" in note for note in study.notes)
        assert [one for one in ours if one in theirs] != []
    else:
        assert ours == theirs
    for one, told in zip(theirs, launched, strict=True):
        if one in by_set and "." not in told["parameters"].replace("share:0.", "share:"):
            assert {name: by_set[one][name] for name in told["statistics"]} == told["statistics"], one
    if end == "was not reached":
        assert study.best is None
        assert any("LEAN" in note for note in notes)
    else:
        reached = end.split("(")[1].split(")")[0]
        assert study.best is not None
        assert dict(part.split(":") for part in reached.split(",")) == study.best.parameters
        assert f"at: {study.best.statistics['Sharpe Ratio']}:" in end
