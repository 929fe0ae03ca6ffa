"""The `jobs` commands."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from hidden_regime.cli.jobs import jobs_app
from tests.jobs.small import campaign

QUICK = ("lookahead", "walk-forward")
VARIED = ("varied", "share = 0.5", 'every = "1:2:1"')
GRID = '[optimise]\nmethod = "grid"\n'


def ask(*arguments, code=0):
    done = CliRunner(env={"COLUMNS": "200"}).invoke(jobs_app, [str(one) for one in arguments])
    assert done.exit_code == code, done.output
    return done.output


def test_a_campaign_runs_and_says_what_became_of_it(tmp_path):
    path = campaign(
        tmp_path, VARIED, ("idle", "share = 0.0", ""), skip=QUICK, tail=GRID + "[rules]\nbaseline=['Total Orders >= 1']\n"
    )
    said = ask("run", path)
    assert "2 hypotheses: 1 accepted, 1 rejected" in said
    assert "varied/baseline (embedded)" in said
    assert "Total Orders 0 is not >= 1" in said
    assert (tmp_path / "results" / "small" / "report.html").is_file()
    told = json.loads(ask("run", path, "--json"))
    assert told["over"] is True
    assert [one["answer"] for one in told["hypotheses"]] == ["accepted", "rejected"]
    shown = ask("show", path, "--log")
    for word in ("varied/optimise", "worth ended the hypothesis", "not committed", "of 2 trials"):
        assert word in shown
    assert json.loads(ask("show", path, "--json"))["campaign"] == "small"
    assert "small.toml" in ask("list", tmp_path)


def test_a_failed_step_gives_status_1_and_is_retried(tmp_path):
    path = campaign(tmp_path, ("bad", "share = 2.0", ""), skip=QUICK)
    assert "told to fail" in ask("run", path, code=1)
    assert "bad/baseline was failed and is planned again" in ask("retry", path, "bad")
    (tmp_path / "hold.py").write_text((tmp_path / "hold.py").read_text().replace("> 1.5", "> 2.5"))
    assert "1 accepted" in ask("run", path)
    assert "nothing failed" in ask("retry", path)


def test_a_gate_gives_status_3_and_says_how_to_go_on(tmp_path):
    path = campaign(tmp_path, VARIED, skip=QUICK, tail=GRID + "[gates]\nmode = 'manual'\nwait = ['optimise']\n")
    said = ask("run", path, code=3)
    assert f"hidden-regime jobs approve {path} varied/optimise" in " ".join(said.split())
    assert "expected one that waits: varied/optimise" in ask("approve", path, "varied/baseline", code=2)
    assert "approved varied/optimise, spec " in ask("approve", path, "varied/optimise")
    assert "1 accepted" in ask("run", path)
    assert "nothing waits" in ask("approve", path)


def test_a_dry_run_shows_the_plan(tmp_path):
    said = ask("run", campaign(tmp_path, VARIED, tail=GRID + "[gates]\nmode = 'dry'\n"))
    assert "Dry: nothing was run." in said
    for name in ("baseline", "worth", "lookahead", "optimise", "best", "walk-forward", "verdict"):
        assert f"varied/{name}" in said


def test_a_hypothesis_is_cancelled_and_added(tmp_path):
    path = campaign(tmp_path, skip=QUICK)
    assert "cancelled half/baseline, half/worth, half/verdict" in ask("cancel", path, "half")
    assert "nothing of it" in ask("cancel", path, "half")
    assert "expected one of half" in ask("cancel", path, "hlaf", code=2)
    assert "2 hypotheses now" in ask("add", path, "more", "hold.py", "-p", "share=0.25", "-p", "every=1:2:1", "--why", "so")
    text = path.read_text()
    assert 'space = { "every" = "1:2:1" }' in text
    assert 'parameters = { "share" = "0.25" }' in text
    assert "1 accepted, 1 cancelled" in ask("run", path)


@pytest.mark.parametrize("command", [("run",), ("show",), ("approve",), ("retry",)])
def test_a_wrong_file_is_told_in_a_line(tmp_path, command):
    path = tmp_path / "c.toml"
    path.write_text('name = "c"\nhypotheses = 3\n')
    said = ask(*command, path, code=2)
    assert "Did you mean hypothesis" in said
    assert "Traceback" not in said


def test_a_folder_without_campaigns_is_told(tmp_path):
    assert "in which a campaign was run" in ask("list", tmp_path, code=2)
