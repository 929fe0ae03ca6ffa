"""How the command ends before its time, and what it makes of empty paths and of texts that would steer a terminal."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from hidden_regime import __version__
from hidden_regime.cli.main import app
from hidden_regime.exceptions import ParameterError
from hidden_regime.files.paths import given_path

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "hidden_regime"]
ENV = os.environ | {"PYTHONPATH": str(ROOT)}
SLOW = """from AlgorithmImports import *
import time


class Slow(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2005, 1, 3)
        self.set_end_date(2012, 12, 30)
        self.add_equity("MSFT", Resolution.DAILY)
        self.hang = self.get_parameter("hang", 0)

    def on_data(self, data):
        if not self.portfolio.invested:
            self.set_holdings("MSFT", 1)
        elif len(list(self.transactions.get_orders())):
            open("traded", "w").close()
            time.sleep(0.01)
            while self.hang:
                time.sleep(0.01)
"""


@pytest.fixture
def running(tmp_path):
    """Starts a backtest and gives its process once it has traded."""
    (tmp_path / "slow.py").write_text(SLOW, encoding="utf-8")

    def start(*arguments):
        command = [*COMMAND, "backtest", "slow.py", "--data", "us_stocks", "--out", "out", *arguments]
        process = subprocess.Popen(command, cwd=tmp_path, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while process.poll() is None and not (tmp_path / "traded").exists():
            time.sleep(0.02)
        assert process.poll() is None, process.communicate()
        return process

    return start


@pytest.mark.parametrize("came", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_ended_keeps_what_it_came_to(tmp_path, running, came):
    process = running("--quiet")
    process.send_signal(came)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (128 + came, "")
    assert err == f"stopped by {came.name}: what it came to is in out.\n"
    assert {"orders.csv", "equity.csv", "report.html", "slow.json"} <= {path.name for path in (tmp_path / "out").iterdir()}
    assert len(pd.read_csv(tmp_path / "out" / "orders.csv")) == 1
    assert pd.read_csv(tmp_path / "out" / "equity.csv")["date"].iloc[-1] < "2012"


def test_a_run_that_does_not_come_to_the_end_of_its_day_is_ended_by_a_second_signal(tmp_path, running):
    process = running("-p", "hang=1", "--quiet")
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (130, "")
    assert err == "stopped by SIGINT: no file is left half written.\n"
    assert list((tmp_path / "out").iterdir()) == []


EARLY = """
import os, signal, sys
sys.argv = ["hidden-regime", *sys.argv[2:]]
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == WHEN:
            os.kill(os.getpid(), signal.SIGTERM)
WHEN = "%s"
sys.meta_path.insert(0, Finder())
from hidden_regime.cli.start import main
main()
"""


@pytest.mark.parametrize("module", ["hidden_regime.cli.main", "rich", "hidden_regime.simulator.run"])
def test_a_signal_during_imports_is_one_line_too(tmp_path, module):
    done = subprocess.run(
        [sys.executable, "-c", EARLY % module, "-", "backtest", "basic_regime_switching", "--data", "us_stocks", "--quiet"], cwd=tmp_path,
        env=ENV, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 143
    assert done.stdout == ""
    assert done.stderr.startswith("stopped by SIGTERM: ")
    assert done.stderr.count("\n") == 1


def test_a_signal_that_is_ignored_stays_so(tmp_path):
    code = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)" + EARLY.replace("SIGTERM", "SIGHUP") % "typer"
    done = subprocess.run([sys.executable, "-c", code, "-", "--version"], cwd=tmp_path, env=ENV, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"hidden-regime {__version__}\n", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["data", "list"], ["data", "info", "sp500"]])
def test_an_output_that_takes_no_more_is_one_line(arguments):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([*COMMAND, *arguments], env=ENV, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("error: the output")
    assert "No space left on device" in done.stderr
    assert done.stderr.count("\n") == 1


def test_whoever_closes_the_output_has_seen_enough():
    with subprocess.Popen([*COMMAND, "--help"], env=ENV, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        assert process.stderr.read() == ""


EMPTY = [
    (["backtest", ""], "STRATEGY"), (["backtest", "basic_regime_switching", "--out", ""], "--out"), (["detect", ""], "data"),
    (["backtest", "basic_regime_switching", "--store", ""], "--store"), (["backtest", "basic_regime_switching", "--data", ""], "data"),
    (["detect", "ibm", "--out", ""], "--out"), (["detect", "ibm", "--plot", " "], "--plot"), (["data", "info", ""], "data"),
    (["data", "check", ""], "FOLDER"), (["data", "to-lean", "ibm", ""], "OUT"), (["data", "to-lean", "", "out"], "FILES"),
    (["data", "to-lean", "ibm", "out", "--events", ""], "--events"), (["bundle", "basic_regime_switching", ""], "OUT"),
    (["bundle", "", "out"], "STRATEGY"), (["cache", "info", ""], "WHERE"), (["cache", "clear", "", "--yes"], "WHERE"),
    (["lean-check", ""], "TARGET"), (["benchmark", "--quick", "--out", ""], "--out"), (["benchmark", "compare", "", "x"], "OLD"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "name"), EMPTY, ids=lambda value: " ".join(value) if isinstance(value, list) else value)
def test_an_empty_path_is_not_the_working_folder(tmp_path, monkeypatch, arguments, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.py").write_text("raise SystemExit('ran')", encoding="utf-8")
    out = CliRunner().invoke(app, arguments)
    assert out.exit_code == 2, out.output
    assert out.output.startswith(f"error: {name} = ")
    assert out.output.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["main.py"]


@pytest.mark.parametrize("given", ["", "  ", "a\0b", "x" * 300, "a/" + "é" * 200, None, 3])
def test_paths_that_cannot_be(given):
    with pytest.raises(ParameterError, match="where = "):
        given_path("where", given)
    assert given_path("where", ".") == Path()
    assert given_path("where", "é" * 127) == Path("é" * 127)


def test_names_in_files_neither_colour_nor_steer_the_terminal(tmp_path):
    names = ["[red]A[/]", "\x1b[31mB", "C[/x]", "D\x07\x1b]0;title\x07"]
    days = pd.bdate_range("2015-01-01", periods=300)
    frames = [pd.DataFrame({"date": days, "ticker": name, "close": range(1, 301)}) for name in names]
    pd.concat(frames).to_csv(tmp_path / "o[-]2.csv", index=False)
    for arguments in (["data", "info"], ["detect"], ["detect", "--asset", names[0]]):
        out = CliRunner().invoke(app, [*arguments, str(tmp_path / "o[-]2.csv")])
        assert "Traceback" not in out.output
        assert out.exit_code in (0, 2)
        assert "\x1b" not in out.output
        assert "\x07" not in out.output
    info = CliRunner().invoke(app, ["data", "info", str(tmp_path / "o[-]2.csv")], env={"COLUMNS": "400"}).output
    assert "[RED]A[/]" in info
    assert "\\x1b[31MB" in info
    assert "o[-]2.csv: file" in info


def test_results_are_named_as_they_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    out = CliRunner().invoke(app, ["detect", "ibm", "--out", "o[/]2/x.csv", "--plot", "[spy] y.html"], env={"COLUMNS": "400"})
    assert out.exit_code == 0, out.output
    assert "Regimes in o[/]2/x.csv.\n" in out.output
    assert "Picture in [spy] y.html.\n" in out.output
    assert (tmp_path / "o[/]2" / "x.csv").exists()


def prints(tree: ast.AST) -> list[int]:
    """Lines that print text which may come from outside in another way than by `say` and `said`."""
    found = []
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        owner, name = ast.unparse(call.func.value), call.func.attr
        direct = owner == "typer" and name in ("echo", "secho")
        marked = name == "print" and any(
            isinstance(n, ast.FormattedValue) and not _is_number(n) for a in call.args for n in _own(a)
        )
        if direct or marked:
            found.append(call.lineno)
    return found


def _own(node: ast.AST) -> list[ast.AST]:
    """What stands in an argument outside of `said(...)`."""
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("said"):
        return []
    return [node, *(inner for child in ast.iter_child_nodes(node) for inner in _own(child))]


def _is_number(node: ast.FormattedValue) -> bool:
    """Whether a value is shown by a format of numbers or times, or is a count of the run's own."""
    return node.format_spec is not None or ast.unparse(node.value) in ("done.trainings", "share")


@pytest.mark.parametrize("path", sorted((ROOT / "hidden_regime" / "cli").glob("*.py")), ids=lambda path: path.name)
def test_every_text_is_printed_by_what_makes_it_plain(path):
    found = prints(ast.parse(path.read_text(encoding="utf-8")))
    assert len(found) == (1 if path.name == "messages.py" else 0)


def test_a_print_of_text_from_outside_would_be_found():
    source = "typer.echo(x)\nconsole.print(f'{a}')\nconsole.print(said(f'{a}'))\nconsole.print(f'{a:.2f}')\nsay(f'{a}')\n"
    assert prints(ast.parse(source)) == [1, 2]
