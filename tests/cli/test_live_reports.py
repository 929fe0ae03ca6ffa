"""`live serve`, `live daily`, `live report`, `archive` and `monitor`, as somebody types them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from typer.testing import CliRunner

from hidden_regime.cli.main import app
from hidden_regime.experiments.pages import printing
from tests.operation.drift.worlds import invented, results
from tests.operation.journals import two_months


def typed(*words):
    return CliRunner().invoke(app, list(map(str, words)))


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    two_months(tmp_path)
    monkeypatch.chdir(tmp_path / "workspace")
    return tmp_path / "workspace"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("live", "daily", "two"), "two"),
        (("live", "daily", "one", "--day", "2012-03-01"), "2012-02-29"),
        (("live", "daily", "one", "--day", "soon"), "--day"),
        (("live", "report", "one", "--month", "2012-03"), "2012-02"),
        (("live", "serve", "--port", "70000"), "port"),
        (("live", "serve", "--against", "two=x"), "two"),
        (("archive",), "NAME"),
        (("archive", "one", "--check", "x.zip"), "NAME"),
        (("archive", "--check", "x.zip"), "x.zip"),
        (("monitor", "run", "one", "--against", "nowhere"), "nowhere"),
        (("monitor", "run", "two"), "two"),
        (("monitor", "watch", "--rules", "nowhere.toml"), "nowhere.toml"),
        (("monitor", "postmortem", "two"), "two"),
    ],
)
def test_wrong_input_is_one_line(workspace, words, says):
    done = typed(*words)
    assert done.exit_code == 2 and says in done.output and "Traceback" not in done.output


def test_a_day_is_given_once(workspace):
    first = typed("live", "daily", "one")
    assert first.exit_code == 0 and "one, 2012-02-29: " in first.stdout
    second = typed("live", "daily", "one")
    assert second.exit_code == 0 and second.stdout == "" and "--again" in second.stderr
    assert typed("live", "daily", "one", "--again").stdout == first.stdout
    assert typed("live", "daily", "one", "--day", "2012-02-28", "--html").stdout.startswith("<h2>one, 2012-02-28</h2>")


def test_a_month_is_written_and_printed_where_a_browser_is(workspace, monkeypatch):
    monkeypatch.setattr(printing, "browser", lambda: None)
    done = typed("live", "report", "one", "--month", "2012-01", "--out", "reports")
    assert done.exit_code == 0
    assert sorted(path.name for path in (workspace / "reports").iterdir()) == ["one-2012-01.html", "one-2012-01.md"]
    done = typed("live", "report", "one", "--month", "2012-01", "--pdf")
    assert done.exit_code == 2 and "Chromium" in done.output
    monkeypatch.undo()
    monkeypatch.chdir(workspace)
    if printing.browser() is None:
        pytest.skip("no browser prints here")
    done = typed("live", "report", "one", "--month", "2012-01", "--out", "printed")
    assert (workspace / "printed" / "one-2012-01.pdf").read_bytes().startswith(b"%PDF")


def test_an_archive_is_written_and_checked(workspace):
    assert typed("archive", "one", "--out", "a.zip").exit_code == 0
    done = typed("archive", "--check", "a.zip")
    assert done.exit_code == 0 and "as the manifest says" in done.output
    content = bytearray((workspace / "a.zip").read_bytes())
    content[content.index(b"market_time,order,event") + 3] ^= 1
    (workspace / "a.zip").write_bytes(bytes(content))
    done = typed("archive", "--check", "a.zip", "--json")
    assert done.exit_code == 1 and "orders.csv" in json.loads(done.stdout)["wrong"][0]


def test_drift_is_exit_status_1_and_a_post_mortem_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    results(tmp_path / "bt")
    invented(tmp_path / "clean")
    invented(tmp_path / "fallen", fall=1.0)
    done = typed("monitor", "run", "one", "--against", "bt", "--workspace", "clean")
    assert done.exit_code == 0 and "one: no drift, 90 trading days against invented" in done.output
    done = typed("monitor", "run", "one", "--against", "bt", "--workspace", "fallen", "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert told["drifted"] and [one["test"] for one in told["findings"] if one["drifted"]] == ["returns"]
    done = typed("monitor", "postmortem", "one", "--against", "bt", "--workspace", "fallen", "--out", "why.md")
    assert done.exit_code == 0 and "deployment: returns drifted" in (tmp_path / "why.md").read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_the_page_is_served_until_somebody_ends_it(workspace):
    begin = "from hidden_regime.cli.start import main; main()"
    child = subprocess.Popen([sys.executable, "-W", "ignore", "-c", begin, "live", "serve", "--port", "0"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip
    try:
        url = child.stdout.readline().strip()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        page = opener.open(url, timeout=20).read().decode()
        assert "2012-02-29" in page and ">one<" in page
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(url.split("?")[0], timeout=20)
    finally:
        os.kill(child.pid, signal.SIGINT)
        _, said = child.communicate(timeout=20)
    assert child.returncode == 128 + signal.SIGINT and "the strategies go on" in said


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_missed_heartbeat_is_told_of_by_a_process_of_its_own(tmp_path):
    """The deployment should run since years, and nothing beats."""
    invented(tmp_path)
    begin = "from hidden_regime.cli.start import main; main()"
    child = subprocess.Popen([sys.executable, "-W", "ignore", "-c", begin, "monitor", "watch", "--workspace", str(tmp_path)],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip
    try:
        assert child.stdout.readline().startswith("one: no heartbeat since 2026-01-01T17:00:00.000Z, ")
    finally:
        os.kill(child.pid, signal.SIGTERM)
        out, said = child.communicate(timeout=20)
    assert child.returncode == 128 + signal.SIGTERM and out == "" and "go on unwatched" in said
