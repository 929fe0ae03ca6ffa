"""The page on learning as one story: its commands, in their order, in one folder, print what it says."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

from typer.testing import CliRunner

from hidden_regime.cli.main import app

PAGE = Path(__file__).resolve().parents[1] / "docs" / "learning.md"
MATCHES = doctest.OutputChecker().check_output


def test_the_page_is_a_story_that_happens(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")
    text = PAGE.read_text(encoding="utf-8")
    (tmp_path / "model.toml").write_text(re.search(r"^```toml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)[1])
    told = 0
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, expected = part.partition("\n")
            program, *arguments = shlex.split(command)
            assert program == "hidden-regime"
            done = CliRunner().invoke(app, arguments)
            assert done.exit_code == 0, f"{command}\n{done.output}"
            shown = re.sub(r"[ \t]+$", "", done.output, flags=re.MULTILINE)
            assert MATCHES(expected, shown, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE), f"{command}\n{shown}"
            told += 1
    assert told == 8
