"""Faults come out as they are asked for."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request

import pytest

from hidden_regime.cloud.fake import Faults
from hidden_regime.exceptions import ParameterError


def names(ask):
    return [one["name"] for one in ask.good("projects/read")["projects"]]


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [("empty 500", 500, b""), ("html 502", 502, b"<!DOCTYPE html>"), ("html 200", 200, b"<!DOCTYPE html>"), ("429", 429, b"")],
)
def test_statuses_and_pages_come_before_the_work(ask, kind, status, body):
    ask.cloud.faults.add("projects/create", kind, times=2, seconds=7)
    for _ in range(2):
        heard = ask.send("projects/create", json.dumps({"name": kind, "language": "Py"}).encode())
        assert (heard.status, heard.body[:15]) == (status, body)
        assert heard.headers.get("Retry-After") == ("7" if kind == "429" else None)
    assert kind not in names(ask)
    ask.good("projects/create", name=kind, language="Py")
    assert kind in names(ask)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("capacity", "Too many backtest requests; please slow down."),
        ("no node", "no spare nodes available in your cluster"),
        ("locked", "write permission"),
        ("wrong hash", "Hash doesn't match."),
    ],
)
def test_refusals_come_before_the_work(ask, kind, error):
    ask.cloud.faults.add("projects/create", kind)
    told = ask("projects/create", name=kind, language="Py")
    assert (told["success"], error in told["errors"][0]) == (False, True)
    assert kind not in names(ask)


@pytest.mark.parametrize(("kind", "is_done"), [("lost reply", True), ("closed", False)])
def test_a_connection_ends_after_the_work_or_before(ask, kind, is_done):
    ask.cloud.faults.add("projects/create", kind)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError, urllib.error.URLError)):
        ask("projects/create", name=kind, language="Py")
    assert (kind in names(ask)) is is_done


def test_a_lost_reply_of_a_backtest_leaves_a_backtest_that_runs(ask):
    number = ask.project("Lost")
    build = ask.build(number)["compileId"]
    ask.cloud.faults.add("backtests/create", "lost reply")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError, urllib.error.URLError)):
        ask("backtests/create", projectId=number, compileId=build, backtestName="lost #0a1b2c3d")
    listed = ask.good("backtests/list", projectId=number)["backtests"]
    assert [one["name"] for one in listed] == ["lost #0a1b2c3d"]
    assert ask.end(number, listed[0]["backtestId"])["statistics"]["Total Orders"] != "0"


def test_a_fault_waits_for_its_turn_and_its_endpoint(ask):
    ask.cloud.faults.add("organizations/*", "empty 500", times=1, after=1)
    statuses = [
        ask.send(endpoint).status
        for endpoint in ("authenticate", "organizations/list", "organizations/read", "organizations/list")
    ]
    assert statuses == [200, 200, 500, 200]


def test_a_delay_comes_before_the_reply(ask):
    ask.cloud.faults.add("authenticate", "delay", seconds=0.3)
    start = time.monotonic()
    assert ask.send("authenticate").status == 200
    assert time.monotonic() - start >= 0.3


def test_every_object_gets_a_field_that_nobody_knows(ask):
    ask.cloud.faults.add("organizations/list", "extra fields")
    told = ask.good("organizations/list")
    assert "aFieldOfTomorrow" in told
    assert told["organizations"][0]["aFieldOfTomorrow"] == {"a": [1, None]}


def test_objects_come_as_empty_lists(ask):
    number = ask.project("Lists")
    ask.cloud.faults.add("projects/read", "empty lists")
    told = ask.good("projects/read", projectId=number)
    assert told["projects"][0]["collaborators"][0]["name"] == "Practice"
    ask.cloud.faults.add("nodes/read", "empty lists")
    assert ask.good("nodes/read", organizationId=ask.cloud.account.organization)["backtest"][0]["price"] == []


def test_another_process_adds_faults_over_http(ask):
    def control(**fields):
        request = urllib.request.Request(ask.cloud.url + "__faults__", json.dumps(fields).encode())
        with urllib.request.urlopen(request) as reply:
            return json.loads(reply.read())

    told = control(pattern="authenticate", kind="empty 500", times=None)
    assert told["rules"] == [{"pattern": "authenticate", "kind": "empty 500", "times": None, "after": 0, "seconds": 1.0}]
    assert ask.send("authenticate").status == ask.send("authenticate").status == 500
    assert control(clear=True)["rules"] == []
    assert ask.send("authenticate").status == 200
    assert "expected one of empty 500" in control(pattern="*", kind="nonsense")["errors"][0]


def test_faults_that_cannot_be_are_refused():
    with pytest.raises(ParameterError, match="expected one of empty 500"):
        Faults().add("*", "nonsense")
    with pytest.raises(ParameterError, match="at least 1"):
        Faults().add("*", "closed", times=0)


def test_connections_are_kept_and_only_this_machine_is_listened_to(ask):
    assert ask.cloud.url.startswith("http://127.0.0.1:")
    from tests.cloud.fake.asking import signed

    connection = http.client.HTTPConnection(ask.cloud.url.split("/")[2], timeout=10)
    sockets = set()
    for _ in range(3):
        connection.request("GET", "/api/v2/authenticate", headers=signed(ask.cloud, time.time()))
        reply = connection.getresponse()
        assert json.loads(reply.read())["success"] is True
        sockets.add(connection.sock)
    connection.close()
    assert len(sockets) == 1
    assert None not in sockets
