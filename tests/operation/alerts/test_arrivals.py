"""Alerts that arrive: by apprise at a mail server and a webhook of this machine, from a sender that is killed."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
import time

import pytest

from hidden_regime.exceptions import MissingDependencyError
from hidden_regime.operation.alerts import AlertQueue, AlertRules, Sender, Sink
from hidden_regime.operation.alerts.process import main, start_sender
from hidden_regime.operation.alerts.sending import NO_ADDRESS, REFUSED, check_installed, send
from tests.operation.alerts.sinks import mail_server, webhook

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of apprise's plug-ins, which it loads all at once
NASTY = "a <b>bold</b> & *star* @everyone <!channel> [x](http://evil)"
TITLE = "hidden-regime: drawdown"
SOON = 5.0


def test_mail_and_webhook_get_the_text_as_it_is():
    with webhook() as hook, mail_server() as mail:
        assert send(Sink("hook", hook.url), TITLE, NASTY) == ""
        assert send(Sink("mail", mail.url), TITLE, NASTY) == ""
        assert send(Sink("mail", f"{mail.url}&format=html"), TITLE, NASTY) == ""
        assert (hook.arrivals.all[0]["title"], hook.arrivals.all[0]["message"]) == (TITLE, NASTY)
        plain, html = mail.all
        assert f"Subject: {TITLE}" in plain and "<b>bold</b> & *star*" in plain
        assert "text/html" in html and "<b>bold" not in html.split("text/html")[1] and "&lt;b&gt;bold" in html


CHATS = {
    "discord": "discord://123456789012345678/abcdefghijklmnopqrstuvwxyz0123456789",
    "slack": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/general",
    "telegram": "tgram://123456789:abcdefghijklmnopqrstuvwxyz012345678/12315544",
}


@pytest.mark.parametrize("chat", CHATS)
def test_chats_get_no_marks_of_theirs_and_nobody_is_called(chat, monkeypatch):
    import requests

    sent = []

    class Answer:
        status_code, content, text, headers = 200, b'{"ok": true, "result": []}', "ok", {}

    def post(url, data=None, **_):
        sent.append(data if isinstance(data, str) else json.dumps(data))
        return Answer()

    monkeypatch.setattr(requests, "post", post)
    monkeypatch.setattr(requests, "request", lambda method, url, **more: post(url, **more))
    send(Sink(chat, CHATS[chat]), TITLE, NASTY)
    told = json.loads(sent[0])
    body = {
        "discord": lambda: told["content"],
        "telegram": lambda: told["text"],
        "slack": lambda: told["attachments"][0]["text"],
    }[chat]()
    assert "@everyone" not in body and "everyone" in body
    if chat == "discord":
        assert "\\*star\\*" in body and "[x](" not in body
    else:
        assert "<b>bold" not in body and "&lt;b&gt;bold" in body and "<!channel>" not in body


def test_what_was_not_taken_is_told_without_the_address(caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    with webhook() as hook:
        hook.status = 500
        assert send(Sink("hook", hook.url), TITLE, "x") == REFUSED
    assert send(Sink("hook", hook.url), TITLE, "x") == REFUSED  # nobody listens any more
    assert send(Sink("hook", "nosuch://secret-path"), TITLE, "x") == NO_ADDRESS
    import apprise

    monkeypatch.setattr(apprise.Apprise, "notify", lambda *_, **__: (_ for _ in ()).throw(OSError("json://secret-path")))
    assert send(Sink("hook", "json://localhost/secret-path"), TITLE, "x") == f"{REFUSED} (OSError)"
    monkeypatch.setattr(apprise.Apprise, "notify", lambda *_, **__: None)
    assert send(Sink("hook", "json://localhost/secret-path"), TITLE, "x") == REFUSED
    assert "secret-path" not in "".join(one.getMessage() for one in caplog.records if one.name.startswith("apprise"))


def test_a_slow_sink_keeps_no_other_waiting(tmp_path):
    with webhook() as slow, webhook() as quick:
        slow.gate.clear()
        sender = Sender(tmp_path / "w.sqlite", AlertRules((Sink("slow", slow.url), Sink("quick", quick.url))))
        stop = threading.Event()
        thread = threading.Thread(target=sender.run, args=(stop, 0.01))
        thread.start()
        try:
            sender.queue.post("drawdown", "one", "x", time.time())
            slow.asked.wait(1)
            quick.arrivals.wait(1)
            sender.queue.post("drawdown", "two", "x", time.time())
            assert quick.arrivals.wait(2) < SOON and not slow.arrivals.all
        finally:
            stop.set()
            slow.gate.set()
            thread.join(20)
        assert not thread.is_alive()


def noted(queue, alert, sink):
    """Wait until a sender has noted that an alert arrived."""
    for _ in range(1000):
        if any((one.alert, one.sink, one.state) == (alert, sink, "sent") for one in queue.tries()):
            return
        threading.Event().wait(0.01)
    raise AssertionError(queue.tries())


RULES = (
    '[alerts]\n[[alerts.sink]]\nname = "hook"\nurl_from = "TEST_HOOK"\n[[alerts.sink]]\nname = "mail"\nurl_from = "TEST_MAIL"\n'
)


def test_alerts_arrive_once_also_after_the_sender_was_killed(tmp_path, monkeypatch, capfd):
    with webhook() as hook, mail_server() as mail:
        monkeypatch.setenv("TEST_HOOK", hook.url)
        monkeypatch.setenv("TEST_MAIL", mail.url)
        (tmp_path / "rules.toml").write_text(RULES)
        path = tmp_path / "workspace.sqlite"
        queue = AlertQueue(path)
        process = start_sender(path, tmp_path / "rules.toml")
        try:
            queue.post("drawdown", "before", "x", time.time())
            noted(queue, 1, "hook"), noted(queue, 1, "mail")
            process.kill()
            process.wait()
            begin = time.monotonic()
            queue.post("drawdown", "while it is dead", "x", time.time())
            process = start_sender(path, tmp_path / "rules.toml")
            hook.arrivals.wait(2), mail.wait(2)
            assert time.monotonic() - begin < SOON
            noted(queue, 2, "hook"), noted(queue, 2, "mail")
            hook.gate.clear()  # and killed in the middle of a message
            queue.post("drawdown", "in the middle", "x", time.time())
            hook.asked.wait(3), mail.wait(3)
            noted(queue, 3, "mail")
            process.kill()
            process.wait()
            process = start_sender(path, tmp_path / "rules.toml")
            hook.asked.wait(4)
            hook.gate.set()
            queue.post("daily", "the last", "x", time.time())
            hook.arrivals.wait(5), mail.wait(4)
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        finally:
            process.kill()
            process.wait()
    subjects = [one["message"].split("\n")[0] for one in hook.arrivals.all]
    assert sorted(subjects) == sorted(["before", "while it is dead", "in the middle", "in the middle", "the last"])
    twice = [one["message"] for one in hook.asked.all if one["message"].startswith("in the middle")]
    assert ["died" in one for one in twice] == [False, True]  # the second says that it may be one
    assert len(mail.all) == 4
    assert queue.undelivered() == []
    kept = path.read_bytes() + "".join(capfd.readouterr()).encode()
    assert b"secret-path" not in kept


def test_a_process_that_cannot_begin_says_why(tmp_path, capsys, monkeypatch):
    assert main([]) == 2
    assert main([str(tmp_path / "w.sqlite"), str(tmp_path / "rules.toml")]) == 2
    assert "There is no such file" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(MissingDependencyError, match=r"hidden-regime\[alerts\]"):
        check_installed()
    assert main([str(tmp_path / "w.sqlite"), str(tmp_path / "rules.toml")]) == 2
    assert os.listdir(tmp_path) == []
