"""Replies that mean harm, or come from something that is no API: none takes the client's memory, time, stack or terminal."""

from __future__ import annotations

import json
import time
import zlib

import httpx
import pytest

from hidden_regime.cloud import QCError, RequestRefused, RunFailed, ServerError
from hidden_regime.cloud.bodies import LARGEST
from hidden_regime.cloud.reading import number
from hidden_regime.exceptions import ParameterError
from tests.cloud.scripted import Scripted

MEGABYTE = 1024 * 1024


class Pieces(httpx.SyncByteStream):
    """A body that comes in pieces, and counts those that were asked for."""

    def __init__(self, pieces):
        self.pieces, self.given = pieces, 0

    def __iter__(self):
        for piece in self.pieces:
            self.given += 1
            yield piece


def streamed(pieces, **headers):
    return httpx.Response(200, stream=pieces, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_a_reply_of_200_megabytes_is_left_half_way():
    body = Pieces([b'{"success": true, "x": "'] + [b"x" * MEGABYTE] * 200)
    server = Scripted({"projects/read": streamed(body)})
    with pytest.raises(ServerError, match=r"more than 104,857,600 bytes"):
        server.client().projects.list()
    assert body.given <= LARGEST // MEGABYTE + 2 and server.times("projects/read") == 1


def test_a_gzip_bomb_is_left_half_way():
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = packer.compress(b"\0" * MEGABYTE) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b"\0" * MEGABYTE) + packer.flush(zlib.Z_FULL_FLUSH)
    body = Pieces([head] + [block] * 2000)  # two gigabytes in two megabytes
    with pytest.raises(ServerError, match="more than"):
        Scripted({"projects/read": streamed(body, content_encoding="gzip")}).client().projects.list()
    assert body.given <= LARGEST // MEGABYTE + 2


@pytest.mark.parametrize("packed", ["br", "zstd", "gzip, gzip", "nonsense"])
def test_forms_of_packing_whose_growth_nobody_knows_are_not_unpacked(packed):
    body = Pieces([b"x"])
    with pytest.raises(ServerError, match="expected one of gzip"):
        Scripted({"projects/read": streamed(body, content_encoding=packed)}).client().projects.list()
    assert body.given == 0


def test_gzip_and_deflate_are_read():
    told = json.dumps({"success": True, "projects": [{"projectId": 7}]}).encode()
    for name, packed in (("gzip", zlib.compress(told, wbits=31)), ("deflate", zlib.compress(told))):
        server = Scripted({"projects/read": httpx.Response(200, content=packed, headers={"Content-Encoding": name})})
        assert server.client().projects.list()[0].project_id == 7


def test_what_is_packed_badly_is_no_reply():
    server = Scripted({"projects/read": lambda _: streamed(Pieces([b"no gzip"]), content_encoding="gzip")})
    with pytest.raises(ServerError, match="DecodingError"):
        server.client().projects.list()


def test_a_reply_that_trickles_is_left():
    server = Scripted()

    def trickle():
        while True:
            server.sleep(20.0)
            yield b" "

    server.answers = {"projects/read": [lambda _: streamed(Pieces(trickle()))]}
    begun = server.now
    with pytest.raises(ServerError, match="isn't whole after 600 s"):
        server.client().projects.list()
    assert server.now - begun < 5 * 640 + 15


@pytest.mark.parametrize("depth", [101, 900, 100_000])
@pytest.mark.parametrize("brackets", ['{"x":}', "[]"])
def test_a_reply_that_is_nested_too_deeply_is_no_reply(depth, brackets):
    inner = brackets[:-1] * depth + "1" + brackets[-1] * depth
    server = Scripted({"projects/read": httpx.Response(200, content=f'{{"success": false, "errors": [{inner}]}}')})
    with pytest.raises(ServerError, match="no JSON object that can be read"):
        server.client().projects.list()


@pytest.mark.parametrize(
    "body", [b'{"success": true, "projects": "\xff\xfe"}', b"\xff\xfe{\x00}\x00", b'{"success": true', b"\x00", b'"']
)
def test_what_is_no_utf_8_and_no_json_is_told(body):
    with pytest.raises(ServerError, match="no JSON object that can be read"):
        Scripted({"projects/read": httpx.Response(200, content=body)}).client().projects.list()


def test_a_byte_order_mark_is_no_harm():
    body = b"\xef\xbb\xbf" + json.dumps({"projects": [{"projectId": 7}]}).encode()
    assert Scripted({"projects/read": httpx.Response(200, content=body)}).client().projects.list()[0].project_id == 7


@pytest.mark.parametrize(
    "said", ["NaN", "Infinity", "-Infinity", "1e999", "1" * 400, "-" + "9" * 4000, '"1e999"', '"' + "1" * 400 + '"']
)
def test_numbers_that_are_none_stay_unread(said):
    body = f'{{"success": true, "backtest": {{"backtestId": "b", "progress": {said}, "projectId": {said}}}}}'
    found = Scripted({"backtests/read": httpx.Response(200, content=body)}).client().backtests.read(7, "b")
    assert (found.progress, "progress" in found.unread, "progress" in found.raw) == (0.0, True, True)
    assert found.project_id is None


def test_what_json_does_not_know_is_kept_as_a_text_that_json_knows():
    body = '{"success": true, "backtest": {"analysis": [NaN, Infinity, -Infinity, 1.5]}}'
    found = Scripted({"backtests/read": httpx.Response(200, content=body)}).client().backtests.read(7, "b")
    assert found.analysis == ["NaN", "Infinity", "-Infinity", 1.5]
    json.dumps(found.raw, allow_nan=False)


def test_an_integer_of_too_many_digits_is_no_reply():
    body = f'{{"success": true, "projects": {"1" * 10_000}}}'
    with pytest.raises(ServerError, match="no JSON object"):
        Scripted({"projects/read": httpx.Response(200, content=body)}).client().projects.list()


@pytest.mark.parametrize("said", ["1" * 1_000_000 + "x", "-" + " " * 1_000_000 + "x", "$" * 1_000_000, "," * 1_000_000])
def test_a_long_text_is_not_tried_as_a_number_for_hours(said):
    begun = time.process_time()
    with pytest.raises(ValueError, match="no number"):
        number(said)
    assert time.process_time() - begun < 5.0  # it was a day


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", ["https://elsewhere.example/", "http://www.quantconnect.com/api/v2/projects/read"])
@pytest.mark.parametrize("follows", [False, True])
def test_nobody_is_followed_with_a_signed_request(status, where, follows):
    asked = []

    def answer(request):
        asked.append(str(request.url))
        return httpx.Response(status, headers={"Location": where})

    client = Scripted().client(http=httpx.Client(transport=httpx.MockTransport(answer), follow_redirects=follows))
    with pytest.raises(ServerError, match=f"answered {status}, which sends callers elsewhere"):
        client.projects.list()
    assert asked == ["https://www.quantconnect.com/api/v2/projects/read"]


ESCAPES = "\x1b]0;owned\x07\x1b[2J\r\x9b31m\u202egood"


@pytest.mark.parametrize(
    ("endpoint", "reply", "call"),
    [
        ("projects/read", {"success": False, "errors": [ESCAPES]}, lambda qc: qc.projects.list()),
        ("projects/read", {"success": False, "errors": [f"not found {ESCAPES}"]}, lambda qc: qc.projects.list()),
        ("projects/read", {"success": False, "errors": [f"please slow down {ESCAPES}"]}, lambda qc: qc.projects.list()),
        ("projects/read", {"success": False, "errors": [f"UserID not valid {ESCAPES}"]}, lambda qc: qc.projects.list()),
        ("backtests/read", {"backtest": {"status": ESCAPES}}, lambda qc: qc.backtests.wait(7, "b", timeout=0.5)),
        ("compile/read", {"state": ESCAPES, "logs": [ESCAPES]}, lambda qc: qc.compiles.run(7)),
        ("object/properties", {"metadata": {"md5": ESCAPES}}, lambda qc: qc.objects.set("o", "k", b"")),
    ],
)
def test_no_message_steers_a_terminal(endpoint, reply, call):
    server = Scripted({endpoint: reply, "compile/create": {"compileId": "c"}, "object/set": {"success": True}})
    with pytest.raises(QCError) as told:
        call(server.client())
    assert all(c.isprintable() or c == "\n" for c in str(told.value)) and r"\x1b[2J" in str(told.value)


def test_a_refusal_of_a_megabyte_is_told_shortly_and_kept_whole():
    server = Scripted({"projects/read": {"success": False, "errors": ["x" * MEGABYTE]}})
    with pytest.raises(RequestRefused) as told:
        server.client().projects.list()
    assert len(str(told.value)) < 500 and len(told.value.errors[0]) == MEGABYTE


def test_a_build_log_of_a_megabyte_is_told_shortly_and_kept_whole():
    server = Scripted(
        {
            "compile/create": {"compileId": "c"},
            "compile/read": {"state": "BuildError", "logs": [f"line {n}" for n in range(99_999)]},
        }
    )
    with pytest.raises(RunFailed, match=r"line 0\nline 1\n(.|\n)*and 99,\d\d\d lines more") as told:
        server.client().compiles.run(7)
    assert len(str(told.value)) < 5000 and len(told.value.errors) == 99_999


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1, 2}, "\ud800", b"bytes"])
def test_what_can_not_be_sent_is_refused_before_it_is(value):
    server = Scripted()
    with pytest.raises(ParameterError, match="live/commands/create"):
        server.client().live.command(7, {"target": value})
    assert server.asked == []


@pytest.mark.parametrize("url", ["https://7:secret@www.quantconnect.com/api/v2/", "http://secret@localhost/api/v2/"])
def test_an_address_with_a_user_in_it_is_refused_and_not_shown(url):
    with pytest.raises(ParameterError, match="without a user in it") as told:
        Scripted().client(base_url=url)
    assert "secret" not in str(told.value)
