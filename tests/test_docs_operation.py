"""The page on running every day as one story: its commands, in their order, in one folder, print what it says."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

from typer.testing import CliRunner

from hidden_regime.cli.main import app
from hidden_regime.operation.deploying import deploy
from hidden_regime.operation.journal import journal_of
from hidden_regime.quantconnect.guards.rules import KINDS, Rules, read_rules
from tests.operation.strategies import TURNING
from tests.operation.worlds import NOW, WALL, strategy_at
from tests.test_docs_cloud import MATCHES

PAGE = Path(__file__).resolve().parents[1] / "docs" / "operation.md"
TEXT = PAGE.read_text(encoding="utf-8")
RULES = re.search(r"```toml\n(.*?)```", TEXT, re.DOTALL)[1]


def steps():
    for block in re.findall(r"^```console\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def test_the_page_is_a_story_that_happens(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    told = list(steps())
    assert len(told) >= 8
    for command, expected in told:
        program, *arguments = shlex.split(command)
        assert program == "hidden-regime"
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, f"{command}\n{done.output}"
        shown = re.sub(r"[ \t]+$", "", done.output, flags=re.MULTILINE)
        assert MATCHES(expected, shown, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE), f"{command}\n{shown}"


def test_its_rules_are_rules_and_all_of_them_are_told():
    assert len(Rules(read_rules(RULES)["guards"])) == 4
    assert set(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)) >= set(KINDS)


def test_its_service_begins_a_command_that_exists(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = shlex.split(re.search(r"ExecStart=\S+/hidden-regime (.*)", TEXT)[1])
    journal = journal_of(tmp_path)
    made = deploy(journal, "momentum", strategy_at(tmp_path / "mine", TURNING, "momentum.py"), data="us_stocks", now=NOW, at=WALL,
                  start=NOW.date().replace(year=2012), speed=1e12)  # fmt: skip
    assert made.name == arguments[2]
    # It is there, on other data than the unit names: which is told, and nothing is begun.
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 2 and "--data" in done.output
