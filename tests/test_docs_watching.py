"""The page on watching as one story: its commands, in their order, in one folder, print what it says."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

from scipy.stats import binom
from typer.testing import CliRunner

from hidden_regime.cli.main import app
from hidden_regime.operation.drift.monitor import LOOK_RATE
from hidden_regime.operation.drift.returns import RATE
from tests.operation.drift.test_false_alarms import REGIMES, STATED
from tests.test_docs_cloud import MATCHES

PAGE = Path(__file__).resolve().parents[1] / "docs" / "watching.md"
TEXT = PAGE.read_text(encoding="utf-8")


def steps():
    for block in re.findall(r"^```console\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def test_the_page_is_a_story_that_happens(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    told = list(steps())
    assert len(told) >= 8
    for command, expected in told:
        program, *arguments = shlex.split(command)
        assert program == "hidden-regime"
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, f"{command}\n{done.output}"
        shown = re.sub(r"[ \t]+$", "", done.output, flags=re.MULTILINE)
        assert MATCHES(expected, shown, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE), f"{command}\n{shown}"


def test_it_states_the_rates_that_the_tests_hold():
    assert f"{RATE:.0%} of years" in TEXT and f"{LOOK_RATE:.0%} of looks" in TEXT
    rows = re.findall(r"^\| (?:days|regimes) .*\|$", TEXT, re.MULTILINE)
    measured = [[float(one) / 100 for one in re.findall(r"(\d+\.\d)%", row)] for row in rows]
    assert [len(one) for one in measured] == [3, 3, 2]
    for (_, year, look), (own, *distances) in zip(STATED.values(), measured, strict=False):
        assert own <= _most(year) and max(distances) <= _most(look)
    assert max(measured[2]) <= _most(REGIMES)


def _most(rate):
    """What a test that keeps its rate comes to over 1,000 series, but for one run of a thousand."""
    return binom.ppf(0.999, 1000, rate) / 1000
