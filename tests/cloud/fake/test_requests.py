"""Requests, whichever way their fields come."""

from __future__ import annotations

import json

import pytest

from hidden_regime.cloud.fake.refusals import Refused
from hidden_regime.cloud.fake.requests import request_of

FORM = "application/x-www-form-urlencoded"
PARTS = (
    b'--xyz\r\nContent-Disposition: form-data; name="key"\r\n\r\na/b\r\n'
    b'--xyz\r\nContent-Disposition: form-data; name="objectData"; filename="objectData"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n\x00\r\n--xy\r\n\xff\r\n--xyz--\r\n"
)


@pytest.mark.parametrize(
    "path",
    [
        "/api/v2/projects/read",
        "/api/v2//projects/read",
        "/api/v2/projects/read/",
        "//api/v2//projects//read//?x=1",
        "projects/read",
    ],
)
def test_superfluous_slashes_are_tolerated(path):
    assert request_of(path, "", b"").endpoint == "projects/read"


@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("x", "application/json", b'{"projectId": "7", "name": "a b"}'),
        ("x?projectId=7&name=a+b", "", b""),
        ("x", FORM, b"projectId=7&name=a%20b"),
        ("x?projectId=7", "application/json; charset=utf-8", b'{"name": "a b"}'),
    ],
)
def test_fields_are_the_same_whichever_way_they_come(path, kind, body):
    assert request_of(path, kind, body).fields == {"projectId": "7", "name": "a b"}


def test_bracketed_keys_are_lists_and_objects():
    form = (
        b"parameters[0][key]=a&parameters[0][value]=1&parameters[1][key]=b&libraries[0]=5&node[x][y]=z&files[]=p&files[]=q&empty="
    )
    assert request_of("x", FORM, form).fields == {
        "parameters": [{"key": "a", "value": "1"}, {"key": "b"}],
        "libraries": ["5"], "node": {"x": {"y": "z"}}, "files": ["p", "q"], "empty": "",
    }  # fmt: skip
    assert request_of("x", "", json.dumps({"parameters[0][key]": "a"}).encode()).fields == {"parameters": [{"key": "a"}]}


def test_multipart_bodies_keep_their_bytes():
    fields = request_of("x", "multipart/form-data; boundary=xyz", PARTS).fields
    assert fields == {"key": "a/b", "objectData": b"\x00\r\n--xy\r\n\xff"}


@pytest.mark.parametrize(
    ("kind", "body"),
    [("", b"{"), ("", b"[1]"), ("", b'"x"'), (FORM, b"a=1&a[b]=2"), ("multipart/form-data", PARTS), ("", b"\xff")],
)
def test_what_cannot_be_read_is_refused(kind, body):
    with pytest.raises(Refused, match="Invalid argument"):
        request_of("x", kind, body)


def test_numbers_come_as_texts_too():
    ask = request_of("x?a=7&b=2.5&c=true&d=", "", b"")
    assert (ask.whole("a"), ask.number("b"), ask.flag("c"), ask.whole("d", 3), ask.given("d")) == (7, 2.5, True, 3, False)
    for wrong in (lambda: ask.whole("b"), lambda: ask.number("c"), lambda: ask.flag("a"), lambda: ask.number("e")):
        with pytest.raises(Refused, match="Invalid argument"):
            wrong()
