"""The page on notebooks as one story: its cells become notebooks, and its commands print what it says."""

from __future__ import annotations

import doctest
import json
import re
import shlex
from pathlib import Path

from typer.testing import CliRunner

from hidden_regime.cli.main import app
from hidden_regime.cli.notebooks import notebook_app
from tests.notebooks.conftest import notebook_of
from tests.notebooks.test_running import NEEDS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "notebooks_that_run.md"
MATCHES = doctest.OutputChecker().check_output


def cells_of(block):
    for tag, source in re.findall(r"^# %%(.*)\n((?:(?!# %%).*\n)*)", block, re.MULTILINE):
        yield (tag.strip() or "code", source.strip())


@NEEDS
def test_the_page_is_a_story_that_happens(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text(encoding="utf-8")
    # In tildes, for it takes notebooks to run them: those of the other pages are run as they stand.
    blocks = re.findall(r"^~~~python\n(.*?)^~~~$", text, re.MULTILINE | re.DOTALL)
    books = [block for block in blocks if block.startswith("# %%")]
    for name, block in zip(("research", "wrong"), books, strict=True):
        (tmp_path / f"{name}.ipynb").write_text(json.dumps(notebook_of(*cells_of(block))), encoding="utf-8")
    names: dict = {}
    exec(next(block for block in blocks if "run_notebook" in block), names)
    assert names["found"].status == "completed" and names["again"] == names["found"]
    commands = re.findall(r"^\$ (.*)\n((?:(?!\$ |```).*\n)*)", text, re.MULTILINE)
    assert len(commands) > 5
    for command, output in commands:
        program, *arguments = shlex.split(command)
        assert program == "hidden-regime"
        is_ours = arguments[0] == "notebook"
        done = CliRunner().invoke(notebook_app if is_ours else app, arguments[1:] if is_ours else arguments)
        fails = "error:" in output
        assert done.exit_code == fails, f"{command}\n{done.output}"
        assert MATCHES(output, done.output, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE), f"{command}\n{done.output}"
