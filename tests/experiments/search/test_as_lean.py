"""The same sets, with the same texts, in the same order, and the same end as LEAN's own optimiser."""

from __future__ import annotations

import re

import pytest

from hidden_regime.experiments.objective import fractions, reached
from hidden_regime.experiments.search import Euler, Grid, Told, best_of
from hidden_regime.experiments.space.lean_config import problem_in
from tests.experiments.lean_optimizer.problems import CONFIGS, LAUNCHED, parameters_of


def search_of(problem, batch):
    if problem.method == "grid":
        return Grid(problem.space, batch=batch, segments=problem.segments)
    return Euler(problem.space, problem.objectives[0].direction, batch=batch, segments=problem.segments)


def replayed(name, batch):
    """What our search proposes where each set has the statistics that LEAN found for the set at its place."""
    problem = problem_in(CONFIGS[name])
    search, objective = search_of(problem, batch), problem.objectives[0]
    told = []
    while sets := search.propose(told):
        for parameters in sets:
            values = fractions(LAUNCHED[name]["launched"][len(told)]["statistics"])
            value, violations = objective.of(values), tuple(limit.violation(values) for limit in problem.constraints)
            told.append(Told(parameters, (value,), violations))
            if told[-1].counts and reached(objective, value):
                return problem, told
    return problem, told


@pytest.mark.parametrize("batch", [1, 3, 8])
@pytest.mark.parametrize("name", CONFIGS)
def test_the_sets_and_the_end_are_leans(name, batch):
    problem, told = replayed(name, batch)
    launched = [parameters_of(one["parameters"]) for one in LAUNCHED[name]["launched"]]
    assert [one.parameters for one in told] == launched
    best, end = best_of(told, problem.objectives[0].direction), LAUNCHED[name]["end"]
    if best is None:
        assert end == "was not reached"
    else:
        solution = re.search(r" at: ([-.\d]+): was reached using ParameterSet: \((.*?)\)", end)
        assert told[best].parameters == parameters_of(solution[2])
        assert told[best].values == (float(solution[1]),)


@pytest.mark.parametrize("name", CONFIGS)
def test_as_many_wait_at_the_start_as_in_lean(name):
    waiting = int(LAUNCHED[name]["waiting_at_start"][0])
    assert len(search_of(problem_in(CONFIGS[name]), 10_000).propose([])) == waiting


def test_notes_say_which_targets_lean_never_finds():
    silent = {name: " ".join(problem_in(config).notes) for name, config in CONFIGS.items()}
    assert silent["grid"] == silent["euler"] == ""
    assert "constraint 'Drawdown'" in silent["grid_target"] and "never met" in silent["grid_target"]
    assert "criterion 'Drawdown'" in silent["grid_min"] and "constraint 'Total Orders'" in silent["grid_min"]
    assert "min-step" in silent["euler_float"] and "Write 'Statistics.Drawdown'" in silent["euler_float"]


def test_without_the_misspelt_targets_the_grid_ends_at_the_value_it_asks_for():
    config = {
        **CONFIGS["grid_target"],
        "constraints": [{"target": "Statistics.Drawdown", "operator": "lessOrEqual", "target-value": 0.2}],
    }
    problem = problem_in(config)
    first = LAUNCHED["grid_target"]["launched"][0]
    values = fractions(first["statistics"])
    assert problem.notes == ()
    assert problem.constraints[0].is_met(values) and reached(problem.objectives[0], problem.objectives[0].of(values))
