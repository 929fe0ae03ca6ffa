"""What a study is: equal questions have equal ids, and how many trials there are to be is no part of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments import Constraint, Objective, Space
from hidden_regime.experiments.reads import Watched
from hidden_regime.experiments.search import Euler, Grid, Random, Tpe
from hidden_regime.experiments.studies.spec import ALL_AT_ONCE, Spec, targets_beyond
from hidden_regime.experiments.trials.setup import make_setup
from tests.experiments.small import END, GRID, PLANTED, START, market, write_strategy


def spec(tmp_path, *, text=PLANTED, seed=0, **said):
    setup = make_setup(write_strategy(tmp_path, text), market(seed=seed), **said)
    return Spec(
        setup,
        Space.of(GRID),
        "grid",
        10,
        (Objective("Sharpe Ratio"),),
        (Constraint.parse("Drawdown <= 25%"),),
        watched=Watched({}, START, END),
    )


def test_equal_questions_have_equal_ids(tmp_path):
    one = spec(tmp_path / "a")
    assert one.id == spec(tmp_path / "b").id == replace(one, n_trials=99).id
    assert len(one.id) == 16
    json.dumps(one.to_dict(), allow_nan=False)


def test_everything_else_makes_another_study(tmp_path):
    one = spec(tmp_path)
    goal = one.objectives[0]
    others = [
        replace(one, method="tpe"), replace(one, seed=1), replace(one, batch=4), replace(one, segments=3), replace(one, constraints=()),
        replace(one, space=Space.of({"fast": "10:50:5"})), replace(one, space=Space.of(dict(reversed(GRID.items())))),
        replace(one, objectives=(Objective("Drawdown", "min"),)), replace(one, objectives=(replace(goal, direction="min"),)),
        replace(one, objectives=(replace(goal, value=1.0),)), spec(tmp_path, start=START), spec(tmp_path, end=END), spec(tmp_path, cash=5.0),
        spec(tmp_path, parameters={"word": "x"}), spec(tmp_path, seed=1), spec(tmp_path, text=PLANTED + "#"),
    ]  # fmt: skip
    assert len({one.id, *(other.id for other in others)}) == len(others) + 1


def test_what_a_varied_parameter_had_is_no_part_of_it(tmp_path):
    assert spec(tmp_path, parameters={"fast": 10}).to_dict() == spec(tmp_path).to_dict()


@pytest.mark.parametrize(("method", "kind"), [("grid", Grid), ("euler", Euler), ("random", Random), ("tpe", Tpe)])
def test_each_method_has_its_search(tmp_path, method, kind):
    assert isinstance(replace(spec(tmp_path), method=method).search(), kind)


@pytest.mark.parametrize("method", ["grid", "random"])
def test_what_learns_nothing_is_proposed_at_once_unless_it_may_end_before(tmp_path, method):
    one = replace(spec(tmp_path), method=method)
    assert one.search().batch == ALL_AT_ONCE
    assert replace(one, objectives=(Objective("Sharpe Ratio", value=1.0),)).search().batch == 8


def test_an_unknown_method_is_told(tmp_path):
    with pytest.raises(ParameterError, match="method = 'annealing': expected one of grid, euler, random, tpe"):
        replace(spec(tmp_path), method="annealing").search()


def test_only_paths_beyond_the_statistics_are_asked_for():
    goals = (Objective("Sharpe Ratio"), Objective("TotalPerformance.X"), Objective("['A'].['B c']"))
    limits = (Constraint("statistics.drawdown", "<", 1), Constraint("totalperformance.x", ">", 0), Constraint("a.d", ">", 0))
    assert targets_beyond(goals, limits) == ("totalperformance.x", "a.b c", "a.d")
    assert targets_beyond((Objective("Score", literal=True),), ()) == ()
