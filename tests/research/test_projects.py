"""Projects of LEAN's command line: `lean backtest` passes the parameters of config.json on, and mounts its libraries."""

from __future__ import annotations

import json
import sys

import pytest
from typer.testing import CliRunner

from hidden_regime.cli.main import app
from hidden_regime.exceptions import RegimeWarning, UnknownStrategyError
from hidden_regime.research import projects, strategies

SOURCE = """from AlgorithmImports import *
{top}

class S(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2010, 3, 1)
        self.set_end_date(2010, 3, 2)
        self.add_equity("IBM", Resolution.DAILY)
        self.log("lookback=" + str(self.get_parameter("lookback", 1)))
        {more}
"""


def call(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with a config.json, in the folder in which the command is called."""
    monkeypatch.chdir(tmp_path)

    def make(config, top="", more="pass"):
        folder = tmp_path / "Strategies" / "Mine"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "main.py").write_text(SOURCE.format(top=top, more=more))
        (folder / "config.json").write_text(config if isinstance(config, str) else json.dumps(config))
        return folder

    return make


def test_parameters_of_a_project_and_those_of_the_command(project, tmp_path):
    folder = project({"algorithm-language": "Python", "parameters": {"lookback": 42}})
    log = tmp_path / "results" / "Mine" / "Mine-log.txt"
    for strategy, more, said in ((folder, [], "42"), (folder / "main.py", ["-p", "lookback=7"], "7")):
        out = call("backtest", strategy, "--no-report", *more)
        assert out.exit_code == 0, out.output
        assert "warning" not in out.output
        assert f"lookback={said}\n" in log.read_text()


def test_libraries_of_a_project(project, tmp_path):
    library = tmp_path / "Library" / "MyLibrary"
    library.mkdir(parents=True)
    (library / "tools.py").write_text("ANSWER = 'from the library'\n")
    config = {"parameters": {}, "libraries": [{"name": "Library/MyLibrary", "path": "Library/MyLibrary"}]}
    folder = project(config, "from MyLibrary.tools import ANSWER", "self.log(ANSWER)")
    out = call("backtest", folder, "--no-report")
    assert out.exit_code == 0, out.output
    assert "from the library" in (tmp_path / "results" / "Mine" / "Mine-log.txt").read_text()
    assert "MyLibrary.tools" not in sys.modules
    assert str(library.parent) not in sys.path


def test_what_is_no_project(project, tmp_path):
    folder = project('{"parameters": ')
    with pytest.warns(RegimeWarning, match=r"config\.json isn't read"):
        assert projects.parameters(folder / "main.py") == {}
    folder = project({"libraries": [{"name": "Library/None"}]})
    with pytest.warns(RegimeWarning, match="names a library 'Library/None'"), projects.libraries(folder / "main.py"):
        pass
    with pytest.raises(UnknownStrategyError, match=r"expected a main\.py in this folder"):
        strategies.find_strategy(str(tmp_path))


def test_unknown_templates_get_a_suggestion():
    with pytest.raises(UnknownStrategyError, match="Did you mean sector_rotation"):
        strategies.find_strategy("sector_rotatoin")


@pytest.mark.parametrize("base", ["QCAlgorithm", "HiddenRegimeAlgorithm"])
def test_names_of_leans_without_their_import(tmp_path, monkeypatch, base):
    monkeypatch.chdir(tmp_path)
    ours = "from hidden_regime.quantconnect import HiddenRegimeAlgorithm\n" if base != "QCAlgorithm" else ""
    body = f"class S({base}):\n    def initialize(self):\n        self.add_equity('IBM', Resolution.DAILY)\n"
    (tmp_path / "mine.py").write_text(f"# from AlgorithmImports import *\n{ours}\n{body}")
    out = call("backtest", "mine.py", "--no-report")
    assert out.exit_code == (1 if ours else 2)
    name = "Resolution" if ours else "QCAlgorithm"
    said = f"{name} comes with LEAN's names, which mine.py doesn't import: write `from AlgorithmImports import *` at its top."
    assert said in out.output
    assert "Statistics" not in out.output


def test_a_ticker_that_a_packaged_set_lacks(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(SOURCE.format(top="", more="self.add_equity('SPY', Resolution.DAILY)"))
    out = call("backtest", "mine.py")
    assert out.exit_code == 2
    for words in ("SPY is not in us_stocks: it has AAPL, IBM, MSFT, SP500.", "with --data", "lean init"):
        assert words in out.output
    assert "-p" not in out.output
