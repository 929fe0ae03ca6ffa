"""The `optimize`, `walk-forward` and `report` commands: what they write, print and return, and that no end of theirs is the last."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hidden_regime.cache.stores.folder import FolderStore
from hidden_regime.cli.main import app
from hidden_regime.experiments import run_strategy
from hidden_regime.experiments.folders import to_json
from hidden_regime.experiments.studies import journal as journal_module
from hidden_regime.experiments.studies.journal import opened
from tests.experiments.small import HOLD, PLANTED, ran, three_years, without_pages, write_prices, write_strategy
from tests.experiments.studies.test_folder import check_study

ROOT = Path(__file__).parents[2]
SPACE = ["-p", "fast=25:45:10", "-p", "share=0.02:0.06:0.02"]
TOML = '[parameters]\nfast = "25:45:10"\nshare = "0.02:0.06:0.02"\n[objective]\ntarget = "Score"\n'
SLOW = PLANTED.replace(
    "    def on_data", "    def on_end_of_day(self, symbol):\n        __import__('time').sleep(0.004)\n\n    def on_data"
)
"""A trial of it takes a tenth of a second, so that a signal comes in the middle of one."""


@pytest.fixture
def full_home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HIDDEN_REGIME_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "400")
    write_prices(tmp_path)
    write_strategy(tmp_path)
    (tmp_path / "planted.space.toml").write_text(TOML, encoding="utf-8")
    return tmp_path


@pytest.fixture
def home(full_home, monkeypatch):
    """The same for tests that look at no page."""
    without_pages(monkeypatch)
    return full_home


def call(*arguments, command="optimize", strategy="planted.py"):
    usual = ["--data", "prices.csv", "--workers", "1", "--method", "grid"]
    return CliRunner().invoke(app, [command, strategy, *usual, *map(str, arguments)])


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_it_searches_and_writes_and_says_so(full_home):
    out = call("--out", "out")
    assert out.exit_code == 0, out.output
    assert {
        "study.json",
        "trials.parquet",
        "returns.parquet",
        "config.json",
        "optimizer-config.json",
        "report.html",
        "journal.log",
        "timing.json",
    } == names(full_home / "out")
    assert "planted: 9 trials by grid, max Score" in out.output
    for words in ("tries has", "by luck", "Study in out. Open out/report.html in a browser."):
        assert words in out.output
    rows = [line.split() for line in out.output.splitlines() if line.strip()[:1].isdigit()]
    assert rows[0][:4] == ["4", "35", "0.04", "100"]
    assert "Traceback" not in out.output


def test_the_default_folder_is_named_after_strategy_and_study(home):
    assert call().exit_code == 0
    (folder,) = (home / "results").iterdir()
    told = json.loads((folder / "study.json").read_text(encoding="utf-8"))
    assert folder.name == f"planted-optimize-{told['optimization_id'][:8]}"
    assert names(home / "cache") >= {"trials"}


def test_json_is_the_study_and_nothing_else(home):
    out = call("--out", "out", "--json")
    told = json.loads(out.stdout)
    assert told.pop("folder") == "out"
    check_study(told)
    assert to_json(told) == (home / "out" / "study.json").read_text(encoding="utf-8")


def test_quiet_prints_nothing(home):
    out = call("--out", "out", "--quiet")
    assert (out.exit_code, out.output, out.stderr) == (0, "", "")
    assert (home / "out" / "study.json").exists()


def test_the_list_has_names_types_defaults_and_what_would_be_varied(home):
    out = call("--list", "-p", "word=[red]said[/]")
    assert out.exit_code == 0, out.output
    rows = {line.split()[0]: line.split() for line in out.output.splitlines() if line.strip()}
    assert rows["parameter"] == ["parameter", "type", "default", "given", "varied"]
    assert rows["fast"] == ["fast", "whole", "number", "20", "25:45:10"]
    assert rows["share"] == ["share", "number", "0.05", "0.02:0.06:0.02"]
    assert rows["word"] == ["word", "text", "none", "[red]said[/]"]
    assert ran(home / "planted.py") == []
    assert not (home / "results").exists()


def test_a_backtest_with_the_best_repeats_the_figures(home):
    assert call("--out", "out").exit_code == 0
    best = json.loads((home / "out" / "study.json").read_text(encoding="utf-8"))
    usual = ["backtest", "planted.py", "--data", "prices.csv", "--out", "single", "--no-report", "--json"]
    for given in (
        ["--config", "out/config.json"],
        [part for pair in best["best_params"].items() for part in ("-p", "=".join(pair))],
    ):
        out = CliRunner().invoke(app, [*usual, *given])
        assert out.exit_code == 0, out.output
        assert json.loads(out.stdout)["statistics"] == best["best_metrics"]
    assert run_strategy("planted.py", "prices.csv", parameters=best["best_params"]).texts == best["best_metrics"]


def test_no_best_is_exit_1_with_the_first_error(home):
    for arguments in ((), ("--quiet",), ("--json",)):
        out = call("--vary", "word=crash", "--out", "out", *arguments)
        assert out.exit_code == 1
        assert out.stderr.startswith("no trial may be the best: 2010-06-01 00:00:00 During the algorithm initialization")
        assert "told to crash (in planted.py: line" in out.stderr
        assert out.stderr.count("\n") == 1
        assert "Traceback" not in out.output
    assert json.loads((home / "out" / "study.json").read_text(encoding="utf-8"))["best_trial"] is None
    out = call("--constraint", "Total Orders > 99", "--out", "other")
    assert (out.exit_code, "meets the constraints" in out.output) == (1, True)


def test_a_figure_that_no_trial_has_is_told_as_that(home):
    out = call("--objective", "TotalPerformance.PortfolioStatistics.SharpRatio", "--out", "out")
    assert (out.exit_code, out.stderr.count("\n")) == (2, 1)
    assert "target = 'totalperformance.portfoliostatistics.sharpratio': expected a statistic of LEAN" in out.stderr


WRONG = [
    (["--objective", "Sharpe"], "target = 'Sharpe'.*Did you mean Sharpe Ratio?"), (["-p", "fsat=1:5:1"], "Did you mean fast?"),
    (["--vary", "fast=5.0"], "fast = '5.0': expected whole numbers without a point"), (["--start", "soon"], "--start = 'soon': expected a date"),
    (["--end", "2010-13-01"], "--end"), (["--trials", "0", "--method", "random"], "n_trials = 0"), (["--constraint", "Drawdown"], "constraint = 'Drawdown'"),
    (["--method", "magic"], "method = 'magic': expected one of grid"), (["--space", "none.toml"], "none.toml"), (["--space", "prices.csv"], "a file in TOML"),
    (["--optimizer-config", "prices.csv"], "prices.csv"), (["--data", "nowhere"], "data 'nowhere'"), (["--workers", "0"], "workers = 0"),
    (["--backend", "x"], "backend = 'x'"), (["--cash", "-5"], "cash = -5"), (["--start", "2010-06-30", "--end", "2010-06-01"], "start 2010-06-30 is after"),
    (["--out", ""], "--out = ''"), (["--out", "prices.csv"], "prices.csv"), (["-p", "fast"], "-p = 'fast': expected name=value"),
    (["--seed", "-1"], "seed = -1"), (["--batch", "0"], "batch = 0"), (["--target", "nan"], "value"), (["--objective", "[red]x[/]"], r"\[red\]x\[/\]"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "told"), WRONG, ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_what_is_wrong_is_one_line_and_exit_2(home, arguments, told):
    import re

    out = call(*arguments)
    assert out.exit_code == 2, out.output
    assert out.stdout == ""
    assert re.search(f"^error: .*{told}", out.stderr), out.stderr
    assert out.stderr.count("\n") == 1
    assert ran(home / "planted.py") == []
    assert not (home / "results").exists()


def test_nothing_to_vary_is_told_with_what_to_do(home):
    (home / "planted.space.toml").unlink()
    out = call()
    assert out.exit_code == 2
    assert "expected at least one parameter to vary, such as -p fast=10:50:5" in out.stderr
    assert "hidden-regime optimize planted.py --list prints what it reads" in out.stderr


def test_hostile_texts_are_printed_as_they_are(full_home):
    words = ["[red]bad[/]", "[/x]", "\x1b[31mred", "<b>é</b>"]
    (full_home / "own.toml").write_text(
        "[parameters]\nword = " + json.dumps(words) + '\n[objective]\ntarget = "Score"\n', encoding="utf-8")  # fmt: skip
    out = call("--space", "own.toml", "--out", "o[/]ut")
    assert out.exit_code == 0, out.output
    assert "\x1b" not in out.output
    for word in ("[red]bad[/]", "[/x]", "\\x1b[31mred", "<b>é</b>", "Study in o[/]ut."):
        assert word in out.output
    told = json.loads((full_home / "o[/]ut" / "study.json").read_text(encoding="utf-8"))
    assert [trial["parameters"]["word"] for trial in told["trials"]] == words
    page = (full_home / "o[/]ut" / "report.html").read_text(encoding="utf-8")
    assert "<b>é</b>" not in page


def test_the_page_is_made_again_byte_for_byte(full_home):
    assert call("--out", "out").exit_code == 0
    before = (full_home / "out" / "report.html").read_bytes()
    (full_home / "out" / "report.html").unlink()
    out = CliRunner().invoke(app, ["report", "out"])
    assert (out.exit_code, out.output) == (0, "Page in out/report.html.\n")
    assert (full_home / "out" / "report.html").read_bytes() == before
    assert CliRunner().invoke(app, ["report", "out", "--out", "deep/page.html"]).exit_code == 0
    assert (full_home / "deep" / "page.html").read_bytes() == before


@pytest.mark.parametrize(
    ("folder", "told"), [("nowhere", "FOLDER = 'nowhere'"), ("empty", "holds no study.json"), ("prices.csv", "FOLDER")]
)
def test_a_page_of_nothing_is_told(home, folder, told):
    (home / "empty").mkdir()
    out = CliRunner().invoke(app, ["report", folder])
    assert (out.exit_code, out.stderr.count("\n")) == (2, 1)
    assert told in out.stderr
    assert names(home / "empty") == set()


def test_the_best_goes_into_the_projects_config_and_the_same_command_goes_on(home):
    write_strategy(home / "project", PLANTED, "main.py")
    (home / "project" / "main.space.toml").write_text(TOML, encoding="utf-8")
    (home / "project" / "config.json").write_text(
        '{"local-id": 7, "parameters": {"word": "kept", "fast": "20"}}', encoding="utf-8"
    )
    found = []
    for _ in range(2):
        out = call("--write-config", "--out", "out", strategy="project")
        assert out.exit_code == 0, out.output
        config = json.loads((home / "project" / "config.json").read_text(encoding="utf-8"))
        assert config == {"local-id": 7, "parameters": {"word": "kept", "fast": "35", "share": "0.04"}}
        found.append((home / "out" / "study.json").read_bytes())
    assert found[0] == found[1]
    assert len(ran(home / "project" / "main.py")) == 9


def test_a_shipped_template_has_no_config_to_write(home):
    out = CliRunner().invoke(app, ["optimize", "basic_regime_switching", "--write-config", "--workers", "1", "--out", "out"])
    assert out.exit_code == 2
    assert "--write-config" in out.stderr
    assert not (home / "out").exists()


def test_another_study_and_another_process_are_refused(home):
    assert call("--out", "out").exit_code == 0
    before = (home / "out" / "study.json").read_bytes()
    out = call("--out", "out", "--seed", "3")
    assert out.exit_code == 2
    assert "holds another study: seed was 0 and is 3. Give another folder (--out), or remove this one." in out.stderr
    head = json.loads((home / "out" / "journal.log").read_text(encoding="utf-8").splitlines()[0])
    with opened(home / "out", head["study"]):
        out = call("--out", "out")
    assert out.exit_code == 2
    assert "another process works on this study" in out.stderr
    assert (home / "out" / "study.json").read_bytes() == before


@pytest.mark.parametrize("place", ["store", "journal", "files"])
def test_a_full_disk_is_one_line_and_the_same_command_goes_on(home, monkeypatch, place):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    from hidden_regime.files import whole

    owner, name = {"store": (FolderStore, "put"), "journal": (journal_module.os, "fsync"), "files": (whole, "encoded")}[place]
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, full)
        out = call("--out", "out")
    assert out.exit_code == 2
    assert out.stderr.count("\n") == 1
    assert "No space left on device" in out.stderr
    assert names(home / "out") == {"journal.log"}
    assert call("--out", "out").exit_code == 0
    assert call("--out", "fresh", "--store", "fresh").exit_code == 0
    assert (home / "out" / "study.json").read_bytes() == (home / "fresh" / "study.json").read_bytes()


def test_a_target_ends_it(home):
    assert call("--objective", "Total Orders", "--target", "1", "--out", "out").exit_code == 0
    told = json.loads((home / "out" / "study.json").read_text(encoding="utf-8"))
    assert (told["ended"], told["n_trials"]) == ("target", 1)


def test_a_walk_forward_writes_prints_and_makes_its_page_again(full_home):
    write_strategy(full_home, HOLD, "hold.py")
    prices = three_years().load("SYN_MARKET").frame()
    prices.assign(ticker="SYN_MARKET").to_csv(full_home / "years.csv")
    usual = [
        "hold.py",
        "--data",
        "years.csv",
        "--start",
        "2010-01-04",
        "--end",
        "2011-12-31",
        "-p",
        "every=2:3:1",
        "--method",
        "grid",
        "--workers",
        "1",
    ]

    def walk(*arguments):
        return CliRunner().invoke(app, ["walk-forward", *usual, *arguments])

    out = walk("--out", "out")
    assert out.exit_code == 0, out.output
    assert "hold: 1 rolling windows, Sharpe Ratio" in out.output
    for words in ("2011-01-04", "Verdict: ", "Fragile: the stitched", "Study in out."):
        assert words in out.output
    page = (full_home / "out" / "report.html").read_bytes()
    (full_home / "out" / "report.html").unlink()
    assert CliRunner().invoke(app, ["report", "out"]).exit_code == 0
    assert (full_home / "out" / "report.html").read_bytes() == page
    out = walk("--out", "out", "--json")
    told = json.loads(out.stdout)
    assert told.pop("folder") == "out"
    assert told == json.loads((full_home / "out" / "windows.json").read_text(encoding="utf-8"))
    out = walk("--out", "out", "--quiet")
    assert (out.exit_code, out.output, out.stderr) == (0, "", "")
    out = walk("--out", "none", "--constraint", "Total Orders > 999")
    assert (out.exit_code, "no trial was feasible in sample" in out.output) == (1, True)
    out = walk("--is-months", "31")
    assert (out.exit_code, out.stderr.count("\n")) == (2, 1)
    assert "at most the 23 whole months of the data" in out.stderr
    assert walk("--mode", "sideways").exit_code == 2


@pytest.mark.parametrize("command", ["optimize", "walk-forward", "report"])
def test_help_has_an_example(command):
    out = CliRunner().invoke(app, [command, "--help"])
    assert (out.exit_code, "Example:" in out.output) == (0, True)


# Ends of every kind

FORKS = """
import os, random, signal, sys, time, warnings
from pathlib import Path
warnings.simplefilter("error")
from hidden_regime.experiments import Objective, optimize
import hidden_regime.research.figures, hidden_regime.experiments.honesty, pyarrow, pandas

def study(folder, store):
    return optimize("planted.py", {"fast": "10:50:5", "word": ["none", "crash", "idle"]}, data="prices.csv", method="random", n_trials=30, seed=3,
                    objective=Objective("Statistics.Score", literal=True), workers=1, store=store, out=folder)

study("whole", "store of it")
rng = random.Random(int(sys.argv[1]))
ended = killed = 0
while killed < 20 and ended < 50:
    pid = os.fork()
    if pid == 0:
        study("out", "store")
        os._exit(0)
    time.sleep(rng.uniform(0.0, 0.2))
    os.kill(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    if os.WIFSIGNALED(status):
        killed += 1
    else:
        ended += 1
        for path in (*Path("out").glob("*"), *Path("store").rglob("*.hr")):  # all over again
            if path.is_file():
                path.unlink()
assert killed == 20
study("out", "store")
print("done")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_twenty_times_at_any_moment_it_is_the_same_study(full_home):
    pytest.importorskip("pyarrow")
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", FORKS, "5"], cwd=full_home, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")
    for name in ("study.json", "journal.log", "config.json", "report.html", "trials.parquet", "returns.parquet"):
        assert (full_home / "out" / name).read_bytes() == (full_home / "whole" / name).read_bytes(), name


@pytest.fixture
def started(home):
    """Starts a search in a process group of its own, waits until it has written down some trials, and leaves none of it."""
    begun = []

    def start(*arguments):
        env = os.environ | {"PYTHONPATH": str(ROOT)}
        with open(home / "stdout", "w") as out, open(home / "stderr", "w") as err:
            process = subprocess.Popen(
                [sys.executable, "-m", "hidden_regime", *arguments], cwd=home, env=env, stdout=out, stderr=err, start_new_session=True)  # fmt: skip
        begun.append(process)
        journal = home / "out" / "journal.log"
        while process.poll() is None and not (journal.exists() and journal.read_bytes().count(b"\n") > 2):
            time.sleep(0.01)
        return process

    yield start
    for process in begun:  # workers outlive a process that is killed by some minutes
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs process groups")
@pytest.mark.parametrize(("came", "workers"), [(signal.SIGINT, "2"), (signal.SIGKILL, "1")])
def test_the_command_goes_on_where_a_signal_ended_it(home, started, came, workers):
    write_strategy(home, SLOW)
    usual = ["optimize", "planted.py", "--data", "prices.csv", "--method", "random", "--trials", "12", "--quiet"]
    process = started(*usual, "--workers", workers, "--out", "out", "--store", "store")
    if came == signal.SIGINT:
        os.killpg(process.pid, came)  # a terminal sends it to the workers too
    else:
        process.kill()
    process.wait(timeout=60)
    assert (home / "stdout").read_text() == ""
    if came == signal.SIGINT:
        assert process.returncode == 130
        assert (home / "stderr").read_text() == "stopped by SIGINT: the same command goes on with the study in out.\n"
    assert not (home / "out" / "study.json").exists()
    for folder, store in (("out", "store"), ("whole", "other")):
        assert CliRunner().invoke(app, [*usual, "--workers", "1", "--out", folder, "--store", store]).exit_code == 0
    assert (home / "out" / "study.json").read_bytes() == (home / "whole" / "study.json").read_bytes()
    assert json.loads((home / "out" / "study.json").read_text(encoding="utf-8"))["n_trials"] == 12


def test_a_config_of_leans_optimiser_stays_as_it_was(home):
    parameters = [{"name": "fast", "min": 10, "max": 20, "step": 10}]
    document = json.dumps(
        {
            "another-key": [1, 2],
            "parameters": parameters,
            "optimization-criterion": {"target": "Statistics.Drawdown", "extremum": "min"},
        }
    )
    (home / "optimizer.json").write_text(document, encoding="utf-8")
    usual = ["optimize", "planted.py", "--data", "prices.csv", "--workers", "1", "--quiet"]
    out = CliRunner().invoke(app, [*usual, "--optimizer-config", "optimizer.json", "--out", "asked"])
    assert out.exit_code in (0, 1), out.output
    assert (home / "asked" / "optimizer-config.json").read_text(encoding="utf-8") == document
    asked = json.loads((home / "asked" / "study.json").read_text(encoding="utf-8"))
    assert [trial["parameters"]["fast"] for trial in asked["trials"]] == ["10", "20"]
