from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.constraint import Constraint
from hidden_regime.experiments.objective import Objective
from hidden_regime.experiments.space import Choice, Range, Space, commented_json
from hidden_regime.experiments.space.lean_config import problem_in, read_lean_config, with_problem, write_lean_config
from hidden_regime.experiments.space.problem import Problem
from hidden_regime.experiments.space.project_config import write_project_parameters
from tests.experiments.lean_optimizer.problems import CONFIGS

EXAMPLE = """{
  // optional: algorithm class selector
  "algorithm-type-name": "ParameterizedAlgorithm",
  "algorithm-location": "https://x/*y*/", /* a
  comment */
  "optimizer-close-automatically": true,
  "optimization-strategy": "QuantConnect.Optimizer.Strategies.EulerSearchOptimizationStrategy",
  "optimization-strategy-settings": {
    "$type": "QuantConnect.Optimizer.Strategies.StepBaseOptimizationStrategySettings, QuantConnect.Optimizer",
    "default-segment-amount": 10
  },
  "optimization-criterion": {
    "target": "Statistics.Sharpe Ratio", // path in algorithm output json
    "extremum": "max",
    "target-value": 3
  },
  "constraints": [
    {"target": "Drawdown", "operator": "lessOrEqual", "target-value": 0.15},
    {"target": "Statistics.Total Trades", "operator": "greater", "target-value": 2},
  ],
  //"maximum-concurrent-backtests": 10,
  "parameters": [
    {"name": "ema-slow", "min": 10, "max": 50},
    {"key": "ema-fast", "Min": 50.0, "max": 150, "step": 50, "minStep": 0.0001},
    {"name": "asset", "value": "SPY"}
  ]
}"""


def written(tmp_path, text=EXAMPLE):
    path = tmp_path / "optimizer.json"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_config_is_read_as_lean_reads_it(tmp_path):
    problem = read_lean_config(written(tmp_path)).problem
    slow, fast = Range("ema-slow", 10, 50), Range("ema-fast", 50, 150, 50, "0.0001")
    assert problem.space == Space((slow, fast, Choice("asset", ("SPY",))))
    assert problem.space.parameters[1].values() == ("50", "100", "150")  # a double makes a decimal without zeros at its end
    assert problem.objectives == (Objective("Statistics.Sharpe Ratio", "max", 3, literal=True),)
    assert problem.constraints == (
        Constraint("Drawdown", "<=", 0.15, literal=True), Constraint("Statistics.Total Trades", ">", 2, literal=True),
    )  # fmt: skip
    assert problem.method == "euler" and problem.segments == 10
    bare, old, comments = problem.notes
    assert "'Drawdown'" in bare and "never met" in bare and "Total Trades" in old and "Comments" in comments


def test_a_bare_target_is_never_met_and_never_moves():
    values = {"Drawdown": 0.1, "Statistics.Total Trades": 5.0}
    assert not Constraint("Drawdown", "<=", 0.15, literal=True).is_met(values)
    assert Objective("Drawdown", "min", literal=True).of(values) != Objective("Drawdown", "min").of(values) == 0.1
    assert Constraint("['Statistics'].['Drawdown']", "<=", 0.15, literal=True).is_met(values)


def test_reading_then_writing_keeps_every_key_in_order(tmp_path):
    config = read_lean_config(written(tmp_path))
    write_lean_config(tmp_path / "out.json", config.problem, config.document)
    again = (tmp_path / "out.json").read_text(encoding="utf-8")
    expected = commented_json.loads(EXAMPLE)
    assert list(json.loads(again).items()) == list(expected.items())
    assert json.dumps(json.loads(again)) == json.dumps(expected)


def test_only_what_is_otherwise_is_written(tmp_path):
    document = read_lean_config(written(tmp_path)).document
    space = Space.of({"fast": "1:9:2", "share": {"low": "0.1", "high": "0.3", "step": "0.1", "min_step": "0.05"}, "asset": "SPY"})
    problem = Problem(space, (Objective("Drawdown", "min"),), (Constraint.parse("Net Profit >= 5%"),), method="grid", segments=7)
    out = with_problem(document, problem)
    assert list(out) == list(document) and document == commented_json.loads(EXAMPLE)
    assert out["algorithm-location"] == "https://x/*y*/"
    assert out["optimization-criterion"] == {"target": "Statistics.Drawdown", "extremum": "min"}
    assert out["constraints"] == [{"target": "Statistics.Net Profit", "operator": "greaterOrEqual", "target-value": 0.05}]
    assert out["parameters"] == [
        {"name": "fast", "min": 1, "max": 9, "step": 2},
        {"name": "share", "min": 0.1, "max": 0.3, "step": 0.1, "min-step": 0.05},
        {"name": "asset", "value": "SPY"},
    ]
    assert out["optimization-strategy"].endswith(".GridSearchOptimizationStrategy")
    assert out["optimization-strategy-settings"]["default-segment-amount"] == 7
    read = problem_in(out)
    assert read.space == space and read.notes == () and read.method == "grid" and read.segments == 7
    values = {"Drawdown": 0.2, "Net Profit": 0.04}
    assert read.objectives[0].of(values) == 0.2 and not read.constraints[0].is_met(values)


@pytest.mark.parametrize("name", CONFIGS)
def test_leans_problems_are_written_as_they_were(name):
    assert json.dumps(with_problem(CONFIGS[name], problem_in(CONFIGS[name]))) == json.dumps(CONFIGS[name])


def test_a_new_config_says_everything_that_lean_needs():
    out = with_problem(None, Problem(Space.of({"fast": "1:9:2"})))
    assert out["optimization-strategy"].endswith("GridSearchOptimizationStrategy")
    assert out["optimization-criterion"] == {"target": "Statistics.Sharpe Ratio", "extremum": "max"} and out["constraints"] == []
    assert with_problem(None, Problem(Space.of({"x": "1:9"})))["optimization-strategy"].endswith(
        "EulerSearchOptimizationStrategy"
    )
    both = (Objective("Alpha"), Objective("Beta"))
    for problem in (Problem(Space.of({"x": "1:9"}), both), Problem(Space.of({"x": "a,b"}))):
        with pytest.raises(ParameterError, match="LEAN's optimi"):
            with_problem(None, problem)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"parameters": []}, "at least one parameter"),
        ({"parameters": 3}, "a list of objects"),
        ({"parameters": [3]}, "a list of objects"),
        ({"parameters": [{"name": "x", "min": 1}]}, "min and max"),
        ({"parameters": [{"min": 1, "max": 2}]}, "name"),
        ({"parameters": [{"name": "x", "min": 1, "max": 2, "step": 0}]}, "step"),
        ({"parameters": [{"name": "x", "min": {}, "max": 2}]}, "low"),
        ({"optimization-criterion": "Sharpe"}, "a target"),
        ({"optimization-criterion": {"target": "Statistics.Alpha"}}, "max or min"),
        ({"optimization-criterion": {"target": "Statistics.Alpha", "extremum": "max", "target-value": []}}, "a number"),
        ({"constraints": [{"target": "Statistics.Alpha", "operator": "less"}]}, "target-value"),
        ({"constraints": [{"target": "Statistics.Alpha", "operator": "lower", "target-value": 1}]}, "operator"),
    ],
)
def test_what_a_config_has_wrong_is_told(changes, said):
    with pytest.raises(ParameterError, match=said):
        problem_in({**CONFIGS["grid"], **changes})


def test_doubles_and_others_are_told_and_other_strategies_stay():
    twice = {"parameters": [{"name": "x", "value": 1}, {"name": "x", "value": 2}], "optimization-strategy": "My.Own"}
    problem = problem_in(twice)
    assert problem.space == Space((Choice("x", ("1",)),)) and problem.method is None
    assert "there twice" in problem.notes[0] and "TotalProfit" in problem.notes[1] and "Own" in problem.notes[2]
    assert with_problem({**CONFIGS["grid"], "optimization-strategy": "My.Own"}, problem)["optimization-strategy"] == "My.Own"


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, "{'a': 1}"])
def test_what_is_no_config_is_refused(tmp_path, text):
    with pytest.raises(ParameterError, match="optimiser, in JSON"):
        read_lean_config(written(tmp_path, text))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text('ab",/*]}\\ \n'),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('a"/*,}'), inner, max_size=3),
    max_leaves=12,
)


@given(JSON, st.sampled_from([None, 1]))
def test_what_has_no_comments_is_read_as_it_is(value, indent):
    assert commented_json.loads(json.dumps(value, indent=indent)) == value
    assert not commented_json.has_comments(json.dumps(value, indent=indent))


def test_parameters_go_into_a_project_s_config_and_all_else_stays(tmp_path):
    path = tmp_path / "config.json"
    path.write_text(
        '{"algorithm-language": "Python", "parameters": {"a": "1", "b": "2"}, "cloud-id": 12, "x": 1.50}', encoding="utf-8"
    )
    write_project_parameters(path, {"b": "3", "c": "0.30"})
    found = json.loads(path.read_text(encoding="utf-8"))
    assert list(found) == ["algorithm-language", "parameters", "cloud-id", "x"]
    assert found == {"algorithm-language": "Python", "parameters": {"a": "1", "b": "3", "c": "0.30"}, "cloud-id": 12, "x": 1.5}
    write_project_parameters(tmp_path / "new.json", {"a": "1"})
    assert json.loads((tmp_path / "new.json").read_text(encoding="utf-8")) == {"parameters": {"a": "1"}}


@pytest.mark.parametrize("text", ["[]", "{", '{"parameters": [1]}'])
def test_what_is_no_project_s_config_is_left_as_it_was(tmp_path, text):
    path = tmp_path / "config.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError, match="left as it was"):
        write_project_parameters(path, {"a": "1"})
    assert path.read_text(encoding="utf-8") == text
