"""What LEAN's own optimiser launched and how it ended, from its configuration to our study, over the market that LEAN had."""

from __future__ import annotations

import json

import pytest

from hidden_regime.experiments.asking import Question, ask
from hidden_regime.experiments.optimization import run_study
from hidden_regime.experiments.workers import Workers
from tests.conftest import CASES
from tests.experiments.lean_optimizer.problems import CONFIGS, HERE, LAUNCHED


def _plain(part):
    name, value = part.split(":")
    return f"{name}:{float(value):g}"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("store")


@pytest.mark.parametrize("problem", CONFIGS)
def test_a_problem_launches_the_same_sets_and_ends_alike(problem, store, tmp_path):
    path = tmp_path / "optimizer.json"
    path.write_text(json.dumps(CONFIGS[problem]), encoding="utf-8")
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
        assert ours[-15:] == theirs[-15:]
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
