"""What goes wrong reaches whoever watches, once each; a clean week says nothing."""

from __future__ import annotations

import json
import sys
import threading
import time
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typer.testing import CliRunner

from hidden_regime.cli.main import app
from hidden_regime.exceptions import MissingDependencyError, ParameterError
from hidden_regime.jobs.locked import locked
from hidden_regime.operation.alerting import check_alerts
from hidden_regime.operation.alerts import AlertQueue
from hidden_regime.operation.alerts.process import LOCK
from hidden_regime.operation.errors import TargetError
from hidden_regime.operation.journal import journal_of
from hidden_regime.operation.running import process
from hidden_regime.operation.running.kept_sender import KeptSender
from hidden_regime.operation.running.supervisor import Supervisor
from hidden_regime.operation.targets.paper import PaperTarget
from tests.operation.strategies import TURNING
from tests.operation.test_arrivals import BAD, Spoilt, without_last
from tests.operation.worlds import deployed, instant, runner

WEEK = {"start": date(2012, 1, 16), "end": date(2012, 1, 20)}


def posted(journal):
    return [(alert.kind, alert.subject) for alert in AlertQueue(journal.path).alerts()]


def test_a_clean_week_alerts_nobody(tmp_path):
    journal = deployed(tmp_path, TURNING, **WEEK)
    assert runner(journal).run() == "ended"
    assert posted(journal) == []


class Deaf(PaperTarget):
    """It loses one answer."""

    lost = False

    def send(self, row):
        super().send(row)
        if not self.lost:
            self.lost = True
            raise TargetError("no answer")


def test_each_fault_of_a_week_is_one_alert(tmp_path):
    rules = '[guards]\ndaily_loss = { limit = 0.000001, action = "warn" }\n'
    journal = deployed(tmp_path, TURNING, rules=rules, **WEEK)

    def spoil(asset, until):
        return without_last(asset) if until.date() == BAD else asset

    target = Deaf(tmp_path / "account.sqlite", 50_000.0)
    assert runner(journal, source=Spoilt(spoil), clock=instant(WEEK["start"]), target=target).run() == "ended"
    kinds = [kind for kind, _ in posted(journal)]
    assert kinds.count("silent") == kinds.count("late") == kinds.count("target") == 1
    losses = [subject for kind, subject in posted(journal) if kind == "daily-loss"]
    assert losses and len(set(losses)) == len(losses)
    assert set(kinds) == {"silent", "late", "target", "daily-loss"}


def test_a_dead_process_is_told_to_a_webhook_while_it_goes_on(tmp_path, monkeypatch):
    got: list[tuple[float, str]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            got.append((time.monotonic(), f"{body.get('title')} {body.get('message')}"))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("ALERT_HOOK", f"json://127.0.0.1:{server.server_port}/")
        rules = '[alerts]\n[[alerts.sink]]\nname = "hook"\nurl_from = "ALERT_HOOK"\n'
        journal = deployed(tmp_path, TURNING, rules=rules, speed=1_000_000.0)
        killed = []

        def tick():
            runs = journal.file.rows("SELECT pid, started FROM runs WHERE ended = '' ORDER BY id DESC LIMIT 1")
            if runs and not killed and len(journal.slots("one")) > 3:
                process.end(*runs[0], hard=True)
                killed.append(time.monotonic())

        assert Supervisor(journal, "one", tick=tick).run() == "ended"
        server.shutdown()
    assert len(got) == 1 and "signal 9" in got[0][1]
    assert got[0][0] - killed[0] < 15.0  # under 5 s by itself, which the benchmark of a quiet machine shows


@pytest.mark.parametrize("rules", ["per_hour = 3", '[[alerts.sink]]\nname = "mail"\nurl = "mailtos://me:secret@example.org"'])
def test_alerts_that_can_not_be_sent_and_secrets_are_refused_at_once(tmp_path, rules):
    with pytest.raises(ParameterError, match="sink") as caught:
        deployed(tmp_path, TURNING, rules=f"[alerts]\n{rules}\n")
    assert "secret@" not in str(caught.value)
    assert not any(b"secret@" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_what_is_told_and_its_alert_are_both_there(tmp_path):
    journal = deployed(tmp_path, TURNING)

    def tell_and_fall():
        with journal.file.transaction() as db:
            journal.add_line(db, "one", "2026-01-01T00:00:00.000Z", datetime(2026, 1, 1), "error", "crash", "it fell")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        tell_and_fall()
    assert posted(journal) == [] and journal.told("one") == []


def test_a_days_summary_is_posted_once(tmp_path, monkeypatch):
    journal = deployed(tmp_path, TURNING, **WEEK)
    assert runner(journal).run() == "ended"
    monkeypatch.chdir(tmp_path)
    for again in range(2):
        done = CliRunner().invoke(app, ["live", "daily", "one", "--day", "2012-01-18", "--post"])
        assert done.exit_code == 0 and ("was given" in done.output) is bool(again)
    assert posted(journal) == [("daily", "one 2012-01-18")]
    (alert,) = AlertQueue(journal.path).alerts()
    assert "2012-01-18" in alert.text


RULES = '[alerts]\n[[alerts.sink]]\nname = "hook"\nurl_from = "ALERT_HOOK"\n'


def test_a_run_whose_alerts_would_go_nowhere_is_not_begun_nor_gone_on_with(tmp_path, monkeypatch):
    with pytest.raises(ParameterError, match="ALERT_HOOK"):
        deployed(tmp_path, TURNING, rules=RULES)
    assert journal_of(tmp_path).deployments() == []
    monkeypatch.setenv("ALERT_HOOK", "json://127.0.0.1:9/")
    journal = deployed(tmp_path, TURNING, rules=RULES)
    monkeypatch.delenv("ALERT_HOOK")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["live", "start", "one"])
    assert done.exit_code == 2 and "ALERT_HOOK" in done.output and not journal.file.rows("SELECT 1 FROM runs")
    monkeypatch.setenv("ALERT_HOOK", "json://127.0.0.1:9/")
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(MissingDependencyError, match="hidden-regime"):
        check_alerts(journal, "one", RULES)


def test_one_sender_serves_a_workspace_and_so_one_table(tmp_path, monkeypatch):
    monkeypatch.setenv("ALERT_HOOK", "json://127.0.0.1:9/")
    journal = deployed(tmp_path, TURNING, rules=RULES)
    check_alerts(journal, "two", RULES)
    check_alerts(journal, "two", '[guards]\ndrawdown = { limit = 0.1, action = "warn" }\n')
    check_alerts(journal, "one", f"{RULES}kinds = ['drawdown']\n")
    with pytest.raises(ParameterError, match="of one, which runs"):
        check_alerts(journal, "two", f"{RULES}kinds = ['drawdown']\n")
    journal.set_state("one", "stopped")
    check_alerts(journal, "two", f"{RULES}kinds = ['drawdown']\n")


class Mortal:
    """A process that dies when it is told to."""

    def __init__(self):
        self.code, self.asked = None, 0

    def poll(self):
        return self.code

    def terminate(self):
        self.asked += 1

    def wait(self, seconds=None):
        return 0


def test_a_sender_that_dies_is_told_of_once_and_begun_again_each_minute(tmp_path):
    now, made, told, paused = [0.0], [], [], []

    def start(path, rules):
        made.append(Mortal())
        return made[-1]

    kept = KeptSender(tmp_path, tmp_path, told.append, seconds=lambda: now[0], start=start)
    for second in range(0, 200, 10):
        now[0] = float(second)
        if second == 30:
            made[0].code = 2
        if second == 90:
            made[1].code = -9
        kept.tend()
    assert len(told) == 1 and "status 2" in told[0] and len(made) == 3
    kept.end(paused.append)
    assert made[-1].asked == 1 and paused == [3.0]


def test_a_summary_that_nothing_sends_says_so(tmp_path, monkeypatch):
    journal = deployed(tmp_path, TURNING, **WEEK)
    assert runner(journal).run() == "ended"
    monkeypatch.chdir(tmp_path)
    words = ["live", "daily", "one", "--post", "--day"]
    done = CliRunner().invoke(app, [*words, "2012-01-18"])
    assert done.exit_code == 0 and "nothing sends alerts" in done.stderr
    with locked(journal.path.with_name(f"{journal.path.name}{LOCK}")):
        done = CliRunner().invoke(app, [*words, "2012-01-19"])
    assert done.exit_code == 0 and done.stderr == ""
    assert CliRunner().invoke(app, [*words, "2012-01-19", "--again"]).exit_code == 2
    assert len(posted(journal)) == 2
