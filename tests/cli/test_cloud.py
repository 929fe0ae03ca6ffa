"""The `qc` commands against the practice cloud: what they print, write, send and return."""

from __future__ import annotations

import json
import re
import shutil

import pytest
from typer.testing import CliRunner

from hidden_regime.cli.cloud import qc_app
from hidden_regime.cloud.fake import FakeCloud, Settings
from hidden_regime.cloud.fake.quirks import Quirks
from hidden_regime.data import open_market
from hidden_regime.research.backtest import collect
from hidden_regime.simulator import run_file
from tests.cloud.practice import client, write_project

TOKEN = "a-token-that-nobody-may-see"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    quirks = Quirks(late_figures=0, loading=frozenset(), building=False)  # the client's pauses are real ones here
    with FakeCloud(tmp_path_factory.mktemp("cloud"), token=TOKEN, quirks=quirks, settings=Settings(workers=1)) as cloud:
        yield cloud
        assert cloud.unexpected == []


@pytest.fixture
def home(cloud, tmp_path, monkeypatch):
    """A working folder with a project, the client's environment, and books of its own."""
    cloud.faults.clear()
    monkeypatch.chdir(tmp_path)
    for name, value in (("QC_API_URL", cloud.url), ("QC_USER_ID", "1"), ("QC_API_TOKEN", TOKEN), ("COLUMNS", "400"),
                        ("HIDDEN_REGIME_STATE", str(tmp_path / "state")), ("HOME", str(tmp_path))):  # fmt: skip
        monkeypatch.setenv(name, value)
    yield tmp_path
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or TOKEN.encode() not in path.read_bytes(), path


@pytest.fixture
def project(home, request):
    """A project of the test's own, by name."""
    name = re.sub(r"\W+", "-", request.node.name).strip("-")
    write_project(home / name, parameters={"slow": "9"})
    return name


@pytest.fixture(scope="module")
def ran(cloud, tmp_path_factory):
    """Folder of a project that ran a backtest with fast=2 by command, and what the command said."""
    folder = write_project(tmp_path_factory.mktemp("ran") / "ran", parameters={"slow": "9"})
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder.parent)
        for name, value in (("QC_API_URL", cloud.url), ("QC_USER_ID", "1"), ("QC_API_TOKEN", TOKEN), ("COLUMNS", "400")):
            patch.setenv(name, value)
        patch.setenv("HIDDEN_REGIME_STATE", str(folder.parent / "state"))
        return folder, call("backtest", "ran", "-p", "fast=2")


@pytest.fixture
def copy(ran, home):
    """That project in the test's own working folder."""
    shutil.copytree(ran[0], home / "ran")
    return "ran"


def call(*arguments):
    """Run a command: none ever shows the token."""
    done = CliRunner().invoke(qc_app, [*map(str, arguments)])
    assert TOKEN not in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def asked(cloud, since=0):
    return [one.endpoint for one in cloud.calls[since:]]


def told(done):
    """The JSON on the standard output, which holds nothing else."""
    return json.loads(done.stdout)


def test_whoami_says_whose_and_how_much(cloud, home):
    done = call("whoami")
    assert done.exit_code == 0
    for words in (cloud.url, "Practice (Researcher), preferred", "QCC ($"):
        assert words in done.output
    assert told(call("whoami", "--json")) == {
        "server": cloud.url, "user_id": "1", "organization": cloud.account.organization, "credits": pytest.approx(10_000, abs=100),
        "organizations": ["Practice"],
    }  # fmt: skip


def test_push_and_pull_say_what_became_of_each_file(cloud, project, home):
    (home / project / "tools.py").write_text("x = 1\n")
    done = call("push", project)
    assert done.exit_code == 0, done.output
    number = re.search(r"is project (\d+)\.", done.output)[1]
    for words in ("created  config.json", "created  tools.py", "updated  main.py", f"3 of 3 files changed; {project} is"):
        assert words in done.output
    assert call("push", project).output == f"0 of 3 files changed; {project} is project {number}.\n"
    (home / project / "tools.py").unlink()
    assert "kept     tools.py: deleted here; --delete deletes it in the cloud" in call("push", project).output
    with client(cloud, TOKEN) as qc:
        qc.files.create(int(number), "theirs.py", "x = 2\n")
    assert "foreign  theirs.py: in the cloud alone; it is left as it is" in call("push", project, "--delete").output
    changed = told(call("pull", number, project, "--json"))
    assert (changed["name"], changed["created"]) == (project, ["theirs.py"])
    with client(cloud, TOKEN) as qc:
        qc.files.delete(int(number), "theirs.py")
    (home / project / "own.py").write_text("x = 3\n")
    pulled = call("pull", project)  # by name, into the folder of that name
    assert "kept     theirs.py: deleted in the cloud; --delete deletes it here" in pulled.output
    assert "foreign  own.py: here alone" in pulled.output
    assert call("pull", number, "elsewhere").exit_code == 0
    assert (home / "elsewhere" / "main.py").read_bytes() == (home / project / "main.py").read_bytes()


def test_a_conflict_is_one_line_and_force_ends_it(cloud, project, home):
    number = told(call("push", project, "--json"))["project_id"]
    with client(cloud, TOKEN) as qc:
        qc.files.update(number, "main.py", "theirs\n")
    (home / project / "main.py").write_text("mine\n")
    before = len(cloud.calls)
    for command in (
        ("push", project),
        ("pull", number, project),
        ("backtest", project),
        ("optimize", project, "-p", "fast=1:2:1"),
    ):
        done = call(*command)
        assert done.exit_code == 2
        assert re.fullmatch(r"error: main\.py was changed .* Nothing was written\. .*--force.*\n", done.stderr)
    assert set(asked(cloud, before)) == {"projects/read", "files/read"}
    assert call("push", project, "--force").exit_code == 0
    assert call("pull", number, project).output.startswith("0 of 2 files changed")


def test_a_template_and_a_file_are_bundled_once_and_a_main_is_its_project(home, project):
    (home / "hold.py").write_text((home / project / "main.py").read_text())
    first = call("push", "hold.py", "--json")
    assert "bundled hold.py into" in first.stderr and (home / "qc" / "hold" / "main.py").is_file()
    assert told(first)["name"] == "hold"
    assert told(call("push", "hold.py", "--json"))["project_id"] == told(first)["project_id"]
    assert told(call("push", f"{project}/main.py", "--json"))["name"] == project
    assert not (home / "qc" / "main").exists()
    assert "qc/basic_regime_switching is project" in call("push", "basic_regime_switching").output


def test_a_backtest_has_the_orders_of_a_run_here_and_its_page(ran, home):
    folder, done = ran
    assert done.exit_code == 0, done.output
    assert re.search(r"^backtest [0-9a-f]{32} of project \d+ was begun\.$", done.output, re.MULTILINE)
    (results,) = (folder.parent / "results").iterdir()
    assert re.fullmatch(r"ran-cloud-[0-9a-f]{8}", results.name)
    ours = collect(run_file(folder / "main.py", open_market("us_stocks"), parameters={"slow": "9", "fast": "2"}), "ran")
    told = (results / "orders.csv").read_text().splitlines()
    assert len(told) == len(ours.orders) + 1 > 5
    for name, value in ours.statistics.items():
        assert f"{name} " in done.output and value in done.output
    assert "the practice cloud (embedded engine)" in (results / "report.html").read_text(encoding="utf-8")


def test_results_are_listed_and_fetched_again(copy, ran, home):
    listed = told(call("results", copy, "--json"))
    assert [one["status"] for one in listed["backtests"]] == ["Completed."] and listed["optimizations"] == []
    id = listed["backtests"][0]["id"]
    assert id in call("results", copy).output and id in call("results", told(call("push", copy, "--json"))["project_id"]).output
    again = call("results", copy, id)
    assert again.exit_code == 0 and again.output.splitlines()[3:] == ran[1].output.splitlines()[4:]
    for name in ("orders.csv", "equity.csv", "report.html"):
        (first,) = ran[0].parent.glob(f"results/*/{name}")
        (second,) = home.glob(f"results/*/{name}")
        assert first.read_bytes() == second.read_bytes()
    summary = told(call("results", copy, id, "--json", "--out", "out"))
    assert (summary["backtest_id"], summary["folder"], summary["status"]) == (id, "out", "Completed")


@pytest.mark.parametrize(("word", "said"), [("fail", "told to fail"), ("never", "NOWHERE is not in us_stocks")])
def test_a_strategy_that_fails_is_told_with_its_error_and_status_one(copy, word, said):
    done = call("backtest", copy, "-p", f"word={word}", "--json", "--out", "out")
    assert done.exit_code == 1
    assert done.stderr.startswith("the strategy failed: ") and done.stderr.count(said) <= 2
    summary = told(done)
    assert said in summary["error"] and summary["status"] == "Runtime Error"
    fetched = call("results", copy, summary["backtest_id"])
    assert fetched.exit_code == 0 and said in fetched.stderr


def test_files_that_do_not_compile_are_told_by_the_compiler(project, home):
    (home / project / "main.py").write_text("class A(\n")
    done = call("backtest", project)
    assert done.exit_code == 2 and "BuildError" in done.stderr and "main.py Line:1" in done.stderr
    assert not (home / "results").exists()


def test_past_its_time_a_backtest_goes_on_and_the_same_key_finds_it(cloud, copy, ran):
    before = len(cloud.calls)
    key = ("backtest", copy, "--key", "0a1b2c3d", "--name", "kept", "-p", "fast=4")
    done = call(*key, "--timeout", "0", "--quiet")
    assert done.exit_code == 3 and done.stdout == ""
    found = re.fullmatch(
        r"backtest ([0-9a-f]{32}) isn't over after 0 s and goes on in the cloud: .*\. Read it: .* qc results ran ID\n",
        done.stderr,
    )
    again = call(*key, "--json", "--out", "out")
    assert again.exit_code == 0 and told(again)["backtest_id"] == found[1]
    assert asked(cloud, before).count("backtests/create") == 1
    assert "compile/create" not in asked(cloud, before)  # its files were compiled before


def test_without_pay_the_cost_is_estimated_and_nothing_is_begun(cloud, copy):
    before = len(cloud.calls)
    done = call("optimize", copy, "-p", "fast=2:4:2", "-p", "slow=8:12:4")
    assert done.exit_code == 0, done.output
    for words in ("backtests      4", "limit a month  no limit is set, so nothing is begun", "--pay begins it"):
        assert words in done.output
    quote = told(call("optimize", copy, "-p", "fast=2:4:2", "--json"))
    assert (quote["n_backtests"], quote["sent"]) == (2, False) and quote["credits"] >= 1
    assert set(asked(cloud, before)) == {"projects/read", "files/read", "compile/read", "optimizations/estimate"}


def test_pay_without_limits_and_beyond_them_is_refused(cloud, copy):
    before, search = len(cloud.calls), ("optimize", copy, "-p", "fast=2:4:2", "--pay")
    for limits in ([], ["--set", "job=50", "--set", "day=50"], ["--set", "month=0"]):
        if limits:
            assert call("cost", *limits).exit_code == 0
        done = call(*search)
        assert done.exit_code == 2 and "Nothing was sent" in done.stderr and "hidden-regime qc cost --set" in done.stderr
    assert "optimizations/create" not in asked(cloud, before)
    assert told(call("cost", "--json"))["entries"] == []


def test_within_limits_a_search_is_paid_booked_and_told(cloud, copy, home):
    assert call("cost", "--set", "job=50", "--set", "day=60", "--set", "month=70", "--source", "the test").exit_code == 0
    search = ("optimize", copy, "-p", "fast=2:4:2", "-p", "slow=8:12:4", "-p", "unread=held")
    done = call(*search, "--constraint", "Drawdown <= 6.5%", "--pay")
    assert done.exit_code == 0, done.output
    for words in ("of 4 backtests was begun", "ran: 4 trials by grid, max Sharpe Ratio", "Optimization in results/ran-cloud-opt"):
        assert words in done.output
    (folder,) = (home / "results").iterdir()
    study = json.loads((folder / "study.json").read_text())
    assert study["best_params"] == {"fast": "2", "slow": "12"} and (folder / "report.html").is_file()
    books = told(call("cost", "--json"))
    (entry,) = books["entries"]
    assert (entry["state"], entry["remote"]) == ("booked", re.search("optimization ([0-9a-f]{32})", done.output)[1])
    assert books["spent"] == {"day": entry["actual"], "month": entry["actual"]} and entry["actual"] >= 1
    shown = call("cost").output
    assert "the test" in shown and "booked" in shown
    again = told(call("results", copy, entry["remote"], "--json", "--out", "again"))
    assert again["best_params"] == study["best_params"]
    none = call(*search, "--constraint", "Drawdown <= 0.1%", "--pay", "--json", "--out", "none")
    assert none.exit_code == 1 and told(none)["best_trial"] is None
    assert none.stderr == "no trial may be the best: none of them meets the constraints with an order\n"


def test_a_search_past_its_time_goes_on_and_settling_books_it(cloud, copy):
    call("cost", "--set", "job=50", "--set", "day=60", "--set", "month=70")
    done = call("optimize", copy, "-p", "fast=2:8:1", "--pay", "--timeout", "0", "--key", "0a1b2c3e")
    assert done.exit_code == 3 and "qc cost --settle" in done.stderr
    assert told(call("cost", "--json"))["entries"][0]["state"] == "submitted"
    id = re.search("optimization ([0-9a-f]{32})", done.output)[1]
    with client(cloud, TOKEN) as qc:
        if not qc.optimizations.read(id).done:
            early = call("results", copy, id)
            assert early.exit_code == 3 and "isn't over and goes on in the cloud" in early.stderr
        qc.optimizations.wait(id, timeout=120)
    settled = told(call("cost", "--settle", "--json"))
    assert [one["state"] for one in settled["entries"]] == ["booked"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["push", "nowhere"], "neither a shipped template"), (["push", "empty"], "with main.py or Main.cs in it"),
        (["pull", "nowhere"], "no project is called 'nowhere'. There are: "), (["pull", "999"], "not found"),
        (["pull", "ran", "file"], "a folder, or a name that nothing has yet"), (["backtest", "nowhere"], "neither a shipped"),
        (["backtest", "ran", "-p", "fast"], "-p = 'fast': expected name=value"),
        (["backtest", "ran", "--key", "x"], "eight hexadecimal digits"), (["optimize", "ran"], "at least one parameter to vary"),
        (["optimize", "ran", "-p", "fast=5"], "at least one parameter to vary"),
        (["optimize", "ran", "-p", "fast=2:4"], "fast = '2:4': expected a range with a step"),
        (["optimize", "ran", "-p", "fast=4:2:1"], "The range is empty"),
        (["optimize", "ran", "-p", "fast=2:4:1", "--node", "X"], "--node = 'X': expected one of O2-8"),
        (["optimize", "ran", "-p", "fast=2:4:1", "--parallel", "0"], "parallel_nodes"),
        (["optimize", "ran", "-p", "fast=2:4:1", "--objective", "Luck"], "target = 'Luck'"),
        (["optimize", "ran", "-p", "fast=2:4:1", "--direction", "up"], "direction = 'up'"),
        (["optimize", "ran", "-p", "fast=2:4:1", "--constraint", "x"], "constraint = 'x'"),
        (["optimize", "ran", *(f"-p{name}=1:2:1" for name in "abcd")], "from 1 to 3 parameters"),
        (["results", "nowhere"], "no project is called"), (["results", "ran", "0" * 32], "not found"),
        (["cost", "--set", "job=x"], "LIMIT=N with a whole number"), (["cost", "--set", "luck=1"], "one of job, day, month"),
        (["cost", "--unset", "luck"], "one of job, day, month"), (["serve", "--data", "nowhere"], "or a path"),
        (["serve", "--port", "0", "--user", "me"], "a number as a text"), (["serve", "--speed", "0"], "speed"),
    ],
)  # fmt: skip
def test_wrong_input_is_one_line_and_status_two(copy, home, arguments, words):
    (home / "empty").mkdir()
    (home / "file").write_text("")
    done = call(*arguments)
    assert done.exit_code == 2, done.output
    lines = [line for line in done.output.splitlines() if not line.startswith("note: ")]
    assert len(lines) == 1 and lines[0].startswith("error: ") and words in lines[0]


@pytest.mark.parametrize("arguments", [["serve", "--port", "65536"], ["backtest", "ran", "--timeout", "-1"]])
def test_what_no_option_takes_is_told_with_its_bounds(home, arguments):
    done = call(*arguments)
    assert done.exit_code == 2 and re.search("(less|greater) than or equal to (65535|0)", done.output)


def test_a_wrong_limit_changes_none(home):
    call("cost", "--set", "job=5", "--set", "day=6")
    assert call("cost", "--set", "job=7", "--set", "luck=1").exit_code == 2
    assert call("cost", "--unset", "job", "--unset", "luck").exit_code == 2
    assert {name: one["value"] for name, one in told(call("cost", "--json"))["limits"].items()} == {"job": 5, "day": 6}
    assert told(call("cost", "--unset", "job", "--json"))["limits"].keys() == {"day"}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("QC_API_TOKEN", "another-token-that-nobody-may-see", "the server refused the credentials: Hash doesn't match"),
        ("QC_USER_ID", "2", "UserID not valid"), ("QC_API_TOKEN", "", "QC_API_TOKEN is not set, and QC_USER_ID is"),
        ("QC_API_URL", "http://example.com/api/v2/", "expected an https address"),
        ("QC_API_URL", "nonsense", "expected an https address"),
    ],
)  # fmt: skip
def test_credentials_and_addresses_that_are_wrong_are_told(home, monkeypatch, name, value, words):
    monkeypatch.setenv(name, value)
    done = call("whoami")
    assert done.exit_code == 2 and done.stdout == "" and words in done.stderr
    assert "nobody-may-see" not in done.output


def test_what_the_cloud_said_steers_no_terminal(cloud, home):
    with client(cloud, TOKEN) as qc:
        number = qc.projects.create("\x1b[31mred [bold]x[/]").project_id
    listed = call("results", number)
    assert "\\x1b[31mred [bold]x[/]" in listed.output and "\x1b" not in listed.output
    pulled = call("pull", number)
    assert pulled.exit_code == 0 and {path.name for path in home.iterdir()} == {"project"}
