"""Where lean-cli is, and which program is none."""

from __future__ import annotations

import json
import os

import pytest

from hidden_regime.local_lean import LeanCli, LeanCliMissing, LeanError, LeanFailed
from hidden_regime.local_lean.modules import MODULES, supply_modules


def script(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


OURS = 'echo "lean 1.0.230"'


@pytest.fixture
def environment():
    return {"PATH": os.environ["PATH"]}


def test_it_is_the_one_given_then_leans_own_variable_then_the_path(tmp_path, workspace):
    given, named, found = (script(tmp_path / name / "lean", OURS) for name in ("a", "b", "c"))
    environment = {"PATH": f"{tmp_path / 'c'}:{os.environ['PATH']}", "LEAN_CLI": str(named)}
    assert LeanCli(given, workspace=workspace, environment=environment).executable == given
    assert LeanCli(workspace=workspace, environment=environment).executable == named
    del environment["LEAN_CLI"]
    cli = LeanCli(workspace=workspace, environment=environment)
    assert (cli.executable, cli.version) == (found, "1.0.230")


@pytest.mark.parametrize("given", [None, "none/lean"])
def test_without_one_it_says_how_to_get_it(tmp_path, workspace, given):
    with pytest.raises(LeanCliMissing, match=r"pip install lean.*LEAN_CLI"):
        LeanCli(given and tmp_path / given, workspace=workspace, environment={"PATH": str(tmp_path)})


def test_the_theorem_prover_of_the_same_name_is_not_it(tmp_path, workspace, environment):
    prover = script(tmp_path / "lean", 'echo "Lean (version 4.12.0, x86_64-unknown-linux-gnu, commit 1, Release)"')
    with pytest.raises(LeanCliMissing, match=r"Lean \(version 4\.12\.0.*expected the version of LEAN's command line"):
        LeanCli(prover, workspace=workspace, environment=environment).version


def test_a_program_that_does_not_start_is_named_with_what_it_says(tmp_path, workspace, environment):
    broken = script(tmp_path / "lean", "echo no module named lean; exit 1")
    with pytest.raises(LeanCliMissing, match="no module named lean"):
        LeanCli(broken, workspace=workspace, environment=environment).version


def test_a_folder_that_is_no_workspace_is_refused(tmp_path, environment):
    with pytest.raises(LeanError, match=r"lean\.json"):
        LeanCli(script(tmp_path / "lean", OURS), workspace=tmp_path, environment=environment)


def test_the_modules_are_supplied_where_lean_cli_says_that_it_has_none(tmp_path, workspace, environment):
    modules = tmp_path / "lean package" / "modules-1.14.json"
    modules.parent.mkdir()
    said = f"FileNotFoundError: Modules json not found in the given path {modules}: HTTPSConnectionPool(host='cdn', port=443)"
    lean = script(tmp_path / "lean", f'if [ -f "{modules}" ]; then {OURS}; else echo "{said}"; exit 1; fi')
    assert LeanCli(lean, workspace=workspace, environment=environment).version == "1.0.230"
    assert json.loads(modules.read_text(encoding="utf-8")) == MODULES


def test_modules_that_are_there_are_never_touched(tmp_path):
    path = tmp_path / "modules-1.14.json"
    path.write_text("own", encoding="utf-8")
    assert supply_modules(f"Modules json not found in the given path {path}")
    assert path.read_text(encoding="utf-8") == "own"
    assert not supply_modules("another error")


def test_modules_that_may_not_be_written_are_told(tmp_path):
    with pytest.raises(LeanCliMissing, match="with a network"):
        supply_modules(f"Modules json not found in the given path {tmp_path}/none/modules-1.14.json: timed out")


def test_it_runs_in_the_workspace_with_a_home_of_its_own_and_wide_lines(tmp_path, workspace, environment):
    lean = script(tmp_path / "lean", f'if [ "$1" = --version ]; then {OURS}; else echo "$PWD $HOME $COLUMNS $*"; exit 7; fi')
    cli = LeanCli(lean, workspace=workspace, home=tmp_path / "home", environment=environment)
    log = tmp_path / "log"
    assert cli.run(["backtest", "a b"], log=log, timeout=30.0, stop=lambda: None) == 7
    assert log.read_text(encoding="utf-8") == f"{workspace} {tmp_path / 'home'} 400 backtest a b\n"
    assert json.loads((tmp_path / "home" / ".lean" / "config").read_text(encoding="utf-8")) == {"database-update-frequency": "-"}


def test_a_command_whose_time_is_up_has_failed(tmp_path, workspace, environment, monkeypatch):
    monkeypatch.setattr("hidden_regime.local_lean.processes.ENDING", 0.05)
    lean = script(tmp_path / "lean", f'if [ "$1" = --version ]; then {OURS}; else echo working; exec sleep 60; fi')
    stopped = []
    with pytest.raises(LeanFailed, match=r"stopped after 0\.5 seconds") as caught:
        LeanCli(lean, workspace=workspace, environment=environment).run(
            ["backtest"], log=tmp_path / "log", timeout=0.5, stop=lambda: stopped.append(1))  # fmt: skip
    assert (caught.value.returncode, caught.value.log, stopped) == (None, "working", [1, 1])
