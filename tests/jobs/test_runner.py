"""Campaigns from a file to a page, in this process."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from hidden_regime.exceptions import ParameterError, UnknownStrategyError
from hidden_regime.experiments import run_strategy
from hidden_regime.jobs import read_campaign, run_campaign
from hidden_regime.jobs.gates import HOLDS, approve, waiting
from hidden_regime.jobs.store import open_store
from tests.jobs.small import Clock, campaign

QUICK = ("lookahead", "walk-forward")
GRID = '[optimise]\nmethod = "grid"\n'
ORDERS = "[rules]\nbaseline = ['Total Orders >= 1']\n"


def store_of(path, clock=None):
    asked = read_campaign(path)
    return open_store(asked) if clock is None else open_store(asked, clock=clock)


def test_a_campaign_goes_from_its_file_to_a_verdict(tmp_path):
    path = campaign(
        tmp_path, ("varied", "share = 0.5", 'every = "1:2:1"'), ("idle", "share = 0.0", ""), ("broken", "share = 2.0", ""),
        ("misspelt", "shore = 1.0", ""),
        tail=GRID + ORDERS + "accept = ['robust', 'undecided', 'fragile']\ncuts = 1\n[walk_forward]\nis_months = 2\noos_months = 1\n")  # fmt: skip
    begun = []
    found = run_campaign(path, clock=Clock(), progress=lambda step: begun.append(step.title))
    answers = {one.name: one.answer for one in found.hypotheses}
    assert answers == {"varied": "accepted", "idle": "rejected", "broken": "failed", "misspelt": "failed"}
    assert found.is_over
    reasons = {one.name: one.reason for one in found.hypotheses}
    assert reasons["idle"] == "worth: Total Orders 0 is not >= 1"
    assert "told to fail" in reasons["broken"]
    assert "Did you mean share?" in reasons["misspelt"]

    # What the steps say is what the functions say that they stand for.
    steps = {step.name: step for step in found.hypotheses[0].steps}
    days = {"start": read_campaign(path).target.start, "end": read_campaign(path).target.end}
    alone = run_strategy(tmp_path / "hold.py", "sp500", parameters={"share": 0.5}, **days)
    told = steps["baseline"].outcome.figures
    assert {name: told[name] for name in alone.statistics} == alone.statistics
    sharpes = {
        every: run_strategy(tmp_path / "hold.py", "sp500", parameters={"share": 0.5, "every": every}, **days).statistics[
            "Sharpe Ratio"
        ]
        for every in (1, 2)
    }
    best = max(sharpes, key=sharpes.get)
    assert steps["optimise"].outcome.parameters == {"every": str(best)}
    assert steps["verdict"].outcome.parameters == {"share": "0.5", "every": str(best)}

    # Nothing is done twice, and the files are those of the same findings, byte for byte.
    files = {name: (found.folder / name).read_bytes() for name in ("campaign.json", "report.html")}
    count = len(begun)
    again = run_campaign(path, clock=Clock(), progress=lambda step: begun.append(step.title))
    assert len(begun) == count
    assert {name: (again.folder / name).read_bytes() for name in files} == files
    assert json.loads(files["campaign.json"])["hypotheses"][0]["answer"] == "accepted"
    table = found.table()
    assert list(table.index) == list(answers)
    assert table.loc["varied", "baseline Sharpe Ratio"] == alone.statistics["Sharpe Ratio"]

    # Every link of the page leads to a page.
    page = files["report.html"].decode()
    links = re.findall(r'href="([^"]+)"', page)
    assert len(links) == 5
    assert all((found.folder / link).is_file() for link in links)
    assert "http" not in page.split("</style>")[1]


def test_the_page_escapes_what_comes_from_outside(tmp_path):
    path = campaign(tmp_path, skip=QUICK)
    path.write_text(path.read_text().replace("a reason", "<script>alert(1)</script>"))
    found = run_campaign(path)
    page = (found.folder / "report.html").read_text()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_a_result_that_is_whole_is_taken_though_the_store_is_lost(tmp_path):
    path = campaign(tmp_path, skip=QUICK)
    first = run_campaign(path)
    ran = (tmp_path / "ran.txt").read_text()
    (tmp_path / ".hidden-regime" / "jobs.sqlite").unlink()
    again = run_campaign(path)
    assert (tmp_path / "ran.txt").read_text() == ran
    assert again.to_dict() == first.to_dict()


@pytest.mark.parametrize("workers", [0, True, 1.5])
def test_a_wrong_number_of_workers_is_refused(tmp_path, workers):
    with pytest.raises(ParameterError, match="workers"):
        run_campaign(campaign(tmp_path), workers=workers)


def test_a_strategy_that_is_not_there_is_told_before_anything_runs(tmp_path):
    path = campaign(tmp_path)
    path.write_text(path.read_text() + '[[hypothesis]]\nname = "x"\nstrategy = "none.py"\n')
    with pytest.raises(UnknownStrategyError, match=r"none\.py"):
        run_campaign(path)
    assert not (tmp_path / "results").exists()


def test_a_manual_campaign_waits_goes_on_when_approved_and_waits_anew_when_changed(tmp_path):
    clock = Clock()
    gates = "[gates]\nmode = 'manual'\nwait = ['optimise']\n"
    path = campaign(tmp_path, ("one", "share = 0.5", 'every = "1:2:1"'), skip=QUICK, tail=GRID + gates)
    first = run_campaign(path, clock=clock)
    assert [step.title for step in first.waiting] == ["one/optimise"]
    assert not first.is_over
    assert run_campaign(path, clock=clock).waiting  # nobody said anything

    store = store_of(path, clock)
    assert [step.title for step in approve(store, "small", ["one/optimise"])] == ["one/optimise"]
    path.write_text(path.read_text().replace('method = "grid"', 'method = "random"\nn_trials = 2'))
    changed = run_campaign(path, clock=clock)
    assert [step.title for step in changed.waiting] == ["one/optimise"]
    assert changed.waiting[0].spec_hash != first.waiting[0].spec_hash

    approve(store, "small")
    clock.now += HOLDS + 1
    assert run_campaign(path, clock=clock).waiting  # the approval is a day old
    approve(store, "small")
    done = run_campaign(path, clock=clock)
    assert done.is_over
    assert waiting(store, "small") == []
    assert [event.kind for event in store.events("small")].count("approved") == 3


def test_a_dry_campaign_runs_nothing(tmp_path):
    found = run_campaign(campaign(tmp_path, tail="[gates]\nmode = 'dry'\n"))
    assert {step.state for step in found.hypotheses[0].steps} == {"planned"}
    assert not (tmp_path / "ran.txt").exists()
    assert not found.folder.exists()


def git(folder, *arguments):
    return subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repository(tmp_path):
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "user.name", "Somebody")
    git(tmp_path, "config", "user.email", "somebody@example.org")
    return tmp_path


def test_one_commit_holds_spec_and_results_and_nothing_else(repository):
    path = campaign(repository / "below", skip=QUICK)
    (repository / "mine.txt").write_text("not yours")
    git(repository, "add", "mine.txt")
    found = run_campaign(path)
    assert found.is_over
    names = set(git(repository, "show", "--name-only", "--format=", "HEAD").split())
    assert {"below/small.toml", "below/results/small/campaign.json", "below/results/small/report.html"} <= names
    assert all(name == "below/small.toml" or name.startswith("below/results/small/") for name in names)
    assert git(repository, "status", "--porcelain", "mine.txt").startswith("A")
    assert "half: accepted" in git(repository, "log", "-1", "--format=%B")
    head = git(repository, "rev-parse", "HEAD")
    run_campaign(path)
    assert git(repository, "rev-parse", "HEAD") == head
    assert store_of(path).committed("small") == head.strip()
    assert git(repository, "rev-list", "--count", "HEAD").strip() == "1"


def test_without_a_repository_or_where_git_refuses_it_is_said_once(tmp_path, monkeypatch):
    path = campaign(tmp_path, skip=QUICK)
    run_campaign(path)
    run_campaign(path)
    said = [event.said for event in store_of(path).events("small") if event.kind == "not committed"]
    assert len(said) == 1
    assert "no git repository" in said[0]
    git(tmp_path, "init", "-q")
    hook = tmp_path / ".git" / "hooks" / "pre-commit"
    hook.write_text("#!/bin/sh\necho no such luck >&2\nexit 1\n")
    hook.chmod(0o755)
    for name in ("GIT_AUTHOR", "GIT_COMMITTER"):
        monkeypatch.setenv(f"{name}_NAME", "x")
        monkeypatch.setenv(f"{name}_EMAIL", "x@example.org")
    assert run_campaign(path).is_over
    assert "no such luck" in store_of(path).events("small")[-1].said
