"""lean-cli, unchanged, driven from here, its Docker the stand-in: the embedded engine answers as LEAN would."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import date

import pytest

from hidden_regime.data import LeanFolder
from hidden_regime.experiments import optimize
from hidden_regime.local_lean import DockerMissing, LeanCli, LeanFailed, find_backtests, run_backtest, run_optimization
from hidden_regime.local_lean.commands import backtest_arguments, optimize_arguments
from hidden_regime.local_lean.no_lean.saying import WHAT
from hidden_regime.local_lean.processes import tail
from hidden_regime.local_lean.workspace import data_folder
from hidden_regime.simulator import result as lean_result
from hidden_regime.simulator import run_file
from tests.conftest import CASES
from tests.local_lean.strategies import write_project

SPACE = {"fast": "3:6:3", "share": {"low": "0.2", "high": "0.8", "step": "0.3", "min_step": "0.1"}}
LIMIT = "Drawdown <= 5%"


@pytest.fixture
def project(workspace):
    return write_project(workspace / "Cross", {"slow": "15"})


def test_lean_cli_knows_every_option_that_is_used_here(lean, tmp_path):
    assert lean.version.split(".")[0] == "1"
    used = {
        "backtest": [*backtest_arguments(tmp_path, tmp_path, name="x", parameters={"x": "1"}, image="x"), "--update"],
        "optimize": [*optimize_arguments(tmp_path, tmp_path, tmp_path, workers=1, image="x"), "--update"],
    }
    for command, arguments in used.items():
        known = set(re.findall(r"--[a-z-]+", lean.tell(command, "--help")))
        assert {one for one in arguments if one.startswith("--")} <= known
        assert not known & {"--start", "--end", "--start-date", "--parameters"}


def test_a_backtest_is_found_by_its_id_and_has_the_engines_orders(lean, docker, project):
    before = sorted(path for path in data_folder(lean.workspace).rglob("*") if path.is_file())
    run = run_backtest(project, cli=lean, parameters={"fast": 4, "share": 0.5}, name="mine")
    direct = run_file(
        project / "main.py", LeanFolder(CASES / "data"), parameters={"slow": "15", "fast": "4", "share": "0.5"})  # fmt: skip
    expected = json.loads(json.dumps(lean_result.build(direct, run.id)))
    assert (run.name, run.status, run.error) == ("mine", "Completed", "")
    assert run.parameters == {"slow": "15", "fast": "4", "share": "0.5"}
    assert run.orders == list(expected["orders"].values()) and len(run.orders) > 3
    assert run.statistics == expected["statistics"]
    assert len(run.log) == len(run.order_events) // 2
    assert [(one.id, one.name, one.folder) for one in find_backtests(lean.workspace)] == [(run.id, "mine", run.folder)]
    assert (run.folder / "code" / "main.py").read_bytes() == (project / "main.py").read_bytes()
    said = tail(run.folder / "lean-cli.log", 100)
    assert "github" not in said  # it fetched nothing, and didn't try
    assert WHAT in said and f"stored the output in 'Cross/backtests/{run.folder.name}'" in said
    assert WHAT in (run.folder / "log.txt").read_text(encoding="utf-8").splitlines()[0]
    assert (docker.unknown, docker.containers) == ((), ())
    assert sorted(path for path in data_folder(lean.workspace).rglob("*") if path.is_file()) == before


def test_two_backtests_within_a_second_are_told_apart(lean, project):
    runs = [run_backtest(project, cli=lean, parameters={"share": share}, clock=lambda: 1e9) for share in (0.2, 0.4)]
    found = {one.id: one.folder for one in find_backtests(project)}
    assert found == {run.id: run.folder for run in runs} and len(found) == 2
    assert [run.parameters["share"] for run in runs] == ["0.2", "0.4"]


def test_a_strategy_that_raises_has_its_error_in_the_result(lean, project):
    run = run_backtest(project, cli=lean, parameters={"word": "fail"})
    assert run.status == "RuntimeError"
    assert "told to fail" in run.error and "main.py: line" in run.error


def test_a_strategy_that_can_not_be_run_at_all_is_a_failure(lean, project):
    (project / "main.py").write_text("from AlgorithmImports import *\nnothing = 1\n", encoding="utf-8")
    with pytest.raises(LeanFailed, match="left no result") as caught:
        run_backtest(project, cli=lean)
    assert caught.value.returncode == 1
    assert "Something went wrong while running 'Cross'" in caught.value.log


def test_an_image_that_is_not_there_is_told_with_what_to_do(lean, project):
    with pytest.raises(LeanFailed, match=r"Docker has no such image: fetch it \(update=True"):
        run_backtest(project, cli=lean, image="my/lean:1")


def test_without_docker_lean_cli_is_not_started(lean, project, tmp_path):
    environment = {**lean.environment, "DOCKER_HOST": f"unix://{tmp_path}/none.sock"}
    alone = LeanCli(lean.executable, workspace=lean.workspace, environment=environment)
    with pytest.raises(DockerMissing, match="doesn't run"):
        run_backtest(project, cli=alone)
    assert not (project / "backtests").exists()


@pytest.mark.parametrize("strategy", ["grid", "euler"])
def test_an_optimisation_has_our_trials_and_our_winner(lean, project, strategy):
    found = run_optimization(
        project, SPACE, "Sharpe Ratio", [LIMIT], strategy=strategy, segments=4, workers=1, cli=lean)  # fmt: skip
    ours = optimize(
        project, SPACE, data=CASES / "data", method=strategy, objective="Sharpe Ratio", constraints=[LIMIT], segments=4, workers=1,
        store=None)  # fmt: skip
    assert [trial.parameters for trial in found.trials] == [trial.parameters for trial in ours.trials]
    assert [trial.statistics for trial in found.trials] == [trial.statistics for trial in ours.trials]
    assert [trial.is_feasible for trial in found.trials] == [trial.is_feasible for trial in ours.trials]
    assert max(trial.value for trial in found.trials) > found.best.value  # of a trial that doesn't meet the limit
    assert found.ended == "winner" and found.winner is found.best
    assert found.best.parameters == ours.best.parameters
    assert found.trials[0].read().parameters == {"slow": "15", **found.trials[0].parameters}
    told = ", ".join(f"{name}: {value}" for name, value in sorted(ours.best.parameters.items()))
    assert f"Optimal parameters: {told}" in tail(found.folder / "lean-cli.log", 100)


def test_success_without_a_winner_says_what_happened(lean, project):
    found = run_optimization(project, {"share": "0.2:0.4:0.2"}, "min Drawdown", ["Total Orders > 1000"], cli=lean)
    assert (found.ended, found.winner, found.best) == ("no winner", None, None)
    assert "no trial meets Statistics.Total Orders > 1000; the nearest is beyond it by" in found.notes[-1]
    assert "Successfully optimized" in tail(found.folder / "lean-cli.log", 100)


def test_a_termination_stops_the_container_and_leaves_what_there_is(lean, docker, project):
    out = project / "backtests" / "stopped"
    script = f"""
from hidden_regime.local_lean import LeanCli, run_backtest
cli = LeanCli({str(lean.executable)!r}, workspace={str(lean.workspace)!r})
run_backtest({str(project)!r}, cli=cli, parameters={{"word": "wait"}}, out={str(out)!r})
"""
    process = subprocess.Popen([sys.executable, "-c", script], env={**os.environ, **lean.environment}, stderr=subprocess.PIPE)
    while "(10 %)" not in tail(out / "log.txt"):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)
    (container,) = docker.containers
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 128 + signal.SIGTERM
    process.stderr.close()
    assert (container.status, container.stops[0]) == ("exited", 60)
    assert docker.containers == ()  # lean-cli has removed it
    (found,) = find_backtests(project)
    content = json.loads((out / f"{found.id}.json").read_text(encoding="utf-8"))
    assert content["state"]["Status"] == "Stopped"
    assert date.fromisoformat(content["algorithmConfiguration"]["endDate"][:10]) == date(2010, 6, 30)


def test_a_time_limit_stops_the_container(lean, docker, project):
    with pytest.raises(LeanFailed, match="stopped after 3 seconds"):
        run_backtest(project, cli=lean, parameters={"word": "wait"}, timeout=3.0)
    assert [one for one in docker.containers if one.status == "running"] == []
