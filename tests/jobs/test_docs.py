"""The page on campaigns as one story: its commands, in their order, in one folder, print what it says."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

from typer.testing import CliRunner

from hidden_regime.cli.jobs import jobs_app
from hidden_regime.jobs import read_campaign

PAGE = Path(__file__).resolve().parents[2] / "docs" / "campaigns.md"
MATCHES = doctest.OutputChecker().check_output


def blocks(kind):
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_page_is_a_story_that_happens(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "crossing.py").write_text(next(block for block in blocks("python") if block.startswith("from Algorithm")))
    tables = blocks("toml")
    campaign = tmp_path / "crossings.toml"
    campaign.write_text(tables[0])
    story = [step for block in blocks("console") for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    assert len(story) == 5
    for number, step in enumerate(story):
        command, _, expected = step.partition("\n")
        if number == 2:  # the page says: with that in the file, and another method
            campaign.write_text(campaign.read_text().replace('"grid"', '"euler"') + tables[2])
        program, group, *arguments = shlex.split(command)
        assert (program, group) == ("hidden-regime", "jobs")
        done = CliRunner(env={"COLUMNS": "400"}).invoke(jobs_app, arguments)
        assert done.exit_code == (3 if number == 2 else 0), done.output
        shown = re.sub(r"[ \t]+$", "", done.output, flags=re.MULTILINE)
        assert MATCHES(expected, shown, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE), f"{command}\n{shown}"


def test_the_settings_that_it_shows_are_settings(tmp_path):
    (tmp_path / "c.toml").write_text(blocks("toml")[1].replace("[target]", 'name = "c"\n[target]') + (
        '[[hypothesis]]\nname = "h"\nstrategy = "lean/crossing"\n'))  # fmt: skip
    target = read_campaign(tmp_path / "c.toml").target
    assert (target.baseline, target.optimise, target.validate) == ("embedded", "cloud", "lean")


def test_the_examples_run():
    assert doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE).failed == 0
