"""The status page: for this machine and the token's owner alone, with what the journal says, and never as markup."""

from __future__ import annotations

import http.client
import json
import re
import stat
import threading
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from hidden_regime.exceptions import ParameterError
from hidden_regime.operation.errors import OperationError
from hidden_regime.operation.halting import halt_at
from hidden_regime.operation.journal import Journal, journal_of
from hidden_regime.operation.panic import Outcome
from hidden_regime.operation.status import moment_of
from hidden_regime.operation.targets.base import Account
from hidden_regime.operation.targets.opening import ACCOUNT
from hidden_regime.operation.watching.holdings import Held, Holdings, asked
from hidden_regime.operation.watching.server import HOST, StatusServer
from hidden_regime.operation.watching.template import SCRIPT
from hidden_regime.operation.watching.token import FILE, is_right, token_of
from tests.operation.journals import two_months
from tests.operation.strategies import TURNING
from tests.operation.worlds import WALL, deployed

NOW = moment_of(WALL)
MARKET = datetime(2012, 1, 13, 16)


@contextmanager
def served(journal: Journal, **options):
    options.setdefault("now", lambda: NOW + timedelta(seconds=10))
    server = StatusServer(journal.path, **options)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def ask(server, path, *, method="GET", body=None, cookie=True, host="", token=None):
    connection = http.client.HTTPConnection(HOST, server.port, timeout=20)
    headers = {"Host": host or f"{HOST}:{server.port}"}
    if cookie:
        headers["Cookie"] = f"hidden_regime_{server.port}={token or server.token}"
    connection.request(method, path, body=None if body is None else urlencode(body), headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer, text


def test_only_the_tokens_owner_sees_anything(tmp_path):
    journal = deployed(tmp_path, TURNING)
    with served(journal) as server:
        assert "running" in ask(server, "/")[1]
        assert server.server_address[0] == "127.0.0.1"
        for path in ("/", "/part", "/status", "/halt?name=one", "/?token=wrong", f"/?token={server.token[:-1]}"):
            answer, text = ask(server, path, cookie=False)
            assert answer.status == 403 and "running" not in text and server.token not in text
        assert ask(server, "/status", token="x" * 43)[0].status == 403
        answer, _ = ask(server, server.url.split(str(server.port))[1], cookie=False)
        assert answer.status == 303 and answer.getheader("Location") == "/"
        cookie = answer.getheader("Set-Cookie")
        assert server.token in cookie and "HttpOnly" in cookie and "SameSite=Strict" in cookie
        assert ask(server, "/")[0].status == 200


def test_a_name_that_was_made_to_lead_here_is_refused(tmp_path):
    """DNS rebinding: the browser believes that another site lives at this address."""
    with served(deployed(tmp_path, TURNING)) as server:
        for host in ("evil.example", f"evil.example:{server.port}", "127.0.0.1"):
            assert ask(server, "/status", host=host)[0].status == 403
        assert ask(server, "/status", host=f"localhost:{server.port}")[0].status == 200


def test_the_token_is_kept_for_its_owner_alone(tmp_path):
    token = token_of(tmp_path)
    assert len(token) >= 32 and token_of(tmp_path) == token
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    (tmp_path / FILE).chmod(0o644)
    with pytest.raises(OperationError, match="others"):
        token_of(tmp_path)
    (tmp_path / FILE).chmod(0o600)
    (tmp_path / FILE).write_text("short\n")
    with pytest.raises(OperationError, match="no token"):
        token_of(tmp_path)
    assert is_right(token, token) and not is_right("", token) and not is_right("\udcff\u00e9", token)


def test_a_port_that_is_taken_or_none_is_told(tmp_path):
    journal = deployed(tmp_path, TURNING)
    with served(journal) as server, pytest.raises(OperationError, match="--port"):
        StatusServer(journal.path, server.port)
    with pytest.raises(ParameterError, match="port"):
        StatusServer(journal.path, 70_000)


def test_the_page_shows_what_the_journal_says(tmp_path):
    journal = two_months(tmp_path)
    with served(journal) as server:
        answer, page = ask(server, "/")
        told = json.loads(ask(server, "/status")[1])
    value = journal.equity("one")[-1][1]
    assert f"{value:,.2f}" in page and "2012-02-29" in page and 'class="curve"' in page
    assert [one["name"] for one in told["deployments"]] == ["one"] and told["deployments"][0]["state"] == "ended"
    held = told["deployments"][0]["positions"]
    fills: dict[str, float] = {}
    for row in journal.order_events("one"):
        fills[row.ticker] = fills.get(row.ticker, 0.0) + row.fill_quantity
    assert held == {ticker: quantity for ticker, quantity in fills.items() if quantity} and held
    assert all(f"<td>{ticker}</td><td>{quantity:,g}</td>" in page for ticker, quantity in held.items())
    assert not re.search(r"https?://|@import|url\(", page) and "http-equiv" not in page
    policy = answer.getheader("Content-Security-Policy")
    assert "default-src 'none'" in policy and "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
    assert answer.getheader("Cache-Control") == "no-store"


def test_no_text_of_the_journal_is_markup(tmp_path):
    journal = deployed(tmp_path, TURNING)
    bad = "</table><script>alert(1)</script><img src=x onerror=alert(1)>"
    journal.tell("one", WALL, MARKET, "error", bad, bad)
    journal.set_state("one", "failed", bad)
    with journal.file.transaction() as db:
        db.execute("INSERT INTO regimes VALUES ('one', ?, 0, '2012-01-13T16:00:00.000000', ?, 0.5)", (bad, bad))
    with served(journal, held=lambda path, name: Held({bad: 1.0}, 2.0)) as server:
        page = ask(server, "/")[1]
        part = ask(server, "/part")[1]
        refused = ask(server, "/halt?name=%3Cscript%3E")
    assert page.count("<script>") == 1 and SCRIPT in page and "<img" not in page
    assert "<script" not in part and "<img" not in part and part.count("&lt;script&gt;") >= 5
    assert refused[0].status == 404 and "<script>alert" not in refused[1]


def test_a_heartbeat_that_is_missed_is_red_and_one_that_is_not_is_not(tmp_path):
    journal = deployed(tmp_path, TURNING)
    now = [NOW]
    with served(journal, now=lambda: now[0]) as server:
        for seconds, red in ((5, False), (60, False), (61, True)):
            now[0] = NOW + timedelta(seconds=seconds)
            part = ask(server, "/part")[1]
            shown = re.search(r'id="alarm-1" role="alert"( hidden)?', part)
            assert (shown[1] is None) == red, seconds
            assert json.loads(ask(server, "/status")[1])["deployments"][0]["missed"] == red
        journal.beat("one", (NOW + timedelta(seconds=100)).isoformat().replace("+00:00", "Z"), MARKET)
        now[0] = NOW + timedelta(seconds=101)
        assert 'data-age="1.0" data-runs="1"' in ask(server, "/part")[1]


def test_the_kill_switch_asks_once_more_and_takes_the_token_from_the_form_alone(tmp_path):
    journal = deployed(tmp_path, TURNING)
    killed = []

    def kill(path, name):
        killed.append(name)
        return Outcome(False, 3, Account(1.0, {"<b>": 5.0}), (), ("cancel: <i>no answer",))

    with served(journal, kill=kill) as server:
        question = ask(server, "/halt?name=one")[1]
        assert 'method="post"' in question and server.token in question and not killed
        for body in ({"name": "one"}, {"name": "one", "token": "wrong"}, {"name": "one", "token": ""}):
            assert ask(server, "/halt", method="POST", body=body)[0].status == 403
        assert ask(server, "/other", method="POST", body={"name": "one", "token": server.token})[0].status == 404
        assert ask(server, "/halt", method="POST", body={"name": "x" * 5000, "token": server.token})[0].status == 400
        assert ask(server, "/halt", method="POST", body={"name": "two", "token": server.token})[0].status == 404
        assert not killed
        answer, text = ask(server, "/halt", method="POST", body={"name": "one", "token": server.token}, cookie=False)
    assert answer.status == 200 and killed == ["one"]
    assert "NOT FLAT" in text and "<b>" not in text.split("NOT FLAT")[1] and "&lt;i&gt;no answer" in text


def test_it_really_sells(tmp_path):
    journal = two_months(tmp_path)
    with served(journal, kill=lambda path, name: halt_at(path, name, pause=lambda seconds: None)) as server:
        text = ask(server, "/halt", method="POST", body={"name": "one", "token": server.token})[1]
        told = json.loads(ask(server, "/status")[1])["deployments"][0]
    assert "Flat:" in text and told["state"] == "halted"
    assert asked(journal.path, "one").positions == {}


def test_looking_opens_no_account(tmp_path):
    """The run opens it with the strategy's cash; a page that came first would open it with none."""
    journal = deployed(tmp_path, TURNING)
    held = asked(journal.path, "one")
    assert held.positions is None and "opened" in held.said
    assert not (journal.folder("one") / ACCOUNT).exists()


def test_a_target_that_hangs_hangs_no_page_and_a_failed_query_is_no_flat(tmp_path):
    journal = deployed(tmp_path, TURNING)
    goes_on, count = threading.Event(), []

    def hangs(path: Path, name: str) -> Held:
        count.append(name)
        goes_on.wait(20)
        return Held(None, None, "TargetError: no")

    with served(journal, held=hangs) as server:
        assert "has not answered yet" in ask(server, "/part")[1]
        assert json.loads(ask(server, "/status")[1])["deployments"][0]["positions"] is None
        assert count == ["one"]
        goes_on.set()
        server.holdings._busy["one"].join(10)
        assert "TargetError: no" in ask(server, "/part")[1]


def test_answers_are_asked_again_once_they_are_old(tmp_path):
    journal = deployed(tmp_path, TURNING)
    now, count = [0.0], []
    holdings = Holdings(journal.path, lambda: now[0], lambda path, name: count.append(name) or Held({}, 0.0))
    deployment = journal.deployment("one")
    for moment, asks in ((0.0, 1), (2.9, 1), (3.1, 2)):
        now[0] = moment
        assert holdings.of(deployment).positions == {} and len(count) == asks


def test_a_journal_that_is_damaged_is_told(tmp_path):
    journal = deployed(tmp_path, TURNING)
    with served(journal) as server:
        journal.close()
        for more in ("-wal", "-shm"):
            Path(f"{journal.path}{more}").unlink(missing_ok=True)
        journal.path.write_bytes(b"no database" * 500)
        answer, text = ask(server, "/")
        halted = ask(server, "/halt", method="POST", body={"name": "one", "token": server.token})
    assert answer.status == 500 and "journal" in text
    # The kill switch of a page that was open before ends the process all the same.
    assert halted[0].status == 200 and "NOT FLAT" in halted[1] and (journal.folder("one") / "HALT").is_file()


def test_an_empty_workspace_has_a_page(tmp_path):
    with served(journal_of(tmp_path)) as server:
        assert "No strategy was started" in ask(server, "/")[1]
