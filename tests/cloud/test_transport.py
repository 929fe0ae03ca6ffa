"""What is sent again and what never is, by each kind of failure."""

from __future__ import annotations

import httpx
import pytest

from hidden_regime.cloud import (
    AuthenticationFailed,
    CapacityBusy,
    Credentials,
    NotFound,
    QCError,
    QuantConnect,
    RateLimited,
    RequestRefused,
    ServerError,
)
from hidden_regime.exceptions import ParameterError
from tests.cloud.scripted import EMPTY_500, HTML, LOST, UNREACHED, Scripted

GOOD = {"success": True, "projects": []}
WRONG_HASH = {"success": False, "errors": ["Hash doesn't match. Check your token."]}


def test_a_request_is_signed_with_the_time_of_its_try():
    server = Scripted({"projects/read": [EMPTY_500, GOOD]})
    server.client().projects.list()
    first, second = server.headers
    assert int(second["Timestamp"]) == int(first["Timestamp"]) + 1
    expected = Credentials("42", "abc123").headers(int(second["Timestamp"]))
    assert second["Authorization"] == expected["Authorization"]
    assert server.asked == [("projects/read", {})] * 2


@pytest.mark.parametrize(
    "failure", [EMPTY_500, HTML, LOST, UNREACHED, httpx.Response(502, text="<html>"), httpx.Response(200, text="[1]")]
)
def test_a_read_is_asked_five_times(failure):
    server = Scripted({"projects/read": failure})
    with pytest.raises(ServerError, match="5 tries"):
        server.client().projects.list()
    assert server.slept == [1.0, 2.0, 4.0, 8.0]


@pytest.mark.parametrize("failure", [EMPTY_500, HTML, LOST, UNREACHED])
def test_a_read_outlives_a_failure(failure):
    server = Scripted({"projects/read": [failure, failure, GOOD]})
    assert server.client().projects.list() == ()


@pytest.mark.parametrize(
    "refusal",
    [
        WRONG_HASH,
        {"success": False, "errors": ["UserID not valid"]},
        httpx.Response(401, json={"success": False}, headers={"WWW-Authenticate": "Basic"}),
        httpx.Response(401),
    ],
)
def test_a_refused_signature_is_never_sent_again(refusal):
    server = Scripted({"authenticate": refusal})
    with pytest.raises(AuthenticationFailed, match="Check user id and token") as told:
        server.client().account.authenticate()
    assert server.times("authenticate") == 1
    assert "abc123" not in str(told.value)


def test_a_clock_that_is_wrong_is_told_and_the_servers_time_is_tried_once():
    server = Scripted({"authenticate": WRONG_HASH}, server_ahead=9_000.0)
    with pytest.raises(AuthenticationFailed, match=r"9,000 s behind the server's: set it"):
        server.client().account.authenticate()
    assert [int(one["Timestamp"]) for one in server.headers] == [1_700_000_000, 1_700_009_000]


def test_with_the_servers_time_the_call_may_succeed():
    server = Scripted({"authenticate": [WRONG_HASH, {"success": True}], "projects/read": GOOD}, server_ahead=-7_500.0)
    client = server.client()
    client.account.authenticate()
    client.projects.list()
    assert int(server.headers[-1]["Timestamp"]) == 1_700_000_000 - 7_500


def test_a_server_whose_clock_was_set_right_again_is_believed_again():
    server = Scripted({"authenticate": [WRONG_HASH, {"success": True}, WRONG_HASH, {"success": True}]}, server_ahead=9_000.0)
    client = server.client()
    client.account.authenticate()
    server.server_ahead = 0.0
    client.account.authenticate()
    assert [int(one["Timestamp"]) - 1_700_000_000 for one in server.headers] == [0, 9_000, 9_000, 0]


def test_of_two_threads_that_find_the_servers_time_out_at_once_both_go_on():
    def refused(_):
        client.transport.offset = 9_000.0  # the other one was faster
        return WRONG_HASH

    server = Scripted({"authenticate": [refused, {"success": True}]}, server_ahead=9_000.0)
    client = server.client()
    client.account.authenticate()
    assert int(server.headers[-1]["Timestamp"]) == 1_700_009_000


@pytest.mark.parametrize(
    "said", ["Too many backtest requests; please slow down.", "There are no spare nodes available in your cluster"]
)
def test_capacity_is_waited_for_with_growing_pauses(said):
    server = Scripted({"projects/read": [{"success": False, "errors": [said]}] * 3 + [GOOD]})
    server.client().projects.list()
    assert server.slept == [45.0, 67.5, 101.25]


def test_capacity_past_the_patience_says_nothing_of_the_strategy():
    server = Scripted({"projects/read": {"success": False, "errors": ["please slow down"]}})
    with pytest.raises(CapacityBusy, match="nothing of the strategy") as told:
        server.client().projects.list()
    assert type(told.value) is CapacityBusy and sum(server.slept) <= 600


def test_retry_after_is_obeyed():
    server = Scripted({"projects/read": [httpx.Response(429, headers={"Retry-After": "7"}), GOOD]})
    server.client().projects.list()
    assert server.slept == [7.0]


def test_retry_after_beyond_the_patience_is_an_error():
    server = Scripted({"projects/read": httpx.Response(429, headers={"Retry-After": "86400"})})
    with pytest.raises(RateLimited):
        server.client().projects.list()
    assert server.slept == []


@pytest.mark.parametrize(
    ("reply", "kind", "said"),
    [
        ({"success": False, "errors": ["Invalid argument"]}, RequestRefused, "Invalid argument"),
        ({"success": "false", "messages": ["No"]}, RequestRefused, "No"),
        ({"success": False, "Message": "Old style"}, RequestRefused, "Old style"),
        ({"success": False, "errors": None}, RequestRefused, "without saying why"),
        ({"success": False, "errors": []}, RequestRefused, "without saying why"),
        ({"success": False}, RequestRefused, "without saying why"),
        ({"errors": ["Project 7 not found or permission denied"]}, NotFound, "Project 7"),
        ({"success": False, "errors": ["No live deployment found"]}, NotFound, "deployment"),
        ({"success": False, "errors": ["the token abc123 is bad"]}, RequestRefused, r"\*\*\*"),
    ],
)
def test_refusals_are_told_by_kind(reply, kind, said):
    server = Scripted({"projects/read": reply})
    with pytest.raises(kind, match=said) as told:
        server.client().projects.read(7)
    assert told.value.endpoint == "projects/read" and isinstance(told.value, QCError)
    assert "abc123" not in str(told.value)
    assert server.times("projects/read") == 1


@pytest.mark.parametrize(
    "reply", [{"projects": []}, {"success": "true"}, {"success": "True", "errors": None}, {"success": 1, "errors": []}]
)
def test_success_in_any_form(reply):
    assert Scripted({"projects/read": reply}).client().projects.list() == ()


def test_a_failed_backtests_own_error_is_no_failure_of_reading_it():
    reply = {"success": True, "backtest": {"backtestId": "b", "error": "Runtime Error", "stacktrace": "at line 3"}}
    found = Scripted({"backtests/read": reply}).client().backtests.read(7, "b")
    assert found.failed and found.done and found.error == "Runtime Error"


def test_requests_keep_a_pace():
    server = Scripted({"projects/read": GOOD})
    client = server.client(requests_per_minute=2.0)
    for _ in range(4):
        client.projects.list()
    assert sum(server.slept) == pytest.approx(60.0)


@pytest.mark.parametrize(
    "url", ["http://example.com/api/", "ftp://localhost/", "http://192.168.0.3/", "not an address", "http://[::1"]
)
def test_a_token_never_crosses_a_network_in_the_clear(url):
    with pytest.raises(ParameterError, match="base_url"):
        QuantConnect(Credentials("42", "abc123"), base_url=url)


def test_a_real_refused_connection_is_told():
    client = QuantConnect(Credentials("42", "abc123"), base_url="http://127.0.0.1:9/api/v2/", sleep=lambda _: None)
    with client, pytest.raises(ServerError, match="no connection to"):
        client.projects.list()
