"""The `lean` commands: what they say without lean-cli, what they make of LEAN's folders, and the way there and back with it."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hidden_regime.cli.local_lean import lean_app
from hidden_regime.data import LeanFolder
from hidden_regime.experiments import optimize
from hidden_regime.local_lean import StubDocker
from hidden_regime.research.backtest import collect
from hidden_regime.simulator import run_file
from tests.conftest import CASES
from tests.local_lean.no_lean.test_stub import asked
from tests.local_lean.stand_in import ID, write_backtest, write_search
from tests.local_lean.strategies import write_project

LEAN_PYTHON = "HIDDEN_REGIME_LEAN_CLI"
STAND_IN = "the stand-in for LEAN (embedded engine)"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A working folder in which neither lean-cli nor Docker is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "400")
    for name in ("LEAN_CLI", "DOCKER_HOST"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    """Folders that the stand-in left, by name, each in a project of its own."""
    place = tmp_path_factory.mktemp("projects")
    return {
        "good": write_backtest(place / "good", fast="4"), "failed": write_backtest(place / "failed", word="fail"),
        "grid": write_search(place / "grid", asked()), "none": write_search(place / "none", asked(word="fail")),
    }  # fmt: skip


def call(*arguments):
    done = CliRunner().invoke(lean_app, [*map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def direct(folder, **parameters):
    return collect(run_file(folder / "main.py", LeanFolder(CASES / "data"), parameters=parameters), "x")


def searched(folder, **parameters):
    """The same search in the embedded engine."""
    return optimize(
        folder, {"share": "0.2:0.6:0.2"}, data=CASES / "data", method="grid", objective="Sharpe Ratio", parameters=parameters,
        workers=1, store=None,
    )  # fmt: skip


def test_results_of_a_backtest_are_those_of_a_run_here(left, home):
    done = call("results", left["good"], "--out", "out")
    assert done.exit_code == 0, done.output
    ours = direct(left["good"].parents[1], fast="4")
    assert f"in {STAND_IN}, backtest {ID}" in done.output and "Backtest in out" in done.output
    for name, value in ours.statistics.items():
        assert f"{name} " in done.output and value in done.output
    told = json.loads(call("results", left["good"], "--out", "out", "--json").stdout)
    assert (told["id"], told["folder"], told["statistics"]) == (ID, "out", ours.statistics)
    assert len((home / "out" / "orders.csv").read_text().splitlines()) == len(ours.orders) + 1 > 4
    assert STAND_IN in (home / "out" / "report.html").read_text(encoding="utf-8")


def test_results_of_a_strategy_that_failed_say_why_and_are_named_after_project_and_id(left, home):
    done = call("results", left["failed"])
    assert done.exit_code == 0 and done.stderr.startswith("the strategy failed: ") and "told to fail" in done.stderr
    (folder,) = (home / "results").iterdir()
    assert folder.name == f"failed-lean-{ID}" and "told to fail" in (folder / "report.html").read_text(encoding="utf-8")


def test_results_of_a_search_are_a_study_with_its_best(left, home):
    done = call("results", left["grid"], "--out", "out")
    assert done.exit_code == 0, done.output
    ours = searched(left["grid"].parents[1])
    study = json.loads((home / "out" / "study.json").read_text())
    assert study["best_params"] == {**ours.best.parameters, "word": ""} and study["best_values"] == list(ours.best.values)
    assert [trial["statistics"] for trial in study["trials"]] == [trial.statistics for trial in ours.trials]
    assert study["luck"]["psr"] == pytest.approx(ours.luck.psr)
    assert f"Run by {STAND_IN}" in done.output and (home / "out" / "report.html").is_file()


def test_results_of_a_search_without_a_best_say_so(left, home):
    told = json.loads(call("results", left["none"], "--out", "out", "--json").stdout)
    assert told["best_trial"] is None and {trial["status"] for trial in told["trials"]} == {"failed"}
    assert (home / "out" / "report.html").is_file()


def test_a_workspace_is_made_once_and_keeps_its_data(home):
    (home / "other").mkdir()
    for _ in range(2):
        done = call("workspace", "lean", "--data", CASES / "data")
        assert done.exit_code == 0 and "put projects into it" in done.output
    config = (home / "lean" / "lean.json").read_text()
    assert json.loads(config)["data-folder"] == str((CASES / "data").resolve())
    refused = call("workspace", "lean", "--data", "other")
    assert refused.exit_code == 2 and "names the data" in refused.stderr
    assert (home / "lean" / "lean.json").read_text() == config
    (home / "with" / "data").mkdir(parents=True)
    assert call("workspace", "with").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["workspace", "lean", "--data", "nowhere"], "an existing folder of data in LEAN's format"),
        (["workspace", "lean"], "an existing folder of data in LEAN's format"),
        (["backtest", "alone"], "Make one: hidden-regime lean workspace FOLDER --data DATA"),
        (["backtest", "work/Cross"], "LEAN's command line isn't there: no 'lean' is on PATH"),
        (["backtest", "work/Cross", "--lean", "nowhere"], "'nowhere' isn't an executable file"),
        (["backtest", "work/nowhere"], "LEAN's command line isn't there"), (["backtest", "work/Cross", "-p", "fast"], "name=value"),
        (["optimize", "work/Cross"], "at least one parameter to vary"),
        (["optimize", "work/Cross", "-p", "fast=5"], "at least one parameter to vary"),
        (["optimize", "work/Cross", "-p", "fast=2:4:2"], "LEAN's command line isn't there"),
        (["results", "nowhere"], "nowhere is no folder"), (["results", "work/Cross"], "holds no result"),
        (["practice", "--socket", "work/lean.json"], "where nothing lies yet"),
    ],
)  # fmt: skip
def test_wrong_input_is_one_line_and_status_two(home, monkeypatch, arguments, words):
    monkeypatch.setenv("PATH", str(home))
    write_project(home / "alone")
    assert call("workspace", "work", "--data", CASES / "data").exit_code == 0
    write_project(home / "work" / "Cross")
    done = call(*arguments)
    assert done.exit_code == 2, done.output
    assert done.output.startswith("error: ") and words in done.output and len(done.output.splitlines()) == 1
    assert {path.name for path in home.iterdir()} == {"alone", "work"} and not (home / "work" / "Cross" / "backtests").exists()


@pytest.fixture
def lean(home, monkeypatch):
    """lean-cli itself, its Docker the stand-in, and a project in a workspace."""
    if LEAN_PYTHON not in os.environ:
        pytest.skip(f"{LEAN_PYTHON} names no Python with lean-cli (pip install lean, in an environment of its own)")
    (home / "home").mkdir()
    for name, value in (("LEAN_CLI", str(Path(os.environ[LEAN_PYTHON]).parent / "lean")), ("HOME", str(home / "home")),
                        ("HTTPS_PROXY", "http://127.0.0.1:9"), ("https_proxy", "http://127.0.0.1:9")):  # fmt: skip
        monkeypatch.setenv(name, value)
    assert call("workspace", "work", "--data", CASES / "data").exit_code == 0
    with tempfile.TemporaryDirectory(prefix="hr") as place, StubDocker(Path(place) / "d.sock") as docker:
        monkeypatch.setenv("DOCKER_HOST", docker.host)
        yield write_project(home / "work" / "Cross", {"slow": "15"})


def test_with_lean_cli_a_backtest_and_a_search_go_there_and_back(lean, home):
    done = call("backtest", "work/Cross", "-p", "fast=4", "--name", "mine", "--json")
    assert done.exit_code == 0, done.output
    told, ours = json.loads(done.stdout), direct(lean, slow="15", fast="4")
    assert told["statistics"] == ours.statistics and Path(told["lean_folder"]).parent == lean / "backtests"
    assert told["folder"] == f"results/Cross-lean-{told['id']}" and (home / told["folder"] / "report.html").is_file()
    failed = call("backtest", "work/Cross", "-p", "word=fail")
    assert failed.exit_code == 1 and "the strategy failed" in failed.stderr
    search = call("optimize", "work/Cross", "-p", "share=0.2:0.6:0.2", "-p", "fast=4", "--workers", "1", "--json")
    assert search.exit_code == 0, search.output
    ours = searched(lean, fast="4")
    assert json.loads(search.stdout)["best_params"]["share"] == ours.best.parameters["share"]
    none = call("optimize", "work/Cross", "-p", "share=0.2:0.4:0.2", "--constraint", "Total Orders > 1000")
    assert none.exit_code == 1 and "no trial may be the best: none of them meets the constraints" in none.stderr
