"""The page on QuantConnect as one story: its commands, in their order, in one folder, print what it says."""

from __future__ import annotations

import doctest
import os
import re
import shlex
from contextlib import ExitStack
from pathlib import Path

from typer.testing import CliRunner

from hidden_regime.cli.main import app
from hidden_regime.cloud.fake import FakeCloud
from hidden_regime.local_lean import StubDocker

PAGE = Path(__file__).resolve().parents[1] / "docs" / "quantconnect.md"
LEAN_PYTHON = "HIDDEN_REGIME_LEAN_CLI"
MATCHES = doctest.OutputChecker().check_output


def steps():
    """Commands of the page with the output below each."""
    text = PAGE.read_text(encoding="utf-8")
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def test_the_page_is_a_story_that_happens(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HIDDEN_REGIME_STATE", str(tmp_path / "state"))
    strategy = re.search(r"```python\n(from AlgorithmImports.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1]
    (tmp_path / "lean" / "crossing").mkdir(parents=True)
    (tmp_path / "lean" / "crossing" / "main.py").write_text(strategy)
    told = list(steps())
    assert len(told) > 8
    with ExitStack() as stack:
        server = None
        for command, expected in told:
            program, *arguments = (word for part in shlex.split(command) for word in _globbed(part))
            assert program == "hidden-regime"
            if arguments[:2] == ["qc", "serve"]:
                server = stack.enter_context(FakeCloud(tmp_path / "cloud", data=arguments[-1]))
                for name, value in (("QC_API_URL", server.url), ("QC_USER_ID", "1"), ("QC_API_TOKEN", "practice")):
                    monkeypatch.setenv(name, value)
                continue
            if arguments[:2] == ["lean", "backtest"]:
                if LEAN_PYTHON not in os.environ:
                    return  # the rest needs lean-cli in an environment of its own, which CI makes
                _local_lean(stack, tmp_path, monkeypatch)
            done = CliRunner().invoke(app, arguments)
            assert done.exit_code == 0, f"{command}\n{done.output}"
            port = server.url.split(":")[2].split("/")[0] if server else "5612"
            shown = re.sub(r"[ \t]+$", "", done.output.replace(f"127.0.0.1:{port}", "127.0.0.1:5612"), flags=re.MULTILINE)
            assert MATCHES(expected, shown, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE), f"{command}\n{shown}"
    assert server is not None and server.faults.told() == []


def _globbed(word):
    return sorted(map(str, Path().glob(word))) if "*" in word else [word]


def _local_lean(stack, folder, monkeypatch):
    """LEAN's command line with the stand-in for Docker."""
    socket = stack.enter_context(StubDocker()).host
    monkeypatch.setenv("DOCKER_HOST", socket)
    monkeypatch.setenv("LEAN_CLI", str(Path(os.environ[LEAN_PYTHON]).parent / "lean"))
    monkeypatch.setenv("HOME", str(folder / "home"))
    (folder / "home").mkdir()
