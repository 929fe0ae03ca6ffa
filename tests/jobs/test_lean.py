"""Option B: campaigns in local LEAN, through lean-cli; its Docker is the stand-in, in which the embedded engine runs."""

from __future__ import annotations

import os

import pytest

from hidden_regime.data.lean_writing import write_lean_data
from hidden_regime.data.packaged import open_market
from hidden_regime.jobs import run_campaign
from hidden_regime.local_lean import StubDocker, make_workspace
from tests.jobs.small import campaign
from tests.jobs.test_cloud import project
from tests.local_lean.conftest import NOWHERE, installed_lean


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    program = installed_lean()
    write_lean_data(open_market("sp500"), tmp_path / "lean" / "data")
    made = make_workspace(tmp_path / "lean", tmp_path / "lean" / "data")
    (tmp_path / "home").mkdir()
    with StubDocker() as docker:
        for name, value in (("DOCKER_HOST", docker.host), ("LEAN_CLI", str(program)), ("HOME", str(tmp_path / "home")),
                            ("HTTPS_PROXY", NOWHERE), ("https_proxy", NOWHERE)):  # fmt: skip
            monkeypatch.setenv(name, value)
        yield made


def test_option_b_runs_in_local_lean_and_agrees_with_the_engine(workspace):
    project(workspace)
    path = campaign(
        workspace, ("varied", "share = 0.5", 'every = "1:2:1"'), days="", more='option = "B"', skip=("walk-forward", "lookahead"),
        target="validate = 'lean'", tail="[rules]\nbaseline = ['Total Orders >= 1']\n")  # fmt: skip
    path.write_text(path.read_text().replace('"hold.py"', '"hold"').replace('data = "sp500"', 'data = "data"'))
    found = run_campaign(path)
    steps = {step.name: step for step in found.hypotheses[0].steps}
    assert found.hypotheses[0].answer == "accepted", found.hypotheses[0].reason
    assert [steps[name].place for name in ("baseline", "optimise", "validate")] == ["lean"] * 3
    assert "all equal" in steps["validate"].reason
    assert len(os.listdir(workspace / "hold" / "backtests")) == 2
    assert len(os.listdir(workspace / "hold" / "optimizations")) == 1
    again = run_campaign(path)
    assert again.to_dict() == found.to_dict()
    assert len(os.listdir(workspace / "hold" / "backtests")) == 2


def test_a_project_outside_of_a_workspace_is_told(tmp_path):
    path = campaign(project(tmp_path), days="", target="kind = 'lean'", skip=("lookahead",))
    path.write_text(path.read_text().replace('"hold.py"', '"hold"'))
    found = run_campaign(path)
    assert "hidden-regime lean workspace" in found.hypotheses[0].reason
