"""The models of the optimisation API against whole replies, and against replies from which anything is missing or of another type."""

from __future__ import annotations

import copy
from dataclasses import fields
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hidden_regime.cloud.records.optimizations import (
    Constraint,
    ConstraintOperator,
    Estimate,
    NodeType,
    Optimization,
    OptimizationBacktest,
    OptimizationStatus,
    Parameter,
    RuntimeStatistics,
    Strategy,
    Target,
    TargetStatistic,
    TargetTo,
    read_estimate,
    read_optimizations,
)

BACKTEST = {
    "name": "fast=10", "id": "b1", "progress": 1, "exitCode": 0, "parameterSet": {"fast": "10"}, "startDate": "2020-01-01 00:00:00",
    "endDate": "2021-01-01 00:00:00", "outOfSampleMaxEndDate": None, "outOfSampleDays": 0, "statistics": [0.1] * 21,
    "equity": [[1577836800, 100000.0], [1577923200, 100000, 101000, 99000, 100500]],
}  # fmt: skip
GOLDEN = {
    "optimizationId": "O-1", "snapshotId": 33, "projectId": 7, "name": "grid #0a1b2c3d", "status": "completed", "nodeType": "O2-8",
    "parallelNodes": 2, "criterion": {"target": "TotalPerformance.PortfolioStatistics.SharpeRatio", "extremum": "max",
                                      "targetValue": None},
    "runtimeStatistics": {"Completed": "2", "Failed": "1", "Running": "0", "In Queue": "1", "Average Length": "00:00:26",
                          "Total Runtime": "00:01:18", "Total": "4", "Consumed": "0.02"},
    "constraints": [{"target": "['TotalPerformance'].['PortfolioStatistics'].['Drawdown']", "operator": "lessOrEqual",
                     "target-value": 0.25}],
    "parameters": [{"name": "fast", "min": 10, "max": 20, "step": 10, "min-step": 1}, {"key": "slow", "value": 50}],
    "backtests": {"b1": BACKTEST, "b2": BACKTEST | {"id": "b2", "exitCode": 1, "statistics": None, "parameterSet": []}},
    "strategy": "QuantConnect.Optimizer.Strategies.GridSearchOptimizationStrategy", "requested": "2026-08-01 10:00:00",
    "created": "2026-08-01T10:00:01Z", "gridLayout": [{"chartName": "c", "width": 4, "height": 3, "row": 0, "column": 1, "sort": 2,
                                                      "definition": ["fast"]}],
    "outOfSampleMaxEndDate": "2026-07-01", "outOfSampleDays": 30, "psr": 0.4, "sharpeRatio": 0.8, "trades": 12, "cloneId": 5,
    "optimizationTarget": "['TotalPerformance'].['PortfolioStatistics'].['SharpeRatio']", "extremum": "max", "targetValue": None,
}  # fmt: skip
ODD = {"null": None, "empty list": [], "text": "odd", "number": 3, "truth": True, "mapping": {"x": 1}, "list": [1, "x", None, {}]}


def test_a_whole_reply():
    found = Optimization.read(GOLDEN)
    assert found.unread == {} and found.extra == {}
    assert (found.optimization_id, found.snapshot_id, found.project_id, found.parallel_nodes) == ("O-1", "33", 7, 2)
    assert found.status is OptimizationStatus.COMPLETED and found.done and found.node_type is NodeType.O2_8
    assert found.goal.target == TargetStatistic.SHARPE_RATIO and found.goal.extremum is TargetTo.MAX
    assert found.strategy is Strategy.GRID_SEARCH
    assert found.constraints == (
        Constraint(target=str(TargetStatistic.DRAWDOWN), operator=ConstraintOperator.LESS_OR_EQUAL, target_value=0.25),
    )
    assert found.parameters == (Parameter(name="fast", min=10, max=20, step=10, min_step=1), Parameter(name="slow", value="50"))
    assert found.created == datetime(2026, 8, 1, 10, 0, 1, tzinfo=UTC)
    assert found.grid_layout[0].chart_name == "c" and found.grid_layout[0].definition == ("fast",)
    assert (found.psr, found.sharpe_ratio, found.trades, found.clone_id, found.out_of_sample_days) == (0.4, 0.8, 12, 5, 30)
    one, two = found.backtests["b1"], found.backtests["b2"]
    assert one.succeeded and one.parameter_set == {"fast": "10"} and one.statistics["Drawdown"] == 0.001
    assert one.equity == ((1577836800.0, 100000.0), (1577923200.0, 100000.0, 101000.0, 99000.0, 100500.0))
    assert not two.succeeded and two.parameter_set == {}


def test_progress_counts_what_failed_too():
    found = Optimization.read(GOLDEN).runtime_statistics
    assert (found.completed, found.failed, found.running, found.in_queue, found.total) == (2, 1, 0, 1, 4)
    assert found.progress == 0.75 and found.average_length == 26.0 and found.total_runtime == 78.0 and found.consumed == 0.02
    assert RuntimeStatistics.read([]).progress == 0.0


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
@pytest.mark.parametrize("name", GOLDEN)
def test_any_field_may_be_anything(name, odd):
    found = Optimization.read(GOLDEN | {name: odd})
    whole = Optimization.read(GOLDEN)
    changed = {one.name for one in fields(Optimization) if getattr(found, one.name) != getattr(whole, one.name)}
    assert len(changed - {"raw", "unread"}) <= 1  # the others are as they were
    assert found.raw[name] == odd  # and nothing is lost


@pytest.mark.parametrize("name", GOLDEN)
def test_any_field_may_be_missing(name):
    found = Optimization.read({key: value for key, value in GOLDEN.items() if key != name})
    assert found.unread == {} and found.optimization_id == ("" if name == "optimizationId" else "O-1")


@pytest.mark.parametrize(
    ("path", "read"),
    [(("runtimeStatistics",), RuntimeStatistics.read), (("criterion",), Target.read), (("backtests", "b1"), OptimizationBacktest.read),
     (("parameters", 0), Parameter.read), (("constraints", 0), Constraint.read)],
)  # fmt: skip
def test_any_field_of_a_part_may_be_missing_or_anything(path, read):
    part = GOLDEN
    for step in path:
        part = part[step]
    for name in part:
        for odd in ODD.values():
            reply = copy.deepcopy(GOLDEN)
            inner = reply
            for step in path:
                inner = inner[step]
            inner[name] = odd
            Optimization.read(reply)
            assert read(inner).raw[name] == odd
        read({key: value for key, value in part.items() if key != name})


def test_words_are_open_and_case_blind():
    found = Optimization.read({"status": "Paused", "nodeType": "O64-256", "strategy": "Mine", "extremum": "MAX"})
    assert (found.status, found.node_type, found.strategy, found.extremum) == ("Paused", "O64-256", "Mine", TargetTo.MAX)
    assert found.done


@pytest.mark.parametrize(
    ("status", "done"), [("new", False), ("active", False), ("running", False), ("aborted", True), (None, False)]
)
def test_done_is_none_of_new_active_and_running(status, done):
    assert Optimization.read({"status": status}).done is done


@pytest.mark.parametrize(
    "backtests", [{"b1": BACKTEST}, [BACKTEST], BACKTEST], ids=["by id", "a list", "one object, as a document shows"]
)
def test_backtests_in_any_form(backtests):
    assert Optimization.read({"backtests": backtests}).backtests["b1"].parameter_set == {"fast": "10"}


@pytest.mark.parametrize(
    "given_set", [{"fast": 10}, {"value": {"fast": "10"}}, [{"name": "fast", "value": 10}], [{"key": "fast", "value": "10"}]]
)
def test_parameter_sets_in_any_form(given_set):
    assert OptimizationBacktest.read({"parameterSet": given_set}).parameter_set == {"fast": "10"}


def test_names_in_any_spelling():
    for name in ("targetValue", "target-value", "TargetValue", "target_value", "Target Value"):
        assert Constraint.read({name: "0.5"}).target_value == 0.5


def test_new_fields_are_kept():
    found = Optimization.read(GOLDEN | {"brandNew": {"a": 1}})
    assert found.extra == {"brandNew": {"a": 1}}


def test_estimates():
    for reply in (
        {"estimate": {"estimateId": "e", "time": 26, "balance": 500}},
        {"estimateId": "e", "time": "26", "balance": "500"},
    ):
        assert read_estimate(reply) == Estimate(estimate_id="e", time=26.0, balance=500.0)


def test_replies_of_one_and_of_many():
    assert len(read_optimizations({"optimizations": [GOLDEN, GOLDEN]})) == 2
    assert len(read_optimizations({"optimization": GOLDEN})) == 1
    assert read_optimizations({"optimizations": []}) == read_optimizations({}) == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*GOLDEN, *BACKTEST, "x"]), inner, max_size=4), max_leaves=8,
)  # fmt: skip


@given(JSON)
def test_a_reader_never_rejects(reply):
    for kind in (Optimization, OptimizationBacktest, RuntimeStatistics, Parameter, Constraint, Target, Estimate):
        kind.read(reply)
