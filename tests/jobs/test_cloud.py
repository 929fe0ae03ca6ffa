"""Campaigns in the cloud: options A and C on the practice server, unattended, each thing begun there once."""

from __future__ import annotations

import subprocess

import pytest

from hidden_regime.cloud import Budget
from hidden_regime.cloud.fake import FakeCloud
from hidden_regime.cloud.fake.quirks import Quirks
from hidden_regime.jobs import read_campaign, run_campaign
from hidden_regime.jobs.places.cloud import opened
from hidden_regime.jobs.spending import spent
from hidden_regime.jobs.store import open_store
from tests.jobs.small import HOLD, campaign
from tests.jobs.test_kills import Killed, Mortal

HABITS = Quirks(late_figures=0, loading=frozenset(), building=False)
"""Those that cost no time."""
VARIED = ("varied", "share = 0.5", 'every = "1:2:1"')
TAIL = "[rules]\nbaseline = ['Total Orders >= 1']\naccept = ['robust', 'undecided', 'fragile']\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with FakeCloud(tmp_path_factory.mktemp("cloud"), data="sp500", user_id="1", quirks=HABITS) as cloud:
        yield cloud
        assert cloud.faults.told() == []


@pytest.fixture(autouse=True)
def reached(server, monkeypatch, tmp_path):
    for name, value in (("QC_API_URL", server.url), ("QC_USER_ID", "1"), ("QC_API_TOKEN", "practice"),
                        ("HIDDEN_REGIME_STATE", str(tmp_path / "state"))):  # fmt: skip
        monkeypatch.setenv(name, value)


def project(folder):
    """A folder of a project, for a campaign whose hypotheses are of it."""
    (folder / "hold").mkdir(parents=True)
    (folder / "hold" / "main.py").write_text(HOLD.replace("        with open", "        if False:\n          with open").replace(
        "            file.write", "              file.write"))  # fmt: skip
    return folder


def limits(job=50):
    with opened() as (_, budget):
        for name, value in (("job", job), ("day", 500), ("month", 5000)):
            budget.set(name, value, source="a test")


def written(folder, *hypotheses, **options):
    path = campaign(project(folder), *hypotheses, days="", **options)
    path.write_text(path.read_text().replace('"hold.py"', '"hold"'))
    return path


def in_the_cloud(name):
    """How many backtests and optimisations the server has of a campaign."""
    with opened() as (qc, _):
        numbers = [one.project_id for one in qc.projects.list()]
        backtests = [one.name for number in numbers for one in qc.backtests.list(number)]
        searches = [one.name for number in numbers for one in qc.optimizations.list(number)]
    return [[one.split(" #")[0] for one in names if one.startswith(f"{name} ")] for names in (backtests, searches)]


def test_option_a_goes_through_the_cloud_by_itself_into_one_commit(tmp_path):
    limits()
    for arguments in (["init", "-q"], ["config", "user.name", "S"], ["config", "user.email", "s@example.org"]):
        subprocess.run(["git", "-C", str(tmp_path), *arguments], check=True)
    path = written(
        tmp_path / "work", VARIED, ("idle", "share = 0.0", 'every = "1:2:1"'), name="alpha", skip=("lookahead", "walk-forward"),
        more='option = "A"', tail=TAIL + "[budget]\ncredits = 40\n")  # fmt: skip
    found = run_campaign(path)
    assert {one.name: one.answer for one in found.hypotheses} == {"varied": "accepted", "idle": "rejected"}
    steps = {step.title: step for one in found.hypotheses for step in one.steps}
    assert "practice cloud" in steps["varied/baseline"].reason or steps["varied/baseline"].place == "cloud"
    # Final candidates only are searched in the cloud: the other one ended at its baseline.
    backtests, searches = in_the_cloud("alpha")
    assert (sorted(backtests), searches) == (["alpha idle/baseline", "alpha varied/baseline"], ["alpha varied/optimise"])
    assert steps["varied/optimise"].outcome.parameters["every"] in ("1", "2")
    with opened() as (_, budget):
        assert spent(open_store(read_campaign(path)), "alpha") == budget.spent("day") > 0
    count = subprocess.run(
        ["git", "-C", str(tmp_path), "rev-list", "--count", "HEAD"], check=True, capture_output=True, text=True
    )
    assert count.stdout.strip() == "1"


def test_before_money_comes_everything_that_is_free(tmp_path):
    limits()
    path = written(
        tmp_path, VARIED, name="careful", more='option = "A"', skip=("lookahead",),
        tail="[rules]\naccept = ['robust']\n[walk_forward]\nis_months = 2\noos_months = 1\n")  # fmt: skip
    found = run_campaign(path)
    assert found.hypotheses[0].reason.startswith("candidate: the walk-forward says fragile")
    assert in_the_cloud("careful") == [["careful varied/baseline"], []]


def test_killed_at_any_moment_everything_in_the_cloud_is_begun_once(tmp_path):
    limits()
    path = written(tmp_path, VARIED, name="mortal", more='option = "A"', skip=("lookahead", "walk-forward"), tail=TAIL)
    kills = 0
    while True:
        try:
            found = run_campaign(path, clock=Mortal(2 + kills % 4))
            if found.is_over:
                break
        except Killed:
            kills += 1
            assert kills < 60
    assert kills > 3
    assert found.hypotheses[0].answer == "accepted"
    assert in_the_cloud("mortal") == [["mortal varied/baseline"], ["mortal varied/optimise"]]


def test_option_c_pulls_searches_here_pushes_and_finds_the_same_orders(tmp_path):
    with opened() as (qc, _):
        made = qc.projects.create("developed there")
        qc.files.update(made.project_id, "main.py", (project(tmp_path / "source") / "hold" / "main.py").read_text())
    path = campaign(tmp_path / "here", VARIED, name="pulled", days="", more='option = "C"', skip=("walk-forward",),
                    tail=TAIL + "cuts = 1\n[optimise]\nmethod = 'grid'\n")  # fmt: skip
    path.write_text(path.read_text().replace('strategy = "hold.py"', 'strategy = "pulled"\nproject = "developed there"'))
    found = run_campaign(path)
    steps = {step.name: step for step in found.hypotheses[0].steps}
    assert found.hypotheses[0].answer == "accepted", found.hypotheses[0].reason
    assert [steps[name].place for name in ("pull", "baseline", "optimise", "validate")] == ["cloud", "cloud", "embedded", "cloud"]
    assert steps["validate"].outcome.answer == "equal"
    assert "all equal" in steps["validate"].reason
    assert steps["validate"].outcome.figures["Equal Orders"] > 1
    assert in_the_cloud("pulled")[1] == []
    assert "Hold" in (tmp_path / "here" / "pulled" / "main.py").read_text()
    assert run_campaign(path).is_over  # the project that was pulled changes nothing of the spec


@pytest.mark.parametrize(
    ("tail", "job", "said"),
    [("[budget]\ncredits = 0\n", 50, "of the campaign's 0 QCC 0 are left"), ("", 0, "may cost")],
    ids=["the campaign's limit", "the account's limit"],
)
def test_past_a_limit_nothing_is_sent_and_the_step_can_be_retried(tmp_path, tail, job, said):
    limits(job)
    path = written(
        tmp_path, VARIED, name=f"poor{job}", more='option = "A"', skip=("lookahead", "walk-forward"), tail=TAIL + tail)  # fmt: skip
    found = run_campaign(path)
    assert found.hypotheses[0].answer == "failed"
    assert said in found.hypotheses[0].reason
    assert in_the_cloud(f"poor{job}")[1] == []


def test_a_run_that_takes_too_long_goes_on_in_the_cloud_and_is_found_by_the_next_call(tmp_path):
    path = written(tmp_path, ("slow", "share = 0.5", ""), name="patience", skip=("lookahead",),
                   target='kind = "cloud"\ntimeout = 0.001', tail="")  # fmt: skip
    found = run_campaign(path)
    assert found.hypotheses[0].answer == "submitted"
    assert not found.is_over
    path.write_text(path.read_text().replace("timeout = 0.001", "timeout = 60"))
    assert run_campaign(path).hypotheses[0].answer == "accepted"
    assert in_the_cloud("patience")[0] == ["patience slow/baseline"]


def test_the_budget_is_the_accounts(tmp_path):
    with opened() as (qc, budget):
        assert isinstance(budget, Budget)
        assert budget.account == qc.account_name
