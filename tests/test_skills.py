"""Skills for assistants: each says when, how and what not; every command that it names runs; no phrase belongs to two."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hidden_regime.cli.main import app
from hidden_regime.cloud.fake import FakeCloud
from tests.assistants.strategy import CROSSING

ROOT = Path(__file__).resolve().parents[1]
SKILLS = sorted((ROOT / "skills").glob("*/SKILL.md"))
PARTS = ("## When to use it", "## What it does", "## What it must not do")
NAMES = {"backtest-runner", "data-manager", "next-step", "optimiser", "validator"}


def commands(text):
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield from (line[2:] for line in block.splitlines() if line.startswith("$ "))


def phrases(text):
    part = text.split(PARTS[0])[1].split("## ")[0]
    return re.findall(r'^- "(.+)"$', part, re.MULTILINE)


def test_there_are_the_skills_that_the_documents_name():
    assert {path.parent.name for path in SKILLS} == NAMES


@pytest.mark.parametrize("path", SKILLS, ids=lambda path: path.parent.name)
def test_a_skill_says_when_how_and_what_not(path):
    text = path.read_text(encoding="utf-8")
    head = re.match(r"---\nname: (.+)\ndescription: (.+)\n---\n", text)
    assert head is not None and head[1] == path.parent.name and 20 < len(head[2]) < 300
    places = [text.index(part) for part in PARTS]
    assert places == sorted(places)
    assert len(phrases(text)) >= 4 and len(list(commands(text))) >= 4


def test_no_phrase_belongs_to_two_skills():
    told = [phrase for path in SKILLS for phrase in phrases(path.read_text(encoding="utf-8"))]
    assert len(told) == len({phrase.lower().strip("?.! ") for phrase in told})


def test_none_tells_to_raise_limits_or_to_pay_by_itself():
    for path in SKILLS:
        for command in commands(path.read_text(encoding="utf-8")):
            assert "--pay" not in command and "--set" not in command and "--force" not in command


@pytest.mark.parametrize("path", SKILLS, ids=lambda path: path.parent.name)
def test_every_command_runs(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HIDDEN_REGIME_STATE", str(tmp_path / "state"))
    (tmp_path / "crossing").mkdir()
    (tmp_path / "crossing" / "main.py").write_text(CROSSING)
    text = path.read_text(encoding="utf-8")
    with FakeCloud(tmp_path / "cloud") as cloud:
        for name, value in (("QC_API_URL", cloud.url), ("QC_USER_ID", "1"), ("QC_API_TOKEN", "practice")):
            monkeypatch.setenv(name, value)
        for command in commands(text):
            program, *arguments = shlex.split(command)
            assert program == "hidden-regime"
            done = CliRunner().invoke(app, arguments)
            assert done.exit_code == 0, f"{command}\n{done.output}"
