"""The `live` commands, as somebody types them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

from hidden_regime.cli.main import app
from hidden_regime.operation.deploying import deploy
from hidden_regime.operation.journal import journal_of
from hidden_regime.operation.running import process
from tests.operation.strategies import TURNING
from tests.operation.worlds import NOW, WALL, strategy_at


def typed(*words):
    return CliRunner().invoke(app, ["live", *map(str, words)])


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("status",), "--workspace"),
        (("start", "nowhere.py", "--data", "us_stocks"), "nowhere.py"),
        (("start", "basic_regime_switching"), "data"),
        (("start", "basic_regime_switching", "--data", "us_stocks"), "--speed"),
        (("start", "basic_regime_switching", "--data", "us_stocks", "--speed", "1e9"), "start"),
        (("start", "basic_regime_switching", "--data", "us_stocks", "--speed", "-1", "--start", "2012-01-03"), "speed"),
        (("start", "basic_regime_switching", "--data", "us_stocks", "--speed", "1e9", "--start", "2032-01-03"), "start"),
        (("start", "basic_regime_switching", "--data", "us_stocks", "--speed", "1e9", "--start", "2012-01-03", "--target", "broker"), "cloud:"),
        (("start", "basic_regime_switching", "--target", "cloud:7", "--speed", "5"), "speed"),
        (("start", "basic_regime_switching", "--data", "us_stocks", "--speed", "1e9", "--start", "2012-01-03", "--name", "a/b"), "name"),
    ],
)  # fmt: skip
def test_wrong_input_is_one_line_and_leaves_nothing(workspace, words, says):
    done = typed(*words)
    assert done.exit_code == 2 and says in done.output and "Traceback" not in done.output
    if (workspace / ".hidden-regime").exists():
        assert journal_of(workspace).deployments() == []


@pytest.mark.parametrize(("target", "says"), [("cloud:7", "credentials"), ("lean:mine", "LEAN_CLI")])
def test_a_target_that_can_not_be_asked_is_told_before_anything_is_made_and_never_flat(workspace, monkeypatch, target, says):
    for name in ("QC_USER_ID", "QC_API_TOKEN", "LEAN_CLI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(workspace))
    monkeypatch.setenv("PATH", str(workspace))
    strategy = strategy_at(workspace / "mine", TURNING)
    done = typed("start", strategy, "--target", target, "--name", "one")
    assert done.exit_code == 2 and says in done.output
    journal = journal_of(workspace)
    assert journal.deployments() == []
    deploy(journal, "one", strategy, data=None, now=NOW, at=WALL, target=target)
    done = typed("panic", "one", "--json")
    told = json.loads(done.stdout)
    assert done.exit_code == 5 and not told["flat"] and told["positions"] is None and says in told["said"][0]
    assert journal.deployment("one").reason == "the kill switch: NOT FLAT"


def test_the_rules_beside_a_strategy_are_its_rules(workspace, monkeypatch):
    monkeypatch.setattr("hidden_regime.cli.live._keep", lambda journal, found, console: ("stopped", ""))
    strategy, rules = strategy_at(workspace / "mine", TURNING), '[guards]\ndrawdown = { limit = 0.1, action = "stop" }\n'
    (workspace / "mine" / "rules.toml").write_text(rules, encoding="utf-8")
    (workspace / "none.toml").write_text("", encoding="utf-8")
    begin = ["start", strategy, "--data", "us_stocks", "--start", "2012-01-03", "--speed", "1e9", "--name"]
    assert "beside the strategy" in typed(*begin, "one").output
    assert typed(*begin, "two", "--rules", "none.toml").exit_code == 0
    journal = journal_of(workspace)
    assert [journal.deployment(name).spec.rules for name in ("one", "two")] == [rules, ""]
    (workspace / "mine" / "rules.toml").write_text("changed", encoding="utf-8")
    assert typed("start", "one").exit_code == 0  # a deployment never changes


def test_an_option_that_is_left_out_is_never_another_one(workspace, monkeypatch):
    journal = journal_of(workspace)
    deploy(journal, "one", strategy_at(workspace / "mine", TURNING), data=None, now=NOW, at=WALL, target="cloud:7")
    gone_on = []
    monkeypatch.setattr("hidden_regime.cli.live._keep", lambda journal, found, console: gone_on.append(found) or ("stopped", ""))
    assert typed("start", "one").exit_code == 0 and gone_on[0].spec.target == "cloud:7"
    done = typed("start", "one", "--target", "paper")
    assert done.exit_code == 2 and "cloud:7" in done.output


def test_why_a_strategy_failed_is_told_line_by_line(workspace):
    strategy = strategy_at(workspace / "mine", TURNING.replace("self.set_cash(50_000)", "raise ValueError('[red]no\\x1b[31m')"))
    done = typed("start", strategy, "--data", "us_stocks", "--start", "2012-01-03", "--speed", "1e9")
    assert done.exit_code == 1 and "\x1b[31m" not in done.output
    lines = done.output.splitlines()
    assert "strategy failed: the strategy failed: [red]no\\x1b[31m" in lines and " in strategy.py: line 9" in lines
    assert "\\n" not in typed("status", "strategy", "--lines", "0").output


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_in_the_background_killed_hard_gone_on_with_and_stopped(workspace):
    strategy = strategy_at(workspace / "mine", TURNING)
    begin = ["start", strategy, "--data", "us_stocks", "--start", "2012-01-03", "--speed", "400000", "--detach"]
    done = typed(*begin)
    assert done.exit_code == 0, done.output
    journal = journal_of(workspace)

    def until(what):
        limit = time.monotonic() + 60
        while not what():
            assert time.monotonic() < limit
            time.sleep(0.05)

    until(lambda: len(journal.slots("strategy")) > 3)
    told = json.loads(typed("status", "strategy", "--json").stdout)
    assert told["state"] == "running" and not told["stale"]
    keeper = told["process"]
    second = typed(*begin)
    assert second.exit_code == 2 and f"process {keeper} already" in second.output
    process.end(keeper, process.started_of(keeper), hard=True)
    until(lambda: not journal.file.rows("SELECT 1 FROM runs WHERE ended = ''"))  # its run sees that, and ends by itself
    before = len(journal.slots("strategy"))
    assert typed(*begin).exit_code == 0
    until(lambda: len(journal.slots("strategy")) > before + 2)
    assert typed("start", strategy, "--data", "us_stocks", "--cash", "5").exit_code == 2  # it was deployed with another amount
    done = typed("stop", "strategy")
    assert done.exit_code == 0 and "has ended" in done.output
    assert journal.deployment("strategy").state == "stopped"
    done = typed("check", "strategy", "--json")
    assert done.exit_code == 0 and json.loads(done.stdout)["difference"] == ""


def test_the_command_for_the_background_is_one_that_a_shell_has(workspace):
    done = subprocess.run(
        [sys.executable, "-c", "from hidden_regime.cli.start import main; main()", "live", "--help"],
        capture_output=True, text=True, env={**os.environ, "COLUMNS": "200"}, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and "panic" in done.stdout
