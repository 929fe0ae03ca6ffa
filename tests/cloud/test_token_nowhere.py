"""The token, and what is signed with it, are in no message, error, log, address or pickle of one, whatever goes wrong."""

from __future__ import annotations

import base64
import contextlib
import logging
import pickle

import httpx
import pytest

from hidden_regime.cloud import Credentials, QCError, QuantConnect
from hidden_regime.cloud.fake import FakeCloud
from hidden_regime.exceptions import RegimeError
from tests.cloud.scripted import EMPTY_500, HTML, LOST, UNREACHED, Scripted

TOKEN = "abc123"
BASIC = httpx.Response(401, json={"errors": ["no"]}, headers={"WWW-Authenticate": "Basic"})


def secrets(headers):
    """The token, the header, and the signature in it."""
    basic = headers["Authorization"].removeprefix("Basic ")
    return TOKEN, basic, base64.b64decode(basic).decode().split(":")[1]


def chain(error):
    """An error and all that hang on it, shown or not."""
    found, left = [], [error]
    while left:
        one = left.pop()
        if one is not None and one not in found:
            found.append(one)
            left += [one.__cause__, one.__context__]
    return found


def locals_of(error):
    """What a tool that shows variables in tracebacks shows of the package's."""
    trace = error.__traceback__
    while trace is not None:
        if "hidden_regime" in trace.tb_frame.f_code.co_filename.replace("tests", ""):
            yield from map(repr, trace.tb_frame.f_locals.values())
        trace = trace.tb_next


def echo(server, text):
    """A complaint that quotes what was sent."""
    return lambda _: {
        "success": False,
        "errors": [f"{text}: {' '.join((TOKEN, *server.headers[-1].values()))} {secrets(server.headers[-1])}"],
    }


def reads(qc):
    qc.projects.list()


def begins(qc):
    qc.backtests.create(7, "c", "mine")


def builds(qc):
    qc.compiles.run(7)


@pytest.mark.parametrize(
    ("answers", "call"),
    [
        *(({"projects/read": one}, reads) for one in (EMPTY_500, HTML, LOST, UNREACHED, BASIC, "echo not found", "echo no")),
        ({"projects/read": "echo slow: please slow down"}, reads),
        ({"projects/read": "echo wrong: hash doesn't match"}, reads),
        ({"projects/read": httpx.Response(302, headers={"Location": "https://elsewhere.example/"})}, reads),
        *(
            ({"backtests/create": one, "backtests/list": two}, begins)
            for one in (LOST, HTML)
            for two in (LOST, {"backtests": []}, "echo no")
        ),
        (
            {
                "compile/create": {"compileId": "c"},
                "compile/read": {"state": "BuildError", "logs": [f'line 3: token = "{TOKEN}"']},
            },
            builds,
        ),
    ],
)
def test_no_error_holds_a_secret(answers, call):
    server = Scripted()
    server.answers = {name: [echo(server, one) if isinstance(one, str) else one] for name, one in answers.items()}
    is_quoted = any(isinstance(one, str) for one in answers.values()) or call is builds  # then variables have what came
    with pytest.raises(QCError) as told:
        call(server.client())
    hidden = {secret for headers in server.headers for secret in secrets(headers)}
    for one in chain(told.value):
        assert isinstance(one, RegimeError)  # httpx's own errors hold the request with its headers
        shown = f"{one!s} {one!r} {one.args} {vars(one)}"
        pickled = pickle.dumps(one)
        assert not any(secret in shown or secret.encode() in pickled for secret in hidden)
        assert is_quoted or not any(TOKEN in local for local in locals_of(one))


def test_no_representation_holds_the_token():
    client = Scripted().client()
    for one in (
        client,
        client.transport,
        client.credentials,
        client.projects,
        client.account_name,
        vars(client),
        vars(client.transport),
    ):
        assert TOKEN not in f"{one!r}{one!s}"


def test_no_address_and_no_body_holds_a_secret():
    asked = []

    def answer(request):
        asked.append((str(request.url), request.content, request.headers))
        return httpx.Response(200, json={"success": True, "backtest": {"backtestId": "b"}, "projects": []})

    with Scripted().client(http=httpx.Client(transport=httpx.MockTransport(answer))) as client:
        client.projects.list()
        client.backtests.create(7, "c", "mine")
        client.objects.transport.call("object/set", {"key": "k"}, parts={"objectData": ("k", b"content")})
    for url, body, headers in asked:
        assert "?" not in url
        assert not any(secret in url or secret.encode() in body for secret in secrets(headers))


@pytest.mark.parametrize("token", ["a-token-of-the-test", "another-token"])
def test_no_log_holds_a_secret(token, tmp_path, caplog):
    def now():
        return 1_700_000_000.0

    with (
        FakeCloud(tmp_path, token="a-token-of-the-test", clock=now) as cloud,
        caplog.at_level(logging.DEBUG),
        QuantConnect(Credentials("1", token), base_url=cloud.url, clock=now) as client,
        contextlib.nullcontext() if token == cloud.token else pytest.raises(QCError),
    ):
        client.account.authenticate()
    told = "\n".join(f"{one.getMessage()} {one.args}" for one in caplog.records)
    assert "receive_response_headers" in told  # httpcore's own were among them
    signed = Credentials("1", token).headers(int(now()))
    assert not any(secret in told for secret in (token, *secrets(signed)[1:]))


def test_the_payload_stays_as_it_came():
    """Blotting the token out of a payload would change files that hold it, and names by which jobs are looked up."""
    server = Scripted({"files/read": {"files": [{"name": "main.py", "content": f"token = '{TOKEN}'"}]}})
    assert server.client().files.read(7, "main.py").content == f"token = '{TOKEN}'"


def test_a_job_whose_name_holds_the_token_is_found_and_not_sent_twice():
    begun = []

    def create(fields):
        begun.append(fields["backtestName"])
        return LOST

    server = Scripted(
        {
            "backtests/create": create,
            "backtests/list": lambda _: {"backtests": [{"backtestId": "b", "name": name} for name in begun]},
        }
    )
    assert server.client().backtests.create(7, "c", f"{TOKEN} run").backtest_id == "b"
    assert len(begun) == 1
