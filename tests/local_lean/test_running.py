"""What is refused before anything starts, and what lean-cli's failures become."""

from __future__ import annotations

import json
import os

import pytest

from hidden_regime.exceptions import ParameterError
from hidden_regime.local_lean import DockerMissing, LeanCli, LeanError, LeanFailed, run_backtest, run_optimization
from tests.local_lean.strategies import write_project
from tests.local_lean.test_finding import OURS, script

SPACE = {"fast": "3:6:3"}
WRITES = """
echo "lean says $*"
while [ "$1" != --output ]; do shift; done
mkdir -p "$2"
"""


@pytest.fixture
def project(workspace):
    return write_project(workspace / "Cross", {"slow": "15"})


def cli_that(tmp_path, workspace, does, host):
    """A `lean` that answers for its version, and then does something."""
    lean = script(tmp_path / "bin" / "lean", f'if [ "$1" = --version ]; then {OURS}; exit 0; fi\n{does}')
    return LeanCli(lean, workspace=workspace, environment={"PATH": os.environ["PATH"], "DOCKER_HOST": host})


def test_without_docker_nothing_is_started_and_nothing_made(tmp_path, workspace, project):
    cli = cli_that(tmp_path, workspace, f"touch {tmp_path}/started", f"unix://{tmp_path}/none.sock")
    with pytest.raises(DockerMissing, match="doesn't run"):
        run_backtest(project, cli=cli, out=project / "backtests" / "a")
    with pytest.raises(DockerMissing, match="doesn't run"):
        run_optimization(project, SPACE, cli=cli)
    assert sorted(path.name for path in project.iterdir()) == ["config.json", "main.py"]
    assert not (tmp_path / "started").exists()


def test_a_failure_without_results_has_what_lean_cli_said(tmp_path, workspace, project, docker):
    cli = cli_that(tmp_path, workspace, f"{WRITES}\nexit 1", docker.host)
    with pytest.raises(LeanFailed, match=r"left no result.*holds no result") as caught:
        run_backtest(project, cli=cli, name="mine", parameters={"fast": 5})
    assert caught.value.returncode == 1
    assert "--no-update --backtest-name mine --parameter slow 15 --parameter fast 5" in caught.value.log
    with pytest.raises(LeanFailed, match=r"didn't come to its end: 0 trials.*no trial was launched"):
        run_optimization(project, SPACE, cli=cli)


def test_success_without_any_trial_is_a_failure(tmp_path, workspace, project, docker):
    cli = cli_that(tmp_path, workspace, f"{WRITES}\nexit 0", docker.host)
    with pytest.raises(LeanFailed, match="no trial was launched") as caught:
        run_optimization(project, SPACE, cli=cli)
    assert caught.value.returncode == 0


@pytest.mark.parametrize("status", ["Completed", "Running", "Stopped"])
def test_a_result_of_a_run_that_lean_cli_calls_a_failure_is_none(tmp_path, workspace, project, docker, status):
    result = json.dumps({"statistics": {"Total Orders": "1"}, "state": {"Status": status}})
    does = f"""{WRITES}\necho '{{"id": 7}}' > "$2/config"; echo '{result}' > "$2/7.json"; exit 1"""
    with pytest.raises(LeanFailed, match=f"failed; its results so far, of status {status}"):
        run_backtest(project, cli=cli_that(tmp_path, workspace, does, docker.host))


def test_two_runs_within_a_second_have_folders_of_their_own(tmp_path, workspace, project, docker):
    does = f"""{WRITES}\necho '{{"id": 7}}' > "$2/config"; echo '{{"statistics": {{}}}}' > "$2/7.json" """
    cli = cli_that(tmp_path, workspace, does, docker.host)
    first, second = (run_backtest(project, cli=cli, clock=lambda: 0.0) for _ in range(2))
    assert first.folder != second.folder
    assert first.folder.parent == second.folder.parent == project / "backtests"
    assert first.folder.name.startswith(("1970-01-01_", "1969-12-31_"))


@pytest.mark.parametrize("name", ["none", "empty", "../outside"])
def test_a_project_that_can_not_be_run_is_refused(tmp_path, workspace, docker, name):
    (workspace / "empty").mkdir()
    write_project(tmp_path / "outside")
    with pytest.raises(ParameterError, match="project"):
        run_backtest(workspace / name, cli=cli_that(tmp_path, workspace, "exit 1", docker.host))


def test_results_are_written_neither_over_others_nor_outside(tmp_path, workspace, project, docker):
    cli = cli_that(tmp_path, workspace, "exit 1", docker.host)
    for out in (project, project / "main.py", tmp_path / "elsewhere"):
        with pytest.raises(ParameterError, match="out"):
            run_backtest(project, cli=cli, out=out)


@pytest.mark.parametrize("text", ['{"parameters": {}} // mine', "{", "\ufeff{}"])
def test_a_config_that_lean_cli_would_delete_stays(tmp_path, workspace, project, docker, text):
    (project / "config.json").write_text(text, encoding="utf-8")
    with pytest.raises(LeanError, match="lean-cli would delete it"):
        run_backtest(project, cli=cli_that(tmp_path, workspace, "exit 1", docker.host))
    assert (project / "config.json").read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("asked", "named"),
    [({"strategy": "tpe"}, "strategy"), ({"space": {"fast": [1, 2]}}, "fast"), ({"space": {}}, "space"),
     ({"parameters": {"fast": 1}}, "either fixed or varied"), ({"parameters": {"days": "MON,FRI"}}, "MON,FRI"),
     ({"objective": "Sharp Ratio"}, "Sharpe Ratio"), ({"constraints": ["Drawdown"]}, "constraint"), ({"timeout": 0}, "timeout"),
     ({"workers": 0}, "workers"), ({"objective": ["Drawdown", "Sharpe Ratio"]}, "objective")],
)  # fmt: skip
def test_what_leans_optimiser_can_not_do_is_told_before_anything_starts(tmp_path, workspace, project, docker, asked, named):
    cli = cli_that(tmp_path, workspace, "exit 1", docker.host)
    with pytest.raises(ParameterError, match=named):
        run_optimization(project, **{"space": SPACE, "cli": cli, **asked})
    assert sorted(path.name for path in project.iterdir()) == ["config.json", "main.py"]


def test_what_is_asked_is_written_as_leans_optimiser_reads_it(tmp_path, workspace, project, docker):
    does = f'{WRITES}\ncp "$4" {tmp_path}/asked.json; exit 1'
    with pytest.raises(LeanFailed):
        run_optimization(
            project, {"fast": {"low": 2, "high": 8, "step": 4, "min_step": 1}}, "min Drawdown", ["Net Profit >= 5%"], strategy="euler",
            parameters={"share": 0.5}, segments=3, cli=cli_that(tmp_path, workspace, does, docker.host))  # fmt: skip
    told = json.loads((tmp_path / "asked.json").read_text(encoding="utf-8"))
    assert told["optimization-strategy"].endswith(".EulerSearchOptimizationStrategy")
    assert told["optimization-strategy-settings"]["default-segment-amount"] == 3
    assert told["optimization-criterion"] == {"target": "Statistics.Drawdown", "extremum": "min"}
    assert told["constraints"] == [{"target": "Statistics.Net Profit", "operator": "greaterOrEqual", "target-value": 0.05}]
    assert told["parameters"] == [
        {"name": "fast", "min": 2, "max": 8, "step": 4, "min-step": 1},
        {"name": "share", "value": "0.5"},
    ]
