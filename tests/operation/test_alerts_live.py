"""What goes wrong reaches whoever watches, once each; a clean week says nothing."""

from __future__ import annotations

import json
import threading
import time
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typer.testing import CliRunner

from hidden_regime.cli.main import app
from hidden_regime.exceptions import ParameterError
from hidden_regime.operation.alerts import AlertQueue
from hidden_regime.operation.errors import TargetError
from hidden_regime.operation.running import process
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
