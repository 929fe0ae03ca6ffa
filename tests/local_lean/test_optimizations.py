"""Optimisations of LEAN's own optimiser, read from their folders."""

from __future__ import annotations

import json

import pytest

from hidden_regime.experiments import Constraint, Objective
from hidden_regime.local_lean import LeanResultsError, read_optimization
from tests.experiments.lean_optimizer.problems import CONFIGS, parameters_of
from tests.local_lean.optimization_folder import ID, NO_END, guid, launches, result_of, write_optimization

BEST = {"grid": "fast:5,slow:50", "euler": "fast:5,slow:45"}


@pytest.mark.parametrize("problem", CONFIGS)
def test_every_trial_is_read_in_the_order_in_which_lean_launched_it(tmp_path, problem):
    found = read_optimization(write_optimization(tmp_path / "o", problem))
    assert found.id == ID
    assert [trial.parameters for trial in found.trials] == [parameters_of(one["parameters"]) for one in launches(problem)]
    assert [trial.statistics for trial in found.trials] == [one["statistics"] for one in launches(problem)]
    assert {trial.status for trial in found.trials} == {"complete"}
    assert found.trials[1].read().statistics == launches(problem)[1]["statistics"]


@pytest.mark.parametrize("problem", BEST)
def test_the_best_trial_is_leans_choice(tmp_path, problem):
    found = read_optimization(write_optimization(tmp_path / "o", problem))
    assert found.ended == "winner"
    assert found.winner is found.best is found.ranked[0]
    assert found.best.parameters == parameters_of(BEST[problem])
    values = [trial.value for trial in found.ranked]
    assert values == sorted(values, reverse=True)
    assert not any("choice" in note or "names" in note for note in found.notes)


@pytest.mark.parametrize("problem", ["grid_target", "grid_min", "euler_float"])
def test_without_a_choice_it_says_why(tmp_path, problem):
    found = read_optimization(write_optimization(tmp_path / "o", problem))
    assert (found.ended, found.winner, found.best) == ("no winner", None, None)
    assert any("LEAN finds no such figure without 'Statistics.'" in note for note in found.notes)
    assert any(note.startswith("LEAN named no best set: no trial") for note in found.notes)


def test_another_objective_ranks_the_same_trials_anew(tmp_path):
    folder = write_optimization(tmp_path / "o", "grid_min")
    found = read_optimization(folder, objective=Objective("Drawdown", "min"), constraints=[Constraint.parse("Net Profit >= 5%")])
    feasible = [one for one in launches("grid_min") if float(one["statistics"]["Net Profit"].rstrip("%")) >= 5]
    expected = min(feasible, key=lambda one: float(one["statistics"]["Drawdown"].rstrip("%")))
    assert found.best.parameters == parameters_of(expected["parameters"])
    assert len(found.ranked) == len(feasible)


def test_figures_of_the_portfolio_are_found_by_their_path(tmp_path):
    found = read_optimization(
        write_optimization(tmp_path / "o", "grid"), objective=Objective("TotalPerformance.PortfolioStatistics.SharpeRatio"))  # fmt: skip
    assert {trial.value for trial in found.trials} == {0.1541}


def test_a_log_without_an_end_is_told(tmp_path):
    found = read_optimization(write_optimization(tmp_path / "o", "grid", end=NO_END))
    assert (found.ended, found.winner) == ("no end", None)
    assert found.best.parameters == parameters_of(BEST["grid"])
    assert found.notes[-1] == "LEAN's log has no end: it was stopped, or died."


def test_a_choice_that_the_figures_contradict_is_told(tmp_path):
    end = f"Result for Target: ['Statistics'].['Sharpe Ratio'] at: 9: was reached using ParameterSet: (fast:5,slow:30) backtestId '{guid('grid', 0)}'. "
    found = read_optimization(write_optimization(tmp_path / "o", "grid", end=end))
    assert found.winner is found.trials[0]
    assert "by the figures that are there it would be {'fast': '5', 'slow': '50'} with 0.222" in found.notes[-1]


def test_a_choice_that_is_not_there_is_told(tmp_path):
    found = read_optimization(write_optimization(tmp_path / "o", "grid", end="ParameterSet: (fast:5) backtestId 'gone'. "))
    assert found.winner is None
    assert found.notes[-1] == "LEAN's log names gone as the best trial, of which nothing is there."


def test_of_equal_trials_either_may_be_leans_choice(tmp_path):
    best = {**launches("grid")[0], "statistics": launches("grid")[1]["statistics"]}
    found = read_optimization(write_optimization(tmp_path / "o", "grid", results={0: result_of(best)}))
    assert found.winner is found.trials[1]
    assert found.best is found.trials[0]
    assert "is as good as LEAN's choice" in found.notes[-1]


def test_a_choice_that_ended_with_an_error_is_never_ours(tmp_path):
    failed = result_of(launches("grid")[1], state={"Status": "RuntimeError", "RuntimeError": "a mistake\n at x"})
    found = read_optimization(write_optimization(tmp_path / "o", "grid", results={1: failed}))
    assert found.winner is found.trials[1]
    assert found.best is found.trials[0]
    assert "1 of 6 trials failed; the first, {'fast': '5', 'slow': '50'}: a mistake" in found.notes
    assert "ended with an error: a mistake. Here such a trial is never the best one." in found.notes[-1]


def test_a_choice_without_an_order_is_never_ours(tmp_path):
    idle = {**launches("grid")[1], "statistics": {**launches("grid")[1]["statistics"], "Total Orders": "0"}}
    found = read_optimization(write_optimization(tmp_path / "o", "grid", results={1: result_of(idle)}))
    assert found.trials[1].status == "no orders"
    assert found.best is found.trials[0]
    assert "sent no order" in found.notes[-1]


@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_a_trial_that_left_nothing_has_failed(tmp_path, content):
    found = read_optimization(write_optimization(tmp_path / "o", "grid", results={0: content}))
    assert found.trials[0].status == "failed"
    assert found.trials[0].parameters == {"fast": "5", "slow": "30"}
    assert found.best.parameters == parameters_of(BEST["grid"])


def test_trials_of_which_the_log_says_nothing_are_found_by_their_folders(tmp_path):
    folder = write_optimization(tmp_path / "o", "grid")
    (folder / "log.txt").unlink()
    found = read_optimization(folder)
    assert sorted(trial.id for trial in found.trials) == sorted(guid("grid", place) for place in range(6))
    assert all(set(trial.parameters) == {"fast", "slow"} for trial in found.trials)
    assert found.ended == "no end"


def test_nothing_launched_is_told(tmp_path):
    folder = tmp_path / "o"
    folder.mkdir()
    (folder / "optimizer-config.json").write_text(json.dumps(CONFIGS["grid"]), encoding="utf-8")
    (folder / "log.txt").write_text("2026-08-22T10:00:00.1Z ERROR:: Engine.Run(): no memory\n", encoding="utf-8")
    found = read_optimization(folder)
    assert found.trials == ()
    assert found.notes == ("LEAN's log has no end: it was stopped, or died (Engine.Run(): no memory): no trial was launched.",)


@pytest.mark.parametrize(
    ("target", "value", "said"),
    [("Statistics.Drawdown", 25.0, True), ("Statistics.Drawdown", 0.25, False), ("Statistics.Sharpe Ratio", 25.0, False),
     ("TotalPerformance.PortfolioStatistics.Drawdown", 25.0, True),
     ("TotalPerformance.PortfolioStatistics.SharpeRatio", 25.0, False)],
)  # fmt: skip
def test_a_limit_that_was_meant_as_a_percent_is_told(tmp_path, target, value, said):
    limits = [{"target": target, "operator": "less", "target-value": value}]
    found = read_optimization(write_optimization(tmp_path / "o", "grid", config={"constraints": limits}))
    assert any("is a fraction, so this limit is 2500%" in note for note in found.notes) is said


def test_whole_numbers_that_lean_wrote_with_a_point_are_told(tmp_path):
    found = read_optimization(write_optimization(tmp_path / "o", "euler"))
    assert any(note.startswith("fast: LEAN wrote 10.0, 5.0, 7.5.") for note in found.notes)


def test_the_constraint_that_no_trial_meets_is_named_with_the_nearest(tmp_path):
    limits = [{"target": "Statistics.Drawdown", "operator": "less", "target-value": 0.1}]
    folder = write_optimization(tmp_path / "o", "grid", config={"constraints": limits}, end="Result was not reached")
    assert "no trial meets Statistics.Drawdown < 0.1; the nearest is beyond it by 0.058." in read_optimization(folder).notes[-1]


@pytest.mark.parametrize("text", [None, "{", "[]", '{"parameters": []}', '{"parameters": [{"name": "x", "min": 1, "max": 2}]}'])
def test_what_is_no_optimisation_is_named(tmp_path, text):
    if text is not None:
        (tmp_path / "optimizer-config.json").write_text(text, encoding="utf-8")
    with pytest.raises(LeanResultsError, match=r"optimizer-config\.json"):
        read_optimization(tmp_path)
